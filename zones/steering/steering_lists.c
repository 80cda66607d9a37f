/* Lists of what is to be looked at: by steering_settle because it has changed, by ticks because it moves. Control
 * thread. */
#include <assert.h>
#include "zones/steering/steering_tables.h"

void steering_mark_pool(struct steering *t, uint32_t pool)
{
        if (t->pools[pool].marked)
                return;
        t->pools[pool].marked = true;
        t->dirty_pools[t->dirty_pool_count++] = pool;
}

void steering_mark_route(struct steering *t, uint32_t route)
{
        if (t->routes[route]->marked)
                return;
        t->routes[route]->marked = true;
        t->dirty_routes[t->dirty_route_count++] = route;
}

void steering_mark_routes(struct steering *t, uint32_t pool)
{
        for (uint32_t i = t->routes_of_pool.first[pool]; i < t->routes_of_pool.first[pool + 1]; i++)
                steering_mark_route(t, t->routes_of_pool.list[i]);
}

/* --- for ticks --- */

void pool_list_add(const struct steering *t, struct pool_list *list, uint32_t pool, bool *listed)
{
        if (*listed)
                return;
        assert(list->count < t->model->count[KIND_POOLS]); /* each stands there once */
        *listed = true;
        list->pools[list->count++] = pool;
}

/* The last takes its place. */
void pool_list_remove(struct pool_list *list, uint32_t at, bool *listed)
{
        *listed = false;
        list->pools[at] = list->pools[--list->count];
}

void steering_watch(struct steering *t, uint32_t pool)
{
        struct pool_live *live = &t->pools[pool];

        if (live->by_load || live->by_round_trip || live->by_cost || live->pool->slow_start_ms)
                pool_list_add(t, &t->moving, pool, &live->moving);
        if (live->by_latency)
                pool_list_add(t, &t->timed, pool, &live->timed);
}
