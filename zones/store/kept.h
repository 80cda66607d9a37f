/* zones/store/kept.h: what revisions replace while somebody walks over the store, kept as it was. Private to the store.
 *
 * Who writes keeps it, for each walk that has not come by; who walks takes it from there. Any thread. */
#ifndef ZONES_STORE_KEPT_H
#define ZONES_STORE_KEPT_H

#include <sys/queue.h>
#include "zones/store/store_private.h"

#define KEPT_MAX     ((size_t)96 << 20) /* bytes, for all walks of a store together */
#define KEPT_SERIALS KIND_COUNT         /* in the place of a kind: zones' serials */

/* An item as it was. */
struct image {
        struct image *below[2]; /* a treap: below each lie those before and behind it, and none of a higher rank */
        uint32_t rank;
        int kind;
        bool was; /* false: there was no such item */
        size_t length;
        char *value; /* behind the key */
        char key[];
};

/* Of one walk. */
struct kept {
        LIST_ENTRY(kept) link;
        struct store *store;
        unsigned kinds; /* bits */
        struct image *images;
        int kind; /* where the walk stands: behind `key` of this kind */
        char key[STORE_KEY_MAX + 1];
        bool broken;
};

void kept_open(struct store *);
void kept_close(struct store *);

/* --- who writes --- */

/* A write transaction begins and has ended: no walk begins in between. */
void kept_writing(struct store *);
void kept_written(struct store *);
/* Called in a write transaction before an item is replaced, deleted or made; `old` NULL: there is none. */
void kept_put(struct store *, int kind, const char *key, const MDB_val *old);

/* --- who walks --- */

/* Between kept_writing and kept_written. */
void kept_begin(struct kept *, struct store *, unsigned kinds);
void kept_end(struct kept *);
bool kept_is_broken(struct kept *);
/* The walk goes to a kind, and behind an item of it: of what is before nothing is kept any more. */
void kept_enter(struct kept *, int kind);
void kept_pass(struct kept *, const char *key);
/* The first image of the kind, when it is of the item `stored`, or one before; NULL: there is none. It stays until the
 * walk has gone behind it. `stored` may be NULL: any. */
const struct image *kept_first(struct kept *, const char *stored);

#endif
