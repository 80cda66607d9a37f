#include "gslbd/serve/serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/memory.h"
#include "gslbd/limits/limits.h"
#include "gslbd/serve/client_counts.h"
#include "gslbd/serve/sockets.h"
#include "gslbd/serve/tcp.h"
#include "gslbd/serve/udp.h"

#define TCP_CLIENTS_DEFAULT             4096
#define TCP_CLIENTS_PER_ADDRESS_DEFAULT 128
#define TCP_CLIENTS_PER_NETWORK_DEFAULT 1024
#define TCP_MEMORY_DEFAULT              ((size_t)512 << 20)
#define LIMITS_TABLE_DEFAULT            ((size_t)2 << 20)
#define PICK_TRIES                      16

struct server {
        struct udp_worker **udp; /* by listen address, then worker */
        size_t udp_count;
        struct tcp_worker **tcp; /* by worker */
        size_t tcp_count;
        struct client_counts *addresses, *networks;
        struct limits *limits;
        uint16_t *ports;
};

static unsigned or_default(unsigned value, unsigned fallback)
{
        return value ? value : fallback;
}

/* A TCP and a UDP socket on the same port, which the system picks when the address says 0. The first worker makes sure
 * that nobody else has it. */
static bool open_pair(const struct listen_address *l, bool first, int *udp, int *tcp, uint16_t *port, char *error,
                      size_t error_size)
{
        if (first && l->port && !socket_tcp_free(&l->address, l->port, error, error_size))
                return false;
        *tcp = socket_tcp(&l->address, l->port, error, error_size);
        if (*tcp < 0)
                return false;
        *port = l->port ? l->port : socket_port(*tcp);
        *udp = !first || socket_udp_free(&l->address, *port, error, error_size)
                       ? socket_udp(&l->address, *port, error, error_size)
                       : -1;
        if (*udp < 0)
                close(*tcp);
        return *udp >= 0;
}

/* A port that the system picked for TCP may be somebody's for UDP: it picks another. */
static bool open_listen(const struct listen_address *l, bool first, int *udp, int *tcp, uint16_t *port, char *error,
                        size_t error_size)
{
        for (int tries = l->port ? 1 : PICK_TRIES; tries; tries--)
                if (open_pair(l, first, udp, tcp, port, error, error_size))
                        return true;
        return false;
}

/* Worker `number`'s sockets on every listen address: UDP workers, and what the TCP worker listens on. false: those that
 * are open are in `sockets`. */
static bool open_sockets(struct server *s, const struct serve_options *o, unsigned number, struct tcp_socket *sockets,
                         size_t *opened, char *error, size_t error_size)
{
        for (*opened = 0; *opened < o->listen_count; ++*opened) {
                size_t i = *opened;
                struct listen_address l = {o->listen[i].address, number ? s->ports[i] : o->listen[i].port};
                int udp;
                if (!open_listen(&l, !number, &udp, &sockets[i].fd, &s->ports[i], error, error_size))
                        return false;
                s->udp[s->udp_count++] = udp_worker_new(udp, &l.address, s->ports[i], s->limits, o->confine);
        }
        for (; *opened < o->listen_count + o->tls_listen_count; ++*opened) {
                size_t i = *opened;
                const struct listen_address *l = &o->tls_listen[i - o->listen_count];
                if (!number && l->port && !socket_tcp_free(&l->address, l->port, error, error_size))
                        return false;
                sockets[i].fd = socket_tcp(&l->address, number ? s->ports[i] : l->port, error, error_size);
                if (sockets[i].fd < 0)
                        return false;
                sockets[i].tls = true;
                s->ports[i] = socket_port(sockets[i].fd);
        }
        return true;
}

static bool open_worker(struct server *s, const struct serve_options *o, unsigned number, char *error,
                        size_t error_size)
{
        struct tcp_socket *sockets = memory_alloc((o->listen_count + o->tls_listen_count) * sizeof(*sockets));
        size_t opened;
        bool good = open_sockets(s, o, number, sockets, &opened, error, error_size);
        const struct tcp_options options = {
                .clients = or_default(o->tcp_clients_max, TCP_CLIENTS_DEFAULT) / o->workers + 1,
                .addresses = s->addresses,
                .prefixes = s->networks,
                .limits = s->limits,
                .confine = o->confine,
                .memory = o->tcp_memory ? o->tcp_memory : TCP_MEMORY_DEFAULT,
                .tls = o->tls,
                .proxies = o->proxies,
                .proxy_count = o->proxy_count,
        };
        if (good) {
                s->tcp[s->tcp_count] = tcp_worker_new(sockets, opened, &options, error, error_size);
                good = s->tcp[s->tcp_count] != NULL;
                s->tcp_count += good;
        } else {
                while (opened)
                        close(sockets[--opened].fd);
        }
        free(sockets);
        return good;
}

struct server *serve_open(const struct serve_options *o, char *error, size_t error_size)
{
        struct server *s = memory_alloc(sizeof(*s));

        s->udp = memory_alloc(o->listen_count * o->workers * sizeof(struct udp_worker *));
        s->tcp = memory_alloc(o->workers * sizeof(struct tcp_worker *));
        s->addresses = client_counts_new(or_default(o->tcp_clients_per_address, TCP_CLIENTS_PER_ADDRESS_DEFAULT));
        s->networks = client_counts_new(or_default(o->tcp_clients_per_network, TCP_CLIENTS_PER_NETWORK_DEFAULT));
        s->limits = limits_new(o->limits_table ? o->limits_table : LIMITS_TABLE_DEFAULT,
                               o->workers * ((unsigned)o->listen_count + 1));
        s->ports = memory_alloc((o->listen_count + o->tls_listen_count) * sizeof(*s->ports));
        if (!s->limits) {
                snprintf(error, error_size, "no memory for the table of limits");
                serve_stop(s, 0);
                return NULL;
        }
        for (unsigned i = 0; i < o->workers; i++)
                if (!open_worker(s, o, i, error, error_size)) {
                        serve_stop(s, 0);
                        return NULL;
                }
        return s;
}

bool serve_start(struct server *s, char *error, size_t error_size)
{
        bool good = true;

        for (size_t i = 0; i < s->udp_count && good; i++)
                good = udp_worker_start(s->udp[i]);
        for (size_t i = 0; i < s->tcp_count && good; i++)
                good = tcp_worker_start(s->tcp[i]);
        if (!good)
                snprintf(error, error_size, "cannot start the answering threads: the system gives no more threads");
        return good;
}

void serve_stop(struct server *s, unsigned grace_ms)
{
        for (size_t i = 0; i < s->udp_count; i++)
                udp_worker_stop(s->udp[i]);
        for (size_t i = 0; i < s->tcp_count; i++)
                tcp_worker_stop(s->tcp[i], grace_ms);
        for (size_t i = 0; i < s->udp_count; i++)
                udp_worker_free(s->udp[i]);
        for (size_t i = 0; i < s->tcp_count; i++)
                tcp_worker_free(s->tcp[i]);
        free(s->udp);
        free(s->tcp);
        client_counts_free(s->addresses);
        client_counts_free(s->networks);
        limits_free(s->limits);
        free(s->ports);
        free(s);
}

const struct limits *serve_limits(const struct server *s)
{
        return s->limits;
}

uint16_t serve_port(const struct server *s, size_t listen_index)
{
        return s->ports[listen_index];
}
