/* gslbd/serve/udp.h: one thread around one UDP socket: recvmmsg, answer, sendmmsg. */
#ifndef GSLBD_SERVE_UDP_H
#define GSLBD_SERVE_UDP_H

#include <stdbool.h>
#include <stdint.h>
#include "base/address.h"
#include "gslbd/limits/limits.h"

struct udp_worker;

/* Takes the socket, which is bound to this address. When that is all addresses, replies leave from the one that the
 * request came to. `limits` outlive the worker; `confine`: its thread to its
 * system calls. Aborts without memory. */
struct udp_worker *udp_worker_new(int fd, const struct address *, uint16_t port, struct limits *, bool confine);
bool udp_worker_start(struct udp_worker *);
/* Tells the thread to stop; udp_worker_free joins it. */
void udp_worker_stop(struct udp_worker *);
void udp_worker_free(struct udp_worker *);

#endif
