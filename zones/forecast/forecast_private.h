/* zones/forecast/forecast_private.h: what the files of the forecast share. */
#ifndef ZONES_FORECAST_FORECAST_PRIVATE_H
#define ZONES_FORECAST_FORECAST_PRIVATE_H

#include "zones/forecast/forecast.h"
#include "zones/steering/steering_tables.h"

/* --- leaves.c: where the answers of a class go --- */

/* A picker that some of them are picked from. */
struct leaf {
        const struct pool_live *pool; /* NULL: of fallback addresses, or nothing */
        const struct pool_face *face;
        const struct picker *picker; /* NULL: nothing is answered */
        double share;                /* of the answers, 0..1 */
        bool stand_in;               /* nothing that is up and not drained is there */
};

struct leaves {
        struct leaf *list;
        size_t count, room;
        bool hashed; /* of some the client decides */
};

/* None: there is no answer of that type. */
void leaves_find(const struct forecast_side *, const struct route *, enum family, uint32_t class, struct leaves *);

/* --- forecast.c --- */

/* Answers before and after. */
struct amount {
        double was, is;
};

struct pool_amount {
        struct amount answers;
        const struct targets *named; /* with the names of the pool and its region; NULL: nobody asks for it */
};

struct endpoint_amount {
        struct amount answers;
        const struct target *target;
        const struct targets *of;
};

/* Answers of a service to clients of a region that go elsewhere. */
struct move {
        uint32_t service, region; /* the region's number among names */
        uint32_t from, to;        /* pools; the same: among its endpoints */
        double answers;
};

#define POOL_NOBODY MODEL_NONE       /* nothing that is up */
#define POOL_NONE   (MODEL_NONE - 1) /* no answer of that type at all */

struct forecast {
        struct forecast_question question;
        const struct route **routes_was; /* by number of service */
        uint32_t services_was;
        struct pool_amount *pools;
        struct endpoint_amount *endpoints;
        uint32_t pool_count, endpoint_count;
        struct amount all, nobody, fallback;
        struct region_amount {
                const char *name; /* "": no region */
                struct amount answers;
        } * clients; /* by region of the client */
        uint32_t client_count;
        uint32_t *region_was, *region_is; /* of classes: index of clients */
        double moved;
        struct move *moves;
        size_t move_count, move_room;
};

#endif
