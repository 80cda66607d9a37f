/* zones/monitors/monitor_metrics.h: which figures are read from a page. */
#ifndef ZONES_MONITORS_MONITOR_METRICS_H
#define ZONES_MONITORS_MONITOR_METRICS_H

#include <stdbool.h>
#include "base/documents/schema.h"
#include "zones/monitors/figures.h"

/* A figure in what is scraped. */
struct reading {
        const char *select; /* NULL: not read */
        bool rate;
        double scale;
};
enum metrics_format { METRICS_PROMETHEUS, METRICS_HAPROXY_CSV };
struct monitor_metrics {
        int format; /* enum metrics_format */
        bool https;
        struct reading readings[FIGURE_COUNT]; /* by enum figure */
};

extern const struct schema monitor_metrics_schema;

#endif
