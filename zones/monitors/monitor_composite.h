/* zones/monitors/monitor_composite.h: which monitors it is made of, and how many of them must pass. */
#ifndef ZONES_MONITORS_MONITOR_COMPOSITE_H
#define ZONES_MONITORS_MONITOR_COMPOSITE_H

#include <stdint.h>
#include "base/documents/schema.h"

#define COMPOSITE_PARTS_MAX 8
#define COMPOSITE_DEPTH_MAX 3 /* composites of composites */

struct monitor_composite {
        struct strings of; /* names */
        uint32_t need;     /* how many must pass; 0: all */
        uint32_t *parts;   /* indexes, of.count of them */
};

extern const struct schema monitor_composite_schema;

#endif
