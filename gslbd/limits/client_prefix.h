/* gslbd/limits/client_prefix.h: the network that a client counts for. Pure, answer path. */
#ifndef GSLBD_LIMITS_CLIENT_PREFIX_H
#define GSLBD_LIMITS_CLIENT_PREFIX_H

#include <assert.h>
#include <endian.h>
#include <string.h>
#include "base/address.h"

#define CLIENT_PREFIX_V6_MOST 64

struct client_prefix {
        uint64_t bits;  /* the first 64 of the address, those behind the length zero */
        uint8_t family; /* enum address_family */
        uint8_t length; /* 1 to 32, or to CLIENT_PREFIX_V6_MOST */
};

static inline struct client_prefix client_prefix_of(const struct address *a, uint8_t v4_length, uint8_t v6_length)
{
        uint8_t length = a->family == ADDRESS_V4 ? v4_length : v6_length;
        uint64_t bits;

        assert(length && length <= CLIENT_PREFIX_V6_MOST);
        memcpy(&bits, a->bytes, sizeof(bits));
        return (struct client_prefix){be64toh(bits) & ~UINT64_C(0) << (64 - length), a->family, length};
}

/* As a prefix, for people. */
static inline struct prefix client_prefix_whole(const struct client_prefix *p)
{
        struct prefix out = {.address.family = p->family, .length = p->length};
        const uint64_t bits = htobe64(p->bits);
        memcpy(out.address.bytes, &bits, sizeof(bits));
        return out;
}

#endif
