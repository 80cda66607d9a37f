/* gslbd/serve/client_counts.h: how many TCP connections each client has, over all workers; what a client is says the
 * caller by a prefix. Counted by hash, so that the table does not grow: clients that meet in a slot share its limit.
 * Any thread. */
#ifndef GSLBD_SERVE_CLIENT_COUNTS_H
#define GSLBD_SERVE_CLIENT_COUNTS_H

#include <stdbool.h>
#include <stdint.h>
#include "gslbd/limits/client_prefix.h"

struct client_counts;

/* With room for `limit` connections of each client. Aborts without memory. */
struct client_counts *client_counts_new(uint32_t limit);
void client_counts_free(struct client_counts *);
/* Counts one more of this client; *slot is to be given back at its end. false: it has as many as it may. */
bool client_counts_take(struct client_counts *, const struct client_prefix *, unsigned *slot);
void client_counts_give(struct client_counts *, unsigned slot);

#endif
