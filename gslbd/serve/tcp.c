#include "gslbd/serve/tcp.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/memory.h"
#include "base/rcu.h"
#include "gslbd/serve/confine.h"
#include "gslbd/serve/serve_settings.h"
#include "gslbd/serve/tcp_private.h"

#define SWEEP_MS       100
#define PRESSURE_SHARE 4 /* idle timeouts shrink when fewer than 1/4 of the connections are free */
#define PRESSURE_CUT   10

static void on_accept(struct evconnlistener *socket, evutil_socket_t fd, struct sockaddr *from, int size, void *context)
{
        const struct listener *l = context;
        struct address address;

        address_from_sockaddr(from, &address, NULL);
        connection_open(l->worker, fd, &address, l->tls);
}

static void listen_again(struct tcp_worker *w)
{
        w->resting = false;
        for (size_t i = 0; i < w->listener_count; i++)
                w->resting |= evconnlistener_enable(w->listeners[i].socket) != 0;
}

/* Out of descriptors or memory: the longest silent connections make room, and there is a rest instead of a busy loop.
 */
static void on_accept_error(struct evconnlistener *socket, void *context)
{
        struct tcp_worker *w = ((const struct listener *)context)->worker;

        for (int i = 0; i < 16 && !TAILQ_EMPTY(&w->connections); i++)
                connection_close(TAILQ_FIRST(&w->connections));
        for (size_t i = 0; i < w->listener_count; i++)
                evconnlistener_disable(w->listeners[i].socket);
        w->resting = true;
}

/* A connection lives from one whole message to the next no longer than the idle timeout: bytes that trickle in
 * do not prolong it, nor does a peer that does not read (RFC 7766 6.2.3). A transfer lives as long as it flows. */
static void on_sweep(evutil_socket_t fd, short what, void *context)
{
        struct tcp_worker *w = context;
        uint64_t now = clock_ms(), idle;
        struct connection *c;

        rcu_online();
        idle = serve_settings_current()->answer.tcp_idle_ms;
        rcu_offline();
        if (w->clients > w->options.clients - w->options.clients / PRESSURE_SHARE)
                idle /= PRESSURE_CUT;
        while ((c = TAILQ_FIRST(&w->connections)) && now - c->last_ms >= idle) {
                counter_add(w->answer.counters, COUNTER_TCP_TIMEOUTS, 1);
                connection_close(c);
        }
        if (w->resting && !w->draining)
                listen_again(w);
        if (w->draining && now >= w->drain_deadline_ms)
                event_base_loopbreak(w->base);
}

static void on_stop(evutil_socket_t fd, short what, void *context)
{
        struct tcp_worker *w = context;
        struct connection *c, *next;

        w->draining = true;
        w->drain_deadline_ms = clock_ms() + w->grace_ms;
        for (size_t i = 0; i < w->listener_count; i++)
                evconnlistener_disable(w->listeners[i].socket);
        for (c = TAILQ_FIRST(&w->connections); c; c = next) {
                next = TAILQ_NEXT(c, entry);
                if (!c->stream || !evbuffer_get_length(bufferevent_get_output(c->stream)))
                        connection_close(c);
        }
        if (!w->clients)
                event_base_loopbreak(w->base);
}

static void *tcp_run(void *context)
{
        struct tcp_worker *w = context;

        if (w->options.confine)
                confine_worker();
        rcu_join();
        rcu_offline(); /* but while answering */
        event_base_dispatch(w->base);
        rcu_online();
        rcu_leave();
        return NULL;
}

/* Takes the sockets; false: those that have no listener are closed. */
static bool listen_on(struct tcp_worker *w, const struct tcp_socket *sockets, size_t count)
{
        bool good = w->base != NULL;

        w->listeners = memory_alloc((count + 1) * sizeof(*w->listeners));
        w->listener_count = count;
        for (size_t i = 0; i < count; i++) {
                struct listener *l = &w->listeners[i];
                *l = (struct listener){.worker = w, .tls = sockets[i].tls};
                if (good)
                        l->socket = evconnlistener_new(w->base, on_accept, l,
                                                       LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, sockets[i].fd);
                good = good && l->socket;
                if (l->socket)
                        evconnlistener_set_error_cb(l->socket, on_accept_error);
                else
                        close(sockets[i].fd);
        }
        return good;
}

struct tcp_worker *tcp_worker_new(const struct tcp_socket *sockets, size_t count, const struct tcp_options *options,
                                  char *error, size_t error_size)
{
        struct tcp_worker *w = memory_alloc(sizeof(*w));
        const struct timeval sweep = {SWEEP_MS / 1000, SWEEP_MS % 1000 * 1000};

        TAILQ_INIT(&w->connections);
        w->options = *options;
        w->answer =
                (struct answer_context){.picker = &w->picker, .counters = counters_register(), .tap = tap_register()};
        random_seed_system(&w->picker.random);
        w->limiter = limiter_new(options->limits, w->answer.counters, &w->picker.random);
        w->base = event_base_new();
        bool good = listen_on(w, sockets, count);
        w->sweep = good ? event_new(w->base, -1, EV_PERSIST, on_sweep, w) : NULL;
        w->stop = good ? event_new(w->base, -1, 0, on_stop, w) : NULL;
        if (!w->sweep || !w->stop || event_add(w->sweep, &sweep)) {
                snprintf(error, error_size, "cannot set up a TCP worker: out of memory or descriptors");
                tcp_worker_free(w);
                return NULL;
        }
        return w;
}

bool tcp_worker_start(struct tcp_worker *w)
{
        w->running = !pthread_create(&w->thread, NULL, tcp_run, w);
        return w->running;
}

void tcp_worker_stop(struct tcp_worker *w, unsigned grace_ms)
{
        w->grace_ms = grace_ms;
        event_active(w->stop, EV_READ, 0);
}

void tcp_worker_free(struct tcp_worker *w)
{
        struct connection *c;

        if (w->running)
                pthread_join(w->thread, NULL);
        w->draining = false;
        while ((c = TAILQ_FIRST(&w->connections)))
                connection_close(c);
        for (size_t i = 0; i < w->listener_count; i++)
                if (w->listeners[i].socket)
                        evconnlistener_free(w->listeners[i].socket);
        free(w->listeners);
        if (w->sweep)
                event_free(w->sweep);
        if (w->stop)
                event_free(w->stop);
        if (w->base) {
                event_base_loop(w->base, EVLOOP_NONBLOCK); /* bufferevents that were freed end here */
                event_base_free(w->base);
        }
        free(w);
}
