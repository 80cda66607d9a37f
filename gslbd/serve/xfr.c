#include "gslbd/serve/xfr.h"

#include <assert.h>
#include <string.h>
#include "gslbd/answer/query.h"
#include "gslbd/serve/tsig.h"
#include "zones/answers/render.h"
#include "zones/dns/wire.h"

#define MESSAGE_MAX 16000 /* then the next one begins: names are found by pointers of 14 bits */

struct xfr {
        const struct answer_context *context;
        const struct zone_data *zone; /* NULL: none that we have */
        const struct query *query;
        const uint8_t *request;
        struct tsig tsig; /* when `tsigned`: the request is, and so is each message */
        bool tsigned;
        uint8_t *message;
        size_t at;
        unsigned records; /* in the message */
        bool failed;      /* a message was not taken */
        xfr_emit *emit;
        void *emit_context;
};

bool xfr_asked(const struct query *q)
{
        return q->parsed == PARSE_OK && q->class == CLASS_IN && (q->type == TYPE_AXFR || q->type == TYPE_IXFR);
}

/* --- messages --- */

static void xfr_begin(struct xfr *x, enum dns_rcode rcode)
{
        memset(x->message, 0, HEADER_SIZE);
        memcpy(x->message, x->request, x->query->question_end);
        wire_put16(x->message + 2, FLAG_QR | (rcode ? 0 : FLAG_AA) | (unsigned)rcode);
        memset(x->message + 6, 0, 6);
        x->at = x->query->question_end;
        x->records = 0;
}

static void xfr_end(struct xfr *x)
{
        wire_put16(x->message + 6, x->records);
        if (x->tsigned)
                x->at = tsig_sign(&x->tsig, x->message, x->at, x->context->now_s);
        x->failed |= !x->emit(x->emit_context, x->message, x->at);
}

/* A record with its owner in full, or as a pointer to the question where it is the apex. */
static void xfr_add(struct xfr *x, const uint8_t *owner, uint16_t type, uint32_t ttl, const void *rdata, size_t length)
{
        unsigned name = name_length(owner);
        bool apex = name == x->zone->name_length;

        if (x->failed || HEADER_SIZE + 2 * NAME_WIRE_MAX + 14 + length + TSIG_ROOM_MAX > ANSWER_REPLY_MAX) {
                x->failed = true; /* a zone without one of its records would be another zone */
                return;
        }
        if (x->records && x->at + NAME_WIRE_MAX + 10 + length > MESSAGE_MAX) {
                xfr_end(x);
                xfr_begin(x, RCODE_NOERROR);
        }
        uint8_t *at = x->message + x->at;
        if (apex)
                wire_put16(at, COMPRESSED | HEADER_SIZE);
        else
                memcpy(at, owner, name);
        at = wire_put16(at + (apex ? 2 : name), type);
        at = wire_put16(at, CLASS_IN);
        at = wire_put32(at, ttl);
        at = wire_put16(at, (unsigned)length);
        memcpy(at, rdata, length);
        x->at = (size_t)(at - x->message) + length;
        x->records++;
}

/* --- what is in the zone --- */

static void add_soa(struct xfr *x)
{
        const struct zone_data *z = x->zone;
        uint8_t rdata[2 * NAME_WIRE_MAX + 20];

        xfr_add(x, z->name, TYPE_SOA, z->soa.ttl, rdata, render_whole(&z->soa.rrs[0], z, rdata));
}

static void add_record(void *context, const uint8_t *owner, uint16_t type, uint32_t ttl, const void *rdata,
                       size_t length)
{
        xfr_add(context, owner, type, ttl, rdata, length);
}

/* --- who may --- */

static const struct zone_data *find_zone(const struct snapshot *s, const struct query *q)
{
        struct lookup found;

        snapshot_lookup(s, q->name, q->name_length, &found);
        return found.exact && found.exact->flags & NODE_APEX ? found.zone : NULL;
}

/* From a listed network, and signed with a listed key, as far as each list has something; both empty: nobody. */
static bool allowed(const struct xfr *x, const struct address *from)
{
        const struct zone_readers *r = &x->zone->readers;
        bool near = !r->network_count, known = !r->key_count;

        for (uint32_t i = 0; i < r->network_count; i++)
                near |= prefix_contains(&r->networks[i], from);
        for (uint32_t i = 0; x->tsig.key && i < r->key_count; i++)
                known |= r->keys[i] && name_equal(r->keys[i], x->tsig.key->name);
        return near && known && (r->network_count || r->key_count);
}

static bool xfr_refuse(struct xfr *x, enum dns_rcode rcode)
{
        xfr_begin(x, rcode);
        xfr_end(x);
        return !x->failed;
}

bool xfr_answer(const struct answer_context *context, const struct answer_peer *peer, const uint8_t *request,
                size_t length, const struct query *q, uint8_t *room, xfr_emit *emit, void *emit_context)
{
        const struct answer_settings *settings = context->settings;
        struct xfr x = {.context = context,
                        .query = q,
                        .request = request,
                        .message = room,
                        .emit = emit,
                        .emit_context = emit_context};

        assert(xfr_asked(q));
        if (q->tsig_at && !tsig_check(&x.tsig, request, length, q->tsig_at, settings->tsig_keys,
                                      settings->tsig_key_count, context->now_s))
                return xfr_refuse(&x, RCODE_FORMERR);
        x.tsigned = q->tsig_at;
        x.zone = find_zone(context->snapshot, q);
        if (x.tsig.error || !x.zone)
                return xfr_refuse(&x, RCODE_NOTAUTH);
        if (!allowed(&x, &peer->address))
                return xfr_refuse(&x, RCODE_REFUSED);
        xfr_begin(&x, RCODE_NOERROR);
        add_soa(&x);
        snapshot_transfer(context->snapshot, x.zone, add_record, &x);
        add_soa(&x);
        xfr_end(&x);
        return !x.failed;
}
