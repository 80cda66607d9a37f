/* What readers see of pools and routes: where it is written while an edit is under way, and how it ends. Control
 * thread.
 *
 * While readers may ask snapshots of both versions, a route or pool has two faces: the one inline, and `next`. When a
 * grace period has gone by since the newer version was published nobody asks the older one: what `next` says is written
 * inline while all readers still go by `next`, then `next` is taken away. */
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "base/rcu.h"
#include "zones/dns/numbers.h"
#include "zones/steering/steering_edit_private.h"

/* --- touching --- */

void edit_touch_pool(struct steering *t, struct pool_live *live)
{
        steering_note(t, live);
        if (!t->edit || live->fresh || live->was)
                return;
        if (live->next)
                steering_fold(t, true);
        live->was = memory_alloc(sizeof(*live));
        memcpy(live->was, live, sizeof(*live));
        live->was->was = NULL;
        pool_push(&t->edit->pools, live);
}

void edit_touch_route(struct steering *t, struct route *r)
{
        if (!t->edit || r->fresh || r->was)
                return;
        if (r->next)
                steering_fold(t, true);
        r->was = memory_alloc(route_size(r));
        memcpy(r->was, r, route_size(r));
        r->was->was = NULL;
        route_push(&t->edit->routes, r);
}

void edit_touch_endpoint(struct steering *t, uint32_t number)
{
        struct steering_edit *e = t->edit;

        if (t->noting)
                steering_note(t, t->pools[t->model->endpoints[number]->pool]);
        if (!e)
                return;
        if (e->endpoint_count == e->endpoint_capacity) {
                e->endpoint_capacity = e->endpoint_capacity ? e->endpoint_capacity * 2 : 8;
                e->endpoints = memory_resize(e->endpoints, e->endpoint_capacity * sizeof(*e->endpoints));
        }
        e->endpoints[e->endpoint_count++] = (struct edited_endpoint){number, t->live[number], t->states[number]};
}

struct pool_face *pool_face_write(struct steering *t, struct pool_live *live)
{
        edit_touch_pool(t, live);
        if (!live->next && t->edit && !live->fresh) {
                struct pool_next *next = memory_alloc(sizeof(*next));
                next->since = t->edit->version;
                next->face = live->face;
                rcu_put(live->next, next);
        }
        return live->next ? &live->next->face : &live->face;
}

/* Arrays of its own, with the same choices. */
static void choices_copy(struct route_face *face)
{
        uint32_t slots = face->view->slot_count, count = 0;

        for (enum family f = 0; f < FAMILY_COUNT; f++)
                count += face->choices[f] != NULL;
        const struct choice **block = count ? memory_alloc((size_t)count * slots * sizeof(*block)) : NULL;
        face->allocated = true;
        for (enum family f = 0; f < FAMILY_COUNT; f++) {
                if (!face->choices[f])
                        continue;
                face->choices[f] = memcpy(block, face->choices[f], slots * sizeof(*block));
                block += slots;
        }
}

struct route_face *route_face_write(struct steering *t, struct route *r)
{
        edit_touch_route(t, r);
        if (!r->next && t->edit && !r->fresh) {
                struct route_next *next = memory_alloc(sizeof(*next));
                next->since = t->edit->version;
                next->face = r->face;
                choices_copy(&next->face);
                rcu_put(r->next, next);
        }
        return r->next ? &r->next->face : &r->face;
}

/* --- addresses of host names --- */

static const struct address_set **slot_of(const struct targets *targets, uint32_t endpoint)
{
        const struct target *target = targets_find(targets, endpoint);

        return target && target->type == TYPE_CNAME ? target_slot(target) : NULL;
}

/* For all readers: where the host is the same, those of older versions see them too. Takes the set. */
void addresses_put(struct steering *t, struct pool_live *live, uint32_t endpoint, const struct address_set *set)
{
        const struct address_set **now = slot_of(pool_face(live)->targets, endpoint), *before;
        const struct address_set **inlined = slot_of(live->face.targets, endpoint);

        if (!now)
                return;
        steering_note(t, live);
        before = *now;
        if (inlined && inlined != now && *inlined == before)
                rcu_put(*inlined, set);
        rcu_put(*now, set);
        t->live[endpoint].resolved = set != NULL;
        if (before)
                rcu_retire((void *)before, free);
}

void addresses_forget(struct steering *t, struct pool_live *live)
{
        const struct targets *targets = pool_face(live)->targets;
        const struct target *one = targets_first(targets);

        if (live->flattening)
                return;
        for (uint32_t i = 0; i < targets->count; i++, one = target_next(one))
                if (one->type == TYPE_CNAME)
                        addresses_put(t, live, one->endpoint, NULL);
}

/* --- the end of routes and pools --- */

const struct choice **route_face_block(const struct route_face *face)
{
        for (enum family f = 0; f < FAMILY_COUNT; f++)
                if (face->choices[f])
                        return face->choices[f];
        return NULL;
}

void route_face_free(struct route_face *face, const struct route_face *other)
{
        const struct choice **block = route_face_block(face);
        const struct route_face *alike = other && other->view == face->view ? other : NULL;

        for (enum family f = 0; f < FAMILY_COUNT; f++)
                for (uint32_t slot = 0; face->choices[f] && slot < face->view->slot_count; slot++) {
                        const struct choice *c = face->choices[f][slot];
                        if (c && c->owned && !(alike && alike->choices[f] && alike->choices[f][slot] == c))
                                free((void *)c);
                }
        if (face->allocated)
                free(block);
}

void route_free(struct steering *t, struct route *r)
{
        route_face_free(&r->face, NULL);
        view_drop(t->views, r->face.view);
        view_rule_drop(t->views, r->rule);
        for (enum family f = 0; r->fallback && f < FAMILY_COUNT; f++)
                picker_free((void *)r->fallback->choices[f].picker);
        if (r->fallback)
                targets_free(r->fallback->targets, NULL);
        if (!r->allocated)
                return;
        free(r->fallback);
        free(r->schedules);
        free(r);
}

void pool_free(struct pool_live *live)
{
        for (enum family f = 0; f < FAMILY_COUNT; f++)
                picker_free((void *)live->face.pickers[f]);
        targets_free(live->face.targets, NULL);
        if (live->routes.count > 1)
                free(live->routes.many);
        if (live->allocated)
                free(live);
}

/* --- ends of `next` --- */

void pool_face_release(struct pool_face *face, const struct pool_face *heir)
{
        for (enum family f = 0; f < FAMILY_COUNT; f++)
                if (face->pickers[f] != heir->pickers[f])
                        picker_free((void *)face->pickers[f]);
        if (face->targets != heir->targets)
                targets_free(face->targets, heir->targets);
}

void route_face_release(struct steering *t, struct route_face *face, const struct route_face *heir)
{
        route_face_free(face, heir);
        if (face->view != heir->view)
                view_drop(t->views, face->view);
}

/* Readers may look at its `since` a little longer. */
void pool_next_end(struct pool_live *live)
{
        struct pool_next *next = live->next;

        rcu_put(live->next, NULL);
        rcu_retire(next, free);
}

void route_next_end(struct route *r)
{
        struct route_next *next = r->next;

        rcu_put(r->next, NULL);
        rcu_retire(next, free);
}

/* What it touched may have got its `next` from a later edit. */
static void pool_fold(struct pool_live *live, uint64_t version)
{
        struct pool_face old = live->face;

        if (!live->next || live->next->since != version)
                return;
        live->face = live->next->face;
        pool_next_end(live);
        pool_face_release(&old, &live->face);
}

static void route_fold(struct steering *t, struct route *r, uint64_t version)
{
        struct route_face old = r->face;

        if (!r->next || r->next->since != version)
                return;
        r->face = r->next->face;
        route_next_end(r);
        route_face_release(t, &old, &r->face);
}

void steering_edit_free(struct steering_edit *e)
{
        free(e->pools.items);
        free(e->fresh.items);
        free(e->gone.items);
        free(e->routes.items);
        free(e->fresh_routes.items);
        free(e->unneeded.items);
        free(e->gone_routes.items);
        free(e->services);
        free(e->endpoints);
        rcu_grace_free(e->grace);
        free(e);
}

void steering_edit_fold(struct steering *t, struct steering_edit *e)
{
        for (uint32_t i = 0; i < e->unneeded.count; i++)
                if (t->pools[e->unneeded.items[i]->number] == e->unneeded.items[i])
                        addresses_forget(t, e->unneeded.items[i]);
        for (uint32_t i = 0; i < e->pools.count; i++)
                pool_fold(e->pools.items[i], e->version);
        for (uint32_t i = 0; i < e->routes.count; i++)
                route_fold(t, e->routes.items[i], e->version);
        for (uint32_t i = 0; i < e->gone_routes.count; i++)
                route_free(t, e->gone_routes.items[i]);
        for (uint32_t i = 0; i < e->gone.count; i++)
                pool_free(e->gone.items[i]);
        steering_edit_free(e);
}

void steering_fold(struct steering *t, bool wait)
{
        while (t->kept && (wait || rcu_grace_over(t->kept->grace))) {
                struct steering_edit *e = t->kept;
                rcu_grace_wait(e->grace);
                t->kept = e->next;
                steering_edit_fold(t, e);
        }
}
