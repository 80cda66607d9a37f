/* zones/load/numbers.h: what number an item has: the same as long as its key exists, over loads and edits, and given to
 * another one only after all that were free before it. Control thread. */
#ifndef ZONES_LOAD_NUMBERS_H
#define ZONES_LOAD_NUMBERS_H

#include "zones/config/model.h"

#define NUMBERS_ENDPOINTS KIND_COUNT /* endpoints have numbers of their own, behind those of the kinds */

/* What was decoded, in the order of keys. */
struct rows {
        void **items[KIND_COUNT];
        uint32_t count[KIND_COUNT];
};

/* for (each T *one of a kind): rows_each (pool, p, rows, KIND_POOLS) */
#define rows_each(type, one, rows, kind)                                                                               \
        for (uint32_t one##_at = 0; one##_at < (rows)->count[kind]; one##_at++)                                        \
                for (struct type *one = (rows)->items[kind][one##_at]; one; one = NULL)

/* Pools, zones and services know their own. */
void item_set_number(enum kind, void *item, uint32_t number);

/* Numbers for all rows of a load, and for the endpoints of pools: those they have in the model before (NULL: there is
 * none), else new ones. The model's tables have room for them, and some more. */
void numbers_give(struct model *, const struct rows *, const struct model *previous, struct arena *scratch);
/* When all have theirs: what is gone since the model before is free, behind what was free already. */
void numbers_settle(struct model *, const struct model *previous);
void numbers_free(struct model *);

/* A new number of a kind, or NUMBERS_ENDPOINTS: the one that is free for longest, else one behind all, for which the
 * tables grow. */
uint32_t numbers_take(struct model *, unsigned space);
void numbers_give_back(struct model *, unsigned space, uint32_t number); /* was taken, and nobody knew of it */
void numbers_release(struct model *, unsigned space, uint32_t number);   /* is free from now on, behind all others */
/* Numbers for the endpoints of a pool: those that have the same name in the pool as it was (NULL: it is new), else new
 * ones. */
void numbers_of_endpoints(struct model *, struct pool *, const struct pool *was);

#endif
