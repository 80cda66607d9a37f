#include "probes/prober/uplink.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "probes/prober/host.h"
#include "probes/prober/http_client.h"
#include "probes/prober/kept.h"

#define PLAN_EVERY_MS   2000
#define REQUEST_MS      5000
#define BACKOFF_MOST_MS 15000
#define REPORT_TEXT_MAX ((size_t)256 << 20)

struct uplink {
        struct uplink_options options;
        char *plan_url, *report_url;
        struct host *host;
        pthread_t thread;
        char etag[80];  /* of the plan; this and the next are the thread's own */
        uint64_t asked; /* the sum of what the newest reply wanted tried; 0: nothing */

        pthread_mutex_t lock; /* guards what follows */
        pthread_cond_t wake;
        char *report;        /* newest, not yet sent; an older one is dropped: each is full state */
        bool plan_lost;      /* what came of the differences is not the plan: it is to be fetched whole */
        bool no_differences; /* what came of the whole plan is not it: differences could not be told from errors */
        bool stopping;
};

/* On the thread of the engines. */
static void uplink_take_report(void *context, const struct report *report)
{
        struct uplink *u = context;
        struct arena *a = arena_new(0);
        struct buffer text = BUFFER_INIT(REPORT_TEXT_MAX);

        doc_write_json(report_to_doc(report, a), &text, 0);
        arena_free(a);
        pthread_mutex_lock(&u->lock);
        free(u->report);
        u->report = buffer_take(&text);
        pthread_cond_signal(&u->wake);
        pthread_mutex_unlock(&u->lock);
}

/* On the thread of the engines. */
static void uplink_plan_wrong(void *context, bool was_difference)
{
        struct uplink *u = context;

        if (was_difference)
                log_warning("prober", "%s: what came of the plan's differences is not the plan: it is fetched whole",
                            u->options.server);
        pthread_mutex_lock(&u->lock);
        u->plan_lost |= was_difference;
        u->no_differences |= !was_difference;
        pthread_mutex_unlock(&u->lock);
}

/* --- the uplink's thread --- */

/* Waits for a report, the time for a plan or the end. Returns whether to go on. */
static bool wait_for_work(struct uplink *u, uint64_t until_ms, bool for_report)
{
        struct timespec at;

        clock_gettime(CLOCK_MONOTONIC, &at);
        uint64_t now = clock_ms(), wait = until_ms > now ? until_ms - now : 0;
        at.tv_sec += (time_t)(wait / 1000);
        at.tv_nsec += (long)(wait % 1000) * 1000000;
        if (at.tv_nsec >= 1000000000) {
                at.tv_sec++;
                at.tv_nsec -= 1000000000;
        }
        pthread_mutex_lock(&u->lock);
        while (!u->stopping && !(for_report && u->report) && clock_ms() < until_ms)
                pthread_cond_timedwait(&u->wake, &u->lock, &at);
        bool go_on = !u->stopping;
        pthread_mutex_unlock(&u->lock);
        return go_on;
}

static bool request(struct uplink *u, struct http_request *q, struct http_response *r, bool *was_good)
{
        char error[600];

        q->token = u->options.token;
        q->ca_file = u->options.ca_file;
        q->timeout_ms = REQUEST_MS;
        bool good = http_request(q, r, error, sizeof(error));
        if (good && r->status != 200 && r->status != 204 && r->status != 304) {
                snprintf(error, sizeof(error), "%s: status %ld: %.300s", q->url, r->status,
                         r->body.data ? r->body.data : "");
                good = false;
        }
        if (!good && *was_good)
                log_warning("prober", "%s; checks go on, trying again", error);
        if (good && !*was_good)
                log_info("prober", "%s: reached again", u->options.server);
        *was_good = good;
        return good;
}

/* The plan that the reply holds, NULL when it is not valid. */
static struct plan *read_plan(const struct uplink *u, const struct http_response *r)
{
        struct problems problems = PROBLEMS_INIT;
        struct arena *a = arena_new(0);
        struct doc *d = doc_parse(a, r->body.data ? r->body.data : "", r->body.length, DOC_JSON, &problems);
        struct plan *plan = d ? plan_from_doc(d, &problems) : NULL;

        if (!plan)
                log_error("prober", "%s: the plan is not valid, the one before stays: %s: %s", u->plan_url,
                          problems.list[0].path, problems.list[0].message);
        arena_free(a);
        problems_free(&problems);
        return plan;
}

/* Whether a difference may be asked for; else the tag is dropped when what is known is not the plan. */
static bool may_ask_for_difference(struct uplink *u)
{
        struct plan_digest digest;

        pthread_mutex_lock(&u->lock);
        if (u->plan_lost)
                *u->etag = '\0';
        u->plan_lost = false;
        bool may = !u->no_differences && digest_read(u->etag, &digest);
        pthread_mutex_unlock(&u->lock);
        return may;
}

/* The whole plan, or how it differs from the one that the tag is of. */
static void fetch_plan(struct uplink *u, bool *was_good)
{
        struct http_request q = {.method = "GET", .url = u->plan_url};
        struct http_response r;
        char *since = NULL;

        if (may_ask_for_difference(u)) /* quotes are left away */
                q.url = since = memory_printf("%s?since=%.*s", u->plan_url, (int)strlen(u->etag) - 2, u->etag + 1);
        q.if_none_match = *u->etag ? u->etag : NULL;
        if (request(u, &q, &r, was_good) && r.status == 200) {
                struct plan *plan = read_plan(u, &r);
                if (plan) {
                        snprintf(u->etag, sizeof(u->etag), "%s", r.etag);
                        host_give_plan(u->host, plan, r.etag);
                }
        }
        free(since);
        buffer_free(&r.body);
}

/* What a reply (NULL: a report was not taken) wants tried at once; after one that wants nothing, nothing is spoken of.
 * What is new is tried by the plan as it is now. */
static void take_asked(struct uplink *u, const struct buffer *reply, bool *was_good)
{
        struct arena *a = arena_new(0);
        uint32_t count = 0;
        uint64_t sum = 0;
        const struct try_asked *list =
                reply && reply->length ? asked_from_text(reply->data, reply->length, a, &count) : NULL;

        for (uint32_t i = 0; i < count; i++)
                sum += list[i].number;
        if (count && sum != u->asked)
                fetch_plan(u, was_good);
        if (count || u->asked)
                host_give_asked(u->host, list, count);
        u->asked = sum;
        arena_free(a);
}

static void send_report(struct uplink *u, bool *was_good)
{
        pthread_mutex_lock(&u->lock);
        char *report = u->report;
        u->report = NULL;
        pthread_mutex_unlock(&u->lock);
        if (!report)
                return;
        struct http_request q = {.method = "POST", .url = u->report_url, .body = report, .body_length = strlen(report)};
        struct http_response r;
        bool good = request(u, &q, &r, was_good);
        take_asked(u, good ? &r.body : NULL, was_good);
        buffer_free(&r.body);
        free(report);
}

static void *uplink_run(void *context)
{
        struct uplink *u = context;
        bool good = true;
        uint64_t next_plan = 0, backoff = 0;
        struct random random;

        random_seed_system(&random);
        do {
                if (clock_ms() >= next_plan) {
                        fetch_plan(u, &good);
                        next_plan = clock_ms() + PLAN_EVERY_MS;
                }
                if (good)
                        send_report(u, &good);
                if (good) {
                        backoff = 0;
                } else {
                        /* Doubling, with jitter, so that many probers do not come back all at once. */
                        backoff = backoff ? backoff * 2 : 500;
                        if (backoff > BACKOFF_MOST_MS)
                                backoff = BACKOFF_MOST_MS;
                        next_plan = clock_ms() + backoff / 2 + random_below(&random, (uint32_t)backoff);
                }
        } while (wait_for_work(u, next_plan, good));
        return NULL;
}

/* --- begin and end --- */

static void uplink_release(struct uplink *u)
{
        host_free(u->host);
        free(u->report);
        free(u->plan_url);
        free(u->report_url);
        pthread_cond_destroy(&u->wake);
        pthread_mutex_destroy(&u->lock);
        free(u);
}

struct uplink *uplink_start(struct event_base *base, const struct uplink_options *o, char *error, size_t error_size)
{
        struct uplink *u = memory_alloc(sizeof(*u));
        const struct host_options host = {
                .name = o->name, .server = o->server, .programs = o->programs, .plan_wrong = uplink_plan_wrong};
        pthread_condattr_t monotonic;

        u->options = *o;
        u->plan_url = memory_printf("%s/v1/probers/%s/plan", o->server, o->name);
        u->report_url = memory_printf("%s/v1/probers/%s/report", o->server, o->name);
        pthread_mutex_init(&u->lock, NULL);
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&u->wake, &monotonic);
        pthread_condattr_destroy(&monotonic);
        u->host = host_new(base, &host, uplink_take_report, u);
        if (!u->host || pthread_create(&u->thread, NULL, uplink_run, u)) {
                snprintf(error, error_size, "cannot start the uplink to %s: out of memory or threads", o->server);
                uplink_release(u);
                return NULL;
        }
        return u;
}

void uplink_stop(struct uplink *u)
{
        pthread_mutex_lock(&u->lock);
        u->stopping = true;
        pthread_cond_signal(&u->wake);
        pthread_mutex_unlock(&u->lock);
        pthread_join(u->thread, NULL);
        uplink_release(u);
}
