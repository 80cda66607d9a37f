/* zones/config/hold.h: what a hold is: a pool or an endpoint that was down and is back, and is kept out of answers
 * until somebody says so or a delay is over. Pure.
 *
 * Its key is "pool/NAME" or "endpoint/POOL/NAME". An operation, like a drain, but gslbd puts it in force by itself
 * (admin/control/holds.h). */
#ifndef ZONES_CONFIG_HOLD_H
#define ZONES_CONFIG_HOLD_H

#include "zones/config/drain.h"

/* As it is stored. */
struct hold {
        const char *name;           /* the key */
        int scope;                  /* DRAIN_POOL or DRAIN_ENDPOINT */
        int64_t since_ms, until_ms; /* wall time; until 0: until somebody says so */
        const char *reason, *by;
};

struct doc *hold_document(const struct hold *, struct arena *);

/* What decides about an endpoint: what it says itself, or its pool. */
const struct failback_rule *endpoint_failback(const struct model *, const struct endpoint *);

#endif
