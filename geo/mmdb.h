/* geo/mmdb.h: GeoIP databases in MaxMind's MMDB format; the one place that knows libmaxminddb.
 *
 * A `struct geo` is one or more opened files (a City or Country file, an ASN file; MaxMind and DB-IP field layouts),
 * immutable once opened, used by the control thread only: the answer path uses the compiled locator. */
#ifndef GEO_MMDB_H
#define GEO_MMDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/address.h"
#include "geo/facts.h"

struct geo; /* the opened databases */

#define GEO_FILES_MAX 4

/* Opens and verifies all files (each node and record is walked once, so a damaged file is refused here).
 * Returns NULL with "FILE: what is wrong" in `error`. */
struct geo *geo_open(const char *const *paths, size_t count, char *error, size_t error_size);
void geo_close(struct geo *); /* NULL is allowed */

/* The facts for one address, merged over the files (explain, tests). `length` receives the matched prefix length.
 * false when no file covers it. */
bool geo_lookup(const struct geo *, const struct address *, struct geo_facts *, uint8_t *length);

/* Per file: path, database type, build time (epoch seconds), for `ready`, metrics and people. false past the end. */
struct geo_file {
        const char *path, *type;
        uint64_t build_epoch;
};
bool geo_file(const struct geo *, size_t index, struct geo_file *);

#endif
