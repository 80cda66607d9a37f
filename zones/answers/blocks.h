/* zones/answers/blocks.h: memory of what hangs off a root (zones/answers/snapshot.h). A whole build takes it from its
 * arena; what an edit makes lies apart, block by block, in a list, so that it can be freed once another edit has
 * replaced it. Whoever holds a block remembers which (`apart`). Control thread. */
#ifndef ZONES_ANSWERS_BLOCKS_H
#define ZONES_ANSWERS_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include "base/arena.h"

struct block;

struct blocks {
        struct arena *arena; /* where blocks come from; NULL: each apart */
        struct block *made;  /* those apart */
        void **replaced; /* blocks apart that nothing of the new root refers to; they stand in the list they came in */
        size_t replaced_count, replaced_capacity;
};

/* Zeroed, aligned as by arena_alloc. */
void *block_new(struct blocks *, size_t size);
/* Says that the new root does without a block that lies apart. */
void block_replaced(struct blocks *, const void *block);
/* The new root is in force: what was made joins `live`, what was replaced leaves it. Returns the list of those, for
 * blocks_free after a grace period. */
struct block *blocks_keep(struct blocks *, struct blocks *live);
/* Frees what was made; what was replaced stays. */
void blocks_drop(struct blocks *);
void blocks_free(struct block *list);

#endif
