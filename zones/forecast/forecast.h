/* zones/forecast/forecast.h: what a change does to traffic: those who have asked, asked again, of what is and of what
 * would be. Control thread.
 *
 * Asked is the code that answers: choices and pickers as workers read them. What is drawn by chance counts with its
 * chance; where a client's prefix decides, the clients themselves are asked. */
#ifndef ZONES_FORECAST_FORECAST_H
#define ZONES_FORECAST_FORECAST_H

#include <stdbool.h>
#include "zones/forecast/asked.h"
#include "zones/steering/steering_edit.h"

struct arena;
struct doc;

/* What is asked. */
struct forecast_side {
        const struct steering *steering;
        uint64_t version; /* of a snapshot that workers would ask; or CLIENT_NEWEST */
};

struct forecast_question {
        const struct asked *asked;
        struct forecast_side was, is;
        const struct steering_edit *edit; /* under way, when both are of the same steering; or NULL */
};

struct forecast;

struct forecast *forecast_new(const struct forecast_question *);
void forecast_free(struct forecast *);
/* The share of all answers that would go to another endpoint, 0..1. */
double forecast_moved(const struct forecast *);
/* {seconds, answers, rate, moved, clients, regions, pools, endpoints, moves, over_max_load, ...}; while both sides are
 * there. */
struct doc *forecast_describe(const struct forecast *, struct arena *);

#endif
