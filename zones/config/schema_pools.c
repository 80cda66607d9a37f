/* Tables of pools and their endpoints. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "zones/config/model.h"
#include "zones/dns/name.h"
#include "zones/config/schemas.h"

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
         .type = FIELD_DOC,
         .offset = MEMBER(endpoint, monitor_use),
         .check = check_monitor_use,
         .help = "a monitor instead of the pool's, or {FIELD: VALUE...} laid over the pool's, or {name: MONITOR, "
                 "FIELD: VALUE...}"},
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
         .type = FIELD_DOC,
         .offset = MEMBER(pool, monitor_use),
         .check = check_monitor_use,
         .help = "how its endpoints are checked: a monitor's name, or {name: MONITOR, FIELD: VALUE...} with other "
                 "values for some of "
                 "its fields; without one they count as up"},
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
