/* zones/steering/steering_tables.h: what steering is made of; only for the files of
 * steering and of explain.
 *
 * Workers read: route -> view slot -> choice -> pool -> picker, each hop a pointer. The control thread replaces choices
 * and pickers one by one; all else is immutable after the build or is read by the control thread alone (marked so). */
#ifndef ZONES_STEERING_STEERING_TABLES_H
#define ZONES_STEERING_STEERING_TABLES_H

#include "base/arena.h"
#include "zones/steering/picker.h"
#include "zones/steering/steering.h"
#include "zones/steering/views.h"

enum family { FAMILY_A, FAMILY_AAAA, FAMILY_CNAME, FAMILY_COUNT };

struct pool_live;

/* --- choices --- */

enum choice_kind {
        CHOICE_POOL,
        CHOICE_SPLIT,  /* one of several pools by share */
        CHOICE_ROTATE, /* one of several pools in turn */
        CHOICE_PICKER, /* the service's fallback addresses */
        CHOICE_NOTHING,
};

/* Why a choice is not the ordinary one. */
enum all_down {
        ALL_UP_ENOUGH,
        ALL_DOWN_SERVE_DRAINED, /* drained ones that are up */
        ALL_DOWN_SERVE_ALL,     /* those that are down */
        ALL_DOWN_LAST_RESORT,
        ALL_DOWN_FALLBACK,
        ALL_DOWN_NODATA,
        ALL_DOWN_SERVFAIL,
        WAITING /* the first checks are not done */
};

struct choice {
        uint8_t kind; /* enum choice_kind */
        uint8_t why;  /* enum all_down */
        bool owned;   /* on the heap, this slot's alone; else it lives as long as the tables */
        uint16_t count;
        const struct pool_live *pool;   /* CHOICE_POOL */
        const struct picker *picker;    /* CHOICE_PICKER */
        const struct pool_live **pools; /* SPLIT, ROTATE: count of them */
        struct alias *alias;            /* SPLIT */
        double *shares;                 /* SPLIT: for explanations */
};

/* --- pools --- */

/* What a pool or a route can give of one family. */
struct reach {
        bool has;       /* an enabled endpoint, whatever its state */
        bool undrained; /* one of them is not drained */
        bool alive;     /* one of them is up, drained or not */
        bool available; /* one of them is up and not drained */
        bool waiting;   /* it is not known yet whether one of them is up */
};

/* An endpoint's figures over time. Control thread. */
struct endpoint_live {
        int64_t smoothed_ms;    /* up to when they are smoothed; 0: never yet */
        struct figures figures; /* smoothed */
        float rtt_us;           /* likewise; below 0: not known */
        float cost_shown; /* `fastest` and `score`: moves only when the figure has moved well away; below 0: not known
                           */
        float kept;       /* share of its weight that it keeps under max_load, 0..1 */
        float kept_was;   /* the same, smoothed like the load */
        float ramp;       /* share of its weight by slow start, 0..1 */
};

struct pool_live {
        const struct picker *pickers[FAMILY_COUNT]; /* rcu; NULL: no endpoint of this family */
        const struct route *nested;                 /* the pool's service instead of endpoints; or NULL */
        struct choice normal, serve_drained, serve_all, last_resort;
        /* The control thread's alone. */
        const struct pool *pool;
        struct scheduled scheduled; /* which of its schedules holds */
        struct target *targets;     /* one per endpoint */
        uint64_t *hashes;           /* of the endpoints' names */
        struct reach reach[FAMILY_COUNT];
        uint32_t healthy, enabled;
        bool enough;         /* min_healthy is met */
        bool down;           /* for failback: no endpoint was up when last seen */
        bool released;       /* by hand: serves first again */
        int64_t back_ms;     /* when it came back from being down; -1: it is not held back */
        float load_kept;     /* share it keeps under its own max_load */
        float load_kept_was; /* the same, smoothed like the load */
        float kept;          /* share it keeps of what it is offered, shed and ramp of all its endpoints included */
        bool marked;         /* in the list of dirty pools */
        /* Time. */
        bool by_load, by_round_trip, by_cost; /* whether its balance or a limit uses these figures */
        bool by_latency;                      /* a service that steers by latency uses it */
        bool moving;                          /* in the list of pools that ticks look at */
        bool timed;                           /* in the list of those whose round trips are to be looked at */
        bool delayed;                         /* in the list of those that a delay holds back */
        int64_t release_ms;                   /* when delayed: when a delay is over next */
};

/* --- routes --- */

struct route {
        const struct view *view;
        const struct choice **choices[FAMILY_COUNT]; /* rcu entries by slot; NULL: no pool has this family */
        uint32_t rotor;
        bool scoped; /* the answer depends on the client's class */
        /* The control thread's alone. */
        bool marked; /* in the list of dirty routes */
        uint32_t pool_count;
        const struct service_pool *pools;
        struct scheduled *scheduled;      /* which schedule of each of them holds */
        const struct service *service;    /* one of those that share the route: for its policy */
        const struct choice *fallback;    /* fallback_address: FAMILY_COUNT of them; NULL: none */
        struct reach reach[FAMILY_COUNT]; /* of all its pools: for pools that contain the service */
};

/* Indexes of many by one: those of `i` are list[first[i]] up to list[first[i + 1]]. */
struct fan {
        uint32_t *first, *list;
};

/* Numbers of pools, each once: a flag in struct pool_live says who is in. */
struct pool_list {
        uint32_t *pools, count;
};

/* Other states than those in force, and the pools as they would be with them; see suppose.h. Entries are found by
 * number: index + 1, 0: as it is. */
struct supposed {
        uint32_t *state_of, *pool_of;
        struct endpoint_state *states;
        struct pool_live *pools;
        uint32_t *numbers; /* of those pools */
        uint32_t state_count, pool_count;
};

struct steering {
        const struct supposed *supposed; /* NULL: what is */
        struct arena *arena;             /* borrowed: all that lives as long as this does */
        const struct model *model;
        struct classes *classes; /* a reference */
        struct pool_live *pools;
        struct route **routes;
        uint32_t route_count, regions;
        struct fan routes_of_pool, pools_of_route; /* pools that contain the route's service */
        uint32_t *route_of_service;
        struct endpoint_state *states;
        struct endpoint_live *live;
        bool *flattened;                      /* by endpoint: its addresses are needed; NULL: none are */
        const struct address_set **addresses; /* rcu; by endpoint; NULL: not known; owned */
        float *round_trips; /* by prober's region and endpoint, smoothed; below 0: not known; NULL when nothing needs
                               them */
        float *round_trips_shown; /* by region (the last row: anyone) and pool: moves like cost_shown */
        bool by_latency;          /* some service steers by it */
        bool round_trips_known;   /* a first order by them has been made */
        bool building;            /* states are not known yet */
        int64_t now_ms;           /* of the last tick; 0: none yet */
        struct pool_list moving, timed, delayed;
        int64_t release_ms; /* the least of those delayed */
        uint32_t *dirty_pools, dirty_pool_count;
        uint32_t *dirty_routes, dirty_route_count;
        struct picker_member *members; /* room for the largest pool */
        struct steering_work work;
};

#define FAILBACK_NOT_HELD (-1)

static inline const struct endpoint_state *state_at(const struct steering *t, uint32_t endpoint)
{
        uint32_t at = t->supposed ? t->supposed->state_of[endpoint] : 0;
        return at ? &t->supposed->states[at - 1] : &t->states[endpoint];
}

static inline const struct pool_live *pool_live_at(const struct steering *t, uint32_t pool)
{
        uint32_t at = t->supposed ? t->supposed->pool_of[pool] : 0;
        return at ? &t->supposed->pools[at - 1] : &t->pools[pool];
}

/* steering_endpoints.c: what counts of one, its schedules included */
bool endpoint_enabled(const struct steering *, const struct endpoint *, uint32_t number);
int64_t endpoint_weight(const struct steering *, const struct endpoint *, uint32_t number);
bool pool_enabled(const struct pool_live *);
int64_t member_weight(const struct route *, uint32_t position);
bool endpoint_has_family(const struct endpoint *, enum family);
bool endpoint_alive(const struct steering *, const struct endpoint *, uint32_t number); /* drained or not */
bool endpoint_up(const struct steering *, const struct endpoint *, uint32_t number);

/* steering_pools.c */
void pool_live_init(struct steering *, uint32_t pool);
/* What routes look at, from its endpoints' states. */
void pool_count(const struct steering *, struct pool_live *);
/* Looks at the endpoints' states anew and publishes new pickers. Returns whether what routes look at has changed. */
bool pool_refresh(struct steering *, uint32_t pool);
/* Whether a pool is held back for a service that asks for it. */
bool pool_held(const struct steering *, const struct pool_live *, const struct service *);
unsigned pool_answers(const struct pool *);

/* The members that pick now, and how: what the picker is made from, what explanations tell. */
enum tier {
        TIER_NORMAL,
        TIER_BACKUP,
        TIER_WEIGHT_0,
        TIER_DRAINED, /* from here on only when nothing else is up anywhere: drained ones that are up */
        TIER_DOWN,
        TIER_DOWN_DRAINED,
        TIER_COUNT
};
struct picker_plan pool_plan(const struct steering *, const struct pool_live *, enum family, enum tier *,
                             struct picker_member *room);

/* steering_figures.c: figures that move with time. */
void endpoint_live_reset(struct endpoint_live *);
/* Which figures move a pool. */
void pool_figures_init(struct pool_live *);
/* An endpoint's figures, smoothed up to the last tick: those of pools at rest are only when somebody wants them. */
struct endpoint_live figures_now(const struct steering *, uint32_t endpoint);
/* A first figure counts at once. Returns whether the pool must be refreshed: its balance uses what moved. */
bool figures_take(struct steering *, uint32_t endpoint);
bool figures_tick(struct steering *, uint32_t pool, int64_t elapsed_ms); /* whether the pool must be refreshed */
/* Whether ticks will change nothing of a pool until something new is said of it. */
bool figures_at_rest(const struct steering *, uint32_t pool);
float round_trip_shown(const struct steering *, uint32_t row, uint32_t pool);
bool round_trips_look(struct steering *, uint32_t pool); /* whether an order may have changed */

/* steering_lists.c */
void steering_mark_pool(struct steering *, uint32_t pool);
void steering_mark_routes(struct steering *, uint32_t pool); /* those over it */
void steering_mark_route(struct steering *, uint32_t route);
void steering_watch(struct steering *, uint32_t pool); /* something new is known of it: ticks look at it */
/* `listed` is the pool's flag for this list. */
void pool_list_add(const struct steering *, struct pool_list *, uint32_t pool, bool *listed);
void pool_list_remove(struct pool_list *, uint32_t at, bool *listed);

/* steering_settle.c
 * Works off what is marked. Returns the number of choices recomputed. */
size_t steering_settle(struct steering *);
void steering_watch_release(struct steering *, uint32_t pool); /* it is held back */
int64_t steering_release_time(const struct steering *, uint32_t pool);

/* steering_time.c */
void steering_watch_build(struct steering *);
void steering_look_at_round_trips(struct steering *);

/* steering_addresses.c */
void addresses_build(struct steering *);
void addresses_carry(struct steering *, const struct steering *old, uint32_t number);
void addresses_free(struct steering *);

/* steering_carry.c */
void steering_carry(struct steering *, const struct steering *old);

/* steering_routes.c */
bool route_compute(struct steering *, struct route *); /* whether pools that contain it must look again */
void route_release(struct route *);
bool route_shares_by_weight(const struct route *); /* a pool of weight 0 is a reserve */
struct reach route_reach(const struct steering *, const struct route *, enum family);
/* Whether clients get something that is up and not drained: those of a slot, as far as this route alone knows; those of
 * a class, through pools that contain services too. */
bool route_serves(const struct steering *, const struct route *, uint32_t slot, enum family);
bool route_serves_class(const struct steering *, const struct route *, uint32_t class, enum family);

/* How a pool stood when a route was computed, for explanations. */
enum verdict_of_pool {
        POOL_USED,
        POOL_NOT_REACHED, /* an earlier one takes all */
        POOL_NO_FAMILY,
        POOL_DISABLED,
        POOL_DRAINED,
        POOL_DOWN,
        POOL_TOO_FEW,
        POOL_HELD,
        POOL_FENCED,
        POOL_RESERVE, /* weight 0 while others serve */
};
/* The order of pools for a slot just now (latency included). Into out, `pool_count` positions; returns how many of them
 * may serve. */
uint32_t route_order(const struct steering *, const struct route *, uint32_t slot, uint16_t *out);
enum verdict_of_pool route_verdict(const struct steering *, const struct route *, const struct choice *,
                                   uint32_t position, bool fenced, enum family);

#endif
