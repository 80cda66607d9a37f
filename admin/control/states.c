#include "admin/control/control_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/time_zones/time_zones.h"

void control_states_set(struct control *control, uint32_t endpoint)
{
        steering_set(snapshot_current()->steering, endpoint, &control->states[endpoint]);
}

void control_states_flush(struct control *control)
{
        if (control->states_changed)
                steering_update(snapshot_current()->steering, control->states);
        else
                steering_publish(snapshot_current()->steering);
        control->states_changed = false;
}

static void tell_turn(void *control, const struct schedule_turn *turn)
{
        events_add_schedule(control, turn);
}

void control_states_schedules(struct control *control)
{
        const struct snapshot *snapshot = snapshot_current();
        const struct scheduling on = {snapshot->model, control->states, snapshot->steering};

        schedules_turn(control->schedules, &on, clock_wall_ms(), (int64_t)clock_ms(), tell_turn, control);
}

static void tell_reloaded(void *context, const char *name, const char *error)
{
        if (error)
                log_error("schedules", "%s; it stays as it was read before", error);
        else
                log_info("schedules", "the time zone %s is another now", name);
}

void control_reload_time_zones(struct control *control)
{
        control->time_zones_waiting = control->building;
        if (control->building)
                return;
        if (time_zones_reload(tell_reloaded, NULL))
                schedules_look_anew(control->schedules);
}

void control_states_figures(struct control *control)
{
        const struct snapshot *snapshot = snapshot_current();

        figures_into(control->figures, snapshot->model, clock_ms(), control->states, snapshot->steering);
}

void control_figures(struct control *control, const char *id, const struct told_figures *figures)
{
        figures_pushed(control->figures, id, figures);
        control_states_figures(control);
        control_states_flush(control);
}

/* --- of health --- */

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

void control_state_of_health(struct endpoint_state *s, enum verdict_state state, uint32_t share)
{
        s->health = (uint8_t)health_from(state);
        s->half_open_percent = share < 100 ? (uint8_t)share : 0;
}

static void take(const struct control *control, uint32_t place, struct endpoint_state *s)
{
        control_state_of_health(s, health_state_at(control->health, place), health_share_at(control->health, place));
}

void control_health_into(const struct control *control, struct endpoint_state *states)
{
        const struct roster *plan = health_plan(control->health);

        for (uint32_t i = 0; i < roster_end(plan); i++)
                if (roster_at(plan, i))
                        take(control, i, &states[roster_at(plan, i)->number]);
}

void control_health_of(const struct control *control, const struct model *m, uint32_t endpoint,
                       struct endpoint_state *state)
{
        char id[512];
        uint32_t place = roster_find(health_plan(control->health), endpoint_id(m, endpoint, id, sizeof(id)));

        if (place != ROSTER_NONE)
                take(control, place, state);
}

static void states_take_round_trip(void *context, const struct check *check, uint32_t region, uint32_t rtt_us)
{
        struct control *control = context;

        if (region != HEALTH_NOWHERE) {
                steering_round_trip(snapshot_current()->steering, region, check->number, rtt_us);
                return;
        }
        control->states[check->number].rtt_us = rtt_us;
        control_states_set(control, check->number);
}

void control_health_round_trips(struct control *control)
{
        health_round_trips(control->health, states_take_round_trip, control);
}
