#include "probes/prober/host.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include "base/log.h"
#include "base/memory.h"
#include "probes/prober/engine.h"

/* A plan, and what is to come of it. */
struct given {
        struct plan *plan;
        bool has_digest;
        struct plan_digest digest;
};

/* What is to be tried. */
struct wanted {
        struct arena *arena; /* NULL: nothing */
        const struct try_asked *list;
        uint32_t count;
};

struct host {
        struct host_options options;
        host_reported *reported;
        void *context;
        struct engine *engine;
        struct event *plan_arrived, *asked_arrived, *report_due, *report_soon;
        struct wanted wanted;
        uint64_t boot, sequence;

        pthread_mutex_t lock; /* guards what follows */
        struct given *plans;  /* not yet in the engine, the oldest first */
        size_t plan_count;
        struct wanted asked; /* the newest, not yet taken */
        bool asked_is_new;
};

static void take_plan(struct host *h, const struct given *g)
{
        const struct plan *plan = g->plan;
        bool is_difference = plan->is_difference;

        if (h->options.server && is_difference)
                log_info("prober", "%s: %u checks are new or others, %u are gone at revision %llu", h->options.server,
                         plan->count, plan->gone_count, (unsigned long long)plan->revision);
        else if (h->options.server)
                log_info("prober", "%s: %u checks at revision %llu", h->options.server, plan->count,
                         (unsigned long long)plan->revision);
        engine_set_plan(h->engine, g->plan);
        if (g->has_digest && h->options.plan_wrong && !plan_digest_equal(engine_plan_digest(h->engine), g->digest))
                h->options.plan_wrong(h->context, is_difference);
}

static void try_all(struct host *h)
{
        for (uint32_t i = 0; i < h->wanted.count; i++)
                engine_try(h->engine, h->wanted.list[i].id, h->wanted.list[i].number);
}

static void host_on_plan(evutil_socket_t fd, short what, void *context)
{
        struct host *h = context;

        pthread_mutex_lock(&h->lock);
        struct given *plans = h->plans;
        size_t count = h->plan_count;
        h->plans = NULL;
        h->plan_count = 0;
        pthread_mutex_unlock(&h->lock);
        for (size_t i = 0; i < count; i++)
                take_plan(h, &plans[i]);
        free(plans);
        try_all(h); /* it may have what was not there */
        if (count)
                event_active(h->report_soon, EV_READ, 0);
}

static void host_on_asked(evutil_socket_t fd, short what, void *context)
{
        struct host *h = context;
        struct wanted old = {0};

        pthread_mutex_lock(&h->lock);
        if (h->asked_is_new) {
                old = h->wanted;
                h->wanted = h->asked;
                h->asked = (struct wanted){0};
                h->asked_is_new = false;
        }
        pthread_mutex_unlock(&h->lock);
        if (old.arena)
                arena_free(old.arena);
        try_all(h);
}

static void host_on_tried(void *context)
{
        struct host *h = context;

        event_active(h->report_soon, EV_READ, 0);
}

static void host_report(evutil_socket_t fd, short what, void *context)
{
        struct host *h = context;
        struct report report = {.prober = h->options.name,
                                .boot = h->boot,
                                .sequence = ++h->sequence,
                                .plan_revision = engine_plan_revision(h->engine)};

        struct tried tried[TRIES_MOST];

        report.verdicts = engine_verdicts(h->engine, &report.count);
        for (uint32_t i = 0; i < h->wanted.count && i < TRIES_MOST; i++)
                tried[report.tried_count++] = engine_tried(h->engine, h->wanted.list[i].id, h->wanted.list[i].number);
        report.tried = tried;
        h->reported(h->context, &report);
}

static void host_on_verdict(void *context, const struct verdict *v)
{
        struct host *h = context;

        if (h->options.server)
                log_info("prober", "%s is %s (%s%s%s)", v->id, verdict_state_name((enum verdict_state)v->state),
                         reason_name((enum reason)v->reason), v->detail[0] ? ": " : "", v->detail);
        /* After the events at hand, so that one report carries all verdicts that changed together. */
        event_active(h->report_soon, EV_READ, 0);
}

struct host *host_new(struct event_base *base, const struct host_options *o, host_reported *reported, void *context)
{
        const struct timeval interval = {REPORT_INTERVAL_MS / 1000, REPORT_INTERVAL_MS % 1000 * 1000};
        struct host *h = memory_alloc(sizeof(*h));

        h->options = *o;
        h->reported = reported;
        h->context = context;
        h->boot = report_boot();
        pthread_mutex_init(&h->lock, NULL);
        h->engine = engine_new(base, o->resolver, host_on_verdict, h);
        if (h->engine)
                engine_allow_programs(h->engine, &o->programs);
        if (h->engine)
                engine_when_tried(h->engine, host_on_tried);
        h->asked_arrived = event_new(base, -1, EV_PERSIST, host_on_asked, h);
        h->plan_arrived = event_new(base, -1, EV_PERSIST, host_on_plan, h);
        h->report_soon = event_new(base, -1, EV_PERSIST, host_report, h);
        h->report_due = event_new(base, -1, EV_PERSIST, host_report, h);
        if (h->engine && h->plan_arrived && h->asked_arrived && h->report_soon && h->report_due &&
            !event_add(h->report_due, &interval))
                return h;
        host_free(h);
        return NULL;
}

void host_free(struct host *h)
{
        if (!h)
                return;
        struct event *events[] = {h->plan_arrived, h->asked_arrived, h->report_due, h->report_soon};
        for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
                if (events[i])
                        event_free(events[i]);
        if (h->engine)
                engine_free(h->engine);
        for (size_t i = 0; i < h->plan_count; i++)
                plan_free(h->plans[i].plan);
        free(h->plans);
        if (h->asked.arena)
                arena_free(h->asked.arena);
        if (h->wanted.arena)
                arena_free(h->wanted.arena);
        pthread_mutex_destroy(&h->lock);
        free(h);
}

void host_give_plan(struct host *h, struct plan *plan, const char *tag)
{
        struct given given = {.plan = plan};

        given.has_digest = tag && digest_read(tag, &given.digest);
        pthread_mutex_lock(&h->lock);
        for (; !plan->is_difference && h->plan_count; h->plan_count--)
                plan_free(h->plans[h->plan_count - 1].plan);
        h->plans = memory_resize(h->plans, (h->plan_count + 1) * sizeof(*h->plans));
        h->plans[h->plan_count++] = given;
        pthread_mutex_unlock(&h->lock);
        event_active(h->plan_arrived, EV_READ, 0);
}

void host_give_asked(struct host *h, const struct try_asked *list, uint32_t count)
{
        struct wanted w = {.count = count < TRIES_MOST ? count : TRIES_MOST};

        if (w.count) {
                w.arena = arena_new(0);
                struct try_asked *copy = arena_memdup(w.arena, list, w.count * sizeof(*copy));
                for (uint32_t i = 0; i < w.count; i++)
                        copy[i].id = arena_strdup(w.arena, list[i].id);
                w.list = copy;
        }
        pthread_mutex_lock(&h->lock);
        struct wanted old = h->asked;
        h->asked = w;
        h->asked_is_new = true;
        pthread_mutex_unlock(&h->lock);
        if (old.arena)
                arena_free(old.arena);
        event_active(h->asked_arrived, EV_READ, 0);
}
