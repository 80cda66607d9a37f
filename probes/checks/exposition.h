/* probes/checks/exposition.h: readings out of what servers expose: Prometheus text, and the CSV of HAProxy's
 * statistics. Pure; the text may be anything. https://prometheus.io/docs/instrumenting/exposition_formats/ */
#ifndef PROBES_CHECKS_EXPOSITION_H
#define PROBES_CHECKS_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>

/* The sum of all samples of NAME, or NAME{LABEL="VALUE",...} with at least these labels. false when there is none. */
bool exposition_prometheus(const char *text, size_t length, const char *select, double *value);
/* PROXY/SERVER:COLUMN; SERVER may be FRONTEND or BACKEND. false when there is no such row, column or number. */
bool exposition_haproxy_csv(const char *text, size_t length, const char *select, double *value);

#endif
