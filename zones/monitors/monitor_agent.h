/* zones/monitors/monitor_agent.h: how the agent beside an endpoint is asked. */
#ifndef ZONES_MONITORS_MONITOR_AGENT_H
#define ZONES_MONITORS_MONITOR_AGENT_H

#include <stdbool.h>
#include "base/documents/schema.h"

struct monitor_agent {
        const char *send; /* NULL: nothing */
        bool required;
};

extern const struct schema monitor_agent_schema;

#endif
