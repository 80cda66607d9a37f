/* admin/plans/tries.h: checks that somebody wants tried at once by every prober: what each is told of them in the reply
 * to its report, and what it says came of them. Control thread; time is passed in.
 *
 * It knows no plan: who may be asked for what is the caller's. A try is over at its end or when the caller says so; a
 * few are kept behind that, to be read. */
#ifndef ADMIN_PLANS_TRIES_H
#define ADMIN_PLANS_TRIES_H

#include <stdbool.h>
#include <stdint.h>
#include "probes/prober/asked.h"

#define TRIES_APART_MS 1000 /* of one check */

struct tries;

/* What one prober has to say of a try. */
struct try_answer {
        const char *prober;
        bool heard;      /* it knows that it is asked */
        uint32_t deaf;   /* reports of it since it was told that say nothing of the try */
        struct tried of; /* done: what came of it */
};

struct
try {
        const char *id; /* the check's */
        uint64_t number;
        int64_t since_ms;            /* wall time */
        uint64_t asked_ms, until_ms; /* monotonic */
        bool over;                   /* nobody is told of it any more */
        struct try_answer *answers;  /* of probers that were told, in no order */
        uint32_t count;
};

struct tries *tries_new(void);
void tries_free(struct tries *); /* NULL is allowed */

/* Asks for a try of this check, for so long. NULL: not now; *wait_ms is how long to wait with this check, or 0 when as
 * many are under way as may be. */
const struct try *tries_ask(struct tries *, const char *id, uint64_t open_ms, uint64_t now_ms, uint64_t *wait_ms);
const struct try *tries_find(const struct tries *, const char *id, uint64_t number); /* NULL: there is none */
void tries_end(struct tries *, const struct try *);
/* What this prober is to be told now, of the checks that it does: the newest try of each that is not over and has no
 * answer of it. */
typedef bool tries_does(void *context, const char *prober, const char *id);
uint32_t tries_tell(struct tries *, const char *prober, tries_does *, void *context, uint64_t now_ms,
                    struct try_asked list[TRIES_MOST]);
/* Takes what its report says of them; of what it was not told, nothing. What came of a newer try of the same check is
 * an answer to those before it, too. */
void tries_take(struct tries *, const struct report *);

#endif
