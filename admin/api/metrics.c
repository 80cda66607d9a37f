/* Prometheus text exposition. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include "admin/api/api_private.h"
#include "admin/api/handlers.h"
#include "admin/rollout/rollouts.h"
#include "zones/config/rollout.h"
#include "admin/traffic/traffic.h"
#include "base/clock.h"
#include "base/counters.h"
#include "geo/locate.h"

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

/* --- endpoints --- */

const char *const metrics_endpoints_names[] = {"all", "not_up", "none", NULL};

/* A metric of each endpoint. */
enum endpoint_metric { METRIC_UP, METRIC_DRAINED, METRIC_CHANGES, METRIC_DOWN, ENDPOINT_METRICS };
static const struct {
        const char *name, *type, *help;
} endpoint_metrics[] = {
        [METRIC_UP] = {"endpoint_up", "gauge", "1: the endpoint counts as up, 0: down"},
        [METRIC_DRAINED] = {"endpoint_drained", "gauge", "1: the endpoint is drained"},
        [METRIC_CHANGES] = {"endpoint_health_changes_total", "counter", "Changes of an endpoint's health"},
        [METRIC_DOWN] = {"endpoint_down_seconds_total", "counter", "Time an endpoint was down"},
};

/* The text while it is made. */
struct telling {
        struct pieces pieces;
        struct call *call;
        enum metrics_endpoints which;
        bool begun;
        /* Which endpoints have series, in the order of their numbers. One may be gone before it has its turn. */
        uint32_t *numbers;
        uint32_t count;
        int metric;  /* a metric's samples stand together; so far, of this one ... */
        uint32_t at; /* ... those before this one */
};

static void add_count(struct buffer *b, const char *state, uint32_t count)
{
        buffer_printf(b, "gslbd_endpoints{state=\"%s\"} %u\n", state, count);
}

/* All of them, counted, whatever is shown one by one. */
static void count_endpoints(struct buffer *b, const struct model *m, const struct endpoint_state *states)
{
        uint32_t of[3] = {0}, drained = 0;

        model_each (endpoint, e, m->endpoints, m->endpoint_count) {
                of[states[e->number].health]++;
                drained += states[e->number].drained;
        }
        head(b, "endpoints", "gauge", "Endpoints by health; unknown counts as up");
        add_count(b, "up", of[HEALTH_UP]);
        add_count(b, "down", of[HEALTH_DOWN]);
        add_count(b, "unknown", of[HEALTH_UNKNOWN]);
        gauge(b, "endpoints_drained", "Endpoints that are drained", drained);
}

static void choose_endpoints(struct telling *t, struct buffer *b)
{
        const struct snapshot *s = snapshot_current();
        const struct model *m = s->model;
        const struct endpoint_state *states = steering_states(s->steering);
        uint32_t most = t->call->api->metrics_endpoints_most, fitting = 0;

        t->numbers = ARENA_ARRAY(t->call->arena, uint32_t, most < m->endpoints_present ? most : m->endpoints_present);
        model_each (endpoint, e, m->endpoints, t->which == METRICS_NONE ? 0 : m->endpoint_count) {
                const struct endpoint_state *state = &states[e->number];
                if (t->which == METRICS_NOT_UP && state->health != HEALTH_DOWN && !state->drained)
                        continue;
                if (fitting++ < most)
                        t->numbers[t->count++] = e->number;
        }
        count_endpoints(b, m, states);
        gauge(b, "endpoints_left_out", "Endpoints without series of their own, for metrics.endpoints_max of gslbd.yaml",
              fitting - t->count);
}

static void add_sample(struct telling *t, struct buffer *b, const struct endpoint *e)
{
        const struct snapshot *s = snapshot_current();
        const struct endpoint_state *state = &steering_states(s->steering)[e->number];
        uint64_t changes, downtime_ms;
        char id[512];

        endpoint_id(s->model, e->number, id, sizeof(id));
        if (t->metric >= METRIC_CHANGES &&
            !health_counters(control_health(t->call->control), id, clock_ms(), &changes, &downtime_ms))
                return;
        buffer_printf(b, "gslbd_%s{pool=\"%s\",endpoint=\"%s\"} ", endpoint_metrics[t->metric].name,
                      s->model->pools[e->pool]->name, e->name);
        if (t->metric == METRIC_UP)
                buffer_printf(b, "%d\n", state->health != HEALTH_DOWN);
        else if (t->metric == METRIC_DRAINED)
                buffer_printf(b, "%d\n", state->drained);
        else
                buffer_printf(b, "%.15g\n", t->metric == METRIC_DOWN ? (double)downtime_ms / 1000 : (double)changes);
}

/* As many as are a piece. */
static void add_endpoints(struct telling *t, struct buffer *b)
{
        const struct model *m = snapshot_current()->model;

        for (; t->metric < ENDPOINT_METRICS; t->metric++, t->at = 0) {
                if (!t->at)
                        head(b, endpoint_metrics[t->metric].name, endpoint_metrics[t->metric].type,
                             endpoint_metrics[t->metric].help);
                for (; t->at < t->count; t->at++) {
                        uint32_t number = t->numbers[t->at];
                        if (t->at && b->length >= PIECE_BYTES)
                                return;
                        if (number < m->endpoint_count && m->endpoints[number])
                                add_sample(t, b, m->endpoints[number]);
                }
        }
}

static void add_brake(struct buffer *b, struct call *c)
{
        uint64_t now = clock_ms(), until = health_brake_off_until(control_health(c->control), now);

        gauge(b, "health_held", "Endpoints that would be down but for the brake on correlated failures",
              health_held(control_health(c->control)));
        gauge(b, "health_brake_off_until_seconds", "Until when the brake holds nothing, as was accepted; 0: it is on",
              until ? (double)(clock_wall_ms() + (int64_t)(until - now)) / 1000 : 0);
}

static void add_holds(struct buffer *b, struct call *c)
{
        const struct hold_counts held = control_holds_count(c->control);

        head(b, "holds", "gauge", "Pools and endpoints that were down and are back, but wait for their failback");
        buffer_printf(b, "gslbd_holds{scope=\"pool\"} %u\n", held.pools);
        buffer_printf(b, "gslbd_holds{scope=\"endpoint\"} %u\n", held.endpoints);
}

static void add_rollouts(struct buffer *b, struct call *c)
{
        const struct confirm_counts n = rollouts_count_confirms(c->api->rollouts);

        head(b, "confirms", "gauge", "Revisions that go back unless they are confirmed; stuck: they could not");
        buffer_printf(b, "gslbd_confirms{state=\"waiting\"} %u\n", n.waiting);
        buffer_printf(b, "gslbd_confirms{state=\"stuck\"} %u\n", n.stuck);
        head(b, "confirms_ended_total", "counter", "What became of revisions that were to be confirmed");
        buffer_printf(b, "gslbd_confirms_ended_total{end=\"confirmed\"} %llu\n", (unsigned long long)n.confirmed);
        buffer_printf(b, "gslbd_confirms_ended_total{end=\"went back\"} %llu\n", (unsigned long long)n.gone_back);
        buffer_printf(b, "gslbd_confirms_ended_total{end=\"taken back\"} %llu\n", (unsigned long long)n.gone_otherwise);
}

static void add_shifts(struct buffer *b, struct call *c)
{
        const struct shift_counts n = rollouts_count_shifts(c->api->rollouts);

        head(b, "shifts", "gauge", "Services whose traffic goes to one of their pools step by step");
        for (int i = 0; shift_state_names[i]; i++)
                buffer_printf(b, "gslbd_shifts{state=\"%s\"} %u\n", shift_state_names[i], n.state[i]);
        head(b, "shift_steps_total", "counter", "Steps of shifts that gslbd made");
        buffer_printf(b, "gslbd_shift_steps_total %llu\n", (unsigned long long)n.steps);
        head(b, "shifts_ended_total", "counter", "What became of shifts");
        buffer_printf(b, "gslbd_shifts_ended_total{end=\"done\"} %llu\n", (unsigned long long)n.done);
        buffer_printf(b, "gslbd_shifts_ended_total{end=\"went back\"} %llu\n", (unsigned long long)n.gone_back);
        buffer_printf(b, "gslbd_shifts_ended_total{end=\"aborted\"} %llu\n", (unsigned long long)n.aborted);
}

/* What the settings say, or the caller. false: a reply was sent. */
static bool read_which(struct call *c, enum metrics_endpoints *which)
{
        const char *text = call_text(c, PARAMETER_ENDPOINTS);

        *which = c->api->metrics_endpoints;
        for (int i = 0; text && metrics_endpoints_names[i]; i++)
                if (!strcmp(metrics_endpoints_names[i], text)) {
                        *which = (enum metrics_endpoints)i;
                        return true;
                }
        if (text)
                reply_problem(c, 400, "endpoints: expected all, not_up or none, got \"%s\"", text);
        return !text;
}

/* --- all --- */

static void metrics_add_probers(struct buffer *b, struct call *c)
{
        struct doc *list = control_describe_probers(c->control, c->arena);

        head(b, "prober_live", "gauge", "0: the prober has missed its reports and does not count");
        doc_each (one, list) {
                const struct doc *live = doc_get(one, "live");
                buffer_printf(b, "gslbd_prober_live{prober=\"%s\"} %d\n", doc_get_string(one, "name"),
                              live && live->boolean);
        }
}

static void add_api(struct buffer *b, struct call *c)
{
        head(b, "api_connections_refused_total", "counter", "Connections to the admin API beyond its limits");
        buffer_printf(b, "gslbd_api_connections_refused_total %llu\n", http_server_refused(c->api->http));
        head(b, "api_tokens_refused_total", "counter", "Tokens that the admin API did not know, or that had ended");
        buffer_printf(b, "gslbd_api_tokens_refused_total %llu\n", c->api->tokens_wrong);
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

static void add_first(struct telling *t, struct buffer *b)
{
        const struct snapshot *s = snapshot_current();
        struct locator_size size = locator_size(s->locator);
        struct call *c = t->call;
        struct geo_file file;
        struct doc *ready;

        head(b, "build_info", "gauge", "The version");
        buffer_printf(b, "gslbd_build_info{version=\"%s\"} 1\n", PACKAGE_VERSION);
        bool is_ready = control_ready(c->control, c->arena, &ready);
        rollouts_ready(c->api->rollouts, c->arena, ready);
        gauge(b, "ready", "1: answers use check results", is_ready);
        add_problems(b, ready);
        gauge(b, "control_longest_seconds",
              "Longest that the control thread worked at one go in the last minute or two, in processor time: verdicts "
              "wait so "
              "long",
              (double)control_longest_us(c->control) / 1e6);
        gauge(b, "revision", "The revision that is answered from", (double)s->revision);
        gauge(b, "names", "Names that exist in all zones", (double)s->names.count);
        gauge(b, "services", "Services", s->model->present[KIND_SERVICES]);
        const struct flattening_counts flattened = control_flattened(c->control);
        gauge(b, "flattened_names", "Host names that are answered with their addresses", (double)flattened.names);
        gauge(b, "flattened_names_stale", "Those whose last known addresses are served, since nobody answers",
              (double)flattened.stale);
        gauge(b, "flattened_names_unknown", "Those without addresses", (double)flattened.unknown);
        gauge(b, "locator_ranges", "Ranges in the client tables", (double)(size.v4 + size.v6));
        head(b, "geo_build_time_seconds", "gauge", "When a GeoIP database was built");
        for (size_t i = 0; control_geo(c->control) && geo_file(control_geo(c->control), i, &file); i++)
                buffer_printf(b, "gslbd_geo_build_time_seconds{type=\"%s\"} %llu\n", file.type,
                              (unsigned long long)file.build_epoch);
        add_counters(b);
        add_brake(b, c);
        add_holds(b, c);
        add_rollouts(b, c);
        add_shifts(b, c);
        choose_endpoints(t, b);
}

static enum piece metrics_next(struct pieces *p, struct buffer *b)
{
        struct telling *t = (struct telling *)p;

        if (!t->begun)
                add_first(t, b);
        t->begun = true;
        add_endpoints(t, b);
        if (t->metric < ENDPOINT_METRICS)
                return PIECE_MORE;
        traffic_metrics(control_traffic(t->call->control), b);
        metrics_add_probers(b, t->call);
        add_api(b, t->call);
        add_process(b);
        return PIECE_LAST;
}

static void metrics_free(struct pieces *p)
{
        (void)p; /* it lives in the call's arena */
}

void handle_metrics(struct call *c)
{
        struct telling *t = ARENA_NEW(c->arena, struct telling);

        *t = (struct telling){.pieces = {.next = metrics_next, .free = metrics_free}, .call = c};
        if (!read_which(c, &t->which))
                return;
        c->pieces = &t->pieces;
        c->pieces_here = true;
        reply_pieces(c, 200, "text/plain; version=0.0.4; charset=utf-8");
}
