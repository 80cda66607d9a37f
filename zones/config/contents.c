#include "zones/config/contents.h"

#include <string.h>
#include "base/hash.h"
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"

static void each_record(const struct zone *z, contents_visit *visit, void *context)
{
        const struct record *records = z->records.items;

        for (uint32_t i = 0; i < z->ns.count; i++)
                visit(context, z->wire, TYPE_NS, (uint32_t)z->ttl, z->ns_wire[i], name_length(z->ns_wire[i]));
        for (uint32_t i = 0; i < z->records.count; i++)
                for (uint32_t n = 0; n < records[i].data.count; n++) {
                        const uint8_t *rdata = records[i].rdata[n];
                        visit(context, records[i].owner, records[i].type, (uint32_t)records[i].ttl, rdata + 2,
                              (size_t)rdata[0] << 8 | rdata[1]);
                }
}

/* The enabled endpoints of a pool; returns whether there was one. A host name stands alone, and not at the apex. */
static bool each_of_pool(const struct zone *z, const struct service *s, const struct pool *p, contents_visit *visit,
                         void *context)
{
        const struct endpoint *endpoints = p->endpoints.items;
        bool any = false;

        for (uint32_t i = 0; p->enabled && i < p->endpoints.count; i++) {
                const struct endpoint *e = &endpoints[i];
                if (!e->enabled || e->type == ENDPOINT_CNAME)
                        continue;
                visit(context, s->wire, e->type == ENDPOINT_A ? TYPE_A : TYPE_AAAA, (uint32_t)s->ttl, e->address.bytes,
                      e->type == ENDPOINT_A ? 4 : 16);
                any = true;
        }
        for (uint32_t i = 0; p->enabled && !any && i < p->endpoints.count; i++) {
                const struct endpoint *e = &endpoints[i];
                if (!e->enabled || name_equal(s->wire, z->wire))
                        continue;
                visit(context, s->wire, TYPE_CNAME, (uint32_t)s->ttl, e->cname, name_length(e->cname));
                any = true;
        }
        return any;
}

static void each_of_service(const struct model *m, const struct service *s, contents_visit *visit, void *context)
{
        const struct service_pool *pools = s->pools.items;

        for (uint32_t i = 0; s->enabled && i < s->pools.count; i++)
                if (each_of_pool(m->zones[s->zone], s, m->pools[pools[i].pool], visit, context))
                        break;
}

void contents_each(const struct model *m, const struct zone *z, contents_visit *visit, void *context)
{
        each_record(z, visit, context);
        model_each (service, s, m->services, m->count[KIND_SERVICES])
                if (s->zone == z->number)
                        each_of_service(m, s, visit, context);
}

/* --- digests --- */

static void sum(void *context, const uint8_t *owner, uint16_t type, uint32_t ttl, const void *rdata, size_t length)
{
        struct content_sum *s = context;
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

void contents_sums(const struct model *m, struct content_sum *sums)
{
        model_each (zone, z, m->zones, m->count[KIND_ZONES]) {
                sums[z->number] = (struct content_sum){0};
                sum_soa(z, &sums[z->number]);
                each_record(z, sum, &sums[z->number]);
        }
        model_each (service, s, m->services, m->count[KIND_SERVICES])
                each_of_service(m, s, sum, &sums[s->zone]);
}
