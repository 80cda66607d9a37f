/* probes/health/entry.h: the health of one check: what it remembers, what it wants to be, what it becomes.
 *
 * It knows neither table nor probers nor a clock: votes and time are passed in. Control thread. */
#ifndef PROBES_HEALTH_ENTRY_H
#define PROBES_HEALTH_ENTRY_H

#include <stdbool.h>
#include <stdint.h>
#include "probes/checks/check.h"
#include "probes/checks/verdict.h"

#define HEALTH_CHANGES_MAX  16 /* remembered per check, for quarantine */
#define HEALTH_BREAKER_MOST 16 /* times its `for` that an endpoint on trial waits at most */
#define ENTRY_NEVER         UINT64_MAX

/* What the probers that count say of a check, and who of them last. */
struct votes {
        uint32_t up, down;
        uint32_t up_by, down_by;
};

/* A word that came over the API, for an external monitor. */
struct pushed {
        enum verdict_state state;
        uint64_t until_ms;
        char *detail, *who; /* owned */
};

/* What it would be now. `by_vote`: as probers say, so the brake may hold it. */
struct wanted {
        enum verdict_state state;
        enum reason reason; /* for a state that is not `by_vote`, or in spite of the votes; else REASON_OK */
        bool by_vote;
};

/* All times are monotonic milliseconds; 0: no such time. */
struct entry {
        const struct check *check; /* in the table's plan */
        uint8_t state, voted;      /* enum verdict_state: in force; by quorum */
        bool heard;                /* some prober has had a word */
        bool quarantined;
        bool held;                  /* the brake keeps it up */
        bool stirred;               /* in the list of those to decide */
        uint8_t reason;             /* enum reason: why it became what it is */
        char *detail, *who;         /* likewise: text and prober; NULL: none; owned */
        uint64_t since_ms, down_ms; /* in force since; when it last went from up to down */
        uint64_t changes, downtime_ms;
        uint64_t silent_ms; /* since when nobody that counts has a word */
        uint64_t *votes_ms; /* ring of HEALTH_CHANGES_MAX: the newest changes of `voted`; owned */
        uint32_t vote_count;
        uint32_t held_at;         /* place in the list of the brake */
        uint32_t share;           /* as last told */
        uint64_t trial_until_ms;  /* half open until then */
        uint64_t closed_until_ms; /* not up before, whatever is said */
        uint64_t wait_ms;         /* the newest wait after a failed trial; 0: it stood its last one */
        struct pushed *pushed;    /* the newest word; NULL: none yet; owned */
};

void entry_free(struct entry *); /* what it owns */

/* Not checked, by the operator's will: it keeps its state. */
static inline bool entry_paused(const struct entry *e)
{
        return !e->check->monitor->enabled;
}

static inline bool entry_external(const struct entry *e)
{
        return e->check->monitor->type == MONITOR_EXTERNAL;
}

/* Takes the votes into its memory (the vote, quarantine, silence), and that time has passed (trials). */
void entry_hear(struct entry *, const struct votes *, uint64_t now_ms);
/* What it wants to be. Pure. */
struct wanted entry_wanted(const struct entry *, const struct votes *, uint64_t now_ms);
/* Becomes something else: counters and trials. `held`: the brake has brought it back, it has nothing to prove. */
void entry_become(struct entry *, enum verdict_state, bool held, uint64_t now_ms);
/* When time alone may change what it wants; ENTRY_NEVER. */
uint64_t entry_due_ms(const struct entry *, uint64_t now_ms);
/* Whether it must not be up yet: it failed its trial. */
bool entry_waits(const struct entry *, uint64_t now_ms);
/* The percentage of its weight that it is worth: 100, or less while on trial. */
uint32_t entry_share(const struct entry *);

#endif
