#include "zones/steering/serving.h"

#include "zones/steering/steering_tables.h"

static bool endpoint_gives(const struct steering *t, const struct endpoint *e, uint32_t number)
{
        const struct endpoint_state *s = state_at(t, number);

        return endpoint_enabled(t, e, number) && endpoint_weight(t, e, number) > 0 && s->health != HEALTH_DOWN &&
               !s->drained && !s->drain_percent;
}

static bool route_uses(const struct route *r, uint32_t pool)
{
        for (uint32_t i = 0; i < r->pool_count; i++)
                if (r->pools[i].pool == pool && (member_weight(r, i) || !route_shares_by_weight(r)))
                        return true;
        return false;
}

static bool pool_used(const struct steering *t, uint32_t pool)
{
        for (uint32_t i = t->routes_of_pool.first[pool]; i < t->routes_of_pool.first[pool + 1]; i++)
                if (route_uses(t->routes[t->routes_of_pool.list[i]], pool))
                        return true;
        return false;
}

static bool pool_gives(const struct steering *t, uint32_t pool)
{
        const struct pool *p = t->model->pools[pool];
        const struct endpoint *endpoints = p->endpoints.items;

        if (!pool_enabled(pool_live_at(t, pool)) || !pool_live_at(t, pool)->enough)
                return false;
        for (uint32_t i = 0; i < p->endpoints.count; i++)
                if (endpoint_gives(t, &endpoints[i], endpoints[i].number))
                        return pool_used(t, pool);
        return false;
}

uint32_t regions_serving(const struct steering *t, bool *serves)
{
        const struct model *m = t->model;
        uint32_t count = 0;

        model_each (pool, p, m->pools, m->count[KIND_POOLS]) {
                if (p->region == MODEL_NONE || serves[p->region] || !pool_gives(t, p->number))
                        continue;
                serves[p->region] = true;
                count++;
        }
        return count;
}
