/* zones/answers/snapshot_edit.h: the root of a revision made from the one before, in place of one built whole: it
 * shares all names, zones and pools that the revision does not touch, and costs what it touches. Control thread.
 *
 * A name is what the model says of it: its records, the service there, the zone whose apex it is, what stands below. So
 * an edit lists the names that may have changed and makes each anew; what that changes for the names above follows. */
#ifndef ZONES_ANSWERS_SNAPSHOT_EDIT_H
#define ZONES_ANSWERS_SNAPSHOT_EDIT_H

#include "zones/answers/snapshot.h"
#include "zones/config/edited.h"

struct snapshot_edit;

/* The root after these items, which `after` has installed and the steering of `before` has taken. A zone whose serial
 * alone has changed is among them too (its item may be the same before and after). Nobody finds it yet; the items that
 * were must stay until it is published or dropped, `before` must be the newest root. */
struct snapshot_edit *snapshot_edit_new(const struct snapshot *before, const struct model *after, const struct edited *,
                                        size_t count, uint64_t revision);
const struct snapshot *snapshot_edit_root(const struct snapshot_edit *);
/* Swaps the root and frees, after a grace period, what was replaced. Each ends the edit. */
void snapshot_edit_publish(struct snapshot_edit *);
void snapshot_edit_drop(struct snapshot_edit *);

#endif
