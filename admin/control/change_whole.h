/* admin/control/change_whole.h: a change for which the configuration is loaded and built whole, by the builder's
 * thread: what is large, or concerns what all stands on. Control thread. */
#ifndef ADMIN_CONTROL_CHANGE_WHOLE_H
#define ADMIN_CONTROL_CHANGE_WHOLE_H

#include "admin/control/terms.h"
#include "base/arena.h"
#include "base/documents/problems.h"
#include "zones/store/store.h"

struct control;

/* Nothing is being written or gathered, and nothing built. Takes the arena; `done` of the terms is told what became of
 * it, of a dry run too. The changes, which are reduced in place, and the problems are there until then. */
void change_whole(struct control *, const struct revision *, const struct change_terms *, const struct change_outcome *,
                  struct arena *, struct problems *);

#endif
