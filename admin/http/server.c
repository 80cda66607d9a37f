#include "admin/http/server.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/memory.h"

#define BACKLOG          128
#define EVICT_ON_FAILURE 4 /* connections that make room when descriptors end */
#define STOP_LOOK_MS     10
#define STOP_LOOKS       100

struct http_server {
        struct http_hub hub;
        struct evconnlistener *listener;
        struct event *tick;
        uint16_t port;
        bool resting;           /* accepts nothing until the next tick */
        struct event *stopping; /* looks whether it has stopped; NULL: it goes on */
        unsigned looks;
};

static void server_on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from, int size,
                             void *context)
{
        struct http_server *s = context;
        struct address address;

        address_from_sockaddr(from, &address, NULL);
        http_connection_open(&s->hub, fd, &address);
}

/* Out of descriptors or memory: rests instead of trying at once again, for ever. */
static void server_on_accept_error(struct evconnlistener *listener, void *context)
{
        static struct log_limit limit;
        struct http_server *s = context;

        log_limited(&limit, LOG_LEVEL_WARNING, "api", "cannot accept a connection: %s", strerror(errno));
        for (int i = 0; i < EVICT_ON_FAILURE && http_connection_evict(&s->hub); i++)
                continue;
        evconnlistener_disable(listener);
        s->resting = true;
}

/* However late it is: a late tick counts as one, so that time in which the server was busy counts towards no deadline.
 */
static void on_tick(evutil_socket_t fd, short what, void *context)
{
        struct http_server *s = context;

        s->hub.ticks++;
        if (s->resting && !evconnlistener_enable(s->listener))
                s->resting = false;
        for (struct http_connection *c = TAILQ_FIRST(&s->hub.connections), *next; c; c = next) {
                next = http_connection_next(c);
                http_connection_tick(c);
        }
}

static bool server_listen_on(struct http_server *s, const struct address *address, uint16_t port)
{
        struct sockaddr_storage at;
        socklen_t size = address_to_sockaddr(address, port, &at);

        s->listener = evconnlistener_new_bind(s->hub.base, server_on_accept, s,
                                              LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
                                              BACKLOG, (struct sockaddr *)&at, (int)size);
        if (!s->listener)
                return false;
        evconnlistener_set_error_cb(s->listener, server_on_accept_error);
        size = sizeof(at);
        if (!getsockname(evconnlistener_get_fd(s->listener), (struct sockaddr *)&at, &size)) {
                struct address bound;
                address_from_sockaddr((struct sockaddr *)&at, &bound, &s->port);
        }
        return true;
}

struct http_server *http_server_open(struct event_base *base, const struct address *address, uint16_t port,
                                     struct tls_server *tls, struct http_handler handler, char *error,
                                     size_t error_size)
{
        const struct timeval interval = {0, HTTP_TICK_MS * 1000};
        struct http_server *s = memory_alloc(sizeof(*s));
        char text[ADDRESS_TEXT_MAX];

        s->hub.base = base;
        s->hub.handler = handler;
        s->hub.tls = tls;
        TAILQ_INIT(&s->hub.connections);
        s->tick = event_new(base, -1, EV_PERSIST, on_tick, s);
        if (!s->tick || event_add(s->tick, &interval) || !server_listen_on(s, address, port)) {
                snprintf(error, error_size, "cannot listen on %s port %u for the admin API: %s",
                         address_format(address, text), port, strerror(errno));
                http_server_close(s);
                return NULL;
        }
        return s;
}

static void on_stopping(evutil_socket_t fd, short what, void *context)
{
        struct http_server *s = context;

        for (struct http_connection *c = TAILQ_FIRST(&s->hub.connections), *next; c; c = next) {
                next = http_connection_next(c);
                if (!http_connection_writes(c))
                        http_connection_close(c);
        }
        if (TAILQ_EMPTY(&s->hub.connections) || ++s->looks == STOP_LOOKS)
                event_base_loopbreak(s->hub.base);
}

void http_server_stop(struct http_server *s)
{
        const struct timeval soon = {0, STOP_LOOK_MS * 1000};

        evconnlistener_free(s->listener);
        s->listener = NULL;
        event_del(s->tick);
        s->stopping = event_new(s->hub.base, -1, EV_PERSIST, on_stopping, s);
        if (!s->stopping || event_add(s->stopping, &soon))
                event_base_loopbreak(s->hub.base);
        on_stopping(-1, 0, s);
}

void http_server_close(struct http_server *s)
{
        if (!s)
                return;
        while (!TAILQ_EMPTY(&s->hub.connections))
                http_connection_close(TAILQ_FIRST(&s->hub.connections));
        if (s->listener)
                evconnlistener_free(s->listener);
        if (s->tick)
                event_free(s->tick);
        if (s->stopping)
                event_free(s->stopping);
        free(s);
}

uint16_t http_server_port(const struct http_server *s)
{
        return s->port;
}
