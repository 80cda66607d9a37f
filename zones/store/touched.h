/* zones/store/touched.h: which revision changed an item of the configuration last, and whose it was. Private to the
 * store.
 *
 * Kept for each item, there or deleted, beside the documents: the last change, and the last by another author than that
 * one. A store that was written without it gets it from its history when it is opened. */
#ifndef ZONES_STORE_TOUCHED_H
#define ZONES_STORE_TOUCHED_H

#include <lmdb.h>
#include "zones/store/store.h"

/* All give an LMDB code. */
int touched_put(struct store_txn *, const struct revision *);
/* An entry of the history is let go of: so are the items that it deleted and that are not there again. */
int touched_forget(struct store_txn *, uint64_t number, const MDB_val *entry);
/* Takes what the history has and this does not. */
int touched_catch_up(struct store_txn *);

#endif
