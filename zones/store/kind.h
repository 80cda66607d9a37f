/* zones/store/kind.h: the kinds of documents that a store holds. Pure. */
#ifndef ZONES_STORE_KIND_H
#define ZONES_STORE_KIND_H

#include <stdbool.h>

/* The kinds of documents, in the order in which a whole configuration lists them. */
enum kind {
        KIND_REGIONS,
        KIND_NETWORKS,
        KIND_MONITORS,
        KIND_POOLS,
        KIND_ZONES,
        KIND_SERVICES,
        KIND_PROBERS,
        KIND_TOKENS, /* secrets as salted hashes */
        KIND_DRAINS, /* "region/eu", "pool/web-eu", "endpoint/web-eu/eu1" */
        KIND_COUNT
};

const char *kind_name(enum kind); /* "regions" */
bool kind_parse(const char *plural, enum kind *);

#endif
