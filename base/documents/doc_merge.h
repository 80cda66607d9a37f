/* base/documents/doc_merge.h: merge patches (RFC 7396), with lists of named items merged by name. Pure.
 *
 * A list of endpoints, records or pool entries is merged with a list of maps in the patch: an item of the same name is
 * merged, another is added. Or with a map from names to items, where null removes: {"endpoints": {"eu1": {"weight": 5},
 * "eu2": null}}. A record's name is "owner/type", the owner relative to the zone or absolute. Every other list is
 * replaced, as RFC 7396 says; one of plain names too ("pools": ["web-us"]). Maps beside plain names could mean either,
 * and are refused. */
#ifndef BASE_DOCUMENTS_DOC_MERGE_H
#define BASE_DOCUMENTS_DOC_MERGE_H

#include "base/documents/doc.h"

/* Whether a patch says what it means; else with problems. */
bool merge_patch_check(const struct doc *patch, struct problems *);
/* A new document: the target with the patch laid over it. Neither is changed. */
struct doc *merge_patch(struct arena *, const struct doc *target, const struct doc *patch);

#endif
