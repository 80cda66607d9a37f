/* zones/store/walk.h: all that a store holds as it was at one revision, in steps, however long somebody takes over it.
 *
 * No read transaction is open between steps. Revisions are written meanwhile: what they replace that a walk has not
 * come to is kept for it, as it was, by who writes. A walk for which that would become too much is broken off.
 *
 * A walk is of one thread at a time, which may be another than the one that writes. It ends before its store closes. */
#ifndef ZONES_STORE_WALK_H
#define ZONES_STORE_WALK_H

#include "zones/store/store.h"

struct store_walk;

#define WALK_SERIALS KIND_COUNT /* behind all kinds: of zones, a struct zone_serial each */

/* Shown a transaction in which all is as the walk will see it, to look at what tells of it. */
typedef void store_walk_look(void *context, struct store_txn *);

/* `kinds`: bits 1u << kind of what it will visit. Waits for a revision that is just being written. NULL with a message.
 */
struct store_walk *store_walk_begin(struct store *, unsigned kinds, store_walk_look *, void *context, char *error,
                                    size_t error_size);
void store_walk_end(struct store_walk *); /* NULL is allowed */

enum walk_visit {
        WALK_ON,
        WALK_REST, /* goes on behind this item when it is called again */
        WALK_AGAIN /* likewise, but with this item */
};
typedef enum walk_visit store_walk_visit(void *context, const char *key, const char *value, size_t length);

enum walk_step {
        WALK_RESTS,  /* the visitor stopped it */
        WALK_ENDED,  /* there is no more of this kind */
        WALK_BROKEN, /* as it was at its revision is not known any more, or cannot be read: `error` */
};
/* Visits the items of a kind in the order of their keys, from where it rested. Kinds come in their order; those that
 * are left out are not come back to. What is visited is valid during the call only. */
enum walk_step store_walk_step(struct store_walk *, int kind, store_walk_visit *, void *context, char *error,
                               size_t error_size);

#endif
