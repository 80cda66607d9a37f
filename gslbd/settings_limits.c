/* The part `limits`, and what of the part `tcp` belongs to it. */
#include <stddef.h>
#include "gslbd/settings.h"
#include "zones/config/schemas.h"

#define LOOPBACK_NETWORKS LIST_OF(ITEM_TEXT("127.0.0.0/8", 0, ITEM_TEXT("::1/128", 1, NULL)), 2)

static const struct field limits_fields[] = {
        ENUM("mode", settings_limits, mode, LIMITS_ON, limits_mode_names,
             "off, log_only (all is counted, nothing held back) or on"),
        INT("ipv4_prefix", settings_limits, ipv4_prefix, 24, 8, 32, "how much of an IPv4 address makes a network"),
        INT("ipv6_prefix", settings_limits, ipv6_prefix, 56, 16, CLIENT_PREFIX_V6_MOST,
            "how much of an IPv6 address makes a network"),
        INT("queries_per_second", settings_limits, queries, 5000, 0, BUCKET_RATE_MAX,
            "of one network, whatever they get; 0: any number"),
        INT("answers_per_second", settings_limits, answers, 500, 0, BUCKET_RATE_MAX,
            "with records of one name, to one network; 0: any number"),
        INT("negatives_per_second", settings_limits, negatives, 200, 0, BUCKET_RATE_MAX,
            "that say no such name or no such data, of one zone, to one network; 0: any number"),
        INT("errors_per_second", settings_limits, errors, 50, 0, BUCKET_RATE_MAX,
            "of all kinds, to one network; 0: any number"),
        DURATION("burst", settings_limits, burst_ms, 2000, 1, BUCKET_BURST_MS,
                 "how long a rate may be used in advance: what may come at once after silence"),
        INT("slip", settings_limits, slip, 1, 0, 100,
            "each how manieth limited reply is sent empty with TC, so that real clients ask over TCP; 0: none"),
        INT("table_kib", settings_limits, table_kib, 2048, 64, 1048576, "memory for counting, over all workers"),
        STRINGS_AS("allow", settings_limits, allow, struct prefix, check_prefixes, "networks that no limit is for",
                   .max = 1000, .fallback.document = LOOPBACK_NETWORKS),
        {0},
};
const struct schema settings_limits_schema = {
        .name = "limits", .size = sizeof(struct settings_limits), .fields = limits_fields};

struct limit_settings settings_limit(const struct settings *s)
{
        const struct settings_limits *l = &s->limits;
        const unsigned burst = (unsigned)l->burst_ms;

        return (struct limit_settings){
                .mode = (enum limits_mode)l->mode,
                .v4_length = (uint8_t)l->ipv4_prefix,
                .v6_length = (uint8_t)l->ipv6_prefix,
                .queries = bucket_rate((unsigned)l->queries, burst),
                .answers = {[ANSWERED_RECORDS] = bucket_rate((unsigned)l->answers, burst),
                            [ANSWERED_NEGATIVE] = bucket_rate((unsigned)l->negatives, burst),
                            [ANSWERED_ERROR] = bucket_rate((unsigned)l->errors, burst)},
                .handshakes = bucket_rate((unsigned)s->tcp.handshakes_per_network, burst),
                .handshakes_in_all = bucket_rate((unsigned)s->tcp.handshakes, burst),
                .slip = (unsigned)l->slip,
                .allow = l->allow.items,
                .allow_count = l->allow.count,
        };
}
