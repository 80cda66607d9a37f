/* base/documents/doc_keys.h: what holds of the keys of a map, whatever it is written in; for the parsers of documents.
 */
#ifndef BASE_DOCUMENTS_DOC_KEYS_H
#define BASE_DOCUMENTS_DOC_KEYS_H

#include "base/documents/doc.h"

/* Whether no key of the map stands twice; else says so. Of many keys it costs little more than their text. */
bool doc_keys_differ(const struct doc *map, struct problems *);

#endif
