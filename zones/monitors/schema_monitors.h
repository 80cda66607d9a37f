/* zones/monitors/schema_monitors.h: what the tables of monitors share. */
#ifndef ZONES_MONITORS_SCHEMA_MONITORS_H
#define ZONES_MONITORS_SCHEMA_MONITORS_H

#include "base/documents/schema_checks.h"
#include "zones/monitors/monitor.h"

extern const struct schema monitor_expect_schema; /* schema_monitor_http.c */

/* schema_monitor_types.c: fields that belong to one type of monitor. */
extern const struct schema script_step_schema, monitor_udp_schema, monitor_grpc_schema, monitor_exec_schema,
        monitor_dns_schema;

/* schema_monitor_load.c */
extern const struct schema monitor_agent_schema, monitor_metrics_schema, monitor_external_schema,
        monitor_composite_schema;

/* A map of strings on one line; const struct doc *. */
void check_headers(const struct doc *at, struct arena *, void *out, struct problems *);
/* struct pattern: its text is there and is compiled. */
void check_regex(const struct doc *at, struct arena *, void *out, struct problems *);

#endif
