/* zones/picker.h: how a pool's endpoints are picked: a table made when their state changes, read by workers.
 *
 * Immutable once made; owned by the steering tables, which retire it when another takes its place. */
#ifndef ZONES_PICKER_H
#define ZONES_PICKER_H

#include "zones/steering.h"

struct picker;

/* An endpoint that may be picked, and its share. */
struct candidate {
        const struct target *target;
        uint32_t weight;
};

/* A table over the candidates with a weight above 0 (all of them, evenly, when none has one). NULL when there are none. */
struct picker *picker_make(enum balance, unsigned answers, uint32_t rotor, const struct candidate *, uint32_t count);
void picker_free(struct picker *);

/* Adds up to `answers` distinct endpoints to the pick. Hot path. */
void picker_pick(const struct picker *, struct picker_state *, struct pick *);

/* For `explain`: the share of an endpoint in the first place of answers, 0..1. */
double picker_share(const struct picker *, uint32_t endpoint);

#endif
