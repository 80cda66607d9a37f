/* zones/load/serials.h: the serial of each zone. It rises by one with each revision that changes what a transfer of
 * the zone would hold, never by anything else, and never falls, also when the zone was deleted meanwhile. */
#ifndef ZONES_LOAD_SERIALS_H
#define ZONES_LOAD_SERIALS_H

#include "zones/config/model.h"
#include "zones/store/store.h"
#include "zones/store/writer.h"

/* Whether a serial of a zone from elsewhere is above the one here. */
bool serial_is_above(struct store_txn *, const char *zone, const struct zone_serial *);

/* Sets the serials of the model's zones as the store has them. */
void serials_read(struct store_txn *, struct model *);
/* The same for a model whose revision is not in the store yet, after raising those of zones whose contents are others.
 * `taken` stand above the store's. Returns what is to be stored with the revision, in the arena. */
struct serial_change *serials_raise(struct store_txn *, struct model *, const struct serial_change *taken,
                                    size_t taken_count, struct arena *, size_t *count);

/* What is to be kept of one zone with these contents: from what was kept, or from what the store has; returns whether
 * that is news. */
bool serial_raise_from(struct zone_serial *kept, const struct zone *, const struct content_sum *);
bool serial_raise(struct store_txn *, uint64_t revision, const struct zone *, const struct content_sum *,
                  struct zone_serial *kept);

#endif
