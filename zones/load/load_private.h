/* zones/load/load_private.h: what zones/load/load*.c share. */
#ifndef ZONES_LOAD_LOAD_PRIVATE_H
#define ZONES_LOAD_LOAD_PRIVATE_H

#include "base/hash.h"
#include "zones/load/load.h"
#include "zones/load/model_problem.h"

#define MODEL_MAX ((size_t)8 << 30)

/* What was decoded, in the order of keys. */
struct rows {
        void **items[KIND_COUNT];
        uint32_t count[KIND_COUNT];
};

/* for (each T *one of a kind): rows_each (pool, p, rows, KIND_POOLS) */
#define rows_each(type, one, rows, kind)                                                                               \
        for (uint32_t one##_at = 0; one##_at < (rows)->count[kind]; one##_at++)                                        \
                for (struct type *one = (rows)->items[kind][one##_at]; one; one = NULL)

/* Numbers for all rows, and for the endpoints of pools: those they have in the model before (NULL: there is none), else
 * the one that is free for longest, else one behind all (zones/load/load_numbers.c). */
void numbers_give(struct model *, const struct rows *, const struct model *previous, struct arena *scratch);
/* One for a monitor that has no key. */
uint32_t numbers_make_monitor(struct model *);
/* When all have theirs: what is gone since the model before is free, behind what was free already. */
void numbers_settle(struct model *, const struct model *previous);

/* Resolves names to numbers and checks what concerns more than one document. */
void model_link(struct model *, const struct rows *, struct problems *);
/* What monitors refer to, and room for those that pools and endpoints make of them (zones/load/load_monitors.c). */
void monitors_link(struct model *, const struct rows *, struct problems *);
/* The monitor that pools[pool].rest uses, `inherited` when it names none; one is made when it has fields of its own. */
uint32_t monitor_use(struct model *, const struct monitor_use *, uint32_t inherited, const char *pool, const char *rest,
                     struct problems *);
/* Owners, types and RDATA of a zone's records, and what may stand beside what. */
void zone_records_check(struct model *, struct zone *, struct problems *);
/* The SVCB and HTTPS records of a service (zones/load/load_bindings.c). */
void bindings_link(struct model *, struct service *, struct problems *);
/* The zone's record of this owner and type; its index, or MODEL_NONE. */
uint32_t zone_record_of_type(const struct zone *, const uint8_t *owner, uint16_t type);
/* Whether the zone has any record at this owner; the index of the first, or MODEL_NONE. */
uint32_t zone_any_record(const struct zone *, const uint8_t *owner);
/* Whether the zone has an A, AAAA or CNAME record at this owner; its index, or MODEL_NONE. */
uint32_t zone_address_record(const struct zone *, const uint8_t *owner);

/* Loads with other documents in the place of some of the stored ones: by "kind/key" a map, or a null for a document
 * that is left out. */
struct model *model_load_with(struct store_txn *, const struct model *previous, size_t memory_limit,
                              const struct map *instead, struct problems *);

/* Zones, pools and records that services refer to and stand beside, and the addresses of name servers
 * (zones/load/load_services.c). */
void services_link(struct model *, const struct rows *, struct problems *);

#endif
