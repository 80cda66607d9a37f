/* The stored configuration, loaded and built whole while the one before is in force. */
#include <stdio.h>
#include "admin/control/control_private.h"
#include "base/log.h"

struct snapshot *control_build_again(struct control *control, const struct geo *geo, char *error, size_t error_size)
{
        struct problems problems = PROBLEMS_INIT, left_out = PROBLEMS_INIT;
        struct store_txn *txn = store_read(control->store, error, error_size);
        struct model *model =
                txn ? model_load_rest(txn, snapshot_current()->model, &control->left_out, &left_out, &problems) : NULL;

        if (txn)
                store_end(txn);
        struct snapshot *snapshot = model ? snapshot_build(model, geo, snapshot_current(), &problems) : NULL;
        if (!snapshot && problems.count)
                snprintf(error, error_size, "%s", problems.list[0].message);
        problems_free(&problems);
        problems_free(&left_out);
        return snapshot;
}

void control_load_again(struct control *control)
{
        char error[CONTROL_ERROR_MAX] = "";
        struct snapshot *snapshot = control_build_again(control, control->geo, error, sizeof(error));

        if (snapshot)
                control_publish(control, snapshot);
        else
                log_error("store", "the configuration before stays in force until the next change: %s", error);
}
