/* zones/clients/views.h: the orders of pools that classes of clients get.
 *
 * A view is what one rule makes of the classes and of the regions that a service's pools stand in: it maps each class
 * to a slot, and a slot is an order of the pools. Services of one rule whose pools stand alike share a view, and routes
 * are indexed by slot, so many classes cost little. Rules and views are kept while somebody uses them. Control thread;
 * workers read what a view says. */
#ifndef ZONES_CLIENTS_VIEWS_H
#define ZONES_CLIENTS_VIEWS_H

#include <stdbool.h>
#include <stdint.h>
#include "zones/clients/classes.h"

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

/* A service's basis, fence and overrides. */
struct view_rule;

struct views;
struct views *views_new(const struct model *, const struct classes *);
void views_free(struct views *);
/* Whether probers stand in the same regions as when the views were made: else others are needed. */
bool views_measured_alike(const struct views *, const struct model *);
/* How many rules and views there are. */
uint32_t views_count(const struct views *);

/* A use more of the rule of a service, whose conditions the classes know. */
const struct view_rule *views_rule(struct views *, const struct service *);
void view_rule_drop(struct views *, const struct view_rule *);
/* A use more of the rule's view of pools in these regions. What is new lies in the arena, or with NULL on the heap. */
const struct view *views_get(struct views *, const struct view_rule *, const uint32_t *regions, uint32_t pool_count,
                             struct arena *);
void view_drop(struct views *, const struct view *);

enum view_basis view_basis_of(const struct service *);

#endif
