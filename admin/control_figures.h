/* admin/control_figures.h: what endpoints or those who watch them tell of their load: pushed through the API, good for
 * a while.
 *
 * Not part of the configuration: nothing is stored, and after its time a figure is not known. Control thread. */
#ifndef ADMIN_CONTROL_FIGURES_H
#define ADMIN_CONTROL_FIGURES_H

#include <stdbool.h>
#include <stdint.h>
#include "zones/steering.h"

struct control;

struct figures {
        float load, errors, cpu, memory; /* percent, load in the operator's unit; below 0: not told */
        uint64_t until_ms;               /* monotonic */
};

struct figures_table;

struct figures_table *figures_new(void);
void figures_free(struct figures_table *);
/* Takes the figures of the endpoint "pool/name". */
void figures_set(struct figures_table *, const char *id, const struct figures *);
/* Puts what is told and still good into the states of all endpoints; returns whether one of them changed. */
bool figures_into(struct figures_table *, const struct model *, uint64_t now_ms, struct endpoint_state *states);

#endif
