#include "probes/checks/resolve.h"

#include <event2/event.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

/* Owned by two: the thread that resolves and the one that waits. The last one to let go frees it. */
struct resolving {
        pthread_mutex_t lock;
        bool done, cancelled;
        struct event *event; /* made active when done; freed on the base's thread */
        char *name;
        struct address address;
        resolved *call;
        void *context;
};

static void release(struct resolving *r)
{
        pthread_mutex_destroy(&r->lock);
        free(r->name);
        free(r);
}

static void *run(void *context)
{
        struct resolving *r = context;
        const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
        struct addrinfo *list = NULL;
        struct address address = {0};

        if (!getaddrinfo(r->name, NULL, &hints, &list))
                address_from_sockaddr(list->ai_addr, &address, NULL);
        if (list)
                freeaddrinfo(list);
        pthread_mutex_lock(&r->lock);
        r->address = address;
        r->done = true;
        bool cancelled = r->cancelled;
        if (!cancelled)
                event_active(r->event, EV_READ, 0);
        pthread_mutex_unlock(&r->lock);
        if (cancelled)
                release(r);
        return NULL;
}

static void on_done(evutil_socket_t fd, short what, void *context)
{
        struct resolving *r = context;
        resolved *call = r->call;
        void *call_context = r->context;
        struct address address;

        pthread_mutex_lock(&r->lock); /* the thread may still hold it for a moment */
        address = r->address;
        pthread_mutex_unlock(&r->lock);
        event_free(r->event);
        release(r);
        call(call_context, address.family == ADDRESS_NONE ? NULL : &address);
}

struct resolving *resolve_start(struct event_base *base, const char *name, resolved *call, void *context)
{
        struct resolving *r = memory_alloc(sizeof(*r));
        pthread_attr_t attributes;
        pthread_t thread;

        pthread_mutex_init(&r->lock, NULL);
        r->name = memory_strdup(name);
        r->call = call;
        r->context = context;
        r->event = event_new(base, -1, 0, on_done, r);
        pthread_attr_init(&attributes);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        int failed = !r->event || pthread_create(&thread, &attributes, run, r);
        pthread_attr_destroy(&attributes);
        if (!failed)
                return r;
        if (r->event)
                event_free(r->event);
        release(r);
        return NULL;
}

void resolve_cancel(struct resolving *r)
{
        if (!r)
                return;
        pthread_mutex_lock(&r->lock);
        bool done = r->done;
        r->cancelled = true;
        event_free(r->event); /* also when it is active and waits to run */
        pthread_mutex_unlock(&r->lock);
        if (done)
                release(r);
}
