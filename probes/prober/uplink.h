/* probes/prober/uplink.h: one gslbd that a prober works for: a thread that fetches its plan and delivers reports, so
 * that a slow or dead gslbd delays neither checks nor other uplinks.
 *
 * Every uplink has its own plan and so its own engine; engines run on the prober's main thread. */
#ifndef PROBES_PROBER_UPLINK_H
#define PROBES_PROBER_UPLINK_H

#include <stdbool.h>
#include <stddef.h>
#include "probes/checks/exec.h"

struct event_base;
struct uplink;

struct uplink_options {
        const char *server; /* "http://192.0.2.1:8053" */
        const char *token, *ca_file;
        const char *name;              /* the prober's */
        struct exec_settings programs; /* that may be run */
};

struct uplink *uplink_start(struct event_base *, const struct uplink_options *, char *error, size_t error_size);
void uplink_stop(struct uplink *); /* joins its thread */

#endif
