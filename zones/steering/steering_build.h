/* zones/steering/steering_build.h: steering that is built whole: its structure by any one thread, from the model alone;
 * then, on the control thread, pool by pool, what is known by the one in force (which goes on meanwhile, and notes what
 * becomes of its pools); then, by any one thread, all pick tables and choices; at last, on the control thread again,
 * what was noted. */
#ifndef ZONES_STEERING_STEERING_BUILD_H
#define ZONES_STEERING_STEERING_BUILD_H

#include "base/arena.h"
#include "base/documents/problems.h"
#include "zones/steering/steering.h"

/* Classifies clients for the model, sharing the classes of `previous` (or NULL; nothing else of it is looked at) when
 * nothing they depend on has changed. What is built lies in the arena, which, like the model, must outlive it. NULL
 * with problems. */
struct steering *steering_new(struct arena *, const struct model *, const struct geo *, const struct steering *previous,
                              struct problems *);
/* Pools and routes; `of_service` gets the route of each service of the model, NULL for those that are not enabled. When
 * the arena fails half-way, steering_free frees what there is. */
void steering_build(struct steering *, const struct route **of_service);
/* What outlives a revision of a pool (by number): figures smoothed so far, shed shares, addresses of host names,
 * whether it is held back. As often as something becomes of it in `old`; in force with steering_publish once it has
 * begun. */
void steering_carry(struct steering *, const struct steering *old, uint32_t pool);
/* What was carried over and is a matter of time is forgotten: nothing was down, is held back, or comes up slowly.
 * Before it begins. */
void steering_forget_times(struct steering *);
/* Once: makes all pick tables and choices, of these states (NULL: nothing is known). As steering_build. */
void steering_begin(struct steering *, const struct endpoint_state *states);

/* From now on notes the pools that something becomes of, or not. What was noted is forgotten. */
void steering_notes(struct steering *, bool on);
/* The next of them, each once since something became of it. false: there is none. */
bool steering_noted(struct steering *, uint32_t *pool);

void steering_free(struct steering *); /* NULL is allowed */

#endif
