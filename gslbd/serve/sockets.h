/* gslbd/serve/sockets.h: opening the listening sockets, with the options a name server needs. Control thread. */
#ifndef GSLBD_SERVE_SOCKETS_H
#define GSLBD_SERVE_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/address.h"

/* A bound socket with SO_REUSEPORT, or -1 with a message. With port 0 the system picks one: read it back with
 * socket_port. */
int socket_udp(const struct address *, uint16_t port, char *error,
               size_t error_size); /* blocking, wakes every SOCKET_WAKE_MS */
int socket_tcp(const struct address *, uint16_t port, char *error, size_t error_size); /* listening, non-blocking */
/* Whether nobody has the port yet, not even another gslbd of ours, which SO_REUSEPORT would let share it. false with a
 * message that names the holder. */
bool socket_udp_free(const struct address *, uint16_t port, char *error, size_t error_size);
bool socket_tcp_free(const struct address *, uint16_t port, char *error, size_t error_size);
uint16_t socket_port(int fd);
/* Whether replies must carry the address the request came to (the socket is bound to all addresses). */
bool address_is_wildcard(const struct address *);

#define SOCKET_WAKE_MS 200 /* how long a UDP worker sleeps at most before it looks whether it should stop */

#endif
