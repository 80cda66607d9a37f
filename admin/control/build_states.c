/* What is known of endpoints, from what is in force to what is built. Control thread. */
#include <stdlib.h>
#include <string.h>
#include "admin/control/build_private.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/rcu.h"
#include "zones/steering/steering_build.h"

#define LOOK_EVERY 16 /* pools between two looks at the clock */

static bool is_over(uint32_t done, uint64_t until_us)
{
        return done % LOOK_EVERY == 0 && clock_us() >= until_us;
}

static const struct pool *pool_of(const struct model *m, uint32_t pool)
{
        return pool < m->count[KIND_POOLS] ? m->pools[pool] : NULL;
}

static bool was_there(const struct build *b, uint32_t endpoint)
{
        const struct model *before = b->before->model;

        return endpoint < before->endpoint_count && before->endpoints[endpoint];
}

/* One that is not checked is not known; which schedule holds was a place in another list. */
static struct endpoint_state state_now(const struct build *b, const struct endpoint *e)
{
        const struct model *m = b->result.snapshot->model;
        struct endpoint_state s = {.figures = FIGURES_UNKNOWN};

        if (was_there(b, e->number))
                s = b->control->states[e->number];
        s.scheduled = (struct scheduled){0};
        if (endpoint_failback(m, e)->failback == FAILBACK_AUTO)
                s.held_since_s = 0;
        if (e->monitor == MODEL_NONE || !endpoint_is_used(e)) {
                s.health = HEALTH_UNKNOWN;
                s.half_open_percent = 0;
        }
        return s;
}

bool build_carry_some(struct build *b, uint64_t until_us)
{
        const struct snapshot *s = b->result.snapshot;
        uint32_t end = s->model->count[KIND_POOLS];

        if (!b->drains) {
                steering_notes(b->before->steering, true);
                b->drains = drains_copy(b->control->drains);
                b->drains_seen = drains_changes(b->control->drains);
        }
        for (uint32_t done = 1; b->at < end; b->at++, done++) {
                const struct pool *p = s->model->pools[b->at];
                if (is_over(done, until_us))
                        return false;
                steering_carry(s->steering, b->before->steering, b->at);
                for (uint32_t i = 0; p && i < p->endpoints.count; i++)
                        b->states[p->endpoints.items[i].number] = state_now(b, &p->endpoints.items[i]);
        }
        return true;
}

/* --- what was noted --- */

/* Whether drains cover all of it as they did before; else they are looked up. */
static bool covered_alike(const struct build *b, const struct pool *p)
{
        const struct pool *was = pool_of(b->before->model, p->number);

        if (b->all_again || !was || !was->region_name != !p->region_name ||
            (p->region_name && strcmp(was->region_name, p->region_name) != 0))
                return false;
        for (uint32_t i = 0; i < p->endpoints.count; i++)
                if (!was_there(b, p->endpoints.items[i].number))
                        return false;
        return true;
}

static void follow_pool(struct build *b, const struct pool *p)
{
        const struct snapshot *s = b->result.snapshot;

        steering_carry(s->steering, b->before->steering, p->number);
        for (uint32_t i = 0; i < p->endpoints.count; i++) {
                struct endpoint_state *state = &b->states[p->endpoints.items[i].number];
                struct scheduled scheduled = state->scheduled;
                *state = state_now(b, &p->endpoints.items[i]);
                state->scheduled = scheduled;
        }
        if (!covered_alike(b, p))
                drains_into_pool(b->control->drains, p, s->model, clock_wall_ms(), b->states, NULL);
        for (uint32_t i = 0; i < p->endpoints.count; i++)
                steering_set(s->steering, p->endpoints.items[i].number, &b->states[p->endpoints.items[i].number]);
}

/* Drains have changed: pools that they cover otherwise than before note nothing of it. */
static bool follow_drains(struct build *b, uint64_t until_us)
{
        const struct model *m = b->result.snapshot->model;

        for (uint32_t done = 1; b->drains_at < m->count[KIND_POOLS]; b->drains_at++, done++) {
                const struct pool *p = m->pools[b->drains_at];
                if (is_over(done, until_us))
                        return false;
                if (p && !covered_alike(b, p))
                        follow_pool(b, p);
        }
        b->drains_at = 0;
        b->all_again = false;
        return true;
}

static bool follow_all(struct build *b, uint64_t until_us)
{
        uint64_t changes = drains_changes(b->control->drains);
        const struct pool *p;
        uint32_t pool;

        for (uint32_t done = 1; steering_noted(b->before->steering, &pool); done++) {
                p = pool_of(b->result.snapshot->model, pool);
                if (p)
                        follow_pool(b, p);
                if (is_over(done, until_us))
                        return false;
        }
        if (changes == b->drains_seen && !b->all_again)
                return true;
        if (!follow_drains(b, until_us))
                return false;
        b->drains_seen = changes;
        return true;
}

bool build_follow_some(struct build *b, uint64_t until_us)
{
        bool done = follow_all(b, until_us);

        steering_publish(b->result.snapshot->steering);
        return done;
}

/* --- in force --- */

/* What another plan makes of health, before anybody sees it; control_health_take tells of it when it is in force. */
static void enter_health(struct build *b)
{
        const struct snapshot *s = b->result.snapshot;

        if (!b->checks_change)
                return;
        control_health_plan_put(b->control, s->model, b->plan);
        b->plan = NULL;
        for (uint32_t i = 0; i < b->checked_count; i++) {
                struct endpoint_state *state = &b->states[b->checked[i]];
                control_health_of(b->control, s->model, b->checked[i], state);
                steering_set(s->steering, b->checked[i], state);
        }
}

static void nobody(void *context, const struct schedule_turn *turn)
{
}

static void take_states(struct build *b)
{
        struct control *control = b->control;

        rcu_retire(control->states, free);
        control->states = b->states;
        control->state_room = b->result.snapshot->model->endpoint_count;
        b->states = NULL;
        schedules_free(control->schedules);
        control->schedules = b->schedules;
        b->schedules = NULL;
}

void build_enter(struct build *b, const struct revision *r)
{
        struct control *control = b->control;
        struct snapshot *s = b->result.snapshot;
        const struct scheduling on = {s->model, b->states, s->steering};

        control_states_schedules(control); /* what turned before belongs to what was in force then */
        holds_look(control);
        build_follow_some(b, UINT64_MAX);
        enter_health(b);
        schedules_turn(b->schedules, &on, clock_wall_ms(), (int64_t)clock_ms(), nobody, NULL);
        figures_into(control->figures, s->model, clock_ms(), b->states, s->steering);
        steering_publish(s->steering);
        flattening_watch(control->flattening, s, b->flattened, b->flattened_count);
        traffic_follow(control->traffic, s);
        if (r) { /* as it was written */
                s->revision = s->base->model->revision = r->number;
                s->base->model->revision_time_ms = r->time_ms;
        }
        take_states(b);
        snapshot_publish(s);
        b->result.snapshot = NULL;
        control->tokens_version++;
        drains_look(control->drains, s->model);
        holds_follow(control);
        control_health_take(control);
        control_states_flush(control);
        control_health_tell(control);
}
