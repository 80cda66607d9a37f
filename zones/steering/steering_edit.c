/* Takes an edit in, item by item: pools, then services, then what leads from one to the other. Control thread. */
#include "zones/steering/steering_edit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "zones/steering/steering_edit_private.h"

/* --- whether it can be done --- */

static bool conditions_known(const struct steering *t, const struct service *s)
{
        bool known = true;

        for (uint32_t i = 0; i < s->overrides.count; i++) {
                const struct override *o = &s->overrides.items[i];
                uint32_t count = override_condition_count(o), *numbers = memory_alloc((count + 1) * sizeof(*numbers));
                classes_conditions(t->classes, o, numbers);
                for (uint32_t j = 0; j < count; j++)
                        known &= numbers[j] != MODEL_NONE;
                free(numbers);
        }
        return known;
}

static bool conditions_used(const struct steering *t, const struct service *s)
{
        bool used = true;

        for (uint32_t i = 0; i < s->overrides.count; i++) {
                const struct override *o = &s->overrides.items[i];
                uint32_t count = override_condition_count(o), *numbers = memory_alloc((count + 1) * sizeof(*numbers));
                classes_conditions(t->classes, o, numbers);
                for (uint32_t j = 0; j < count; j++)
                        used &= t->condition_uses[numbers[j]] > 0;
                free(numbers);
        }
        return used;
}

static void count_uses(struct steering *t, const struct edited *items, size_t count, int by)
{
        for (size_t i = 0; i < count; i++) {
                if (items[i].kind != KIND_SERVICES)
                        continue;
                if (items[i].after)
                        steering_uses(t, items[i].after, by);
                if (items[i].before)
                        steering_uses(t, items[i].before, -by);
        }
}

static bool tables_fit(const struct steering *t, const struct edited *items, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                const struct service *s = items[i].kind == KIND_SERVICES ? items[i].after : NULL;
                if (items[i].kind == KIND_REGIONS || items[i].kind == KIND_NETWORKS)
                        return false;
                if (items[i].kind == KIND_PROBERS && t->round_trips && !views_measured_alike(t->views, t->model))
                        return false;
                if (s && (!conditions_known(t, s) || (s->steering == STEERING_LATENCY && !t->round_trips)))
                        return false;
        }
        return true;
}

/* Whether the classes are those that a whole build would make: no condition and no need of distances comes or goes. */
static bool classes_fit(struct steering *t, const struct edited *items, size_t count)
{
        bool distances = t->proximity_uses > 0, fit = tables_fit(t, items, count);

        if (!fit)
                return false;
        count_uses(t, items, count, 1);
        for (size_t i = 0; i < count; i++)
                if (items[i].kind == KIND_SERVICES && items[i].before)
                        fit &= conditions_used(t, items[i].before);
        fit &= distances == (t->proximity_uses > 0);
        if (!fit)
                count_uses(t, items, count, -1);
        return fit;
}

/* --- room for new numbers --- */

static bool table_grow(void *table, size_t before, size_t after, size_t size)
{
        void **at = table;
        char *larger = realloc(*at, (after + 1) * size);

        if (!larger)
                return false;
        memset(larger + before * size, 0, (after + 1 - before) * size);
        *at = larger;
        return true;
}

static uint32_t larger_room(uint32_t room, uint32_t count)
{
        while (room < count)
                room = room < 64 ? 64 : room + room / 2;
        return room;
}

static bool pools_grow(struct steering *t, uint32_t room)
{
        size_t rows = (size_t)t->regions + 1;

        return table_grow(&t->pools, t->pool_room, room, sizeof(*t->pools)) &&
               (!t->round_trips ||
                table_grow(&t->round_trips_shown, t->pool_room * rows, room * rows, sizeof(*t->round_trips_shown)));
}

static bool endpoints_grow(struct steering *t, uint32_t room)
{
        return table_grow(&t->states, t->endpoint_room, room, sizeof(*t->states)) &&
               table_grow(&t->live, t->endpoint_room, room, sizeof(*t->live)) &&
               (!t->round_trips || table_grow(&t->round_trips, (size_t)t->endpoint_room * t->regions,
                                              (size_t)room * t->regions, sizeof(*t->round_trips)));
}

/* false: not enough memory. */
static bool reserve(struct steering *t)
{
        uint32_t pools = larger_room(t->pool_room, t->model->count[KIND_POOLS]);
        uint32_t services = larger_room(t->service_room, t->model->count[KIND_SERVICES]);
        uint32_t endpoints = larger_room(t->endpoint_room, t->model->endpoint_count);

        if (pools > t->pool_room && !pools_grow(t, pools))
                return false;
        t->pool_room = pools;
        if (services > t->service_room &&
            !table_grow(&t->route_of_service, t->service_room, services, sizeof(*t->route_of_service)))
                return false;
        t->service_room = services;
        if (endpoints > t->endpoint_room && !endpoints_grow(t, endpoints))
                return false;
        t->endpoint_room = endpoints;
        return true;
}

static uint32_t most(uint32_t a, uint32_t b)
{
        return a > b ? a : b;
}

/* --- endpoints --- */

static const struct endpoint *endpoint_before(const struct pool *p, uint32_t likely, uint32_t number)
{
        if (!p)
                return NULL;
        if (likely < p->endpoints.count && p->endpoints.items[likely].number == number)
                return &p->endpoints.items[likely];
        for (uint32_t i = 0; i < p->endpoints.count; i++)
                if (p->endpoints.items[i].number == number)
                        return &p->endpoints.items[i];
        return NULL;
}

static bool same_host(const struct endpoint *a, const struct endpoint *b)
{
        return !strcmp(a->address_text, b->address_text);
}

/* One that comes is unknown; one that has become another host starts anew. */
static void endpoints_take(struct steering *t, struct pool_live *live, const struct pool *before)
{
        const struct pool *p = live->pool;
        const struct target *target = targets_first(pool_face(live)->targets);

        for (uint32_t i = 0; i < p->endpoints.count; i++, target = target_next(target)) {
                const struct endpoint *e = &p->endpoints.items[i], *was = endpoint_before(before, i, e->number);
                struct endpoint_live *now = &t->live[e->number];
                edit_touch_endpoint(t, e->number);
                if (!was)
                        t->states[e->number] = (struct endpoint_state){.figures = FIGURES_UNKNOWN};
                else if (!schedules_equal(&was->schedules, &e->schedules))
                        t->states[e->number].scheduled = (struct scheduled){0};
                if (!was || !same_host(was, e)) {
                        endpoint_live_reset(now);
                        round_trips_reset(t, e->number);
                }
                now->flattened = live->flattening && e->type == ENDPOINT_CNAME;
                now->resolved = target_addresses(target) != NULL;
                *now = figures_now(t, e->number);
                if (e->max_load <= 0)
                        now->kept = now->kept_was = 1;
                figures_take(t, p, e->number);
        }
}

/* --- pools --- */

static bool contains_another(const struct pool *before, const struct pool *after)
{
        return before && before->service_name && (!after || before->service != after->service);
}

static void pool_leave_service(struct steering *t, struct pool_live *live)
{
        pool_unnest(t, live);
        if (pool_face(live)->nested)
                pool_face_write(t, live)->nested = NULL;
}

static void pool_come(struct steering *t, const struct edited *item)
{
        struct pool_live *live = pool_new(t, item->number, true);

        live->fresh = true;
        pool_push(&t->edit->fresh, live);
        t->pools[item->number] = live;
        pool_take(t, live, item->after);
        endpoints_take(t, live, NULL);
        round_trips_shown_reset(t, item->number);
        steering_mark_pool(t, live);
}

static void pool_change(struct steering *t, const struct edited *item)
{
        struct pool_live *live = t->pools[item->number];

        edit_touch_pool(t, live);
        if (contains_another(item->before, item->after))
                pool_leave_service(t, live);
        if (!schedules_equal(&live->pool->schedules, &((const struct pool *)item->after)->schedules))
                live->scheduled = (struct scheduled){0};
        pool_take(t, live, item->after);
        endpoints_take(t, live, item->before);
        steering_mark_pool(t, live);
}

static void pools_take(struct steering *t)
{
        for (size_t i = 0; i < t->edit->count; i++) {
                const struct edited *item = &t->edit->items[i];
                if (item->kind != KIND_POOLS)
                        continue;
                if (!item->before) {
                        pool_come(t, item);
                } else if (item->after) {
                        pool_change(t, item);
                } else {
                        edit_touch_pool(t, t->pools[item->number]);
                        if (contains_another(item->before, NULL))
                                pool_leave_service(t, t->pools[item->number]);
                }
        }
}

/* Those that contain a service from now on. */
static void pools_enter_services(struct steering *t)
{
        for (size_t i = 0; i < t->edit->count; i++) {
                const struct edited *item = &t->edit->items[i];
                const struct pool *before = item->before, *after = item->after;
                if (item->kind == KIND_POOLS && after && after->service_name &&
                    (!before || !before->service_name || before->service != after->service))
                        pool_nest(t, t->pools[item->number], t->route_of_service[after->service]);
        }
}

static void pools_go(struct steering *t)
{
        for (size_t i = 0; i < t->edit->count; i++) {
                const struct edited *item = &t->edit->items[i];
                if (item->kind != KIND_POOLS || item->after)
                        continue;
                struct pool_live *live = t->pools[item->number];
                assert(!live->routes.count && !live->last_resort_of); /* nothing refers to it: that was checked */
                steering_forget(t, live);
                t->pools[item->number] = NULL;
                pool_push(&t->edit->gone, live);
        }
}

/* --- views --- */

static void view_change(struct steering *t, struct route *r)
{
        const struct view *view = route_view(t, r, true);

        if (view == route_face(r)->view) {
                view_drop(t->views, view);
                return;
        }
        assert(!r->fresh); /* made of where pools stand now */
        struct route_face *face = route_face_write(t, r);
        route_face_free(face, &r->face);
        *face = (struct route_face){.view = view, .rotor = face->rotor, .scoped = view->slot_count > 1};
        steering_mark_route(t, r);
}

/* Pools that are in another region have other places in the orders of routes over them. */
static void views_change(struct steering *t)
{
        for (size_t i = 0; i < t->edit->count; i++) {
                const struct edited *item = &t->edit->items[i];
                const struct pool *before = item->before, *after = item->after;
                if (item->kind != KIND_POOLS || !before || !after || before->region == after->region)
                        continue;
                const struct pool_live *live = t->pools[item->number];
                for (uint32_t r = 0; r < live->routes.count; r++)
                        view_change(t, routes_over_items(&live->routes)[r]);
        }
}

/* --- services --- */

/* Pools that contain the service lead to another route. */
static void containers_move(struct steering *t, uint32_t service, struct route *from, struct route *to)
{
        for (struct pool_live *live = from ? from->containers : t->unled, *next; live; live = next) {
                next = live->in_next;
                if (live->pool->service != service)
                        continue;
                edit_touch_pool(t, live);
                pool_unnest(t, live);
                if (!to)
                        pool_face_write(t, live)->nested = NULL;
                pool_nest(t, live, to);
                steering_mark_pool(t, live);
        }
}

static void route_leave(struct steering *t, struct route *r)
{
        edit_touch_route(t, r);
        if (--r->services)
                return;
        route_detach(t, r);
        if (!r->fresh)
                route_push(&t->edit->gone_routes, r);
}

/* One that is new to pools: they may be held back, or measured, for its sake. */
static void route_come(struct steering *t, struct route *r)
{
        r->fresh = true;
        route_push(&t->edit->fresh_routes, r);
        steering_mark_route(t, r);
}

static void services_take(struct steering *t)
{
        struct steering_edit *e = t->edit;

        e->services = memory_alloc((e->count + 1) * sizeof(*e->services));
        for (size_t i = 0; i < e->count; i++) {
                const struct edited *item = &e->items[i];
                if (item->kind != KIND_SERVICES)
                        continue;
                const struct service *after = item->after;
                struct route *was = item->number < e->services_before ? t->route_of_service[item->number] : NULL, *r;
                r = after && after->enabled ? route_take(t, after, true) : NULL;
                if (r && r->services == 1 && !r->fresh)
                        route_come(t, r);
                e->services[e->service_count++] = (struct edited_service){item->number, was, r};
                t->route_of_service[item->number] = r;
                if (was != r)
                        containers_move(t, item->number, was, r);
                if (was)
                        route_leave(t, was);
        }
}

/* --- the whole --- */

static void watch(struct steering *t, struct pool_live *live)
{
        steering_watch(t, live);
        steering_watch_release(t, live);
}

static void watch_all(struct steering *t)
{
        const struct steering_edit *e = t->edit;

        for (uint32_t i = 0; i < e->fresh.count; i++)
                watch(t, e->fresh.items[i]);
        for (uint32_t i = 0; i < e->pools.count; i++)
                if (t->pools[e->pools.items[i]->number] == e->pools.items[i])
                        watch(t, e->pools.items[i]);
        for (uint32_t i = 0; i < e->fresh_routes.count; i++)
                for (uint32_t p = 0; p < e->fresh_routes.items[i]->pool_count; p++)
                        if (e->fresh_routes.items[i]->services)
                                watch(t, e->fresh_routes.items[i]->pools[p].live);
}

struct steering_edit *steering_edit_new(struct steering *t, const struct edited *items, size_t count, uint64_t version,
                                        bool *whole)
{
        assert(!t->edit);
        steering_fold(t, false);
        *whole = !reserve(t) || !classes_fit(t, items, count);
        if (*whole)
                return NULL;
        struct steering_edit *e = memory_alloc(sizeof(*e));
        *e = (struct steering_edit){.version = version,
                                    .items = items,
                                    .count = count,
                                    .pools_before = t->pool_count,
                                    .services_before = t->service_count,
                                    .endpoints_before = t->endpoint_count};
        t->edit = e;
        t->pool_count = most(t->pool_count, t->model->count[KIND_POOLS]);
        t->service_count = most(t->service_count, t->model->count[KIND_SERVICES]);
        t->endpoint_count = most(t->endpoint_count, t->model->endpoint_count);
        pools_take(t);
        services_take(t);
        pools_enter_services(t);
        views_change(t);
        pools_go(t);
        steering_settle(t);
        watch_all(t);
        steering_publish(t); /* a first order by round trips */
        return e;
}

void steering_edit_services_before(const struct steering_edit *e, service_visit *visit, void *context)
{
        for (size_t i = 0; i < e->service_count; i++)
                visit(context, e->services[i].number, e->services[i].before);
}

const char *steering_edit_service_gone(const struct steering_edit *e, uint32_t service)
{
        for (size_t i = 0; i < e->count; i++) {
                const struct service *before = e->items[i].before;
                if (e->items[i].kind == KIND_SERVICES && e->items[i].number == service && before)
                        return before->name;
        }
        return NULL;
}
