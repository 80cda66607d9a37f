/* zones/answers/snapshot.h: the immutable compiled form of one revision that workers answer from.
 *
 * One arena: names, RRsets rendered to wire, zones, services. The control thread builds it from a model and publishes
 * it as the one root pointer; workers get it with `snapshot_current()` inside a QSBR read section; the one it replaces
 * is released after its grace period. What changes without a revision (health, load) lives in the steering tables that
 * hang off it and are replaced pointer by pointer (zones/steering/steering.h). */
#ifndef ZONES_ANSWERS_SNAPSHOT_H
#define ZONES_ANSWERS_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/rcu.h"
#include "geo/locate.h"
#include "zones/answers/nodes.h"
#include "zones/config/model.h"

struct steering;

struct snapshot {
        struct arena *arena;
        const struct model *model;     /* owned */
        struct steering *steering;     /* owned */
        const struct locator *locator; /* that of `steering` */
        uint64_t revision;
        const struct names *names; /* the name table */
        size_t node_count;
};

/* Builds from `model`, which it takes (also when it fails). NULL with problems: what is wrong is
 * something that only rendering finds, or memory. */
struct snapshot *snapshot_build(struct model *model, const struct geo *geo, const struct snapshot *previous,
                                struct problems *);
void snapshot_free(struct snapshot *);

/* Publishes (control thread): readers see it at their next query. The one before is freed after its grace period. */
void snapshot_publish(struct snapshot *);
/* The published one; NULL before the first. Readers: within a QSBR section. The control thread: any time. */
struct snapshot *snapshot_current(void);

/* Hot path: time does not grow with the number of names. `name` is canonical wire, at most NAME_WIRE_MAX. */
void snapshot_lookup(const struct snapshot *, const uint8_t *name, unsigned length, struct lookup *);

#endif
