/* probes/checks/agent.h: what a line of HAProxy's agent-check protocol says. Pure.
 * https://docs.haproxy.org/2.6/configuration.html#5.2-agent-check */
#ifndef PROBES_CHECKS_AGENT_H
#define PROBES_CHECKS_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include "probes/checks/check_run.h"

#define AGENT_LINE_MAX 1024

/* Reads the first line: words apart by spaces, tabs or commas, up to a "#", behind which the description stands. Words:
 * up, down, failed, stopped, ready, drain, maint, NN%, maxconn:NN (left out). false when there is none of them, or a
 * word that is none. */
bool agent_read(const char *line, size_t length, struct check_result *);

#endif
