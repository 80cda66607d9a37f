#include "zones/monitors/monitor_external.h"

#include <stddef.h>

static const struct field external_fields[] = {
        ENUM("when_silent", monitor_external, when_silent, SILENT_UNKNOWN, state_names,
             "external: what an endpoint is when nobody has said anything, or its time is over; unknown counts as "
             "up"),
        {0},
};
const struct schema monitor_external_schema = {
        .name = "external", .size = sizeof(struct monitor_external), .fields = external_fields};
