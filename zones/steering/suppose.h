/* zones/steering/suppose.h: steering as it would be if some endpoints were in other states. Control thread.
 *
 * A second `struct steering` over the same tables, in which those endpoints, their pools and what contains these stand
 * apart: the code that decides is asked as ever, and nothing that is in force is touched. Costs what it supposes. Good
 * until the tables change. */
#ifndef ZONES_STEERING_SUPPOSE_H
#define ZONES_STEERING_SUPPOSE_H

#include "zones/steering/steering.h"

struct supposition;

struct supposition *suppose_new(const struct steering *);
/* Each endpoint's last word counts; in force with suppose_settle. */
void suppose_state(struct supposition *, uint32_t endpoint, const struct endpoint_state *);
void suppose_settle(struct supposition *);
void suppose_free(struct supposition *);
/* What it is with that. */
const struct steering *supposed_steering(const struct supposition *);
/* The state that is supposed, or in force. */
const struct endpoint_state *supposed_state(const struct supposition *, uint32_t endpoint);

/* Each that is supposed. */
typedef void suppose_visit(void *context, uint32_t endpoint, const struct endpoint_state *);
void suppose_each(const struct supposition *, suppose_visit *, void *context);

#endif
