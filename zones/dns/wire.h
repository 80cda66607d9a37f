/* zones/dns/wire.h: integers and names as they stand in messages (RFC 1035 4.1). Answer path. */
#ifndef ZONES_DNS_WIRE_H
#define ZONES_DNS_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buffer.h"
#include "zones/dns/numbers.h"

/* Big endian. They return what stands behind. */
static inline uint8_t *wire_put16(uint8_t *at, unsigned value)
{
        at[0] = (uint8_t)(value >> 8);
        at[1] = (uint8_t)value;
        return at + 2;
}

static inline uint8_t *wire_put32(uint8_t *at, uint32_t value)
{
        return wire_put16(wire_put16(at, value >> 16), value & 0xffff);
}

static inline unsigned wire_get16(const uint8_t *at)
{
        return (unsigned)at[0] << 8 | at[1];
}

/* Over a name that may be compressed. */
static inline bool wire_skip_name(struct reader *r)
{
        for (;;) {
                uint8_t label = reader_u8(r);
                if (r->failed || (label > 63 && label < COMPRESSED >> 8))
                        return false;
                if (!label)
                        return true;
                if (label >= COMPRESSED >> 8) {
                        reader_u8(r);
                        return !r->failed;
                }
                if (!reader_bytes(r, label))
                        return false;
        }
}

#endif
