/* zones/steering_private.h: what zones/steering*.c and zones/explain.c share. */
#ifndef ZONES_STEERING_PRIVATE_H
#define ZONES_STEERING_PRIVATE_H

#include "zones/picker.h"
#include "zones/snapshot.h"
#include "zones/steering.h"

enum family { FAMILY_A, FAMILY_AAAA, FAMILY_COUNT };

/* What clients of one order of regions get of one family: immutable, replaced whole. */
struct choice {
        const struct picker *picker; /* NULL: nothing of this family exists */
        uint32_t pool;               /* whose picker it is, or MODEL_NONE */
        bool all_down;               /* nothing is up: what is served is served all the same */
};

/* Services with the same pools and policy share one. Built with the snapshot, in its arena; only `choices` change later. */
struct route {
        const struct service *policy; /* the first service that has it */
        uint32_t number;
        uint32_t slots;         /* orders of regions told apart: regions, or 1 when the client does not matter */
        struct choice **choices; /* [slot * FAMILY_COUNT + family]; each published with rcu_put */
};

/* A pool's pickers in force, per family. Control thread only: workers reach them through choices. */
struct pool_tables {
        struct picker *usable[FAMILY_COUNT]; /* NULL: no endpoint of the family is usable */
        struct picker *all[FAMILY_COUNT];    /* whatever their health; NULL: there are none */
};

struct steering_tables {
        const struct snapshot *snapshot;
        struct target *targets; /* by endpoint number */
        struct endpoint_state *states;
        struct pool_tables *pools;
        struct route *routes;
        uint32_t route_count;
        uint32_t *pool_routes_from; /* by pool: where its routes begin in pool_routes; one more at the end */
        uint32_t *pool_routes;
};

/* steering_choose.c: */
/* The pools of a route in the order in which clients of region `slot` try them. Returns how many; `out` has room for all. */
uint32_t route_order(const struct model *, const struct route *, uint32_t slot, uint32_t *out);
struct choice *choice_make(const struct steering_tables *, const struct route *, uint32_t slot, enum family);
void pool_tables_make(const struct steering_tables *, uint32_t pool, struct pool_tables *);
/* Whether an endpoint may serve at all, and whether it is in use by its state. */
bool endpoint_may_serve(const struct model *, const struct endpoint *, enum family);
bool endpoint_usable(const struct endpoint_state *);

#endif
