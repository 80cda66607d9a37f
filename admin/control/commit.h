/* admin/control/commit.h: from accepted to in force. What was accepted is given to the store's thread, and comes into
 * force when it is on disk; the control thread goes on meanwhile. Control thread. */
#ifndef ADMIN_CONTROL_COMMIT_H
#define ADMIN_CONTROL_COMMIT_H

#include "admin/control/terms.h"
#include "zones/store/store.h"
#include "zones/store/writer.h"

struct commits;
struct control;
struct edit;

/* false with `error`. */
bool commits_open(struct control *, char *error, size_t error_size);
/* What was accepted is written first. */
void commits_close(struct control *);

/* Takes a revision that was accepted, numbered by this, with the arena of what was made for it, and its edit (NULL: it
 * is one of operations); `done` of the terms is told. The changes are there until then. */
void commit_add(struct control *, struct revision *, struct edit *, const struct change_terms *,
                const struct change_outcome *, struct arena *);
/* The same of one that was built whole. It gets its number, at least the one that it has, when it is written; `done`
 * puts it in force (commit_is_newest). */
void commit_add_built(struct control *, const struct revision *, const struct serial_change *, size_t count,
                      control_done *done, void *context);
/* Whether it can go with what is gathered: both are edits, and of other items. */
bool commit_joins(const struct control *, const struct revision *);
/* The edits that are gathered, in order; the caller frees the list. */
struct edit **commit_edits(const struct control *, size_t *count);

/* Writes down a time; see zones/store/note.h. Nobody is told what becomes of it. */
void commit_note(struct control *, const char *name, int64_t time_ms);

/* What a revision that was built changes of drains is on disk, and is about to be in force. */
void commit_take_drains(struct control *, const struct revision *);
/* It is in force. */
void commit_is_newest(struct control *, const struct revision *);
/* `call` is called before all who wait for that, and returns whether it has told them itself. */
void commit_when_free_first(struct control *, bool (*call)(struct control *));
/* Another change may begin. */
void commit_tell_free(struct control *);
/* Waits until what was accepted is written. false: nothing was. */
bool commits_settle(struct control *);
/* Notes why the store took nothing. */
void commit_failed(struct control *, const char *error);

#endif
