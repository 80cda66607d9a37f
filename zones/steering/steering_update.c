/* The writer's side of steering: what changes while a snapshot is in force. Control thread. */
#include <string.h>
#include "zones/steering/steering_tables.h"

static bool state_equal(const struct endpoint_state *a, const struct endpoint_state *b)
{
        return a->health == b->health && a->drained == b->drained && a->waiting == b->waiting &&
               a->weight_percent == b->weight_percent && a->half_open_percent == b->half_open_percent &&
               a->drain_percent == b->drain_percent && a->up_since_ms == b->up_since_ms &&
               a->held_since_s == b->held_since_s && scheduled_equal(&a->scheduled, &b->scheduled);
}

/* What stands between the members is nobody's. */
static bool state_same(const struct endpoint_state *a, const struct endpoint_state *b)
{
        return state_equal(a, b) && a->drained_by_operator == b->drained_by_operator &&
               a->drained_by_agent == b->drained_by_agent && a->rtt_us == b->rtt_us &&
               !memcmp(&a->figures, &b->figures, sizeof(a->figures));
}

void steering_set(struct steering *t, uint32_t endpoint, const struct endpoint_state *state)
{
        const struct endpoint *e = t->model->endpoints[endpoint];

        if (!e || state_same(&t->states[endpoint], state))
                return;
        struct pool_live *live = t->pools[e->pool];
        edit_touch_endpoint(t, endpoint);
        t->live[endpoint] = figures_now(t, endpoint); /* with what was said until now */
        bool figures_only = state_equal(&t->states[endpoint], state);
        t->states[endpoint] = *state;
        if (figures_take(t, live->pool, endpoint) || !figures_only)
                steering_mark_pool(t, live);
        steering_watch(t, live);
}

void steering_schedule_pool(struct steering *t, uint32_t pool, const struct scheduled *scheduled)
{
        struct pool_live *live = pool < t->pool_count ? t->pools[pool] : NULL;

        if (!live || scheduled_equal(&live->scheduled, scheduled))
                return;
        edit_touch_pool(t, live);
        live->scheduled = *scheduled;
        steering_mark_pool(t, live);
}

void steering_schedule_member(struct steering *t, uint32_t service, uint32_t position,
                              const struct scheduled *scheduled)
{
        struct route *r = service < t->service_count ? t->route_of_service[service] : NULL;

        if (!r || !r->schedules || scheduled_equal(&r->schedules[position].now, scheduled))
                return;
        r->schedules[position].now = *scheduled;
        steering_mark_route(t, r);
}

size_t steering_publish(struct steering *t)
{
        if (t->round_trips && !t->round_trips_known)
                steering_look_at_round_trips(t);
        return steering_settle(t);
}

size_t steering_update(struct steering *t, const struct endpoint_state *states)
{
        for (uint32_t i = 0; i < t->endpoint_count; i++)
                steering_set(t, i, &states[i]);
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
        return t->route_of_service[service];
}

struct steering_work steering_work(const struct steering *t)
{
        return t->work;
}

void steering_failback(struct steering *t, uint32_t pool)
{
        struct pool_live *live = pool < t->pool_count ? t->pools[pool] : NULL;

        if (!live)
                return;
        edit_touch_pool(t, live);
        live->released = true;
        live->back_ms = FAILBACK_NOT_HELD;
        steering_mark_routes(t, live);
        steering_settle(t);
}

void steering_hold(struct steering *t, uint32_t pool, int64_t since_ms)
{
        struct pool_live *live = pool < t->pool_count ? t->pools[pool] : NULL;

        if (!live)
                return;
        edit_touch_pool(t, live);
        live->released = false;
        live->back_ms = since_ms;
        steering_mark_routes(t, live);
        steering_watch_release(t, live);
}

void steering_held(const struct steering *t, uint32_t pool, struct pool_hold *hold)
{
        const struct pool_live *live = pool < t->pool_count ? t->pools[pool] : NULL;

        *hold = (struct pool_hold){.pool = pool};
        if (!live)
                return;
        hold->down = live->down;
        hold->since_ms = live->back_ms;
        for (uint32_t i = 0; i < live->routes.count; i++) {
                const struct route *r = routes_over_items(&live->routes)[i];
                if (!pool_held(t, live, r))
                        continue;
                int64_t until = r->failback == FAILBACK_MANUAL ? INT64_MAX : live->back_ms + r->failback_delay_ms;
                hold->until_ms = hold->held && hold->until_ms > until ? hold->until_ms : until;
                hold->held = true;
        }
}

bool steering_hold_turned(struct steering *t, struct pool_hold *hold)
{
        if (!t->turned.count)
                return false;
        struct pool_live *live = t->turned.items[t->turned.count - 1];
        pool_list_remove(&t->turned, t->turned.count - 1, &live->turned);
        steering_held(t, live->number, hold);
        return true;
}

/* --- addresses of host names --- */

bool steering_flattens(const struct steering *t, uint32_t endpoint)
{
        return t->live[endpoint].flattened;
}

bool steering_resolved(const struct steering *t, uint32_t endpoint)
{
        return t->live[endpoint].resolved;
}

size_t steering_set_addresses(struct steering *t, uint32_t endpoint, const struct address_set *set)
{
        const struct endpoint *e = t->model->endpoints[endpoint];

        if (!e || !steering_flattens(t, endpoint))
                return 0;
        struct pool_live *live = t->pools[e->pool];
        bool known = t->live[endpoint].resolved;
        addresses_put(t, live, endpoint, set ? address_set_copy(set) : NULL);
        if (known == (set != NULL))
                return 0;
        steering_mark_pool(t, live); /* without addresses it is passed over */
        steering_watch(t, live);
        return steering_settle(t);
}
