/* probes/prober/kept.h: checks that are kept one by one: each a piece of memory of its own, their monitors shared by
 * what they say, so that what changes in a plan costs no more than that. Belongs to one thread. */
#ifndef PROBES_PROBER_KEPT_H
#define PROBES_PROBER_KEPT_H

#include <stdbool.h>
#include <stdint.h>
#include "probes/checks/check.h"

/* Of what a prober is told of a check; of many, the sum. */
struct plan_digest {
        uint64_t low, high;
};

static inline void digest_add(struct plan_digest *sum, struct plan_digest one)
{
        sum->low += one.low;
        sum->high += one.high;
}

static inline void digest_subtract(struct plan_digest *sum, struct plan_digest one)
{
        sum->low -= one.low;
        sum->high -= one.high;
}

static inline bool plan_digest_equal(struct plan_digest a, struct plan_digest b)
{
        return a.low == b.low && a.high == b.high;
}

/* As an entity tag, quoted; only those that this reads are of plans that differences can be asked for. */
#define PLAN_TAG_MAX 40
char *digest_write(struct plan_digest, char out[PLAN_TAG_MAX]);
bool digest_read(const char *tag, struct plan_digest *);

struct kept;

struct kept *kept_new(void);
void kept_free(struct kept *); /* all checks were released */
/* A copy, with one owner. Originals of monitors are known by their place from call to call, see kept_forget. */
const struct check *kept_take(struct kept *, const struct check *);
const struct check *kept_share(const struct check *); /* one owner more of a copy */
void kept_release(struct kept *, const struct check *);
struct plan_digest kept_digest(const struct check *); /* of a copy */
/* Whether the copy says the same as the check, number and who does it included. */
bool kept_equal(struct kept *, const struct check *copy, const struct check *);
/* Originals of monitors may be others now: at the begin of what is taken together. */
void kept_forget(struct kept *);

#endif
