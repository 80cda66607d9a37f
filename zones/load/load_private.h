/* zones/load/load_private.h: what zones/load/load*.c share. */
#ifndef ZONES_LOAD_LOAD_PRIVATE_H
#define ZONES_LOAD_LOAD_PRIVATE_H

#include "base/hash.h"
#include "zones/load/load.h"
#include "zones/load/model_problem.h"
#include "zones/load/numbers.h"
#include "zones/load/over.h"

#define MODEL_MAX ((size_t)8 << 30)

/* What was decoded knows where it lives, and has the canonical key where its name stands: all look-ups are by that. */
void item_settle(enum kind, void *item, const char *key, struct arena *);

/* Resolves names to numbers and checks what concerns more than one document, of all rows. */
void model_link(struct model *, const struct rows *, struct problems *);
/* Its steps, in their order. What a step makes of an item is in the item's arena. Of a model that is whole they change
 * nothing but the rows; those that check change nothing at all. Those of services and servers behind
 * services_check_depth are for a model that has no problems so far: then there is no circle. */
void probers_link(struct model *, const struct rows *, struct problems *);
void monitors_link(struct model *, const struct rows *, struct problems *);
void pools_link(struct model *, const struct rows *, struct problems *);
void zones_link(const struct rows *, struct problems *);
void services_link(struct model *, const struct rows *, struct problems *);
void pools_link_inside(struct model *, const struct rows *, struct problems *);
void services_check_depth(const struct model *, const struct rows *, struct problems *);
void services_check_beside(const struct model *, const struct rows *, struct problems *);
void zones_check_servers(const struct model *, const struct rows *, struct problems *);
void tokens_link(struct model *, const struct rows *, struct problems *);

/* The monitor that the pool, or at `rest` its endpoint, uses, `inherited` when it names none; one is made when it has
 * fields of its own. */
uint32_t monitor_use(struct model *, struct pool *, const struct monitor_use *, uint32_t inherited, const char *rest,
                     struct problems *);
/* The next name up, in canonical text: behind the first dot that is no part of a label; NULL: none. */
const char *parent_name(const char *name);
/* The longest zone that holds the name, or MODEL_NONE. */
uint32_t zone_of(const struct model *, const char *name);
/* The first endpoint that is a host name among those that a service or pool leads to; NULL: none. There are no circles.
 */
const struct endpoint *alias_of(const struct model *, const struct service *);
const struct endpoint *alias_in_pool(const struct model *, const struct pool *);
/* Owners, types and RDATA of a zone's records, and what may stand beside what. */
void zone_records_check(struct zone *, struct problems *);
/* The SVCB and HTTPS records of a service (zones/load/load_bindings.c). */
void bindings_link(struct model *, struct service *, struct problems *);
/* The zone's record of this owner and type; its index, or MODEL_NONE. */
uint32_t zone_record_of_type(const struct zone *, const uint8_t *owner, uint16_t type);
/* Whether the zone has any record at this owner; the index of the first, or MODEL_NONE. */
uint32_t zone_any_record(const struct zone *, const uint8_t *owner);
/* Whether the zone has an A, AAAA or CNAME record at this owner; its index, or MODEL_NONE. */
uint32_t zone_address_record(const struct zone *, const uint8_t *owner);

/* Loads what is stored with changes over it (NULL: none), and with other documents in the place of some of those: by
 * "kind/key" a map, or a null for a document that is left out. */
struct model *model_load_with(struct store_txn *, const struct over *, const struct model *previous,
                              size_t memory_limit, const struct map *instead, struct problems *);

#endif
