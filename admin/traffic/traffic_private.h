/* admin/traffic/traffic_private.h: what the files of traffic share; nobody else includes it. */
#ifndef ADMIN_TRAFFIC_TRAFFIC_PRIVATE_H
#define ADMIN_TRAFFIC_TRAFFIC_PRIVATE_H

#include <pthread.h>
#include "admin/traffic/clients.h"
#include "admin/traffic/flows.h"
#include "admin/traffic/history.h"
#include "admin/traffic/series.h"
#include "admin/traffic/traffic.h"

/* Numbers, each once or more often. */
struct numbers {
        uint32_t *list, count, room;
};

struct traffic {
        pthread_t thread;
        bool running;

        pthread_mutex_t lock; /* of all from here on */
        pthread_cond_t wake;
        bool closing;
        struct flows flows;
        struct clients clients;
        uint64_t dropped; /* answers that found no room in a tap */
        uint32_t classes; /* the table of clients that is in force, */
        uint32_t class_count;
        uint16_t *region_of;                          /* and of which region's name each class is: 0, none */
        struct numbers gone_services, gone_endpoints; /* whose flows are to be forgotten */

        /* The control thread's alone. */
        char **regions; /* names of all that have been, by number; from 1 */
        uint32_t region_count;
        struct history *history;
        struct series_table series;
        uint32_t began, minute; /* since the epoch: when this did, and the one under way */
        struct traffic_sums sums;
        uint64_t sums_ms; /* when they were made; 0: never */
};

/* take.c: the thread. Its clocks: seconds and quarters of an hour, monotonic. */
bool taking_start(struct traffic *);
void taking_stop(struct traffic *);
uint32_t taking_second(void);
/* Empties all taps. With the lock. Returns the most that was in one of them. */
size_t taking_all(struct traffic *);
/* Forgets what is gone, with what of it is on its way. With the lock. */
void taking_forget(struct traffic *);

/* sums.c */
void sums_forget(struct traffic *);
/* The number in the model of a region by its number here; MODEL_NONE: it is gone, or none. */
uint32_t region_number(const struct traffic *, uint16_t region);

/* What a flow is of, in the model in force; NULL each: nothing, or gone. */
struct flow_items {
        const struct service *service;
        const struct pool *pool;
        const struct endpoint *endpoint;
};
struct flow_items flow_items(const struct flow *);
/* "" of nothing, and of what is gone. */
const char *flow_pool_name(const struct flow *);
#define FALLBACK_NAME "fallback addresses" /* no pool is called so */

#endif
