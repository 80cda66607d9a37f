/* admin/plans/local_prober.h: the built-in prober: a probes engine on a thread of its own, so that building a large
 * snapshot on the control thread delays no check and a slow check delays no change.
 *
 * The control thread gives it plans; it hands back reports (full state, about once a second and at once when a verdict
 * changes) on the control thread's event base. */
#ifndef ADMIN_PLANS_LOCAL_PROBER_H
#define ADMIN_PLANS_LOCAL_PROBER_H

#include <stdbool.h>
#include "base/resolver.h"
#include "probes/checks/exec.h"
#include "probes/prober/asked.h"
#include "probes/prober/plan.h"
#include "probes/checks/verdict.h"

struct event_base;
struct local_prober;

/* Called on the control thread. The report is valid
 * during the call. */
typedef void local_prober_reported(void *context, const struct report *);

struct local_prober_options {
        const char *name;
        struct exec_settings programs;    /* that it may run */
        struct resolver_options resolver; /* for host names that are checked */
};

struct local_prober *local_prober_start(struct event_base *control, const struct local_prober_options *,
                                        local_prober_reported *, void *context, char *error, size_t error_size);
void local_prober_stop(struct local_prober *); /* joins its thread; NULL is allowed */
/* Lets it end behind what its thread does just now, which may take long: it reports no more, and when it is over
 * local_prober_stop waits for nothing. */
void local_prober_stop_soon(struct local_prober *);
bool local_prober_is_over(const struct local_prober *);
const char *local_prober_name(const struct local_prober *);
/* Copies what it checks; also of a difference. */
void local_prober_set_plan(struct local_prober *, const struct plan *);
/* Copies what is to be tried at once; see host_give_asked. */
void local_prober_ask(struct local_prober *, const struct try_asked *, uint32_t count);

#endif
