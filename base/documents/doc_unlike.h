/* base/documents/doc_unlike.h: where two documents are not alike, for what looks closer at that alone. Pure. */
#ifndef BASE_DOCUMENTS_DOC_UNLIKE_H
#define BASE_DOCUMENTS_DOC_UNLIKE_H

#include "base/documents/doc.h"

/* Copies of two lists without the elements with which both begin alike, and with which both end alike; or of two maps,
 * whose members that are lists in both are such. */
void doc_unlike(struct arena *, const struct doc *a, const struct doc *b, struct doc **a_out, struct doc **b_out);

#endif
