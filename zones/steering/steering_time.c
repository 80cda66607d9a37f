/* Time: which pools a tick has to look at. Nobody is looked at at rest: a pool is listed when something new is said of
 * it, and leaves the list when ticks would change nothing any more. Control thread. */
#include "zones/steering/steering_tables.h"

/* --- pools that are held back --- */

/* Those over whose delay the time has come: services look again. Returns whether the pool waits on. */
static bool release_pool(struct steering *t, uint32_t pool)
{
        struct pool_live *live = &t->pools[pool];

        if (live->back_ms == FAILBACK_NOT_HELD) /* down again, or released by hand */
                return false;
        if (live->release_ms <= t->now_ms) {
                steering_mark_routes(t, pool);
                live->release_ms = steering_release_time(t, pool);
        }
        if (live->release_ms <= t->now_ms) /* nobody holds it any more */
                live->back_ms = FAILBACK_NOT_HELD;
        return live->release_ms > t->now_ms && live->release_ms < INT64_MAX;
}

static void release_due(struct steering *t)
{
        if (t->now_ms < t->release_ms)
                return;
        t->release_ms = INT64_MAX;
        for (uint32_t i = 0; i < t->delayed.count;) {
                struct pool_live *live = &t->pools[t->delayed.pools[i]];
                t->work.looked++;
                if (!release_pool(t, t->delayed.pools[i])) {
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
                uint32_t pool = t->moving.pools[i];
                struct pool_live *live = &t->pools[pool];
                t->work.looked++;
                if (figures_tick(t, pool, elapsed_ms))
                        steering_mark_pool(t, pool);
                if (live->by_latency)
                        pool_list_add(t, &t->timed, pool, &live->timed);
                if (figures_at_rest(t, pool))
                        pool_list_remove(&t->moving, i, &live->moving);
                else
                        i++;
        }
}

static void mark_latency_routes(struct steering *t, uint32_t pool)
{
        for (uint32_t i = t->routes_of_pool.first[pool]; i < t->routes_of_pool.first[pool + 1]; i++)
                if (t->routes[t->routes_of_pool.list[i]]->service->steering == STEERING_LATENCY)
                        steering_mark_route(t, t->routes_of_pool.list[i]);
}

void steering_look_at_round_trips(struct steering *t)
{
        while (t->timed.count) {
                uint32_t pool = t->timed.pools[t->timed.count - 1];
                pool_list_remove(&t->timed, t->timed.count - 1, &t->pools[pool].timed);
                t->work.looked++;
                if (!round_trips_look(t, pool))
                        continue;
                t->round_trips_known = true;
                mark_latency_routes(t, pool);
        }
}

size_t steering_tick(struct steering *t, int64_t now_ms)
{
        int64_t elapsed = t->now_ms && now_ms > t->now_ms ? now_ms - t->now_ms : 0;

        t->now_ms = now_ms;
        figures_due(t, elapsed);
        release_due(t);
        steering_look_at_round_trips(t);
        return steering_settle(t);
}

/* --- building --- */

void steering_watch_build(struct steering *t)
{
        t->release_ms = INT64_MAX;
        for (uint32_t r = 0; r < t->route_count; r++)
                for (uint32_t i = 0; i < t->routes[r]->pool_count; i++) {
                        struct pool_live *live = &t->pools[t->routes[r]->pools[i].pool];
                        live->by_latency |= t->routes[r]->service->steering == STEERING_LATENCY;
                        live->by_round_trip |= live->by_latency;
                }
        model_each (pool, p, t->model->pools, t->model->count[KIND_POOLS]) {
                steering_watch(t, p->number);
                steering_watch_release(t, p->number);
        }
}
