/* admin/control/commit.h: from accepted to in force. What was accepted is given to the store's thread, and comes into
 * force when it is on disk; the control thread goes on meanwhile. Control thread. */
#ifndef ADMIN_CONTROL_COMMIT_H
#define ADMIN_CONTROL_COMMIT_H

#include "admin/control/terms.h"
#include "zones/store/store.h"

struct commits;
struct control;
struct edit;
struct snapshot;

/* false with `error`. */
bool commits_open(struct control *, char *error, size_t error_size);
/* What was accepted is written first. */
void commits_close(struct control *);

/* Takes a revision that was accepted, numbered by this, with the arena of what was made for it, and its edit (NULL: it
 * is one of operations); `done` of the terms is told. The changes are there until then. */
void commit_add(struct control *, struct revision *, struct edit *, const struct change_terms *,
                const struct change_outcome *, struct arena *);
/* Whether it can go with what is gathered: both are edits, and of other items. */
bool commit_joins(const struct control *, const struct revision *);
/* The edits that are gathered, in order; the caller frees the list. */
struct edit **commit_edits(const struct control *, size_t *count);

/* Writes down a time; see zones/store/note.h. Nobody is told what becomes of it. */
void commit_note(struct control *, const char *name, int64_t time_ms);

/* A revision that is on disk comes into force; `snapshot` (NULL: operations alone) is what was built for it. */
void commit_put_in_force(struct control *, const struct revision *, struct snapshot *);
/* Notes why the store took nothing. */
void commit_failed(struct control *, const char *error);

#endif
