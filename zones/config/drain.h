/* zones/config/drain.h: what a drain is, and which endpoints it takes out. Pure.
 *
 * Its key is "region/NAME", "pool/NAME" or "endpoint/POOL/NAME". A drain is an operation: the store has it, no model holds it; which are in
 * force the control knows (admin/control/drains.h). */
#ifndef ZONES_CONFIG_DRAIN_H
#define ZONES_CONFIG_DRAIN_H

#include "zones/config/model.h"

enum drain_scope { DRAIN_REGION, DRAIN_POOL, DRAIN_ENDPOINT };

/* As it is stored. */
struct drain {
        const char *name; /* the key */
        int scope;        /* enum drain_scope */
        int64_t since_ms; /* wall time */
        int64_t until_ms; /* 0: until restored */
        const char *reason, *by;
};

const char *drain_scope_name(enum drain_scope); /* "region" */
/* The scope of a key, and where the name of its target begins in it. false: it is none. */
bool drain_key_parse(const char *key, enum drain_scope *, const char **target);
/* The index of the region or pool, or the number of the endpoint; MODEL_NONE: there is none of this name. */
uint32_t drain_target(const struct model *, enum drain_scope, const char *name);

/* Calls `visit` with each endpoint that the drain of a target takes out. Costs what it visits, of a region one look at each pool. */
typedef void drain_visit(void *context, uint32_t endpoint);
void drain_each(const struct model *, enum drain_scope, uint32_t target, drain_visit *, void *context);
/* Whether some endpoint of a pool is among them. */
bool drain_touches(const struct model *, enum drain_scope, uint32_t target, uint32_t pool);

/* The document of a drain from `since_ms` on for `for_ms`; 0: until restored. */
struct doc *drain_document(const char *key, int64_t since_ms, int64_t for_ms, const char *reason, const char *by,
                           struct arena *);

#endif
