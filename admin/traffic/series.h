/* admin/traffic/series.h: counters of the busiest for metrics: none ever goes back.
 *
 * What has no series of its own is counted in the other's, at that moment: when it gets one, that begins at 0. */
#ifndef ADMIN_TRAFFIC_SERIES_H
#define ADMIN_TRAFFIC_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "admin/traffic/flows.h"

#define SERIES_MOST 1000 /* of each of the two metrics */

struct buffer;
struct traffic;

enum series_of { SERIES_OF_POOLS, SERIES_OF_ENDPOINTS, SERIES_KINDS }; /* {service, region, pool}; {pool, endpoint} */

/* Numbers of the model, the region's of traffic; what the kind does not tell apart is 0. */
struct series_key {
        uint32_t service, what; /* pool or endpoint; FLOW_NOTHING, FLOW_FALLBACK */
        uint16_t region;
};

struct series {
        char *labels; /* NULL: free */
        struct series_key key;
        uint64_t value, minute; /* `minute`: of the value, in the last one */
};

struct series_table {
        struct series of[SERIES_KINDS][SERIES_MOST + 1]; /* the first is the other's */
        uint32_t *slots[SERIES_KINDS];                   /* by key: index, 0: free */
        bool stale;                                      /* items have gone: keys may be others' */
};

void series_free(struct series_table *);
/* Adds what flows have counted since the last time. With the lock of traffic. */
void series_add(struct traffic *);
/* A minute is over, in which these flows were the busiest: they get series. With the lock. */
void series_choose(struct traffic *, const struct flow *const *busiest, size_t count);
void series_write(const struct series_table *, struct buffer *);

#endif
