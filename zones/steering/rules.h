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
/* The same of steering that is edited in place: what serves is looked at before, and compared after. */
struct rules_before {
        uint32_t count;
        char *text; /* NULL: there is no such rule */
};
struct rules_before rules_look(const struct rules *, const struct steering *);
bool rules_break_since(const struct rules *, const struct rules_before *, const struct steering *after,
                       struct problems *);
void rules_forget(struct rules_before *);
/* drains: of those that the revision makes. */
bool rules_break_drains(const struct rules *, const struct revision *, struct problems *);

/* max_traffic_moved: this share of all answers (0..1) would go to other endpoints. */
bool rules_break_traffic(const struct rules *, double moved, struct problems *);

#endif
