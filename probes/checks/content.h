/* probes/checks/content.h: whether the body of a reply contains what it must and nothing that it must not. Pure. */
#ifndef PROBES_CHECKS_CONTENT_H
#define PROBES_CHECKS_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include "zones/monitors/monitor.h"

#define CONTENT_MAX        65536 /* bytes of a reply that are looked into */
#define CONTENT_DETAIL_MAX 80

/* Whether anyone asks for the body. */
bool content_wants_body(const struct monitor *);
/* `body` may hold any bytes. When it is not as expected, `detail` says what is missing or found. */
bool content_body_expected(const struct monitor *, const char *body, size_t length, char detail[CONTENT_DETAIL_MAX]);

/* Whether a reply has all that is expected; `end` is then behind the last of it. Nothing expected: any byte will do. */
bool reply_has(const struct reply_expected *, const char *data, size_t length, size_t *end);
/* What is missing, and how the reply begins. */
void reply_describe(const struct reply_expected *, const char *data, size_t length, char *detail, size_t size);

#endif
