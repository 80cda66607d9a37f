/* admin/control/selection.h: which endpoints a caller means: what is given must hold all together. Pure. */
#ifndef ADMIN_CONTROL_SELECTION_H
#define ADMIN_CONTROL_SELECTION_H

#include "zones/config/model.h"

struct selection {
        const char *region, *pool, *label, *cidr_text; /* NULL: not given */
        struct prefix cidr;
};

bool selection_has(const struct selection *, const struct model *, const struct endpoint *);

#endif
