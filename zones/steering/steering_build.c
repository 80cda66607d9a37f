/* Builds the tables of steering: pools, routes shared by services of the same shape, and who depends on whom. Control
 * thread. */
#include "zones/steering/steering_build.h"

#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/memory.h"
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"
#include "zones/steering/steering_tables.h"

/* --- routes: one per shape --- */

static uint64_t shape_hash(const struct service *s, const struct view *view)
{
        const struct service_pool *pools = s->pools.items;
        uint64_t h = hash_mix((uint64_t)(uintptr_t)view ^ (uint64_t)s->steering << 56);

        for (uint32_t i = 0; i < s->pools.count; i++)
                h = hash_mix(h ^ ((uint64_t)pools[i].pool << 32 | (uint64_t)pools[i].weight));
        return h;
}

static bool addresses_equal(const struct address_list *a, const struct address_list *b)
{
        const struct address *x = a->items, *y = b->items;

        if (a->count != b->count)
                return false;
        for (uint32_t i = 0; i < a->count; i++)
                if (!address_equal(&x[i], &y[i]))
                        return false;
        return true;
}

/* The view stands for steering's basis, fence and overrides. */
static bool shape_equal(const struct service *a, const struct service *b)
{
        const struct service_pool *x = a->pools.items, *y = b->pools.items;

        if (a->steering != b->steering || a->when_all_down != b->when_all_down || a->last_resort != b->last_resort ||
            a->failback != b->failback || a->failback_delay_ms != b->failback_delay_ms ||
            a->pools.count != b->pools.count || !addresses_equal(&a->fallback_addresses, &b->fallback_addresses))
                return false;
        for (uint32_t i = 0; i < a->pools.count; i++)
                if (x[i].pool != y[i].pool || x[i].weight != y[i].weight ||
                    !schedules_equal(&x[i].schedules, &y[i].schedules))
                        return false;
        return true;
}

static const struct choice *fallback_make(struct steering *t, const struct service *s)
{
        const struct address *addresses = s->fallback_addresses.items;
        uint32_t n = s->fallback_addresses.count;
        struct choice *choices = ARENA_ARRAY(t->arena, struct choice, FAMILY_COUNT);
        struct target *targets = ARENA_ARRAY(t->arena, struct target, n);
        struct picker_member *members = memory_alloc((n + 1) * sizeof(*members));

        for (enum family f = 0; f < FAMILY_COUNT; f++) {
                struct picker_plan plan = {.mode = PICKER_ALL, .answers = ANSWERS_MAX, .members = members};
                for (uint32_t i = 0; i < n; i++) {
                        bool v4 = addresses[i].family == ADDRESS_V4;
                        targets[i] = (struct target){.type = v4 ? TYPE_A : TYPE_AAAA,
                                                     .rdata_length = v4 ? 4 : 16,
                                                     .rdata = addresses[i].bytes,
                                                     .endpoint = MODEL_NONE};
                        if (f == (v4 ? FAMILY_A : FAMILY_AAAA))
                                members[plan.count++] = (struct picker_member){.target = &targets[i], .weight = 1};
                }
                choices[f] = (struct choice){.kind = CHOICE_PICKER, .why = ALL_DOWN_FALLBACK};
                if (plan.count)
                        choices[f].picker = picker_new(&plan);
        }
        free(members);
        return choices;
}

static uint32_t route_add(struct steering *t, const struct service *s, const struct view *view)
{
        struct route *r = ARENA_NEW(t->arena, struct route);

        r->view = view;
        r->rotor = ROTOR_COUNT / 2 + t->route_count % (ROTOR_COUNT / 2);
        r->scoped = view->slot_count > 1;
        r->pool_count = s->pools.count;
        r->pools = s->pools.items;
        r->scheduled = ARENA_ARRAY(t->arena, struct scheduled, r->pool_count);
        r->service = s;
        if (s->when_all_down == WHEN_ALL_DOWN_FALLBACK_ADDRESS)
                r->fallback = fallback_make(t, s);
        t->routes[t->route_count] = r;
        return t->route_count++;
}

static void routes_collect(struct steering *t)
{
        const struct model *m = t->model;
        struct views *views = views_new(m, t->classes, t->arena);
        uint32_t size = 16;

        while (size < 2 * m->count[KIND_SERVICES])
                size *= 2;
        uint32_t *slots = memory_alloc(size * sizeof(*slots)); /* route + 1 */
        for (uint32_t i = 0; i < m->count[KIND_SERVICES]; i++)
                t->route_of_service[i] = MODEL_NONE;
        model_each (service, s, m->services, m->count[KIND_SERVICES]) {
                if (!s->enabled)
                        continue;
                const struct view *view = views_get(views, s);
                uint32_t at = (uint32_t)shape_hash(s, view) & (size - 1);
                while (slots[at] &&
                       (t->routes[slots[at] - 1]->view != view || !shape_equal(t->routes[slots[at] - 1]->service, s)))
                        at = (at + 1) & (size - 1);
                if (!slots[at])
                        slots[at] = route_add(t, s, view) + 1;
                t->route_of_service[s->number] = slots[at] - 1;
        }
        free(slots);
        views_free(views);
}

/* --- who depends on whom --- */

static void fan_sum(struct arena *arena, struct fan *fan, uint32_t count)
{
        uint32_t total = 0;

        for (uint32_t i = 0; i <= count; i++) {
                uint32_t n = fan->first[i];
                fan->first[i] = total;
                total += n;
        }
        fan->list = ARENA_ARRAY(arena, uint32_t, total);
}

/* After filling by `first[i]++`, each stands where the next began. */
static void fan_rewind(struct fan *fan, uint32_t count)
{
        memmove(fan->first + 1, fan->first, count * sizeof(*fan->first));
        fan->first[0] = 0;
}

/* The pool that a route leads to besides its own when nothing is up; MODEL_NONE: none. */
static uint32_t pool_beside(const struct route *r)
{
        uint32_t pool = r->service->last_resort;

        for (uint32_t i = 0; i < r->pool_count; i++)
                if (r->pools[i].pool == pool)
                        return MODEL_NONE;
        return pool;
}

static void fans_build(struct steering *t)
{
        const struct model *m = t->model;
        struct arena *arena = t->arena;
        uint32_t pools = m->count[KIND_POOLS];
        struct fan *over = &t->routes_of_pool, *in = &t->pools_of_route;

        over->first = ARENA_ARRAY(arena, uint32_t, pools + 1);
        in->first = ARENA_ARRAY(arena, uint32_t, t->route_count + 1);
        for (uint32_t i = 0; i < t->route_count; i++) {
                for (uint32_t j = 0; j < t->routes[i]->pool_count; j++)
                        over->first[t->routes[i]->pools[j].pool]++;
                if (pool_beside(t->routes[i]) != MODEL_NONE)
                        over->first[pool_beside(t->routes[i])]++;
        }
        model_each (pool, p, m->pools, pools)
                if (p->service_name && t->route_of_service[p->service] != MODEL_NONE)
                        in->first[t->route_of_service[p->service]]++;
        fan_sum(arena, over, pools);
        fan_sum(arena, in, t->route_count);
        for (uint32_t i = 0; i < t->route_count; i++) {
                for (uint32_t j = 0; j < t->routes[i]->pool_count; j++)
                        over->list[over->first[t->routes[i]->pools[j].pool]++] = i;
                if (pool_beside(t->routes[i]) != MODEL_NONE)
                        over->list[over->first[pool_beside(t->routes[i])]++] = i;
        }
        model_each (pool, p, m->pools, pools) {
                if (!p->service_name || t->route_of_service[p->service] == MODEL_NONE)
                        continue;
                uint32_t route = t->route_of_service[p->service];
                in->list[in->first[route]++] = p->number;
                t->pools[p->number].nested = t->routes[route];
        }
        fan_rewind(over, pools);
        fan_rewind(in, t->route_count);
}

/* Which families a route can ever answer; pools that contain a service have its. Levels are few. */
static void families_spread(struct steering *t)
{
        for (unsigned level = 0; level <= SERVICE_DEPTH_MAX; level++) {
                for (uint32_t i = 0; i < t->route_count; i++)
                        for (uint32_t j = 0; j < t->routes[i]->pool_count; j++)
                                for (enum family f = 0; f < FAMILY_COUNT; f++)
                                        t->routes[i]->reach[f].has |=
                                                t->pools[t->routes[i]->pools[j].pool].reach[f].has;
                bool nested = false;
                for (uint32_t p = 0; p < t->model->count[KIND_POOLS]; p++) {
                        if (!t->pools[p].nested)
                                continue;
                        nested = true;
                        for (enum family f = 0; f < FAMILY_COUNT; f++)
                                t->pools[p].reach[f].has =
                                        pool_is_used(t->pools[p].pool) && t->pools[p].nested->reach[f].has;
                }
                if (!nested)
                        return;
        }
}

static void routes_build(struct steering *t, const struct route **of_service)
{
        routes_collect(t);
        fans_build(t);
        families_spread(t);
        for (uint32_t i = 0; i < t->route_count; i++)
                for (enum family f = 0; f < FAMILY_COUNT; f++)
                        if (t->routes[i]->reach[f].has)
                                t->routes[i]->choices[f] =
                                        ARENA_ARRAY(t->arena, const struct choice *, t->routes[i]->view->slot_count);
        for (uint32_t i = 0; i < t->model->count[KIND_SERVICES]; i++)
                of_service[i] = t->route_of_service[i] == MODEL_NONE ? NULL : t->routes[t->route_of_service[i]];
}

/* --- the whole --- */

static void tables_allocate(struct steering *t)
{
        const struct model *m = t->model;
        struct arena *arena = t->arena;
        uint32_t largest = 0;

        model_each (pool, p, m->pools, m->count[KIND_POOLS])
                if (p->endpoints.count > largest)
                        largest = p->endpoints.count;
        model_each (service, s, m->services, m->count[KIND_SERVICES])
                t->by_latency |= s->steering == STEERING_LATENCY;
        t->regions = m->count[KIND_REGIONS];
        t->pools = ARENA_ARRAY(arena, struct pool_live, m->count[KIND_POOLS]);
        t->routes = ARENA_ARRAY(arena, struct route *, m->count[KIND_SERVICES]);
        t->route_of_service = ARENA_ARRAY(arena, uint32_t, m->count[KIND_SERVICES]);
        t->states = ARENA_ARRAY(arena, struct endpoint_state, m->endpoint_count);
        t->live = ARENA_ARRAY(arena, struct endpoint_live, m->endpoint_count);
        t->members = ARENA_ARRAY(arena, struct picker_member, largest);
        t->dirty_pools = ARENA_ARRAY(arena, uint32_t, m->count[KIND_POOLS]);
        t->moving.pools = ARENA_ARRAY(arena, uint32_t, m->count[KIND_POOLS]);
        t->timed.pools = ARENA_ARRAY(arena, uint32_t, m->count[KIND_POOLS]);
        t->delayed.pools = ARENA_ARRAY(arena, uint32_t, m->count[KIND_POOLS]);
        t->dirty_routes = ARENA_ARRAY(arena, uint32_t, m->count[KIND_SERVICES]);
        for (uint32_t i = 0; i < m->endpoint_count; i++) {
                endpoint_live_reset(&t->live[i]);
                t->states[i] = (struct endpoint_state){.figures = FIGURES_UNKNOWN};
        }
        if (!t->by_latency)
                return;
        size_t trips = (size_t)t->regions * m->endpoint_count, shown = ((size_t)t->regions + 1) * m->count[KIND_POOLS];
        t->round_trips = ARENA_ARRAY(arena, float, trips);
        t->round_trips_shown = ARENA_ARRAY(arena, float, shown);
        for (size_t i = 0; i < trips; i++)
                t->round_trips[i] = -1;
        for (size_t i = 0; i < shown; i++)
                t->round_trips_shown[i] = -1;
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
        return t;
}

void steering_build(struct steering *t, const struct steering *previous, const struct route **of_service)
{
        tables_allocate(t);
        model_each (pool, p, t->model->pools, t->model->count[KIND_POOLS])
                pool_live_init(t, p->number);
        addresses_build(t);
        if (previous)
                steering_carry(t, previous);
        routes_build(t, of_service);
        model_each (pool, p, t->model->pools, t->model->count[KIND_POOLS])
                steering_mark_pool(t, p->number);
        for (uint32_t i = 0; i < t->route_count; i++)
                steering_mark_route(t, i);
        t->building = true;
        steering_settle(t);
        t->building = false;
        steering_watch_build(t);
}

void steering_free(struct steering *t)
{
        if (!t)
                return;
        addresses_free(t);
        for (uint32_t i = 0; i < t->route_count; i++)
                route_release(t->routes[i]);
        for (uint32_t i = 0; t->pools && i < t->model->count[KIND_POOLS]; i++)
                for (enum family f = 0; f < FAMILY_COUNT; f++)
                        picker_free((void *)t->pools[i].pickers[f]);
        classes_unref(t->classes);
        free(t);
}

const struct locator *steering_locator(const struct steering *t)
{
        return classes_locator(t->classes);
}
