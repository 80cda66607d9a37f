/* probes/prober/host.h: an engine at work for one gslbd, whatever carries its reports: takes plans from any thread,
 * makes a report every interval and as soon as a verdict changes. What is left to a transport: bring plans, take
 * reports away. */
#ifndef PROBES_PROBER_HOST_H
#define PROBES_PROBER_HOST_H

#include "probes/checks/exec.h"
#include "probes/checks/verdict.h"
#include "probes/prober/asked.h"
#include "probes/prober/plan.h"

struct event_base;
struct host;

/* Called on the thread that runs the base; the report is valid during the call. */
typedef void host_reported(void *context, const struct report *);
/* Called likewise: what came of a plan is not what it was said to come to. */
typedef void host_plan_wrong(void *context, bool was_difference);

struct host_options {
        const char *name;                        /* the prober's; outlives the host */
        const char *server;                      /* named in the log with what is checked; NULL: nothing is logged */
        const struct resolver_options *resolver; /* as of engine_new */
        struct exec_settings programs;           /* that may be run */
        host_plan_wrong *plan_wrong;             /* NULL: no plan says what comes of it */
};

/* NULL: out of memory or descriptors. */
struct host *host_new(struct event_base *, const struct host_options *, host_reported *, void *context);
void host_free(struct host *); /* nobody runs its base any more; NULL is allowed */
/* Takes a plan, in the place of those that are not at work yet, or a difference from the newest one. tag: of what comes
 * of it; NULL or of another make: not known. Any thread. */
void host_give_plan(struct host *, struct plan *, const char *tag);
/* Takes what is to be tried at once, in the place of what was before: a report speaks of it until then. Copied. Any
 * thread. */
void host_give_asked(struct host *, const struct try_asked *, uint32_t count);

#endif
