/* Prometheus text exposition. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include "admin/api/handlers.h"
#include "base/clock.h"
#include "base/counters.h"
#include "geo/locate.h"

#define METRICS_MAX ((size_t)64 << 20)

static void head(struct buffer *b, const char *name, const char *type, const char *help)
{
        buffer_printf(b, "# HELP gslbd_%s %s\n# TYPE gslbd_%s %s\n", name, help, name, type);
}

static void gauge(struct buffer *b, const char *name, const char *help, double value)
{
        head(b, name, "gauge", help);
        buffer_printf(b, "gslbd_%s %.15g\n", name, value);
}

static void add_counters(struct buffer *b)
{
        uint64_t values[COUNTER_COUNT];
        char name[80];

        counters_sum(values);
        for (int i = 0; i < COUNTER_COUNT; i++) {
                snprintf(name, sizeof(name), "%s_total", counter_name((enum counter)i));
                head(b, name, "counter", counter_help((enum counter)i));
                buffer_printf(b, "gslbd_%s %llu\n", name, (unsigned long long)values[i]);
        }
}

/* One of the two counters of each checked endpoint: a metric's samples stand together. */
static void add_history(struct buffer *b, struct call *c, const struct model *m, const char *name, bool downtime)
{
        uint64_t changes, downtime_ms, now = clock_ms();
        char id[512];

        for (uint32_t i = 0; i < m->endpoint_count; i++)
                if (health_counters(control_health(c->control), endpoint_id(m, i, id, sizeof(id)), now, &changes,
                                    &downtime_ms))
                        buffer_printf(b, "gslbd_%s{pool=\"%s\",endpoint=\"%s\"} %.15g\n", name,
                                      m->pools[m->endpoints[i]->pool].name, m->endpoints[i]->name,
                                      downtime ? (double)downtime_ms / 1000 : (double)changes);
}

static void add_endpoints(struct buffer *b, struct call *c)
{
        const struct snapshot *s = snapshot_current();
        const struct model *m = s->model;
        const struct endpoint_state *states = steering_states(s->steering);

        head(b, "endpoint_up", "gauge", "1: the endpoint counts as up, 0: down");
        for (uint32_t i = 0; i < m->endpoint_count; i++)
                buffer_printf(b, "gslbd_endpoint_up{pool=\"%s\",endpoint=\"%s\"} %d\n",
                              m->pools[m->endpoints[i]->pool].name, m->endpoints[i]->name,
                              states[i].health != HEALTH_DOWN);
        gauge(b, "health_held", "Endpoints that would be down but for the brake on correlated failures",
              health_held(control_health(c->control)));
        uint64_t now = clock_ms(), until = health_brake_off_until(control_health(c->control), now);
        gauge(b, "health_brake_off_until_seconds", "Until when the brake holds nothing, as was accepted; 0: it is on",
              until ? (double)(clock_wall_ms() + (int64_t)(until - now)) / 1000 : 0);
        head(b, "endpoint_drained", "gauge", "1: the endpoint is drained");
        for (uint32_t i = 0; i < m->endpoint_count; i++)
                buffer_printf(b, "gslbd_endpoint_drained{pool=\"%s\",endpoint=\"%s\"} %d\n",
                              m->pools[m->endpoints[i]->pool].name, m->endpoints[i]->name, states[i].drained);
        head(b, "endpoint_health_changes_total", "counter", "Changes of an endpoint's health");
        add_history(b, c, m, "endpoint_health_changes_total", false);
        head(b, "endpoint_down_seconds_total", "counter", "Time an endpoint was down");
        add_history(b, c, m, "endpoint_down_seconds_total", true);
}

static void add_probers(struct buffer *b, struct call *c)
{
        struct doc *list = health_describe_probers(control_health(c->control), c->arena, clock_ms());

        head(b, "prober_live", "gauge", "0: the prober has missed its reports and does not count");
        doc_each (one, list) {
                const struct doc *live = doc_get(one, "live");
                buffer_printf(b, "gslbd_prober_live{prober=\"%s\"} %d\n", doc_get_string(one, "name"),
                              live && live->boolean);
        }
}

static void add_process(struct buffer *b)
{
        struct rusage usage;
        unsigned long pages = 0, resident = 0;
        FILE *f = fopen("/proc/self/statm", "re");

        if (f) {
                if (fscanf(f, "%lu %lu", &pages, &resident) == 2)
                        gauge(b, "process_resident_bytes", "Resident memory", (double)resident * 4096);
                fclose(f);
        }
        if (!getrusage(RUSAGE_SELF, &usage)) {
                head(b, "process_cpu_seconds_total", "counter", "Processor time, user and system");
                buffer_printf(b, "gslbd_process_cpu_seconds_total %.6f\n",
                              (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                                      (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
        }
}

/* One series each, so that an alert has something to look at while all is well. */
static void add_problems(struct buffer *b, const struct doc *ready)
{
        head(b, "problem", "gauge", "1: something is not as it should be, as /ready tells");
        for (const char *const *name = control_problem_names; *name; name++) {
                bool there = false;
                size_t length = strlen(*name);
                doc_each (reason, doc_get(ready, "reasons"))
                        there |= !strncmp(reason->string, *name, length) && reason->string[length] == ':';
                buffer_printf(b, "gslbd_problem{reason=\"%s\"} %d\n", *name, there);
        }
}

void handle_metrics(struct call *c)
{
        const struct snapshot *s = snapshot_current();
        struct buffer b = {.maximum = METRICS_MAX, .soft = true};
        struct locator_size size = locator_size(s->locator);
        struct geo_file file;
        struct doc *ready;

        head(&b, "build_info", "gauge", "The version");
        buffer_printf(&b, "gslbd_build_info{version=\"%s\"} 1\n", PACKAGE_VERSION);
        gauge(&b, "ready", "1: answers use check results", control_ready(c->control, c->arena, &ready));
        add_problems(&b, ready);
        gauge(&b, "revision", "The revision that is answered from", (double)s->revision);
        gauge(&b, "names", "Names that exist in all zones", (double)s->node_count);
        gauge(&b, "services", "Services", s->model->count[KIND_SERVICES]);
        const struct flattening_counts flattened = control_flattened(c->control);
        gauge(&b, "flattened_names", "Host names that are answered with their addresses", (double)flattened.names);
        gauge(&b, "flattened_names_stale", "Those whose last known addresses are served, since nobody answers",
              (double)flattened.stale);
        gauge(&b, "flattened_names_unknown", "Those without addresses", (double)flattened.unknown);
        gauge(&b, "locator_ranges", "Ranges in the client tables", (double)(size.v4 + size.v6));
        head(&b, "geo_build_time_seconds", "gauge", "When a GeoIP database was built");
        for (size_t i = 0; control_geo(c->control) && geo_file(control_geo(c->control), i, &file); i++)
                buffer_printf(&b, "gslbd_geo_build_time_seconds{type=\"%s\"} %llu\n", file.type,
                              (unsigned long long)file.build_epoch);
        add_counters(&b);
        add_endpoints(&b, c);
        add_probers(&b, c);
        add_process(&b);
        reply_buffer(c, 200, "text/plain; version=0.0.4; charset=utf-8", &b);
}
