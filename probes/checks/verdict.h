/* probes/checks/verdict.h: what one prober says of one endpoint, and the report that carries all of a prober's
 * verdicts. */
#ifndef PROBES_CHECKS_VERDICT_H
#define PROBES_CHECKS_VERDICT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/documents/doc.h"
#include "base/documents/problems.h"
#include "zones/monitors/figures.h"
#include "zones/monitors/state_names.h"

/* One reason table serves verdict, log, API and metrics. */
#define VERDICT_REASONS(X)                                                                                             \
        X(OK, "ok")                           /* the check passed */                                                   \
        X(NOT_YET, "not_yet")                 /* not checked yet */                                                    \
        X(PAUSED, "paused")                   /* the monitor is disabled */                                            \
        X(MAINTENANCE, "maintenance")         /* its agent says maint */                                               \
        X(AGENT, "agent")                     /* its agent says down */                                                \
        X(PARTS, "parts")                     /* too few of its parts are up */                                        \
        X(SAID, "said")                       /* somebody says so over the API */                                      \
        X(SILENT, "silent")                   /* nobody has said anything in time */                                   \
        X(STALE, "stale")                     /* no prober has said anything for long */                               \
        X(QUARANTINE, "quarantine")           /* it changed too often */                                               \
        X(BREAKER, "breaker")                 /* it went down soon after it came back, and waits */                    \
        X(HELD, "held")                       /* too many would go down at once */                                     \
        X(CONNECT_REFUSED, "connect_refused") /* the connection was refused */                                         \
        X(CONNECT_TIMEOUT, "connect_timeout") /* no connection in time */                                              \
        X(UNREACHABLE, "unreachable")         /* no route or network */                                                \
        X(RESOLVE, "resolve")                 /* the host name has no address */                                       \
        X(TLS, "tls")                         /* the TLS handshake failed */                                           \
        X(CERTIFICATE, "certificate")         /* the certificate is not valid */                                       \
        X(TIMEOUT, "timeout")                 /* no reply in time */                                                   \
        X(CLOSED, "closed")                   /* the connection was closed or reset */                                 \
        X(STATUS, "status")                   /* the HTTP status is not expected */                                    \
        X(HEADER, "header")                   /* a header is not as expected */                                        \
        X(BODY, "body")                       /* the body is not as expected */                                        \
        X(PROTOCOL, "protocol")               /* the reply is not what the protocol says */                            \
        X(INTERNAL, "internal")               /* the prober could not check */

#define VERDICT_REASON_ENUM(id, name) REASON_##id,
enum reason { VERDICT_REASONS(VERDICT_REASON_ENUM) REASON_COUNT };

const char *reason_name(enum reason);

enum verdict_state { STATES(NAMED_VALUE, VERDICT) };
const char *verdict_state_name(enum verdict_state); /* "unknown", "up", "down" */

/* What checks read of an endpoint besides whether it is up. */
enum admin_state { ADMIN_READY, ADMIN_DRAIN, ADMIN_MAINT };
struct verdict_figures {
        struct figures figures;
        float weight_percent; /* of its weight, as its agent says; below 0: nothing said */
        uint8_t admin;        /* enum admin_state: what its agent asks for */
};
#define VERDICT_FIGURES_UNKNOWN ((struct verdict_figures){FIGURES_UNKNOWN, -1, ADMIN_READY})
enum { TELLS_FIGURES = 1, TELLS_WEIGHT = 2, TELLS_ADMIN = 4 };

struct verdict {
        const char *id;   /* the check's */
        uint8_t state;    /* enum verdict_state, after rise and fall */
        uint8_t reason;   /* enum reason of the last check */
        uint32_t rtt_us;  /* of the last check that passed; 0: none */
        int64_t since_ms; /* wall time of the state's begin */
        char detail[80];  /* "503", "certificate has expired" */
        bool has_figures;
        struct verdict_figures figures;
};

/* A check that was to be tried at once. Its number is whoever asked's; only that it is another one matters. */
#define TRIES_MOST 64 /* that a prober is asked for at a time */
struct tried {
        const char *id; /* the check's */
        uint64_t number;
        bool done;        /* else it is under way, or not yet in the plan */
        uint8_t reason;   /* enum reason; REASON_OK: it passed */
        uint32_t took_us; /* with its retries */
        char detail[80];
};

#define REPORT_INTERVAL_MS 1000 /* from one report to the next; missed ones are counted by it */

/* A prober's full state at one moment. */
struct report {
        const char *prober;
        uint64_t boot;     /* drawn at random when the prober starts, whatever its clock says; see report_boot */
        uint64_t sequence; /* from 1, grows by one with each report since then */
        uint64_t plan_revision;
        const struct verdict *verdicts;
        uint32_t count;
        const struct tried *tried; /* those that the newest reply asked for */
        uint32_t tried_count;
};

/* A new number of a start, 53 bits: exact in any JSON reader. */
uint64_t report_boot(void);
struct doc *report_to_doc(const struct report *, struct arena *);
/* What a report is like as a document. */
extern const struct schema report_form_schema;
/* Strings point into the arena. NULL with problems. */
struct report *report_from_doc(const struct doc *, struct arena *, struct problems *);

#endif
