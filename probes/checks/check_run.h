/* probes/checks/check_run.h: one run of one check: started, ended by its result, or cancelled. One file per type of
 * check.
 *
 * All on the thread of the engine's event base. */
#ifndef PROBES_CHECKS_CHECK_RUN_H
#define PROBES_CHECKS_CHECK_RUN_H

#include "probes/checks/check.h"
#include "probes/checks/verdict.h"

struct event_base;
struct http_transfers;
struct resolver;
struct execs;

struct check_result {
        enum reason reason; /* REASON_OK: passed */
        uint32_t rtt_us;    /* from the start to the result */
        char detail[80];
        bool certain;   /* the endpoint itself says so: counts at once, without rise and fall */
        unsigned tells; /* TELLS_...: which of the figures are told */
        struct verdict_figures figures;
};

/* What a type remembers from one run of a check to the next: readings of counters, to make rates of. */
struct check_memory {
        uint64_t at_us; /* 0: nothing yet */
        double readings[FIGURE_COUNT];
};

/* What a run checks. A new plan may move an equal check while the run is under way: it is asked for each time. */
struct check_subject {
        const struct check *check;         /* of the newest plan; NULL for a part */
        const struct check_subject *whole; /* whose part it is, or NULL */
        uint32_t part;
        struct check_memory *memory; /* the engine's or the whole's; NULL: the type has none */
};

static inline const struct check *check_of(const struct check_subject *s)
{
        return s->whole ? &check_of(s->whole)->parts[s->part] : s->check;
}

/* Called once per run that is not cancelled, never from inside the start. */
typedef void check_done(void *context, const struct check_result *);

struct check_run; /* under way */

/* What all checks of an engine share. */
struct checker {
        struct event_base *base;
        struct resolver *resolver;        /* for host names */
        struct http_transfers *transfers; /* http_transfer.c */
        struct execs *execs;              /* exec.h */
};

/* How one type of check is run. */
struct check_driver {
        /* NULL with *result when it cannot even begin. */
        struct check_run *(*start)(struct checker *, const struct check_subject *, check_done *, void *context,
                                   struct check_result *result);
        void (*cancel)(struct check_run *);
};

extern const struct check_driver check_http, check_tcp, check_udp, check_icmp, check_grpc, check_dns, check_tls,
        check_exec, check_agent, check_metrics, check_composite;
const struct check_driver *check_driver_of(const struct check *);
/* How many memories a check needs with its parts; 0: none. */
uint32_t check_memories(const struct check *);

struct http_transfers *http_transfers_new(struct event_base *);
void http_transfers_free(struct http_transfers *); /* no run may be under way */

#endif
