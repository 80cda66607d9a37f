/* probes/check_run.h: one run of one check: started, ended by its result, or cancelled. One file per type of check.
 *
 * All on the thread of the engine's event base. */
#ifndef PROBES_CHECK_RUN_H
#define PROBES_CHECK_RUN_H

#include "probes/plan.h"
#include "probes/verdict.h"

struct event_base;
struct transfers;
struct execs;

struct check_result {
        enum reason reason; /* REASON_OK: passed */
        uint32_t rtt_us;    /* from the start to the result */
        char detail[80];
};

/* Called once per run that is not cancelled, never from inside the start. */
typedef void check_done(void *context, const struct check_result *);

struct check_run; /* under way */

/* What all checks of an engine share. */
struct checker {
        struct event_base *base;
        struct transfers *transfers; /* transfer.c */
        struct execs *execs;         /* exec.h */
};

/* How one type of check is run. */
struct check_driver {
        /* The check is given by the address of a pointer to it: a new plan may move an equal check while the run is under way.
         * NULL with *result when it cannot even begin. */
        struct check_run *(*start)(struct checker *, const struct check *const *, check_done *, void *context,
                                   struct check_result *result);
        void (*cancel)(struct check_run *);
};

extern const struct check_driver check_http, check_tcp, check_udp, check_icmp, check_grpc, check_dns, check_tls, check_exec;
const struct check_driver *check_driver_of(const struct check *);

struct transfers *transfers_new(struct event_base *);
void transfers_free(struct transfers *); /* no run may be under way */

#endif
