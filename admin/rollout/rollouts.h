/* admin/rollout/rollouts.h: what gslbd does about changes later, by itself: it takes back what nobody confirms, and
 * moves traffic step by step.
 *
 * What is under way is operations in the store, which survive a restart; this acts on them, each act one revision by
 * "gslbd". A time that is over is told by the monotonic clock while gslbd runs, and by the wall's over restarts.
 * Control thread. */
#ifndef ADMIN_ROLLOUT_ROLLOUTS_H
#define ADMIN_ROLLOUT_ROLLOUTS_H

#include "admin/control/control.h"

struct event_base;
struct rollouts;

/* Takes up what the store holds. NULL with `error`. */
struct rollouts *rollouts_open(struct event_base *, struct control *, char *error, size_t error_size);
void rollouts_close(struct rollouts *); /* NULL is allowed */

/* Does what is due, before others who wait for another change to begin have their turn. By itself it looks four times a
 * second. */
void rollouts_look(struct rollouts *);

/* Adds {confirms, shifts} and reasons to what `ready` says. */
void rollouts_ready(const struct rollouts *, struct arena *, struct doc *ready);

/* --- confirms.c: revisions that go back unless somebody confirms them --- */

/* [{name, since, until, abort_if, by, state, why, figures}] by number. */
struct doc *rollouts_confirms(struct rollouts *, struct arena *);
struct confirm_counts {
        uint32_t waiting, stuck;                       /* stuck: they could not go back */
        uint64_t confirmed, gone_back, gone_otherwise; /* since the start */
};
struct confirm_counts rollouts_count_confirms(const struct rollouts *);
/* Adds the deletions of those of the revisions above `number`: they are all taken back. */
void confirms_end_above(struct store_txn *, uint64_t number, struct arena *, struct change **, size_t *count);

/* --- shifts.c: services whose traffic goes to one of their pools step by step --- */

/* [{name, to, steps, every, ..., percent, left_ms, figures}] by name. */
struct doc *rollouts_shifts(struct rollouts *, struct arena *);
struct shift_counts {
        uint32_t state[3];                        /* by enum shift_state */
        uint64_t steps, done, gone_back, aborted; /* since the start */
};
struct shift_counts rollouts_count_shifts(const struct rollouts *);

#endif
