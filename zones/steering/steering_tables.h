/* zones/steering/steering_tables.h: what steering is made of; only for the files of
 * steering, of explain and of forecast.
 *
 * Workers read: route -> view slot -> choice -> pool -> picker -> target, each hop a pointer, and of a route or a pool
 * its face alone. Routes and pools have an address for as long as they are. The control thread replaces choices and
 * pickers one by one; what a revision changes of a face stands in `next` until no worker asks an older snapshot
 * (steering_edit.c). All else is immutable, or the control thread's alone (marked so); nothing that workers read points
 * into the model. */
#ifndef ZONES_STEERING_STEERING_TABLES_H
#define ZONES_STEERING_STEERING_TABLES_H

#include "base/arena.h"
#include "base/rcu.h"
#include "zones/steering/picker.h"
#include "zones/steering/steering.h"
#include "zones/steering/targets.h"
#include "zones/clients/views.h"

enum family { FAMILY_A, FAMILY_AAAA, FAMILY_CNAME, FAMILY_COUNT };

struct pool_live;
struct steering_edit;

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
        bool owned;   /* on the heap, this slot's alone; else it lives as long as its pool or route */
        uint16_t count;
        union {
                const struct pool_live *pool; /* CHOICE_POOL */
                const struct picker *picker;  /* CHOICE_PICKER */
        };
};

/* Behind a choice of several: for each its pool, its share, and the slots of the alias table (SPLIT). */
static inline const struct pool_live **choice_pools(const struct choice *c)
{
        return (const struct pool_live **)(uintptr_t)(c + 1);
}

static inline double *choice_shares(const struct choice *c)
{
        return (double *)(choice_pools(c) + c->count);
}

static inline struct alias *choice_alias(const struct choice *c)
{
        return (struct alias *)(choice_shares(c) + c->count);
}

/* --- pools --- */

/* What a pool or a route can give of one family. */
struct reach {
        bool has;       /* an enabled endpoint, whatever its state */
        bool undrained; /* one of them is not drained */
        bool alive;     /* one of them is up, drained or not */
        bool available; /* one of them is up and not drained */
        bool waiting;   /* it is not known yet whether one of them is up */
};

/* An endpoint's figures over time, and whether it is flattened. Control thread. */
struct endpoint_live {
        int64_t smoothed_ms;    /* up to when they are smoothed; 0: never yet */
        struct figures figures; /* smoothed */
        float rtt_us;           /* likewise; below 0: not known */
        float cost_shown; /* `fastest` and `score`: moves only when the figure has moved well away; below 0: not known
                           */
        float kept;       /* share of its weight that it keeps under max_load, 0..1 */
        float kept_was;   /* the same, smoothed like the load */
        float ramp;       /* share of its weight by slow start, 0..1 */
        bool flattened;   /* its addresses are needed */
        bool resolved;    /* and known */
};

/* Pointers to routes or pools, in no order, each once. */
struct route_list {
        struct route **items;
        uint32_t count, capacity;
};

struct pool_list {
        struct pool_live **items;
        uint32_t count, capacity;
};

/* Those over a pool: mostly one. */
struct routes_over {
        uint32_t count;
        union {
                struct route *one;
                struct route **many; /* room: the next power of two */
        };
};

static inline struct route *const *routes_over_items(const struct routes_over *r)
{
        return r->count > 1 ? r->many : &r->one;
}

/* What workers read of a pool. */
struct pool_face {
        const struct picker *pickers[FAMILY_COUNT]; /* rcu; NULL: no endpoint of this family */
        const struct route *nested;                 /* the pool's service instead of endpoints; or NULL */
        struct targets *targets;
};

struct pool_next {
        uint64_t since; /* from this version on it is so */
        struct pool_face face;
};

struct pool_live {
        struct pool_face face;
        struct pool_next *next; /* rcu; NULL: all see `face` */
        struct choice normal, serve_drained, serve_all, last_resort;
        /* The control thread's alone, from here on. */
        const struct pool *pool;      /* the model's, now */
        struct pool_live *was;        /* before the edit under way, or NULL */
        struct pool_live *in_next;    /* of those that contain the same route */
        struct route *last_resort_of; /* the first */
        struct routes_over routes;    /* over it */
        uint32_t number;
        uint32_t flattening, timing; /* how many of its routes flatten, steer by latency */
        struct reach reach[FAMILY_COUNT];
        uint32_t healthy, enabled;
        struct scheduled scheduled; /* which of its schedules holds */
        uint8_t families;           /* that it can ever give: bits by enum family */
        bool allocated;             /* on the heap */
        bool fresh;                 /* made by the edit under way: nobody reads it */
        bool enough;                /* min_healthy is met */
        bool down;                  /* for failback: no endpoint was up when last seen */
        bool released;              /* by hand: serves first again */
        bool held_apart;            /* endpoints that are held stay out: enough others are up */
        bool marked;                /* in the list of dirty pools */
        float load_kept;            /* share it keeps under its own max_load */
        float load_kept_was;        /* the same, smoothed like the load */
        float kept; /* share it keeps of what it is offered, shed and ramp of all its endpoints included */
        /* Time. */
        bool by_load, by_round_trip, by_cost; /* whether its balance or a limit uses these figures */
        bool moving;                          /* in the list of pools that ticks look at */
        bool timed;                           /* in the list of those whose round trips are to be looked at */
        bool delayed;                         /* in the list of those that a delay holds back */
        bool turned;                          /* in the list of those whose hold may be another */
        bool noted;                           /* in the list of those that something has become of */
        int64_t back_ms;                      /* when it came back from being down; or FAILBACK_NOT_HELD */
        int64_t release_ms;                   /* when delayed: when a delay is over next */
};

/* --- routes --- */

/* What workers read of a route. */
struct route_face {
        const struct view *view;
        const struct choice **choices[FAMILY_COUNT]; /* rcu entries by slot; NULL: no pool has this family */
        uint32_t rotor;
        bool scoped;    /* the answer depends on the client's class */
        bool allocated; /* the arrays, one block from the first on, are on the heap */
};

struct route_next {
        uint64_t since;
        struct route_face face;
};

/* Schedules of a pool's weight in a service, without their texts. */
struct member_schedules {
        struct schedule_list list;
        struct scheduled now;
};

struct route_pool {
        struct pool_live *live;
        uint32_t weight;
};

/* Addresses that stand in for pools that are all down. */
struct fallback {
        struct choice choices[FAMILY_COUNT];
        struct targets *targets;
};

/* One for all services of the same shape. */
struct route {
        struct route_face face;
        struct route_next *next; /* rcu; NULL: all see `face` */
        /* The control thread's alone; the policy is the shape's, and fixed. */
        const struct view_rule *rule;
        int64_t failback_delay_ms;
        struct pool_live *last_resort;             /* or NULL */
        struct route *resort_prev, *resort_next;   /* of those with the same */
        struct fallback *fallback;                 /* or NULL */
        struct pool_live *containers;              /* pools that contain a service of it: the first */
        struct route *same_bucket;                 /* in the table of shapes */
        struct route *was;                         /* before the edit under way, or NULL */
        uint64_t hash;                             /* of the shape */
        uint32_t services;                         /* that share it */
        uint32_t flattening;                       /* of its containers, those that flatten */
        uint8_t steering, when_all_down, failback; /* enums of zones/config/names.h */
        bool flatten;                              /* host names are answered with addresses */
        bool allocated, fresh, marked;             /* as of pools */
        bool looked, losing;                       /* losses.c */
        struct member_schedules *schedules;        /* of each pool; NULL: none has any; one block */
        uint8_t families;                          /* of all its pools, at any time */
        struct reach reach[FAMILY_COUNT];          /* of all its pools: for pools that contain the service */
        uint32_t pool_count;
        struct route_pool pools[];
};

static inline size_t route_size(const struct route *r)
{
        return sizeof(*r) + r->pool_count * sizeof(r->pools[0]);
}

/* Other states than those in force, and the pools as they would be with them; see suppose.h. Entries are found by
 * number: index + 1, 0: as it is. */
struct supposed {
        uint32_t *state_of, *pool_of;
        struct endpoint_state *states;
        struct pool_live *pools;
        struct pool_live **at; /* those pools as they are */
        uint32_t state_count, pool_count;
};

struct steering {
        const struct supposed *supposed; /* NULL: what is */
        bool before;                     /* as it was before the edit under way */
        struct arena *arena;             /* borrowed: what is built whole lies in it */
        const struct model *model;
        struct classes *classes; /* a reference */
        struct views *views;
        uint32_t *condition_uses; /* by condition of the classes: in how many overrides */
        uint32_t proximity_uses;  /* services that steer so */
        struct pool_live **pools; /* by number; NULL: a hole */
        uint32_t pool_count, pool_room;
        struct route **route_of_service; /* by number; NULL: not enabled, or a hole */
        uint32_t service_count, service_room;
        struct endpoint_state *states; /* by number */
        struct endpoint_live *live;
        uint32_t endpoint_count, endpoint_room;
        struct route **shapes; /* by hash, chained */
        uint32_t shape_mask, route_count;
        uint32_t routes_made;    /* for rotors */
        struct pool_live *unled; /* pools whose service is not enabled: the first */
        uint32_t regions;
        uint32_t *regions_were; /* while it takes over from another: the numbers there; or NULL */
        uint32_t *serving;  /* by region: the pool that had something to give when last looked at; 0: none was seen */
        float *round_trips; /* by endpoint and prober's region, smoothed; below 0: not known; NULL when nothing needs
                               them */
        float *round_trips_shown; /* by pool and region (the last: anyone): moves like cost_shown */
        bool round_trips_known;   /* a first order by them has been made */
        bool building;            /* states are not known yet */
        bool noting;              /* which pools something becomes of */
        int64_t now_ms;           /* of the last tick; 0: none yet */
        struct pool_list moving, timed, delayed, turned, noted;
        int64_t release_ms; /* the least of those delayed */
        struct pool_list dirty_pools;
        struct route_list dirty_routes, late_routes; /* late: within steering_settle, what others leave first */
        struct picker_member *members;               /* room for the largest pool */
        uint32_t member_room;
        struct picker_tools *tools; /* NULL: none was needed yet */
        struct steering_edit *edit; /* under way; NULL: none */
        struct steering_edit *kept; /* whose `next` still stand, the oldest first */
        struct steering_work work;
};

#define FAILBACK_NOT_HELD INT64_MIN

static inline const struct endpoint_state *state_at(const struct steering *t, uint32_t endpoint)
{
        uint32_t at = t->supposed ? t->supposed->state_of[endpoint] : 0;
        return at ? &t->supposed->states[at - 1] : &t->states[endpoint];
}

static inline const struct pool_live *pool_live_at(const struct steering *t, const struct pool_live *live)
{
        uint32_t at = t->supposed ? t->supposed->pool_of[live->number] : 0;
        return at ? &t->supposed->pools[at - 1] : t->before && live->was ? live->was : live;
}

static inline const struct route *route_at(const struct steering *t, const struct route *r)
{
        return t->before && r->was ? r->was : r;
}

/* What readers of a version see. Hot path. */
static inline const struct pool_face *pool_face_at(const struct pool_live *p, uint64_t version)
{
        const struct pool_next *next = rcu_get(p->next);
        return __builtin_expect(next != NULL, 0) && version >= next->since ? &next->face : &p->face;
}

static inline const struct route_face *route_face_at(const struct route *r, uint64_t version)
{
        const struct route_next *next = rcu_get(r->next);
        return __builtin_expect(next != NULL, 0) && version >= next->since ? &next->face : &r->face;
}

/* The newest: what the control thread goes by. */
static inline const struct pool_face *pool_face(const struct pool_live *p)
{
        return p->next ? &p->next->face : &p->face;
}

static inline const struct route_face *route_face(const struct route *r)
{
        return r->next ? &r->next->face : &r->face;
}

/* steering_figures.c: what counts of one, its schedules included. */
bool endpoint_enabled(const struct steering *, const struct endpoint *, uint32_t number);
int64_t endpoint_weight(const struct steering *, const struct endpoint *, uint32_t number);
bool pool_enabled(const struct pool_live *);
int64_t member_weight(const struct route *, uint32_t position);
bool endpoint_has_family(const struct endpoint *, enum family);
bool endpoint_alive(const struct steering *, const struct endpoint *, uint32_t number); /* drained or not */
bool endpoint_up(const struct steering *, const struct endpoint *, uint32_t number);
/* It is up, and no hold keeps it out. */
bool endpoint_serves(const struct steering *, const struct pool_live *, const struct endpoint *, uint32_t number);

/* steering_pools.c */
/* What routes look at, from its endpoints' states. */
void pool_count(const struct steering *, struct pool_live *);
/* Looks at the endpoints' states anew and publishes new pickers. Returns whether what routes look at has changed. */
bool pool_refresh(struct steering *, struct pool_live *);
/* Whether it has gone down, or is back: for failback. Returns whether what routes look at has changed. */
bool pool_look_back(struct steering *, struct pool_live *);
/* Whether a pool is held back for services that ask for it. */
bool pool_held(const struct steering *, const struct pool_live *, const struct route *);
unsigned pool_answers(const struct pool *);

/* The members that pick now, and how: what the picker is made from, what explanations tell. */
enum tier {
        TIER_NORMAL,
        TIER_BACKUP,
        TIER_WEIGHT_0,
        TIER_HELD,
        TIER_DRAINED, /* from here on only when nothing else is up anywhere: drained ones that are up */
        TIER_DOWN,
        TIER_DOWN_DRAINED,
        TIER_COUNT
};
struct picker_plan pool_plan(const struct steering *, const struct pool_live *, enum family, enum tier *,
                             struct picker_member *room);

/* steering_links.c: who leads to whom. */
struct pool_live *pool_new(struct steering *, uint32_t number, bool allocated);
/* The model's pool is another one: its targets, and what figures move it. */
void pool_take(struct steering *, struct pool_live *, const struct pool *);
/* The route of the service that the pool contains; NULL: it is not enabled. */
void pool_nest(struct steering *, struct pool_live *, struct route *);
void pool_unnest(struct steering *, struct pool_live *); /* it contains none */
/* Among those over its pools, and in the table of shapes; or no more. */
void route_attach(struct steering *, struct route *);
void route_detach(struct steering *, struct route *);

/* Counts what of a service needs classes of its own: conditions, proximity. By 1 or -1. */
void steering_uses(struct steering *, const struct service *, int by);

/* shapes.c: one route per shape. */
/* The one that a service has, made when there is none yet; one service more shares it. */
struct route *route_take(struct steering *, const struct service *, bool allocated);
/* The view of a route, by where its pools stand now; a use more of it. */
const struct view *route_view(struct steering *, const struct route *, bool allocated);
/* for (each struct route *r) */
#define shapes_each(t, r)                                                                                              \
        for (uint32_t bucket_of_##r = 0; (t)->shapes && bucket_of_##r <= (t)->shape_mask; bucket_of_##r++)             \
                for (struct route *r = (t)->shapes[bucket_of_##r]; r; r = r->same_bucket)

/* steering_figures.c: figures that move with time. */
void endpoint_live_reset(struct endpoint_live *);
/* Which figures move a pool. */
void pool_figures_init(struct pool_live *);
/* An endpoint's figures, smoothed up to the last tick: those of pools at rest are only when somebody wants them. */
struct endpoint_live figures_now(const struct steering *, uint32_t endpoint);
/* A first figure counts at once. Returns whether the pool must be refreshed: its balance uses what moved. */
bool figures_take(struct steering *, const struct pool *, uint32_t endpoint);
bool figures_tick(struct steering *, struct pool_live *, int64_t elapsed_ms); /* whether it must be refreshed */
/* Whether ticks will change nothing of a pool until something new is said of it. */
bool figures_at_rest(const struct steering *, const struct pool_live *);
float round_trip_shown(const struct steering *, uint32_t row, uint32_t pool);
bool round_trips_look(struct steering *, const struct pool_live *); /* whether an order may have changed */
void round_trips_reset(struct steering *, uint32_t endpoint);       /* nothing is known */
void round_trips_shown_reset(struct steering *, uint32_t pool);

/* steering_lists.c */
void steering_mark_pool(struct steering *, struct pool_live *);
void steering_mark_routes(struct steering *, const struct pool_live *); /* those over it */
void steering_mark_route(struct steering *, struct route *);
void steering_watch(struct steering *, struct pool_live *); /* something new is known of it: ticks look at it */
void pool_push(struct pool_list *, struct pool_live *);
void route_push(struct route_list *, struct route *);
/* `listed` is the pool's flag for this list. */
void pool_list_add(struct pool_list *, struct pool_live *, bool *listed);
void pool_list_remove(struct pool_list *, uint32_t at, bool *listed);
void steering_forget(struct steering *, struct pool_live *); /* in no list any more */
void routes_over_add(struct routes_over *, struct route *);
void routes_over_remove(struct routes_over *, struct route *);
/* Works off what is marked. Returns the number of choices recomputed. */
size_t steering_settle(struct steering *);
void steering_watch_release(struct steering *, struct pool_live *); /* it is held back */
void steering_turn(struct steering *, struct pool_live *);          /* that may be another */
void steering_note(struct steering *, struct pool_live *);          /* something becomes of it */
int64_t steering_release_time(const struct steering *, const struct pool_live *);

/* steering_time.c */
void steering_look_at_round_trips(struct steering *);

const struct address_set *address_set_copy(const struct address_set *);
/* Whether a pool's host names are needed in one more or one less place, and so through what it contains. */
void pool_flatten(struct steering *, struct pool_live *, bool more);
void route_flatten(struct steering *, const struct route *, bool more);
bool route_flattens(const struct route *);
/* The pool's endpoints have these targets from now on (taken), with the addresses of those that are the same. */
void targets_put(struct steering *, struct pool_live *, struct targets *);

/* steering_faces.c: where changes are written. While an edit is under way, and until it is folded in, into `next`. */
void edit_touch_pool(struct steering *, struct pool_live *);  /* something of it will be another */
void edit_touch_endpoint(struct steering *, uint32_t number); /* so will its state, or what is made of it */
void edit_touch_route(struct steering *, struct route *);
struct pool_face *pool_face_write(struct steering *, struct pool_live *);
struct route_face *route_face_write(struct steering *, struct route *);
/* Where the addresses of a host name stand: for all readers; where the host is the same, those of older versions see
 * them too. Takes the set. */
void addresses_put(struct steering *, struct pool_live *, uint32_t endpoint, const struct address_set *);
void addresses_forget(struct steering *, struct pool_live *); /* of host names, when nobody needs them */
void steering_fold(struct steering *, bool wait);             /* what no reader of an older version can see any more */
void pool_free(struct pool_live *);
void route_free(struct steering *, struct route *);
/* Frees the choices of a face, but for those that the other (or NULL) has in the same places, and its arrays. */
void route_face_free(struct route_face *, const struct route_face *other);
const struct choice **route_face_block(const struct route_face *); /* its arrays; NULL: it has none */

/* steering_undo.c */
void steering_edit_end(struct steering *); /* when it is freed: nobody reads it */

/* steering_routes.c */
bool route_shares_by_weight(const struct route *);          /* a pool of weight 0 is a reserve */
bool route_compute(struct steering *, struct route *);      /* whether pools that contain it must look again */
void route_compute_late(struct steering *, struct route *); /* what it left in late_routes */
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
