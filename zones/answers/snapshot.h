/* zones/answers/snapshot.h: the immutable compiled form of one revision that workers answer from.
 *
 * One arena: names, RRsets rendered to wire, zones, services. The control thread builds it from a model and publishes it as the one root
 * pointer; workers get it with `snapshot_current()` inside a QSBR read section; the one it replaces is
 * released after its grace period. What changes without a revision (health, load) lives in the steering tables that hang off it and are
 * replaced pointer by pointer (zones/steering/steering.h). */
#ifndef ZONES_ANSWERS_SNAPSHOT_H
#define ZONES_ANSWERS_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/rcu.h"
#include "geo/locate.h"
#include "zones/config/model.h"

struct steering;
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
        const struct node *cut;   /* the topmost delegation at or above this name, or NULL */
        const struct node *dname; /* the nearest ancestor (not the name itself) with DNAME, or NULL */
        const struct route *route; /* A, AAAA and CNAME of a service; NULL otherwise */
        const struct node_bindings *bindings; /* SVCB and HTTPS of a service; NULL: none */
        uint32_t route_ttl;
        uint32_t service; /* index into the model, or MODEL_NONE */
};

struct zone_data {
        const struct node *apex;
        const struct rrset *soa, *ns;
        const struct rr *soa_negative; /* the SOA with TTL min(TTL, MINIMUM) (RFC 2308 3) */
        const struct rrset *parent_ds; /* DS of this zone's name in the zone above, when both are ours (RFC 4035 3.1.4.1) */
        const struct zone_data *parent; /* that zone, or NULL */
        uint32_t serial;
};

struct snapshot {
        struct arena *arena;
        const struct model *model; /* owned */
        struct steering *steering; /* owned */
        const struct locator *locator; /* that of `steering` */
        uint64_t revision;
        const struct names *names; /* the name table */
        size_t node_count;
};

/* Builds from `model`, which it takes (also when it fails). NULL with problems: what is wrong is
 * something that only rendering finds, or memory. */
struct snapshot *snapshot_build(struct model *model, const struct geo *geo, const struct snapshot *previous, struct problems *);
void snapshot_free(struct snapshot *);

/* Publishes (control thread): readers see it at their next query. The one before is freed after its grace period. */
void snapshot_publish(struct snapshot *);
/* The published one; NULL before the first. Readers: within a QSBR section. The control thread: any time. */
struct snapshot *snapshot_current(void);

/* A name as found in a question: wire form in lower case. */
struct lookup {
        const struct zone_data *zone; /* NULL: no zone of ours holds the name; all else is NULL then */
        const struct node *exact;     /* the name itself */
        const struct node *closest;   /* closest encloser (the name itself when exact; RFC 4592 3.3.1) */
        const struct node *wildcard;  /* *.closest when not exact and it exists */
        const struct node *cut;       /* the topmost delegation at or above the name, below the apex */
        const struct node *dname;     /* an ancestor (not the name itself) with DNAME */
};

/* Hot path: time does not grow with the number of names. `name` is canonical wire, at most NAME_WIRE_MAX. */
void snapshot_lookup(const struct snapshot *, const uint8_t *name, unsigned length, struct lookup *);
const struct rrset *node_rrset(const struct node *, uint16_t type); /* NULL: none */
/* The service's records of TYPE SVCB or HTTPS; NULL: none. */
const struct bindings *node_bindings(const struct node *, uint16_t type);

#endif
