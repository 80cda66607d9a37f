#include "zones/answers/render.h"

#include <assert.h>
#include <string.h>
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"

#define RR_HEAD      10 /* TYPE, CLASS, TTL, RDLENGTH */
#define POINTER_SIZE 2u

/* How many names at which place of the RDATA may be compressed: only well-known types (RFC 3597 4). */
static unsigned compressible(uint16_t type, unsigned *at)
{
        *at = type == TYPE_MX ? 2 : 0;
        switch (type) {
        case TYPE_NS:
        case TYPE_CNAME:
        case TYPE_PTR:
        case TYPE_MX:
                return 1;
        case TYPE_SOA:
                return 2;
        default:
                return 0;
        }
}

/* Whether a name ends in a pointer to the apex, and how much of it stands before that. */
static bool name_points(const uint8_t *name, const uint8_t *apex, unsigned *front)
{
        bool points = *apex && name_within(name, apex);

        *front = name_length(name) - (points ? name_length(apex) : 0);
        return points;
}

size_t render_size(uint16_t type, const uint8_t *rdata, unsigned length, const uint8_t *apex)
{
        unsigned from, names = compressible(type, &from);
        size_t size = RR_HEAD + length;

        for (unsigned i = 0; i < names; i++) {
                unsigned name = name_length(rdata + from), front;
                if (name_points(rdata + from, apex, &front))
                        size -= name - front - POINTER_SIZE;
                from += name;
        }
        assert(from <= length || !names); /* the model's names end where its RDATA does */
        return size;
}

struct rr render_rr(uint8_t *wire, uint16_t type, uint32_t ttl, const uint8_t *rdata, unsigned length,
                    const uint8_t *apex)
{
        assert(length <= UINT16_MAX - RR_HEAD); /* `to` and the pointers are of 16 bits */
        struct rr rr = {.wire = wire};
        unsigned from, names = compressible(type, &from), to = RR_HEAD + from;

        const uint8_t head[8] = {(uint8_t)(type >> 8), (uint8_t)type,       0,           1, (uint8_t)(ttl >> 24),
                                 (uint8_t)(ttl >> 16), (uint8_t)(ttl >> 8), (uint8_t)ttl};
        memcpy(wire, head, sizeof(head));
        memcpy(wire + RR_HEAD, rdata, from);
        for (unsigned i = 0; i < names; i++) {
                unsigned name = name_length(rdata + from), front;
                bool points = name_points(rdata + from, apex, &front);
                memcpy(wire + to, rdata + from, front);
                to += front;
                from += name;
                if (!points)
                        continue;
                rr.pointers[i] = (uint16_t)to;
                wire[to++] = COMPRESSED >> 8;
                wire[to++] = 0;
        }
        memcpy(wire + to, rdata + from, length - from);
        to += length - from;
        wire[8] = (uint8_t)((to - RR_HEAD) >> 8);
        wire[9] = (uint8_t)(to - RR_HEAD);
        rr.length = (uint16_t)to;
        return rr;
}

unsigned render_whole(const struct rr *rr, const struct zone_data *zone, uint8_t *rdata)
{
        unsigned n = 0, at = RR_HEAD;

        for (unsigned i = 0; i < RR_POINTERS_MAX; i++) {
                if (!rr->pointers[i])
                        continue;
                memcpy(rdata + n, rr->wire + at, rr->pointers[i] - at);
                n += rr->pointers[i] - at;
                memcpy(rdata + n, zone->name, zone->name_length);
                n += zone->name_length;
                at = rr->pointers[i] + POINTER_SIZE;
        }
        memcpy(rdata + n, rr->wire + at, rr->length - at);
        return n + rr->length - at;
}
