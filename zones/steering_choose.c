/* Decisions of the control thread: which endpoints of a pool are in use, and which pool a client gets. */
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "zones/steering_private.h"

bool endpoint_may_serve(const struct model *m, const struct endpoint *e, enum family family)
{
        if (!e->enabled || !m->pools[e->pool].enabled)
                return false;
        return e->type == ENDPOINT_CNAME || (e->type == ENDPOINT_A) == (family == FAMILY_A);
}

bool endpoint_usable(const struct endpoint_state *s)
{
        return !s->drained && s->health != HEALTH_DOWN;
}

/* Balance failover: only the endpoints of the lowest priority stay. */
static uint32_t keep_first_priority(const struct model *m, struct candidate *c, uint32_t count)
{
        int64_t best = INT64_MAX;
        uint32_t kept = 0;

        for (uint32_t i = 0; i < count; i++)
                if (m->endpoints[c[i].target->endpoint]->priority < best)
                        best = m->endpoints[c[i].target->endpoint]->priority;
        for (uint32_t i = 0; i < count; i++)
                if (m->endpoints[c[i].target->endpoint]->priority == best)
                        c[kept++] = c[i];
        return kept;
}

enum selection { SELECT_USABLE, SELECT_NOT_DRAINED, SELECT_ANY };

static struct picker *make(const struct steering_tables *t, uint32_t number, enum family family,
                           enum selection selection)
{
        const struct model *m = t->snapshot->model;
        const struct pool *pool = &m->pools[number];
        struct candidate *c = memory_alloc((pool->endpoints.count + 1) * sizeof(*c));
        uint32_t count = 0;

        for (uint32_t i = 0; i < pool->endpoints.count; i++) {
                uint32_t e = pool->first_endpoint + i;
                if (!endpoint_may_serve(m, m->endpoints[e], family))
                        continue;
                if ((selection == SELECT_USABLE && !endpoint_usable(&t->states[e])) ||
                    (selection == SELECT_NOT_DRAINED && t->states[e].drained))
                        continue;
                c[count++] = (struct candidate){&t->targets[e], (uint32_t)m->endpoints[e]->weight};
        }
        if (pool->balance == BALANCE_FAILOVER && selection == SELECT_USABLE)
                count = keep_first_priority(m, c, count);
        struct picker *p = picker_make((enum balance)pool->balance, (unsigned)pool->answers, number, c, count);
        free(c);
        return p;
}

void pool_tables_make(const struct steering_tables *t, uint32_t pool, struct pool_tables *out)
{
        for (int f = 0; f < FAMILY_COUNT; f++) {
                out->usable[f] = make(t, pool, (enum family)f, SELECT_USABLE);
                out->all[f] = make(t, pool, (enum family)f, SELECT_NOT_DRAINED);
                if (!out->all[f])
                        out->all[f] = make(t, pool, (enum family)f, SELECT_ANY);
        }
}

/* --- the order of pools --- */

static uint32_t add_pools_of(const struct model *m, const struct route *r, uint32_t region, uint32_t *out,
                             uint32_t count)
{
        const struct service_pool *pools = r->policy->pools.items;

        for (uint32_t i = 0; i < r->policy->pools.count; i++) {
                bool there = false;
                for (uint32_t j = 0; j < count; j++)
                        there |= out[j] == pools[i].pool;
                if (!there && (region == MODEL_NONE || m->pools[pools[i].pool].region == region))
                        out[count++] = pools[i].pool;
        }
        return count;
}

/* The region's own pools, those of its fallback regions in order, then the rest as listed: no query goes unanswered
 * because no listed region has a usable pool. */
uint32_t route_order(const struct model *m, const struct route *r, uint32_t slot, uint32_t *out)
{
        uint32_t count = 0;

        if (slot < m->count[KIND_REGIONS]) {
                const struct region *region = &m->regions[slot];
                count = add_pools_of(m, r, slot, out, count);
                for (uint32_t i = 0; i < region->fallback.count; i++)
                        count = add_pools_of(m, r, region->fallback_regions[i], out, count);
        }
        return add_pools_of(m, r, MODEL_NONE, out, count);
}

struct choice *choice_make(const struct steering_tables *t, const struct route *r, uint32_t slot, enum family family)
{
        uint32_t *order = memory_alloc((r->policy->pools.count + 1) * sizeof(*order));
        uint32_t count = r->policy->enabled ? route_order(t->snapshot->model, r, slot, order) : 0;
        struct choice *c = memory_alloc(sizeof(*c));

        c->pool = MODEL_NONE;
        for (uint32_t i = 0; i < count && !c->picker; i++) {
                c->picker = t->pools[order[i]].usable[family];
                c->pool = order[i];
        }
        for (uint32_t i = 0; i < count && !c->picker; i++) { /* serve_all */
                c->picker = t->pools[order[i]].all[family];
                c->pool = order[i];
                c->all_down = c->picker != NULL;
        }
        if (!c->picker)
                c->pool = MODEL_NONE;
        free(order);
        return c;
}
