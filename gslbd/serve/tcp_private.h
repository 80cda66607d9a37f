/* gslbd/serve/tcp_private.h: what the files of TCP share. All on the worker's thread. */
#ifndef GSLBD_SERVE_TCP_PRIVATE_H
#define GSLBD_SERVE_TCP_PRIVATE_H

#include <event2/event.h>
#include <event2/listener.h>
#include <pthread.h>
#include <sys/queue.h>
#include "gslbd/limits/limits.h"
#include "gslbd/serve/proxy.h"
#include "gslbd/serve/tcp.h"

struct bufferevent;
struct evbuffer_cb_entry;

/* One connection. They stand in the worker's list in the order of their last whole message, longest ago first. */
struct connection {
        TAILQ_ENTRY(connection) entry;
        struct tcp_worker *worker;
        struct bufferevent *stream; /* NULL: the proxy's header is still awaited */
        struct answer_peer peer;
        uint64_t last_ms;
        unsigned address_slot, prefix_slot; /* of its client's counts */
        bool counted, prefix_counted;       /* false: a proxy's, whose client is not known yet; or no limit is for it */
        bool finishing;                     /* the peer has closed its side: end once all is written */
        bool tls, shaken;                   /* over TLS, and the handshake is done */
        struct evbuffer_cb_entry *flow;     /* watches a transfer being written; NULL: none is */
        size_t flowed;                      /* bytes of it since it last counted as progress */
        size_t held;                        /* bytes that wait in its buffers, as counted last */
        int fd;                             /* while there is no stream */
        struct event *header_due;           /* likewise: readable */
        size_t header_length;               /* bytes of it that have come */
        uint8_t *header;                    /* PROXY_MAX of them, while it is awaited */
};

struct listener {
        struct tcp_worker *worker;
        struct evconnlistener *socket;
        bool tls;
};

struct tcp_worker {
        struct event_base *base;
        struct listener *listeners;
        size_t listener_count;
        struct event *sweep, *stop;
        pthread_t thread;
        bool running, draining, resting; /* resting: accepts nothing until the next sweep */
        unsigned grace_ms;
        uint64_t drain_deadline_ms;
        struct tcp_options options;
        unsigned clients;
        TAILQ_HEAD(, connection) connections;
        struct answer_context answer;
        struct picker_state picker;
        struct limiter *limiter;
        uint8_t reply[ANSWER_REPLY_MAX];
};

/* Takes an accepted socket; it is closed when there is no room for it. */
void connection_open(struct tcp_worker *, int fd, const struct address *from, bool tls);
void connection_close(struct connection *);

#endif
