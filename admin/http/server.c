#include "admin/http/server.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/log.h"
#include "base/memory.h"

#define BACKLOG          128
#define LISTENING_MAX    8
#define EVICT_ON_FAILURE 4 /* connections that make room when descriptors end */
#define STOP_LOOK_MS     10
#define STOP_LOOKS       100

struct listening {
        struct http_server *server;
        struct evconnlistener *listener;
        struct tls_server *tls;
        uint16_t port;
        char *path; /* of a Unix socket, which goes with us; NULL: none */
};

struct http_server {
        struct http_hub hub;
        struct listening *listening[LISTENING_MAX];
        size_t count;
        struct event *tick;
        bool resting;           /* accepts nothing until the next tick */
        struct event *stopping; /* looks whether it has stopped; NULL: it goes on */
        unsigned looks;
};

static void server_on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from, int size,
                             void *context)
{
        struct listening *l = context;
        const struct peer peer = peer_of(fd, from);

        http_connection_open(&l->server->hub, fd, &peer, l->tls);
}

static void rest(struct http_server *s)
{
        for (size_t i = 0; i < s->count; i++)
                evconnlistener_disable(s->listening[i]->listener);
        s->resting = true;
}

static void rested(struct http_server *s)
{
        s->resting = false;
        for (size_t i = 0; i < s->count; i++)
                s->resting |= evconnlistener_enable(s->listening[i]->listener) != 0;
}

/* Out of descriptors or memory: rests instead of trying at once again, for ever. */
static void server_on_accept_error(struct evconnlistener *listener, void *context)
{
        static struct log_limit limit;
        struct http_server *s = ((struct listening *)context)->server;

        log_limited(&limit, LOG_LEVEL_WARNING, "api", "cannot accept a connection: %s", strerror(errno));
        for (int i = 0; i < EVICT_ON_FAILURE && http_connection_evict(&s->hub); i++)
                continue;
        rest(s);
}

/* However late it is: a late tick counts as one, so that time in which the server was busy counts towards no deadline.
 */
static void on_tick(evutil_socket_t fd, short what, void *context)
{
        struct http_server *s = context;

        s->hub.ticks++;
        if (s->resting)
                rested(s);
        for (struct http_connection *c = TAILQ_FIRST(&s->hub.connections), *next; c; c = next) {
                next = http_connection_next(c);
                http_connection_tick(c);
        }
}

/* The socket of one that was killed stands in the way; that of one that listens does too, and stays. */
static bool unix_address(const char *path, struct sockaddr_un *at)
{
        struct stat status;

        *at = (struct sockaddr_un){.sun_family = AF_UNIX};
        if (strlen(path) >= sizeof(at->sun_path)) {
                errno = ENAMETOOLONG;
                return false;
        }
        memcpy(at->sun_path, path, strlen(path));
        if (lstat(path, &status) || !S_ISSOCK(status.st_mode))
                return true; /* bind() says what is wrong with what is there */
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool left = fd >= 0 && connect(fd, (struct sockaddr *)at, sizeof(*at)) && errno == ECONNREFUSED;
        if (fd >= 0)
                close(fd);
        if (left)
                unlink(path);
        return true;
}

static socklen_t address_of(const struct http_listen *at, struct sockaddr_storage *out)
{
        if (!at->path)
                return address_to_sockaddr(&at->address, at->port, out);
        return unix_address(at->path, (struct sockaddr_un *)out) ? sizeof(struct sockaddr_un) : 0;
}

static bool listen_there(struct listening *l, const struct http_listen *at)
{
        unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | (at->path ? 0 : LEV_OPT_REUSEABLE);
        struct sockaddr_storage address;
        socklen_t size = address_of(at, &address);
        struct address bound;

        l->listener = size ? evconnlistener_new_bind(l->server->hub.base, server_on_accept, l, flags, BACKLOG,
                                                     (struct sockaddr *)&address, (int)size)
                           : NULL;
        if (!l->listener)
                return false;
        evconnlistener_set_error_cb(l->listener, server_on_accept_error);
        if (at->path) {
                l->path = memory_strdup(at->path);
                return !chmod(at->path, 0666); /* who may do what is said by who it is */
        }
        size = sizeof(address);
        if (!getsockname(evconnlistener_get_fd(l->listener), (struct sockaddr *)&address, &size))
                address_from_sockaddr((struct sockaddr *)&address, &bound, &l->port);
        return true;
}

struct http_server *http_server_new(struct event_base *base, const struct http_limits *limits,
                                    struct http_handler handler)
{
        const struct timeval interval = {0, HTTP_TICK_MS * 1000};
        struct http_server *s = memory_alloc(sizeof(*s));

        s->hub.base = base;
        s->hub.handler = handler;
        s->hub.limits = *limits;
        TAILQ_INIT(&s->hub.connections);
        s->tick = event_new(base, -1, EV_PERSIST, on_tick, s);
        if (s->tick && !event_add(s->tick, &interval))
                return s;
        http_server_close(s);
        return NULL;
}

bool http_server_listen(struct http_server *s, const struct http_listen *at, struct tls_server *tls, char *error,
                        size_t error_size)
{
        char text[ADDRESS_PORT_TEXT_MAX];
        struct listening *l;

        assert(s->count < LISTENING_MAX);
        l = s->listening[s->count++] = memory_alloc(sizeof(*l));
        l->server = s;
        l->tls = at->path ? NULL : tls;
        if (listen_there(l, at))
                return true;
        snprintf(error, error_size, "cannot listen on %s for the admin API: %s",
                 at->path ? at->path : address_port_format(&at->address, at->port, text), strerror(errno));
        return false;
}

static void listening_close(struct http_server *s)
{
        for (size_t i = 0; i < s->count; i++) {
                struct listening *l = s->listening[i];
                if (l->listener)
                        evconnlistener_free(l->listener);
                if (l->path)
                        unlink(l->path);
                free(l->path);
                free(l);
        }
        s->count = 0;
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

        listening_close(s);
        s->stopping = event_new(s->hub.base, -1, EV_PERSIST, on_stopping, s);
        if (!s->stopping || event_add(s->stopping, &soon))
                event_base_loopbreak(s->hub.base);
        on_stopping(-1, 0, s);
}

void http_server_disconnect(struct http_server *s)
{
        while (!TAILQ_EMPTY(&s->hub.connections))
                http_connection_close(TAILQ_FIRST(&s->hub.connections));
        listening_close(s);
}

void http_server_close(struct http_server *s)
{
        if (!s)
                return;
        http_server_disconnect(s);
        if (s->tick)
                event_free(s->tick);
        if (s->stopping)
                event_free(s->stopping);
        free(s);
}

uint16_t http_server_port(const struct http_server *s, size_t i)
{
        return s->listening[i]->port;
}

unsigned long long http_server_refused(const struct http_server *s)
{
        return s->hub.refused;
}
