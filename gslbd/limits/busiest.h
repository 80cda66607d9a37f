/* gslbd/limits/busiest.h: which prefixes ask most, and which are limited most: a worker's own table of fixed size.
 *
 * A row of two slots per hash. A slot belongs to the prefix that was in the majority of what came to it lately: one's
 * own query adds to its weight, another's takes away, and at zero the other takes over (Boyer and Moore's majority
 * vote, per slot as in hashed Misra-Gries). Whoever makes up more than a few in a thousand of the queries is so found
 * among any number of others; counts of the rest are not kept. Counts are of the window under way and the one before
 * it.
 *
 * The worker writes; any thread reads (a slot has a sequence, odd while it is being written). Answer path. */
#ifndef GSLBD_LIMITS_BUSIEST_H
#define GSLBD_LIMITS_BUSIEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "gslbd/limits/client_prefix.h"

#define BUSIEST_WINDOW_S 10
#define BUSIEST_SAMPLE                                                                                                 \
        8 /* one query in so many is counted, for so many, picked by chance; what is limited is counted whole */

struct busiest;

struct busy {
        struct client_prefix prefix;
        uint64_t asked, limited; /* in about BUSIEST_WINDOW_S to twice that */
};

struct busiest *busiest_new(void);
void busiest_free(struct busiest *);
/* A query of this prefix that stands for BUSIEST_SAMPLE; `hash` is of it. `second`: of a clock that does not go back.
 */
void busiest_asked(struct busiest *, const struct client_prefix *, uint64_t hash, uint32_t second);
/* A query or an answer that was limited, or would have been. */
void busiest_limited(struct busiest *, const struct client_prefix *, uint64_t hash, uint32_t second);
/* All of several workers' tables that have asked in the last windows, added up by prefix: the most limited first, then
 * those that ask most. At most `most`; returns how many. */
size_t busiest_list(struct busiest *const *tables, size_t count, uint32_t second, struct busy *out, size_t most);

#endif
