/* tests/unit/random_items.h: documents of every kind, drawn at random out of few names, so that what is drawn refers
 * to, hides, covers and contradicts what was drawn before. Most can be valid together; some never are. */
#ifndef TESTS_UNIT_RANDOM_ITEMS_H
#define TESTS_UNIT_RANDOM_ITEMS_H

#include "base/buffer.h"
#include "base/random.h"

#define COUNT_OF(list) (sizeof(list) / sizeof(*(list)))

/* What there can be. Names of lists: random_NAMES[random_NAME_count]. */
extern const char *const random_regions[];
extern const char *const random_networks[];
extern const char *const random_monitors[];
extern const char *const random_pools[];
extern const char *const random_zones[];
extern const char *const random_services[];
extern const unsigned random_region_count, random_network_count, random_monitor_count, random_pool_count,
        random_zone_count, random_service_count;

/* Pools whose figures of load are told; pools that an external monitor checks; those of host names. */
#define RANDOM_POOL_FIGURED(n) ((n) == 2 || (n) == 3)
#define RANDOM_POOL_TOLD(n)    ((n) == 7 || (n) == 8)

#define RANDOM_ENDPOINTS 8 /* of a pool: e0, e1 ... */

bool chance(struct random *, unsigned percent);
const char *one_of(struct random *, const char *const *list, unsigned count);
#define ONE_OF(r, list) one_of((r), (list), COUNT_OF(list))

/* JSON, without what is around it. */
void random_region(struct random *, unsigned n, struct buffer *);
void random_network(struct random *, unsigned n, struct buffer *);
void random_monitor(struct random *, unsigned n, struct buffer *);
void random_rules(struct random *, unsigned n, struct buffer *);
void random_pool(struct random *, unsigned n, struct buffer *);
void random_endpoint(struct random *, unsigned pool, unsigned n, struct buffer *);
void random_zone(struct random *, unsigned n, struct buffer *);
void random_record(struct random *, struct buffer *);
void random_service(struct random *, unsigned n, struct buffer *);
/* A service's TTL: where addresses are flattened less than they have left, which depends on when they were found. */
unsigned random_ttl(struct random *, unsigned n, bool flatten);

#endif
