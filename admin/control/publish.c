/* Putting a snapshot in force. */
#include "admin/control/control_private.h"

void control_publish(struct control *control, struct snapshot *snapshot)
{
        control_health_plan(control, snapshot->model);
        control_states_make(control, snapshot);
        flattening_watch(control->flattening, snapshot);
        snapshot_publish(snapshot);
        control_health_take(control);
        control_states_flush(control);
}
