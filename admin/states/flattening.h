/* admin/states/flattening.h: the addresses of host-name endpoints of services that do not answer with a CNAME (at the
 * apex of a zone, or `flatten: true`), asked of a recursive resolver again and again. Control thread.
 *
 * What was found stays until a newer answer has addresses: a resolver that is silent, fails or says that the name does
 * not exist changes nothing at first. When the TTL is over it is stale (RFC 8767): it is served on with a TTL of at
 * most FLATTENING_STALE_TTL_S and extended error 3, for as long as the options say, and then not known any more. Where
 * one family alone brings nothing, its addresses stay for as long, beside the fresh ones of the other. */
#ifndef ADMIN_STATES_FLATTENING_H
#define ADMIN_STATES_FLATTENING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/resolver.h"
#include "zones/answers/snapshot.h"

struct event_base;
struct flattening;

#define FLATTENING_NAMES_MAX   10000
#define FLATTENING_FASTEST_S   1  /* however short the TTL */
#define FLATTENING_SLOWEST_S   60 /* however long the TTL */
#define FLATTENING_RETRY_S     5  /* after no answer, or one without addresses */
#define FLATTENING_STALE_TTL_S 30 /* RFC 8767 5.11 */

/* stale_for_ms: how long addresses are served after their TTL. NULL with `error`. */
struct flattening *flattening_new(struct event_base *, const struct resolver_options *, int64_t stale_for_ms,
                                  char *error, size_t error_size);
void flattening_free(struct flattening *);

/* The endpoints whose addresses a snapshot needs: numbers, which the caller frees. Looks at each; any one thread. */
uint32_t *flattening_wanted(const struct snapshot *, uint32_t *count);
/* From now on their names; the snapshot gets what is known at once, and what is found as long as it is the one that is
 * published. Call it before it is published. */
void flattening_watch(struct flattening *, struct snapshot *, const uint32_t *numbers, uint32_t count);
/* The same of one endpoint alone: its name may be needed now, or no more, or be another. Costs what it touches. */
void flattening_look(struct flattening *, const struct snapshot *, uint32_t endpoint);

/* Whether every name has been asked for once, with whatever result. */
bool flattening_settled(const struct flattening *);

struct flattening_counts {
        size_t names, stale, unknown; /* unknown: without addresses */
};
struct flattening_counts flattening_count(const struct flattening *);
/* One whose addresses are stale, to name it; NULL: none. Valid until the next turn of the base. */
const char *flattening_stale_name(const struct flattening *);

#endif
