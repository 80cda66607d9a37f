#include "gslbd/serve/transfer.h"

#include <string.h>
#include <time.h>
#include "base/buffer.h"
#include "gslbd/answer/query.h"
#include "gslbd/serve/tsig.h"
#include "zones/answers/names.h"

#define MESSAGE_MAX 16000 /* then the next one begins: names are found by pointers of 14 bits */

struct transfer {
        const struct answer_context *context;
        const struct model *model;
        const struct zone *zone;
        const struct query *query;
        const uint8_t *request;
        struct tsig tsig;
        uint64_t now_s;
        uint8_t *message;
        size_t at;
        unsigned records; /* in the message */
        bool failed;      /* a message was not taken */
        transfer_emit *emit;
        void *emit_context;
};

bool transfer_asked(const uint8_t *request, size_t length)
{
        struct query q;

        query_parse(request, length, &q);
        return q.parsed == PARSE_OK && q.class == CLASS_IN && (q.type == TYPE_AXFR || q.type == TYPE_IXFR);
}

/* --- messages --- */

static void put16(uint8_t *at, unsigned value)
{
        at[0] = (uint8_t)(value >> 8);
        at[1] = (uint8_t)value;
}

static void begin(struct transfer *t, enum dns_rcode rcode)
{
        memset(t->message, 0, HEADER_SIZE);
        memcpy(t->message, t->request, t->query->question_end);
        put16(t->message + 2, FLAG_QR | (rcode ? 0 : FLAG_AA) | (unsigned)rcode);
        memset(t->message + 6, 0, 6);
        t->at = t->query->question_end;
        t->records = 0;
}

static void end(struct transfer *t)
{
        put16(t->message + 6, t->records);
        if (t->tsig.present)
                t->at = tsig_sign(&t->tsig, t->message, t->at, t->now_s);
        t->failed |= !t->emit(t->emit_context, t->message, t->at);
}

/* A record with its owner in full, or as a pointer to the question where it is the apex. */
static void add(struct transfer *t, const uint8_t *owner, uint16_t type, uint32_t ttl, const void *rdata, size_t length)
{
        unsigned name = name_length(owner);
        bool apex = name_equal(owner, t->zone->wire);

        if (t->failed || HEADER_SIZE + 2 * NAME_WIRE_MAX + 14 + length + TSIG_ROOM > ANSWER_REPLY_MAX) {
                t->failed = true; /* a zone without one of its records would be another zone */
                return;
        }
        if (t->records && t->at + NAME_WIRE_MAX + 10 + length > MESSAGE_MAX) {
                end(t);
                begin(t, RCODE_NOERROR);
        }
        uint8_t *at = t->message + t->at;
        if (apex)
                put16(at, COMPRESSED | HEADER_SIZE);
        else
                memcpy(at, owner, name);
        at += apex ? 2 : name;
        put16(at, type);
        put16(at + 2, CLASS_IN);
        put16(at + 4, ttl >> 16);
        put16(at + 6, ttl & 0xffff);
        put16(at + 8, (unsigned)length);
        memcpy(at + 10, rdata, length);
        t->at = (size_t)(at - t->message) + 10 + length;
        t->records++;
}

/* --- what is in the zone --- */

static void add_soa(struct transfer *t)
{
        const struct zone *z = t->zone;
        const struct node *apex = names_find(t->context->snapshot->names, z->wire, name_length(z->wire));
        const int64_t numbers[] = {apex->zone->serial, z->soa.refresh, z->soa.retry, z->soa.expire, z->soa.minimum};
        uint8_t rdata[2 * NAME_WIRE_MAX + 20];
        size_t n = name_length(z->soa.mname_wire), m = name_length(z->soa.rname_wire);

        memcpy(rdata, z->soa.mname_wire, n);
        memcpy(rdata + n, z->soa.rname_wire, m);
        n += m;
        for (size_t i = 0; i < 5; i++, n += 4) {
                put16(rdata + n, (unsigned)(numbers[i] >> 16) & 0xffff);
                put16(rdata + n + 2, (unsigned)numbers[i] & 0xffff);
        }
        add(t, z->wire, TYPE_SOA, apex->zone->soa->ttl, rdata, n);
}

static void add_records(struct transfer *t)
{
        const struct record *records = t->zone->records.items;

        for (uint32_t i = 0; i < t->zone->ns.count; i++)
                add(t, t->zone->wire, TYPE_NS, (uint32_t)t->zone->ttl, t->zone->ns_wire[i],
                    name_length(t->zone->ns_wire[i]));
        for (uint32_t i = 0; i < t->zone->records.count; i++)
                for (uint32_t n = 0; n < records[i].data.count; n++) {
                        const uint8_t *rdata = records[i].rdata[n];
                        add(t, records[i].owner, records[i].type, (uint32_t)records[i].ttl, rdata + 2,
                            (size_t)rdata[0] << 8 | rdata[1]);
                }
}

/* The enabled endpoints of a pool; returns whether there was one. A host name stands alone, and not at the apex. */
static bool add_pool(struct transfer *t, const struct service *s, const struct pool *p)
{
        const struct endpoint *endpoints = p->endpoints.items;
        bool any = false;

        for (uint32_t i = 0; p->enabled && i < p->endpoints.count; i++) {
                const struct endpoint *e = &endpoints[i];
                if (!e->enabled || e->type == ENDPOINT_CNAME)
                        continue;
                add(t, s->wire, e->type == ENDPOINT_A ? TYPE_A : TYPE_AAAA, (uint32_t)s->ttl, e->address.bytes,
                    e->type == ENDPOINT_A ? 4 : 16);
                any = true;
        }
        for (uint32_t i = 0; p->enabled && !any && i < p->endpoints.count; i++) {
                const struct endpoint *e = &endpoints[i];
                if (!e->enabled || name_equal(s->wire, t->zone->wire))
                        continue;
                add(t, s->wire, TYPE_CNAME, (uint32_t)s->ttl, e->cname, name_length(e->cname));
                any = true;
        }
        return any;
}

static void add_services(struct transfer *t)
{
        for (uint32_t i = 0; i < t->model->count[KIND_SERVICES]; i++) {
                const struct service *s = &t->model->services[i];
                const struct service_pool *pools = s->pools.items;
                if (!s->enabled || &t->model->zones[s->zone] != t->zone)
                        continue;
                for (uint32_t n = 0; n < s->pools.count; n++)
                        if (add_pool(t, s, &t->model->pools[pools[n].pool]))
                                break;
        }
}

/* --- who may --- */

static const struct zone *find_zone(const struct model *m, const uint8_t *name)
{
        for (uint32_t i = 0; i < m->count[KIND_ZONES]; i++)
                if (name_equal(m->zones[i].wire, name))
                        return &m->zones[i];
        return NULL;
}

/* From a listed network, and signed with a listed key, as far as each list has something; both empty: nobody. */
static bool allowed(const struct transfer *t, const struct address *from)
{
        const struct prefix *networks = t->zone->transfer.allow.items;
        const struct list *keys = &t->zone->transfer.keys;
        bool near = !t->zone->transfer.allow.count, known = !keys->count;

        for (uint32_t i = 0; i < t->zone->transfer.allow.count; i++)
                near |= prefix_contains(&networks[i], from);
        for (uint32_t i = 0; t->tsig.key && i < keys->count; i++) {
                uint8_t wire[NAME_WIRE_MAX];
                const char *why;
                known |= name_parse(((const char *const *)keys->items)[i], NULL, wire, &why) &&
                         name_equal(wire, t->tsig.key->name);
        }
        return near && known && (t->zone->transfer.allow.count || keys->count);
}

static bool refuse(struct transfer *t, enum dns_rcode rcode)
{
        begin(t, rcode);
        end(t);
        return !t->failed;
}

bool transfer_answer(const struct answer_context *context, const struct answer_peer *peer, const uint8_t *request,
                     size_t length, uint8_t *room, transfer_emit *emit, void *emit_context)
{
        const struct answer_settings *settings = context->settings;
        struct query q;
        struct transfer t = {.context = context,
                             .model = context->snapshot->model,
                             .query = &q,
                             .request = request,
                             .now_s = (uint64_t)time(NULL),
                             .message = room,
                             .emit = emit,
                             .emit_context = emit_context};

        query_parse(request, length, &q);
        if (q.parsed != PARSE_OK)
                return false;
        t.zone = find_zone(t.model, q.name);
        if (!tsig_check(&t.tsig, request, length, settings->tsig_keys, settings->tsig_key_count, t.now_s)) {
                t.tsig.present = false;
                return refuse(&t, RCODE_FORMERR);
        }
        if (t.tsig.error)
                return refuse(&t, RCODE_NOTAUTH);
        if (!t.zone)
                return refuse(&t, RCODE_NOTAUTH);
        if (!allowed(&t, &peer->address))
                return refuse(&t, RCODE_REFUSED);
        begin(&t, RCODE_NOERROR);
        add_soa(&t);
        add_records(&t);
        add_services(&t);
        add_soa(&t);
        end(&t);
        return !t.failed;
}
