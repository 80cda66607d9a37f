/* The table of monitors: what all types have, and of each what it alone has. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "base/documents/schema_checks.h"
#include "zones/monitors/monitor.h"

static const char *const monitor_types[] = {MONITOR_TYPES(NAMED_TEXT) NULL};
static const char *const before_names[] = {BEFORE_FIRST_CHECK(NAMED_TEXT) NULL};
const char *const quorum_rule_names[] = {QUORUM_RULES(NAMED_TEXT) NULL};

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

/* Of a monitor's document: no default is written out that its type refuses. */
static bool monitor_means(const struct doc *at, const char *field)
{
        const char *type = doc_get_string(at, "type");
        unsigned types = 0;

        for (int i = 0; type && monitor_types[i]; i++)
                if (!strcmp(monitor_types[i], type))
                        types = 1u << i;
        for (size_t i = 0; i < sizeof(owned) / sizeof(*owned); i++)
                if (!strcmp(owned[i].field, field))
                        return owned[i].types & types;
        return true;
}

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
        if (m->http.body && !strcmp(m->http.method, "HEAD"))
                doc_problem(problems, at, "body", "expected none with the method HEAD");
        if (!m->tls.cert_file != !m->tls.key_file)
                doc_problem(problems, at, "tls", "expected cert_file and key_file together");
        check_ownership(at, m, problems);
}

static void check_quorum(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct quorum *q = out;
        char rest[2];
        long n;

        if (at->type == DOC_INT && at->integer >= 1 && at->integer <= 256) {
                *q = (struct quorum){QUORUM_COUNT, at->integer};
                return;
        }
        for (int i = QUORUM_MAJORITY; at->type == DOC_STRING && i <= QUORUM_ALL; i++)
                if (!strcmp(at->string, quorum_rule_names[i])) {
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
        INT("changes", monitor_quarantine, changes, 0, 0, 16,
            "changes of state within the window that put an endpoint into quarantine; 0: none does"),
        DURATION("window", monitor_quarantine, window_ms, 600000, 1000, 86400000, "how far back changes count"),
        DURATION("for", monitor_quarantine, for_ms, 300000, 1000, 86400000,
                 "how long it must be up without a change to come back"),
        {0},
};
static const struct schema monitor_quarantine_schema = {
        .name = "quarantine", .size = sizeof(struct monitor_quarantine), .fields = quarantine_fields};

static const struct field breaker_fields[] = {
        INT("half_open", monitor_breaker, half_open, 0, 0, 99,
            "percent of its weight that an endpoint serves at first when it comes back; 0: all of it"),
        DURATION("for", monitor_breaker, for_ms, 30000, 1000, 86400000,
                 "how long; down again within it, it stays down as long, then twice as long and so on, up to 16 times"),
        {0},
};
static const struct schema monitor_breaker_schema = {
        .name = "breaker", .size = sizeof(struct monitor_breaker), .fields = breaker_fields};

static const struct field monitor_fields[] = {
        REQUIRED_STRING("name", monitor, name, "the monitor's name", .check = check_object_name),
        REQUIRED_ENUM("type", monitor, type, monitor_types, "how to check"),
        OPTIONAL_ADDRESS("address", monitor, address,
                         "checked instead of the endpoint's address: a gateway in front of it, say"),
        INT("port", monitor, port, 0, 0, 65535, "port; 0: the endpoint's, else the type's (80, 443, 53)"),
        DURATION("interval", monitor, interval_ms, 5000, 100, 3600000, "time from one check to the next"),
        DURATION("timeout", monitor, timeout_ms, 2000, 10, 300000, "time for a whole check"),
        INT("rise", monitor, rise, 2, 1, 100, "passed checks in a row that bring an endpoint up"),
        INT("fall", monitor, fall, 3, 1, 100, "failed checks in a row that bring it down"),
        BOOL("enabled", monitor, enabled, true, "false: no checks; what they checked keeps its last state"),
        OPTIONAL_DURATION("fast_interval", monitor, fast_interval_ms, 10, 3600000,
                          "interval while results speak against the state; the interval when not given"),
        OPTIONAL_DURATION("down_interval", monitor, down_interval_ms, 100, 3600000,
                          "interval while down; the interval when not given"),
        INT("retries", monitor, retries, 0, 0, 10,
            "how often a failed check is repeated at once before it counts as failed"),
        INT("jitter", monitor, jitter_percent, 0, 0, 50,
            "percent of the interval by which each check is put off at random"),
        ENUM("before_first_check", monitor, before_first_check, BEFORE_WAIT, before_names,
             "what an endpoint is until its first result: gslbd waits for it before it is ready, or it is up or "
             "down"),
        CUSTOM("quorum", monitor, quorum, struct quorum, ONE_TEXT("majority"), check_quorum,
               "how many of the probers must say up: majority (a tie is up), any, all, a number, a share such as "
               "60%"),
        STRINGS("probers", monitor, probers,
                "which probers check: names, or region:NAME for those in a region; all when empty", .max = 256),
        DURATION("stale_after", monitor, stale_after_ms, 30000, 1000, 3600000,
                 "how long the last state holds when no prober counts any more"),
        MAP("quarantine", monitor, quarantine, monitor_quarantine, "what flaps is down until it is calm"),
        MAP("breaker", monitor, breaker, monitor_breaker, "what comes back serves a trickle first"),
        MONITOR_HTTP_FIELDS,
        MAP("tls", monitor, tls, monitor_tls, "https, tls, grpc: certificates"),
        MAPS("script", monitor, tcp.script, script_step,
             "tcp: what is sent and expected, step by step; just a connection when empty", .max = 20),
        MAP("udp", monitor, udp, monitor_udp, "udp: what is sent, and what comes back"),
        MAP("grpc", monitor, grpc, monitor_grpc, "grpc: which service is asked for, and how"),
        OPTIONAL_MAP("dns", monitor, dns, monitor_dns, "dns: what is asked, and what the answer is like"),
        OPTIONAL_MAP("exec", monitor, exec, monitor_exec, "exec: the program that checks"),
        MAP("agent", monitor, agent, monitor_agent, "agent: how the agent is asked"),
        OPTIONAL_MAP("metrics", monitor, metrics, monitor_metrics, "metrics: which figures are read"),
        MAP("external", monitor, external, monitor_external, "external: verdicts come over the API"),
        OPTIONAL_MAP("composite", monitor, composite, monitor_composite, "composite: other monitors"),
        {0},
};
const struct schema monitor_schema = {.name = "monitor",
                                      .size = sizeof(struct monitor),
                                      .fields = monitor_fields,
                                      .check = check_monitor,
                                      .means = monitor_means};

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
