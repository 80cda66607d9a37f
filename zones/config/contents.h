/* zones/config/contents.h: what a zone holds, record by record, as a secondary gets it: the same for every client,
 * whatever is healthy, and without the SOA, whose serial tells when it changed. */
#ifndef ZONES_CONFIG_CONTENTS_H
#define ZONES_CONFIG_CONTENTS_H

#include <stddef.h>
#include <stdint.h>
#include "zones/config/model.h"

typedef void contents_visit(void *context, const uint8_t *owner, uint16_t type, uint32_t ttl, const void *rdata,
                            size_t length);
/* The records of a zone, then what its services have: the addresses of the first of their pools that has any. */
void contents_each(const struct model *, const struct zone *, contents_visit *, void *context);

/* A digest of what a transfer of each zone would hold, the SOA's serial apart; it does not depend on the order. For
 * comparing, not for trusting. Into `sums`, by zone number. */
struct content_sum {
        uint64_t low, high;
};
void contents_sums(const struct model *, struct content_sum *sums);

#endif
