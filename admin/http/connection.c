#include "admin/http/connection.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "admin/http/connection_private.h"
#include "base/memory.h"
#include "base/tls_server.h"

#define TICKS(seconds)   ((uint64_t)(seconds)*1000 / HTTP_TICK_MS)
#define HEAD_S           10
#define IDLE_S           30 /* between requests */
#define BODY_S           10 /* and a second more for each BYTES_PER_S that came */
#define WRITING_S        30 /* likewise for what went */
#define BYTES_PER_S      32768
#define LINGER_S         2
#define LINGER_BYTES_MAX ((size_t)1 << 20) /* of a refused body, read and dropped so that the reply is read */

/* --- what the handler sees --- */

const struct http_request *http_request_of(const struct http_connection *c)
{
        return c->request;
}

struct http_request *http_request_take(struct http_connection *c, void *by)
{
        struct http_request *request = c->request;

        c->request = NULL;
        c->taken_by = by;
        return request;
}

const struct peer *http_request_from(const struct http_connection *c)
{
        return &c->from;
}

const struct address *http_request_local(const struct http_connection *c)
{
        return &c->local;
}

bool http_request_is_tls(const struct http_connection *c)
{
        return c->tls;
}

bool http_request_is_from(const struct http_connection *c, const char *name)
{
        struct ssl_st *ssl = c->tls ? bufferevent_openssl_get_ssl(c->bev) : NULL;

        return ssl && tls_server_client_named(ssl, name);
}

struct http_connection *http_connection_next(struct http_connection *c)
{
        return TAILQ_NEXT(c, link);
}

bool http_connection_writes(const struct http_connection *c)
{
        return c->stage == STAGE_WRITING;
}

/* --- the end --- */

void http_connection_close(struct http_connection *c)
{
        if (c->stage == STAGE_RUNNING || c->in_pieces)
                c->hub->handler.gone(c->taken_by, c->hub->handler.context);
        TAILQ_REMOVE(&c->hub->connections, c, link);
        c->hub->count--;
        sending_drop_request(c);
        sending_drop_reply(c);
        bufferevent_free(c->bev);
        free(c);
}

/* What is queued is not waited for, and the client is not told that this were all: one that was not told how long it is
 * sees a connection that was reset. */
void http_reply_break(struct http_connection *c)
{
        const struct linger at_once = {.l_onoff = 1};

        setsockopt(bufferevent_getfd(c->bev), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        c->in_pieces = false;
        http_connection_close(c);
}

bool http_connection_evict(struct http_hub *hub)
{
        struct http_connection *c, *longest = NULL;

        for (c = TAILQ_FIRST(&hub->connections); c; c = TAILQ_NEXT(c, link))
                if ((c->stage == STAGE_HEAD || c->stage == STAGE_HELD || c->stage == STAGE_LINGER) &&
                    (!longest || c->since < longest->since))
                        longest = c;
        if (longest)
                http_connection_close(longest);
        return longest != NULL;
}

/* Whether the body is whole. */
static bool read_body(struct http_connection *c)
{
        struct body *body = &c->request->body;
        size_t before = body->length;
        enum body_result result = body_read(body, &c->hub->budget, bufferevent_get_input(c->bev));
        char detail[80];

        c->moved += body->length - before;
        if (result == BODY_TOO_LARGE) {
                snprintf(detail, sizeof(detail), "expected a body of at most %zu bytes", body->limit);
                http_refuse(c, 413, detail);
        } else if (result == BODY_INVALID) {
                http_refuse(c, 400, "a chunk of the body is not valid");
        } else if (result == BODY_NO_MEMORY) {
                http_refuse(c, 503, "the bodies of other requests take all memory that there is for them");
        }
        return result == BODY_WHOLE;
}

/* --- heads --- */

static void skip_empty_lines(struct evbuffer *in)
{
        char two[2];

        while (evbuffer_copyout(in, two, 2) == 2 && two[0] == '\r' && two[1] == '\n')
                evbuffer_drain(in, 2);
}

/* Whether the head is whole and good. */
static bool read_head(struct http_connection *c)
{
        struct evbuffer *in = bufferevent_get_input(c->bev);
        const char *why;

        if (!c->scanned)
                skip_empty_lines(in);
        size_t there = evbuffer_get_length(in);
        if (there > HEAD_BYTES_MAX)
                there = HEAD_BYTES_MAX;
        if (!there)
                return false;
        if (c->kept_alive) { /* the time for a head runs from its first byte */
                c->kept_alive = false;
                c->begun = c->hub->ticks;
                connection_enter(c, STAGE_HEAD);
        }
        c->moved = there;
        const char *text = (const char *)evbuffer_pullup(in, (ev_ssize_t)there);
        long length = text ? head_length(text, there, &c->scanned) : -1;
        if (length < 0)
                http_refuse(c, 400, "a head must end its lines with CR LF and have no NUL");
        else if (!length && there == HEAD_BYTES_MAX)
                http_refuse(c, 431, "expected a request line and header fields of at most 16384 bytes");
        if (length <= 0)
                return false;
        struct http_request *r = c->request = memory_alloc(sizeof(*r));
        r->budget = &c->hub->budget;
        r->text = memory_alloc((size_t)length + 1);
        evbuffer_remove(in, r->text, (size_t)length);
        int status = head_parse(r->text, (size_t)length, &r->head, &why);
        c->keep_alive = !status && r->head.keep_alive;
        c->chunks = !status && r->head.is_1_1;
        c->is_head = r->head.method && !strcmp(r->head.method, "HEAD");
        if (status)
                http_refuse(c, status, why);
        return !status;
}

static void connection_run(struct http_connection *c)
{
        c->keep = true;
        connection_enter(c, STAGE_RUNNING);
        bufferevent_disable(c->bev, EV_READ);
        c->hub->handler.run(c, c->hub->handler.context);
}

/* Between head and body: whether the body is wanted. */
static void begin_body(struct http_connection *c)
{
        char detail[80];
        size_t limit;

        c->keep = false; /* with a reply now, what follows is no request */
        if (!c->hub->handler.admit(c, &limit, c->hub->handler.context))
                return;
        if (c->request->head.length > limit) {
                snprintf(detail, sizeof(detail), "expected a body of at most %zu bytes, got %llu", limit,
                         (unsigned long long)c->request->head.length);
                http_refuse(c, 413, detail);
                return;
        }
        body_begin(&c->request->body, &c->request->head, limit);
        connection_enter(c, STAGE_BODY);
        if (c->request->head.expects_continue)
                bufferevent_write(c->bev, "HTTP/1.1 100 Continue\r\n\r\n", 25);
}

/* Goes on with what came. A reply stops reading until it is out. */
static void proceed(struct http_connection *c)
{
        if (c->stage == STAGE_HEAD && read_head(c)) {
                if (c->request->head.length || c->request->head.chunked)
                        begin_body(c);
                else
                        connection_run(c);
        }
        if (c->stage == STAGE_BODY && read_body(c))
                connection_run(c);
}

/* --- events --- */

static void connection_on_read(struct bufferevent *bev, void *context)
{
        struct http_connection *c = context;

        if (c->stage != STAGE_LINGER) {
                proceed(c);
                return;
        }
        struct evbuffer *in = bufferevent_get_input(bev);
        c->moved += evbuffer_get_length(in);
        evbuffer_drain(in, evbuffer_get_length(in));
        if (c->moved > LINGER_BYTES_MAX)
                http_connection_close(c);
}

/* The reply is out. */
static void connection_on_written(struct bufferevent *bev, void *context)
{
        struct http_connection *c = context;

        if (c->stage != STAGE_WRITING || sending_goes_on(c) || evbuffer_get_length(bufferevent_get_output(bev)))
                return;
        sending_drop_reply(c);
        if (!c->keep) {
                if (!c->tls)
                        shutdown(bufferevent_getfd(bev), SHUT_WR);
                connection_enter(c, STAGE_LINGER);
                bufferevent_enable(bev, EV_READ);
                return;
        }
        connection_enter(c, STAGE_HEAD);
        c->kept_alive = true;
        bufferevent_enable(bev, EV_READ);
        proceed(c);
}

static void connection_on_event(struct bufferevent *bev, short what, void *context)
{
        if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT))
                http_connection_close(context);
}

static bool connection_is_late(const struct http_connection *c)
{
        uint64_t passed = c->hub->ticks - c->since;
        bool too_long = c->hub->ticks - c->begun > c->hub->limits.request_ms / HTTP_TICK_MS;

        switch (c->stage) {
        case STAGE_HEAD:
                return passed > TICKS(c->kept_alive ? IDLE_S : HEAD_S);
        case STAGE_BODY:
                return too_long || passed > TICKS(BODY_S + c->moved / BYTES_PER_S);
        case STAGE_WRITING:
                return passed > TICKS(WRITING_S + c->moved / BYTES_PER_S);
        case STAGE_RUNNING: /* its reply is due from here */
        case STAGE_HELD:
                return false;
        case STAGE_LINGER:
                break;
        }
        return passed > TICKS(LINGER_S);
}

void http_connection_tick(struct http_connection *c)
{
        if (c->stage == STAGE_HELD && c->hub->ticks - c->since >= c->held) {
                connection_enter(c, STAGE_WRITING);
                bufferevent_enable(c->bev, EV_WRITE);
        }
        if (c->stage == STAGE_WRITING)
                sending_count(c);
        if (!connection_is_late(c))
                return;
        if (c->stage == STAGE_BODY || (c->stage == STAGE_HEAD && c->moved))
                http_refuse(c, 408, "the request did not come to its end in time");
        else
                http_connection_close(c);
}

/* --- opening --- */

static size_t count_from(const struct http_hub *hub, const struct peer *from)
{
        struct http_connection *c;
        size_t n = 0;

        for (c = TAILQ_FIRST(&hub->connections); c; c = TAILQ_NEXT(c, link))
                n += !c->refused && peer_same(&c->from, from);
        return n;
}

static struct bufferevent *bufferevent_for(struct http_hub *hub, int fd, struct tls_server *tls)
{
        if (!tls)
                return bufferevent_socket_new(hub->base, fd, BEV_OPT_CLOSE_ON_FREE);
        struct ssl_st *ssl = tls_server_connection(tls);
        return ssl ? bufferevent_openssl_socket_new(hub->base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING,
                                                    BEV_OPT_CLOSE_ON_FREE)
                   : NULL;
}

void http_connection_open(struct http_hub *hub, int fd, const struct peer *from, struct tls_server *tls)
{
        bool crowded = count_from(hub, from) >= hub->limits.connections_per_peer;
        bool full = !crowded && hub->count >= hub->limits.connections && !http_connection_evict(hub);
        bool too_many = hub->count >= hub->limits.connections + HTTP_REFUSALS_MAX;
        struct sockaddr_storage at;
        socklen_t size = sizeof(at);

        hub->refused += crowded || full;
        struct bufferevent *bev = too_many || ((crowded || full) && tls) ? NULL : bufferevent_for(hub, fd, tls);
        if (!bev) {
                close(fd);
                return;
        }
        struct http_connection *c = memory_alloc(sizeof(*c));
        c->hub = hub;
        c->bev = bev;
        c->tls = tls != NULL;
        c->from = *from;
        c->refused = crowded || full;
        c->begun = hub->ticks;
        if (!getsockname(fd, (struct sockaddr *)&at, &size))
                address_from_sockaddr((struct sockaddr *)&at, &c->local, NULL);
        TAILQ_INSERT_TAIL(&hub->connections, c, link);
        hub->count++;
        connection_enter(c, STAGE_HEAD);
        bufferevent_setcb(bev, connection_on_read, connection_on_written, connection_on_event, c);
        if (crowded)
                http_refuse(c, 429, "too many connections from this address");
        else if (full)
                http_refuse(c, 503, "too many connections");
        else
                bufferevent_enable(bev, EV_READ | EV_WRITE);
}
