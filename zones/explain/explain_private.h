/* zones/explain/explain_private.h: the chapters of a story; each tells its part into a telling. */
#ifndef ZONES_EXPLAIN_EXPLAIN_PRIVATE_H
#define ZONES_EXPLAIN_EXPLAIN_PRIVATE_H

#include "zones/explain/telling.h"

/* explain_zone.c: one name of a zone, as the algorithm of RFC 1034 4.3.2 goes; `zone` is that of the question. */
enum told tell_name(struct telling *, const struct zone_data *zone, const struct lookup *);
/* DS at the apex of a zone below another of ours (RFC 4035 3.1.4.1): the one above answers. */
void tell_parent_ds(struct telling *, const struct zone_data *parent, const struct rrset *ds);

/* explain_service.c: TOLD_NOTHING when it has no address of this type. */
enum told tell_service(struct telling *, const struct node *);

/* explain_bindings.c: the records and their hints. */
void tell_bindings(struct telling *, const struct node *, const struct bindings *);

/* explain_client.c: where the client is and why. */
void tell_location(struct telling *);
const char *match_text(struct arena *, const struct match *);

/* explain_order.c: why pools are tried in this order. */
const char *order_text(struct telling *, const struct service *, const struct route *);
/* What that order goes by of one of them: "distance_km" or "round_trip_ms", where it goes by either and that is known.
 */
void tell_farness(struct telling *, const struct service *, const struct route *, uint32_t position, struct doc *);

/* explain_pools.c: what the service wants into `policy`; the order of pools, and each pool and endpoint of it, into
 * `out`. */
void tell_route(struct telling *, const struct service *, struct doc *policy, struct doc *out);

/* explain_options.c: "" when there is nothing to tell. */
const char *pool_options_text(struct telling *, const struct pool *);
const char *endpoint_figures_text(struct telling *, const struct endpoint *, const struct endpoint_live *);

#endif
