/* zones/store/kind.h: the kinds of documents that a store holds. Pure. */
#ifndef ZONES_STORE_KIND_H
#define ZONES_STORE_KIND_H

#include <stdbool.h>

/* What a kind is part of. A document that people apply, export, prune and roll back to holds the configuration alone:
 * what somebody has taken out for now, and who may come in, is not undone by going back to an older configuration. */
enum kind_class { CLASS_CONFIGURATION, CLASS_OPERATION, CLASS_IDENTITY };

/* The kinds of documents, in the order in which a whole configuration lists them. */
enum kind {
        KIND_REGIONS,
        KIND_NETWORKS,
        KIND_MONITORS,
        KIND_POOLS,
        KIND_ZONES,
        KIND_SERVICES,
        KIND_PROBERS,
        KIND_RULES,    /* one document */
        KIND_TOKENS,   /* secrets as salted hashes */
        KIND_DRAINS,   /* "region/eu", "pool/web-eu", "endpoint/web-eu/eu1" */
        KIND_HOLDS,    /* "pool/web-eu", "endpoint/web-eu/eu1" */
        KIND_CONFIRMS, /* "42", a revision */
        KIND_SHIFTS,   /* "www.example.com", a service */
        KIND_COUNT
};

const char *kind_name(enum kind); /* "regions" */
enum kind_class kind_class(enum kind);
/* An operation that gslbd acts on later: it may stand in one revision with configuration, and is in no backup. */
bool kind_is_duty(enum kind);
/* Of a kind that has one document, not many, its key: in documents and paths it stands without one. Else NULL. */
const char *kind_only_key(enum kind);
bool kind_parse(const char *plural, enum kind *);

#endif
