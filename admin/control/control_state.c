#include "admin/control/control_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

static enum health health_from(enum verdict_state state)
{
        switch (state) {
        case VERDICT_UP:
                return HEALTH_UP;
        case VERDICT_DOWN:
                return HEALTH_DOWN;
        case VERDICT_UNKNOWN:
                break;
        }
        return HEALTH_UNKNOWN;
}

/* As struct endpoint_state has it. */
static uint8_t half_open(uint32_t percent)
{
        return percent < 100 ? (uint8_t)percent : 0;
}

static bool drain_in_force(const struct drain *d, int64_t wall_ms)
{
        return d->target != MODEL_NONE && (d->until_ms == 0 || d->until_ms > wall_ms);
}

static bool drain_covers(const struct model *m, const struct drain *d, uint32_t number)
{
        const struct endpoint *e = m->endpoints[number];

        switch ((enum drain_scope)d->scope) {
        case DRAIN_REGION:
                return m->pools[e->pool].region == d->target;
        case DRAIN_POOL:
                return e->pool == d->target;
        case DRAIN_ENDPOINT:
                break;
        }
        return number == d->target;
}

static void drains_into(const struct model *m, int64_t wall_ms, struct endpoint_state *states)
{
        for (uint32_t i = 0; i < m->endpoint_count; i++)
                states[i].drained_by_operator = false;
        for (uint32_t d = 0; d < m->count[KIND_DRAINS]; d++) {
                if (!drain_in_force(&m->drains[d], wall_ms))
                        continue;
                for (uint32_t i = 0; i < m->endpoint_count; i++)
                        states[i].drained_by_operator |= drain_covers(m, &m->drains[d], i);
        }
        for (uint32_t i = 0; i < m->endpoint_count; i++)
                states[i].drained = states[i].drained_by_operator || states[i].drained_by_agent;
}

bool control_states_drains(struct control *control, int64_t wall_ms)
{
        const struct model *m = snapshot_current()->model;
        bool expired = false;

        for (uint32_t d = 0; d < m->count[KIND_DRAINS]; d++)
                expired |= !drain_in_force(&m->drains[d], wall_ms);
        if (expired) {
                drains_into(m, wall_ms, control->states);
                control->states_changed = true;
        }
        return expired;
}

void control_states_make(struct control *control, struct snapshot *snapshot)
{
        const struct snapshot *before = snapshot_current();
        const struct model *m = snapshot->model;
        struct endpoint_state *states = memory_alloc((m->endpoint_count + 1) * sizeof(*states));
        char id[512];

        for (uint32_t i = 0; i < m->endpoint_count; i++) {
                endpoint_id(m, i, id, sizeof(id));
                uint32_t was = before && control->states ? endpoint_number(before->model, id) : MODEL_NONE;
                states[i] = was == MODEL_NONE
                                    ? (struct endpoint_state){.load = -1, .errors = -1, .cpu = -1, .memory = -1}
                                    : control->states[was];
                states[i].health = (uint8_t)health_from(health_of(control->health, id));
                states[i].half_open_percent = half_open(health_share(control->health, id));
        }
        free(control->states);
        control->states = states;
        drains_into(m, clock_wall_ms(), control->states);
        figures_into(control->figures, m, clock_ms(), control->states);
        steering_update(snapshot->steering, control->states);
        control->states_changed = false;
}

void control_states_flush(struct control *control)
{
        if (!control->states_changed)
                return;
        control->states_changed = false;
        steering_update(snapshot_current()->steering, control->states);
}

void control_states_figures(struct control *control)
{
        control->states_changed |=
                figures_into(control->figures, snapshot_current()->model, clock_ms(), control->states);
}

bool control_say(struct control *control, const char *id, enum verdict_state state, const char *detail, const char *who,
                 int64_t ttl_ms)
{
        uint64_t now = clock_ms();
        bool taken = health_say(control->health, id, state, detail, who, now + (uint64_t)ttl_ms, now);

        control_states_flush(control);
        return taken;
}

void control_figures(struct control *control, const char *id, const struct figures *figures)
{
        figures_pushed(control->figures, id, figures);
        control_states_figures(control);
        control_states_flush(control);
}

void control_failback(struct control *control, enum drain_scope scope, const char *name)
{
        struct snapshot *snapshot = snapshot_current();
        const struct model *m = snapshot->model;

        for (uint32_t i = 0; i < m->count[KIND_POOLS]; i++)
                if (!strcmp(scope == DRAIN_POOL ? m->pools[i].name : m->pools[i].region_name, name))
                        steering_failback(snapshot->steering, i);
}

void control_states_round_trips(struct control *control, const struct report *report)
{
        struct snapshot *snapshot = snapshot_current();
        const struct model *m = snapshot->model;
        uint32_t prober = model_find(m, KIND_PROBERS, report->prober);

        for (uint32_t i = 0; i < report->count; i++) {
                const struct verdict *v = &report->verdicts[i];
                uint32_t number = v->rtt_us && v->state == VERDICT_UP ? endpoint_number(m, v->id) : MODEL_NONE;
                if (number == MODEL_NONE)
                        continue;
                control->states[number].rtt_us = v->rtt_us;
                control->states_changed = true;
                if (prober != MODEL_NONE)
                        steering_round_trip(snapshot->steering, m->probers[prober].region, number, v->rtt_us);
        }
}

void control_states_checked_figures(struct control *control, const struct report *report)
{
        uint64_t now = clock_ms();
        bool any = false;

        if (!health_trusts(control->health, report->prober))
                return;
        for (uint32_t i = 0; i < report->count; i++) {
                const struct verdict *v = &report->verdicts[i];
                const struct check *c = v->has_figures ? plan_find(control->plan, v->id) : NULL;
                if (!c)
                        continue;
                figures_checked(control->figures, v->id, &v->figures, now + (uint64_t)c->monitor->stale_after_ms);
                any = true;
        }
        if (any)
                control_states_figures(control);
}

static void event_add_health(struct control *control, const struct health_change *change)
{
        struct control_event *e = &control->events[control->event_count++ % CONTROL_EVENTS_MAX];

        *e = (struct control_event){.time_ms = clock_wall_ms(),
                                    .lasted_ms = (int64_t)change->lasted_ms,
                                    .state = change->state,
                                    .before = change->before};
        snprintf(e->endpoint, sizeof(e->endpoint), "%s", change->id);
        snprintf(e->prober, sizeof(e->prober), "%s", change->prober ? change->prober : "");
        e->reason = change->because ? reason_name((enum reason)change->because->reason) : "stale";
        if (change->because)
                snprintf(e->detail, sizeof(e->detail), "%s", change->because->detail);
}

void control_health_changed(void *context, const struct health_change *change)
{
        struct control *control = context;
        const struct snapshot *snapshot = snapshot_current();
        uint32_t number = snapshot ? endpoint_number(snapshot->model, change->id) : MODEL_NONE;
        const struct verdict *because = change->because;
        char lasted[DURATION_TEXT_MAX];

        event_add_health(control, change);
        log_info("health", "%s is %s (%s%s%s; prober %s), after %s %s", change->id, verdict_state_name(change->state),
                 because ? reason_name((enum reason)because->reason) : "stale",
                 because && because->detail[0] ? ": " : "", because ? because->detail : "",
                 change->prober ? change->prober : "none", duration_format((int64_t)change->lasted_ms, lasted),
                 verdict_state_name(change->before));
        if (number == MODEL_NONE)
                return;
        if (control->states[number].health == HEALTH_DOWN && change->state == VERDICT_UP)
                control->states[number].up_since_ms = (int64_t)clock_ms();
        control->states[number].health = (uint8_t)health_from(change->state);
        control->states_changed = true;
}

void control_health_shared(void *context, const char *id, uint32_t percent)
{
        struct control *control = context;
        const struct snapshot *snapshot = snapshot_current();
        uint32_t number = snapshot ? endpoint_number(snapshot->model, id) : MODEL_NONE;

        if (number == MODEL_NONE)
                return;
        control->states[number].half_open_percent = half_open(percent);
        control->states_changed = true;
}

void control_watch_brake(struct control *control)
{
        uint32_t held = health_held(control->health);

        if (held && !control->held)
                log_error("health",
                          "%u endpoints would go down at once: that is held, they stay up. If it is true: gslbctl "
                          "health accept",
                          held);
        else if (!held && control->held)
                log_info("health", "no change of health is held any more");
        control->held = held;
}

void control_health_accept(struct control *control, int64_t for_ms, const char *who, const char *reason)
{
        uint64_t now = clock_ms();

        log_info("health", "%u held changes are accepted by %s%s%s", health_held(control->health), who,
                 *reason ? ": " : "", reason);
        health_accept(control->health, now + (uint64_t)for_ms, now);
        control_watch_brake(control);
        control_states_flush(control);
}
