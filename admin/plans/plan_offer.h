/* admin/plans/plan_offer.h: the text of the plan that each prober fetches, made when it is first asked for and kept
 * until the plan is another. Its tag depends on what is to be checked alone, not on the revision: a revision that
 * changes no check sends no plan.
 *
 * Control thread. */
#ifndef ADMIN_PLANS_PLAN_OFFER_H
#define ADMIN_PLANS_PLAN_OFFER_H

#include <stddef.h>
#include "probes/prober/plan.h"

struct plan_offers;

struct plan_text {
        char tag[40]; /* entity tag, quoted */
        char *text;   /* JSON */
        size_t length;
};

struct plan_offers *plan_offers_new(void);
void plan_offers_free(struct plan_offers *); /* NULL is allowed */
/* The plan in force, which outlives what is made of it until the next call. */
void plan_offers_set(struct plan_offers *, const struct plan *);
/* Valid until plan_offers_set. */
const struct plan_text *plan_offer(struct plan_offers *, const char *prober);

#endif
