/* probes/content.h: whether the body of a reply contains what it must and nothing that it must not. Pure. */
#ifndef PROBES_CONTENT_H
#define PROBES_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include "probes/plan.h"

#define CONTENT_DETAIL_MAX 80

/* Whether anyone asks for the body. */
bool content_wants_body(const struct check *);
/* `body` may hold any bytes. When it is not as expected, `detail` says what is missing or found. */
bool content_body_expected(const struct check *, const char *body, size_t length, char detail[CONTENT_DETAIL_MAX]);
/* One header: `value` is NULL when the reply has none of that name. */
bool content_header_has(const struct check_header *, const char *value);

#endif
