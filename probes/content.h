/* probes/content.h: whether the body of a reply contains what it must and nothing that it must not. Pure. */
#ifndef PROBES_CONTENT_H
#define PROBES_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include "zones/model.h"

#define CONTENT_DETAIL_MAX 80

/* Whether anyone asks for the body. */
bool content_wants_body(const struct monitor *);
/* `body` may hold any bytes. When it is not as expected, `detail` says what is missing or found. */
bool content_body_expected(const struct monitor *, const char *body, size_t length, char detail[CONTENT_DETAIL_MAX]);

#endif
