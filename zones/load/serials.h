/* zones/load/serials.h: the serial of each zone. It rises by one with each revision that changes what a transfer of
 * the zone would hold, never by anything else, and never falls, also when the zone was deleted meanwhile. Control
 * thread. */
#ifndef ZONES_LOAD_SERIALS_H
#define ZONES_LOAD_SERIALS_H

#include "zones/config/model.h"
#include "zones/store/store.h"

/* Takes the serial of a zone from elsewhere, with the contents that had it there, where it is above the one here.
 * *taken: it is. false with a message: as store_apply. */
bool serials_take(struct store_txn *, const char *zone, const struct zone_serial *, bool *taken, char *error,
                  size_t error_size);

/* Sets the serials of the model's zones as the store has them. */
void serials_read(struct store_txn *, struct model *);
/* The same for a model that was loaded from an open write transaction, after raising and keeping those of zones whose
 * contents are others. false with a message: the transaction must be ended. */
bool serials_raise(struct store_txn *, struct model *, char *error, size_t error_size);

/* What is to be kept of one zone with these contents: from what was kept, or from what the store has; returns whether
 * that is news. */
bool serial_raise_from(struct zone_serial *kept, const struct zone *, const struct content_sum *);
bool serial_raise(struct store_txn *, uint64_t revision, const struct zone *, const struct content_sum *,
                  struct zone_serial *kept);

#endif
