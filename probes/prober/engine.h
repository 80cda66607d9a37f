/* probes/prober/engine.h: runs the checks of a plan on a libevent base and keeps a verdict per check.
 *
 * One thread owns it: the one that runs `base`. Checks are spread over their interval by a hash of their id; they start
 * when they appear in a plan and stop when they go; a check that is unchanged in a new plan keeps its verdict and its
 * time. */
#ifndef PROBES_PROBER_ENGINE_H
#define PROBES_PROBER_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include "base/resolver.h"
#include "probes/prober/kept.h"
#include "probes/prober/plan.h"
#include "probes/checks/verdict.h"

struct event_base;
struct engine;

/* Called when a verdict's state changes (also from unknown). */
typedef void engine_changed(void *context, const struct verdict *);

/* resolver: who is asked for host names; NULL: as the system is set up. NULL when it cannot be asked. */
struct engine *engine_new(struct event_base *base, const struct resolver_options *resolver, engine_changed *changed,
                          void *context);
/* Before the first plan: what programs of the operator's it may run; none without. Copied. */
struct exec_settings;
void engine_allow_programs(struct engine *, const struct exec_settings *);
/* Called when a try that was asked for has ended; NULL: nobody. */
typedef void engine_tried_call(void *context);
void engine_when_tried(struct engine *, engine_tried_call *);
void engine_free(struct engine *); /* cancels what is under way */
/* Takes a plan, or the difference of one from that which it has. */
void engine_set_plan(struct engine *, struct plan *);
/* All verdicts, in order of id; valid until the next call into the engine. */
const struct verdict *engine_verdicts(const struct engine *, uint32_t *count);
/* Runs a check at once that is not waited for already under this number: from its begin if it is not under way, else
 * once more behind that; but no check more often than once a second. Its result counts as any other. */
void engine_try(struct engine *, const char *id, uint64_t number);
/* What came of the one of this number, which began after it was asked for; not done: nothing yet. */
struct tried engine_tried(const struct engine *, const char *id, uint64_t number);
uint64_t engine_plan_revision(const struct engine *);
struct plan_digest engine_plan_digest(const struct engine *);

#endif
