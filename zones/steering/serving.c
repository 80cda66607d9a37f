#include "zones/steering/serving.h"

#include "zones/steering/steering_tables.h"

static bool endpoint_gives(const struct steering *t, const struct endpoint *e, uint32_t number)
{
        const struct endpoint_state *s = state_at(t, number);

        return endpoint_enabled(t, e, number) && endpoint_weight(t, e, number) > 0 && s->health != HEALTH_DOWN &&
               !s->drained && !s->drain_percent;
}

static bool route_uses(const struct route *r, const struct pool_live *live)
{
        for (uint32_t i = 0; i < r->pool_count; i++)
                if (r->pools[i].live == live && (member_weight(r, i) || !route_shares_by_weight(r)))
                        return true;
        return false;
}

static bool pool_used(const struct pool_live *live)
{
        for (uint32_t i = 0; i < live->routes.count; i++)
                if (route_uses(routes_over_items(&live->routes)[i], live))
                        return true;
        return false;
}

static bool pool_gives(const struct steering *t, const struct pool_live *live)
{
        const struct pool *p = live->pool;

        if (!pool_enabled(pool_live_at(t, live)) || !pool_live_at(t, live)->enough)
                return false;
        for (uint32_t i = 0; i < p->endpoints.count; i++)
                if (endpoint_gives(t, &p->endpoints.items[i], p->endpoints.items[i].number))
                        return pool_used(live);
        return false;
}

static bool pool_serves(const struct steering *t, uint32_t pool, uint32_t region)
{
        const struct pool_live *live = pool < t->pool_count ? t->pools[pool] : NULL;

        return live && live->pool->region == region && pool_gives(t, live);
}

uint32_t regions_serving(const struct steering *t, bool *serves)
{
        const uint32_t *region_of = t->model->region_of;
        uint32_t count = 0;

        for (uint32_t i = 0; i < t->regions; i++)
                count += serves[i] = t->serving[i] && pool_serves(t, t->serving[i] - 1, i);
        for (uint32_t i = 0; i < t->pool_count && count < t->regions; i++) {
                uint32_t region = region_of[i];
                if (!t->pools[i] || region == MODEL_NONE || serves[region] || !pool_serves(t, i, region))
                        continue;
                serves[region] = true;
                t->serving[region] = i + 1;
                count++;
        }
        return count;
}
