/* admin/http/peer.h: who is at the other end of a connection, as far as that is known before anything is said. */
#ifndef ADMIN_HTTP_PEER_H
#define ADMIN_HTTP_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/address.h"

#define PEER_TEXT_MAX 64

struct peer {
        struct address address; /* of a network */
        bool local;             /* it came over a Unix socket: from a process of this user */
        uid_t uid;
};

/* What comes over the connection's socket, whose address accept() told. */
struct peer peer_of(int fd, const struct sockaddr *);
/* Whether two count as one for limits: the same address, of IPv6 the same /64; the same local user. */
bool peer_same(const struct peer *, const struct peer *);
uint64_t peer_hash(const struct peer *, uint64_t seed); /* likewise */
/* "192.0.2.1", "local user 1000" */
char *peer_text(const struct peer *, char out[PEER_TEXT_MAX]);

#endif
