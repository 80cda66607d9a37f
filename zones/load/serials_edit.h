/* zones/load/serials_edit.h: the serials of zones that an edit changes. Control thread. */
#ifndef ZONES_LOAD_SERIALS_EDIT_H
#define ZONES_LOAD_SERIALS_EDIT_H

#include "zones/load/model_edit.h"
#include "zones/store/writer.h"

/* Raises those of zones whose contents an edit makes others, by what it takes away and adds; it is installed, and the
 * last one. The serials are risen in the model as long as the edit is installed; model_edit_items tells of each. `txn`:
 * where the serials of zones that come were kept; whatever deleted a zone that comes again must be committed. */
void serials_edit(struct store_txn *txn, struct model *, struct model_edit *, uint64_t revision);
/* What the store is to keep of them; in the arena. The edit is installed. */
struct serial_change *serials_edit_changes(const struct model *, const struct model_edit *, struct arena *,
                                           size_t *count);

#endif
