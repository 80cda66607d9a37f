/* zones/answers/snapshot.h: the root that workers answer from: the immutable compiled form of one revision.
 *
 * The root is small: shards of the name table, zones and pools by number, and pointers to what outlives revisions
 * (steering, the locator, the model). The control thread builds it whole from a model (snapshot_build), or makes it
 * from the one before, with which it shares all that did not change. To publish it is to swap one pointer: workers get
 * it with `snapshot_current()` inside a QSBR read section, and what a revision replaced is freed after its grace
 * period. What changes without a revision (health, load) lives in the steering tables, which are replaced pointer by
 * pointer (zones/steering/steering.h). */
#ifndef ZONES_ANSWERS_SNAPSHOT_H
#define ZONES_ANSWERS_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/rcu.h"
#include "geo/locate.h"
#include "zones/answers/blocks.h"
#include "zones/answers/names.h"
#include "zones/answers/nodes.h"
#include "zones/answers/pages.h"
#include "zones/config/model.h"

struct steering;

/* What the roots of one whole build stand on. The control thread's. */
struct snapshot_base {
        struct arena *arena; /* all that was built whole */
        struct blocks live;  /* what was made since, piece by piece, and nothing has replaced */
        struct model *model;
        struct steering *steering;
};

struct snapshot {
        struct names names;
        struct pages zones;            /* struct zone_data by number */
        struct pages pools;            /* struct pool_contents by number; for transfers */
        const struct locator *locator; /* that of `steering` */
        struct steering *steering;
        uint32_t classes; /* which classes of clients they are: classes_number */
        uint64_t revision;
        uint64_t version;           /* counts publications; never falls */
        const struct model *model;  /* the control thread's alone: readers have no business there */
        struct snapshot_base *base; /* owned by the newest of its roots */
};

/* Builds from `model`, which it takes (also when it fails), but for what is known of endpoints (snapshot_begin). Of
 * `previous` (or NULL) it looks at nothing that changes. NULL with problems: what is wrong is something that only
 * rendering finds, or memory. Any one thread. */
struct snapshot *snapshot_frame(struct model *model, const struct geo *geo, const struct snapshot *previous,
                                struct problems *);
/* Once: it can be published then. States by number, NULL: nothing is known. false with problems: memory. Any one
 * thread. */
struct endpoint_state;
bool snapshot_begin(struct snapshot *, const struct endpoint_state *, struct problems *);
/* Both in one, with what `previous` (or NULL) knows besides states. Control thread. */
struct snapshot *snapshot_build(struct model *model, const struct geo *geo, const struct snapshot *previous,
                                struct problems *);
/* Of one that was never published, or that nobody reads any more; with all that it stands on. */
void snapshot_free(struct snapshot *);
void snapshot_discard(struct snapshot *); /* the same, by liburcu's thread: it takes its time */

/* Publishes (control thread): readers see it at their next query. The one before is freed after its grace period. */
void snapshot_publish(struct snapshot *);
/* Swaps the root, and no more. Returns the one before. */
struct snapshot *snapshot_swap(struct snapshot *);
/* The published one; NULL before the first. Readers: within a QSBR section. The control thread: any time. */
struct snapshot *snapshot_current(void);

/* Hot path: time does not grow with the number of names. `name` is canonical wire, at most NAME_WIRE_MAX. */
void snapshot_lookup(const struct snapshot *, const uint8_t *name, unsigned length, struct lookup *);
/* The node whose addresses a binding of `n` hints at, which is a service; NULL: there is none. */
const struct node *snapshot_target(const struct snapshot *, const struct node *n, const struct node_binding *);
/* The zone above a zone, when that is ours as well, or NULL. *ds: its DS of the zone's name (RFC 4035 3.1.4.1), or
 * NULL.
 */
const struct zone_data *snapshot_parent(const struct snapshot *, const struct zone_data *, const struct rrset **ds);
/* What a transfer of the zone holds besides the SOA, record by record. Whatever is healthy, it is the same for
 * everyone.
 */
typedef void transfer_visit(void *context, const uint8_t *owner, uint16_t type, uint32_t ttl, const void *rdata,
                            size_t length);
void snapshot_transfer(const struct snapshot *, const struct zone_data *, transfer_visit *, void *context);

#endif
