/* base/documents/doc_names.h: what elements of a list are called, so that they are told by name and never by where they
 * stand. Pure. */
#ifndef BASE_DOCUMENTS_DOC_NAMES_H
#define BASE_DOCUMENTS_DOC_NAMES_H

#include "base/documents/doc.h"

struct doc_names;

/* A map by its name, network, pool or address, and its type when it has one ("www A"); a word or number by itself.
 * NULL: it has none. */
const char *doc_name(struct arena *, const struct doc *element);
/* The elements of a list by name. NULL: one has none, or two have the same. */
const struct doc_names *doc_names(struct arena *, const struct doc *list);
const struct doc *doc_named(const struct doc_names *, const char *name); /* NULL: none */
/* Whether what stands in both lists stands in the same order. */
bool doc_names_in_order(const struct doc_names *, const struct doc_names *);

#endif
