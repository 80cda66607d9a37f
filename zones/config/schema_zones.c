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
        REQUIRED_STRING("name", record_text, name,
                        "owner, relative to the zone; \"@\" is the apex, a trailing dot makes it absolute",
                        .max = 1023),
        REQUIRED_STRING("type", record_text, type, "A, AAAA, MX, TXT, ... or TYPE65280 (RFC 3597)", .max = 20),
        INT("ttl", record_text, ttl, -1, -1, TTL_MAX, "seconds; -1: the zone's"),
        REQUIRED_STRINGS("data", record_text, data,
                         "presentation form as in a zone file of the zone, one string a record", .max = 1000),
        {0},
};
static const struct schema record_text_schema = {
        .name = "record", .size = sizeof(struct record_text), .fields = record_fields};

static const struct field soa_fields[] = {
        OPTIONAL_STRING("mname", zone_soa, mname, "primary server; the first of ns when not given",
                        .check = check_domain_name),
        OPTIONAL_STRING("rname", zone_soa, rname, "mailbox as a name; hostmaster.ZONE when not given",
                        .check = check_domain_name),
        INT("serial", zone_soa, serial, 0, 0, UINT32_MAX,
            "the serial is at least this; it rises by one with each change of what a transfer would hold"),
        INT("refresh", zone_soa, refresh, 3600, 1, TTL_MAX, "seconds"),
        INT("retry", zone_soa, retry, 900, 1, TTL_MAX, "seconds"),
        INT("expire", zone_soa, expire, 1209600, 1, TTL_MAX, "seconds"),
        INT("minimum", zone_soa, minimum, 60, 0, TTL_MAX, "seconds that a negative answer is kept (RFC 2308)"),
        {0},
};
static const struct schema zone_soa_schema = {.name = "soa", .size = sizeof(struct zone_soa), .fields = soa_fields};

static void check_key_names(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        doc_each (one, at)
                check_domain_name(one, a, NULL, problems);
}

static const struct field transfer_fields[] = {
        STRINGS_AS("allow", zone_transfer, allow, struct prefix, check_prefixes,
                   "networks; anywhere when empty and there are keys", .max = 1000),
        STRINGS("keys", zone_transfer, keys,
                "names of TSIG keys in gslbd.yaml, one of which must sign; none needed when empty", .max = 100,
                .check = check_key_names),
        {0},
};
static const struct schema zone_transfer_schema = {
        .name = "transfer", .size = sizeof(struct zone_transfer), .fields = transfer_fields};

static const struct field zone_fields[] = {
        REQUIRED_STRING("name", zone, name, "the delegated domain", .check = check_domain_name),
        REQUIRED_STRINGS("ns", zone, ns, "its name servers, as absolute names", .max = 32, .check = check_names),
        INT("ttl", zone, ttl, 3600, 0, TTL_MAX, "seconds, for records that have none, SOA and NS"),
        MAP("soa", zone, soa, zone_soa, "serial and timers"),
        MAPS("records", zone, written, record_text, "static records"),
        MAP("transfer", zone, transfer, zone_transfer, "who may read the whole zone (AXFR); nobody when not given"),
        {0},
};
const struct schema zone_schema = {.name = "zone", .size = sizeof(struct zone), .fields = zone_fields};

static const struct field service_pool_fields[] = {
        REQUIRED_STRING("pool", service_pool, pool_name, "its name"),
        INT("weight", service_pool, weight, 1, 0, 65535, "share among the service's pools"),
        SCHEDULES(service_pool, member_schedule_schema, "another weight by day and hour; the first that holds counts"),
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
        INT("priority", binding, priority, 1, 0, 65535,
            "SvcPriority, lower first; 0: AliasMode, another name for the service as a whole"),
        STRING("target", binding, target, ".",
               "TargetName, absolute; \".\" is the service itself (AliasMode: there is none)",
               .check = check_domain_name),
        STRING("params", binding, params, "", "SvcParams in presentation form: alpn=h2,h3 port=8443",
               .max = BINDING_PARAMS_MAX, .check = check_params),
        BOOL("hints", binding, hints, true,
             "ipv4hint and ipv6hint follow the healthy choice; false: none but those of params"),
        {0},
};
static const struct schema binding_schema = {
        .name = "service binding", .size = sizeof(struct binding), .fields = binding_fields};

static const struct field service_fields[] = {
        REQUIRED_STRING("name", service, name, "the load-balanced name", .check = check_domain_name),
        INT("ttl", service, ttl, 30, 0, 86400, "seconds that resolvers keep an answer"),
        ENUM("steering", service, steering, STEERING_GEO, steering_policy_names,
             "how its pools are ordered for a client"),
        ENUM("when_all_down", service, when_all_down, WHEN_ALL_DOWN_SERVE_ALL, when_all_down_names,
             "what is answered when no endpoint is up"),
        OPTIONAL_STRING("last_resort", service, last_resort_name,
                        "when_all_down last_resort: the pool that serves then, whatever its health"),
        STRINGS_AS("fallback_address", service, fallback_addresses, struct address, check_addresses,
                   "when_all_down fallback_address: what is answered then", .max = 16),
        STRING("failback", service, failback_text, "auto",
               "when a pool that was down serves first again: auto, manual, or delayed with a duration",
               .check = check_failback),
        BOOL("fence", service, fence, false,
             "true: clients stay in the first region of their order that has a pool, even when it is down"),
        MAPS("overrides", service, overrides, override,
             "other orders of regions for some clients; the first that is met counts", .max = 100),
        BOOL("flatten", service, flatten, false,
             "true: host names are answered with their addresses, not a CNAME; at the apex of a zone always"),
        MAPS("https", service, https, binding, "its HTTPS records (RFC 9460)", .max = BINDINGS_MAX),
        MAPS("svcb", service, svcb, binding, "its SVCB records (RFC 9460)", .max = BINDINGS_MAX),
        BOOL("enabled", service, enabled, true, "false: the name exists without addresses"),
        REQUIRED_MAPS("pools", service, pools, service_pool, "its pools", .max = 256),
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
