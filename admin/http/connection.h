/* admin/http/connection.h: one connection of a client and the request under way on it. The thread that runs the hub's
 * event loop; but a request that was taken off its connection belongs to who took it.
 *
 * A request is admitted by its head alone: who may not make it is answered before a byte of its body is kept. Bodies
 * and replies are held within a budget over all connections. Every stage has a deadline, which only time in which the
 * server could serve counts towards: what it did itself meanwhile costs no client its reply. */
#ifndef ADMIN_HTTP_CONNECTION_H
#define ADMIN_HTTP_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include "admin/http/body.h"
#include "admin/http/head.h"
#include "admin/http/peer.h"

#define HTTP_TICK_MS      250
#define HTTP_REFUSALS_MAX 32 /* connections beyond the limits that are still told so */

struct event_base;
struct tls_server;
struct http_connection;

/* What makes sense of requests. */
struct http_handler {
        /* The head is there and a body follows. true with the most bytes of it that are taken, or false after a reply.
         */
        bool (*admit)(struct http_connection *, size_t *body_limit, void *context);
        /* The request is whole: it replies before it returns, or later. The head and the body stay until then, or as
         * long as it likes when it takes the request. */
        void (*run)(struct http_connection *, void *context);
        /* The connection is closed before the reply that is due: nobody waits for it any more. `taken_by`: see
         * http_request_take. */
        void (*gone)(void *taken_by, void *context);
        void *context;
};

/* A request as it came. */
struct http_request {
        char *text; /* of the head */
        struct head head;
        struct body body;
        struct http_budget *budget; /* that the body counts in */
};

void http_request_free(struct http_request *);      /* NULL is allowed */
void http_request_drop_body(struct http_request *); /* frees it as soon as it was read */

/* What others may take of a server. */
struct http_limits {
        size_t connections, connections_per_peer;
        uint64_t request_ms; /* from the first byte of a request to its last */
};

/* What all connections of a server share; the server owns it. */
struct http_hub {
        struct event_base *base;
        struct http_handler handler;
        struct http_limits limits;
        TAILQ_HEAD(http_connections, http_connection) connections; /* oldest first */
        size_t count;
        struct http_budget budget;
        uint64_t ticks;        /* of the time in which the server could serve */
        atomic_ullong refused; /* connections, since the start */
};

/* Takes the descriptor. Connections over a limit are told so and closed. `tls`: NULL for plain HTTP. */
void http_connection_open(struct http_hub *, int fd, const struct peer *, struct tls_server *tls);
void http_connection_tick(struct http_connection *); /* may free it */
void http_connection_close(struct http_connection *);
bool http_connection_writes(const struct http_connection *); /* its reply is on its way */
struct http_connection *http_connection_next(struct http_connection *);
/* Closes the connection that waited longest without a whole request. false: there is none. */
bool http_connection_evict(struct http_hub *);

/* --- the request under way, for the handler --- */

const struct http_request *http_request_of(const struct http_connection *);
/* Takes the request off its connection; `by` is told when nobody waits for a reply any more. */
struct http_request *http_request_take(struct http_connection *, void *by);
const struct peer *http_request_from(const struct http_connection *);
const struct address *http_request_local(const struct http_connection *);
bool http_request_is_tls(const struct http_connection *);
/* Whether the client has shown a certificate of this name. */
bool http_request_is_from(const struct http_connection *, const char *name);
/* The reply that comes next goes so much later: it is to cost who gets it time. */
void http_reply_later(struct http_connection *, uint64_t ms);
/* `fields`: lines "Name: value\r\n". Takes `body` (malloc) over. */
void http_reply(struct http_connection *, int status, const char *fields, char *body, size_t length);
/* Whether there is memory for a reply of this length; http_reply says 503 in its place otherwise. */
bool http_reply_fits(const struct http_connection *, size_t length);
/* A problem document that the server itself has a reason for. */
void http_refuse(struct http_connection *, int status, const char *detail);

#endif
