#include "admin/plans/local_prober.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/event_thread.h"
#include "base/memory.h"
#include "probes/prober/host.h"

/* A report under way from the prober's thread to the control thread. */
struct parcel {
        struct arena *arena;
        struct report report;
};

struct local_prober {
        char *name;
        local_prober_reported *reported;
        void *context;
        bool ends; /* nothing is reported any more */
        struct event_thread *thread;
        struct event *arrived; /* on the control thread's base */
        struct host *host;

        pthread_mutex_t lock;  /* guards what follows */
        struct parcel *parcel; /* newest, not yet taken; an older one is dropped: each is full state */
};

static void parcel_free(struct parcel *p)
{
        if (!p)
                return;
        arena_free(p->arena);
        free(p);
}

static struct parcel *parcel_make(const struct report *report)
{
        struct parcel *parcel = memory_alloc(sizeof(*parcel));

        parcel->arena = arena_new(0);
        struct verdict *copy = arena_memdup(parcel->arena, report->verdicts, report->count * sizeof(*copy));
        for (uint32_t i = 0; i < report->count; i++)
                copy[i].id = arena_strdup(parcel->arena, report->verdicts[i].id);
        parcel->report = *report;
        parcel->report.verdicts = copy;
        struct tried *tried = arena_memdup(parcel->arena, report->tried, report->tried_count * sizeof(*tried));
        for (uint32_t i = 0; i < report->tried_count; i++)
                tried[i].id = arena_strdup(parcel->arena, report->tried[i].id);
        parcel->report.tried = tried;
        return parcel;
}

static struct parcel *parcel_swap(struct local_prober *p, struct parcel *parcel)
{
        pthread_mutex_lock(&p->lock);
        struct parcel *old = p->parcel;
        p->parcel = parcel;
        pthread_mutex_unlock(&p->lock);
        return old;
}

/* On the prober's thread. */
static void local_send(void *context, const struct report *report)
{
        struct local_prober *p = context;

        parcel_free(parcel_swap(p, parcel_make(report)));
        event_active(p->arrived, EV_READ, 0);
}

/* On the control thread. */
static void local_arrived(evutil_socket_t fd, short what, void *context)
{
        struct local_prober *p = context;
        struct parcel *parcel = parcel_swap(p, NULL);

        if (parcel && !p->ends)
                p->reported(p->context, &parcel->report);
        parcel_free(parcel);
}

/* On the prober's thread, which may have much under way to end. */
static void local_leave(void *context)
{
        struct local_prober *p = context;

        host_free(p->host);
        p->host = NULL;
}

static void local_release(struct local_prober *p)
{
        host_free(p->host);
        if (p->arrived)
                event_free(p->arrived);
        event_thread_free(p->thread);
        parcel_free(p->parcel);
        pthread_mutex_destroy(&p->lock);
        free(p->name);
        free(p);
}

struct local_prober *local_prober_start(struct event_base *control, const struct local_prober_options *o,
                                        local_prober_reported *reported, void *context, char *error, size_t error_size)
{
        struct local_prober *p = memory_alloc(sizeof(*p));

        pthread_mutex_init(&p->lock, NULL);
        p->name = memory_strdup(o->name);
        p->reported = reported;
        p->context = context;
        const struct host_options host = {.name = p->name, .resolver = &o->resolver, .programs = o->programs};
        p->thread = event_thread_new("prober");
        p->arrived = event_new(control, -1, EV_PERSIST, local_arrived, p);
        if (p->thread)
                p->host = host_new(event_thread_base(p->thread), &host, local_send, p);
        if (p->thread)
                event_thread_at_end(p->thread, local_leave, p);
        if (!p->arrived || !p->host || !event_thread_start(p->thread)) {
                snprintf(error, error_size, "cannot start the built-in prober: out of memory, threads or descriptors");
                local_release(p);
                return NULL;
        }
        return p;
}

void local_prober_stop(struct local_prober *p)
{
        if (!p)
                return;
        event_thread_end(p->thread);
        local_release(p);
}

void local_prober_stop_soon(struct local_prober *p)
{
        p->ends = true;
        event_thread_end_soon(p->thread);
}

bool local_prober_is_over(const struct local_prober *p)
{
        return event_thread_is_over(p->thread);
}

void local_prober_set_plan(struct local_prober *p, const struct plan *plan)
{
        host_give_plan(p->host, plan_for_prober(plan, p->name), NULL);
}

const char *local_prober_name(const struct local_prober *p)
{
        return p->name;
}

void local_prober_ask(struct local_prober *p, const struct try_asked *list, uint32_t count)
{
        host_give_asked(p->host, list, count);
}
