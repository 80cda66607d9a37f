/* zones/steering/steering_build.h: steering for one revision of the configuration, made and freed with it. Control
 * thread. */
#ifndef ZONES_STEERING_STEERING_BUILD_H
#define ZONES_STEERING_STEERING_BUILD_H

#include "base/arena.h"
#include "base/documents/problems.h"
#include "zones/steering/steering.h"

/* Classifies clients for the model, sharing the classes of `previous` (or NULL) when nothing they depend on has
 * changed. What is built lies in the arena, which, like the model, must outlive it. NULL with problems. */
struct steering *steering_new(struct arena *, const struct model *, const struct geo *, const struct steering *previous,
                              struct problems *);
/* Builds the tables; `of_service` gets the route of each service of the model, NULL for those that are not enabled. All
 * endpoints are unknown; what outlives a revision (figures smoothed so far, shed shares, pools held back) is carried
 * over from `previous` (or NULL) by name. When the arena fails half-way, steering_free frees what there is. */
void steering_build(struct steering *, const struct steering *previous, const struct route **of_service);
void steering_free(struct steering *); /* NULL is allowed */

#endif
