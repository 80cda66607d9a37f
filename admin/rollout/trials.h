/* admin/rollout/trials.h: changes that wait until the checks that they bring pass. Control thread.
 *
 * The new checks, and those that become others, are run by an engine of their own beside the built-in prober, before
 * there is a revision; the change is made when all of them pass. A trial is nobody's but this process': with it it
 * ends, and nothing was changed. */
#ifndef ADMIN_ROLLOUT_TRIALS_H
#define ADMIN_ROLLOUT_TRIALS_H

#include "admin/rollout/asked.h"

struct rollouts;

/* What is to be made then. All of it is copied. */
struct trial_asked {
        const struct change *changes;
        size_t count;
        const char *author, *comment, *reason; /* the last two may be NULL */
        bool force;
        struct confirm_asked confirm;
        const char *within; /* how long it may take; NULL: 2 min */
};

/* Starts one. *told is as in trials_tell. false with a refusal. */
bool trial_begin(struct rollouts *, const struct trial_asked *, struct arena *, struct doc **told, struct refusal *);
/* [{id, state, by, comment, since, until, passed, checks: [{id, state, reason, detail}], revision, why}]: those under
 * way, and the last that have ended. */
struct doc *trials_tell(const struct rollouts *, struct arena *);
struct doc *trial_tell(const struct rollouts *, const char *id, struct arena *); /* NULL: there is none */
/* Whether it is there and has neither ended nor begun to be written. */
bool trial_may_end(const struct rollouts *, const char *id);
/* Ends such a one; nothing is changed. */
void trial_end(struct rollouts *, const char *id, const char *by);

#endif
