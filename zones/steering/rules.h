/* zones/steering/rules.h: whether a change keeps to the rules that stood before it. Control thread.
 *
 * Each rule is a function here, called where the guard looks (admin/control/guard.c): it adds one problem, with the
 * rule's place, and says whether it is broken. */
#ifndef ZONES_STEERING_RULES_H
#define ZONES_STEERING_RULES_H

#include "base/documents/problems.h"
#include "zones/config/model.h"
#include "zones/steering/steering.h"
#include "zones/store/store.h"

/* regions_serving: what serves after is too little, and less than before. */
bool rules_break_regions(const struct rules *, const struct steering *before, const struct steering *after,
                         struct problems *);
/* drains: of those that the revision makes. */
bool rules_break_drains(const struct rules *, const struct revision *, struct problems *);

#endif
