/* zones/answers/nodes.h: what a snapshot knows of a name: its RRsets rendered to wire, what is chosen there, its zone.
 * Immutable; each stands in one block with all that is its own, and points to nothing that a change of something else
 * replaces: the zone is told by number, and delegations and DNAME above it are found when it is looked up. */
#ifndef ZONES_ANSWERS_NODES_H
#define ZONES_ANSWERS_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "zones/config/model.h"
#include "zones/dns/numbers.h"

struct ordered;
struct route;

#define RR_POINTERS_MAX 2

/* One resource record without its owner, ready to be copied behind an owner pointer: TYPE, CLASS, TTL, RDLENGTH, RDATA.
 * Names in RDATA of the types of RFC 1035 that end in the zone's name end in a compression pointer instead (RFC 3597
 * 4); it is stored relative to the zone's name in the question and must be patched at `pointers` (offsets into wire)
 * with COMPRESSED + HEADER_SIZE + (qname length - apex length). 0: none. */
struct rr {
        const uint8_t *wire;
        uint16_t length;
        uint16_t pointers[RR_POINTERS_MAX];
};

struct rrset {
        uint16_t type, count;
        uint32_t ttl;
        uint32_t size; /* of all wires */
        const struct rr *rrs;
};

enum node_flag {
        NODE_APEX = 1,
        NODE_CUT = 2,            /* NS below the apex: a delegation (RFC 1034 4.2.1) */
        NODE_WILDCARD_CHILD = 4, /* *.this exists */
        NODE_DNAME = 8,
        NODE_FLATTEN = 16,   /* a service that answers host names with their addresses */
        NODE_SERVICE = 32,   /* a service stands here, enabled or not */
        NODE_APART = 64,     /* of its memory: zones/answers/blocks.h */
        NODE_OCCLUDED = 128, /* in a zone below, which answers: for transfers, and DS of that zone's name */
};

/* An SVCB or HTTPS record (RFC 9460), whose hints are put in when it is asked for. */
struct node_binding {
        const uint8_t *rdata; /* wire, without the hints: priority, target, parameters */
        uint16_t length, target_length;
        uint16_t ipv4hint_at, ipv6hint_at; /* where they go in it, by number of key */
        bool hints;                        /* of the service that its target is (snapshot_target) */
};

struct bindings {
        uint16_t count;
        const struct node_binding *list;
};

/* What is chosen at a name. */
struct node_service {
        const struct route *route;   /* A, AAAA and CNAME; NULL: the service is disabled */
        const uint32_t *pools;       /* by number, in order, for transfers; none when it is disabled */
        struct bindings svcb, https; /* none when it is disabled */
        uint32_t pool_count;
        uint32_t ttl;
        uint32_t number; /* index into the model */
};

/* A name that exists (RFC 8020: also empty non-terminals, with no rrsets and no service). */
struct node {
        uint32_t zone;        /* its number */
        uint16_t rrset_count; /* at the apex without the SOA, which is the zone's */
        uint8_t flags;
        uint8_t name_length;
        uint8_t name[]; /* wire, lower case. Behind it, aligned: struct node_service if there is one, then the RRsets by
                         * type, ascending */
};

#define NODE_ALIGNMENT 8u
static inline size_t node_aligned(size_t size)
{
        return (size + NODE_ALIGNMENT - 1) & ~(size_t)(NODE_ALIGNMENT - 1);
}

/* What a secondary gets of a service over this pool, whatever is healthy: `count` records, each a type (2 bytes), a
 * length (2 bytes) and RDATA: the addresses of its enabled endpoints or, when it has none, its first host name. */
struct pool_contents {
        bool apart;
        uint16_t count;
        uint32_t size;
        uint8_t records[];
};

struct zone_data {
        uint32_t number, serial;
        bool apart;
        uint8_t name_length, labels;
        const uint8_t *name;         /* wire, lower case */
        const struct ordered *names; /* all of it, also what zones below occlude, and the names of those zones */
        uint32_t cuts, dnames;       /* how many of its names are: look-ups search above only where there are any */
        struct rrset soa;
        struct rr soa_negative; /* the SOA with TTL min(TTL, MINIMUM) (RFC 2308 3) */
        struct zone_readers {
                const struct prefix *networks;
                const uint8_t *const *keys; /* names, wire, lower case; NULL: no name that a key can have */
                uint32_t network_count, key_count;
        } readers; /* who may transfer it; both empty: nobody */
};

/* A name as found in a question: wire form in lower case. */
struct lookup {
        const struct zone_data *zone; /* NULL: no zone of ours holds the name; all else is NULL then */
        const struct node *exact;     /* the name itself */
        const struct node *closest;   /* closest encloser (the name itself when exact; RFC 4592 3.3.1) */
        const struct node *wildcard;  /* *.closest when not exact and it exists */
        const struct node *cut;       /* the topmost delegation at or above the name, below the apex */
        const struct node *dname;     /* an ancestor (not the name itself) with DNAME */
};

/* NULL: no service stands here. Hot path, as all below. */
static inline const struct node_service *node_service(const struct node *n)
{
        return n->flags & NODE_SERVICE ? (const void *)((const uint8_t *)n + node_aligned(sizeof(*n) + n->name_length))
                                       : NULL;
}

/* The TTL of a binding of service `n`, no longer than its hints are true; `target`: its snapshot_target. */
static inline uint32_t binding_ttl(const struct node *n, const struct node *target)
{
        uint32_t own = node_service(n)->ttl, other = target ? node_service(target)->ttl : own;

        return other < own ? other : own;
}

/* NULL: no service, or a disabled one. */
static inline const struct route *node_route(const struct node *n)
{
        const struct node_service *s = node_service(n);
        return s ? s->route : NULL;
}

static inline const struct rrset *node_rrsets(const struct node *n)
{
        return (const void *)((const uint8_t *)n + node_aligned(sizeof(*n) + n->name_length) +
                              (n->flags & NODE_SERVICE ? sizeof(struct node_service) : 0));
}

/* NULL: none. */
static inline const struct rrset *node_rrset(const struct node *n, uint16_t type)
{
        const struct rrset *sets = node_rrsets(n);

        for (unsigned i = 0; i < n->rrset_count; i++)
                if (sets[i].type == type)
                        return &sets[i];
        return NULL;
}

/* With the SOA at the apex of the node's zone. */
static inline const struct rrset *zone_rrset(const struct zone_data *z, const struct node *n, uint16_t type)
{
        return type == TYPE_SOA && n->flags & NODE_APEX ? &z->soa : node_rrset(n, type);
}

/* The service's records of TYPE SVCB or HTTPS; NULL: none. */
static inline const struct bindings *node_bindings(const struct node *n, uint16_t type)
{
        if (type != TYPE_SVCB && type != TYPE_HTTPS)
                return NULL;
        const struct node_service *s = node_service(n);
        const struct bindings *b = !s ? NULL : type == TYPE_SVCB ? &s->svcb : &s->https;
        return b && b->count ? b : NULL;
}

#endif
