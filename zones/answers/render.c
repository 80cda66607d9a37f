#include "zones/answers/render.h"

#include <assert.h>
#include <string.h>
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"

#define RR_HEAD 10 /* TYPE, CLASS, TTL, RDLENGTH */

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

/* Copies a name to out; one that ends in the apex ends in a pointer instead, whose place is told. Returns the bytes
 * written. */
static unsigned write_name(uint8_t *out, const uint8_t *name, const uint8_t *apex, uint16_t out_at, uint16_t *pointer)
{
        unsigned length = name_length(name);

        *pointer = 0;
        if (!*apex || !name_within(name, apex)) {
                memcpy(out, name, length);
                return length;
        }
        unsigned front = length - name_length(apex);
        memcpy(out, name, front);
        out[front] = COMPRESSED >> 8;
        out[front + 1] = 0;
        *pointer = (uint16_t)(out_at + front);
        return front + 2;
}

struct rr render_rr(struct arena *a, uint16_t type, uint32_t ttl, const uint8_t *rdata, unsigned length,
                    const uint8_t *apex)
{
        assert(length <= UINT16_MAX - RR_HEAD); /* `to` and the pointers are of 16 bits */
        uint8_t *wire = arena_bytes(a, RR_HEAD + length);
        struct rr rr = {.wire = wire};
        unsigned from, names = compressible(type, &from), to = RR_HEAD + from;

        const uint8_t head[8] = {(uint8_t)(type >> 8), (uint8_t)type,       0,           1, (uint8_t)(ttl >> 24),
                                 (uint8_t)(ttl >> 16), (uint8_t)(ttl >> 8), (uint8_t)ttl};
        memcpy(wire, head, sizeof(head));
        memcpy(wire + RR_HEAD, rdata, from);
        for (unsigned i = 0; i < names; i++) {
                unsigned name = name_length(rdata + from);
                to += write_name(wire + to, rdata + from, apex, (uint16_t)to, &rr.pointers[i]);
                from += name;
        }
        assert(from <= length); /* the model's names end where its RDATA does */
        memcpy(wire + to, rdata + from, length - from);
        to += length - from;
        wire[8] = (uint8_t)((to - RR_HEAD) >> 8);
        wire[9] = (uint8_t)(to - RR_HEAD);
        rr.length = (uint16_t)to;
        return rr;
}

void render_rrset(struct arena *a, struct rrset *out, uint16_t type, uint32_t ttl, const uint8_t *const *rdata,
                  unsigned count, const uint8_t *apex)
{
        assert(count <= UINT16_MAX);
        struct rr *rrs = ARENA_ARRAY(a, struct rr, count);

        *out = (struct rrset){.type = type, .count = (uint16_t)count, .ttl = ttl, .rrs = rrs};
        for (unsigned i = 0; i < count; i++) {
                rrs[i] = render_rr(a, type, ttl, rdata[i] + 2, (unsigned)rdata[i][0] << 8 | rdata[i][1], apex);
                out->size += rrs[i].length;
        }
}
