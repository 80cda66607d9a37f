/* admin/http/hub.h: what all connections of a server share, and who makes sense of their requests. The thread that runs
 * the event loop. */
#ifndef ADMIN_HTTP_HUB_H
#define ADMIN_HTTP_HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include "admin/http/body.h"

struct event_base;
struct http_connection;

#define HTTP_TICK_MS      250
#define HTTP_REFUSALS_MAX 32 /* connections beyond the limits that are still told so */

/* What makes sense of requests. */
struct http_handler {
        /* The head is there and a body follows. true with the most bytes of it that are taken, or false after a reply.
         */
        bool (*admit)(struct http_connection *, size_t *body_limit, void *context);
        /* The request is whole: it replies before it returns, or later. The head and the body stay until then, or as
         * long as it likes when it takes the request. */
        void (*run)(struct http_connection *, void *context);
        /* The connection is closed before the reply that is due, or the rest of one in pieces: nobody waits for it any
         * more. `taken_by`: see http_request_take. */
        void (*gone)(void *taken_by, void *context);
        /* The next piece of a reply is wanted: http_reply_piece or http_reply_break is to be called, once. */
        void (*more)(void *taken_by, void *context);
        void *context;
};

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

#endif
