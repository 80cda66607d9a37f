/* How an edit ends: dropped, or kept. Control thread. */
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "zones/dns/numbers.h"
#include "zones/steering/steering_edit_private.h"

/* --- dropping --- */

/* What readers look at is as it was; of the rest, links have been undone one by one, and lists hold what they hold. */
static void pool_restore(struct pool_live *live)
{
        const size_t own = offsetof(struct pool_live, pool);
        const struct pool_live links = *live;

        if (live->next) {
                struct pool_face unread = live->next->face;
                pool_next_end(live);
                pool_face_release(&unread, &live->face);
        }
        memcpy((char *)live + own, (const char *)links.was + own, sizeof(*live) - own);
        live->in_next = links.in_next;
        live->last_resort_of = links.last_resort_of;
        live->routes = links.routes;
        live->flattening = links.flattening;
        live->timing = links.timing;
        live->marked = links.marked;
        live->moving = links.moving;
        live->timed = links.timed;
        live->delayed = links.delayed;
        live->turned = links.turned;
        free(links.was);
}

static void route_restore(struct steering *t, struct route *r)
{
        if (r->next) {
                struct route_face unread = r->next->face;
                route_next_end(r);
                route_face_release(t, &unread, &r->face);
        }
        memcpy(r->reach, r->was->reach, sizeof(r->reach));
        r->families = r->was->families;
        free(r->was);
        r->was = NULL;
}

/* Pools that contain services lead again where they led. */
static void nests_undo(struct steering *t)
{
        struct steering_edit *e = t->edit;

        for (uint32_t i = 0; i < e->fresh.count; i++)
                if (e->fresh.items[i]->pool->service_name)
                        pool_unnest(t, e->fresh.items[i]);
        for (uint32_t i = 0; i < e->pools.count; i++) {
                struct pool_live *live = e->pools.items[i];
                const struct pool *now = live->pool, *was = live->was->pool;
                bool gone = t->pools[live->number] != live;
                if (pool_face(live)->nested == live->face.nested && now == was && !gone)
                        continue;
                if (now->service_name && !gone)
                        pool_unnest(t, live);
                if (pool_face(live)->nested != live->face.nested)
                        live->next->face.nested = live->face.nested;
                if (was->service_name)
                        pool_nest(t, live, (struct route *)live->face.nested);
        }
}

static void services_undo(struct steering *t)
{
        struct steering_edit *e = t->edit;

        for (size_t i = e->service_count; i-- > 0;) {
                const struct edited_service *s = &e->services[i];
                if (s->before && !s->before->services++)
                        route_attach(t, s->before);
                t->route_of_service[s->number] = s->before;
        }
        nests_undo(t);
        for (size_t i = e->service_count; i-- > 0;) {
                struct route *r = e->services[i].after;
                if (r && !--r->services)
                        route_detach(t, r);
        }
}

/* By the links and targets that are back: those were others already when some endpoints were kept; and addresses that
 * were found meanwhile are no trial. */
static void flattened_undo(struct steering *t, struct pool_live *live)
{
        const struct target *target = targets_first(live->face.targets);

        for (uint32_t i = 0; i < live->face.targets->count; i++, target = target_next(target)) {
                if (target->type != TYPE_CNAME)
                        continue;
                t->live[target->endpoint].flattened = live->flattening > 0;
                t->live[target->endpoint].resolved = target_addresses(target) != NULL;
                steering_mark_pool(t, live);
        }
}

static void pools_undo(struct steering *t)
{
        struct steering_edit *e = t->edit;

        for (uint32_t i = 0; i < e->pools.count; i++) {
                pool_restore(e->pools.items[i]);
                t->pools[e->pools.items[i]->number] = e->pools.items[i];
                pool_figures_init(e->pools.items[i]);
        }
        for (size_t i = e->endpoint_count; i-- > 0;) { /* what was touched twice was kept first as it was */
                t->live[e->endpoints[i].number] = e->endpoints[i].live;
                t->states[e->endpoints[i].number] = e->endpoints[i].state;
        }
        for (uint32_t i = 0; i < e->pools.count; i++)
                flattened_undo(t, e->pools.items[i]);
        for (uint32_t i = 0; i < e->fresh.count; i++) {
                struct pool_live *live = e->fresh.items[i];
                steering_forget(t, live);
                t->pools[live->number] = NULL;
                pool_free(live);
        }
}

static void count_uses_back(struct steering *t)
{
        for (size_t i = 0; i < t->edit->count; i++) {
                const struct edited *item = &t->edit->items[i];
                if (item->kind != KIND_SERVICES)
                        continue;
                if (item->after)
                        steering_uses(t, item->after, -1);
                if (item->before)
                        steering_uses(t, item->before, 1);
        }
}

void steering_edit_drop(struct steering *t, struct steering_edit *e)
{
        assert(t->edit == e);
        e->undoing = true;
        count_uses_back(t);
        services_undo(t);
        for (uint32_t i = 0; i < e->routes.count; i++)
                route_restore(t, e->routes.items[i]);
        for (uint32_t i = 0; i < e->fresh_routes.count; i++) /* before pools, whose choices they have */
                route_free(t, e->fresh_routes.items[i]);
        pools_undo(t);
        t->pool_count = e->pools_before;
        t->service_count = e->services_before;
        t->endpoint_count = e->endpoints_before;
        t->edit = NULL;
        for (uint32_t i = 0; i < e->pools.count; i++) {
                struct pool_live *live = e->pools.items[i];
                steering_watch(t, live);
                steering_watch_release(t, live);
        }
        steering_edit_free(e);
        steering_settle(t);
}

/* --- keeping --- */

void steering_edit_keep(struct steering *t, struct steering_edit *e)
{
        struct steering_edit **last = &t->kept;

        assert(t->edit == e);
        for (uint32_t i = 0; i < e->pools.count; i++) {
                free(e->pools.items[i]->was);
                e->pools.items[i]->was = NULL;
        }
        for (uint32_t i = 0; i < e->routes.count; i++) {
                free(e->routes.items[i]->was);
                e->routes.items[i]->was = NULL;
        }
        for (uint32_t i = 0; i < e->fresh.count; i++)
                e->fresh.items[i]->fresh = false;
        for (uint32_t i = 0; i < e->fresh_routes.count; i++) {
                e->fresh_routes.items[i]->fresh = false;
                if (!e->fresh_routes.items[i]->services) /* another item of the edit took it away again */
                        route_push(&e->gone_routes, e->fresh_routes.items[i]);
        }
        t->edit = NULL;
        e->grace = rcu_grace_begin();
        while (*last)
                last = &(*last)->next;
        *last = e;
}

void steering_edit_end(struct steering *t)
{
        if (t->edit)
                steering_edit_drop(t, t->edit);
        while (t->kept) {
                struct steering_edit *e = t->kept;
                t->kept = e->next;
                steering_edit_fold(t, e);
        }
}
