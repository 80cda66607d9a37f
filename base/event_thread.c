#include "base/event_thread.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include "base/memory.h"

struct event_thread {
        const char *name;
        struct event_base *base;
        struct event *end;
        pthread_t thread;
        bool runs;
};

static void on_end(evutil_socket_t fd, short what, void *base)
{
        event_base_loopbreak(base);
}

static void *run_loop(void *context)
{
        struct event_thread *t = context;

        pthread_setname_np(pthread_self(), t->name);
        event_base_loop(t->base, EVLOOP_NO_EXIT_ON_EMPTY);
        return NULL;
}

struct event_thread *event_thread_new(const char *name)
{
        struct event_thread *t = memory_alloc(sizeof(*t));

        t->name = name;
        t->base = event_base_new();
        t->end = t->base ? event_new(t->base, -1, 0, on_end, t->base) : NULL;
        if (t->end)
                return t;
        event_thread_free(t);
        return NULL;
}

struct event_base *event_thread_base(struct event_thread *t)
{
        return t->base;
}

bool event_thread_start(struct event_thread *t)
{
        t->runs = !pthread_create(&t->thread, NULL, run_loop, t);
        return t->runs;
}

void event_thread_wait(struct event_thread *t)
{
        if (t->runs)
                pthread_join(t->thread, NULL);
        t->runs = false;
}

void event_thread_end(struct event_thread *t)
{
        if (t->runs)
                event_active(t->end, EV_TIMEOUT, 0);
        event_thread_wait(t);
}

void event_thread_free(struct event_thread *t)
{
        if (!t)
                return;
        event_thread_end(t);
        if (t->end)
                event_free(t->end);
        if (t->base)
                event_base_free(t->base);
        free(t);
}
