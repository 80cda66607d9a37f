#include "zones/answers/compose.h"

#include <assert.h>
#include <string.h>
#include "zones/answers/render.h"
#include "zones/config/contents.h"
#include "zones/dns/name.h"
#include "zones/dns/wire.h"
#include "zones/steering/steering.h"

/* What is left of a block that is being filled. */
struct filling {
        uint8_t *at, *end;
};

static void *take(struct filling *f, size_t size)
{
        void *taken = f->at;

        f->at += size;
        assert(f->at <= f->end);
        return taken;
}

static void *take_copy(struct filling *f, const void *from, size_t size)
{
        return size ? memcpy(take(f, size), from, size) : NULL;
}

/* --- RRsets --- */

/* A set of records to be rendered: RDATA behind its length in 2 bytes, or bare names (`ns`). */
struct source {
        uint16_t type;
        uint32_t ttl, count;
        const uint8_t *const *rdata;
        bool bare;
};

static const uint8_t *source_rdata(const struct source *s, uint32_t i, unsigned *length)
{
        *length = s->bare ? name_length(s->rdata[i]) : wire_get16(s->rdata[i]);
        return s->rdata[i] + (s->bare ? 0 : 2);
}

static void render_set(struct filling *records, struct filling *wires, struct rrset *out, const struct source *s,
                       const uint8_t *apex)
{
        assert(s->count <= UINT16_MAX);
        struct rr *rrs = take(records, s->count * sizeof(*rrs));

        *out = (struct rrset){.type = s->type, .count = (uint16_t)s->count, .ttl = s->ttl, .rrs = rrs};
        for (uint32_t i = 0; i < s->count; i++) {
                unsigned length;
                const uint8_t *rdata = source_rdata(s, i, &length);
                rrs[i] = render_rr(wires->at, s->type, s->ttl, rdata, length, apex);
                out->size += rrs[i].length;
                take(wires, rrs[i].length);
        }
}

/* The sets of a place one by one, by type; false at the end. `at` counts from 0. */
static bool place_source(const struct place *p, uint32_t *at, bool *ns_given, struct source *out)
{
        const struct zone *z = p->model->zones[p->zone];
        const struct record *r = *at < p->record_count ? &z->records.items[p->records[*at]] : NULL;
        bool apex = name_equal(p->name, z->wire);

        if (apex && !*ns_given && (!r || r->type > TYPE_NS)) {
                *out = (struct source){TYPE_NS, (uint32_t)z->ttl, z->ns.count, z->ns_wire, true};
                *ns_given = true;
                return true;
        }
        if (!r)
                return false;
        *out = (struct source){r->type, r->ttl, r->count, r->rdata, false};
        ++*at;
        return true;
}

/* --- services --- */

static const struct service *enabled_service(const struct place *p)
{
        return p->service != MODEL_NONE && p->route ? p->model->services[p->service] : NULL;
}

static size_t bindings_size(const struct binding_list *list)
{
        size_t size = 0;

        for (uint32_t i = 0; i < list->count; i++)
                size += sizeof(struct node_binding) + node_aligned(list->items[i].length);
        return size;
}

static size_t service_size(const struct place *p)
{
        const struct service *s = enabled_service(p);

        return !s ? 0
                  : bindings_size(&s->svcb) + bindings_size(&s->https) +
                               node_aligned(s->pools.count * sizeof(uint32_t));
}

static struct bindings fill_bindings(struct filling *f, const struct binding_list *from)
{
        struct node_binding *list = take(f, from->count * sizeof(*list));

        for (uint32_t i = 0; i < from->count; i++) {
                const struct binding *b = &from->items[i];
                list[i] = (struct node_binding){.length = b->length,
                                                .target_length = b->target_length,
                                                .ipv4hint_at = b->ipv4hint_at,
                                                .ipv6hint_at = b->ipv6hint_at,
                                                .hints = b->hints && b->priority};
                list[i].rdata = memcpy(take(f, node_aligned(b->length)), b->rdata, b->length);
        }
        return (struct bindings){.count = (uint16_t)from->count, .list = list};
}

static void fill_service(struct filling *f, struct node_service *out, const struct place *p)
{
        const struct service *s = enabled_service(p);

        *out = (struct node_service){.route = p->route, .number = p->service};
        out->ttl = (uint32_t)p->model->services[p->service]->ttl;
        if (!s)
                return;
        out->svcb = fill_bindings(f, &s->svcb);
        out->https = fill_bindings(f, &s->https);
        uint32_t *pools = take(f, node_aligned(s->pools.count * sizeof(*pools)));
        for (uint32_t i = 0; i < s->pools.count; i++)
                pools[i] = s->pools.items[i].pool;
        out->pools = pools;
        out->pool_count = s->pools.count;
}

/* --- nodes --- */

void place_find_records(struct place *p)
{
        p->records = zone_records_of(p->model->zones[p->zone], p->name, &p->record_count);
}

static uint8_t place_flags(const struct place *p, const struct blocks *blocks)
{
        const struct zone *z = p->model->zones[p->zone];
        unsigned flags = (blocks->arena ? 0u : NODE_APART) | (p->wildcard_child ? NODE_WILDCARD_CHILD : 0u);
        bool apex = name_equal(p->name, z->wire);

        flags |= (apex ? NODE_APEX : 0u) | (p->occluded ? NODE_OCCLUDED : 0u);
        for (uint32_t i = 0; i < p->record_count && !p->occluded; i++) {
                uint16_t type = z->records.items[p->records[i]].type;
                flags |= type == TYPE_NS && !apex ? NODE_CUT : type == TYPE_DNAME ? NODE_DNAME : 0u;
        }
        if (p->service != MODEL_NONE)
                flags |=
                        NODE_SERVICE | (service_flattens(p->model, p->model->services[p->service]) ? NODE_FLATTEN : 0u);
        return (uint8_t)flags;
}

struct node *compose_node(struct blocks *blocks, const struct place *p)
{
        const uint8_t *apex = p->model->zones[p->zone]->wire;
        unsigned name = name_length(p->name);
        size_t head = node_aligned(sizeof(struct node) + name), records = 0, wires = 0, sets = 0,
               service = service_size(p);
        struct source s;
        bool ns = false;

        for (uint32_t at = 0; place_source(p, &at, &ns, &s); sets++) {
                records += s.count * sizeof(struct rr);
                for (uint32_t i = 0; i < s.count; i++) {
                        unsigned length;
                        const uint8_t *rdata = source_rdata(&s, i, &length);
                        wires += render_size(s.type, rdata, length, apex);
                }
        }
        head += p->service == MODEL_NONE ? 0 : sizeof(struct node_service);
        head += sets * sizeof(struct rrset);
        uint8_t *block = block_new(blocks, head + records + service + wires);
        struct filling of_records = {block + head, block + head + records};
        struct filling of_service = {of_records.end, of_records.end + service};
        struct filling of_wires = {of_service.end, of_service.end + wires};
        struct node *n = (struct node *)(void *)block;
        n->zone = p->zone;
        n->rrset_count = (uint16_t)sets;
        n->flags = place_flags(p, blocks);
        n->name_length = (uint8_t)name;
        memcpy(n->name, p->name, name);
        if (p->service != MODEL_NONE)
                fill_service(&of_service, (struct node_service *)(uintptr_t)node_service(n), p);
        struct rrset *out = (struct rrset *)(uintptr_t)node_rrsets(n);
        ns = false;
        for (uint32_t at = 0; place_source(p, &at, &ns, &s);)
                render_set(&of_records, &of_wires, out++, &s, apex);
        assert(of_records.at == of_records.end && of_service.at == of_service.end && of_wires.at == of_wires.end);
        return n;
}

/* --- zones --- */

#define SOA_MAX (2 + 2 * NAME_WIRE_MAX + 20)

/* The SOA's RDATA behind its length. */
static void soa_rdata(const struct zone *z, uint8_t rdata[SOA_MAX])
{
        const int64_t numbers[] = {z->serial, z->soa.refresh, z->soa.retry, z->soa.expire, z->soa.minimum};
        unsigned mname = name_length(z->soa.mname_wire), rname = name_length(z->soa.rname_wire);
        uint8_t *at = rdata + 2;

        at = (uint8_t *)memcpy(at, z->soa.mname_wire, mname) + mname;
        at = (uint8_t *)memcpy(at, z->soa.rname_wire, rname) + rname;
        for (unsigned i = 0; i < 5; i++)
                at = wire_put32(at, (uint32_t)numbers[i]);
        wire_put16(rdata, (unsigned)(at - rdata) - 2);
}

static size_t keys_size(const struct strings *keys)
{
        return node_aligned(keys->count * (sizeof(const uint8_t *) + NAME_WIRE_MAX));
}

static void fill_readers(struct filling *f, struct zone_readers *out, const struct zone_transfer *from)
{
        const uint8_t **keys = take(f, from->keys.count * sizeof(*keys));
        const char *why;

        out->network_count = from->allow.count;
        out->networks = take_copy(f, from->allow.items, from->allow.count * sizeof(*out->networks));
        for (uint32_t i = 0; i < from->keys.count; i++) {
                uint8_t wire[NAME_WIRE_MAX];
                keys[i] = take_copy(f, wire, name_parse(from->keys.items[i], NULL, wire, &why));
        }
        out->keys = keys;
        out->key_count = from->keys.count;
}

struct zone_data *compose_zone(struct blocks *blocks, const struct zone *z)
{
        uint8_t rdata[SOA_MAX];
        const uint8_t *one = rdata;
        const struct source soa = {TYPE_SOA, (uint32_t)z->ttl, 1, &one, false};
        unsigned length, name = name_length(z->wire);
        uint32_t negative = (uint32_t)(z->soa.minimum < z->ttl ? z->soa.minimum : z->ttl);

        soa_rdata(z, rdata);
        const uint8_t *bare = source_rdata(&soa, 0, &length);
        size_t wire = render_size(TYPE_SOA, bare, length, z->wire),
               fixed = sizeof(struct zone_data) + sizeof(struct rr);
        size_t readers = z->transfer.allow.count * sizeof(struct prefix) + keys_size(&z->transfer.keys);
        uint8_t *block = block_new(blocks, fixed + readers + name + 2 * wire);
        struct zone_data *data = (struct zone_data *)(void *)block;
        struct filling record = {block + sizeof(*data), block + fixed};
        struct filling rest = {block + fixed, block + fixed + readers + name + 2 * wire};
        data->number = z->number;
        data->serial = z->serial;
        data->apart = !blocks->arena;
        data->name_length = (uint8_t)name;
        data->labels = (uint8_t)name_labels(z->wire);
        fill_readers(&rest, &data->readers, &z->transfer);
        data->name = take_copy(&rest, z->wire, name);
        render_set(&record, &rest, &data->soa, &soa, z->wire);
        data->soa_negative = render_rr(take(&rest, wire), TYPE_SOA, negative, bare, length, z->wire);
        return data;
}

/* --- pools --- */

static void add_size(void *context, uint16_t type, const void *rdata, size_t length)
{
        (void)type;
        (void)rdata;
        *(size_t *)context += 4 + length;
}

static void add_record(void *context, uint16_t type, const void *rdata, size_t length)
{
        struct pool_contents *c = context;
        uint8_t *at = c->records + c->size;

        memcpy(wire_put16(wire_put16(at, type), (unsigned)length), rdata, length);
        c->size += (uint32_t)(4 + length);
        c->count++;
}

const struct pool_contents *compose_pool(struct blocks *blocks, const struct pool *p)
{
        size_t size = 0;

        contents_of_pool(p, add_size, &size);
        if (!size)
                return NULL;
        struct pool_contents *c = block_new(blocks, sizeof(*c) + size);
        c->apart = !blocks->arena;
        contents_of_pool(p, add_record, c);
        return c;
}
