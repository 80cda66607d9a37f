/* Tables of zones, their records, and services. */
#include <stddef.h>
#include <string.h>
#include "zones/config/model.h"
#include "zones/config/schemas.h"

#define TTL_MAX 2147483647 /* RFC 2181 8 */

static void check_names(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        doc_each (one, at)
                check_domain_name(one, a, NULL, problems);
        if (!at->count)
                doc_problem(problems, at, NULL, "expected at least one host name");
}

static const struct field record_fields[] = {
        {.name = "name",
         .type = FIELD_STRING,
         .offset = MEMBER(record, name),
         .required = true,
         .max = 1023,
         .help = "owner, relative to the zone; \"@\" is the apex, a trailing dot makes it absolute"},
        {.name = "type",
         .type = FIELD_STRING,
         .offset = MEMBER(record, type_text),
         .required = true,
         .max = 20,
         .help = "A, AAAA, MX, TXT, ... or TYPE65280 (RFC 3597)"},
        {.name = "ttl",
         .type = FIELD_INT,
         .offset = MEMBER(record, ttl),
         .fallback = "-1",
         .min = -1,
         .max = TTL_MAX,
         .help = "seconds; -1: the zone's"},
        {.name = "data",
         .type = FIELD_STRINGS,
         .offset = MEMBER(record, data),
         .required = true,
         .max = 1000,
         .help = "presentation form as in a zone file of the zone, one string a record"},
        {0},
};
static const struct schema record_schema = {.name = "record", .size = sizeof(struct record), .fields = record_fields};

static const struct field soa_fields[] = {
        {.name = "mname",
         .type = FIELD_STRING,
         .offset = INNER(zone, soa, mname),
         .check = check_domain_name,
         .help = "primary server; the first of ns when not given"},
        {.name = "rname",
         .type = FIELD_STRING,
         .offset = INNER(zone, soa, rname),
         .check = check_domain_name,
         .help = "mailbox as a name; hostmaster.ZONE when not given"},
        {.name = "refresh",
         .type = FIELD_INT,
         .offset = INNER(zone, soa, refresh),
         .fallback = "3600",
         .min = 1,
         .max = TTL_MAX,
         .help = "seconds"},
        {.name = "retry",
         .type = FIELD_INT,
         .offset = INNER(zone, soa, retry),
         .fallback = "900",
         .min = 1,
         .max = TTL_MAX,
         .help = "seconds"},
        {.name = "expire",
         .type = FIELD_INT,
         .offset = INNER(zone, soa, expire),
         .fallback = "1209600",
         .min = 1,
         .max = TTL_MAX,
         .help = "seconds"},
        {.name = "minimum",
         .type = FIELD_INT,
         .offset = INNER(zone, soa, minimum),
         .fallback = "60",
         .min = 0,
         .max = TTL_MAX,
         .help = "seconds that a negative answer is kept (RFC 2308)"},
        {0},
};
static const struct schema soa_schema = {.name = "soa", .size = INNER_SIZE(zone, soa), .fields = soa_fields};

static void check_key_names(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        doc_each (one, at)
                check_domain_name(one, a, NULL, problems);
}

static const struct field transfer_fields[] = {
        {.name = "allow",
         .type = FIELD_STRINGS,
         .offset = INNER(zone, transfer, allow),
         .fallback = "[]",
         .max = 1000,
         .check = check_prefixes,
         .help = "networks; anywhere when empty and there are keys"},
        {.name = "keys",
         .type = FIELD_STRINGS,
         .offset = INNER(zone, transfer, keys),
         .fallback = "[]",
         .max = 100,
         .check = check_key_names,
         .help = "names of TSIG keys in gslbd.yaml, one of which must sign; none needed when empty"},
        {0},
};
static const struct schema transfer_schema = {
        .name = "transfer", .size = INNER_SIZE(zone, transfer), .fields = transfer_fields};

static const struct field zone_fields[] = {
        {.name = "name",
         .type = FIELD_STRING,
         .offset = MEMBER(zone, name),
         .required = true,
         .check = check_domain_name,
         .help = "the delegated domain"},
        {.name = "ns",
         .type = FIELD_STRINGS,
         .offset = MEMBER(zone, ns),
         .required = true,
         .max = 32,
         .check = check_names,
         .help = "its name servers, as absolute names"},
        {.name = "ttl",
         .type = FIELD_INT,
         .offset = MEMBER(zone, ttl),
         .fallback = "3600",
         .min = 0,
         .max = TTL_MAX,
         .help = "seconds, for records that have none, SOA and NS"},
        {.name = "soa",
         .type = FIELD_MAP,
         .offset = MEMBER(zone, soa),
         .item = &soa_schema,
         .fallback = "{}",
         .help = "timers; the serial is the revision"},
        {.name = "records",
         .type = FIELD_LIST,
         .offset = MEMBER(zone, records),
         .item = &record_schema,
         .fallback = "[]",
         .help = "static records"},
        {.name = "transfer",
         .type = FIELD_MAP,
         .offset = MEMBER(zone, transfer),
         .item = &transfer_schema,
         .fallback = "{}",
         .help = "who may read the whole zone (AXFR); nobody when not given"},
        {0},
};
const struct schema zone_schema = {.name = "zone", .size = sizeof(struct zone), .fields = zone_fields};

static const char *const steerings[] = {"geo",      "proximity",   "latency", "failover",
                                        "weighted", "round_robin", "random",  NULL};
static const char *const all_downs[] = {"serve_all", "last_resort", "fallback_address", "nodata", "servfail", NULL};

static const struct field service_pool_fields[] = {
        {.name = "pool",
         .type = FIELD_STRING,
         .offset = MEMBER(service_pool, pool_name),
         .required = true,
         .help = "its name"},
        {.name = "weight",
         .type = FIELD_INT,
         .offset = MEMBER(service_pool, weight),
         .fallback = "1",
         .min = 0,
         .max = 65535,
         .help = "share among the service's pools"},
        {0},
};
static const struct schema service_pool_schema = {
        .name = "pool entry", .size = sizeof(struct service_pool), .fields = service_pool_fields, .shorthand = "pool"};

static void check_params(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        /* What a zone file ends or spreads a line by. */
        if (strpbrk(at->string, ";()\r\n"))
                doc_problem(problems, at, NULL, "expected SvcParams on one line, without ; and parentheses");
}

static const struct field binding_fields[] = {
        {.name = "priority",
         .type = FIELD_INT,
         .offset = MEMBER(binding, priority),
         .fallback = "1",
         .min = 0,
         .max = 65535,
         .help = "SvcPriority, lower first; 0: AliasMode, another name for the service as a whole"},
        {.name = "target",
         .type = FIELD_STRING,
         .offset = MEMBER(binding, target),
         .fallback = "\".\"",
         .check = check_domain_name,
         .help = "TargetName, absolute; \".\" is the service itself (AliasMode: there is none)"},
        {.name = "params",
         .type = FIELD_STRING,
         .offset = MEMBER(binding, params),
         .fallback = "\"\"",
         .max = BINDING_PARAMS_MAX,
         .check = check_params,
         .help = "SvcParams in presentation form: alpn=h2,h3 port=8443"},
        {.name = "hints",
         .type = FIELD_BOOL,
         .offset = MEMBER(binding, hints),
         .fallback = "true",
         .help = "ipv4hint and ipv6hint follow the healthy choice; false: none but those of params"},
        {0},
};
static const struct schema binding_schema = {
        .name = "service binding", .size = sizeof(struct binding), .fields = binding_fields};

static const struct field service_fields[] = {
        {.name = "name",
         .type = FIELD_STRING,
         .offset = MEMBER(service, name),
         .required = true,
         .check = check_domain_name,
         .help = "the load-balanced name"},
        {.name = "ttl",
         .type = FIELD_INT,
         .offset = MEMBER(service, ttl),
         .fallback = "30",
         .min = 0,
         .max = 86400,
         .help = "seconds that resolvers keep an answer"},
        {.name = "steering",
         .type = FIELD_ENUM,
         .offset = MEMBER(service, steering),
         .fallback = "\"geo\"",
         .names = steerings,
         .help = "how its pools are ordered for a client"},
        {.name = "when_all_down",
         .type = FIELD_ENUM,
         .offset = MEMBER(service, when_all_down),
         .fallback = "\"serve_all\"",
         .names = all_downs,
         .help = "what is answered when no endpoint is up"},
        {.name = "last_resort",
         .type = FIELD_STRING,
         .offset = MEMBER(service, last_resort_name),
         .help = "when_all_down last_resort: the pool that serves then, whatever its health"},
        {.name = "fallback_address",
         .type = FIELD_STRINGS,
         .offset = MEMBER(service, fallback_addresses),
         .fallback = "[]",
         .max = 16,
         .check = check_addresses,
         .help = "when_all_down fallback_address: what is answered then"},
        {.name = "failback",
         .type = FIELD_STRING,
         .offset = MEMBER(service, failback_text),
         .fallback = "\"auto\"",
         .check = check_failback,
         .help = "when a pool that was down serves first again: auto, manual, or delayed with a duration"},
        {.name = "fence",
         .type = FIELD_BOOL,
         .offset = MEMBER(service, fence),
         .fallback = "false",
         .help = "true: clients stay in the first region of their order that has a pool, even when it is down"},
        {.name = "overrides",
         .type = FIELD_LIST,
         .offset = MEMBER(service, overrides),
         .item = &override_schema,
         .fallback = "[]",
         .max = 100,
         .help = "other orders of regions for some clients; the first that is met counts"},
        {.name = "flatten",
         .type = FIELD_BOOL,
         .offset = MEMBER(service, flatten),
         .fallback = "false",
         .help = "true: host names are answered with their addresses, not a CNAME; at the apex of a zone always"},
        {.name = "https",
         .type = FIELD_LIST,
         .offset = MEMBER(service, https),
         .item = &binding_schema,
         .fallback = "[]",
         .max = BINDINGS_MAX,
         .help = "its HTTPS records (RFC 9460)"},
        {.name = "svcb",
         .type = FIELD_LIST,
         .offset = MEMBER(service, svcb),
         .item = &binding_schema,
         .fallback = "[]",
         .max = BINDINGS_MAX,
         .help = "its SVCB records (RFC 9460)"},
        {.name = "enabled",
         .type = FIELD_BOOL,
         .offset = MEMBER(service, enabled),
         .fallback = "true",
         .help = "false: the name exists without addresses"},
        {.name = "pools",
         .type = FIELD_LIST,
         .offset = MEMBER(service, pools),
         .item = &service_pool_schema,
         .required = true,
         .max = 256,
         .help = "its pools"},
        {0},
};

static void check_service(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        const struct service *s = out;

        if (s->when_all_down == WHEN_ALL_DOWN_LAST_RESORT && !s->last_resort_name)
                doc_problem(problems, at, "last_resort", "expected the name of a pool, because when_all_down needs it");
        if (s->when_all_down == WHEN_ALL_DOWN_FALLBACK_ADDRESS && !s->fallback_addresses.count)
                doc_problem(problems, at, "fallback_address", "expected an address, because when_all_down needs it");
}

const struct schema service_schema = {
        .name = "service", .size = sizeof(struct service), .fields = service_fields, .check = check_service};
