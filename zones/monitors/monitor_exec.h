/* zones/monitors/monitor_exec.h: which program of the operator's checks. */
#ifndef ZONES_MONITORS_MONITOR_EXEC_H
#define ZONES_MONITORS_MONITOR_EXEC_H

#include "base/documents/schema.h"

struct monitor_exec {
        const char *program; /* NULL: not given */
        struct strings arguments;
};

extern const struct schema monitor_exec_schema;

#endif
