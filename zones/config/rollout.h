/* zones/config/rollout.h: what gslbd is to do about a change later, by itself: confirms and shifts. Pure.
 *
 * Operations, but duties too (zones/store/kind.h): they stand in one revision with the configuration that they are
 * about. The store has them, no model; admin/rollout/ acts on them. */
#ifndef ZONES_CONFIG_ROLLOUT_H
#define ZONES_CONFIG_ROLLOUT_H

#include "base/documents/schema.h"
#include "base/named.h"

/* A revision that goes back unless somebody confirms it. The key is its number. */
struct confirm {
        const char *name;
        int64_t since_ms, until_ms; /* wall time */
        const char *abort_if;       /* base/conditions/; NULL: time alone decides */
        const char *by;
};

struct doc *confirm_document(const struct confirm *, struct arena *);

#define SHIFT_STEPS_MAX 100
#define SHIFT_STATES(X)                                                                                                \
        X(SHIFT_RUNNING, "running")                                                                                    \
        X(SHIFT_PAUSED, "paused")                                                                                      \
        X(SHIFT_STOPPED, "stopped") /* for good: something else changed the service */
enum shift_state { SHIFT_STATES(NAMED_VALUE) };
extern const char *const shift_state_names[];

/* A service whose traffic goes to one of its pools step by step. The key is the service's. */
struct shift {
        const char *name, *to; /* a pool */
        LIST(int64_t) steps;   /* percent, rising */
        int64_t every_ms;
        const char *abort_if;    /* NULL: none */
        const struct doc *began; /* the service's pools as they were */
        int64_t step;            /* how many are made */
        int state;               /* enum shift_state */
        const char *why;         /* of being paused or stopped */
        int64_t since_ms;        /* wall time */
        int64_t next_ms;         /* wall time of the next step, or of the end; 0: it is not running */
        int64_t left_ms;         /* of the time to the next, while it is paused */
        const char *by;
};

struct doc *shift_document(const struct shift *, struct arena *);

#endif
