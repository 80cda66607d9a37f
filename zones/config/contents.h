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

/* A digest of what a transfer of each zone would hold, the SOA's serial apart; it does not depend on the order. For
 * comparing, not for trusting. Into `sums`, by zone number. */
struct content_sum {
        uint64_t low, high;
};
void contents_sums(const struct model *, struct content_sum *sums);

#endif
