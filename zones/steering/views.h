/* zones/steering/views.h: classes of clients and the orders of pools they get.
 *
 * A class stands for all clients that every rule treats alike: the same region, the same order of regions by distance,
 * the same conditions of overrides met. Classes depend on regions' match rules and places, networks, conditions and
 * GeoIP alone; snapshots that agree in those share them and the locator. A view is what one shape of service makes of
 * the classes: it maps each class to a slot, and a slot is an order of the service's pools. Services of one shape share
 * a view, and routes are indexed by slot, so many classes cost little. Built on the control thread, then immutable; the
 * count of references is atomic. */
#ifndef ZONES_STEERING_VIEWS_H
#define ZONES_STEERING_VIEWS_H

#include <stdbool.h>
#include <stdint.h>
#include "base/documents/problems.h"
#include "geo/locate.h"
#include "zones/config/model.h"

struct classes;

#define CONDITIONS_MAX 1024 /* distinct matches and networks of all overrides */

/* What a class means. */
struct class
{
        uint32_t region;     /* of its clients; MODEL_NONE only when there are no regions */
        uint32_t nearest;    /* order of regions by distance: index + 1, 0 when the place is not known */
        const uint64_t *met; /* bits: which conditions hold */
};

/* Shares those of `previous` when nothing they depend on has changed. NULL with problems. */
struct classes *classes_build(const struct model *, const struct geo *, struct classes *previous, struct problems *);
void classes_unref(struct classes *);                    /* NULL is allowed; any non-reader thread */
struct locator *classes_locator(const struct classes *); /* borrowed */
uint32_t classes_count(const struct classes *);
const struct class *classes_get(const struct classes *, uint32_t index);
/* All regions that have a place, nearest first, for class->nearest; *count receives how many. */
const uint16_t *classes_nearest(const struct classes *, uint32_t nearest, uint32_t *count);
uint32_t classes_nearest_count(const struct classes *);
/* Whether a class meets an override of the model that the classes were built from. */
bool classes_override_met(const struct classes *, const struct class *, const struct override *);

/* Whether the databases say this of a client. */
bool match_holds(const struct match *, const struct geo_facts *);

/* Kilometres on a sphere of the earth's mean radius. */
double great_circle_km(double latitude1, double longitude1, double latitude2, double longitude2);
/* How far a region counts for `proximity`, with its bias. */
double region_distance(const struct region *, double latitude, double longitude);

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
