/* zones/steering/steering.h: which endpoints a client gets.
 *
 * Everything that can be decided before the query is: for each route (services with the same pools and policy share
 * one) and each order of regions there is a `struct choice`, an immutable list of pools to use with their endpoints'
 * pick tables. The control thread recomputes the affected ones when an endpoint's state changes and publishes them
 * pointer by pointer; what they replace is freed after a grace period. Readers pick; they never write anything shared.
 * Routes and pools stay where they are from one revision to the next (steering_edit.h).
 */
#ifndef ZONES_STEERING_STEERING_H
#define ZONES_STEERING_STEERING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/address.h"
#include "base/random.h"
#include "geo/locate.h"
#include "zones/config/model.h"
#include "zones/monitors/state_names.h"

#define ANSWERS_MAX 16

/* The model's steering: client classes, routes and pools, and what is known of endpoints. One a snapshot. */
struct steering;
struct route;

/* What an answer carries for one endpoint: part of its pool's struct targets. */
struct target {
        uint32_t endpoint; /* its number in the model */
        uint16_t type;     /* TYPE_A, TYPE_AAAA or TYPE_CNAME */
        uint16_t rdata_length;
        uint8_t rdata[]; /* uncompressed; then the endpoint's name, as text */
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
        uint64_t version;     /* of the snapshot that is asked: what a later one changes is not seen yet */
        uint32_t class;
        uint8_t scope; /* for which prefix length `class` is true */
};
#define CLIENT_NEWEST UINT64_MAX /* as version: whatever stands */

struct pick {
        unsigned count; /* 0: nothing of this type exists (NODATA), or see rcode */
        const struct target *targets[ANSWERS_MAX];
        uint8_t scope;        /* ECS scope for which this answer is true; 0 when it does not depend on the client */
        uint8_t rcode;        /* 0, or RCODE_SERVFAIL when the service asks for that */
        bool waiting;         /* with RCODE_SERVFAIL: it is not known yet who is up; a little later it is */
        uint16_t ede;         /* RFC 8914 code + 1, or 0 */
        const char *ede_text; /* with ede: static text for people */
};

static inline void client_locate(const struct locator *locator, struct client *client)
{
        client->class = locator_find(locator, &client->prefix, &client->scope);
}

/* Where clients are: to be asked with client_locate. Borrowed. */
const struct locator *steering_locator(const struct steering *);
/* What their classes mean. Borrowed. */
struct classes;
const struct classes *steering_classes(const struct steering *);

/* Picks for TYPE_A, TYPE_AAAA or TYPE_CNAME. A host-name endpoint answers any of them with its CNAME. Hot path. */
void route_pick(const struct route *, uint16_t type, const struct client *, struct picker_state *, struct pick *);

/* The addresses of a host-name endpoint of a service that flattens, as they are served now. Immutable once given. */
#define ADDRESSES_MAX 16
struct address_set {
        int64_t found_ms; /* clock_ms */
        uint32_t ttl;     /* seconds */
        bool stale;       /* their own TTL is over, and nobody answers (RFC 8767) */
        uint8_t v4_count, v6_count;
        uint8_t v4[ADDRESSES_MAX][4], v6[ADDRESSES_MAX][16];
};
/* NULL: not known yet. Any thread inside a QSBR section. */
const struct address_set *target_addresses(const struct target *);

/* --- the writer's side: control thread only --- */

/* Whether the service answers with addresses where its endpoint is a host name: it stands at the apex, or says so. */
bool service_flattens(const struct model *, const struct service *);
/* Whether the addresses of this endpoint are needed. Until they are known it is passed over like one that is down. */
bool steering_flattens(const struct steering *, uint32_t endpoint);
bool steering_resolved(const struct steering *, uint32_t endpoint); /* they are known */
/* Takes and publishes them (a copy; NULL: not known any more). Returns the number of choices recomputed. */
size_t steering_set_addresses(struct steering *, uint32_t endpoint, const struct address_set *);

/* What is known of an endpoint besides its configuration. */
enum health { STATES(NAMED_VALUE, HEALTH) }; /* named by state_names */
struct endpoint_state {
        uint8_t health;            /* enum health; unknown counts as up */
        bool drained;              /* by either of the two: */
        bool drained_by_operator;  /* itself, its pool or its region */
        bool drained_by_agent;     /* it says drain or 0% */
        bool waiting;              /* its first check is not done yet: services that may use it are not answered */
        uint8_t half_open_percent; /* of its weight, on trial after it came back; 0: all of it */
        uint8_t drain_percent;     /* of its weight, left by a drain that goes gradually; 0: none goes, all of it */
        uint8_t weight_percent;    /* of its weight, as its agent says; 0: nothing said, 100 */
        struct figures figures;
        struct scheduled scheduled; /* which of its schedules holds */
        uint32_t rtt_us;            /* as the probers see it; 0: not known */
        uint32_t held_since_s;      /* wall time: it is back, and serves when too few others of its pool do; 0: it is
                                       not held */
        int64_t up_since_ms;        /* monotonic: when it last came up, for slow start; 0: it was never seen down */
};

/* Time passes: smooths figures, ramps, sheds and gives back, and publishes what that changes. `now_ms` is monotonic and
 * is passed in, so that it can be simulated. Call about once a second. Returns the number of choices recomputed. */
size_t steering_tick(struct steering *, int64_t now_ms);
/* A round trip to an endpoint as measured by a prober in `region`: for services with steering `latency`. Smoothed at
 * ticks. */
void steering_round_trip(struct steering *, uint32_t region, uint32_t endpoint, uint32_t rtt_us);
/* Lets a pool serve first again that `failback: manual` (or a delay) of a service holds back. */
void steering_failback(struct steering *, uint32_t pool);
/* It came back then (monotonic), for services that hold it back since. */
void steering_hold(struct steering *, uint32_t pool, int64_t since_ms);
/* Whether services hold a pool back. */
struct pool_hold {
        uint32_t pool;
        bool held;
        bool down;                  /* none of its endpoints is up */
        int64_t since_ms, until_ms; /* when held, monotonic; until INT64_MAX: until somebody says so */
};
void steering_held(const struct steering *, uint32_t pool, struct pool_hold *);
/* The next pool of which that may be another since the last look. false: there is none. */
bool steering_hold_turned(struct steering *, struct pool_hold *);

/* Which schedule of a pool, or of a service's pool at a place, holds; in force with steering_publish. Cost what
 * changes.
 */
void steering_schedule_pool(struct steering *, uint32_t pool, const struct scheduled *);
void steering_schedule_member(struct steering *, uint32_t service, uint32_t position, const struct scheduled *);
/* Takes what is new of one endpoint; in force with steering_publish. Costs what changes. */
void steering_set(struct steering *, uint32_t endpoint, const struct endpoint_state *);
/* Recomputes what depends on what was set and publishes it. Returns the number of choices recomputed. */
size_t steering_publish(struct steering *);
/* Both, for many: takes states (array by endpoint number of the whole model, endpoint_count of them) and publishes.
 * Costs a look at each. */
size_t steering_update(struct steering *, const struct endpoint_state *states);
/* What has been done since the tables were built: at rest, nothing. */
struct steering_work {
        uint64_t looked;  /* pools that ticks looked at */
        uint64_t pickers; /* published */
        uint64_t choices; /* published */
};
struct steering_work steering_work(const struct steering *);
const struct model *steering_model(const struct steering *);
/* The states in force, by endpoint number. */
const struct endpoint_state *steering_states(const struct steering *);
/* The route of a service; NULL: it is not enabled. */
const struct route *steering_route_of_service(const struct steering *, uint32_t service);

#endif
