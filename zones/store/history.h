/* zones/store/history.h: what every revision changed, kept as differences and bounded in number and bytes. Private to
 * the store. */
#ifndef ZONES_STORE_HISTORY_H
#define ZONES_STORE_HISTORY_H

#include "base/buffer.h"
#include "zones/store/store.h"

#define HISTORY_KEPT 10000 /* revisions */

/* Writes the entry of a revision that is not applied yet, and lets go of the oldest beyond the bounds. `text` is
 * scratch. An LMDB code. */
int history_put(struct store_txn *, const struct revision *, struct buffer *text);
/* The number of the revision before that of an entry: a restore leaves some out. */
uint64_t history_follows(const struct doc *entry, uint64_t number);
/* Adds to an entry that was put in this transaction what was forced, and why. */
int history_forced(struct store_txn *, uint64_t number, const char *reason, const struct doc *forced,
                   struct buffer *text);

#endif
