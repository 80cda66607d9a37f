#include "zones/monitors/monitor_composite.h"

#include <string.h>

/* "all", "any" or a number: 0, 1, n. */
static void check_need(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        uint32_t *need = out;

        if (at->type == DOC_INT && at->integer >= 1 && at->integer <= COMPOSITE_PARTS_MAX)
                *need = (uint32_t)at->integer;
        else if (at->type == DOC_STRING && (!strcmp(at->string, "all") || !strcmp(at->string, "any")))
                *need = at->string[1] == 'n';
        else
                doc_problem(problems, at, NULL, "expected all, any, or how many from 1 to %d", COMPOSITE_PARTS_MAX);
}

static void check_composite(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        const struct monitor_composite *c = out;

        if (!c->of.count)
                doc_problem(problems, at, "of", "expected at least one monitor");
        else if (c->need > c->of.count)
                doc_problem(problems, at, "need", "expected at most %u, the number of monitors", c->of.count);
}

static const struct field composite_fields[] = {
        REQUIRED_STRINGS("of", monitor_composite, of, "composite: the monitors it is made of",
                         .max = COMPOSITE_PARTS_MAX),
        CUSTOM("need", monitor_composite, need, uint32_t, ONE_TEXT("all"), check_need,
               "composite: how many of them must pass: all, any, or a number"),
        {0},
};
const struct schema monitor_composite_schema = {.name = "composite",
                                                .size = sizeof(struct monitor_composite),
                                                .fields = composite_fields,
                                                .check = check_composite};
