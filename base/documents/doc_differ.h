/* base/documents/doc_differ.h: what differs between two documents, for people. Pure. */
#ifndef BASE_DOCUMENTS_DOC_DIFFER_H
#define BASE_DOCUMENTS_DOC_DIFFER_H

#include "base/documents/doc.h"

/* A list of {path, old, new}: with `old` alone it is gone, with `new` alone it is new; what is gone comes first.
 * Elements of a list are told by what they are called, never by where they stand: "endpoints[eu1].weight", "records[www
 * A].ttl", "match[country:DE]". A list whose elements have no names, or whose order changed, is one difference. */
struct doc *doc_differ(struct arena *, const struct doc *old, const struct doc *new);

#endif
