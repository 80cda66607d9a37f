#include "admin/http/connection.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "admin/http/status.h"
#include "base/memory.h"
#include "base/tls_server.h"

#define TICKS(seconds)   ((uint64_t)(seconds)*1000 / HTTP_TICK_MS)
#define HEAD_S           10
#define IDLE_S           30 /* between requests */
#define BODY_S           10 /* and a second more for each BYTES_PER_S that came */
#define WRITING_S        30 /* likewise for what went */
#define BYTES_PER_S      32768
#define REPLY_SMALL      4096 /* goes whatever is held */
#define LINGER_S         2
#define LINGER_BYTES_MAX ((size_t)1 << 20) /* of a refused body, read and dropped so that the reply is read */

enum stage {
        STAGE_HEAD,
        STAGE_BODY,
        STAGE_RUNNING, /* until the reply; nothing is read meanwhile */
        STAGE_HELD,    /* the reply goes later */
        STAGE_WRITING,
        STAGE_LINGER
};

struct http_connection {
        TAILQ_ENTRY(http_connection) link;
        struct http_hub *hub;
        struct bufferevent *bev;
        struct peer from;
        struct address local;
        bool tls;
        enum stage stage;
        uint64_t since;  /* hub->ticks when the stage began */
        uint64_t begun;  /* likewise: the request */
        uint64_t held;   /* how many the reply is to wait */
        size_t moved;    /* bytes that came or went in this stage */
        bool kept_alive; /* waits for another request */
        bool refused;    /* over a limit: only there to be told so */
        bool keep;       /* after the reply */

        size_t scanned;               /* of the head that comes */
        struct http_request *request; /* from its whole head on, until it is taken or replied to */
        void *taken_by;
        bool is_head, keep_alive; /* of the request: HEAD, and whether the client wants to stay */
        size_t reply_held, reply_queued;
};

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

void http_request_drop_body(struct http_request *r)
{
        body_free(&r->body, r->budget);
}

void http_request_free(struct http_request *r)
{
        if (!r)
                return;
        http_request_drop_body(r);
        free(r->text);
        free(r);
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

/* --- stages --- */

static void enter(struct http_connection *c, enum stage stage)
{
        c->stage = stage;
        c->since = c->hub->ticks;
        c->moved = 0;
}

static void drop_request(struct http_connection *c)
{
        http_request_free(c->request);
        c->request = NULL;
        c->taken_by = NULL;
        c->scanned = 0;
        c->is_head = c->keep_alive = false;
}

static void drop_reply(struct http_connection *c)
{
        c->hub->budget.held -= c->reply_held;
        c->reply_held = 0;
}

void http_connection_close(struct http_connection *c)
{
        if (c->stage == STAGE_RUNNING)
                c->hub->handler.gone(c->taken_by, c->hub->handler.context);
        TAILQ_REMOVE(&c->hub->connections, c, link);
        c->hub->count--;
        drop_request(c);
        drop_reply(c);
        bufferevent_free(c->bev);
        free(c);
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

/* --- replies --- */

static void free_reply(const void *data, size_t length, void *context)
{
        free((void *)(uintptr_t)data);
}

static const char *date_text(char out[40])
{
        time_t now = time(NULL);
        struct tm tm;

        gmtime_r(&now, &tm);
        strftime(out, 40, "%a, %d %b %Y %H:%M:%S GMT", &tm);
        return out;
}

bool http_reply_fits(const struct http_connection *c, size_t length)
{
        return length <= REPLY_SMALL || c->hub->budget.held + length <= HTTP_HELD_MAX;
}

void http_reply(struct http_connection *c, int status, const char *fields, char *body, size_t length)
{
        struct evbuffer *out = bufferevent_get_output(c->bev);
        bool bare = status == 204 || status == 304, is_head = c->is_head;
        char date[40];

        if (!bare && !is_head && !http_reply_fits(c, length)) {
                free(body);
                http_refuse(c, 503, "too many replies are on their way, nobody has memory for another");
                return;
        }
        c->keep &= c->keep_alive;
        evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\nDate: %s\r\n", status, http_status_text(status), date_text(date));
        if (!bare)
                evbuffer_add_printf(out, "Content-Length: %zu\r\n", length);
        evbuffer_add_printf(out, "%s%s\r\n", c->keep ? "" : "Connection: close\r\n", fields);
        if (bare || is_head || !length || evbuffer_add_reference(out, body, length, free_reply, NULL))
                free(body);
        else
                c->reply_held = length;
        c->hub->budget.held += c->reply_held;
        c->reply_queued = evbuffer_get_length(out);
        drop_request(c);
        bufferevent_disable(c->bev, EV_READ);
        enter(c, c->held ? STAGE_HELD : STAGE_WRITING);
        if (!c->held)
                bufferevent_enable(c->bev, EV_WRITE);
}

void http_reply_later(struct http_connection *c, uint64_t ms)
{
        c->held = ms / HTTP_TICK_MS;
        c->keep = false;
        bufferevent_disable(c->bev, EV_WRITE);
}

void http_refuse(struct http_connection *c, int status, const char *detail)
{
        bool later = status == 408 || status == 429 || status == 503;
        char *text = memory_printf("{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}\n",
                                   http_status_text(status), status, detail);

        c->keep = false;
        http_reply(c, status,
                   later ? "Content-Type: application/problem+json\r\nRetry-After: 1\r\n"
                         : "Content-Type: application/problem+json\r\n",
                   text, strlen(text));
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
                enter(c, STAGE_HEAD);
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
        c->is_head = r->head.method && !strcmp(r->head.method, "HEAD");
        if (status)
                http_refuse(c, status, why);
        return !status;
}

static void connection_run(struct http_connection *c)
{
        c->keep = true;
        enter(c, STAGE_RUNNING);
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
        enter(c, STAGE_BODY);
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

        if (c->stage != STAGE_WRITING || evbuffer_get_length(bufferevent_get_output(bev)))
                return;
        drop_reply(c);
        if (!c->keep) {
                if (!c->tls)
                        shutdown(bufferevent_getfd(bev), SHUT_WR);
                enter(c, STAGE_LINGER);
                bufferevent_enable(bev, EV_READ);
                return;
        }
        enter(c, STAGE_HEAD);
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
                enter(c, STAGE_WRITING);
                bufferevent_enable(c->bev, EV_WRITE);
        }
        if (c->stage == STAGE_WRITING)
                c->moved = c->reply_queued - evbuffer_get_length(bufferevent_get_output(c->bev));
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
        enter(c, STAGE_HEAD);
        bufferevent_setcb(bev, connection_on_read, connection_on_written, connection_on_event, c);
        if (crowded)
                http_refuse(c, 429, "too many connections from this address");
        else if (full)
                http_refuse(c, 503, "too many connections");
        else
                bufferevent_enable(bev, EV_READ | EV_WRITE);
}
