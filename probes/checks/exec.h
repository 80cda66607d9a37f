/* probes/checks/exec.h: whether and how the operator's own programs are run as checks: off unless the process' settings
 * name a directory. */
#ifndef PROBES_CHECKS_EXEC_H
#define PROBES_CHECKS_EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct event_base;

struct exec_settings {
        const char *directory; /* of the programs; NULL: none may be run */
        const char *user;      /* who runs them; NULL: whoever runs this process, who is not root then */
};

/* What runs: one per engine, on its thread. */
struct execs;
/* The settings are copied; a user that does not exist or that this process cannot become is seen by
 * exec_settings_check. */
struct execs *execs_new(struct event_base *, const struct exec_settings *);
/* Kills and reaps what is left; no run may be under way. */
void execs_free(struct execs *);

/* For start-up: false with what is wrong with them. */
bool exec_settings_check(const struct exec_settings *, char *error, size_t error_size);

#endif
