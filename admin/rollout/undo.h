/* admin/rollout/undo.h: undoing one revision alone. Control thread. */
#ifndef ADMIN_ROLLOUT_UNDO_H
#define ADMIN_ROLLOUT_UNDO_H

#include "base/documents/problems.h"
#include "zones/store/store.h"

/* The changes that undo a revision of the configuration, with room for one more; what later revisions changed the same
 * is a problem each, and then they are not to be made. false with `error`: it cannot be told what it changed. */
bool undo_changes(struct store_txn *, uint64_t number, struct arena *, struct change **, size_t *count,
                  struct problems *, char *error, size_t error_size);

#endif
