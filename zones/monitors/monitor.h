/* zones/monitors/monitor.h: how an endpoint is checked: what a document of kind monitor decodes into.
 *
 * Immutable once decoded; lives in the arena that it was decoded into. Everybody reads it. */
#ifndef ZONES_MONITORS_MONITOR_H
#define ZONES_MONITORS_MONITOR_H

#include <stdbool.h>
#include <stdint.h>
#include "base/address.h"
#include "base/documents/doc.h"
#include "base/documents/schema.h"
#include "base/named.h"
#include "zones/monitors/monitor_agent.h"
#include "zones/monitors/monitor_composite.h"
#include "zones/monitors/monitor_dns.h"
#include "zones/monitors/monitor_exec.h"
#include "zones/monitors/monitor_external.h"
#include "zones/monitors/monitor_grpc.h"
#include "zones/monitors/monitor_http.h"
#include "zones/monitors/monitor_metrics.h"
#include "zones/monitors/monitor_tcp.h"
#include "zones/monitors/monitor_tls.h"
#include "zones/monitors/monitor_udp.h"

#define MONITOR_TYPES(X)                                                                                               \
        X(MONITOR_HTTP, "http")                                                                                        \
        X(MONITOR_HTTPS, "https")                                                                                      \
        X(MONITOR_TCP, "tcp")                                                                                          \
        X(MONITOR_UDP, "udp")                                                                                          \
        X(MONITOR_ICMP, "icmp")                                                                                        \
        X(MONITOR_GRPC, "grpc")                                                                                        \
        X(MONITOR_DNS, "dns")                                                                                          \
        X(MONITOR_TLS, "tls")                                                                                          \
        X(MONITOR_EXEC, "exec")                                                                                        \
        X(MONITOR_AGENT, "agent")                                                                                      \
        X(MONITOR_METRICS, "metrics")                                                                                  \
        X(MONITOR_EXTERNAL, "external")                                                                                \
        X(MONITOR_COMPOSITE, "composite")
enum monitor_type { MONITOR_TYPES(NAMED_VALUE) };
#define BEFORE_FIRST_CHECK(X) X(BEFORE_WAIT, "wait") X(BEFORE_UP, "up") X(BEFORE_DOWN, "down")
enum before_first_check { BEFORE_FIRST_CHECK(NAMED_VALUE) };

/* How many of the probers that say up or down must say up; the first three are written by their name. */
#define QUORUM_RULES(X)                                                                                                \
        X(QUORUM_MAJORITY, "majority")                                                                                 \
        X(QUORUM_ANY, "any")                                                                                           \
        X(QUORUM_ALL, "all")                                                                                           \
        X(QUORUM_COUNT, "count")                                                                                       \
        X(QUORUM_PERCENT, "percent")
enum quorum_rule { QUORUM_RULES(NAMED_VALUE) };
extern const char *const quorum_rule_names[];
struct quorum {
        int rule;  /* enum quorum_rule */
        int64_t n; /* of QUORUM_COUNT and QUORUM_PERCENT */
};

struct monitor {
        const char *name;
        const struct doc *doc;  /* what it was decoded from */
        int type;               /* enum monitor_type */
        struct address address; /* checked instead of the endpoint's; ADDRESS_NONE: the endpoint's */
        int64_t port;           /* 0: by type (80, 443), required for tcp unless the endpoint has one */
        bool enabled;           /* false: what it checks keeps its state */
        int64_t interval_ms, timeout_ms, rise, fall;
        int64_t fast_interval_ms, down_interval_ms; /* in doubt, while down; 0: the interval */
        int64_t retries;                            /* of a failed check, at once, before it counts */
        int64_t jitter_percent;                     /* of the interval, put off at random */
        int before_first_check;                     /* enum before_first_check */
        struct quorum quorum;
        struct strings probers; /* names, or "region:NAME"; empty: all */
        int64_t stale_after_ms;
        struct monitor_quarantine {
                int64_t changes, window_ms, for_ms; /* changes 0: never */
        } quarantine;
        struct monitor_breaker {
                int64_t half_open, for_ms; /* percent of the weight after coming back, and how long; 0: all of it */
        } breaker;
        /* Of each type what it alone has; zero or the defaults in the others. */
        struct monitor_http http; /* http, https; path, host, headers and user_agent of metrics, host of grpc */
        struct monitor_tls tls;   /* https, tls, grpc, metrics */
        struct monitor_tcp tcp;
        struct monitor_udp udp;
        struct monitor_grpc grpc;
        struct monitor_dns dns;
        struct monitor_exec exec;
        struct monitor_agent agent;
        struct monitor_metrics metrics;
        struct monitor_external external;
        struct monitor_composite composite;
        struct arena *arena;
        bool is_made;              /* by a pool, of another one: it has no key, and lives with the pool */
        uint32_t number, base;     /* base: the other one's, when made */
        struct monitor *next_made; /* the next one that this pool made */
};

/* Which monitor a pool or an endpoint uses: "web", or {name: web, path: /other}. */
struct monitor_use {
        const char *name;         /* NULL: none of its own */
        const struct doc *fields; /* laid over the monitor's, or NULL */
};

extern const struct schema monitor_schema;
/* struct monitor_use. */
void check_monitor_use(const struct doc *at, struct arena *, void *out, struct problems *);

/* The port that a check by this monitor goes to, given the endpoint's (0: it has none); 0: none is known. Agents,
 * metrics and parts of a composite have ports of their own, other monitors that of the endpoint, if it has one. */
uint16_t monitor_port(const struct monitor *, int64_t endpoint_port, bool is_part);

/* Whether a check by this monitor goes to a port. */
bool monitor_needs_port(const struct monitor *);

#endif
