#include "admin/control/local_prober.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/memory.h"
#include "probes/prober/engine.h"

#define REPORT_INTERVAL_MS 1000

/* A report under way from the prober's thread to the control thread. */
struct parcel {
        struct arena *arena;
        struct report report;
};

struct local_prober {
        char *name;
        local_prober_reported *reported;
        void *context;
        pthread_t thread;
        struct event_base *base; /* the prober's thread runs it */
        struct event *wake;      /* on `base`: plan or stop has come */
        struct event *report_timer;
        struct event *report_soon;
        struct event *arrived; /* on the control thread's base */
        struct engine *engine;
        uint64_t boot, sequence;

        pthread_mutex_t lock;  /* guards what follows */
        struct plan *plan;     /* newest, not yet taken */
        struct parcel *parcel; /* newest, not yet taken; an older one is dropped: each is full state */
        bool stopping;
};

static void parcel_free(struct parcel *p)
{
        if (!p)
                return;
        arena_free(p->arena);
        free(p);
}

static struct parcel *parcel_make(struct local_prober *p)
{
        struct parcel *parcel = memory_alloc(sizeof(*parcel));
        uint32_t count;
        const struct verdict *verdicts = engine_verdicts(p->engine, &count);

        parcel->arena = arena_new(0);
        struct verdict *copy = arena_memdup(parcel->arena, verdicts, count * sizeof(*copy));
        for (uint32_t i = 0; i < count; i++)
                copy[i].id = arena_strdup(parcel->arena, verdicts[i].id);
        parcel->report = (struct report){
                .prober = p->name,
                .boot = p->boot,
                .sequence = ++p->sequence,
                .plan_revision = engine_plan_revision(p->engine),
                .verdicts = copy,
                .count = count,
        };
        return parcel;
}

static void send_report(evutil_socket_t fd, short what, void *context)
{
        struct local_prober *p = context;
        struct parcel *parcel = parcel_make(p);

        pthread_mutex_lock(&p->lock);
        struct parcel *old = p->parcel;
        p->parcel = parcel;
        pthread_mutex_unlock(&p->lock);
        parcel_free(old);
        event_active(p->arrived, EV_READ, 0);
}

static void verdict_changed(void *context, const struct verdict *v)
{
        struct local_prober *p = context;
        /* After the events at hand, so that one report carries all verdicts that changed together. */
        event_active(p->report_soon, EV_READ, 0);
}

static void report_arrived(evutil_socket_t fd, short what, void *context)
{
        struct local_prober *p = context;

        pthread_mutex_lock(&p->lock);
        struct parcel *parcel = p->parcel;
        p->parcel = NULL;
        pthread_mutex_unlock(&p->lock);
        if (parcel)
                p->reported(p->context, &parcel->report);
        parcel_free(parcel);
}

static void woken(evutil_socket_t fd, short what, void *context)
{
        struct local_prober *p = context;

        pthread_mutex_lock(&p->lock);
        struct plan *plan = p->plan;
        bool stopping = p->stopping;
        p->plan = NULL;
        pthread_mutex_unlock(&p->lock);
        if (plan) {
                engine_set_plan(p->engine, plan);
                event_active(p->report_soon, EV_READ, 0);
        }
        if (stopping)
                event_base_loopbreak(p->base);
}

static void *run(void *context)
{
        struct local_prober *p = context;
        event_base_dispatch(p->base);
        return NULL;
}

static void release(struct local_prober *p)
{
        struct event *events[] = {p->wake, p->report_timer, p->report_soon, p->arrived};
        if (p->engine)
                engine_free(p->engine);
        for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
                if (events[i])
                        event_free(events[i]);
        if (p->base)
                event_base_free(p->base);
        plan_free(p->plan);
        parcel_free(p->parcel);
        pthread_mutex_destroy(&p->lock);
        free(p->name);
        free(p);
}

struct local_prober *local_prober_start(struct event_base *control, const struct local_prober_options *o,
                                        local_prober_reported *reported, void *context, char *error, size_t error_size)
{
        struct local_prober *p = memory_alloc(sizeof(*p));
        const struct timeval interval = {REPORT_INTERVAL_MS / 1000, REPORT_INTERVAL_MS % 1000 * 1000};

        pthread_mutex_init(&p->lock, NULL);
        p->name = memory_strdup(o->name);
        p->reported = reported;
        p->context = context;
        p->boot = report_boot();
        p->base = event_base_new();
        p->arrived = event_new(control, -1, EV_PERSIST, report_arrived, p);
        if (p->base) {
                p->wake = event_new(p->base, -1, EV_PERSIST, woken, p);
                p->report_soon = event_new(p->base, -1, EV_PERSIST, send_report, p);
                p->report_timer = event_new(p->base, -1, EV_PERSIST, send_report, p);
                p->engine = engine_new(p->base, &o->resolver, verdict_changed, p);
                if (p->engine)
                        engine_allow_programs(p->engine, &o->programs);
        }
        if (!p->base || !p->arrived || !p->wake || !p->report_soon || !p->report_timer || !p->engine ||
            event_add(p->report_timer, &interval) || pthread_create(&p->thread, NULL, run, p)) {
                snprintf(error, error_size, "cannot start the built-in prober: out of memory, threads or descriptors");
                release(p);
                return NULL;
        }
        return p;
}

void local_prober_stop(struct local_prober *p)
{
        if (!p)
                return;
        pthread_mutex_lock(&p->lock);
        p->stopping = true;
        pthread_mutex_unlock(&p->lock);
        event_active(p->wake, EV_READ, 0);
        pthread_join(p->thread, NULL);
        release(p);
}

void local_prober_set_plan(struct local_prober *p, const struct plan *plan)
{
        struct plan *own = plan_for_prober(plan, p->name);

        pthread_mutex_lock(&p->lock);
        struct plan *old = p->plan;
        p->plan = own;
        pthread_mutex_unlock(&p->lock);
        plan_free(old);
        event_active(p->wake, EV_READ, 0);
}

const char *local_prober_name(const struct local_prober *p)
{
        return p->name;
}
