/* geo/locate.h: from a client address to its class, by operator networks and GeoIP.
 *
 * A class is a small integer that stands for "all clients that every rule treats alike" (same region, same
 * overrides, same proximity order). What a class means is the caller's business: `classify` decides it.
 *
 * A locator is immutable once built (on the control thread) and counted: snapshots that use the same rules share one.
 * Workers read it through the snapshot they hold. */
#ifndef GEO_LOCATE_H
#define GEO_LOCATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/address.h"
#include "geo/facts.h"

struct geo; /* the opened databases: geo/mmdb.h */
struct locator;

#define LOCATOR_CLASS_MAX 65535u

/* The class of clients with these facts (NULL: no database covers them) inside operator network `network`
 * (its index in the array given to locator_build, or -1). Called once per distinct pair. At most LOCATOR_CLASS_MAX. */
typedef uint32_t locator_classify(void *context, const struct geo_facts *facts, int network);

/* Builds a table. `geo` may be NULL (networks alone). The longest matching network wins and is ahead of GeoIP.
 * Returns NULL with a message in `error` (memory, too many classes). */
struct locator *locator_build(const struct geo *geo, const struct prefix *networks, size_t network_count,
                              locator_classify *classify, void *context, char *error, size_t error_size);
void locator_free(struct locator *); /* when nobody reads it any more; NULL is allowed */

/* The class of `client`, and in *scope the length of the widest prefix around it that is all of that class
 * (0..32 or 0..128; may exceed client->length, RFC 7871 7.1.2). Never fails; a client nobody covers has the class
 * of classify(NULL, -1). Hot path: no call, no lock. */
uint32_t locator_find(const struct locator *, const struct prefix *client, uint8_t *scope);

/* Entries in the IPv4 and IPv6 tables and bytes taken, for metrics. */
struct locator_size {
        size_t v4, v6, bytes;
};
struct locator_size locator_size(const struct locator *);

#endif
