/* base/documents/schema_checks.h: what the tables of several kinds share. */
#ifndef BASE_DOCUMENTS_SCHEMA_CHECKS_H
#define BASE_DOCUMENTS_SCHEMA_CHECKS_H

#include "base/documents/schema.h"

#define OBJECT_NAME_MAX 100

/* Names of regions, monitors, pools, endpoints, probers and tokens: letters, digits, "-", "_" and ".", so that they
 * stand in paths, ids and metrics without escapes. */
void check_object_name(const struct doc *at, struct arena *, void *out, struct problems *);
/* Each of a list. */
void check_object_names(const struct doc *at, struct arena *, void *out, struct problems *);

#endif
