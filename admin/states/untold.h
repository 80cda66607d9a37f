/* admin/states/untold.h: changes of health, schedules that began or ended, and what became of rollouts, that are in
 * force, but stand neither in
 * the log nor among the events yet: a queue, oldest first.
 *
 * What many endpoints at once come to is answered first and told afterwards, step by step. Everything is copied: checks
 * may be gone by then. Control thread. */
#ifndef ADMIN_STATES_UNTOLD_H
#define ADMIN_STATES_UNTOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "probes/health/health.h"

struct untold;

enum flip_kind { FLIP_HEALTH, FLIP_SCHEDULE_BEGINS, FLIP_SCHEDULE_ENDS, FLIP_ROLLOUT };

struct flip {
        enum flip_kind kind;
        int64_t time_ms; /* wall time */
        /* Of a schedule: when it ends, wall time; 0: never, or it has. The endpoint is what it is of, as
         * "pool/web-eu", the detail what it says. Of a rollout: "confirm/42", and the prober is the word for what
         * happened to it. */
        int64_t until_ms;
        /* Of health. */
        uint64_t lasted_ms;
        enum verdict_state state, before;
        enum reason reason;
        const char *endpoint, *prober, *detail;
};

struct untold *untold_new(size_t most);
void untold_free(struct untold *);

/* With more than `most` in it, the oldest is given up. */
void untold_add(struct untold *, const struct health_change *, int64_t time_ms);
/* Of another flip; prober NULL: none. */
void untold_add_flip(struct untold *, const struct flip *);
/* Takes out the oldest; its texts stay until the next call of this queue. false: it is empty. */
bool untold_take(struct untold *, struct flip *);
size_t untold_count(const struct untold *);
/* How many were given up since the call before. */
uint64_t untold_given_up(struct untold *);

#endif
