/* admin/plans/plan_make.h: from the configuration to what probers check. Pure; control thread. */
#ifndef ADMIN_PLANS_PLAN_MAKE_H
#define ADMIN_PLANS_PLAN_MAKE_H

#include "probes/prober/plan.h"
#include "zones/config/model.h"

/* One check per endpoint that has a monitor and is enabled. The caller frees the plan. */
struct plan *plan_make(const struct model *);

#endif
