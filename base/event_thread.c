#include "base/event_thread.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "base/clock.h"
#include "base/memory.h"

#define MINUTE_MS 60000

struct event_thread {
        const char *name;
        struct event_base *base;
        struct event *end;
        pthread_t thread;
        bool runs;
        atomic_bool is_over;
        void (*at_end)(void *context); /* NULL: nothing */
        void *context;
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
        if (t->at_end)
                t->at_end(t->context);
        atomic_store(&t->is_over, true);
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

void event_thread_at_end(struct event_thread *t, void (*at_end)(void *), void *context)
{
        t->at_end = at_end;
        t->context = context;
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

void event_thread_end_soon(struct event_thread *t)
{
        if (t->runs)
                event_active(t->end, EV_TIMEOUT, 0);
}

bool event_thread_is_over(const struct event_thread *t)
{
        return atomic_load(&t->is_over);
}

void event_thread_end(struct event_thread *t)
{
        event_thread_end_soon(t);
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

/* --- how long it works at one go --- */

static void stays_note(struct stays *s, uint64_t took_us)
{
        uint64_t minute = clock_ms() / MINUTE_MS;

        if (minute != s->minute)
                *s = (struct stays){minute, 0, minute == s->minute + 1 ? s->longest_us : 0};
        if (took_us > s->longest_us)
                s->longest_us = took_us;
}

uint64_t stays_longest_us(const struct stays *s)
{
        uint64_t minute = clock_ms() / MINUTE_MS;

        if (minute > s->minute + 1)
                return 0;
        return minute == s->minute && s->before_us > s->longest_us ? s->before_us : s->longest_us;
}

void event_run(struct event_base *base, struct stays *stays)
{
        uint64_t before_us = clock_processor_us(), now_us;

        while (!event_base_loop(base, EVLOOP_ONCE) && !event_base_got_break(base)) {
                now_us = clock_processor_us();
                stays_note(stays, now_us - before_us);
                before_us = now_us;
        }
}
