/* zones/forecast/spread.h: answers spread over endpoints and pools, before and after, side by side. */
#ifndef ZONES_FORECAST_SPREAD_H
#define ZONES_FORECAST_SPREAD_H

#include "zones/forecast/forecast_private.h"

struct spread;

/* Adds to the pools and endpoints of the forecast. */
struct spread *spread_new(struct forecast *);
/* Adds what is still to be added, and frees it. */
void spread_end(struct spread *);

/* What a comparison comes to, in answers. */
struct spread_sum {
        struct amount all, nobody, fallback;
        double moved;
};

/* So many answers go along the leaves of both. `client`: whose prefix decides where that is so; NULL: nobody's. */
struct spread_sum spread_compare(struct spread *, const struct leaves *was, const struct leaves *is, enum family,
                                 const struct client *, double answers);
/* How many of those last compared go from which pool to which; within one, when both are the same. */
typedef void spread_visit(void *context, uint32_t from, uint32_t to, double answers);
void spread_moves(struct spread *, spread_visit *, void *context);
/* So many answers are picked from this leaf, before and after. */
void spread_add_same(struct spread *, const struct leaf *, enum family, double answers);

#endif
