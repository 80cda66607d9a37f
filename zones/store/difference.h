/* zones/store/difference.h: what changed from one document to the next, small, and good for going either way. Pure.
 *
 * A difference is a list of steps, each {path, old, new} or {path, at, old, new}: the first replaces the member of a
 * map at `path` (a list of keys; no `old`: it was not there, no `new`: it is gone), the second the elements `old` of
 * the list at `path`, from the index `at` on, by those of `new`. Steps lie in order: what stands before `at` is new
 * already. */
#ifndef ZONES_STORE_DIFFERENCE_H
#define ZONES_STORE_DIFFERENCE_H

#include <stdbool.h>
#include "base/arena.h"
#include "base/documents/doc.h"

/* Both are maps. The steps are copies. */
struct doc *difference_make(const struct doc *old, const struct doc *new, struct arena *);
/* Makes the new document the old one again, in place. false: it is not the document that the difference led to; it is
 * spoilt then. */
bool difference_undo(struct doc *document, const struct doc *difference, struct arena *);

#endif
