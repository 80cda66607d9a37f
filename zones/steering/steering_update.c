/* The writer's side of steering: what changes while a snapshot is in force. Control thread. */
#include <string.h>
#include "zones/steering/steering_tables.h"

/* --- what is to be looked at anew --- */

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

/* --- new states --- */

static bool state_equal(const struct endpoint_state *a, const struct endpoint_state *b)
{
        return a->health == b->health && a->drained == b->drained && a->waiting == b->waiting && a->weight_percent == b->weight_percent &&
               a->half_open_percent == b->half_open_percent && a->up_since_ms == b->up_since_ms;
}

void steering_set(struct steering *t, uint32_t endpoint, const struct endpoint_state *state)
{
        uint32_t pool = t->model->endpoints[endpoint]->pool;

        if (!memcmp(&t->states[endpoint], state, sizeof(*state)))
                return;
        t->live[endpoint] = figures_now(t, endpoint); /* with what was said until now */
        bool figures_only = state_equal(&t->states[endpoint], state);
        t->states[endpoint] = *state;
        if (figures_take(t, endpoint) || !figures_only)
                steering_mark_pool(t, pool);
        steering_watch(t, pool);
}

size_t steering_publish(struct steering *t)
{
        if (t->by_latency && !t->round_trips_known)
                steering_look_at_round_trips(t);
        return steering_settle(t);
}

size_t steering_update(struct steering *t, const struct endpoint_state *states)
{
        for (uint32_t i = 0; i < t->model->endpoint_count; i++)
                steering_set(t, i, &states[i]);
        return steering_publish(t);
}

const struct endpoint_state *steering_states(const struct steering *t)
{
        return t->states;
}

struct steering_work steering_work(const struct steering *t)
{
        return t->work;
}

void steering_failback(struct steering *t, uint32_t pool)
{
        if (pool >= t->model->count[KIND_POOLS])
                return;
        t->pools[pool].released = true;
        t->pools[pool].back_ms = FAILBACK_NOT_HELD;
        steering_mark_routes(t, pool);
        steering_settle(t);
}
