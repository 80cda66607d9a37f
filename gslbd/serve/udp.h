/* gslbd/serve/udp.h: one thread around one UDP socket: recvmmsg, answer, sendmmsg. */
#ifndef GSLBD_SERVE_UDP_H
#define GSLBD_SERVE_UDP_H

#include <stdbool.h>
#include "gslbd/answer/answer.h"

struct udp_worker;

/* Takes the socket. `wildcard`: replies leave from the address the request came to. Aborts without memory. */
struct udp_worker *udp_worker_new(int fd, bool wildcard);
bool udp_worker_start(struct udp_worker *);
/* Tells the thread to stop; udp_worker_free joins it. */
void udp_worker_stop(struct udp_worker *);
void udp_worker_free(struct udp_worker *);

#endif
