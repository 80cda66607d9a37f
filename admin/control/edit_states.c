#include "admin/control/edit_states.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/control/control_private.h"
#include "base/clock.h"
#include "base/memory.h"

static const struct endpoint_state unknown = {.figures = FIGURES_UNKNOWN};

static void make_room(struct control *control, uint32_t count)
{
        if (count <= control->state_room)
                return;
        uint32_t room = control->state_room * 2 > count ? control->state_room * 2 : count;

        control->states = memory_resize(control->states, room * sizeof(*control->states));
        for (uint32_t i = control->state_room; i < room; i++)
                control->states[i] = unknown;
        control->state_room = room;
}

/* --- what they begin with --- */

typedef void visit_number(struct control *, void *context, uint32_t number);

/* Each endpoint that is or was in a pool of these. */
static void each_endpoint(struct control *control, const struct edited *items, size_t count, visit_number *visit,
                          void *context)
{
        for (size_t i = 0; i < count; i++) {
                const struct pool *before = items[i].before, *after = items[i].after;
                if (items[i].kind != KIND_POOLS)
                        continue;
                for (uint32_t n = 0; before && n < before->endpoints.count; n++)
                        visit(control, context, before->endpoints.items[n].number);
                for (uint32_t n = 0; after && n < after->endpoints.count; n++)
                        visit(control, context, after->endpoints.items[n].number);
        }
}

/* One that is not checked is not known; one that is no more is forgotten. */
static void begin(struct control *control, void *context, uint32_t number)
{
        const struct endpoint *e = snapshot_current()->base->model->endpoints[number];
        struct endpoint_state *s = &control->states[number];

        (void)context;
        if (e && endpoint_failback(snapshot_current()->base->model, e)->failback == FAILBACK_AUTO)
                s->held_since_s = 0; /* with the revision that says so */
        if (!e) {
                *s = unknown;
        } else if (e->monitor == MODEL_NONE || !endpoint_is_used(e)) {
                s->health = HEALTH_UNKNOWN;
                s->half_open_percent = 0;
        }
}

static void put(struct control *control, const struct edited *items, size_t count, bool in_force)
{
        const struct snapshot *snapshot = snapshot_current();
        const struct model *m = snapshot->base->model;
        int64_t now = clock_wall_ms();
        char key[300];

        make_room(control, m->endpoint_count);
        each_endpoint(control, items, count, begin, NULL);
        const struct scheduling on = {m, control->states, snapshot->steering};
        if (in_force)
                schedules_edit(control->schedules, &on, items, count, now);
        else
                schedules_suppose_edit(control->schedules, &on, items, count, now);
        for (size_t i = 0; i < count; i++) {
                const struct pool *p = items[i].after;
                if (items[i].kind != KIND_POOLS || !p)
                        continue;
                snprintf(key, sizeof(key), "%s/%s", drain_scope_name(DRAIN_POOL), p->name);
                drains_into_covered(control->drains, key, m, now, control->states, snapshot->steering);
        }
        steering_publish(snapshot->steering);
}

void edit_states_put(struct control *control, const struct edited *items, size_t count)
{
        put(control, items, count, true);
}

/* --- and back --- */

struct saved_states {
        struct saved {
                uint32_t number;
                struct endpoint_state state;
        } * list;
        size_t count, room;
};

static void save(struct control *control, void *context, uint32_t number)
{
        struct saved_states *s = context;

        if (s->count == s->room) {
                s->room = s->room ? s->room * 2 : 16;
                s->list = memory_resize(s->list, s->room * sizeof(*s->list));
        }
        s->list[s->count++] = (struct saved){number, control->states[number]};
}

struct saved_states *edit_states_try(struct control *control, const struct edited *items, size_t count)
{
        struct saved_states *s = memory_alloc(sizeof(*s));

        make_room(control, snapshot_current()->base->model->endpoint_count);
        each_endpoint(control, items, count, save, s);
        put(control, items, count, false);
        return s;
}

void edit_states_back(struct control *control, struct saved_states *s)
{
        for (size_t i = s->count; i--;) /* what stands twice was saved first as it was */
                control->states[s->list[i].number] = s->list[i].state;
        free(s->list);
        free(s);
}

/* --- checks --- */

static void take_health(struct control *control, void *context, uint32_t number)
{
        const struct model *m = context;

        if (!m->endpoints[number])
                return;
        control_health_of(control, m, number, &control->states[number]);
        control_states_set(control, number);
}

/* --- addresses of host names --- */

static void look_at_service(struct control *, const struct snapshot *, const struct service *, unsigned depth);

/* Its endpoints, and those that it leads to through a service that it contains. */
static void look_at_pool(struct control *control, const struct snapshot *s, const struct pool *p, unsigned depth)
{
        for (uint32_t i = 0; p && i < p->endpoints.count; i++)
                flattening_look(control->flattening, s, p->endpoints.items[i].number);
        if (p && p->service_name && depth)
                look_at_service(control, s, s->base->model->services[p->service], depth - 1);
}

/* Pools and services that are no more are among the items themselves. */
static void look_at_service(struct control *control, const struct snapshot *s, const struct service *service,
                            unsigned depth)
{
        struct pool *const *pools = s->base->model->pools;

        for (uint32_t i = 0; service && i < service->pools.count; i++)
                look_at_pool(control, s, pools[service->pools.items[i].pool], depth);
        if (service && service->last_resort_name)
                look_at_pool(control, s, pools[service->last_resort], depth);
}

/* Host names may be looked up, or no more, because of these. */
static void look_at_names(struct control *control, const struct snapshot *s, const struct edited *items, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (items[i].kind == KIND_POOLS) {
                        look_at_pool(control, s, items[i].before, SERVICE_DEPTH_MAX);
                        look_at_pool(control, s, items[i].after, SERVICE_DEPTH_MAX);
                } else if (items[i].kind == KIND_SERVICES) {
                        look_at_service(control, s, items[i].before, SERVICE_DEPTH_MAX);
                        look_at_service(control, s, items[i].after, SERVICE_DEPTH_MAX);
                }
}

/* Whether a drain may have lost what it is of. */
static bool takes_targets(const struct edited *items, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (items[i].before &&
                    (items[i].kind == KIND_POOLS || (items[i].kind == KIND_REGIONS && !items[i].after)))
                        return true;
        return false;
}

void edit_states_watch(struct control *control, const struct edited *items, size_t count)
{
        struct snapshot *snapshot = snapshot_current();

        if (takes_targets(items, count))
                drains_look(control->drains, snapshot->base->model);
        if (control_health_plan_edit(control, snapshot->base->model, items, count)) {
                each_endpoint(control, items, count, take_health, snapshot->base->model);
                steering_publish(snapshot->steering);
        }
        look_at_names(control, snapshot, items, count);
}
