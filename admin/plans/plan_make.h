/* admin/plans/plan_make.h: from the configuration to what probers check: what is another than in the plan that is kept.
 * Control thread. */
#ifndef ADMIN_PLANS_PLAN_MAKE_H
#define ADMIN_PLANS_PLAN_MAKE_H

#include "probes/prober/roster.h"
#include "zones/config/model.h"
#include "zones/load/model_edit.h"

/* One check per endpoint that has a monitor and is used, as a difference from the roster; NULL: there is none. It
 * refers to the model. The caller frees it. */
struct plan *plan_make(const struct model *, struct roster *);
/* The same when the model became another by these items; costs what they touch. */
struct plan *plan_make_edit(const struct model *, struct roster *, const struct edited *, size_t count);

#endif
