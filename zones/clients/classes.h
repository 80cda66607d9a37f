/* zones/clients/classes.h: classes of clients.
 *
 * A class stands for all clients that every rule treats alike: the same region, the same order of regions by distance,
 * the same conditions of overrides met. Classes depend on regions' match rules and places, networks, conditions and
 * GeoIP alone; snapshots that agree in those share them and the locator. Built on the control thread, then immutable;
 * the count of references is atomic. */
#ifndef ZONES_CLIENTS_CLASSES_H
#define ZONES_CLIENTS_CLASSES_H

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
uint32_t classes_number(const struct classes *);         /* others have another */
uint32_t classes_count(const struct classes *);
const struct class *classes_get(const struct classes *, uint32_t index);
/* All regions that have a place, nearest first, for class->nearest; *count receives how many. */
const uint16_t *classes_nearest(const struct classes *, uint32_t nearest, uint32_t *count);
uint32_t classes_nearest_count(const struct classes *);
/* Whether a class meets an override of the model that the classes were built from. */
bool classes_override_met(const struct classes *, const struct class *, const struct override *);
/* Conditions have numbers, from 0. Into out, those of an override; MODEL_NONE for one that the classes do not know. */
uint32_t classes_condition_count(const struct classes *);
uint32_t override_condition_count(const struct override *);
void classes_conditions(const struct classes *, const struct override *, uint32_t *out);
static inline bool class_meets(const struct class *c, uint32_t condition)
{
        return c->met[condition / 64] >> condition % 64 & 1;
}

/* Whether the databases say this of a client. */
bool match_holds(const struct match *, const struct geo_facts *);

#endif
