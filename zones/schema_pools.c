/* Tables of monitors, pools and their endpoints. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "zones/model.h"
#include "zones/name.h"
#include "zones/schemas.h"

static const char *const monitor_types[] = {"http", "https", "tcp", NULL};

static bool status_parse(const struct doc *d, struct status_range *r)
{
        unsigned first, last;
        char rest;

        if (d->type == DOC_INT) {
                first = last = d->integer < 0 || d->integer > 999 ? 0 : (unsigned)d->integer;
        } else if (d->type != DOC_STRING || sscanf(d->string, "%3u-%3u%c", &first, &last, &rest) != 2) {
                return false;
        }
        *r = (struct status_range){(uint16_t)first, (uint16_t)last};
        return first >= 100 && first <= last && last <= 999;
}

static void check_status(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct list *list = out;

        if (at->type != DOC_LIST || !at->count || at->count > 100) {
                doc_problem(problems, at, NULL, "expected a list such as [200-299, 304]");
                return;
        }
        struct status_range *ranges = ARENA_ARRAY(a, struct status_range, at->count);
        *list = (struct list){ranges, at->count};
        doc_each (one, at)
                if (!status_parse(one, &ranges[one->index]))
                        doc_problem(problems, one, NULL, "expected a status such as 200 or a range such as 200-299");
}

static void check_headers(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        *(const struct doc **)out = doc_copy(a, at);
        if (at->type != DOC_MAP || at->count > 100) {
                doc_problem(problems, at, NULL, "expected a map of header names and values");
                return;
        }
        doc_each (one, at)
                if (one->type != DOC_STRING || strpbrk(one->string, "\r\n") || strpbrk(one->key, "\r\n: ") ||
                    !*one->key)
                        doc_problem(problems, one, NULL, "expected a header name with a value as a string on one line");
}

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

static void check_monitor(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        const struct monitor *m = out;

        if (m->timeout_ms > m->interval_ms)
                doc_problem(problems, at, "timeout", "expected at most the interval");
}

static const struct field expect_fields[] = {
        {.name = "status",
         .type = FIELD_DOC,
         .offset = INNER(monitor, expect, status),
         .fallback = "[\"200-299\"]",
         .check = check_status,
         .help = "HTTP statuses that count as up"},
        {0},
};
static const struct schema expect_schema = {
        .name = "expect", .size = INNER_SIZE(monitor, expect), .fields = expect_fields};

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
        {.name = "port",
         .type = FIELD_INT,
         .offset = MEMBER(monitor, port),
         .fallback = "0",
         .min = 0,
         .max = 65535,
         .help = "port; 0: the endpoint's, else 80 or 443"},
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
         .help = "https: certificate"},
        {0},
};
const struct schema monitor_schema = {
        .name = "monitor", .size = sizeof(struct monitor), .fields = monitor_fields, .check = check_monitor};

static void check_address(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct endpoint *e = (struct endpoint *)(void *)((char *)out - offsetof(struct endpoint, address_text));
        uint8_t wire[NAME_WIRE_MAX];
        const char *why = "";
        unsigned length;

        if (address_parse(at->string, &e->address)) {
                e->type = e->address.family == ADDRESS_V4 ? ENDPOINT_A : ENDPOINT_AAAA;
                return;
        }
        /* All digits and dots is a mistyped address, not a host name. */
        if (strspn(at->string, "0123456789.") == at->count || strchr(at->string, ':') || strchr(at->string, '/') ||
            !strcmp(at->string, "@") || !(length = name_parse_cased(at->string, NULL, wire, &why))) {
                doc_problem(problems, at, NULL, "expected an IPv4 address, an IPv6 address or a host name, got \"%s\"",
                            at->string);
                return;
        }
        e->type = ENDPOINT_CNAME;
        e->cname = arena_memdup(a, wire, length);
}

static const struct field endpoint_fields[] = {
        {.name = "name",
         .type = FIELD_STRING,
         .offset = MEMBER(endpoint, name),
         .check = check_object_name,
         .help = "unique in its pool; the address when not given"},
        {.name = "address",
         .type = FIELD_STRING,
         .offset = MEMBER(endpoint, address_text),
         .required = true,
         .check = check_address,
         .help = "IPv4 or IPv6 address, or a host name (answered as CNAME)"},
        {.name = "weight",
         .type = FIELD_INT,
         .offset = MEMBER(endpoint, weight),
         .fallback = "1",
         .min = 0,
         .max = 65535,
         .help = "share of answers; 0: only when every endpoint with a weight is down"},
        {.name = "priority",
         .type = FIELD_INT,
         .offset = MEMBER(endpoint, priority),
         .fallback = "0",
         .min = 0,
         .max = 65535,
         .help = "balance failover: lowest first"},
        {.name = "port",
         .type = FIELD_INT,
         .offset = MEMBER(endpoint, port),
         .fallback = "0",
         .min = 0,
         .max = 65535,
         .help = "port to check; 0: the monitor's"},
        {.name = "enabled",
         .type = FIELD_BOOL,
         .offset = MEMBER(endpoint, enabled),
         .fallback = "true",
         .help = "false: never serves and is not checked"},
        {.name = "backup",
         .type = FIELD_BOOL,
         .offset = MEMBER(endpoint, backup),
         .fallback = "false",
         .help = "true: serves only when every endpoint that is no backup is down"},
        {.name = "max_load",
         .type = FIELD_REAL,
         .offset = MEMBER(endpoint, max_load),
         .fallback = "0",
         .min = 0,
         .max = 1000000000,
         .help = "load above which it sheds the excess to the others, in the unit of its figure; 0: none"},
        {.name = "labels",
         .type = FIELD_STRINGS,
         .offset = MEMBER(endpoint, labels),
         .fallback = "[]",
         .max = 32,
         .check = check_labels,
         .help = "words to find it by"},
        {.name = "monitor",
         .type = FIELD_STRING,
         .offset = MEMBER(endpoint, monitor_name),
         .help = "instead of the pool's"},
        {0},
};

static void check_endpoint(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct endpoint *e = out;

        if (!e->name)
                e->name = e->address_text;
}

static const struct schema endpoint_schema = {.name = "endpoint",
                                              .size = sizeof(struct endpoint),
                                              .fields = endpoint_fields,
                                              .shorthand = "address",
                                              .check = check_endpoint};

static const char *const balances[] = {"weighted",   "round_robin", "failover", "random", "hash",
                                       "least_load", "fastest",     "score",    "all",    NULL};

static const struct field pool_fields[] = {
        {.name = "name",
         .type = FIELD_STRING,
         .offset = MEMBER(pool, name),
         .required = true,
         .check = check_object_name,
         .help = "the pool's name"},
        {.name = "region",
         .type = FIELD_STRING,
         .offset = MEMBER(pool, region_name),
         .required = true,
         .help = "where its endpoints are"},
        {.name = "monitor",
         .type = FIELD_STRING,
         .offset = MEMBER(pool, monitor_name),
         .help = "how its endpoints are checked; without one they count as up"},
        {.name = "balance",
         .type = FIELD_ENUM,
         .offset = MEMBER(pool, balance),
         .fallback = "\"weighted\"",
         .names = balances,
         .help = "how endpoints are picked"},
        {.name = "answers",
         .type = FIELD_INT,
         .offset = MEMBER(pool, answers),
         .fallback = "0",
         .min = 0,
         .max = 16,
         .help = "distinct endpoints in one reply; 0: one, and with balance all sixteen"},
        {.name = "min_healthy",
         .type = FIELD_DOC,
         .offset = MEMBER(pool, min_healthy),
         .fallback = "1",
         .check = check_min_healthy,
         .help = "endpoints that must be up, a number or a percentage of those enabled; below it the next pool serves"},
        {.name = "max_load",
         .type = FIELD_REAL,
         .offset = MEMBER(pool, max_load),
         .fallback = "0",
         .min = 0,
         .max = 1000000000,
         .help = "mean load of its endpoints above which it sheds the excess to the next pool; 0: none"},
        {.name = "slow_start",
         .type = FIELD_DURATION,
         .offset = MEMBER(pool, slow_start_ms),
         .fallback = "\"0s\"",
         .min = 0,
         .max = 86400000,
         .help = "time that a returning endpoint takes to its full share"},
        {.name = "hash",
         .type = FIELD_MAP,
         .offset = MEMBER(pool, hash),
         .item = &hash_schema,
         .fallback = "{}",
         .help = "balance hash: what of the client counts"},
        {.name = "score",
         .type = FIELD_MAP,
         .offset = MEMBER(pool, score),
         .item = &score_schema,
         .fallback = "{}",
         .help = "balance score: what each figure costs; the cheapest endpoints serve"},
        {.name = "service",
         .type = FIELD_STRING,
         .offset = MEMBER(pool, service_name),
         .check = check_domain_name,
         .help = "a service to choose through, instead of endpoints"},
        {.name = "labels",
         .type = FIELD_STRINGS,
         .offset = MEMBER(pool, labels),
         .fallback = "[]",
         .max = 32,
         .check = check_labels,
         .help = "words to find it by"},
        {.name = "enabled",
         .type = FIELD_BOOL,
         .offset = MEMBER(pool, enabled),
         .fallback = "true",
         .help = "false: never serves"},
        {.name = "endpoints",
         .type = FIELD_LIST,
         .offset = MEMBER(pool, endpoints),
         .item = &endpoint_schema,
         .fallback = "[]",
         .max = 10000,
         .help = "who serves"},
        {0},
};

static void check_pool(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        const struct pool *p = out;

        if (p->service_name && p->endpoints.count)
                doc_problem(problems, at, "service", "a pool has endpoints or a service, not both");
}

const struct schema pool_schema = {
        .name = "pool", .size = sizeof(struct pool), .fields = pool_fields, .check = check_pool};
