/* zones/answers/render.h: resource records to wire and back, when a node is made and when a zone is transferred. */
#ifndef ZONES_ANSWERS_RENDER_H
#define ZONES_ANSWERS_RENDER_H

#include "zones/answers/nodes.h"

/* One record's size from its uncompressed RDATA: names that RFC 1035 lets be compressed end in a pointer to the apex of
 * the zone (wire) where they lie in it. */
size_t render_size(uint16_t type, const uint8_t *rdata, unsigned rdata_length, const uint8_t *apex);
/* The record into `wire`, render_size bytes. */
struct rr render_rr(uint8_t *wire, uint16_t type, uint32_t ttl, const uint8_t *rdata, unsigned rdata_length,
                    const uint8_t *apex);

/* A rendered record's RDATA with its names whole again, at most 65535 bytes. Returns its length. */
unsigned render_whole(const struct rr *, const struct zone_data *, uint8_t *rdata);

#endif
