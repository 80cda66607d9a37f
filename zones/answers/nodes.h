/* zones/answers/nodes.h: what a snapshot knows of a name: its RRsets rendered to wire, its zone, what stands above it.
 * Immutable; the snapshot's arena holds it. */
#ifndef ZONES_ANSWERS_NODES_H
#define ZONES_ANSWERS_NODES_H

#include <stddef.h>
#include <stdint.h>
#include "zones/config/model.h"
#include "zones/dns/numbers.h"

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
        NODE_FLATTEN = 16, /* a service that answers host names with their addresses */
};

/* An SVCB or HTTPS record (RFC 9460), whose hints are put in when it is asked for. */
struct node_binding {
        const struct binding *record;
        const struct node *target; /* whose addresses it hints at; NULL: no hints */
        uint32_t ttl;              /* of the record: no longer than its hints are true */
};

struct node_bindings {
        struct bindings {
                uint16_t count;
                const struct node_binding *list;
        } svcb, https;
};

/* A name that exists (RFC 8020: also empty non-terminals, with no rrsets and no service). */
struct node {
        const uint8_t *name; /* wire, lower case */
        uint8_t name_length, labels;
        uint16_t flags;
        uint16_t rrset_count;
        const struct rrset *rrsets; /* by type, ascending */
        const struct zone_data *zone;
        const struct node *cut;               /* the topmost delegation at or above this name, or NULL */
        const struct node *dname;             /* the nearest ancestor (not the name itself) with DNAME, or NULL */
        const struct route *route;            /* A, AAAA and CNAME of a service; NULL otherwise */
        const struct node_bindings *bindings; /* SVCB and HTTPS of a service; NULL: none */
        uint32_t route_ttl;
        uint32_t service; /* index into the model, or MODEL_NONE */
};

struct zone_data {
        const struct node *apex;
        const struct rrset *soa;
        const struct rr *soa_negative; /* the SOA with TTL min(TTL, MINIMUM) (RFC 2308 3) */
        const struct rrset
                *parent_ds; /* DS of this zone's name in the zone above, when both are ours (RFC 4035 3.1.4.1) */
        const struct zone_data *parent; /* that zone, or NULL */
        uint32_t serial;
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

/* NULL: none. Hot path. */
static inline const struct rrset *node_rrset(const struct node *n, uint16_t type)
{
        for (unsigned i = 0; i < n->rrset_count; i++)
                if (n->rrsets[i].type == type)
                        return &n->rrsets[i];
        return NULL;
}

/* The service's records of TYPE SVCB or HTTPS; NULL: none. */
static inline const struct bindings *node_bindings(const struct node *n, uint16_t type)
{
        if (!n->bindings || (type != TYPE_SVCB && type != TYPE_HTTPS))
                return NULL;
        const struct bindings *b = type == TYPE_SVCB ? &n->bindings->svcb : &n->bindings->https;
        return b->count ? b : NULL;
}

#endif
