/* Putting a snapshot in force. */
#include <stdlib.h>
#include "admin/control/control_private.h"
#include "base/clock.h"
#include "base/memory.h"

/* Those of the endpoints that are there already. */
static struct endpoint_state *carried(const struct control *control, const struct model *m)
{
        const struct model *before = snapshot_current() && control->states ? snapshot_current()->model : NULL;
        struct endpoint_state *states = memory_alloc((m->endpoint_count + 1) * sizeof(*states));
        const struct endpoint_state unknown = {.figures = FIGURES_UNKNOWN};

        for (uint32_t i = 0; i < m->endpoint_count; i++) {
                bool there = before && i < before->endpoint_count && before->endpoints[i] && m->endpoints[i];
                states[i] = there ? control->states[i] : unknown;
                states[i].scheduled = (struct scheduled){0}; /* a number in the list before */
                if (there && endpoint_failback(m, m->endpoints[i])->failback == FAILBACK_AUTO)
                        states[i].held_since_s = 0;
        }
        return states;
}

void control_suppose(struct control *control, const struct revision *r, struct snapshot *snapshot)
{
        const struct model *m = snapshot->model;
        struct endpoint_state *states = carried(control, m);

        for (uint32_t i = 0; i < m->endpoint_count; i++)
                if (!m->endpoints[i] || m->endpoints[i]->monitor == MODEL_NONE)
                        states[i].health = HEALTH_UNKNOWN;
        drains_into(control->drains, m, clock_wall_ms(), states);
        for (size_t i = 0; i < r->change_count; i++)
                if (r->changes[i].kind == KIND_DRAINS && r->changes[i].document)
                        drains_suppose(r->changes[i].key, m, states);
        schedules_suppose(&(struct scheduling){m, states, snapshot->steering}, clock_wall_ms());
        steering_update(snapshot->steering, states);
        free(states);
}

/* Fills `states` for a snapshot that is about to be published, from health and drains, and gives them to its tables. */
static void make_states(struct control *control, struct snapshot *snapshot)
{
        const struct model *m = snapshot->model;
        struct endpoint_state *states = carried(control, m);

        for (uint32_t i = 0; i < m->endpoint_count; i++) {
                states[i].health = HEALTH_UNKNOWN;
                states[i].half_open_percent = 0;
        }
        control_health_into(control, states);
        if (!snapshot_current()) {
                control_start_wait(control, snapshot, states);
                steering_tick(snapshot->steering, (int64_t)clock_ms()); /* what time it is */
                holds_begin(control, snapshot, states);
        }
        free(control->states);
        control->states = states;
        control->state_room = m->endpoint_count;
        drains_into(control->drains, m, clock_wall_ms(), control->states);
        schedules_take(control->schedules, &(struct scheduling){m, control->states, snapshot->steering},
                       clock_wall_ms());
        figures_into(control->figures, m, clock_ms(), control->states, NULL);
        steering_update(snapshot->steering, control->states);
        control->states_changed = false;
}

void control_publish(struct control *control, struct snapshot *snapshot)
{
        if (snapshot_current()) { /* what turned before belongs to what was in force then */
                control_states_schedules(control);
                holds_look(control);
        }
        control_health_plan(control, snapshot->model);
        make_states(control, snapshot);
        flattening_watch(control->flattening, snapshot);
        traffic_follow(control->traffic, snapshot);
        snapshot_publish(snapshot);
        control->tokens_version++;
        holds_follow(control);
        control_health_take(control);
        control_states_flush(control);
        control_health_tell(control);
}
