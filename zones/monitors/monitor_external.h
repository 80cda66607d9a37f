/* zones/monitors/monitor_external.h: what counts while nobody says anything. */
#ifndef ZONES_MONITORS_MONITOR_EXTERNAL_H
#define ZONES_MONITORS_MONITOR_EXTERNAL_H

#include "base/documents/schema.h"
#include "zones/monitors/state_names.h"

enum when_silent { STATES(NAMED_VALUE, SILENT) };

struct monitor_external {
        int when_silent; /* enum when_silent */
};

extern const struct schema monitor_external_schema;

#endif
