/* zones/steering/serving.h: which regions have something to give. Pure; control thread.
 *
 * A region serves when one of its pools does: a service that is enabled uses it (not with weight 0 where shares go by
 * weight, nor as a last resort alone), it is enabled and has its min_healthy, and one of its endpoints is enabled, has
 * a weight, is not known to be down, and is not drained, be it gradually. */
#ifndef ZONES_STEERING_SERVING_H
#define ZONES_STEERING_SERVING_H

#include "zones/steering/steering.h"

/* How many do; those are set in `serves`, which has room for all regions of the model. Of one that serves it costs a
 * look at the pool that served when last looked at; of one that does not, a look at each of its pools. */
uint32_t regions_serving(const struct steering *, bool *serves);

#endif
