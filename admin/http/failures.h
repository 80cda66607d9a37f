/* admin/http/failures.h: who comes with tokens that are none, how often. A few are forgotten as time goes by; beyond
 * that each costs its sender a second. Who has a good token is not concerned, wherever it comes from.
 *
 * A table of fixed size: who is pushed out of it by others has failed little lately. One thread. */
#ifndef ADMIN_HTTP_FAILURES_H
#define ADMIN_HTTP_FAILURES_H

#include "admin/http/peer.h"

#define FAILURES_FREE    20 /* at once; one more is free again each second */
#define FAILURES_EACH_MS 1000

struct failures;

struct failures *failures_new(void);
void failures_free(struct failures *);
/* Takes note of one. true: it is one too many. */
bool failures_add(struct failures *, const struct peer *, uint64_t now_ms);

#endif
