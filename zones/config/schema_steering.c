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
                least->count = at->integer;
        else if (at->type == DOC_STRING && sscanf(at->string, "%3u%c%c", &percent, &sign, &rest) == 2 && sign == '%' &&
                 percent <= 100)
                least->percent = percent;
        else
                doc_problem(problems, at, NULL, "expected a number of endpoints such as 2 or a share such as \"50%%\"");
}

void check_failback(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct service *s = (struct service *)(void *)((char *)out - offsetof(struct service, failback_text));

        s->failback_delay_ms = 0;
        if (!strcmp(at->string, "auto"))
                s->failback = FAILBACK_AUTO;
        else if (!strcmp(at->string, "manual"))
                s->failback = FAILBACK_MANUAL;
        else if (!strncmp(at->string, "delayed ", 8) && duration_parse(at->string + 8, &s->failback_delay_ms))
                s->failback = FAILBACK_DELAYED;
        else
                doc_problem(problems, at, NULL,
                            "expected auto, manual, or delayed with a duration such as "
                            "\"delayed 5m\", got \"%s\"",
                            at->string);
}

void check_prefixes(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct list *list = out;
        const char *const *texts = list->items;
        struct prefix *prefixes = ARENA_ARRAY(a, struct prefix, list->count);

        doc_each (one, at)
                if (!prefix_parse(texts[one->index], &prefixes[one->index]))
                        doc_problem(problems, one, NULL, "expected a network such as 192.0.2.0/24, got \"%s\"",
                                    texts[one->index]);
        list->items = prefixes;
}

void check_addresses(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct list *list = out;
        const char *const *texts = list->items;
        struct address *addresses = ARENA_ARRAY(a, struct address, list->count);

        doc_each (one, at)
                if (!address_parse(texts[one->index], &addresses[one->index]))
                        doc_problem(problems, one, NULL, "expected an IPv4 or IPv6 address, got \"%s\"",
                                    texts[one->index]);
        list->items = addresses;
}

void check_labels(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        doc_each (one, at)
                check_object_name(one, a, NULL, problems);
}

/* --- hash and score of a pool --- */

static const struct field hash_fields[] = {
        {.name = "prefix_v4",
         .type = FIELD_INT,
         .offset = INNER(pool, hash, prefix_v4),
         .fallback = "24",
         .min = 0,
         .max = 32,
         .help = "bits of an IPv4 client that count; also the least ECS scope of an answer"},
        {.name = "prefix_v6",
         .type = FIELD_INT,
         .offset = INNER(pool, hash, prefix_v6),
         .fallback = "56",
         .min = 0,
         .max = 128,
         .help = "the same for IPv6"},
        {.name = "salt",
         .type = FIELD_STRING,
         .offset = INNER(pool, hash, salt),
         .max = 100,
         .help = "another salt is another assignment of clients to endpoints"},
        {0},
};
const struct schema hash_schema = {.name = "hash", .size = INNER_SIZE(pool, hash), .fields = hash_fields};

#define SCORE_FIELD(which, value, unit)                                                                                \
        {                                                                                                              \
                .name = #which, .type = FIELD_REAL, .offset = INNER(pool, score, which), .fallback = value, .min = 0,  \
                .max = 1000000, .help = "what " unit " costs"                                                          \
        }

static const struct field score_fields[] = {
        SCORE_FIELD(response_time, "1", "a millisecond of response time"),
        SCORE_FIELD(load, "1", "a unit of load"),
        SCORE_FIELD(errors, "10", "a percent of errors"),
        SCORE_FIELD(cpu, "0", "a percent of CPU"),
        SCORE_FIELD(memory, "0", "a percent of memory"),
        {0},
};
const struct schema score_schema = {.name = "score", .size = INNER_SIZE(pool, score), .fields = score_fields};

/* --- overrides of a service --- */

static const struct field override_fields[] = {
        {.name = "match",
         .type = FIELD_STRINGS,
         .offset = MEMBER(override, match),
         .fallback = "[]",
         .max = 100,
         .check = check_matches,
         .help = "clients it is for: continent:EU, country:DE, subdivision:US-CA, asn:64500"},
        {.name = "networks",
         .type = FIELD_STRINGS,
         .offset = MEMBER(override, networks),
         .fallback = "[]",
         .max = 100,
         .check = check_prefixes,
         .help = "networks it is for"},
        {.name = "regions",
         .type = FIELD_STRINGS,
         .offset = MEMBER(override, regions),
         .required = true,
         .max = 100,
         .help = "their order of regions"},
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
