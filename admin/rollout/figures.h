/* admin/rollout/figures.h: what conditions read: health of endpoints, and traffic, by the model in force. Control
 * thread.
 */
#ifndef ADMIN_ROLLOUT_FIGURES_H
#define ADMIN_ROLLOUT_FIGURES_H

#include "base/conditions/condition.h"
#include "base/documents/problems.h"
#include "zones/store/store.h"

struct control;

/* The context is the control. Costs the endpoints that it is about. */
measure_read rollout_figure;

/* What a condition reads now. */
const char *rollout_told(struct control *, struct condition *, struct arena *);

/* Whether all that a condition names is there, in the model in force or by these changes; else `problems` at `place`.
 */
bool figures_known(const struct condition *, const struct change *, size_t count, const char *place, struct problems *);

#endif
