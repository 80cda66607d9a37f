/* tests/unit/same_steering.h: whether two steerings over models with the same numbers publish the same. */
#ifndef TESTS_UNIT_SAME_STEERING_H
#define TESTS_UNIT_SAME_STEERING_H

#include "zones/steering/steering.h"

/* What is another, by number: the pickers of a pool, or a service's choice for a class; the newest of both. NULL: all
 * is the same. Good until the next call. */
const char *steering_difference(const struct steering *, const struct steering *);

#endif
