/* probes/checks/resolve.h: host names of endpoints to addresses, without blocking the engine: getaddrinfo on a helper thread, so
 * that the system's resolver configuration counts. */
#ifndef PROBES_CHECKS_RESOLVE_H
#define PROBES_CHECKS_RESOLVE_H

#include "base/address.h"

struct event_base;
struct resolving;

/* `address` is NULL when the name has none. Called on the base's thread, never from inside resolve_start. */
typedef void resolved(void *context, const struct address *);

struct resolving *resolve_start(struct event_base *, const char *name, resolved *, void *context); /* NULL: no thread to be had */
void resolve_cancel(struct resolving *); /* the call will not come; NULL is allowed */

#endif
