#include "zones/config/contents.h"

#include <string.h>
#include "base/hash.h"
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"

void contents_of_pool(const struct pool *p, contents_pool_visit *visit, void *context)
{
        const struct endpoint *endpoints = p->endpoints.items;
        bool any = false;

        for (uint32_t i = 0; pool_is_used(p) && i < p->endpoints.count; i++) {
                const struct endpoint *e = &endpoints[i];
                if (!endpoint_is_used(e) || e->type == ENDPOINT_CNAME)
                        continue;
                visit(context, e->type == ENDPOINT_A ? TYPE_A : TYPE_AAAA, e->address.bytes,
                      e->type == ENDPOINT_A ? 4 : 16);
                any = true;
        }
        for (uint32_t i = 0; pool_is_used(p) && !any && i < p->endpoints.count; i++) {
                const struct endpoint *e = &endpoints[i];
                if (!endpoint_is_used(e))
                        continue;
                visit(context, TYPE_CNAME, e->cname, name_length(e->cname));
                any = true;
        }
}

/* --- digests --- */

static void sum(struct content_sum *s, const uint8_t *owner, uint16_t type, uint32_t ttl, const void *rdata,
                size_t length)
{
        uint64_t head = hash_bytes(owner, name_length(owner), (uint64_t)type << 32 | ttl);

        s->low += hash_bytes(rdata, length, head);
        s->high += hash_bytes(rdata, length, ~head);
}

static void sum_soa(const struct zone *z, struct content_sum *s)
{
        const int64_t numbers[] = {z->soa.refresh, z->soa.retry, z->soa.expire, z->soa.minimum};

        sum(s, z->soa.mname_wire, TYPE_SOA, (uint32_t)z->ttl, numbers, sizeof(numbers));
        sum(s, z->soa.rname_wire, TYPE_SOA, (uint32_t)z->ttl, numbers, sizeof(numbers));
}

static void sum_records(const struct zone *z, struct content_sum *s)
{
        const struct record *records = z->records.items;

        for (uint32_t i = 0; i < z->ns.count; i++)
                sum(s, z->wire, TYPE_NS, (uint32_t)z->ttl, z->ns_wire[i], name_length(z->ns_wire[i]));
        for (uint32_t i = 0; i < z->records.count; i++)
                for (uint32_t n = 0; n < records[i].count; n++) {
                        const uint8_t *rdata = records[i].rdata[n];
                        sum(s, records[i].owner, records[i].type, records[i].ttl, rdata + 2,
                            (size_t)rdata[0] << 8 | rdata[1]);
                }
}

/* A service while its pools are walked. */
struct summing {
        const struct service *service;
        struct content_sum *sum;
        bool at_apex, any;
};

static void sum_service(void *context, uint16_t type, const void *rdata, size_t length)
{
        struct summing *s = context;

        if (type == TYPE_CNAME && s->at_apex)
                return;
        sum(s->sum, s->service->wire, type, (uint32_t)s->service->ttl, rdata, length);
        s->any = true;
}

void contents_add_service(const struct model *m, const struct service *s, struct content_sum *out)
{
        struct summing one = {.service = s, .sum = out, .at_apex = name_equal(s->wire, m->zones[s->zone]->wire)};

        for (uint32_t i = 0; s->enabled && i < s->pools.count && !one.any; i++)
                contents_of_pool(m->pools[s->pools.items[i].pool], sum_service, &one);
}

void contents_add_zone(const struct zone *z, struct content_sum *out)
{
        sum_soa(z, out);
        sum_records(z, out);
}

bool contents_same(const struct pool *a, const struct pool *b)
{
        if (!pool_is_used(a) && !pool_is_used(b))
                return true;
        if (pool_is_used(a) != pool_is_used(b) || a->endpoints.count != b->endpoints.count)
                return false;
        for (uint32_t i = 0; i < a->endpoints.count; i++) {
                const struct endpoint *x = &a->endpoints.items[i], *y = &b->endpoints.items[i];
                if (endpoint_is_used(x) != endpoint_is_used(y) || x->type != y->type ||
                    (x->type == ENDPOINT_CNAME ? !name_equal(x->cname, y->cname)
                                               : memcmp(x->address.bytes, y->address.bytes, sizeof(x->address.bytes))))
                        return false;
        }
        return true;
}

void contents_sums(const struct model *m, struct content_sum *sums)
{
        model_each (zone, z, m->zones, m->count[KIND_ZONES]) {
                sums[z->number] = (struct content_sum){0};
                contents_add_zone(z, &sums[z->number]);
        }
        model_each (service, s, m->services, m->count[KIND_SERVICES])
                contents_add_service(m, s, &sums[s->zone]);
}
