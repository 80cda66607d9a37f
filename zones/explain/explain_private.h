/* zones/explain/explain_private.h: what zones/explain*.c share. */
#ifndef ZONES_EXPLAIN_EXPLAIN_PRIVATE_H
#define ZONES_EXPLAIN_EXPLAIN_PRIVATE_H

#include "base/documents/doc.h"
#include "zones/explain/explain.h"
#include "zones/steering/steering_tables.h"

/* One story under way. */
struct telling {
        const struct snapshot *snapshot;
        const struct model *model;
        const struct steering *steering;
        const struct geo *geo;
        struct arena *arena;
        struct doc *out, *story;
        struct client client;
        const struct class *class;
        enum family family;
        unsigned depth; /* services inside services */
};

/* Adds a sentence. */
void story_add(struct telling *, const char *format, ...) __attribute__((format(printf, 2, 3)));

const char *target_text(struct telling *, const struct target *);

/* explain_bindings.c: the records and their hints. */
void tell_bindings(struct telling *, const struct bindings *, uint16_t type);

/* explain_client.c: where the client is and why. */
void tell_location(struct telling *);
const char *match_text(struct arena *, const struct match *);

/* explain_pools.c: what the service wants into `policy`; the order of pools, and each pool and endpoint of it, into
 * `out`. */
void tell_route(struct telling *, const struct route *, struct doc *policy, struct doc *out);

/* explain_options.c: "" when there is nothing to tell. */
const char *pool_options_text(struct telling *, const struct pool *);
const char *endpoint_figures_text(struct telling *, const struct endpoint *, const struct endpoint_live *);

#endif
