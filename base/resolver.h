/* base/resolver.h: host names to addresses, asked of recursive resolvers by c-ares on a libevent base, without blocking
 * it.
 *
 * One thread owns a resolver: the one that runs its base. Who asks for a name that is being asked for joins those who
 * wait for it; what was found is given again until its TTL is over. At most RESOLVER_LOOKUPS_MAX names are under way at
 * a time, those that nobody answered for the last time at most half of them, so that dead names do not stand in the way
 * of living ones.
 *
 * Each question goes out from a port and with an id of its own, both random; EDNS, and TCP when a reply is truncated.
 * Names are absolute: no search list. */
#ifndef BASE_RESOLVER_H
#define BASE_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include "base/address.h"

struct event_base;
struct resolver;
struct lookup; /* somebody waits */

#define RESOLVER_LOOKUPS_MAX   64
#define RESOLVER_ADDRESSES_MAX 16   /* of a family; what is beyond is left out */
#define RESOLVER_TRY_MS        1000 /* for an answer from one server; twice that the second time */
#define RESOLVER_TRIES         2    /* at each server */
#define RESOLVER_LOOKUP_MS     5000 /* for a name in all */
#define RESOLVER_KEPT_MAX_S    60   /* however long the TTL */

enum resolver_said {
        RESOLVER_SILENT,  /* no answer, or a failure */
        RESOLVER_NO_NAME, /* the name does not exist */
        RESOLVER_ANSWERED /* `count` addresses, or none of this family */
};

struct resolved_family {
        enum resolver_said said;
        uint32_t count, ttl_s; /* the smallest TTL on the way; what is left of it when it was found before */
        struct address list[RESOLVER_ADDRESSES_MAX];
};

struct resolved {
        struct resolved_family v6, v4;
};

struct resolver_options {
        const char *const *servers; /* "127.0.0.1:53" or "[::1]:53"; none: those of /etc/resolv.conf */
        size_t server_count;
        bool hosts; /* /etc/hosts counts, ahead of them */
};

/* The options are copied. NULL with `error`. */
struct resolver *resolver_new(struct event_base *, const struct resolver_options *, char *error, size_t error_size);
/* Who still waits is not called any more. */
void resolver_free(struct resolver *);

/* Valid during the call, which may ask and cancel other lookups. */
typedef void resolver_done(void *context, const struct resolved *);

/* `done` is called once, on the base, never from inside. */
struct lookup *resolver_ask(struct resolver *, const char *name, resolver_done *, void *context);
void resolver_cancel(struct lookup *); /* the call will not come; NULL is allowed */

/* All addresses, those of IPv6 first, as the default policy of RFC 6724 has them. Returns how many. */
size_t resolved_list(const struct resolved *, struct address out[2 * RESOLVER_ADDRESSES_MAX]);

#endif
