/* zones/config/contents.h: what a zone holds, record by record, as a secondary gets it: the same for every client,
 * whatever is healthy, and without the SOA, whose serial tells when it changed. */
#ifndef ZONES_CONFIG_CONTENTS_H
#define ZONES_CONFIG_CONTENTS_H

#include <stddef.h>
#include <stdint.h>
#include "zones/config/model.h"

/* What a service over a pool holds: the addresses of its enabled endpoints or, when it has none, its first host name
 * (TYPE_CNAME), which does not stand at an apex. A service has what the first of its pools holds that holds anything.
 */
typedef void contents_pool_visit(void *context, uint16_t type, const void *rdata, size_t length);
void contents_of_pool(const struct pool *, contents_pool_visit *, void *context);

/* The digests of all zones, by number. A digest does not depend on the order; it is for comparing, not for trusting. */
void contents_sums(const struct model *, struct content_sum *sums);
/* The parts that it is the sum of: what a zone has itself, and what a service gives its zone. */
void contents_add_zone(const struct zone *, struct content_sum *);
void contents_add_service(const struct model *, const struct service *, struct content_sum *);
/* Whether services have the same from both pools. */
bool contents_same(const struct pool *, const struct pool *);

#endif
