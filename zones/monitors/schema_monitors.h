/* zones/monitors/schema_monitors.h: what the tables of monitors share. */
#ifndef ZONES_MONITORS_SCHEMA_MONITORS_H
#define ZONES_MONITORS_SCHEMA_MONITORS_H

#include "base/documents/schema_checks.h"
#include "zones/monitors/monitor.h"

extern const struct schema expect_schema; /* schema_monitor_http.c */

/* schema_monitor_types.c: fields that belong to one type of monitor. */
extern const struct schema script_step_schema, udp_schema, grpc_schema, exec_schema, dns_query_schema;

/* schema_monitor_load.c */
extern const struct schema agent_schema, metrics_schema, external_schema, composite_schema;

/* A map of strings on one line; const struct doc *. */
void check_headers(const struct doc *at, struct arena *, void *out, struct problems *);
/* A string that compiles as a POSIX extended regular expression and cannot take for ever. */
void check_regex(const struct doc *at, struct arena *, void *out, struct problems *);

#endif
