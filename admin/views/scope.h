/* admin/views/scope.h: what of a configuration is in the scope of a token, by its items alone, in the order in which a
 * whole configuration lists them: zones before services. One thread at a time. */
#ifndef ADMIN_VIEWS_SCOPE_H
#define ADMIN_VIEWS_SCOPE_H

#include "base/documents/schema.h"
#include "zones/store/kind.h"

struct scope;

/* Of these zones and the pools with one of these labels, which are copied. */
struct scope *scope_new(const struct strings *zones, const struct strings *pool_labels);
void scope_free(struct scope *); /* NULL is allowed */
/* Whether an item is, as it is stored. A service belongs to the longest zone that holds it and came before. */
bool scope_sees(void *scope, enum kind, const char *key, const char *json, size_t length);

#endif
