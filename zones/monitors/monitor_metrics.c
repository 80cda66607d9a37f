#include "zones/monitors/monitor_metrics.h"

#include <string.h>

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
        bool csv = metrics->format == METRICS_HAPROXY_CSV, any = false;

        for (unsigned i = 0; i < FIGURE_COUNT; i++) {
                const char *select = metrics->readings[i].select;
                any |= select != NULL;
                if (csv && select && (!strchr(select, '/') || !strchr(select, ':')))
                        doc_problem(problems, at, figure_name(i), "expected PROXY/SERVER:COLUMN, got \"%s\"", select);
        }
        if (!any)
                doc_problem(problems, at, NULL, "expected at least one of load, errors, cpu and memory");
}

#define READING(id, name, unit)                                                                                        \
        OPTIONAL_MAP(#name, monitor_metrics, readings[FIGURE_##id], reading,                                           \
                     "metrics: where the figure " #name " is read from"),
static const struct field metrics_fields[] = {
        ENUM("format", monitor_metrics, format, METRICS_PROMETHEUS, formats,
             "metrics: Prometheus text, or the CSV of HAProxy's statistics"),
        BOOL("https", monitor_metrics, https, false, "metrics: over HTTPS"),
        FIGURES(READING){0},
};
const struct schema monitor_metrics_schema = {
        .name = "metrics", .size = sizeof(struct monitor_metrics), .fields = metrics_fields, .check = check_metrics};
