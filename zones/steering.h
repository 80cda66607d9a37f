/* zones/steering.h: which endpoints a client gets.
 *
 * Everything that can be decided before the query is: for each route (services with the same pools and policy share one) and each order of
 * regions there is a `struct choice`, an immutable list of pools to use with their endpoints' pick tables.
 * The control thread recomputes the affected ones when an endpoint's state changes and publishes them pointer by pointer;
 * what they replace is freed after a grace period. Readers pick; they never write anything shared. */
#ifndef ZONES_STEERING_H
#define ZONES_STEERING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/address.h"
#include "base/random.h"
#include "geo/locate.h"
#include "zones/model.h"

#define ANSWERS_MAX 16

struct snapshot;
struct route;

/* What an answer carries for one endpoint. */
struct target {
        uint16_t type;   /* DNS TYPE: 1 A, 28 AAAA, 5 CNAME */
        uint16_t rdata_length;
        const uint8_t *rdata; /* uncompressed */
        uint32_t endpoint;    /* its number in the model */
};

/* What a worker keeps between queries: its generator and counters for round robin. One per thread. */
#define ROTOR_COUNT 4096
struct picker_state {
        struct random random;
        uint32_t rotors[ROTOR_COUNT];
};

/* Who asks: found once per query. */
struct client {
        struct prefix prefix; /* ECS, or the source address as a host prefix */
        uint32_t class;
        uint8_t scope;        /* for which prefix length `class` is true */
};

struct pick {
        unsigned count; /* 0: nothing of this type exists (NODATA), or see rcode */
        const struct target *targets[ANSWERS_MAX];
        uint8_t scope;  /* ECS scope for which this answer is true; 0 when it does not depend on the client */
        uint8_t rcode;  /* 0, or 2 SERVFAIL when the service asks for that */
        uint16_t ede;   /* RFC 8914 code + 1, or 0 */
};

static inline void client_locate(const struct locator *locator, struct client *client)
{
        client->class = locator_find(locator, &client->prefix, &client->scope);
}

/* Picks for TYPE A (1), AAAA (28) or CNAME (5). A host-name endpoint answers any of them with its CNAME. Hot path. */
void route_pick(const struct route *, uint16_t type, const struct client *, struct picker_state *, struct pick *);

/* --- the writer's side: control thread only --- */

/* What is known of an endpoint besides its configuration. */
enum health { HEALTH_UNKNOWN, HEALTH_UP, HEALTH_DOWN };
struct endpoint_state {
        uint8_t health;   /* enum health; unknown counts as up */
        bool drained;     /* by itself, its pool or its region */
};

/* Builds the tables of a snapshot under construction: called by snapshot_build. All endpoints unknown. `of_service` gets the
 * route of each service of the model. */
struct steering_tables *steering_build(struct snapshot *, const struct route **of_service);
void steering_free(struct steering_tables *);

/* Takes new states (array by endpoint number of the whole model, endpoint_count of them), recomputes what depends on those that differ from
 * what was in force and publishes it. Returns the number of choices recomputed. */
size_t steering_update(struct snapshot *, const struct endpoint_state *states);
/* The states in force, by endpoint number. */
const struct endpoint_state *steering_states(const struct snapshot *);

#endif
