/* admin/states/hold_list.h: the list of what is held, and of what the store does not know of it yet. No look-up of
 * anything, no clock. Control thread. */
#ifndef ADMIN_STATES_HOLD_LIST_H
#define ADMIN_STATES_HOLD_LIST_H

#include <sys/queue.h>
#include "zones/config/hold.h"
#include "zones/store/store.h"

/* What is held, or was and is not written so yet. */
struct holding {
        TAILQ_ENTRY(holding) link;
        char *key;
        enum drain_scope scope;
        const char *target; /* within the key */
        int64_t since_ms, until_ms;
        bool in_force;
        bool stored; /* with these: */
        int64_t stored_since_ms, stored_until_ms;
        bool listed;   /* among those to be written */
        bool writing;  /* what it was is being written */
        bool deleting; /* and that is its deletion */
};

struct hold_counts {
        uint32_t pools, endpoints;
};

struct hold_list {
        struct map *by_key; /* struct holding *, owned */
        TAILQ_HEAD(, holding) unwritten;
        struct hold_counts counts;
        int64_t end_ms; /* wall time at which the next delay of an endpoint could be over; INT64_MAX: none */
};

void hold_list_init(struct hold_list *);
void hold_list_free(struct hold_list *);
/* Takes all that the store holds; what is no hold is listed to be taken out of it. false: it could not be read to the
 * end. */
bool hold_list_read(struct hold_list *, struct store_txn *);
struct holding *hold_list_find(const struct hold_list *, const char *key); /* NULL: none */
/* Finds or makes it; hold_list_settle follows. */
struct holding *hold_list_get(struct hold_list *, const char *key);
/* In force since then, or no longer; hold_list_settle follows. */
void hold_list_put(struct hold_list *, struct holding *, int64_t since_ms, int64_t until_ms);
void hold_list_lift(struct hold_list *, struct holding *);
/* The store has it so; document NULL: no more. false: it is no hold. */
bool hold_list_stored(struct holding *, const struct doc *document);
/* Lists it with those to be written, or no longer; frees what is neither held nor stored nor being written. */
void hold_list_settle(struct hold_list *, struct holding *);

bool holding_is_written(const struct holding *);
struct hold holding_tell(const struct holding *);
/* What is in force, by key, to be gone through while it changes. The caller frees it. */
struct holding **hold_list_in_force(const struct hold_list *, size_t *count);
/* What the store is to take, in the arena; it is being written until hold_list_wrote. */
struct change *hold_list_changes(struct hold_list *, struct arena *, size_t *count);
void hold_list_wrote(struct hold_list *, const char *key);

#endif
