/* zones/config/drain.h: what a drain is, and which endpoints it takes out. Pure.
 *
 * Its key is "region/NAME", "pool/NAME" or "endpoint/POOL/NAME". A drain is an operation: the store has it, no model
 * holds it; which are in force the control knows (admin/states/drains.h). */
#ifndef ZONES_CONFIG_DRAIN_H
#define ZONES_CONFIG_DRAIN_H

#include "zones/config/model.h"

enum drain_scope { DRAIN_REGION, DRAIN_POOL, DRAIN_ENDPOINT };

/* As it is stored. */
struct drain {
        const char *name; /* the key */
        int scope;        /* enum drain_scope */
        struct drain_span {
                int64_t since_ms; /* wall time: when it begins */
                int64_t over_ms;  /* how long the share of weight falls; 0: it is taken at once */
                int64_t until_ms; /* 0: until restored */
        } span;
        const char *reason, *by;
};

/* The share of weight falls in this many equal steps, the first at once. */
#define DRAIN_STEPS 10

enum drain_phase { DRAIN_WAITING, DRAIN_GOING, DRAIN_IN_FORCE, DRAIN_ENDED };
enum drain_phase drain_phase(const struct drain_span *, int64_t wall_ms);
const char *drain_phase_name(enum drain_phase); /* "in force" */
/* Percent of the weight that is left: 100 while it waits and when it has ended, 0 when it is in force. */
unsigned drain_left(const struct drain_span *, int64_t wall_ms);
/* When that is another next; INT64_MAX: never. */
int64_t drain_next(const struct drain_span *, int64_t wall_ms);
/* Whether two last at the same time, if for a moment. */
bool drain_overlap(const struct drain_span *, const struct drain_span *);

const char *drain_scope_name(enum drain_scope); /* "region" */
/* The scope of a key, and where the name of its target begins in it. false: it is none. */
bool drain_key_parse(const char *key, enum drain_scope *, const char **target);
/* The index of the region or pool, or the number of the endpoint; MODEL_NONE: there is none of this name. */
uint32_t drain_target(const struct model *, enum drain_scope, const char *name);

/* Calls `visit` with each endpoint that the drain of a target takes out. Costs what it visits, of a region one look at
 * a number for each pool. */
typedef void drain_visit(void *context, uint32_t endpoint);
void drain_each(const struct model *, enum drain_scope, uint32_t target, drain_visit *, void *context);

/* The document of a drain. */
struct doc *drain_document(const char *key, const struct drain_span *, const char *reason, const char *by,
                           struct arena *);

#endif
