/* admin/http/connection_private.h: what a connection knows of itself, for the files that make one. */
#ifndef ADMIN_HTTP_CONNECTION_PRIVATE_H
#define ADMIN_HTTP_CONNECTION_PRIVATE_H

#include "admin/http/hub.h"
#include "admin/http/peer.h"
#include "admin/http/request.h"

struct bufferevent;

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
        bool is_head, keep_alive, chunks; /* of the request: HEAD, whether the client wants to stay, HTTP/1.1 */
        size_t reply_held, reply_queued;
        bool in_pieces; /* there is more of the reply */
        bool asked;     /* and it was asked for */
        bool in_chunks;
};

static inline void connection_enter(struct http_connection *c, enum stage stage)
{
        c->stage = stage;
        c->since = c->hub->ticks;
        c->moved = 0;
}

#endif
