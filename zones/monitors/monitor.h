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
#include "base/pattern.h"
#include "zones/monitors/figures.h"

enum monitor_type {
        MONITOR_HTTP,
        MONITOR_HTTPS,
        MONITOR_TCP,
        MONITOR_UDP,
        MONITOR_ICMP,
        MONITOR_GRPC,
        MONITOR_DNS,
        MONITOR_TLS,
        MONITOR_EXEC,
        MONITOR_AGENT,
        MONITOR_METRICS,
        MONITOR_EXTERNAL,
        MONITOR_COMPOSITE
};
enum monitor_http { MONITOR_HTTP_AUTO, MONITOR_HTTP_1_1, MONITOR_HTTP_2 };

struct status_range {
        uint16_t first, last;
};

/* Bytes that may be anything: given as text or in hexadecimal. */
struct bytes {
        const uint8_t *data; /* NULL: not given */
        uint32_t length;
};

/* What a reply has to contain: each that is given. */
struct reply_expected {
        struct bytes bytes;
        struct pattern regex;
};

/* One of the two. */
struct script_step {
        struct bytes send;
        struct reply_expected expect;
};

enum dns_transport { DNS_TRANSPORT_UDP, DNS_TRANSPORT_TCP };

/* A figure in what is scraped. */
struct reading {
        const char *select; /* NULL: not read */
        bool rate;
        double scale;
};
enum metrics_format { METRICS_PROMETHEUS, METRICS_HAPROXY_CSV };
enum when_silent { SILENT_UNKNOWN, SILENT_UP, SILENT_DOWN };

#define COMPOSITE_PARTS_MAX 8
#define COMPOSITE_DEPTH_MAX 3 /* composites of composites */

enum before_first_check { BEFORE_WAIT, BEFORE_UP, BEFORE_DOWN };

/* How many of the probers that say up or down must say up. */
enum quorum_rule { QUORUM_MAJORITY, QUORUM_ANY, QUORUM_ALL, QUORUM_COUNT, QUORUM_PERCENT };
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
        struct list probers; /* const char *: names, or "region:NAME"; empty: all */
        int64_t stale_after_ms;
        struct monitor_quarantine {
                int64_t changes, window_ms, for_ms; /* changes 0: never */
        } quarantine;
        struct monitor_breaker {
                int64_t half_open, for_ms; /* percent of the weight after coming back, and how long; 0: all of it */
        } breaker;
        const char *path, *method, *host; /* host: Host header and TLS name; NULL: the endpoint's */
        const struct doc *headers;        /* map of strings, or NULL */
        const char *body, *user_agent;    /* NULL: none, gslbd/VERSION */
        int http_version;                 /* enum monitor_http */
        bool follow_redirects;
        struct monitor_expect {
                struct list status; /* struct status_range */
                const struct doc *headers;
                const char *body;
                struct pattern body_regex;
                struct monitor_expect_not {
                        const struct doc *headers;
                        const char *body;
                        struct pattern body_regex;
                } not_;
        } expect;
        struct monitor_tls {
                bool verify;
                const char *ca_file;              /* NULL: the system's */
                const char *name;                 /* SNI and certificate name; NULL: host */
                const char *cert_file, *key_file; /* of a client certificate; NULL: none */
                int64_t min_days_left;
        } tls;
        struct list script; /* struct script_step: MONITOR_TCP */
        struct monitor_udp {
                struct bytes send;
                struct reply_expected expect; /* nothing: any reply */
        } udp;
        struct monitor_grpc {
                const char *service; /* "": the server as a whole */
                bool tls;
        } grpc;
        struct monitor_dns {
                const char *name; /* NULL: not given */
                uint16_t type;
                int transport; /* enum dns_transport */
                bool recursion;
                int rcode;
                struct list answers; /* const char *: data in presentation form, each must be there */
                int64_t min_answers;
        } dns;
        struct monitor_exec {
                const char *program;   /* NULL: not given */
                struct list arguments; /* const char * */
        } exec;
        struct monitor_agent {
                const char *send; /* NULL: nothing */
                bool required;
        } agent;
        struct monitor_metrics {
                int format; /* enum metrics_format */
                bool https;
                struct reading readings[FIGURE_COUNT]; /* by enum figure */
        } metrics;
        struct monitor_external {
                int when_silent; /* enum when_silent */
        } external;
        struct monitor_composite {
                struct list of;  /* const char *: names */
                uint32_t need;   /* how many must pass; 0: all */
                uint32_t *parts; /* indexes, of.count of them */
        } composite;
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
