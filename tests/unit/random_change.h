/* tests/unit/random_change.h: changes of every kind, drawn at random, of what a store holds now. */
#ifndef TESTS_UNIT_RANDOM_CHANGE_H
#define TESTS_UNIT_RANDOM_CHANGE_H

#include "base/random.h"
#include "zones/store/store.h"

#define RANDOM_CHANGES_MOST 8

/* What a revision may change, into `changes`; returns how many, at least one. Some change nothing, some are not valid.
 */
size_t random_changes(struct random *, struct store_txn *, struct arena *, struct change changes[RANDOM_CHANGES_MOST]);
/* The world as it begins: a document as people apply it, which is valid. */
extern const char random_beginning[];

#endif
