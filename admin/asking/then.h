/* admin/asking/then.h: what was in force at a time: the configuration of the revision of then, its drains, its holds,
 * and the health that events tell of. What nobody wrote down (loads, round trips, GeoIP databases, addresses of host
 * names) is as it is now. */
#ifndef ADMIN_ASKING_THEN_H
#define ADMIN_ASKING_THEN_H

#include "base/documents/problems.h"
#include "zones/answers/snapshot.h"
#include "zones/steering/steering.h"
#include "zones/store/store.h"

struct journal;
struct then;

/* journal NULL: there is none. */
struct then *then_new(struct journal *, int64_t wall_ms);
void then_free(struct then *); /* NULL is allowed */

/* As build_asked has them (admin/control/build.h), on the builder's thread. */
bool then_looks(void *then, struct store_txn *, struct revision *, struct problems *);
int64_t then_states(void *then, struct snapshot *, const struct model *in_force, struct endpoint_state *);

/* When all is made. */
uint64_t then_revision(const struct then *);
int64_t then_now_ms(const struct then *); /* the monotonic time that stands for then in what was made */
/* Adds to an explanation of what was made: at, revision_time, health_since, health_unknown, and sentences. */
void then_tell(const struct then *, const struct model *, struct doc *explanation, struct arena *);

#endif
