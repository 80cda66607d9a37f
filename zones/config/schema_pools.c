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
        OPTIONAL_STRING("name", endpoint, name, "unique in its pool; the address when not given",
                        .check = check_object_name),
        REQUIRED_STRING("address", endpoint, address_text, "IPv4 or IPv6 address, or a host name (answered as CNAME)",
                        .check = check_address),
        INT("weight", endpoint, weight, 1, 0, 65535,
            "share of answers; 0: only when every endpoint with a weight is down"),
        INT("priority", endpoint, priority, 0, 0, 65535, "balance failover: lowest first"),
        INT("port", endpoint, port, 0, 0, 65535, "port to check; 0: the monitor's"),
        BOOL("enabled", endpoint, enabled, true, "false: never serves and is not checked"),
        BOOL("backup", endpoint, backup, false, "true: serves only when every endpoint that is no backup is down"),
        OPTIONAL_CUSTOM("failback", endpoint, failback, struct failback_rule, check_failback_rule,
                        "the pool's failback, for this endpoint alone"),
        REAL("max_load", endpoint, max_load, 0, 0, 1000000000,
             "load above which it sheds the excess to the others, in the unit of its figure; 0: none"),
        SCHEDULES(endpoint, endpoint_schedule_schema,
                  "another weight, or whether it serves, by day and hour; the first that holds counts"),
        STRINGS("labels", endpoint, labels, "words to find it by", .max = 32, .check = check_object_names),
        OPTIONAL_CUSTOM(
                "monitor", endpoint, monitor_use, struct monitor_use, check_monitor_use,
                "a monitor instead of the pool's, or {FIELD: VALUE...} laid over the pool's, or {name: MONITOR, "
                "FIELD: VALUE...}"),
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

static const struct field pool_fields[] = {
        REQUIRED_STRING("name", pool, name, "the pool's name", .check = check_object_name),
        REQUIRED_STRING("region", pool, region_name, "where its endpoints are"),
        OPTIONAL_CUSTOM(
                "monitor", pool, monitor_use, struct monitor_use, check_monitor_use,
                "how its endpoints are checked: a monitor's name, or {name: MONITOR, FIELD: VALUE...} with other "
                "values for some of "
                "its fields; without one they count as up"),
        ENUM("balance", pool, balance, BALANCE_WEIGHTED, balance_names, "how endpoints are picked"),
        INT("answers", pool, answers, 0, 0, 16,
            "distinct endpoints in one reply; 0: one, and with balance all sixteen"),
        CUSTOM("min_healthy", pool, min_healthy, struct min_healthy, ONE_NUMBER(1), check_min_healthy,
               "endpoints that must be up, a number or a percentage of those enabled; below it the next pool serves"),
        REAL("max_load", pool, max_load, 0, 0, 1000000000,
             "mean load of its endpoints above which it sheds the excess to the next pool; 0: none"),
        DURATION("slow_start", pool, slow_start_ms, 0, 0, 86400000,
                 "time that a returning endpoint takes to its full share"),
        CUSTOM("failback", pool, failback, struct failback_rule, ONE_TEXT("auto"), check_failback_rule,
               "when an endpoint that was down serves again: auto, manual, or delayed with a duration"),
        MAP("hash", pool, hash, pool_hash, "balance hash: what of the client counts"),
        MAP("score", pool, score, pool_score, "balance score: what each figure costs; the cheapest endpoints serve"),
        OPTIONAL_STRING("service", pool, service_name, "a service to choose through, instead of endpoints",
                        .check = check_domain_name),
        STRINGS("labels", pool, labels, "words to find it by", .max = 32, .check = check_object_names),
        BOOL("enabled", pool, enabled, true, "false: never serves"),
        SCHEDULES(pool, pool_schedule_schema, "whether it serves, by day and hour; the first that holds counts"),
        MAPS("endpoints", pool, endpoints, endpoint, "who serves", .max = 10000),
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
