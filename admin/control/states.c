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
