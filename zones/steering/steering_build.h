/* zones/steering/steering_build.h: between snapshot and steering. Control thread. */
#ifndef ZONES_STEERING_STEERING_BUILD_H
#define ZONES_STEERING_STEERING_BUILD_H

#include "zones/answers/snapshot.h"
#include "zones/steering/steering.h"

/* Builds snapshot->steering for a snapshot under construction; `of_service` gets the route of each service of the
 * model, NULL for those that are not enabled. All endpoints are unknown; what outlives a revision (figures smoothed so
 * far, shed shares, pools held back) is carried over from `previous` (or NULL) by name. */
void steering_build(struct snapshot *, const struct snapshot *previous, const struct route **of_service);
void steering_free(struct steering_tables *); /* NULL is allowed */

#endif
