/* zones/steering/steering_edit_private.h: an edit of steering: what it touched, and how to go back. */
#ifndef ZONES_STEERING_STEERING_EDIT_PRIVATE_H
#define ZONES_STEERING_STEERING_EDIT_PRIVATE_H

#include "zones/steering/steering_edit.h"
#include "zones/steering/steering_tables.h"

struct edited_service {
        uint32_t number;
        struct route *before, *after; /* NULL: not served */
};

struct edited_endpoint {
        uint32_t number;
        struct endpoint_live live; /* before */
        struct endpoint_state state;
};

struct steering_edit {
        struct steering_edit *next; /* kept: the one after it */
        struct rcu_grace *grace;    /* kept: when nobody asks an older version any more */
        uint64_t version;
        const struct edited *items;
        size_t count;
        struct pool_list pools, fresh, gone; /* touched; new; taken away */
        struct pool_list unneeded; /* addresses of whose host names were needed; one may stand more than once */
        struct route_list routes, fresh_routes, gone_routes;
        struct edited_service *services;
        size_t service_count;
        struct edited_endpoint *endpoints; /* touched; one may stand more than once */
        size_t endpoint_count, endpoint_capacity;
        uint32_t pools_before, services_before, endpoints_before; /* where numbers ended */
        bool undoing;                                             /* being dropped */
};

/* steering_faces.c: ends. A release keeps what the heir has too. */
void pool_next_end(struct pool_live *);
void route_next_end(struct route *);
void pool_face_release(struct pool_face *, const struct pool_face *heir);
void route_face_release(struct steering *, struct route_face *, const struct route_face *heir);
void steering_edit_free(struct steering_edit *);
void steering_edit_fold(struct steering *, struct steering_edit *); /* nobody asks an older version */

#endif
