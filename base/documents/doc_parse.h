/* base/documents/doc_parse.h: what the two parsers of documents share; only base/documents/doc_*.c includes it. */
#ifndef BASE_DOCUMENTS_DOC_PARSE_H
#define BASE_DOCUMENTS_DOC_PARSE_H

#include "base/documents/doc.h"

/* Of a text within the limit of bytes and without a NUL. */
struct doc *doc_parse_json(struct arena *, const char *text, size_t length, const struct doc_limits *,
                           struct problems *);
struct doc *doc_parse_yaml(struct arena *, const char *text, size_t length, const struct doc_limits *,
                           struct problems *);
/* A number as JSON writes it. *good: it is one. */
double doc_number(const char *text, bool *is_integer, int64_t *integer, bool *good);
/* Whether a YAML reader would take this plain text for something else than a string. */
bool doc_plain_is_special(const char *text);

#endif
