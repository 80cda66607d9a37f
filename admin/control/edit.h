/* admin/control/edit.h: a change of the configuration at a cost of what it changes: the model, steering and names are
 * edited in place of being loaded and built whole. Control thread.
 *
 * An edit is accepted against the newest accepted state and taken out again: until it is on disk nobody sees it. Those
 * that were accepted one upon the other come into force together. */
#ifndef ADMIN_CONTROL_EDIT_H
#define ADMIN_CONTROL_EDIT_H

#include "admin/control/findings.h"
#include "base/documents/problems.h"
#include "zones/store/writer.h"

struct control;
struct edit;

/* Checks the changes on top of the edits that were accepted before (`count` of them, in order). NULL: `problems` say
 * why not, or *whole: such changes are for a whole load. `findings`: what stands against it all together. */
struct edit *edit_accept(struct control *, struct edit *const *before, size_t count, const struct revision *,
                         bool *whole, struct findings *, struct problems *);
/* What it makes of zones' serials, to be stored with it. */
const struct serial_change *edit_serials(const struct edit *, size_t *count);
/* It will not be. */
void edit_drop(struct control *, struct edit *);

/* They are on disk: puts them in force, with the newest revision's number and time, and frees them. false: they could
 * not be put in; they are in force once the stored configuration has been loaded whole. */
bool edits_put_in_force(struct control *, struct edit *const *edits, size_t count, const struct revision *newest);

#endif
