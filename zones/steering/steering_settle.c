/* Works off what is marked, from pools to the routes over them and to pools that contain those. Control thread. */
#include "zones/steering/steering_tables.h"

/* When the next of the delays that hold a pool is over; never when only an operator's word ends it; now when none does.
 */
int64_t steering_release_time(const struct steering *t, uint32_t pool)
{
        const struct pool_live *live = &t->pools[pool];
        bool manual = false;
        int64_t next = INT64_MAX;

        for (uint32_t i = t->routes_of_pool.first[pool]; i < t->routes_of_pool.first[pool + 1]; i++) {
                const struct service *s = t->routes[t->routes_of_pool.list[i]]->service;
                if (!pool_held(t, live, s))
                        continue;
                int64_t over = live->back_ms + s->failback_delay_ms;
                if (s->failback == FAILBACK_MANUAL)
                        manual = true;
                else if (over < next)
                        next = over;
        }
        return next == INT64_MAX && !manual ? t->now_ms : next;
}

void steering_watch_release(struct steering *t, uint32_t pool)
{
        struct pool_live *live = &t->pools[pool];

        if (live->back_ms == FAILBACK_NOT_HELD || t->building)
                return;
        live->release_ms = steering_release_time(t, pool);
        if (live->release_ms == INT64_MAX)
                return;
        pool_list_add(t, &t->delayed, pool, &live->delayed);
        if (live->release_ms < t->release_ms)
                t->release_ms = live->release_ms;
}

static void settle_pools(struct steering *t)
{
        for (uint32_t i = 0; i < t->dirty_pool_count; i++) {
                uint32_t pool = t->dirty_pools[i];
                t->pools[pool].marked = false;
                if (pool_refresh(t, pool))
                        steering_mark_routes(t, pool);
                steering_watch_release(t, pool);
        }
        t->dirty_pool_count = 0;
}

static void settle_routes(struct steering *t)
{
        for (uint32_t i = 0; i < t->dirty_route_count; i++) {
                uint32_t route = t->dirty_routes[i];
                t->routes[route]->marked = false;
                if (!route_compute(t, t->routes[route]))
                        continue;
                for (uint32_t j = t->pools_of_route.first[route]; j < t->pools_of_route.first[route + 1]; j++)
                        steering_mark_pool(t, t->pools_of_route.list[j]);
        }
        t->dirty_route_count = 0;
}

size_t steering_settle(struct steering *t)
{
        uint64_t before = t->work.choices;

        while (t->dirty_pool_count || t->dirty_route_count) {
                settle_pools(t);
                settle_routes(t);
        }
        return (size_t)(t->work.choices - before);
}
