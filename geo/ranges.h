/* geo/ranges.h: a function over the whole address space that is constant on ranges, under construction: where each
 * range begins, and its value. The intermediate form between networks and the locator's table. Control thread. */
#ifndef GEO_RANGES_H
#define GEO_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/address.h"

typedef unsigned __int128 address_number; /* host order; IPv4 in the low 32 bits */

struct ranges {
        address_number *starts; /* ascending, the first is 0 */
        uint32_t *values;
        size_t count, capacity;
        unsigned bits;       /* 32 or 128 */
        address_number next; /* ranges_add: first address behind what was added */
        bool full;           /* ranges_add: the last address was added */
};

#define RANGES_INIT(family_bits) ((struct ranges){.bits = (family_bits)})

/* Appends a range with a value; it must begin behind all that were added. What lies between gets value 0. */
void ranges_add(struct ranges *, const struct prefix *, uint32_t value);
/* Appends the begin of a range, merging it with the one before when the value is the same. */
void ranges_begin(struct ranges *, address_number start, uint32_t value);
/* The rest of the address space gets value 0. */
void ranges_finish(struct ranges *);
void ranges_free(struct ranges *);

/* Networks that may lie in one another: the longest wins. The value is the index into `networks` + 1; those of the
 * other family are left out. */
void ranges_of_networks(struct ranges *, const struct prefix *networks, size_t count);

#endif
