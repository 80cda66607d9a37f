/* Works off what is marked, from pools to the routes over them and to pools that contain those; and which pools a tick
 * has to look at. Nobody is looked at at rest: a pool is listed when something new is said of it, and leaves the list
 * when ticks would change nothing any more. Control thread. */
#include "zones/steering/steering_tables.h"

/* --- what is marked --- */

/* When the next of the delays that hold a pool is over; never when only an operator's word ends it; now when none does.
 */
int64_t steering_release_time(const struct steering *t, const struct pool_live *live)
{
        struct route *const *over = routes_over_items(&live->routes);
        bool manual = false;
        int64_t next = INT64_MAX;

        for (uint32_t i = 0; i < live->routes.count; i++) {
                if (!pool_held(t, live, over[i]))
                        continue;
                int64_t end = live->back_ms + over[i]->failback_delay_ms;
                if (over[i]->failback == FAILBACK_MANUAL)
                        manual = true;
                else if (end < next)
                        next = end;
        }
        return next == INT64_MAX && !manual ? t->now_ms : next;
}

void steering_watch_release(struct steering *t, struct pool_live *live)
{
        if (live->back_ms == FAILBACK_NOT_HELD || t->building)
                return;
        live->release_ms = steering_release_time(t, live);
        if (live->release_ms == INT64_MAX)
                return;
        pool_list_add(&t->delayed, live, &live->delayed);
        if (live->release_ms < t->release_ms)
                t->release_ms = live->release_ms;
}

static void settle_pools(struct steering *t)
{
        for (uint32_t i = 0; i < t->dirty_pools.count; i++) {
                struct pool_live *live = t->dirty_pools.items[i];
                live->marked = false;
                if (pool_refresh(t, live))
                        steering_mark_routes(t, live);
                steering_watch_release(t, live);
        }
        t->dirty_pools.count = 0;
}

static void settle_routes(struct steering *t)
{
        for (uint32_t i = 0; i < t->dirty_routes.count; i++) {
                struct route *r = t->dirty_routes.items[i];
                r->marked = false;
                if (!route_compute(t, r))
                        continue;
                for (struct pool_live *live = r->containers; live; live = live->in_next)
                        steering_mark_pool(t, live);
        }
        t->dirty_routes.count = 0;
}

/* The outer ones first. */
static void settle_late(struct steering *t)
{
        for (uint32_t i = t->late_routes.count; i-- > 0;)
                route_compute_late(t, t->late_routes.items[i]);
        t->late_routes.count = 0;
}

size_t steering_settle(struct steering *t)
{
        uint64_t before = t->work.choices;

        while (t->dirty_pools.count || t->dirty_routes.count) {
                settle_pools(t);
                settle_routes(t);
        }
        settle_late(t);
        return (size_t)(t->work.choices - before);
}

/* --- pools that are held back --- */

/* Those over whose delay the time has come: services look again. Returns whether the pool waits on. */
static bool release_pool(struct steering *t, struct pool_live *live)
{
        if (live->back_ms == FAILBACK_NOT_HELD) /* down again, or released by hand */
                return false;
        if (live->release_ms <= t->now_ms) {
                steering_mark_routes(t, live);
                live->release_ms = steering_release_time(t, live);
        }
        if (live->release_ms <= t->now_ms) { /* nobody holds it any more */
                edit_touch_pool(t, live);
                live->back_ms = FAILBACK_NOT_HELD;
                steering_turn(t, live);
        }
        return live->release_ms > t->now_ms && live->release_ms < INT64_MAX;
}

static void release_due(struct steering *t)
{
        if (t->now_ms < t->release_ms)
                return;
        t->release_ms = INT64_MAX;
        for (uint32_t i = 0; i < t->delayed.count;) {
                struct pool_live *live = t->delayed.items[i];
                t->work.looked++;
                if (!release_pool(t, live)) {
                        pool_list_remove(&t->delayed, i, &live->delayed);
                        continue;
                }
                if (live->release_ms < t->release_ms)
                        t->release_ms = live->release_ms;
                i++;
        }
}

/* --- figures --- */

static void figures_due(struct steering *t, int64_t elapsed_ms)
{
        for (uint32_t i = 0; i < t->moving.count;) {
                struct pool_live *live = t->moving.items[i];
                t->work.looked++;
                steering_note(t, live);
                if (figures_tick(t, live, elapsed_ms))
                        steering_mark_pool(t, live);
                if (live->timing)
                        pool_list_add(&t->timed, live, &live->timed);
                if (figures_at_rest(t, live))
                        pool_list_remove(&t->moving, i, &live->moving);
                else
                        i++;
        }
}

static void mark_latency_routes(struct steering *t, const struct pool_live *live)
{
        struct route *const *over = routes_over_items(&live->routes);

        for (uint32_t i = 0; i < live->routes.count; i++)
                if (over[i]->steering == STEERING_LATENCY)
                        steering_mark_route(t, over[i]);
}

void steering_look_at_round_trips(struct steering *t)
{
        while (t->timed.count) {
                struct pool_live *live = t->timed.items[t->timed.count - 1];
                pool_list_remove(&t->timed, t->timed.count - 1, &live->timed);
                t->work.looked++;
                steering_note(t, live);
                if (!live->timing || !round_trips_look(t, live))
                        continue;
                t->round_trips_known = true;
                mark_latency_routes(t, live);
        }
}

size_t steering_tick(struct steering *t, int64_t now_ms)
{
        int64_t elapsed = t->now_ms && now_ms > t->now_ms ? now_ms - t->now_ms : 0;

        t->now_ms = now_ms;
        steering_fold(t, false);
        figures_due(t, elapsed);
        release_due(t);
        steering_look_at_round_trips(t);
        return steering_settle(t);
}
