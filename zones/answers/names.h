/* zones/answers/names.h: the table of all names of a root: a hash over canonical wire names, in shards.
 *
 * A name's hash is made label by label from the right, so one pass gives the hashes of all its ancestors: an existing
 * name costs one probe, the closest encloser of one that does not exist one probe per missing label. A change copies
 * the shard that it is in, and the list of shards; there are about as many shards as names in each when all is built
 * whole, and no fewer than 64: a table that grew by changes alone is slower to change, never to read. */
#ifndef ZONES_ANSWERS_NAMES_H
#define ZONES_ANSWERS_NAMES_H

#include <stddef.h>
#include <stdint.h>
#include "zones/answers/nodes.h"
#include "zones/answers/pages.h"
#include "zones/dns/name.h"

struct shard {
        uint64_t *slots;   /* the low 48 bits are a node, the others of its hash: most misses end there; 0: free */
        uint32_t capacity; /* at least one is free: every search ends */
        uint32_t count : 31;
        uint32_t apart : 1; /* the slots are */
};

struct names {
        struct shard *shards;
        uint32_t mask; /* shards - 1 */
        bool apart;    /* the list of shards is */
        size_t count;
};

/* An empty table, with room for as many names as are expected: what goes in beyond that moves shards. */
void names_init(struct names *, struct blocks *, size_t expected);
/* Adds a node, or puts it in the place of the one of the same name, in a table that nobody reads yet and that began as
 * `before`; what of that is changed is copied first. `before` may be NULL: nothing is shared. */
void names_put(struct names *, struct blocks *, const struct names *before, const struct node *);
void names_remove(struct names *, struct blocks *, const struct names *before, const uint8_t *name);

/* The node of this name (its length with the root label), or NULL. */
const struct node *names_find(const struct names *, const uint8_t *name, unsigned length);
/* snapshot_lookup's work; `zones` are the root's. */
void names_lookup(const struct names *, const struct pages *zones, const uint8_t *name, unsigned length,
                  struct lookup *);

#endif
