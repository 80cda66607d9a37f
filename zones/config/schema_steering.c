/* Checks and small tables of the options of steering: shared by the tables of pools and services. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/address.h"
#include "base/clock.h"
#include "zones/config/model.h"
#include "zones/config/schemas.h"

void check_min_healthy(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct min_healthy *least = out;
        unsigned percent;
        char sign, rest;

        *least = (struct min_healthy){0};
        if (at->type == DOC_INT && at->integer >= 0 && at->integer <= 10000)
                least->count = (uint32_t)at->integer;
        else if (at->type == DOC_STRING && sscanf(at->string, "%3u%c%c", &percent, &sign, &rest) == 2 && sign == '%' &&
                 percent <= 100)
                least->percent = percent;
        else
                doc_problem(problems, at, NULL, "expected a number of endpoints such as 2 or a share such as \"50%%\"");
}

/* false: it is none. */
static bool failback_parse(const char *text, int *failback, int64_t *delay_ms)
{
        *delay_ms = 0;
        *failback = FAILBACK_AUTO;
        if (!strcmp(text, failback_names[FAILBACK_MANUAL]))
                *failback = FAILBACK_MANUAL;
        else if (!strncmp(text, "delayed ", 8) && duration_parse(text + 8, delay_ms))
                *failback = FAILBACK_DELAYED;
        else
                return !strcmp(text, failback_names[FAILBACK_AUTO]);
        return true;
}

static void failback_problem(const struct doc *at, struct problems *problems, const char *got)
{
        doc_problem(problems, at, NULL,
                    "expected auto, manual, or delayed with a duration such as \"delayed 5m\", got %s%s%s",
                    got ? "\"" : "", got ? got : "something else", got ? "\"" : "");
}

void check_failback(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct service *s = (struct service *)(void *)((char *)out - offsetof(struct service, failback_text));

        if (!failback_parse(at->string, &s->failback, &s->failback_delay_ms))
                failback_problem(at, problems, at->string);
}

void check_failback_rule(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct failback_rule *rule = out;
        int64_t delay_ms = 0;
        int failback = FAILBACK_AUTO;

        if (at->type != DOC_STRING || !failback_parse(at->string, &failback, &delay_ms))
                failback_problem(at, problems, at->type == DOC_STRING ? at->string : NULL);
        else if (delay_ms > FAILBACK_DELAY_MOST_S * 1000LL)
                doc_problem(problems, at, NULL, "expected a delay of at most 365d, got \"%s\"", at->string);
        *rule = (struct failback_rule){true, (uint8_t)failback, (uint32_t)((delay_ms + 999) / 1000)};
}

void check_prefixes(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        const struct strings texts = strings_of(out);
        struct prefix *prefixes = ARENA_ARRAY(a, struct prefix, texts.count);

        doc_each (one, at)
                if (!prefix_parse(texts.items[one->index], &prefixes[one->index]))
                        doc_problem(problems, one, NULL, "expected a network such as 192.0.2.0/24, got \"%s\"",
                                    texts.items[one->index]);
        list_put(out, prefixes, texts.count);
}

void check_addresses(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        const struct strings texts = strings_of(out);
        struct address *addresses = ARENA_ARRAY(a, struct address, texts.count);

        doc_each (one, at)
                if (!address_parse(texts.items[one->index], &addresses[one->index]))
                        doc_problem(problems, one, NULL, "expected an IPv4 or IPv6 address, got \"%s\"",
                                    texts.items[one->index]);
        list_put(out, addresses, texts.count);
}

/* --- hash and score of a pool --- */

static const struct field hash_fields[] = {
        INT("prefix_v4", pool_hash, prefix_v4, 24, 0, 32,
            "bits of an IPv4 client that count; also the least ECS scope of an answer"),
        INT("prefix_v6", pool_hash, prefix_v6, 56, 0, 128, "the same for IPv6"),
        OPTIONAL_STRING("salt", pool_hash, salt, "another salt is another assignment of clients to endpoints",
                        .max = 100),
        {0},
};
const struct schema pool_hash_schema = {.name = "hash", .size = sizeof(struct pool_hash), .fields = hash_fields};

static const struct field score_fields[] = {
        REAL("response_time", pool_score, response_time, 1, 0, 1000000, "what a millisecond of response time costs"),
        REAL("load", pool_score, load, 1, 0, 1000000, "what a unit of load costs"),
        REAL("errors", pool_score, errors, 10, 0, 1000000, "what a percent of errors costs"),
        REAL("cpu", pool_score, cpu, 0, 0, 1000000, "what a percent of CPU costs"),
        REAL("memory", pool_score, memory, 0, 0, 1000000, "what a percent of memory costs"),
        {0},
};
const struct schema pool_score_schema = {.name = "score", .size = sizeof(struct pool_score), .fields = score_fields};

/* --- overrides of a service --- */

static const struct field override_fields[] = {
        STRINGS_AS("match", override, match, struct match, check_matches,
                   "clients it is for: continent:EU, country:DE, subdivision:US-CA, asn:64500", .max = 100),
        STRINGS_AS("networks", override, networks, struct prefix, check_prefixes, "networks it is for", .max = 100),
        REQUIRED_STRINGS("regions", override, regions, "their order of regions", .max = 100),
        {0},
};

static void check_override(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        const struct override *o = out;

        if (!o->match.count && !o->networks.count)
                doc_problem(problems, at, NULL, "expected `match` or `networks`, or it is for nobody");
        if (!o->regions.count)
                doc_problem(problems, at, "regions", "expected at least one region");
}

const struct schema override_schema = {
        .name = "override", .size = sizeof(struct override), .fields = override_fields, .check = check_override};
