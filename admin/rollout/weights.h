/* admin/rollout/weights.h: the weights of a service's pools while its traffic goes to one of them. Pure. */
#ifndef ADMIN_ROLLOUT_WEIGHTS_H
#define ADMIN_ROLLOUT_WEIGHTS_H

#include "base/documents/doc.h"

/* The pools of a service, from those that it began with, so that `to` has this share in percent, from 1 to 100, and the
 * others keep theirs among themselves. A pool that is not in the list is added. */
struct doc *weights_shifted(const struct doc *began, const char *to, int64_t percent, struct arena *);
/* The share of a pool in percent, rounded down; 0 when it is not in the list. */
int64_t weights_share(const struct doc *pools, const char *pool);
/* Whether any other pool than this has a weight. */
bool weights_of_others(const struct doc *pools, const char *pool);
/* Whether the lists say the same: pools and their weights in order, and nothing more. */
bool weights_equal(const struct doc *, const struct doc *);

#endif
