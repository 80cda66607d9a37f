/* Who leads to whom: routes over pools, pools that contain routes, pools of last resort; and so whose host names are
 * needed as addresses. Control thread. */
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "base/rcu.h"
#include "zones/dns/numbers.h"
#include "zones/steering/steering_edit_private.h"

#define SHAPES_LEAST 64
#define CHAIN_MOST   2 /* routes a bucket, on average: more makes the table larger */

/* --- addresses of host names --- */

const struct address_set *address_set_copy(const struct address_set *set)
{
        struct address_set *copy = memory_alloc(sizeof(*copy));

        *copy = *set;
        return copy;
}

/* Those of the same hosts: the sets are the same, too. */
static void targets_inherit(struct targets *targets, const struct targets *from)
{
        const struct target *one = targets_first(targets);

        for (uint32_t i = 0; i < targets->count; i++, one = target_next(one)) {
                const struct target *was = one->type == TYPE_CNAME ? targets_find(from, one->endpoint) : NULL;
                if (was && target_equal(was, one))
                        *target_slot(one) = target_addresses(was);
        }
}

void targets_put(struct steering *t, struct pool_live *live, struct targets *made)
{
        const struct targets *before = pool_face(live)->targets;

        if (before && targets_equal(before, made)) {
                targets_free(made, NULL);
                return;
        }
        if (before)
                targets_inherit(made, before);
        pool_face_write(t, live)->targets = made;
}

/* --- which of them are needed --- */

bool route_flattens(const struct route *r)
{
        return r->flatten || r->flattening > 0;
}

void route_flatten(struct steering *t, const struct route *r, bool more)
{
        for (uint32_t i = 0; i < r->pool_count; i++)
                pool_flatten(t, r->pools[i].live, more);
        if (r->last_resort)
                pool_flatten(t, r->last_resort, more);
}

/* What was known before nobody needed them is old. Of those that an edit needs no more readers of older versions see it
 * until they are gone. */
void pool_flatten(struct steering *t, struct pool_live *live, bool more)
{
        const struct endpoint *endpoints = live->pool->endpoints.items;
        struct route *nested = (struct route *)pool_face(live)->nested;
        const bool edits = t->edit && !t->edit->undoing;

        if (edits && more && !live->flattening)
                steering_fold(t, true);
        live->flattening += more ? 1 : UINT32_MAX;
        if (live->flattening > (more ? 1 : 0)) /* as before */
                return;
        if (edits && !more)
                pool_push(&t->edit->unneeded, live);
        for (uint32_t i = 0; i < live->pool->endpoints.count; i++) {
                if (endpoints[i].type != ENDPOINT_CNAME)
                        continue;
                t->live[endpoints[i].number].flattened = more;
                if (more && !t->edit)
                        addresses_put(t, live, endpoints[i].number, NULL);
                steering_mark_pool(t, live);
        }
        if (!nested)
                return;
        bool before = route_flattens(nested);
        nested->flattening += more ? 1 : UINT32_MAX;
        if (route_flattens(nested) != before)
                route_flatten(t, nested, more);
}

/* --- pools --- */

struct pool_live *pool_new(struct steering *t, uint32_t number, bool allocated)
{
        struct pool_live *live = allocated ? memory_alloc(sizeof(*live)) : ARENA_NEW(t->arena, struct pool_live);

        *live = (struct pool_live){.number = number,
                                   .allocated = allocated,
                                   .enough = true,
                                   .back_ms = FAILBACK_NOT_HELD,
                                   .load_kept = 1,
                                   .load_kept_was = 1,
                                   .kept = 1};
        live->normal = (struct choice){.kind = CHOICE_POOL, .why = ALL_UP_ENOUGH, .pool = live};
        live->serve_drained = (struct choice){.kind = CHOICE_POOL, .why = ALL_DOWN_SERVE_DRAINED, .pool = live};
        live->serve_all = (struct choice){.kind = CHOICE_POOL, .why = ALL_DOWN_SERVE_ALL, .pool = live};
        live->last_resort = (struct choice){.kind = CHOICE_POOL, .why = ALL_DOWN_LAST_RESORT, .pool = live};
        return live;
}

static void members_reserve(struct steering *t, uint32_t count)
{
        if (count <= t->member_room)
                return;
        t->member_room = count;
        t->members = memory_resize(t->members, count * sizeof(*t->members));
}

void pool_take(struct steering *t, struct pool_live *live, const struct pool *p)
{
        struct targets *made = targets_of_pool(live->allocated || t->edit ? NULL : t->arena, p);

        live->pool = p;
        if (p->max_load <= 0)
                live->load_kept = live->load_kept_was = 1;
        pool_figures_init(live);
        members_reserve(t, p->endpoints.count);
        targets_put(t, live, made);
}

/* --- pools that contain services --- */

static struct pool_live **contained_in(struct steering *t, struct route *r)
{
        return r ? &r->containers : &t->unled;
}

void pool_nest(struct steering *t, struct pool_live *live, struct route *r)
{
        struct pool_live **first = contained_in(t, r);

        live->in_next = *first;
        *first = live;
        if (pool_face(live)->nested != r)
                pool_face_write(t, live)->nested = r;
        if (!r || !live->flattening)
                return;
        bool before = route_flattens(r);
        r->flattening++;
        if (!before)
                route_flatten(t, r, true);
}

void pool_unnest(struct steering *t, struct pool_live *live)
{
        struct route *r = (struct route *)pool_face(live)->nested;
        struct pool_live **at = contained_in(t, r);

        while (*at != live)
                at = &(*at)->in_next;
        *at = live->in_next;
        live->in_next = NULL;
        if (!r || !live->flattening)
                return;
        r->flattening--;
        if (!route_flattens(r))
                route_flatten(t, r, false);
}

/* --- the table of shapes --- */

static void shapes_put(struct steering *t, struct route *r)
{
        struct route **bucket = &t->shapes[r->hash & t->shape_mask];

        r->same_bucket = *bucket;
        *bucket = r;
}

/* At first as large as it will be. */
static void shapes_resize(struct steering *t, uint32_t routes)
{
        struct route **old = t->shapes;
        uint32_t buckets = old ? t->shape_mask + 1 : 0, size = SHAPES_LEAST;

        while (size * CHAIN_MOST <= routes)
                size *= 2;
        t->shapes = memory_alloc(size * sizeof(struct route *));
        t->shape_mask = size - 1;
        for (uint32_t i = 0; i < buckets; i++)
                for (struct route *r = old[i], *next; r; r = next) {
                        next = r->same_bucket;
                        shapes_put(t, r);
                }
        free(old);
}

static void shapes_add(struct steering *t, struct route *r)
{
        if (!t->shapes || t->route_count / CHAIN_MOST > t->shape_mask)
                shapes_resize(t, t->shapes ? t->route_count * 2 : t->service_count);
        t->route_count++;
        shapes_put(t, r);
}

static void shapes_remove(struct steering *t, struct route *r)
{
        struct route **at = &t->shapes[r->hash & t->shape_mask];

        while (*at != r)
                at = &(*at)->same_bucket;
        *at = r->same_bucket;
        t->route_count--;
}

/* --- routes --- */

static void resort_attach(struct route *r)
{
        struct pool_live *live = r->last_resort;

        r->resort_prev = NULL;
        r->resort_next = live->last_resort_of;
        if (r->resort_next)
                r->resort_next->resort_prev = r;
        live->last_resort_of = r;
}

static void resort_detach(struct route *r)
{
        if (r->resort_prev)
                r->resort_prev->resort_next = r->resort_next;
        else
                r->last_resort->last_resort_of = r->resort_next;
        if (r->resort_next)
                r->resort_next->resort_prev = r->resort_prev;
}

static void timing_set(struct pool_live *live, int by)
{
        live->timing = (uint32_t)((int)live->timing + by);
        pool_figures_init(live);
}

void route_attach(struct steering *t, struct route *r)
{
        shapes_add(t, r);
        for (uint32_t i = 0; i < r->pool_count; i++) {
                routes_over_add(&r->pools[i].live->routes, r);
                if (r->steering == STEERING_LATENCY)
                        timing_set(r->pools[i].live, 1);
        }
        if (r->last_resort)
                resort_attach(r);
        if (route_flattens(r))
                route_flatten(t, r, true);
}

void route_detach(struct steering *t, struct route *r)
{
        if (route_flattens(r))
                route_flatten(t, r, false);
        if (r->last_resort)
                resort_detach(r);
        for (uint32_t i = 0; i < r->pool_count; i++) {
                if (r->steering == STEERING_LATENCY)
                        timing_set(r->pools[i].live, -1);
                routes_over_remove(&r->pools[i].live->routes, r);
                if (r->pools[i].live->back_ms != FAILBACK_NOT_HELD) /* it may have been for this one alone */
                        steering_turn(t, r->pools[i].live);
        }
        shapes_remove(t, r);
}

/* --- what classes are needed for --- */

void steering_uses(struct steering *t, const struct service *s, int by)
{
        t->proximity_uses += s->steering == STEERING_PROXIMITY ? (uint32_t)by : 0;
        for (uint32_t i = 0; i < s->overrides.count; i++) {
                const struct override *o = &s->overrides.items[i];
                uint32_t count = override_condition_count(o), *numbers = memory_alloc((count + 1) * sizeof(*numbers));
                classes_conditions(t->classes, o, numbers);
                for (uint32_t j = 0; j < count; j++)
                        t->condition_uses[numbers[j]] += (uint32_t)by;
                free(numbers);
        }
}
