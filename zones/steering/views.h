/* zones/steering/views.h: the orders of pools that classes of clients get.
 *
 * A view is what one shape of service makes of the classes: it maps each class to a slot, and a slot is an order of the
 * service's pools. Services of one shape share a view, and routes are indexed by slot, so many classes cost little.
 * Built on the control thread, then immutable. */
#ifndef ZONES_STEERING_VIEWS_H
#define ZONES_STEERING_VIEWS_H

#include <stdbool.h>
#include <stdint.h>
#include "zones/steering/classes.h"

enum view_basis {
        VIEW_LISTED,    /* the order of the document, for everyone */
        VIEW_REGIONS,   /* the client's region and its fallbacks, then the rest as listed */
        VIEW_PROXIMITY, /* by distance from the client */
        VIEW_LATENCY,   /* by round-trip time as seen from the client's region: decided by steering, from the order of
                           VIEW_REGIONS */
};

struct view_slot {
        const uint16_t *order; /* positions in the service's pools, all of them */
        uint16_t limit;        /* how many of them may serve (fence) */
        uint32_t row;          /* VIEW_LATENCY: region whose round trips decide; MODEL_NONE: the order stands */
};

struct view {
        uint32_t slot_count;
        const struct view_slot *slots;
        const uint16_t *slot_of; /* by class */
};

/* Views by shape, while a snapshot is built. */
struct views;
struct views *views_new(const struct model *, const struct classes *, struct arena *);
const struct view *views_get(struct views *, const struct service *);
enum view_basis view_basis_of(const struct service *);
void views_free(struct views *); /* the views themselves live in the arena */

#endif
