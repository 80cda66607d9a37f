/* Builds steering whole: pools, routes shared by services of the same shape, and who depends on whom. Control thread.
 */
#include "zones/steering/steering_build.h"

#include <stdlib.h>
#include "base/memory.h"
#include "zones/steering/steering_tables.h"

/* --- room --- */

/* On the heap, because it grows with edits; a page that nobody touches costs nothing. */
static void *table_new(struct steering *t, size_t count, size_t size)
{
        void *table = calloc(count + 1, size);

        if (!table)
                arena_fail(t->arena);
        return table;
}

static bool any_latency(const struct model *m)
{
        model_each (service, s, m->services, m->count[KIND_SERVICES])
                if (s->steering == STEERING_LATENCY)
                        return true;
        return false;
}

static void tables_allocate(struct steering *t)
{
        const struct model *m = t->model;

        t->regions = m->count[KIND_REGIONS];
        t->serving = memory_alloc((t->regions + 1) * sizeof(*t->serving));
        t->pool_count = m->count[KIND_POOLS];
        t->service_count = m->count[KIND_SERVICES];
        t->endpoint_count = m->endpoint_count;
        t->pool_room = t->pool_count + t->pool_count / 4;
        t->service_room = t->service_count + t->service_count / 4;
        t->endpoint_room = t->endpoint_count + t->endpoint_count / 4;
        t->pools = table_new(t, t->pool_room, sizeof(*t->pools));
        t->route_of_service = table_new(t, t->service_room, sizeof(*t->route_of_service));
        t->states = table_new(t, t->endpoint_room, sizeof(*t->states));
        t->live = table_new(t, t->endpoint_room, sizeof(*t->live));
        if (any_latency(m)) {
                t->round_trips = table_new(t, (size_t)t->endpoint_room * t->regions, sizeof(*t->round_trips));
                t->round_trips_shown =
                        table_new(t, (size_t)t->pool_room * (t->regions + 1), sizeof(*t->round_trips_shown));
        }
        for (uint32_t i = 0; i < t->endpoint_count; i++) {
                endpoint_live_reset(&t->live[i]);
                t->states[i] = (struct endpoint_state){.figures = FIGURES_UNKNOWN};
                round_trips_reset(t, i);
        }
        for (uint32_t i = 0; i < t->pool_count; i++)
                round_trips_shown_reset(t, i);
}

/* --- the whole --- */

static void pools_build(struct steering *t)
{
        model_each (pool, p, t->model->pools, t->model->count[KIND_POOLS]) {
                struct pool_live *live = t->pools[p->number] = pool_new(t, p->number, false);
                pool_take(t, live, p);
        }
}

static void routes_build(struct steering *t)
{
        model_each (service, s, t->model->services, t->model->count[KIND_SERVICES]) {
                steering_uses(t, s, 1);
                if (s->enabled)
                        t->route_of_service[s->number] = route_take(t, s, false);
        }
        model_each (pool, p, t->model->pools, t->model->count[KIND_POOLS])
                if (p->service_name)
                        pool_nest(t, t->pools[p->number], t->route_of_service[p->service]);
}

struct steering *steering_new(struct arena *arena, const struct model *model, const struct geo *geo,
                              const struct steering *previous, struct problems *problems)
{
        struct classes *classes = classes_build(model, geo, previous ? previous->classes : NULL, problems);

        if (!classes)
                return NULL;
        struct steering *t = memory_alloc(sizeof(*t));
        t->arena = arena;
        t->model = model;
        t->classes = classes;
        t->views = views_new(model, classes);
        t->condition_uses = memory_alloc((classes_condition_count(classes) + 1) * sizeof(*t->condition_uses));
        t->release_ms = INT64_MAX;
        t->building = true;
        return t;
}

void steering_build(struct steering *t, const struct route **of_service)
{
        tables_allocate(t);
        pools_build(t);
        routes_build(t);
        for (uint32_t i = 0; i < t->service_count; i++)
                of_service[i] = t->route_of_service[i];
}

void steering_begin(struct steering *t, const struct endpoint_state *states)
{
        free(t->regions_were);
        t->regions_were = NULL;
        for (uint32_t i = 0; states && i < t->endpoint_count; i++)
                steering_set(t, i, &states[i]);
        model_each (pool, p, t->model->pools, t->model->count[KIND_POOLS])
                steering_mark_pool(t, t->pools[p->number]);
        shapes_each(t, r) steering_mark_route(t, r);
        steering_settle(t);
        t->building = false;
        model_each (pool, q, t->model->pools, states ? t->model->count[KIND_POOLS] : 0)
                if (pool_look_back(t, t->pools[q->number]))
                        steering_mark_routes(t, t->pools[q->number]);
        steering_settle(t);
        model_each (pool, p, t->model->pools, t->model->count[KIND_POOLS]) {
                steering_watch(t, t->pools[p->number]);
                steering_watch_release(t, t->pools[p->number]);
                if (t->pools[p->number]->back_ms != FAILBACK_NOT_HELD) /* other services may hold it now */
                        steering_turn(t, t->pools[p->number]);
        }
}

void steering_free(struct steering *t)
{
        if (!t)
                return;
        steering_edit_end(t);
        for (uint32_t i = 0; t->shapes && i <= t->shape_mask; i++)
                for (struct route *r = t->shapes[i], *next; r; r = next) {
                        next = r->same_bucket;
                        route_free(t, r);
                }
        for (uint32_t i = 0; t->pools && i < t->pool_count; i++)
                if (t->pools[i])
                        pool_free(t->pools[i]);
        views_free(t->views);
        classes_unref(t->classes);
        free(t->condition_uses);
        free(t->pools);
        free(t->route_of_service);
        free(t->states);
        free(t->live);
        free(t->round_trips);
        free(t->round_trips_shown);
        free(t->shapes);
        free(t->serving);
        free(t->moving.items);
        free(t->timed.items);
        free(t->delayed.items);
        free(t->turned.items);
        free(t->noted.items);
        free(t->regions_were);
        free(t->dirty_pools.items);
        free(t->dirty_routes.items);
        free(t->late_routes.items);
        free(t->members);
        picker_tools_free(t->tools);
        free(t);
}

const struct locator *steering_locator(const struct steering *t)
{
        return classes_locator(t->classes);
}

const struct classes *steering_classes(const struct steering *t)
{
        return t->classes;
}
