/* gslbd/serve/serve.h: the workers: UDP and TCP sockets around answer().
 *
 * Per listen address and worker one UDP socket (SO_REUSEPORT) with one thread of its own: recvmmsg, answer, sendmmsg.
 * TCP: one thread per worker with a libevent base. All threads are QSBR readers. */
#ifndef GSLBD_SERVE_SERVE_H
#define GSLBD_SERVE_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/address.h"
#include "gslbd/answer/answer.h"

struct listen_address {
        struct address address;
        uint16_t port;
};

struct limits;
struct tls_server;

struct serve_options {
        const struct listen_address *listen;
        size_t listen_count;
        unsigned workers;
        const struct listen_address *tls_listen; /* for DNS over TLS */
        size_t tls_listen_count;
        struct tls_server *tls;       /* for those; outlives the server */
        const struct prefix *proxies; /* who begins TCP connections with a header of the PROXY protocol */
        size_t proxy_count;
        /* 0 stands for the default of gslbd.yaml. */
        unsigned tcp_clients_max, tcp_clients_per_address, tcp_clients_per_network;
        size_t tcp_memory;   /* bytes that may wait in the buffers of all connections */
        size_t limits_table; /* bytes of the table of limits */
        bool confine;        /* workers to their system calls (confine.h) */
};

struct server;

/* Binds all sockets (so that a taken port is an error here, named) without answering yet. NULL with `error`. */
struct server *serve_open(const struct serve_options *, char *error, size_t error_size);
/* Starts the threads; snapshot_current() and serve_settings_current() must be set. */
bool serve_start(struct server *, char *error, size_t error_size);
/* Stops accepting, answers what has been read, closes TCP within `grace_ms`, joins the threads, frees. */
void serve_stop(struct server *, unsigned grace_ms);
/* The port that a listen address with port 0 got; those for TLS come behind the others. */
uint16_t serve_port(const struct server *, size_t listen_index);
/* What the workers count of their clients. */
const struct limits *serve_limits(const struct server *);

#endif
