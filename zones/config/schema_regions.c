/* Tables of regions, networks, probers, rules, tokens, drains and holds. */
#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "zones/config/match_code.h"
#include "zones/config/drain.h"
#include "zones/config/hold.h"
#include "zones/dns/name.h"
#include "zones/config/schemas.h"

void check_domain_name(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        uint8_t wire[NAME_WIRE_MAX];
        const char *why = "it is relative";

        if (!strcmp(at->string, "@") || !name_parse(at->string, NULL, wire, &why))
                doc_problem(problems, at, NULL, "expected a domain name, got \"%s\": %s", at->string, why);
}

static bool all_upper(const char *text, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (!isupper((unsigned char)text[i]))
                        return false;
        return true;
}

static bool match_parse(const char *text, struct match *m)
{
        const char *value = NULL;
        char *end;

        for (int i = 0; match_kind_names[i]; i++) {
                size_t length = strlen(match_kind_names[i]);
                if (!strncmp(text, match_kind_names[i], length) && text[length] == ':') {
                        m->kind = (enum match_kind)i;
                        value = text + length + 1;
                }
        }
        if (!value)
                return false;
        size_t length = strlen(value);
        if (m->kind == MATCH_ASN) {
                unsigned long asn = strtoul(value, &end, 10);
                m->asn = (uint32_t)asn;
                return isdigit((unsigned char)*value) && !*end && length <= 10 && asn <= UINT32_MAX;
        }
        if (length >= sizeof(m->value) || length < 2 || !all_upper(value, 2))
                return false;
        strcpy(m->value, value);
        if (m->kind == MATCH_SUBDIVISION)
                return length >= 4 && value[2] == '-';
        return length == 2;
}

/* A code that does not exist matches nobody, which nobody means. */
static void check_code(const struct doc *at, const struct match *m, struct problems *problems)
{
        bool continent = m->kind == MATCH_CONTINENT;
        const char *meant;

        if (m->kind == MATCH_ASN || (continent ? continent_known(m->value, &meant) : country_known(m->value, &meant)))
                return;
        if (meant)
                doc_problem(problems, at, NULL, "there is no %s %.2s; did you mean \"%s\"?",
                            continent ? "continent" : "country", m->value, meant);
        else if (continent)
                doc_problem(problems, at, NULL, "there is no continent %.2s; expected AF, AN, AS, EU, NA, OC or SA",
                            m->value);
        else
                doc_problem(problems, at, NULL, "there is no country %.2s; expected a code of ISO 3166-1", m->value);
}

void check_matches(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        const struct strings texts = strings_of(out);
        struct match *matches = ARENA_ARRAY(a, struct match, texts.count);

        doc_each (one, at) {
                if (match_parse(texts.items[one->index], &matches[one->index]))
                        check_code(one, &matches[one->index], problems);
                else
                        doc_problem(problems, one, NULL,
                                    "expected continent:EU, country:DE, subdivision:US-CA or asn:64500, got \"%s\"",
                                    texts.items[one->index]);
        }
        list_put(out, matches, texts.count);
}

static void check_location(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct region *r = (struct region *)(void *)((char *)out - offsetof(struct region, latitude));
        double v[2] = {0, 0};
        bool good = at->type == DOC_LIST && at->count == 2;

        if (good)
                doc_each (one, at) {
                        good = good && (one->type == DOC_INT || one->type == DOC_REAL);
                        v[one->index] = one->type == DOC_INT    ? (double)one->integer
                                        : one->type == DOC_REAL ? one->real
                                                                : 0;
                }
        if (!good || v[0] < -90 || v[0] > 90 || v[1] < -180 || v[1] > 180) {
                doc_problem(problems, at, NULL, "expected [latitude, longitude] in degrees, such as [50.1, 8.7]");
                return;
        }
        r->has_location = true;
        r->latitude = v[0];
        r->longitude = v[1];
}

static const struct field region_fields[] = {
        REQUIRED_STRING("name", region, name, "the region's name", .check = check_object_name),
        STRINGS_AS("match", region, match, struct match, check_matches,
                   "which clients belong here: continent:EU, country:DE, subdivision:US-CA, asn:64500; "
                   "the most specific match of all regions counts",
                   .max = 1000),
        OPTIONAL_CUSTOM("location", region, latitude, double, check_location, "[latitude, longitude] in degrees"),
        INT("bias", region, bias, 0, -99, 99,
            "steering proximity: percent by which it counts as nearer; below 0 as farther"),
        STRINGS("fallback", region, fallback, "regions to try, in order, when this one has no usable pool", .max = 100),
        BOOL("default", region, is_default, false, "takes the clients that match nothing; one region has it"),
        {0},
};
const struct schema region_schema = {.name = "region", .size = sizeof(struct region), .fields = region_fields};

static const struct field network_fields[] = {
        REQUIRED_PREFIX("cidr", network, cidr, "the network"),
        REQUIRED_STRING("region", network, region_name, "the region of its clients, ahead of GeoIP"),
        {0},
};
const struct schema network_schema = {.name = "network", .size = sizeof(struct network), .fields = network_fields};

static const struct field prober_fields[] = {
        REQUIRED_STRING("name", prober, name, "the prober's name, as it reports", .check = check_object_name),
        OPTIONAL_STRING("region", prober, region_name, "where it stands"),
        BOOL("enabled", prober, enabled, true, "whether its verdicts count"),
        {0},
};
const struct schema prober_schema = {.name = "prober", .size = sizeof(struct prober), .fields = prober_fields};

static const struct field drain_rules_fields[] = {
        OPTIONAL_DURATION("max_for", drain_rules, max_for_ms, 1000, 31536000000,
                          "every drain has an end, and lasts at most so long"),
        {0},
};
static const struct schema drain_rules_schema = {
        .name = "rules of drains", .size = sizeof(struct drain_rules), .fields = drain_rules_fields};

/* "40%" */
static void check_percent(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        int64_t *percent = out;
        char *end = NULL;

        *percent = at->type == DOC_STRING && at->count ? strtol(at->string, &end, 10) : 0;
        if (!end || strcmp(end, "%") != 0 || *percent < 1 || *percent > 100)
                doc_problem(problems, at, NULL, "expected a percentage from \"1%%\" to \"100%%\"");
}

static const struct field rules_fields[] = {
        INT("regions_serving", rules, regions_serving, 0, 0, 1000,
            "at least so many regions serve after each change: some pool of theirs, which a service uses, has an "
            "endpoint to give; 0: any number"),
        OPTIONAL_CUSTOM("max_traffic_moved", rules, max_traffic_moved, int64_t, check_percent,
                        "a change moves at most this share of all traffic, of the last hour's clients, to other "
                        "endpoints: 40%"),
        MAP("drains", rules, drains, drain_rules, "what drains must keep to"),
        {0},
};
const struct schema rules_schema = {.name = "rules", .size = sizeof(struct rules), .fields = rules_fields};

/* The structure holds milliseconds; the document holds RFC 3339 text. */
void check_time(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        if (at->type != DOC_STRING || !clock_parse(at->string, out))
                doc_problem(problems, at, NULL, "expected a time such as 2026-01-31T12:00:00Z");
}

/* Names of zones as the store has them. */
static void check_zones(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct strings names = strings_of(out);
        char key[NAME_TEXT_MAX];
        uint32_t i = 0;

        doc_each (one, at) {
                if (!name_key(one->string, key))
                        doc_problem(problems, one, NULL, "expected a domain name, got \"%s\"", one->string);
                else
                        names.items[i] = arena_strdup(a, key);
                i++;
        }
}

static void check_token(const struct doc *at, struct arena *a, void *structure, struct problems *problems)
{
        const struct token *t = structure;

        if (t->role == ROLE_PROBER && !t->prober)
                doc_problem(problems, at, "prober", "role prober needs the prober's name");
        if ((t->zones.count || t->pool_labels.count) && t->role >= ROLE_ADMIN)
                doc_problem(problems, at, t->zones.count ? "zones" : "pool_labels",
                            "a scope goes with the roles read, operate and edit");
}

static const struct field token_fields[] = {
        REQUIRED_STRING("name", token, name, "whose token it is", .check = check_object_name),
        REQUIRED_ENUM("role", token, role, role_names, "what it may do"),
        REQUIRED_STRING("hash", token, hash, "sha256:SALT:HEX of the secret", .max = 200),
        OPTIONAL_STRING("prober", token, prober, "role prober: which one may use it"),
        OPTIONAL_CUSTOM("until", token, until_ms, int64_t, check_time,
                        "when it ends; without it, it is good until it is deleted"),
        STRINGS("zones", token, zones, "its scope: records and services of these zones", .max = 100,
                .check = check_zones),
        STRINGS("pool_labels", token, pool_labels, "its scope: pools that have one of these labels", .max = 100,
                .check = check_object_names),
        {0},
};
const struct schema token_schema = {
        .name = "token", .size = sizeof(struct token), .fields = token_fields, .check = check_token};

static void check_drain_name(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct drain *d = (struct drain *)(void *)((char *)out - offsetof(struct drain, name));
        enum drain_scope scope = DRAIN_REGION;
        const char *target;

        if (!drain_key_parse(at->string, &scope, &target))
                doc_problem(problems, at, NULL, "expected region/NAME, pool/NAME or endpoint/POOL/NAME, got \"%s\"",
                            at->string);
        d->scope = scope;
}

static const struct field drain_fields[] = {
        REQUIRED_STRING("name", drain, name, "region/NAME, pool/NAME or endpoint/POOL/NAME", .check = check_drain_name),
        REQUIRED_CUSTOM("since", drain, span.since_ms, int64_t, check_time, "when it begins"),
        DURATION("over", drain, span.over_ms, 0, 0, 604800000, "how long its share of weight falls, in steps"),
        OPTIONAL_CUSTOM("until", drain, span.until_ms, int64_t, check_time,
                        "when it ends by itself; without it, it ends with a restore"),
        OPTIONAL_STRING("reason", drain, reason, "why", .max = 500),
        OPTIONAL_STRING("by", drain, by, "who", .max = 200),
        {0},
};
const struct schema drain_schema = {.name = "drain", .size = sizeof(struct drain), .fields = drain_fields};

static void check_hold_name(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct hold *h = (struct hold *)(void *)((char *)out - offsetof(struct hold, name));
        enum drain_scope scope = DRAIN_POOL;
        const char *target;

        if (!drain_key_parse(at->string, &scope, &target) || scope == DRAIN_REGION)
                doc_problem(problems, at, NULL, "expected pool/NAME or endpoint/POOL/NAME, got \"%s\"", at->string);
        h->scope = scope;
}

static const struct field hold_fields[] = {
        REQUIRED_STRING("name", hold, name, "pool/NAME or endpoint/POOL/NAME", .check = check_hold_name),
        REQUIRED_CUSTOM("since", hold, since_ms, int64_t, check_time, "when it came back"),
        OPTIONAL_CUSTOM("until", hold, until_ms, int64_t, check_time,
                        "when its delay is over; without it, it ends with a failback or restore"),
        OPTIONAL_STRING("reason", hold, reason, "why", .max = 500),
        OPTIONAL_STRING("by", hold, by, "who", .max = 200),
        {0},
};
const struct schema hold_schema = {.name = "hold", .size = sizeof(struct hold), .fields = hold_fields};
