/* zones/steering/picker.h: how one pool picks among its endpoints: an immutable table per pool and address family.
 *
 * The control thread builds a new one when an endpoint's state changes, publishes it with rcu_put and retires the old
 * one with picker_free. Workers pick in constant time (times the number of answers). */
#ifndef ZONES_STEERING_PICKER_H
#define ZONES_STEERING_PICKER_H

#include <stdint.h>
#include "base/random.h"
#include "zones/steering/steering.h"

#define PICKER_BUCKETS 4096 /* of `hash`: a constant, because a change would move every client */

enum picker_mode {
        PICKER_NONE,     /* no targets */
        PICKER_ONE,      /* one target */
        PICKER_WEIGHTED, /* by weight, at random */
        PICKER_UNIFORM,  /* evenly, at random */
        PICKER_ROTATE,   /* in turn */
        PICKER_ORDERED,  /* the first ones */
        PICKER_HASHED,   /* by the client's prefix */
        PICKER_ALL,      /* all in turn behind one drawn by weight */
};

/* A candidate for a table under construction. */
struct picker_member {
        const struct target *target;
        double weight; /* above 0 */
        int64_t priority;
        uint64_t hash; /* of its name, for PICKER_HASHED */
};

struct picker_plan {
        enum picker_mode mode;
        unsigned answers; /* 1..ANSWERS_MAX */
        uint32_t rotor;
        uint8_t hash_v4, hash_v6; /* bits of the client that count */
        uint64_t salt;
        const struct picker_member *members; /* PICKER_ORDERED: best first */
        uint32_t count;                      /* at most 65535 */
        struct picker_tools *tools;          /* PICKER_HASHED */
};

/* What tables of PICKER_HASHED are made with, 64 KiB and the last tables: making one takes time, and one serves all
 * that are made of the same. For one thread at a time. */
struct picker_tools *picker_tools_new(void);
void picker_tools_free(struct picker_tools *); /* NULL is allowed */

struct picker;

struct picker *picker_new(const struct picker_plan *);
/* Whether that would make the same: then there is no need to. A plan that differs is told from it with a certainty of
 * 32 bits, one of other targets always. */
bool picker_is_of(const struct picker *, const struct picker_plan *);
void picker_free(void *picker);
/* Adds targets to the pick; raises pick->scope where the client's prefix decided. Hot path. */
void picker_pick(const struct picker *, const struct client *, struct picker_state *, struct pick *);
uint32_t picker_count(const struct picker *);
/* The share of first answers that member `i` gets, 0..1; evenly for modes without weights. */
double picker_share(const struct picker *, uint32_t i);
const struct target *picker_target(const struct picker *, uint32_t i);
enum picker_mode picker_mode(const struct picker *);

#endif
