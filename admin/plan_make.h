/* admin/plan_make.h: from the configuration to what probers check. Pure; control thread. */
#ifndef ADMIN_PLAN_MAKE_H
#define ADMIN_PLAN_MAKE_H

#include "probes/plan.h"
#include "zones/model.h"

/* One check per endpoint that has a monitor and is enabled. The caller frees the plan. */
struct plan *plan_make(const struct model *);

#endif
