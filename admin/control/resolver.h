/* admin/control/resolver.h: the addresses of host-name endpoints of services that do not answer with a CNAME (at the apex of a
 * zone, or `flatten: true`), asked of a recursive resolver again and again. Control thread.
 *
 * What was found stays until a newer answer has addresses: a resolver that is silent, fails or says that the name does
 * not exist changes nothing. */
#ifndef ADMIN_CONTROL_RESOLVER_H
#define ADMIN_CONTROL_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include "zones/answers/snapshot.h"

struct event_base;
struct resolver;

#define RESOLVER_NAMES_MAX 10000
#define RESOLVER_FASTEST_S 1  /* however short the TTL */
#define RESOLVER_SLOWEST_S 60 /* however long the TTL */
#define RESOLVER_RETRY_S   5  /* after no answer, or one without addresses */

/* Servers as "127.0.0.1:53" or "[::1]:53"; none: those of /etc/resolv.conf. NULL with `error`. */
struct resolver *resolver_new(struct event_base *, const char *const *servers, size_t count, char *error,
                              size_t error_size);
void resolver_free(struct resolver *);

/* From now on the names that this snapshot needs; it gets what is known at once, and what is found as long as it is the one
 * that is published. Call it before it is published. */
void resolver_watch(struct resolver *, struct snapshot *);

/* Whether every name has been asked once, with whatever result. */
bool resolver_settled(const struct resolver *);

#endif
