#include "admin/http/peer.h"

#include <stdio.h>
#include <sys/socket.h>
#include "base/hash.h"

#define SITE_BITS 64 /* of IPv6: who has one has them all */

struct peer peer_of(int fd, const struct sockaddr *from)
{
        struct peer p = {.uid = (uid_t)-1};
        socklen_t size = sizeof(struct ucred);
        struct ucred credentials;

        address_from_sockaddr(from, &p.address, NULL);
        p.local = from->sa_family == AF_UNIX;
        if (p.local && !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size))
                p.uid = credentials.uid;
        return p;
}

static struct prefix site_of(const struct peer *p)
{
        struct prefix site = {p->address, (uint8_t)(p->address.family == ADDRESS_V6 ? SITE_BITS : 32)};

        prefix_mask(&site);
        return site;
}

bool peer_same(const struct peer *a, const struct peer *b)
{
        const struct prefix x = site_of(a), y = site_of(b);

        return a->local == b->local && (a->local ? a->uid == b->uid : prefix_equal(&x, &y));
}

uint64_t peer_hash(const struct peer *p, uint64_t seed)
{
        const struct prefix site = site_of(p);

        return p->local ? hash_mix(seed ^ p->uid) : hash_bytes(site.address.bytes, sizeof(site.address.bytes), seed);
}

char *peer_text(const struct peer *p, char out[PEER_TEXT_MAX])
{
        if (p->local)
                snprintf(out, PEER_TEXT_MAX, "local user %u", (unsigned)p->uid);
        else
                address_format(&p->address, out);
        return out;
}
