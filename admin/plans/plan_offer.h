/* admin/plans/plan_offer.h: the texts of the plan that probers fetch: the whole, made when it is first asked for and
 * kept until the plan is another, or the difference from one that a prober has. Their tags depend on what is to be
 * checked alone, not on the revision: a revision that changes no check sends no plan.
 *
 * Control thread. */
#ifndef ADMIN_PLANS_PLAN_OFFER_H
#define ADMIN_PLANS_PLAN_OFFER_H

#include <stddef.h>
#include "probes/prober/roster.h"

struct plan_offers;

struct plan_text {
        char tag[PLAN_TAG_MAX]; /* entity tag, quoted */
        char *text;             /* JSON */
        size_t length;
};

struct plan_offers *plan_offers_new(void);
void plan_offers_free(struct plan_offers *); /* NULL is allowed */
/* The plan is another. */
void plan_offers_change(struct plan_offers *);
/* since: the tag of what the prober has; NULL: it wants the whole. Valid until the next call. */
const struct plan_text *plan_offer(struct plan_offers *, const struct roster *, const char *prober, const char *since);

#endif
