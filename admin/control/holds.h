/* admin/control/holds.h: what is held: pools and endpoints that were down and are back, but stay out of answers until
 * an operator says so or a delay is over.
 *
 * A hold begins and ends with health; it is in force at once, and an operation in the store a tick later: all that
 * began and ended until then is one revision by "gslbd". While the disk takes nothing it stays in force all the same,
 * and is written later. Costs what begins and ends. Control thread. */
#ifndef ADMIN_CONTROL_HOLDS_H
#define ADMIN_CONTROL_HOLDS_H

#include "probes/health/health.h"
#include "admin/states/hold_list.h"
#include "base/retry.h"
#include "zones/answers/snapshot.h"
#include "zones/config/edited.h"
#include "zones/config/hold.h"
#include "zones/steering/steering.h"
#include "zones/store/store.h"

struct control;

struct holds {
        struct hold_list list;
        bool writing;
        struct retry retry; /* of a store that took nothing */
};

struct holds *holds_new(void);
void holds_free(struct holds *);
/* Takes all that the store holds. What is no hold is let go of. false: it could not be read to the end. */
bool holds_read(struct holds *, struct store_txn *);

/* Those that stand in the store are in force in the first tables, and in the states of their endpoints. */
void holds_begin(struct control *, struct snapshot *first, struct endpoint_state *states);
/* Health changed: an endpoint that was down is back, or one that is held is down again. Into its state. */
void holds_of_health(struct control *, const struct health_change *, struct endpoint_state *);
/* Delays of endpoints that are over. */
void holds_end_due(struct control *);
/* holds_write.c: what steering has come to hold or no longer does, delays that are over, and what is to be written. */
void holds_tick(struct control *);
/* Before other tables come into force: what those in force have come to hold. */
void holds_look(struct control *);
/* Another configuration is in force: it may not hold any more what is held. */
void holds_follow(struct control *);
/* The same of what these changed. They are in force. */
void holds_follow_items(struct control *, const struct edited *, size_t count);
/* Takes a change of KIND_HOLDS that is in the store; somebody ended it, or a backup brought it. In force with
 * steering_publish. */
void holds_take(struct control *, const struct change *);

#endif
