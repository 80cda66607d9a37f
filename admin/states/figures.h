/* admin/states/figures.h: what endpoints or those who watch them tell of their load: pushed through the API or read by
 * checks, good for a while.
 *
 * Not part of the configuration: nothing is stored, and after its time a figure is not known. Control thread. */
#ifndef ADMIN_STATES_FIGURES_H
#define ADMIN_STATES_FIGURES_H

#include <stdbool.h>
#include <stdint.h>
#include "probes/checks/verdict.h"
#include "zones/steering/steering.h"

struct control;

struct told_figures {
        struct figures figures;
        uint64_t until_ms;      /* monotonic */
        uint8_t weight_percent; /* as struct endpoint_state has them; not of pushed figures */
        bool drained;
};

struct figures_table;

struct figures_table *figures_new(void);
void figures_free(struct figures_table *);
/* Takes the figures of the endpoint "pool/name" as pushed over the API, or as read by checks. What is pushed counts
 * while it is good. */
void figures_pushed(struct figures_table *, const char *id, const struct told_figures *);
void figures_checked(struct figures_table *, const char *id, const struct verdict_figures *, uint64_t until_ms);
/* Puts what is told and still good into the states of all endpoints, and those that changed into
 * `steering` (or NULL). */
void figures_into(struct figures_table *, const struct model *, uint64_t now_ms, struct endpoint_state *states,
                  struct steering *);

#endif
