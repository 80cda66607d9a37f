#include "gslbd/tcp.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/rcu.h"

#define OUTPUT_MAX     ((size_t)256 << 10) /* unsent replies of one connection before its queries wait */
#define INPUT_MAX      ((size_t)66 << 10)  /* one whole message and its length */
#define SWEEP_MS       100
#define PRESSURE_SHARE 4 /* idle timeouts shrink when fewer than 1/4 of the connections are free */
#define PRESSURE_CUT   10
#define ADDRESS_SLOTS  4096 /* counters of connections per address, by hash */

/* One connection. They stand in the worker's list in the order of their last whole message, longest ago first. */
struct connection {
        TAILQ_ENTRY(connection) entry;
        struct tcp_worker *worker;
        struct bufferevent *stream;
        struct answer_peer peer;
        uint64_t last_ms;
        unsigned slot;
        bool finishing; /* the peer has closed its side: end once all is written */
};

struct tcp_worker {
        struct event_base *base;
        struct evconnlistener **listeners;
        size_t listener_count;
        struct event *sweep, *stop;
        pthread_t thread;
        bool running, draining;
        unsigned grace_ms;
        uint64_t drain_deadline_ms;
        struct tcp_limits limits;
        unsigned clients;
        uint64_t seed; /* of the address hash, so that nobody can aim at a slot */
        uint16_t per_slot[ADDRESS_SLOTS];
        TAILQ_HEAD(, connection) connections;
        struct answer_context answer;
        struct picker_state picker;
        uint8_t reply[2 + ANSWER_REPLY_MAX];
};

static void connection_close(struct connection *c)
{
        struct tcp_worker *w = c->worker;

        TAILQ_REMOVE(&w->connections, c, entry);
        w->per_slot[c->slot]--;
        w->clients--;
        bufferevent_free(c->stream);
        free(c);
        if (w->draining && !w->clients)
                event_base_loopbreak(w->base);
}

static void touch(struct connection *c)
{
        struct tcp_worker *w = c->worker;

        c->last_ms = clock_ms();
        TAILQ_REMOVE(&w->connections, c, entry);
        TAILQ_INSERT_TAIL(&w->connections, c, entry);
}

/* Answers the message that stands whole at the front of the input. */
static void answer_message(struct connection *c, struct evbuffer *in, size_t length)
{
        struct tcp_worker *w = c->worker;
        const uint8_t *message = evbuffer_pullup(in, (ev_ssize_t)(2 + length));
        struct timespec now;

        clock_gettime(CLOCK_REALTIME_COARSE, &now);
        w->answer.now_s = (uint32_t)now.tv_sec;
        rcu_online();
        w->answer.snapshot = snapshot_current();
        size_t n = answer(&w->answer, &c->peer, message + 2, length, w->reply + 2, ANSWER_REPLY_MAX);
        rcu_offline();
        counter_add(w->answer.counters, COUNTER_TCP_QUERIES, 1);
        evbuffer_drain(in, 2 + length);
        if (!n)
                return;
        w->reply[0] = (uint8_t)(n >> 8);
        w->reply[1] = (uint8_t)n;
        bufferevent_write(c->stream, w->reply, 2 + n);
}

/* Answers all whole messages, as long as the peer takes the replies. Returns false when the connection was closed. */
static bool answer_input(struct connection *c)
{
        struct evbuffer *in = bufferevent_get_input(c->stream), *out = bufferevent_get_output(c->stream);
        bool answered = false;
        uint8_t head[2];

        while (evbuffer_get_length(out) < OUTPUT_MAX && evbuffer_copyout(in, head, 2) == 2) {
                size_t length = (size_t)head[0] << 8 | head[1];
                if (length < 12) { /* no header fits: whoever sends this does not speak DNS */
                        connection_close(c);
                        return false;
                }
                if (evbuffer_get_length(in) < 2 + length)
                        break;
                answer_message(c, in, length);
                answered = true;
        }
        if (answered)
                touch(c);
        if (evbuffer_get_length(out) >= OUTPUT_MAX)
                bufferevent_disable(c->stream, EV_READ);
        return true;
}

static void on_read(struct bufferevent *stream, void *context)
{
        answer_input(context);
}

/* All replies are written: go on reading where the connection had to wait, or end it. */
static void on_written(struct bufferevent *stream, void *context)
{
        struct connection *c = context;

        if (c->finishing || c->worker->draining) {
                connection_close(c);
                return;
        }
        if (!(bufferevent_get_enabled(stream) & EV_READ)) {
                bufferevent_enable(stream, EV_READ);
                answer_input(c);
        }
}

static void on_event(struct bufferevent *stream, short what, void *context)
{
        struct connection *c = context;

        if (what & BEV_EVENT_EOF) {
                c->finishing = true;
                if (evbuffer_get_length(bufferevent_get_output(stream)))
                        return;
        }
        connection_close(c);
}

/* Room for one more connection: the one whose last query is longest ago makes it when there is none. */
static bool make_room(struct tcp_worker *w, unsigned slot)
{
        if (w->per_slot[slot] >= w->limits.clients_per_address)
                return false;
        if (w->clients >= w->limits.clients)
                connection_close(TAILQ_FIRST(&w->connections));
        return true;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from, int size,
                      void *context)
{
        struct tcp_worker *w = context;
        struct address address;

        address_from_sockaddr(from, &address, NULL);
        unsigned slot = (unsigned)hash_bytes(&address, sizeof(address), w->seed) % ADDRESS_SLOTS;
        struct bufferevent *stream =
                make_room(w, slot) ? bufferevent_socket_new(w->base, fd, BEV_OPT_CLOSE_ON_FREE) : NULL;
        if (!stream) {
                counter_add(w->answer.counters, COUNTER_TCP_REFUSED, 1);
                close(fd);
                return;
        }
        struct connection *c = memory_alloc(sizeof(*c));
        *c = (struct connection){.worker = w,
                                 .stream = stream,
                                 .last_ms = clock_ms(),
                                 .slot = slot,
                                 .peer = {.address = address, .transport = TRANSPORT_TCP}};
        TAILQ_INSERT_TAIL(&w->connections, c, entry);
        w->per_slot[slot]++;
        w->clients++;
        counter_add(w->answer.counters, COUNTER_TCP_ACCEPTED, 1);
        bufferevent_setwatermark(stream, EV_READ, 0, INPUT_MAX);
        bufferevent_setcb(stream, on_read, on_written, on_event, c);
        bufferevent_enable(stream, EV_READ | EV_WRITE);
}

/* Out of descriptors or memory: the longest silent connections make room instead of a busy loop. */
static void on_accept_error(struct evconnlistener *listener, void *context)
{
        struct tcp_worker *w = context;

        for (int i = 0; i < 16 && !TAILQ_EMPTY(&w->connections); i++)
                connection_close(TAILQ_FIRST(&w->connections));
}

/* A connection lives from one whole message to the next no longer than the idle timeout: bytes that trickle in
 * do not prolong it, nor does a peer that does not read (RFC 7766 6.2.3). */
static void on_sweep(evutil_socket_t fd, short what, void *context)
{
        struct tcp_worker *w = context;
        uint64_t now = clock_ms(), idle = w->limits.idle_ms;
        struct connection *c;

        if (w->clients > w->limits.clients - w->limits.clients / PRESSURE_SHARE)
                idle /= PRESSURE_CUT;
        while ((c = TAILQ_FIRST(&w->connections)) && now - c->last_ms >= idle) {
                counter_add(w->answer.counters, COUNTER_TCP_TIMEOUTS, 1);
                connection_close(c);
        }
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
                evconnlistener_disable(w->listeners[i]);
        for (c = TAILQ_FIRST(&w->connections); c; c = next) {
                next = TAILQ_NEXT(c, entry);
                if (!evbuffer_get_length(bufferevent_get_output(c->stream)))
                        connection_close(c);
        }
        if (!w->clients)
                event_base_loopbreak(w->base);
}

static void *run(void *context)
{
        struct tcp_worker *w = context;

        rcu_join();
        rcu_offline(); /* but while answering */
        event_base_dispatch(w->base);
        rcu_online();
        rcu_leave();
        return NULL;
}

struct tcp_worker *tcp_worker_new(const int *fds, size_t count, const struct tcp_limits *limits,
                                  const struct answer_settings *settings, char *error, size_t error_size)
{
        struct tcp_worker *w = memory_alloc(sizeof(*w));
        const struct timeval sweep = {SWEEP_MS / 1000, SWEEP_MS % 1000 * 1000};

        TAILQ_INIT(&w->connections);
        w->limits = *limits;
        w->answer =
                (struct answer_context){.settings = settings, .picker = &w->picker, .counters = counters_register()};
        random_seed_system(&w->picker.random);
        random_bytes(&w->seed, sizeof(w->seed));
        w->listeners = memory_alloc((count + 1) * sizeof(*w->listeners));
        w->listener_count = count;
        w->base = event_base_new();
        bool good = w->base != NULL;
        for (size_t i = 0; i < count; i++) {
                w->listeners[i] = good ? evconnlistener_new(w->base, on_accept, w,
                                                            LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fds[i])
                                       : NULL;
                good = good && w->listeners[i];
                if (w->listeners[i])
                        evconnlistener_set_error_cb(w->listeners[i], on_accept_error);
                else
                        close(fds[i]);
        }
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
        w->running = !pthread_create(&w->thread, NULL, run, w);
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
                if (w->listeners[i])
                        evconnlistener_free(w->listeners[i]);
        free(w->listeners);
        if (w->sweep)
                event_free(w->sweep);
        if (w->stop)
                event_free(w->stop);
        if (w->base)
                event_base_free(w->base);
        free(w);
}
