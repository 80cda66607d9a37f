/* zones/store/pages.h: what of the file is counted as memory of this process. Private to the store.
 *
 * LMDB reads the file through a map, and each page that was touched once stays resident: a start would leave all of
 * the configuration there, beside what was made of it. */
#ifndef ZONES_STORE_PAGES_H
#define ZONES_STORE_PAGES_H

#include "zones/store/store_private.h"

#define PAGES_MUCH ((size_t)8 << 20) /* bytes of documents */

/* Finds the map of a store that has just been opened. */
void pages_find(struct store *);
/* When a transaction that has ended read much: its pages stay in the system's cache, and are the process's no more.
 * Other readers get them from there again. */
void pages_give_back(const struct store_txn *);

#endif
