/* admin/rollout/figures.h: what conditions read: health of endpoints, by the model and states in force. Control thread.
 */
#ifndef ADMIN_ROLLOUT_FIGURES_H
#define ADMIN_ROLLOUT_FIGURES_H

#include "base/conditions/condition.h"
#include "base/documents/problems.h"
#include "zones/store/store.h"

/* A measure_read; takes no context. Costs the endpoints that it is about. */
measure_read rollout_figure;

/* Whether all that a condition names is there, in the model in force or by these changes; else `problems` at `place`.
 */
bool figures_known(const struct condition *, const struct change *, size_t count, const char *place, struct problems *);

#endif
