/* admin/rollout/rollout_private.h: what the files of this room share; nobody else includes it. */
#ifndef ADMIN_ROLLOUT_ROLLOUT_PRIVATE_H
#define ADMIN_ROLLOUT_ROLLOUT_PRIVATE_H

#include <sys/queue.h>
#include "admin/rollout/rollouts.h"
#include "base/conditions/condition.h"
#include "base/retry.h"
#include "zones/config/rollout.h"

struct event;

struct rollouts {
        struct control *control;
        struct event *tick;
        struct map *confirms; /* struct confirming *, owned */
        struct map *shifts;   /* struct shifting *, owned */
        TAILQ_HEAD(trial_list, trial) trials;
        unsigned trial_count;
        struct confirm_counts counts;
        struct shift_counts shift_counts;
        uint64_t looked_ms; /* at conditions */
        struct retry retry; /* of a store that took nothing */
        bool acting;        /* a revision is being written */
        bool looking;       /* for what is due */
};

/* --- acts.c: revisions by gslbd, one at a time --- */

#define ROLLOUT_AUTHOR "gslbd"

/* What became of it; of CONTROL_INVALID and CONTROL_REFUSED problems say why. */
typedef void acted(void *context, enum control_result, const struct problems *);
/* Whether one may be tried now: what it is made of is not looked at in vain, tick by tick, while others change or
 * build. */
bool rollout_may_act(const struct rollouts *);
/* Makes a revision of changes in the arena, which is taken. `done` is called, now or later, unless it has to be tried
 * again: false. */
struct act {
        struct arena *arena;
        struct change *changes;
        size_t count;
        const char *comment;
        bool force;         /* whatever the guard says, */
        const char *reason; /* for this reason; all in the arena */
        acted *done;
        void *context;
};
bool rollout_act(struct rollouts *, const struct act *);
/* All of them on one line; the caller frees it. */
char *problems_line(const struct problems *);

/* --- confirms.c --- */

bool confirms_read(struct rollouts *, struct store_txn *);
void confirms_free(struct rollouts *);
/* Takes a change of KIND_CONFIRMS that is in the store. */
void confirms_take(struct rollouts *, const struct revision *, const struct change *);
/* Acts on what is due; `look`: at conditions, too. */
void confirms_tick(struct rollouts *, uint64_t now_ms, bool look);
/* Adds why some could not go back. */
void confirms_ready(const struct rollouts *, struct arena *, struct doc *reasons);

/* --- shift_words.c --- */

/* false: there is none. */
bool shift_read(struct store_txn *, const char *name, struct arena *, struct shift *);
/* The service with these pools. */
struct doc *shift_service(const struct doc *service, const struct doc *pools, struct arena *);
/* Whether the service (NULL: it is gone) is as the last step made it. */
bool shift_stands(const struct shift *, const struct doc *service, struct arena *);

/* --- shifts.c --- */

bool shifts_read(struct rollouts *, struct store_txn *);
void shifts_free(struct rollouts *);
void shifts_take(struct rollouts *, const struct revision *, const struct change *);
/* Something else has changed this service. */
void shifts_suspect(struct rollouts *, const char *service);
void shifts_tick(struct rollouts *, uint64_t now_ms, bool look);
void shifts_ready(const struct rollouts *, struct arena *, struct doc *reasons);

/* --- trials.c --- */

void trials_open(struct rollouts *);
void trials_close(struct rollouts *);
void trials_tick(struct rollouts *, uint64_t now_ms);

#endif
