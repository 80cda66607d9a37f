/* base/documents/doc_take_back.h: undoing one change of a document that was changed again since. Pure. */
#ifndef BASE_DOCUMENTS_DOC_TAKE_BACK_H
#define BASE_DOCUMENTS_DOC_TAKE_BACK_H

#include "base/documents/doc.h"

/* `now` without what led from `before` to `after`; any of them may be NULL: there is none, and so may the result be.
 * Members of maps, and elements of lists by their names, are taken back one by one, so that a later change of others is
 * no hindrance. Where `now` is neither as it was before nor after, `conflicts` gets a {path, was, made, is}, with the
 * path as doc_differ writes it, and the result is not to be used. */
struct doc *doc_take_back(struct arena *, const struct doc *before, const struct doc *after, const struct doc *now,
                          struct doc *conflicts);

#endif
