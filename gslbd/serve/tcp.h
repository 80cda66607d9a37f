/* gslbd/serve/tcp.h: one thread with a libevent base that serves TCP and TLS connections on its own listening sockets.
 */
#ifndef GSLBD_SERVE_TCP_H
#define GSLBD_SERVE_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include "gslbd/answer/answer.h"

struct tcp_worker;

struct client_counts;
struct limits;
struct tls_server;

struct tcp_options {
        unsigned clients; /* of this worker */
        struct client_counts *addresses,
                *prefixes;            /* connections by address (IPv6: by /64) and network, of all workers */
        struct limits *limits;        /* of all workers */
        bool confine;                 /* the thread to its system calls */
        size_t memory;                /* bytes that may wait in the buffers of all connections of all workers */
        struct tls_server *tls;       /* for the sockets that are */
        const struct prefix *proxies; /* who begins with a header of the PROXY protocol, and must */
        size_t proxy_count;
};

struct tcp_socket {
        int fd;
        bool tls; /* RFC 7858 */
};

/* Takes the sockets; what the options point to outlives it. NULL with `error`. */
struct tcp_worker *tcp_worker_new(const struct tcp_socket *, size_t count, const struct tcp_options *, char *error,
                                  size_t error_size);
bool tcp_worker_start(struct tcp_worker *);
/* Tells the thread to stop accepting, to write out what is answered and to end within `grace_ms`. */
void tcp_worker_stop(struct tcp_worker *, unsigned grace_ms);
void tcp_worker_free(struct tcp_worker *); /* joins the thread */

#endif
