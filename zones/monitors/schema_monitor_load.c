/* Fields of monitors that hear from others: agents, metrics, verdicts pushed over the API, and other monitors. */
#include <stddef.h>
#include <string.h>
#include "zones/monitors/schema_monitors.h"

static const struct field agent_fields[] = {
        OPTIONAL_STRING("send", monitor_agent, send, "agent: text sent before its line is read; nothing when not given",
                        .max = 1000),
        BOOL("required", monitor_agent, required, true,
             "agent: whether one that cannot be reached or read is down; false: it then says nothing"),
        {0},
};
const struct schema monitor_agent_schema = {
        .name = "agent", .size = sizeof(struct monitor_agent), .fields = agent_fields};

/* --- metrics --- */

static const char *const formats[] = {"prometheus", "haproxy_csv", NULL};

static const struct field reading_fields[] = {
        REQUIRED_STRING("select", reading, select,
                        "metrics: NAME or NAME{LABEL=\"VALUE\",...}; of HAProxy CSV PROXY/SERVER:COLUMN", .max = 500),
        BOOL("rate", reading, rate, false, "metrics: a counter: its growth in a second counts"),
        REAL("scale", reading, scale, 1, 0, 0, "metrics: multiplied by this"),
        {0},
};
static const struct schema reading_schema = {
        .name = "reading", .size = sizeof(struct reading), .fields = reading_fields, .shorthand = "select"};

static void check_metrics(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        const struct monitor_metrics *metrics = out;
        const char *const names[] = {"load", "errors", "cpu", "memory"};
        bool csv = metrics->format == METRICS_HAPROXY_CSV, any = false;

        for (size_t i = 0; i < 4; i++) {
                const char *select = metrics->readings[i].select;
                any |= select != NULL;
                if (csv && select && (!strchr(select, '/') || !strchr(select, ':')))
                        doc_problem(problems, at, names[i], "expected PROXY/SERVER:COLUMN, got \"%s\"", select);
        }
        if (!any)
                doc_problem(problems, at, NULL, "expected at least one of load, errors, cpu and memory");
}

#define READING(figure, index)                                                                                         \
        OPTIONAL_MAP(figure, monitor_metrics, readings[index], reading,                                                \
                     "metrics: where the figure " figure " is read from")
static const struct field metrics_fields[] = {
        ENUM("format", monitor_metrics, format, METRICS_PROMETHEUS, formats,
             "metrics: Prometheus text, or the CSV of HAProxy's statistics"),
        BOOL("https", monitor_metrics, https, false, "metrics: over HTTPS"),
        READING("load", 0),
        READING("errors", 1),
        READING("cpu", 2),
        READING("memory", 3),
        {0},
};
const struct schema monitor_metrics_schema = {
        .name = "metrics", .size = sizeof(struct monitor_metrics), .fields = metrics_fields, .check = check_metrics};

/* --- external and composite --- */

static const char *const silences[] = {"unknown", "up", "down", NULL};

static const struct field external_fields[] = {
        ENUM("when_silent", monitor_external, when_silent, SILENT_UNKNOWN, silences,
             "external: what an endpoint is when nobody has said anything, or its time is over; unknown counts as "
             "up"),
        {0},
};
const struct schema monitor_external_schema = {
        .name = "external", .size = sizeof(struct monitor_external), .fields = external_fields};

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
