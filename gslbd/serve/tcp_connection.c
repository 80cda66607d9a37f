/* One TCP connection: bytes to answer() and back, over TLS or not, behind a proxy or not. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/memory.h"
#include "base/rcu.h"
#include "base/tls_server.h"
#include "gslbd/serve/serve_settings.h"
#include "gslbd/serve/client_counts.h"
#include "gslbd/serve/signed.h"
#include "gslbd/serve/tcp_private.h"
#include "gslbd/serve/xfr.h"

#define OUTPUT_MAX   ((size_t)256 << 10) /* unsent replies of one connection before its queries wait */
#define TRANSFER_MAX ((size_t)256 << 20) /* the same of a zone transfer, which is written whole */
#define INPUT_MAX    ((size_t)66 << 10)  /* one whole message and its length */
#define FLOW_MIN     ((size_t)4 << 10)   /* bytes of a transfer that are progress */

static size_t held; /* atomic; bytes that wait in the buffers of all connections of all workers */

/* Counts what waits in its buffers. */
static void count_held(struct connection *c)
{
        size_t now = evbuffer_get_length(bufferevent_get_input(c->stream)) +
                     evbuffer_get_length(bufferevent_get_output(c->stream));

        if (now != c->held)
                __atomic_add_fetch(&held, now - c->held, __ATOMIC_RELAXED);
        c->held = now;
}

static void touch(struct connection *c)
{
        struct tcp_worker *w = c->worker;

        c->last_ms = clock_ms();
        TAILQ_REMOVE(&w->connections, c, entry);
        TAILQ_INSERT_TAIL(&w->connections, c, entry);
}

/* A transfer lives as long as it flows: what the peer takes of it counts like a message. */
static void on_flow(struct evbuffer *out, const struct evbuffer_cb_info *info, void *context)
{
        struct connection *c = context;

        count_held(c);
        c->flowed += info->n_deleted;
        if (c->flowed < FLOW_MIN)
                return;
        c->flowed = 0;
        touch(c);
}

static void end_flow(struct connection *c)
{
        if (c->flow)
                evbuffer_remove_cb_entry(bufferevent_get_output(c->stream), c->flow);
        c->flow = NULL;
}

static void end_counts(struct connection *c)
{
        if (c->counted)
                client_counts_give(c->worker->options.addresses, c->address_slot);
        if (c->prefix_counted)
                client_counts_give(c->worker->options.prefixes, c->prefix_slot);
}

void connection_close(struct connection *c)
{
        struct tcp_worker *w = c->worker;

        TAILQ_REMOVE(&w->connections, c, entry);
        end_counts(c);
        w->clients--;
        end_flow(c);
        __atomic_sub_fetch(&held, c->held, __ATOMIC_RELAXED);
        if (c->header_due)
                event_free(c->header_due);
        if (c->shaken)
                SSL_shutdown(
                        bufferevent_openssl_get_ssl(c->stream)); /* says that this is the end, if the socket takes it */
        if (c->stream)
                bufferevent_free(c->stream);
        else
                close(c->fd);
        free(c->header);
        free(c);
        if (w->draining && !w->clients)
                event_base_loopbreak(w->base);
}

static bool send_message(struct connection *c, const uint8_t *message, size_t length)
{
        const uint8_t head[2] = {(uint8_t)(length >> 8), (uint8_t)length};

        return !bufferevent_write(c->stream, head, 2) && !bufferevent_write(c->stream, message, length);
}

/* One message of a transfer. A small one goes whatever others hold. */
static bool send_of_transfer(void *context, const uint8_t *message, size_t length)
{
        struct connection *c = context;
        size_t waiting = evbuffer_get_length(bufferevent_get_output(c->stream));
        bool taken = waiting < OUTPUT_MAX ||
                     (waiting < TRANSFER_MAX && __atomic_load_n(&held, __ATOMIC_RELAXED) < c->worker->options.memory);

        if (!taken)
                counter_add(c->worker->answer.counters, COUNTER_TRANSFERS_CUT, 1);
        return taken && send_message(c, message, length);
}

static bool answer_transfer(struct connection *c, const uint8_t *message, size_t length, const struct query *q)
{
        struct tcp_worker *w = c->worker;

        counter_add(w->answer.counters, COUNTER_TRANSFERS, 1);
        if (!c->flow)
                c->flow = evbuffer_add_cb(bufferevent_get_output(c->stream), on_flow, c);
        return xfr_answer(&w->answer, &c->peer, message, length, q, w->reply, send_of_transfer, c);
}

static bool answer_one(struct connection *c, const uint8_t *message, size_t length, const struct query *q)
{
        struct tcp_worker *w = c->worker;
        struct answered answered; /* TCP proves the address: no limit on answers is for it */

        tap_begin(w->answer.tap);
        size_t n = signed_answer(&w->answer, &c->peer, message, length, q, w->reply, ANSWER_REPLY_MAX, &answered);

        tap_end(w->answer.tap);
        counter_add(w->answer.counters, c->tls ? COUNTER_TLS_QUERIES : COUNTER_TCP_QUERIES, 1);
        return !n || send_message(c, w->reply, n);
}

/* Answers the message that stands whole at the front of the input. false: the connection has to end. */
static bool answer_message(struct connection *c, struct evbuffer *in, size_t length)
{
        struct tcp_worker *w = c->worker;
        const uint8_t *whole = evbuffer_pullup(in, (ev_ssize_t)(2 + length)), *message;
        struct timespec now;
        struct query q;

        if (!whole) /* no memory */
                return false;
        message = whole + 2;
        clock_gettime(CLOCK_REALTIME_COARSE, &now);
        w->answer.now_s = (uint32_t)now.tv_sec;
        query_parse(message, length, &q);
        rcu_online();
        w->answer.snapshot = snapshot_current();
        w->answer.settings = &serve_settings_current()->answer;
        bool good = xfr_asked(&q) ? answer_transfer(c, message, length, &q) : answer_one(c, message, length, &q);
        rcu_offline();
        evbuffer_drain(in, 2 + length);
        return good;
}

/* More waits in all connections than may: those of this worker that hold something make room, the one whose last whole
 * message is longest ago first, and at last this one. Returns false when it was closed. */
static bool make_room(struct connection *c)
{
        struct tcp_worker *w = c->worker;
        struct connection *one = TAILQ_FIRST(&w->connections), *next;

        for (; one && __atomic_load_n(&held, __ATOMIC_RELAXED) > w->options.memory; one = next) {
                next = TAILQ_NEXT(one, entry);
                if (!one->held)
                        continue;
                counter_add(w->answer.counters, COUNTER_TCP_MEMORY_CUT, 1);
                connection_close(one);
                if (one == c)
                        return false;
        }
        return true;
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
                if (!answer_message(c, in, length)) {
                        connection_close(c);
                        return false;
                }
                answered = true;
        }
        if (answered)
                touch(c);
        if (evbuffer_get_length(out) >= OUTPUT_MAX)
                bufferevent_disable(c->stream, EV_READ);
        count_held(c);
        return __atomic_load_n(&held, __ATOMIC_RELAXED) <= c->worker->options.memory || make_room(c);
}

static void on_read(struct bufferevent *stream, void *context)
{
        answer_input(context);
}

/* All replies are written: go on reading where the connection had to wait, or end it. */
static void on_written(struct bufferevent *stream, void *context)
{
        struct connection *c = context;

        end_flow(c);
        count_held(c);
        if (c->finishing || c->worker->draining) {
                connection_close(c);
                return;
        }
        if (!(bufferevent_get_enabled(stream) & EV_READ)) {
                bufferevent_enable(stream, EV_READ);
                answer_input(c);
        }
}

static void tcp_on_event(struct bufferevent *stream, short what, void *context)
{
        struct connection *c = context;

        if (what & BEV_EVENT_CONNECTED) {
                c->shaken = true;
                counter_add(c->worker->answer.counters, COUNTER_TLS_HANDSHAKES, 1);
                return;
        }
        if (c->tls && !c->shaken)
                counter_add(c->worker->answer.counters, COUNTER_TLS_FAILURES, 1);
        if (what & BEV_EVENT_EOF) {
                c->finishing = true;
                if (evbuffer_get_length(bufferevent_get_output(stream)))
                        return;
        }
        connection_close(c);
}

/* --- opening --- */

static struct bufferevent *stream_new(struct tcp_worker *w, int fd, bool tls)
{
        if (!tls)
                return bufferevent_socket_new(w->base, fd, BEV_OPT_CLOSE_ON_FREE);
        SSL *ssl = tls_server_connection(w->options.tls);
        struct bufferevent *stream =
                ssl ? bufferevent_openssl_socket_new(w->base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE)
                    : NULL;
        if (stream)
                bufferevent_openssl_set_allow_dirty_shutdown(stream, 1);
        else
                SSL_free(ssl);
        return stream;
}

/* From here on the peer's bytes are DNS, or TLS. */
static void begin_dns(struct connection *c)
{
        c->stream = stream_new(c->worker, c->fd, c->tls);
        if (!c->stream) {
                connection_close(c);
                return;
        }
        bufferevent_setwatermark(c->stream, EV_READ, 0, INPUT_MAX);
        bufferevent_setcb(c->stream, on_read, on_written, tcp_on_event, c);
        bufferevent_enable(c->stream, EV_READ | EV_WRITE);
}

/* --- the proxy's header --- */

/* Whether its network may have one more, and one more TLS handshake. */
static bool within_network(struct connection *c, const struct limit_settings *limits)
{
        struct tcp_worker *w = c->worker;
        struct client_prefix network = limits_prefix(limits, &c->peer.address);

        c->prefix_counted = client_counts_take(w->options.prefixes, &network, &c->prefix_slot);
        if (!c->prefix_counted && !limits_allow(limits, &c->peer.address)) {
                counter_add(w->answer.counters, COUNTER_TCP_REFUSED, 1);
                return false;
        }
        limiter_at(w->limiter, limits, limits_clock());
        if (c->tls && !limiter_handshake(w->limiter, &c->peer.address)) {
                counter_add(w->answer.counters, COUNTER_TLS_REFUSED, 1);
                return false;
        }
        return true;
}

/* The connection counts for its client from now on. false: that has too many. */
static bool count_for_client(struct connection *c)
{
        struct tcp_worker *w = c->worker;
        struct client_prefix client = client_prefix_of(&c->peer.address, 32, CLIENT_PREFIX_V6_MOST);

        c->counted = client_counts_take(w->options.addresses, &client, &c->address_slot);
        if (!c->counted) {
                counter_add(w->answer.counters, COUNTER_TCP_REFUSED, 1);
                return false;
        }
        rcu_online();
        bool good = within_network(c, &serve_settings_current()->limits);
        rcu_offline();
        return good;
}

/* What is missing of the header and no byte more is read: what comes behind is not ours to look at. */
static void on_header(evutil_socket_t fd, short what, void *context)
{
        struct connection *c = context;
        size_t length = PROXY_HEAD;

        if (c->header_length >= PROXY_HEAD)
                length = proxy_header_length(c->header);
        ssize_t n =
                length > c->header_length ? recv(fd, c->header + c->header_length, length - c->header_length, 0) : 0;
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        c->header_length += n > 0 ? (size_t)n : 0;
        bool ended = n <= 0;
        if (!ended && c->header_length < PROXY_HEAD)
                return;
        length = ended ? 0 : proxy_header_length(c->header);
        if (length > c->header_length)
                return;
        bool named = length && proxy_client(c->header, length, &c->peer.address);
        if (!named)
                counter_add(c->worker->answer.counters, COUNTER_PROXY_REFUSED, 1);
        if (!named || !count_for_client(c)) {
                connection_close(c);
                return;
        }
        free(c->header);
        c->header = NULL;
        event_free(c->header_due);
        c->header_due = NULL;
        begin_dns(c);
}

static void await_header(struct connection *c)
{
        c->header = memory_alloc(PROXY_MAX);
        c->header_due = event_new(c->worker->base, c->fd, EV_READ | EV_PERSIST, on_header, c);
        if (!c->header_due || event_add(c->header_due, NULL))
                connection_close(c);
}

static bool is_proxy(const struct tcp_worker *w, const struct address *from)
{
        for (size_t i = 0; i < w->options.proxy_count; i++)
                if (prefix_contains(&w->options.proxies[i], from))
                        return true;
        return false;
}

void connection_open(struct tcp_worker *w, int fd, const struct address *from, bool tls)
{
        struct connection *c = memory_alloc(sizeof(*c));
        bool proxy = is_proxy(w, from);

        c->worker = w;
        c->fd = fd;
        c->tls = tls;
        c->last_ms = clock_ms();
        c->peer = (struct answer_peer){.address = *from, .transport = tls ? TRANSPORT_TLS : TRANSPORT_TCP};
        if (!proxy && !count_for_client(c)) {
                end_counts(c);
                close(fd);
                free(c);
                return;
        }
        if (w->clients >= w->options.clients) /* the one whose last query is longest ago makes room */
                connection_close(TAILQ_FIRST(&w->connections));
        TAILQ_INSERT_TAIL(&w->connections, c, entry);
        w->clients++;
        counter_add(w->answer.counters, COUNTER_TCP_ACCEPTED, 1);
        if (proxy)
                await_header(c);
        else
                begin_dns(c);
}
