/* zones/load/over.h: changes that stand over what is stored, as if they were applied: what is loaded of both is what
 * the store will hold. One thread at a time. */
#ifndef ZONES_LOAD_OVER_H
#define ZONES_LOAD_OVER_H

#include "base/arena.h"
#include "zones/store/store.h"

struct over;

/* In the arena; of several changes of an item the last counts. The changes stay. */
const struct over *over_new(struct arena *, const struct change *, size_t count);
/* The change of an item; NULL: it stands as it is stored. `over` NULL: nothing is changed. */
const struct change *over_find(const struct over *, enum kind, const char *key);
/* As store_each from the first on, of both together: a row has the text that is stored, or the document of a change
 * (never NULL). */
typedef void over_visit(void *context, const char *key, const char *json, size_t length, const struct doc *document);
bool over_each(const struct over *, struct store_txn *, enum kind, over_visit *, void *context);

#endif
