/* zones/views.h: how clients are told apart: what a locator's class means.
 *
 * A class is the index of the region whose clients they are: operator networks first (longest prefix), then the most
 * specific match of any region (ASN, subdivision, country, continent), then the default region. */
#ifndef ZONES_VIEWS_H
#define ZONES_VIEWS_H

#include "geo/locate.h"
#include "geo/mmdb.h"
#include "zones/model.h"

/* Everything that the classes follow from, as a number: equal rules over the same databases give equal locators. */
uint64_t views_hash(const struct model *, const struct geo *);
/* NULL with `error`. */
struct locator *views_locator(const struct model *, const struct geo *, char *error, size_t error_size);

/* How a region was found for these facts; for `explain`. */
struct located {
        uint32_t region;
        const struct match *match; /* NULL: a network or the default */
        bool by_network;
};
struct located views_locate(const struct model *, const struct geo_facts *facts, int network);

#endif
