/* The writer's side of steering: what changes while a snapshot is in force. Control thread. */
#include <string.h>
#include "zones/steering/steering_tables.h"

static bool state_equal(const struct endpoint_state *a, const struct endpoint_state *b)
{
        return a->health == b->health && a->drained == b->drained && a->waiting == b->waiting &&
               a->weight_percent == b->weight_percent && a->half_open_percent == b->half_open_percent &&
               a->drain_percent == b->drain_percent && a->up_since_ms == b->up_since_ms &&
               scheduled_equal(&a->scheduled, &b->scheduled);
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

void steering_schedule_pool(struct steering *t, uint32_t pool, const struct scheduled *scheduled)
{
        struct pool_live *live = &t->pools[pool];

        if (scheduled_equal(&live->scheduled, scheduled))
                return;
        live->scheduled = *scheduled;
        steering_mark_pool(t, pool);
}

void steering_schedule_member(struct steering *t, uint32_t service, uint32_t position,
                              const struct scheduled *scheduled)
{
        uint32_t route = t->route_of_service[service];

        if (route == MODEL_NONE || scheduled_equal(&t->routes[route]->scheduled[position], scheduled))
                return;
        t->routes[route]->scheduled[position] = *scheduled;
        steering_mark_route(t, route);
}

size_t steering_publish(struct steering *t)
{
        if (t->by_latency && !t->round_trips_known)
                steering_look_at_round_trips(t);
        return steering_settle(t);
}

size_t steering_update(struct steering *t, const struct endpoint_state *states)
{
        model_each (endpoint, e, t->model->endpoints, t->model->endpoint_count)
                steering_set(t, e->number, &states[e->number]);
        return steering_publish(t);
}

const struct model *steering_model(const struct steering *t)
{
        return t->model;
}

const struct endpoint_state *steering_states(const struct steering *t)
{
        return t->states;
}

const struct route *steering_route_of_service(const struct steering *t, uint32_t service)
{
        uint32_t route = t->route_of_service[service];

        return route == MODEL_NONE ? NULL : t->routes[route];
}

struct steering_work steering_work(const struct steering *t)
{
        return t->work;
}

void steering_failback(struct steering *t, uint32_t pool)
{
        if (pool >= t->model->count[KIND_POOLS] || !t->model->pools[pool])
                return;
        t->pools[pool].released = true;
        t->pools[pool].back_ms = FAILBACK_NOT_HELD;
        steering_mark_routes(t, pool);
        steering_settle(t);
}
