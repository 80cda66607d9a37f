/* Fields of monitors that hear from others: agents, metrics, verdicts pushed over the API, and other monitors. */
#include <stddef.h>
#include <string.h>
#include "zones/monitors/schema_monitors.h"

static const struct field agent_fields[] = {
        {.name = "send",
         .type = FIELD_STRING,
         .offset = INNER(monitor, agent, send),
         .max = 1000,
         .help = "agent: text sent before its line is read; nothing when not given"},
        {.name = "required",
         .type = FIELD_BOOL,
         .offset = INNER(monitor, agent, required),
         .fallback = "true",
         .help = "agent: whether one that cannot be reached or read is down; false: it then says nothing"},
        {0},
};
const struct schema agent_schema = {.name = "agent", .size = INNER_SIZE(monitor, agent), .fields = agent_fields};

/* --- metrics --- */

static const char *const formats[] = {"prometheus", "haproxy_csv", NULL};

static const struct field reading_fields[] = {
        {.name = "select",
         .type = FIELD_STRING,
         .offset = offsetof(struct reading, select),
         .required = true,
         .max = 500,
         .help = "metrics: NAME or NAME{LABEL=\"VALUE\",...}; of HAProxy CSV PROXY/SERVER:COLUMN"},
        {.name = "rate",
         .type = FIELD_BOOL,
         .offset = offsetof(struct reading, rate),
         .fallback = "false",
         .help = "metrics: a counter: its growth in a second counts"},
        {.name = "scale",
         .type = FIELD_REAL,
         .offset = offsetof(struct reading, scale),
         .fallback = "1",
         .help = "metrics: multiplied by this"},
        {0},
};
static const struct schema reading_schema = {
        .name = "reading", .size = sizeof(struct reading), .fields = reading_fields, .shorthand = "select"};

static void check_metrics(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        const struct reading *readings = (const struct reading *)((char *)out + INNER(monitor, metrics, readings));
        const char *const names[] = {"load", "errors", "cpu", "memory"};
        bool csv = *(int *)((char *)out + INNER(monitor, metrics, format)) == METRICS_HAPROXY_CSV, any = false;

        for (size_t i = 0; i < 4; i++) {
                const char *select = readings[i].select;
                any |= select != NULL;
                if (csv && select && (!strchr(select, '/') || !strchr(select, ':')))
                        doc_problem(problems, at, names[i], "expected PROXY/SERVER:COLUMN, got \"%s\"", select);
        }
        if (!any)
                doc_problem(problems, at, NULL, "expected at least one of load, errors, cpu and memory");
}

#define READING(member, index)                                                                                         \
        {                                                                                                              \
                .name = member, .type = FIELD_MAP,                                                                     \
                .offset = INNER(monitor, metrics, readings) + (index) * sizeof(struct reading),                        \
                .item = &reading_schema, .help = "metrics: where the figure " member " is read from"                   \
        }
static const struct field metrics_fields[] = {
        {.name = "format",
         .type = FIELD_ENUM,
         .offset = INNER(monitor, metrics, format),
         .fallback = "\"prometheus\"",
         .names = formats,
         .help = "metrics: Prometheus text, or the CSV of HAProxy's statistics"},
        {.name = "https",
         .type = FIELD_BOOL,
         .offset = INNER(monitor, metrics, https),
         .fallback = "false",
         .help = "metrics: over HTTPS"},
        READING("load", 0),
        READING("errors", 1),
        READING("cpu", 2),
        READING("memory", 3),
        {0},
};
const struct schema metrics_schema = {
        .name = "metrics", .size = INNER_SIZE(monitor, metrics), .fields = metrics_fields, .check = check_metrics};

/* --- external and composite --- */

static const char *const silences[] = {"unknown", "up", "down", NULL};

static const struct field external_fields[] = {
        {.name = "when_silent",
         .type = FIELD_ENUM,
         .offset = INNER(monitor, external, when_silent),
         .fallback = "\"unknown\"",
         .names = silences,
         .help = "external: what an endpoint is when nobody has said anything, or its time is over; unknown counts as "
                 "up"},
        {0},
};
const struct schema external_schema = {
        .name = "external", .size = INNER_SIZE(monitor, external), .fields = external_fields};

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
        const struct list *of = (const struct list *)((char *)out + INNER(monitor, composite, of));
        uint32_t need = *(uint32_t *)((char *)out + INNER(monitor, composite, need));

        if (!of->count)
                doc_problem(problems, at, "of", "expected at least one monitor");
        else if (need > of->count)
                doc_problem(problems, at, "need", "expected at most %u, the number of monitors", of->count);
}

static const struct field composite_fields[] = {
        {.name = "of",
         .type = FIELD_STRINGS,
         .offset = INNER(monitor, composite, of),
         .required = true,
         .max = COMPOSITE_PARTS_MAX,
         .help = "composite: the monitors it is made of"},
        {.name = "need",
         .type = FIELD_DOC,
         .offset = INNER(monitor, composite, need),
         .fallback = "\"all\"",
         .check = check_need,
         .help = "composite: how many of them must pass: all, any, or a number"},
        {0},
};
const struct schema composite_schema = {.name = "composite",
                                        .size = INNER_SIZE(monitor, composite),
                                        .fields = composite_fields,
                                        .check = check_composite};
