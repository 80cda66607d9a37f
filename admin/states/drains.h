/* admin/states/drains.h: the drains that operators have put in force, and what they make of endpoints.
 *
 * Operations, not configuration: they are read from the store at the start, taken one by one as revisions set them, and
 * written into the states of the endpoints they cover. One that is over is out of force at once, and stays here until
 * the store has let go of it. Control thread. */
#ifndef ADMIN_STATES_DRAINS_H
#define ADMIN_STATES_DRAINS_H

#include "base/documents/problems.h"
#include "zones/config/drain.h"
#include "zones/steering/steering.h"
#include "zones/store/store.h"

struct drains;

struct drains *drains_new(void);
void drains_free(struct drains *);
/* Takes all that the store holds, but for what is no drain. false: it could not be read to the end. */
bool drains_read(struct drains *, struct store_txn *);
/* What the store holds that is no drain, until a change deletes or replaces it. Valid until the next drains_take. */
const struct problems *drains_left_out(const struct drains *);
/* Whether the document may stand under its key: the schema, and a target that exists. */
bool drains_check(const struct change *, const struct model *, struct problems *);
/* Takes a change of KIND_DRAINS that is in the store. */
void drains_take(struct drains *, const struct change *);

/* The same ones, to be looked at by another thread. */
struct drains *drains_copy(const struct drains *);
/* How often what is in force has become another. */
uint64_t drains_changes(const struct drains *);

/* Puts what is in force into the states of all endpoints. */
void drains_into(struct drains *, const struct model *, int64_t wall_ms, struct endpoint_state *states);
/* Puts what a drain would take out into the states of all endpoints. */
void drains_suppose(const char *key, const struct model *, struct endpoint_state *states);
/* What is in force, for the endpoints that the drain of this key covers, or covered, and to steering, which is to be
 * published then. */
void drains_into_covered(struct drains *, const char *key, const struct model *, int64_t wall_ms,
                         struct endpoint_state *states, struct steering *);

/* What is in force, for the endpoints of one pool; to steering too, unless that is NULL. */
void drains_into_pool(struct drains *, const struct pool *, const struct model *, int64_t wall_ms,
                      struct endpoint_state *states, struct steering *);
/* Somebody puts what this drain leaves now into states: its next turn is told from that. */
void drains_see(struct drains *, const char *key, int64_t wall_ms);

/* What waits or goes comes nearer to being in force: into states and steering, which is to be published then. One look
 * at one number while there is no turn. */
void drains_turn(struct drains *, const struct model *, int64_t wall_ms, struct endpoint_state *states,
                 struct steering *);
/* All of them, and whether each lasts at some time of a span; `as_now`: then it takes out just what it does now. */
typedef void drains_visit(void *context, const char *key, bool beside, bool as_now);
void drains_each_beside(const struct drains *, const struct drain_span *, drains_visit *, void *context);
/* Whether one that lasts at some time of the span takes the endpoint out, but for those that `but` is true of. */
typedef bool drains_but(const void *context, const char *key);
bool drains_take_out(const struct drains *, const struct model *, uint32_t endpoint, const struct drain_span *,
                     drains_but *but, const void *context);

/* How many take something out now, if only a part of its weight, and how many begin later. */
struct drain_counts {
        uint32_t in_force, waiting;
};
struct drain_counts drains_tell(const struct drains *, int64_t wall_ms);

/* Those that have ended, or whose target is gone, for the store to let go of: deletions in the arena. */
size_t drains_ended(struct drains *, const struct model *, int64_t wall_ms, struct arena *, struct change **);
/* Looks whether the target of one is gone: after a model that could have less. */
void drains_look(struct drains *, const struct model *);
/* Whether there could be one: a look at one number. */
bool drains_due(const struct drains *, int64_t wall_ms);

#endif
