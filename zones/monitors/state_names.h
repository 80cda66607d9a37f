/* zones/monitors/state_names.h: what may be said of an endpoint, in words. */
#ifndef ZONES_MONITORS_STATE_NAMES_H
#define ZONES_MONITORS_STATE_NAMES_H

#include "base/named.h"

/* Of verdicts (`verdict`), of health (`health`), and of what the silence of pushed verdicts means (`silent`). */
#define STATES(X, prefix) X(prefix##_UNKNOWN, "unknown") X(prefix##_UP, "up") X(prefix##_DOWN, "down")

extern const char *const state_names[]; /* NULL behind the last */

#endif
