/* zones/answers/render.h: RRsets to wire, when a snapshot is built. */
#ifndef ZONES_ANSWERS_RENDER_H
#define ZONES_ANSWERS_RENDER_H

#include "base/arena.h"
#include "zones/answers/nodes.h"

/* One record of `type` from its uncompressed RDATA, with the names that RFC 1035 lets be compressed ending in a pointer
 * to the apex of the zone (wire). The wire is in the arena. */
struct rr render_rr(struct arena *, uint16_t type, uint32_t ttl, const uint8_t *rdata, unsigned rdata_length,
                    const uint8_t *apex);

/* A set of `count` records, whose RDATA each stand behind a 2-byte length. */
void render_rrset(struct arena *, struct rrset *out, uint16_t type, uint32_t ttl, const uint8_t *const *rdata,
                  unsigned count, const uint8_t *apex);

#endif
