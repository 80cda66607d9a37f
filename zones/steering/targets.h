/* zones/steering/targets.h: what answers carry for the endpoints of a pool, in one block: the targets, one behind the
 * other in the order of the endpoints, and the names that a worker may tell of.
 *
 * Immutable but for the addresses of host names, which the control thread publishes there. */
#ifndef ZONES_STEERING_TARGETS_H
#define ZONES_STEERING_TARGETS_H

#include <stddef.h>
#include "base/arena.h"
#include "zones/steering/steering.h"

struct targets {
        uint32_t count, size;     /* of endpoints; of `bytes` */
        bool allocated;           /* on the heap */
        _Alignas(8) char bytes[]; /* names of the pool, its region and its service, then the targets */
};

/* In the arena, or with NULL on the heap. */
struct targets *targets_of_pool(struct arena *, const struct pool *);
struct targets *targets_of_addresses(struct arena *, const struct address_list *); /* endpoint MODEL_NONE */
bool targets_equal(const struct targets *, const struct targets *);
/* With the addresses of host names, but for those that `heir` (or NULL) has too. */
void targets_free(struct targets *, const struct targets *heir);

const char *targets_pool(const struct targets *);
const char *targets_region(const struct targets *);
const char *targets_service(const struct targets *); /* "" when it contains none */
const char *target_name(const struct target *);

/* The first one; behind the last one is nothing to be read. */
const struct target *targets_first(const struct targets *);
const struct target *target_next(const struct target *);
/* NULL: none of this endpoint. */
const struct target *targets_find(const struct targets *, uint32_t endpoint);
bool target_equal(const struct target *, const struct target *);

/* Of a host name. */
const struct address_set **target_slot(const struct target *);

#endif
