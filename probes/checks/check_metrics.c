/* A metrics check: a page of figures is fetched, and read. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/memory.h"
#include "probes/checks/exposition.h"
#include "probes/checks/http_transfer.h"

#define PAGE_MAX ((size_t)1 << 20)

/* A counter's growth in a second since the reading before; below 0 when that is not known. */
static double rate(struct check_memory *memory, int i, double reading, uint64_t now_us)
{
        double before = memory->readings[i], seconds = (double)(now_us - memory->at_us) / 1e6;

        return !memory->at_us || reading < before || seconds <= 0 ? -1 : (reading - before) / seconds;
}

static void read_figures(struct http_transfer *run, struct check_result *result)
{
        const struct monitor *m = check_of(run->subject)->monitor;
        struct check_memory *memory = run->subject->memory, now = {.at_us = clock_us()};
        const char *page = run->body.data ? run->body.data : "";

        result->figures = VERDICT_FIGURES_UNKNOWN;
        result->tells = TELLS_FIGURES;
        for (int i = 0; i < FIGURE_COUNT; i++) {
                const struct reading *r = &m->metrics.readings[i];
                double *value = &now.readings[i];
                if (!r->select)
                        continue;
                if (!(m->metrics.format == METRICS_PROMETHEUS
                              ? exposition_prometheus(page, run->body.length, r->select, value)
                              : exposition_haproxy_csv(page, run->body.length, r->select, value))) {
                        result->reason = REASON_BODY;
                        snprintf(result->detail, sizeof(result->detail), "no %.70s", r->select);
                        return;
                }
                double figure = (r->rate ? rate(memory, i, *value, now.at_us) : *value) * r->scale;
                result->figures.figures.of[i] = figure < 0 ? -1 : (float)(figure < FIGURE_MOST ? figure : FIGURE_MOST);
        }
        *memory = now;
}

static void metrics_judge(struct http_transfer *run, struct check_result *result)
{
        long status = 0;

        curl_easy_getinfo(run->easy, CURLINFO_RESPONSE_CODE, &status);
        snprintf(result->detail, sizeof(result->detail), "%ld", status);
        if (status != 200)
                result->reason = REASON_STATUS;
        else if (run->received <= PAGE_MAX)
                read_figures(run, result);
        if (run->received > PAGE_MAX) {
                result->reason = REASON_BODY;
                snprintf(result->detail, sizeof(result->detail), "the page is larger than %zu bytes", PAGE_MAX);
        }
}

static struct check_run *metrics_check_start(struct checker *checker, const struct check_subject *subject,
                                             check_done *done, void *context, struct check_result *result)
{
        const struct monitor *m = check_of(subject)->monitor;
        struct http_transfer *run = http_transfer_new(checker, subject, PAGE_MAX, metrics_judge, done, context, result);

        if (!run)
                return NULL;
        http_transfer_target(run, m->metrics.https, m->metrics.https && m->tls.name ? m->tls.name : m->http.host,
                             doc_get(m->doc, "path") ? m->http.path : "/metrics");
        http_transfer_host(run, m->http.host);
        http_transfer_headers(run, m->http.headers);
        curl_easy_setopt(run->easy, CURLOPT_USERAGENT,
                         m->http.user_agent ? m->http.user_agent : "gslbd/" PACKAGE_VERSION);
        if (m->metrics.https)
                http_transfer_tls(run);
        return http_transfer_start(run, result);
}

const struct check_driver check_metrics = {metrics_check_start, http_transfer_cancel};
