/* probes/prober/plan.h: what to check and how, without zones and pools: all of it, or what is another than in the plan
 * before. Built by the node from the configuration, sent to probers as JSON. Monitors are those of the configuration
 * (zones/config/model.h): one schema checks and decodes them here and there. */
#ifndef PROBES_PROBER_PLAN_H
#define PROBES_PROBER_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/address.h"
#include "base/arena.h"
#include "base/documents/doc.h"
#include "base/documents/problems.h"
#include "probes/checks/check.h"

struct plan {
        struct arena *arena;
        uint64_t revision;
        const struct check *checks; /* sorted by id */
        uint32_t count;
        bool is_difference;      /* its checks are new or others, the rest stays but for those that are gone */
        const char *const *gone; /* ids, sorted */
        uint32_t gone_count;
        struct map *monitors; /* those that plan_monitor made, by the place of their originals */
};

struct plan *plan_new(uint64_t revision);
void plan_free(struct plan *);
/* Takes an array made in plan->arena; sorts it. */
void plan_set(struct plan *, struct check *checks, uint32_t count);
/* Makes it a difference: takes an array of ids made in plan->arena; sorts it. */
void plan_set_gone(struct plan *, const char **ids, uint32_t count);
/* The plan's own copy of a monitor; the same for the same original. */
const struct monitor *plan_monitor(struct plan *, const struct monitor *);
/* NULL when there is none of this id. */
const struct check *plan_find(const struct plan *, const char *id);
bool check_is_for(const struct check *, const char *prober);
/* Whether this prober is told of it: it is for it, and not for nobody because it is external. */
bool check_is_sent(const struct check *, const char *prober);
/* A copy of the checks that this prober is told of; of a difference, what is not for it is gone. */
struct plan *plan_for_prober(const struct plan *, const char *prober);
/* Equal in everything that matters for checking, so not in how probers' words make health. */
bool check_equal(const struct check *, const struct check *);

struct doc *plan_to_doc(const struct plan *, struct arena *);
struct plan *plan_from_doc(const struct doc *, struct problems *);

#endif
