/* Tables of monitors. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "zones/monitors/schema_monitors.h"

static const char *const monitor_types[] = {"http", "https", "tcp",   "udp",     "icmp",     "grpc",      "dns",
                                            "tls",  "exec",  "agent", "metrics", "external", "composite", NULL};
static const char *const before_names[] = {"wait", "up", "down", NULL};
static const char *const http_versions[] = {"auto", "1.1", "2", NULL};

static void check_one_line(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        if (!at->count || strpbrk(at->string, "\r\n\t "))
                doc_problem(problems, at, NULL, "expected text without spaces, got \"%s\"", at->string);
}

static void check_path(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        if (at->string[0] != '/' || strpbrk(at->string, "\r\n\t "))
                doc_problem(problems, at, NULL, "expected a path that begins with \"/\", got \"%s\"", at->string);
}

static void check_line(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        if (!at->count || strpbrk(at->string, "\r\n"))
                doc_problem(problems, at, NULL, "expected text on one line");
}

#define OF(type) (1u << MONITOR_##type)

/* Fields that mean nothing to the other types. */
static const struct {
        const char *field;
        unsigned types;
} owned[] = {{"path", OF(HTTP) | OF(HTTPS) | OF(METRICS)},
             {"method", OF(HTTP) | OF(HTTPS)},
             {"host", OF(HTTP) | OF(HTTPS) | OF(GRPC) | OF(METRICS)},
             {"headers", OF(HTTP) | OF(HTTPS) | OF(METRICS)},
             {"body", OF(HTTP) | OF(HTTPS)},
             {"user_agent", OF(HTTP) | OF(HTTPS) | OF(METRICS)},
             {"http_version", OF(HTTP) | OF(HTTPS)},
             {"follow_redirects", OF(HTTP) | OF(HTTPS)},
             {"expect", OF(HTTP) | OF(HTTPS)},
             {"tls", OF(HTTPS) | OF(GRPC) | OF(TLS) | OF(METRICS)},
             {"script", OF(TCP)},
             {"udp", OF(UDP)},
             {"grpc", OF(GRPC)},
             {"dns", OF(DNS)},
             {"exec", OF(EXEC)},
             {"agent", OF(AGENT)},
             {"metrics", OF(METRICS)},
             {"external", OF(EXTERNAL)},
             {"composite", OF(COMPOSITE)}};

static void check_ownership(const struct doc *at, const struct monitor *m, struct problems *problems)
{
        for (size_t i = 0; i < sizeof(owned) / sizeof(*owned); i++)
                if (doc_get(at, owned[i].field) && !(owned[i].types & 1u << m->type))
                        doc_problem(problems, at, owned[i].field, "has no meaning for a monitor of type %s",
                                    monitor_types[m->type]);
        if (m->type == MONITOR_DNS && !m->dns.name)
                doc_problem(problems, at, NULL, "a monitor of type dns needs \"dns\"");
        if (m->type == MONITOR_EXEC && !m->exec.program)
                doc_problem(problems, at, NULL, "a monitor of type exec needs \"exec\"");
        if (m->type == MONITOR_METRICS && !doc_get(at, "metrics"))
                doc_problem(problems, at, NULL, "a monitor of type metrics needs \"metrics\"");
        if (m->type == MONITOR_COMPOSITE && !m->composite.of.count)
                doc_problem(problems, at, NULL, "a monitor of type composite needs \"composite\"");
}

static void check_monitor(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct monitor *m = out;

        m->doc = doc_copy(a, at);
        if (m->timeout_ms > m->interval_ms)
                doc_problem(problems, at, "timeout", "expected at most the interval");
        if (m->fast_interval_ms > m->interval_ms)
                doc_problem(problems, at, "fast_interval", "expected at most the interval");
        if (m->body && !strcmp(m->method, "HEAD"))
                doc_problem(problems, at, "body", "expected none with the method HEAD");
        if (!m->tls.cert_file != !m->tls.key_file)
                doc_problem(problems, at, "tls", "expected cert_file and key_file together");
        check_ownership(at, m, problems);
}

static void check_quorum(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        static const char *const rules[] = {"majority", "any", "all"};
        struct quorum *q = out;
        char rest[2];
        long n;

        if (at->type == DOC_INT && at->integer >= 1 && at->integer <= 256) {
                *q = (struct quorum){QUORUM_COUNT, at->integer};
                return;
        }
        for (int i = 0; at->type == DOC_STRING && i < 3; i++)
                if (!strcmp(at->string, rules[i])) {
                        *q = (struct quorum){i, 0};
                        return;
                }
        if (at->type == DOC_STRING && sscanf(at->string, "%3ld%1[%]", &n, rest) == 2 && n >= 1 && n <= 100 &&
            at->string[at->count - 1] == '%') {
                *q = (struct quorum){QUORUM_PERCENT, n};
                return;
        }
        doc_problem(problems, at, NULL, "expected majority, any, all, a number of probers or a share such as 60%%");
}

static const struct field quarantine_fields[] = {
        {.name = "changes",
         .type = FIELD_INT,
         .offset = INNER(monitor, quarantine, changes),
         .fallback = "0",
         .min = 0,
         .max = 16,
         .help = "changes of state within the window that put an endpoint into quarantine; 0: none does"},
        {.name = "window",
         .type = FIELD_DURATION,
         .offset = INNER(monitor, quarantine, window_ms),
         .fallback = "\"10m\"",
         .min = 1000,
         .max = 86400000,
         .help = "how far back changes count"},
        {.name = "for",
         .type = FIELD_DURATION,
         .offset = INNER(monitor, quarantine, for_ms),
         .fallback = "\"5m\"",
         .min = 1000,
         .max = 86400000,
         .help = "how long it must be up without a change to come back"},
        {0},
};
static const struct schema quarantine_schema = {
        .name = "quarantine", .size = INNER_SIZE(monitor, quarantine), .fields = quarantine_fields};

static const struct field breaker_fields[] = {
        {.name = "half_open",
         .type = FIELD_INT,
         .offset = INNER(monitor, breaker, half_open),
         .fallback = "0",
         .min = 0,
         .max = 99,
         .help = "percent of its weight that an endpoint serves at first when it comes back; 0: all of it"},
        {.name = "for",
         .type = FIELD_DURATION,
         .offset = INNER(monitor, breaker, for_ms),
         .fallback = "\"30s\"",
         .min = 1000,
         .max = 86400000,
         .help = "how long; down again within it, it stays down as long, then twice as long and so on, up to 16 times"},
        {0},
};
static const struct schema breaker_schema = {
        .name = "breaker", .size = INNER_SIZE(monitor, breaker), .fields = breaker_fields};

static const struct field tls_fields[] = {
        {.name = "verify",
         .type = FIELD_BOOL,
         .offset = INNER(monitor, tls, verify),
         .fallback = "true",
         .help = "whether the certificate must be valid"},
        {.name = "ca_file",
         .type = FIELD_STRING,
         .offset = INNER(monitor, tls, ca_file),
         .help = "PEM file of accepted authorities, on the prober; the system's when not given"},
        {.name = "name",
         .type = FIELD_STRING,
         .offset = INNER(monitor, tls, name),
         .check = check_one_line,
         .help = "name sent (SNI) and looked for in the certificate; `host` when not given"},
        {.name = "cert_file",
         .type = FIELD_STRING,
         .offset = INNER(monitor, tls, cert_file),
         .help = "PEM file of the client certificate, on the prober"},
        {.name = "key_file",
         .type = FIELD_STRING,
         .offset = INNER(monitor, tls, key_file),
         .help = "PEM file of its key, on the prober"},
        {.name = "min_days_left",
         .type = FIELD_INT,
         .offset = INNER(monitor, tls, min_days_left),
         .fallback = "0",
         .min = 0,
         .max = 3650,
         .help = "tls: days that the certificate must be good for; 0: it must be good now"},
        {0},
};
static const struct schema tls_schema = {.name = "tls", .size = INNER_SIZE(monitor, tls), .fields = tls_fields};

static const struct field monitor_fields[] = {
        {.name = "name",
         .type = FIELD_STRING,
         .offset = MEMBER(monitor, name),
         .required = true,
         .check = check_object_name,
         .help = "the monitor's name"},
        {.name = "type",
         .type = FIELD_ENUM,
         .offset = MEMBER(monitor, type),
         .required = true,
         .names = monitor_types,
         .help = "how to check"},
        {.name = "address",
         .type = FIELD_ADDRESS,
         .offset = MEMBER(monitor, address),
         .help = "checked instead of the endpoint's address: a gateway in front of it, say"},
        {.name = "port",
         .type = FIELD_INT,
         .offset = MEMBER(monitor, port),
         .fallback = "0",
         .min = 0,
         .max = 65535,
         .help = "port; 0: the endpoint's, else the type's (80, 443, 53)"},
        {.name = "interval",
         .type = FIELD_DURATION,
         .offset = MEMBER(monitor, interval_ms),
         .fallback = "\"5s\"",
         .min = 100,
         .max = 3600000,
         .help = "time from one check to the next"},
        {.name = "timeout",
         .type = FIELD_DURATION,
         .offset = MEMBER(monitor, timeout_ms),
         .fallback = "\"2s\"",
         .min = 10,
         .max = 300000,
         .help = "time for a whole check"},
        {.name = "rise",
         .type = FIELD_INT,
         .offset = MEMBER(monitor, rise),
         .fallback = "2",
         .min = 1,
         .max = 100,
         .help = "passed checks in a row that bring an endpoint up"},
        {.name = "fall",
         .type = FIELD_INT,
         .offset = MEMBER(monitor, fall),
         .fallback = "3",
         .min = 1,
         .max = 100,
         .help = "failed checks in a row that bring it down"},
        {.name = "enabled",
         .type = FIELD_BOOL,
         .offset = MEMBER(monitor, enabled),
         .fallback = "true",
         .help = "false: no checks; what they checked keeps its last state"},
        {.name = "fast_interval",
         .type = FIELD_DURATION,
         .offset = MEMBER(monitor, fast_interval_ms),
         .min = 10,
         .max = 3600000,
         .help = "interval while results speak against the state; the interval when not given"},
        {.name = "down_interval",
         .type = FIELD_DURATION,
         .offset = MEMBER(monitor, down_interval_ms),
         .min = 100,
         .max = 3600000,
         .help = "interval while down; the interval when not given"},
        {.name = "retries",
         .type = FIELD_INT,
         .offset = MEMBER(monitor, retries),
         .fallback = "0",
         .min = 0,
         .max = 10,
         .help = "how often a failed check is repeated at once before it counts as failed"},
        {.name = "jitter",
         .type = FIELD_INT,
         .offset = MEMBER(monitor, jitter_percent),
         .fallback = "0",
         .min = 0,
         .max = 50,
         .help = "percent of the interval by which each check is put off at random"},
        {.name = "before_first_check",
         .type = FIELD_ENUM,
         .offset = MEMBER(monitor, before_first_check),
         .fallback = "\"wait\"",
         .names = before_names,
         .help = "what an endpoint is until its first result: gslbd waits for it before it is ready, or it is up or "
                 "down"},
        {.name = "quorum",
         .type = FIELD_DOC,
         .offset = MEMBER(monitor, quorum),
         .fallback = "\"majority\"",
         .check = check_quorum,
         .help = "how many of the probers must say up: majority (a tie is up), any, all, a number, a share such as "
                 "60%"},
        {.name = "probers",
         .type = FIELD_STRINGS,
         .offset = MEMBER(monitor, probers),
         .fallback = "[]",
         .max = 256,
         .help = "which probers check: names, or region:NAME for those in a region; all when empty"},
        {.name = "stale_after",
         .type = FIELD_DURATION,
         .offset = MEMBER(monitor, stale_after_ms),
         .fallback = "\"30s\"",
         .min = 1000,
         .max = 3600000,
         .help = "how long a silent prober's word counts, and then how long the last state holds"},
        {.name = "quarantine",
         .type = FIELD_MAP,
         .offset = MEMBER(monitor, quarantine),
         .item = &quarantine_schema,
         .fallback = "{}",
         .help = "what flaps is down until it is calm"},
        {.name = "breaker",
         .type = FIELD_MAP,
         .offset = MEMBER(monitor, breaker),
         .item = &breaker_schema,
         .fallback = "{}",
         .help = "what comes back serves a trickle first"},
        {.name = "path",
         .type = FIELD_STRING,
         .offset = MEMBER(monitor, path),
         .fallback = "\"/\"",
         .max = 2000,
         .check = check_path,
         .help = "http: path and query"},
        {.name = "method",
         .type = FIELD_STRING,
         .offset = MEMBER(monitor, method),
         .fallback = "\"GET\"",
         .max = 20,
         .check = check_one_line,
         .help = "http: method"},
        {.name = "host",
         .type = FIELD_STRING,
         .offset = MEMBER(monitor, host),
         .max = 255,
         .check = check_one_line,
         .help = "http: Host header; the endpoint's address or name when not given"},
        {.name = "headers",
         .type = FIELD_DOC,
         .offset = MEMBER(monitor, headers),
         .fallback = "{}",
         .check = check_headers,
         .help = "http: more request headers"},
        {.name = "body",
         .type = FIELD_STRING,
         .offset = MEMBER(monitor, body),
         .max = 65536,
         .help = "http: request body"},
        {.name = "user_agent",
         .type = FIELD_STRING,
         .offset = MEMBER(monitor, user_agent),
         .max = 200,
         .check = check_line,
         .help = "http: User-Agent; gslbd/VERSION when not given"},
        {.name = "http_version",
         .type = FIELD_ENUM,
         .offset = MEMBER(monitor, http_version),
         .fallback = "\"auto\"",
         .names = http_versions,
         .help = "http: HTTP/2 where TLS offers it, always HTTP/1.1, or nothing but HTTP/2"},
        {.name = "follow_redirects",
         .type = FIELD_BOOL,
         .offset = MEMBER(monitor, follow_redirects),
         .fallback = "false",
         .help = "http: whether the status is that of where redirects lead, at the same address"},
        {.name = "expect",
         .type = FIELD_MAP,
         .offset = MEMBER(monitor, expect),
         .item = &expect_schema,
         .fallback = "{}",
         .help = "what a passed check looks like"},
        {.name = "tls",
         .type = FIELD_MAP,
         .offset = MEMBER(monitor, tls),
         .item = &tls_schema,
         .fallback = "{}",
         .help = "https, tls, grpc: certificates"},
        {.name = "script",
         .type = FIELD_LIST,
         .offset = MEMBER(monitor, script),
         .item = &script_step_schema,
         .max = 20,
         .fallback = "[]",
         .help = "tcp: what is sent and expected, step by step; just a connection when empty"},
        {.name = "udp",
         .type = FIELD_MAP,
         .offset = MEMBER(monitor, udp),
         .item = &udp_schema,
         .fallback = "{}",
         .help = "udp: what is sent, and what comes back"},
        {.name = "grpc",
         .type = FIELD_MAP,
         .offset = MEMBER(monitor, grpc),
         .item = &grpc_schema,
         .fallback = "{}",
         .help = "grpc: which service is asked for, and how"},
        {.name = "dns",
         .type = FIELD_MAP,
         .offset = MEMBER(monitor, dns),
         .item = &dns_query_schema,
         .help = "dns: what is asked, and what the answer is like"},
        {.name = "exec",
         .type = FIELD_MAP,
         .offset = MEMBER(monitor, exec),
         .item = &exec_schema,
         .help = "exec: the program that checks"},
        {.name = "agent",
         .type = FIELD_MAP,
         .offset = MEMBER(monitor, agent),
         .item = &agent_schema,
         .fallback = "{}",
         .help = "agent: how the agent is asked"},
        {.name = "metrics",
         .type = FIELD_MAP,
         .offset = MEMBER(monitor, metrics),
         .item = &metrics_schema,
         .help = "metrics: which figures are read"},
        {.name = "external",
         .type = FIELD_MAP,
         .offset = MEMBER(monitor, external),
         .item = &external_schema,
         .fallback = "{}",
         .help = "external: verdicts come over the API"},
        {.name = "composite",
         .type = FIELD_MAP,
         .offset = MEMBER(monitor, composite),
         .item = &composite_schema,
         .help = "composite: other monitors"},
        {0},
};
const struct schema monitor_schema = {
        .name = "monitor", .size = sizeof(struct monitor), .fields = monitor_fields, .check = check_monitor};

/* --- monitors as pools and endpoints use them --- */

static const struct schema fields_schema = {
        .name = "monitor", .size = sizeof(struct monitor), .fields = monitor_fields, .partial = true};

void check_monitor_use(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct monitor_use *use = out;
        struct monitor decoded;

        if (at->type == DOC_STRING) {
                use->name = arena_strdup(a, at->string);
                return;
        }
        if (at->type != DOC_MAP) {
                doc_problem(problems, at, NULL, "expected a monitor's name, or a map of its name and fields");
                return;
        }
        if (!schema_decode(&fields_schema, at, a, &decoded, problems))
                return;
        use->name = decoded.name;
        struct doc *fields = doc_copy(a, at), *name = doc_get(fields, "name");
        if (name)
                doc_remove(fields, name);
        use->fields = fields;
}
