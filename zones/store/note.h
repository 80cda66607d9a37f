/* zones/store/note.h: what a node writes down for itself: times by name. No part of a revision, nor of the history, nor
 * of a backup.
 *
 * Of a store that is open for writing alone. */
#ifndef ZONES_STORE_NOTE_H
#define ZONES_STORE_NOTE_H

#include "zones/store/store.h"

/* Within a write transaction. `time_ms` 0: takes the note away. false: the transaction must be ended. */
bool store_note(struct store_txn *, const char *name, int64_t time_ms);
typedef void store_note_visit(void *context, const char *name, int64_t time_ms);
void store_notes_each(struct store_txn *, store_note_visit *, void *context);

#endif
