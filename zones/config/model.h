/* zones/config/model.h: the configuration as typed structures: what the schema decodes documents into.
 *
 * One `struct model` holds one revision's whole configuration in one arena. It is built on the control thread
 * (zones/load/load.h), checked whole, then immutable; the snapshot built from it owns it. Each item has a number,
 * local to this process, by which its kind's array leads to it and other items refer to it. Numbers of what has a key
 * in both are the same in the model before, so that state is kept by number; what is gone leaves a hole (NULL), whose
 * number is given again only later. The order of numbers says nothing. Regions, networks and rules alone are numbered
 * in the order of their keys, without holes, anew in each load. The tables that decode it are in
 * zones/config/schema_*.c, with the help text, bounds and default of each field. */
#ifndef ZONES_CONFIG_MODEL_H
#define ZONES_CONFIG_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include "base/address.h"
#include "base/arena.h"
#include "base/documents/doc.h"
#include "base/documents/schema.h"
#include "zones/config/names.h"
#include "zones/monitors/monitor.h"
#include "zones/schedules/schedule.h"
#include "zones/store/kind.h"

#define MODEL_NONE UINT32_MAX /* no such number */

/* One of those that refer to an item, in a list of the model (zones/load/references.h). Stands in the item that refers.
 */
struct reference {
        struct reference *next, *previous;
        uint32_t from, to; /* numbers */
};

/* "continent:EU", "country:DE", "subdivision:US-CA", "asn:64500" */
struct match {
        enum match_kind kind;
        char value[8];
        uint32_t asn;
};

struct region {
        const char *name;
        LIST(struct match) match;
        struct strings fallback;    /* names */
        uint32_t *fallback_regions; /* numbers, fallback.count of them */
        bool has_location;
        double latitude, longitude;
        int64_t bias; /* -99..99: makes it nearer (above 0) or farther for `proximity`, in percent */
        bool is_default;
};

struct network {
        struct prefix cidr;
        const char *region_name;
        uint32_t region;
};

enum endpoint_type { ENDPOINT_A, ENDPOINT_AAAA, ENDPOINT_CNAME };

/* When an endpoint that was down and is back serves again. */
#define FAILBACK_DELAY_MOST_S 31536000
struct failback_rule {
        bool given;
        uint8_t failback; /* enum failback */
        uint32_t delay_s; /* FAILBACK_DELAYED */
};

struct endpoint {
        const char *name;
        const char *address_text;       /* "192.0.2.1", "2001:db8::1" or "host.example.net" */
        const uint8_t *cname;           /* wire, CNAME */
        double max_load;                /* in the unit of its load figure; 0: none */
        struct schedule_list schedules; /* of its weight, and whether it is enabled */
        struct strings labels;
        struct monitor_use monitor_use; /* over the pool's */
        struct failback_rule failback;  /* when not given, the pool's counts */
        int type;                       /* enum endpoint_type, from the address */
        struct address address;         /* A and AAAA */
        bool enabled, backup;           /* backup: only when every endpoint that is none is down */
        int32_t weight, priority, port; /* port 0: the monitor's */
        uint32_t monitor;               /* or MODEL_NONE */
        uint32_t pool;                  /* whose it is */
        uint32_t number;                /* over the whole model */
};

/* How many endpoints must be up, "2" or "50%"; one of them is 0. */
struct min_healthy {
        uint32_t count, percent;
};

struct pool {
        const char *name;
        const char *region_name;
        struct monitor_use monitor_use;
        uint32_t region, monitor; /* or MODEL_NONE */
        int balance;              /* enum balance */
        int32_t answers;          /* endpoints per reply; 0: 1, and all of them when the balance is `all` */
        bool enabled;
        struct failback_rule failback;  /* of its endpoints, one by one */
        struct schedule_list schedules; /* whether it is enabled */
        struct min_healthy min_healthy; /* below it the next pool serves */
        double max_load;                /* of the mean load of its endpoints; 0: none */
        int64_t slow_start_ms;          /* how long a returning endpoint takes to its full share */
        struct pool_hash {
                int32_t prefix_v4, prefix_v6; /* bits of the client that count */
                const char *salt;             /* NULL: none */
        } hash;
        struct pool_score {
                double response_time, load, errors, cpu, memory; /* balance score: what a unit of each costs */
        } score;
        const char *service_name; /* a service to choose through, instead of endpoints; NULL: none */
        uint32_t service;         /* or MODEL_NONE */
        struct strings labels;
        LIST(struct endpoint) endpoints;
        uint32_t number;
        struct arena *arena;      /* it and what it points to live there */
        struct monitor *made;     /* those that it and its endpoints made of others: a chain of `next_made` */
        struct reference *inside; /* to the service */
};

/* As written. */
struct record_text {
        const char *name; /* relative, "@", or absolute with a dot */
        const char *type;
        int64_t ttl;         /* seconds; -1: the zone's */
        struct strings data; /* presentation text */
};

struct record {
        const uint8_t *owner;  /* wire, lower case */
        const uint8_t **rdata; /* wire, uncompressed; each after its 2-byte length */
        uint32_t ttl;          /* seconds */
        uint16_t type, count;  /* count: of rdata */
};

struct zone {
        const char *name;
        const uint8_t *wire; /* lower case */
        struct strings ns;   /* absolute names */
        const uint8_t **ns_wire;
        int64_t ttl; /* default TTL of records, seconds */
        struct zone_soa {
                const char *mname, *rname; /* defaults: first ns, hostmaster.ZONE */
                int64_t serial;            /* at least this; 0: not given */
                int64_t refresh, retry, expire, minimum;
                const uint8_t *mname_wire, *rname_wire;
        } soa;
        LIST(struct record) records;      /* in the order written */
        LIST(struct record_text) written; /* the same, until it is linked: not of its arena */
        uint32_t serial;                  /* zones/load/serials.h */
        uint32_t number;
        struct arena *arena;
        struct zone_transfer {
                LIST(struct prefix) allow;
                struct strings keys; /* names of TSIG keys */
        } transfer;                  /* who may read the whole zone; both empty: nobody */
        uint32_t *by_owner;          /* indexes of records in the order of owner and type */
        uint32_t owner_count;        /* how many there are in it */
};

/* How many services a client may be led through: a service over a pool that contains a service, and so on. */
#define SERVICE_DEPTH_MAX 3

/* Another order of regions for clients that meet one of its conditions. */
struct override {
        LIST(struct match) match;
        LIST(struct prefix) networks;
        struct strings regions; /* names */
        uint32_t *region_indexes;
};

#define SERVICE_POOLS_MAX 256

/* An SVCB or HTTPS record of a service (RFC 9460). */
#define BINDINGS_MAX       16
#define BINDING_PARAMS_MAX 2000 /* characters */
#define BINDING_RDATA_MAX  4096 /* without the hints */
struct binding {
        int64_t priority; /* 0: AliasMode */
        const char *target, *params;
        bool hints;
        uint32_t steered;     /* the service whose addresses are its hints, or MODEL_NONE: no hints */
        const uint8_t *rdata; /* wire, without the hints */
        uint16_t length, target_length;
        uint16_t ipv4hint_at, ipv6hint_at; /* where they go in it, by number of key */
        struct reference hinted;           /* to the hash of the target's key, when hints are of another service */
};

struct binding_list {
        struct binding *items;
        uint32_t count;
};

/* An entry of a service's pools: "web-eu" or {pool: web-eu, weight: 90}. */
struct service_pool {
        const char *pool_name;
        int32_t weight;
        uint32_t pool;
        struct schedule_list schedules; /* of its weight */
        struct reference over;          /* to the pool */
};

struct address_list {
        struct address *items;
        uint32_t count;
};

struct service {
        const char *name;
        const uint8_t *wire; /* lower case */
        uint32_t number;
        uint32_t zone; /* the longest zone that holds it */
        int64_t ttl;
        int steering;                           /* enum steering_policy */
        int when_all_down;                      /* enum when_all_down */
        const char *last_resort_name;           /* WHEN_ALL_DOWN_LAST_RESORT: a pool */
        uint32_t last_resort;                   /* or MODEL_NONE */
        struct address_list fallback_addresses; /* WHEN_ALL_DOWN_FALLBACK_ADDRESS */
        const char *failback_text;              /* "auto", "manual", "delayed 5m" */
        int failback;                           /* enum failback */
        int64_t failback_delay_ms;
        bool fence; /* clients stay in the first region of their order that has a pool of the service */
        LIST(struct override) overrides; /* the first that is met counts */
        struct binding_list svcb, https;
        bool flatten; /* host names are answered with their addresses; at the apex always */
        bool enabled;
        LIST(struct service_pool) pools;
        struct arena *arena;
        struct reference in_zone, *last; /* to the zone; to the pool of the last resort */
};

struct prober {
        const char *name, *region_name;
        uint32_t region;
        bool enabled;
        struct arena *arena;
};

/* What must hold after each change; who breaks one says why. */
struct rules {
        int64_t regions_serving;   /* at least so many; 0: any number */
        int64_t max_traffic_moved; /* percent of all answers; 0: any */
        struct drain_rules {
                int64_t max_for_ms; /* 0: any time, and without an end */
        } drains;
};

struct token {
        const char *name;
        int role;                          /* enum role */
        const char *hash;                  /* "sha256:SALT:HEX" */
        const char *prober;                /* role prober: which one; NULL otherwise */
        int64_t until_ms;                  /* wall time; 0: no end */
        struct strings zones, pool_labels; /* its scope; both empty: everything */
        struct arena *arena;
};

/* A digest of what a transfer of a zone would hold, the SOA's serial apart (zones/config/contents.h). */
struct content_sum {
        uint64_t low, high;
};

/* Where a list of schedules stands: of an endpoint (by number), a pool, or the pool at a place of a service. */
enum schedule_of { SCHEDULE_OF_ENDPOINT, SCHEDULE_OF_POOL, SCHEDULE_OF_MEMBER };
struct schedule_place {
        enum schedule_of of;
        uint32_t number, position; /* SCHEDULE_OF_MEMBER: the service's, and in its pools; else position is 0 */
};

struct model {
        struct arena *arena;
        uint64_t revision;
        int64_t revision_time_ms;
        union { /* by number, with holes; in the order of enum kind */
                struct {
                        struct region **regions;
                        struct network **networks;
                        struct monitor **monitors; /* with those that pools and endpoints made of others, without key */
                        struct pool **pools;
                        struct zone **zones;
                        struct service **services;
                        struct prober **probers;
                        struct rules **rules; /* one, or none: see model_rules */
                        struct token **tokens;
                };
                void **items[KIND_COUNT];
        };
        uint32_t count[KIND_COUNT];   /* where the numbers end */
        uint32_t present[KIND_COUNT]; /* how many have a key */
        struct endpoint **endpoints;  /* of all pools, by number, with holes */
        uint32_t endpoint_count;      /* where their numbers end */
        uint32_t endpoints_present;
        struct content_sum *contents;                                    /* of zones, by number */
        struct reference **services_over, **pools_around, **services_in; /* by number of pool, service, zone: who leads
                                                                            to it, contains it, lies in it */
        uint32_t *region_of;  /* by number of pool; MODEL_NONE: it has none */
        uint32_t *monitor_of; /* by number of endpoint, likewise */
        struct hints {
                struct reference **heads; /* by the low bits of the hash: whose bindings name a service for hints */
                uint32_t mask, count;
                bool heap;
        } hints;
        struct model_numbers *numbers; /* zones/load/numbers.c */
        struct key_index {
                struct key_slot {
                        uint32_t hash, item; /* number + 1; 0: free */
                } * slots;
                uint32_t mask, used; /* how many slots - 1 */
                bool heap;
        } by_key[KIND_COUNT];
        uint32_t default_region; /* MODEL_NONE only when there are no regions */
};

/* for (each T *one in `items`, numbers below `end`, without the holes): model_each (pool, p, m->pools,
 * m->count[KIND_POOLS]) */
#define model_each(type, one, items, end)                                                                              \
        for (struct type *const *one##_at = (items), *(one); one##_at < (items) + (end); one##_at++)                   \
                if (((one) = *one##_at))

const struct schema *kind_schema(enum kind);
/* {kind: its schema} of every kind, as schema_describe() tells one. */
struct doc *kinds_describe(struct arena *);
/* The field that holds it; NULL: see kind_only_key. */
const char *kind_key_field(enum kind);
/* The key a document of this kind is stored under (name, canonical domain name or CIDR). false: `at` gets a problem. */
bool kind_key(enum kind, const struct doc *, char *out, size_t size, struct problems *);
/* The key as a person or URL writes it, made canonical ("WWW.Example.com." is "www.example.com"). */
bool kind_key_canonical(enum kind, const char *text, char *out, size_t size);

/* "pool/endpoint", the id of an endpoint in health, metrics and the API. Into out, returns it. */
char *endpoint_id(const struct model *, uint32_t number, char *out, size_t size);
/* The endpoint's number, or MODEL_NONE. */
uint32_t endpoint_number(const struct model *, const char *id);
/* Whether it serves at some time: it is enabled, or a schedule enables it. */
bool endpoint_is_used(const struct endpoint *);
bool pool_is_used(const struct pool *);
const struct schedule_list *model_schedules(const struct model *, const struct schedule_place *);
/* "endpoint/web-eu/eu1", "pool/web-eu", "service/www.gslb.example.com/web-eu". Into out, returns it. */
#define SCHEDULE_PLACE_MAX 2048
char *schedule_place_text(const struct model *, const struct schedule_place *, char out[SCHEDULE_PLACE_MAX]);
/* The wire form, in the arena, of a name that was checked. */
const uint8_t *model_wire(struct arena *, const char *name);
/* Where the item says what arena it lives in; regions, networks and rules live in the model's. */
struct arena **item_arena(enum kind, void *item);
/* Those that stand, be they written or not. */
const struct rules *model_rules(const struct model *);
/* The key of an item, or of a network its text in `scratch`. */
const char *model_key(enum kind, const void *item, char scratch[PREFIX_TEXT_MAX]);
uint32_t model_find(const struct model *, enum kind, const char *key); /* its number, or MODEL_NONE; REGIONS..TOKENS */
/* Makes all items of a kind findable by key. */
void model_index(struct model *, enum kind);
/* Below, at or above 0: the order of owners in by_owner, which is no other's. */
int zone_owner_order(const uint8_t *a, const uint8_t *b);
/* The zone's records of this owner, by type: indexes, *count of them. */
const uint32_t *zone_records_of(const struct zone *, const uint8_t *owner, uint32_t *count);
/* One more, or one less, that is found by key. */
void model_index_add(struct model *, enum kind, uint32_t number);
void model_index_remove(struct model *, enum kind, uint32_t number);

#endif
