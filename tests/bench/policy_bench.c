/* What each policy costs per answer, and what steering costs at scale: build, memory, one health flip. Prints; never
 * fails.
 *
 * policy_bench [SERVICES [POOLS]] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "zones/load/load.h"
#include "zones/dns/name.h"
#include "zones/answers/snapshot.h"
#include "zones/steering/steering.h"

#define PICKS     5000000u
#define CLIENTS   1024u
#define ENDPOINTS 4u
#define REGIONS   3u

static void make_items(struct model *m, enum kind kind, uint32_t count)
{
        m->count[kind] = m->present[kind] = count;
        m->items[kind] = ARENA_ARRAY(m->arena, void *, count);
        for (uint32_t i = 0; i < count; i++)
                m->items[kind][i] = arena_alloc(m->arena, kind_schema(kind)->size);
}

/* A model by hand: what model_load would make, without the store. */
static struct model *model_make(uint32_t services, uint32_t pools)
{
        struct arena *a = arena_new(0);
        struct model *m = ARENA_NEW(a, struct model);
        uint8_t wire[NAME_WIRE_MAX];
        const char *why;

        m->arena = a;
        m->revision = 1;
        make_items(m, KIND_REGIONS, REGIONS);
        make_items(m, KIND_NETWORKS, REGIONS);
        for (uint32_t i = 0; i < REGIONS; i++) {
                *m->regions[i] = (struct region){.name = arena_printf(a, "r%u", i),
                                                 .has_location = true,
                                                 .latitude = 20.0 * i,
                                                 .longitude = 30.0 * i};
                m->networks[i]->region = i;
                prefix_parse(arena_printf(a, "10.%u.0.0/16", i), &m->networks[i]->cidr);
        }
        make_items(m, KIND_POOLS, pools);
        m->endpoints = ARENA_ARRAY(a, struct endpoint *, pools * ENDPOINTS);
        for (uint32_t i = 0; i < pools; i++) {
                struct endpoint *endpoints = ARENA_ARRAY(a, struct endpoint, ENDPOINTS);
                struct pool *p = m->pools[i];
                *p = (struct pool){.name = arena_printf(a, "p%05u", i),
                                   .region = i % REGIONS,
                                   .enabled = true,
                                   .monitor = MODEL_NONE,
                                   .service = MODEL_NONE,
                                   .number = i,
                                   .min_healthy.count = 1,
                                   .hash = {.prefix_v4 = 24, .prefix_v6 = 56},
                                   .score = {.response_time = 1, .load = 1}};
                p->endpoints.items = endpoints;
                p->endpoints.count = ENDPOINTS;
                for (uint32_t e = 0; e < ENDPOINTS; e++) {
                        endpoints[e] = (struct endpoint){.name = arena_printf(a, "e%u", e),
                                                         .weight = e + 1,
                                                         .enabled = true,
                                                         .monitor = MODEL_NONE,
                                                         .pool = i,
                                                         .number = m->endpoint_count};
                        endpoints[e].address_text = arena_printf(a, "192.%u.%u.%u", i >> 8 & 255, i & 255, e + 1);
                        address_parse(endpoints[e].address_text, &endpoints[e].address);
                        m->endpoints[m->endpoint_count++] = &endpoints[e];
                }
        }
        make_items(m, KIND_ZONES, 1);
        struct zone *z = m->zones[0];
        *z = (struct zone){.name = "g.example", .ttl = 3600, .soa = {.minimum = 60}};
        z->wire = arena_memdup(a, wire, name_parse(z->name, NULL, wire, &why));
        z->ns_wire = ARENA_ARRAY(a, const uint8_t *, 1);
        z->ns_wire[0] = z->soa.mname_wire = z->soa.rname_wire = z->wire;
        z->ns.count = 1;
        make_items(m, KIND_SERVICES, services);
        for (uint32_t i = 0; i < services; i++) {
                struct service_pool *of = ARENA_ARRAY(a, struct service_pool, REGIONS);
                struct service *s = m->services[i];
                *s = (struct service){.name = arena_printf(a, "s%06u.g.example", i),
                                      .number = i,
                                      .ttl = 30,
                                      .enabled = true,
                                      .last_resort = MODEL_NONE};
                s->wire = arena_memdup(a, wire, name_parse(s->name, NULL, wire, &why));
                for (uint32_t k = 0; k < REGIONS; k++) {
                        uint32_t pool = (uint32_t)((i * 7919ull + k * (i / pools + 1)) % pools);
                        of[k] = (struct service_pool){.pool = pool, .pool_name = m->pools[pool]->name, .weight = k + 1};
                }
                s->pools.items = of;
                s->pools.count = REGIONS;
        }
        return m;
}

static struct snapshot *build(struct model *m)
{
        struct problems problems = PROBLEMS_INIT;
        struct snapshot *s = snapshot_build(m, NULL, NULL, &problems);

        if (!s) {
                fprintf(stderr, "%s", problems_text(&problems));
                exit(EXIT_FAILURE);
        }
        return s;
}

static void time_picks(const char *what, int steering, int balance, int64_t answers, double *weighted)
{
        struct model *m = model_make(1, REGIONS);
        static struct client clients[CLIENTS];
        static struct picker_state state;
        struct lookup found;
        struct pick pick;

        m->services[0]->steering = steering;
        for (uint32_t i = 0; i < REGIONS; i++) {
                m->pools[i]->balance = balance;
                m->pools[i]->answers = answers;
        }
        struct snapshot *s = build(m);
        snapshot_lookup(s, m->services[0]->wire, name_length(m->services[0]->wire), &found);
        random_seed(&state.random, 1);
        for (uint32_t i = 0; i < CLIENTS; i++) {
                clients[i].prefix =
                        (struct prefix){{ADDRESS_V4, {10, (uint8_t)(i % REGIONS), (uint8_t)(i / 4), (uint8_t)i}}, 32};
                client_locate(s->locator, &clients[i]);
        }
        double best = 1e9;
        for (unsigned round = 0; round < 3; round++) {
                uint64_t from = clock_us();
                for (uint32_t i = 0; i < PICKS; i++)
                        route_pick(node_route(found.exact), 1, &clients[i % CLIENTS], &state, &pick);
                double ns = (double)(clock_us() - from) * 1000 / PICKS;
                best = ns < best ? ns : best;
        }
        if (*weighted <= 0)
                *weighted = best;
        printf("%-28s %6.1f ns  %.2f of weighted\n", what, best, best / *weighted);
        snapshot_free(s);
}

static void policies(void)
{
        static const char *const balances[] = {"weighted",   "round_robin", "failover", "random", "hash",
                                               "least_load", "fastest",     "score",    "all"};
        static const char *const steerings[] = {"geo",      "proximity",   "latency", "failover",
                                                "weighted", "round_robin", "random"};
        double weighted = 0;

        for (int i = 0; i <= BALANCE_SCORE; i++)
                time_picks(balances[i], STEERING_GEO, i, 0, &weighted);
        time_picks("all (4 endpoints)", STEERING_GEO, BALANCE_ALL, 0, &weighted);
        for (int i = STEERING_PROXIMITY; i <= STEERING_RANDOM; i++)
                time_picks(steerings[i], i, BALANCE_WEIGHTED, 0, &weighted);
        weighted = 0;
        time_picks("weighted, 4 answers", STEERING_GEO, BALANCE_WEIGHTED, 4, &weighted);
        time_picks("hash, 4 answers", STEERING_GEO, BALANCE_HASH, 4, &weighted);
        time_picks("all, 4 answers", STEERING_GEO, BALANCE_ALL, 4, &weighted);
}

static void scale(uint32_t services, uint32_t pools)
{
        struct model *m = model_make(services, pools);
        uint64_t from = clock_us(), worst = 0, sum = 0;
        struct snapshot *s = build(m);
        struct endpoint_state *states = memory_alloc(m->endpoint_count * sizeof(*states));
        unsigned flips = 0;

        printf("%u services over %u pools: snapshot in %.0f ms, %.1f MB in its arena (the model besides: %.1f MB)\n",
               services, pools, (double)(clock_us() - from) / 1000, (double)arena_size(s->base->arena) / 1e6,
               (double)arena_size(m->arena) / 1e6);
        steering_update(s->steering, states);
        for (uint32_t i = 0; i < 400; i++) { /* whole pools down and up, endpoint by endpoint */
                uint32_t e = i % 200;
                states[e].health = i < 200 ? HEALTH_DOWN : HEALTH_UP;
                from = clock_us();
                steering_set(s->steering, e, &states[e]);
                steering_publish(s->steering);
                uint64_t took = clock_us() - from;
                worst = took > worst ? took : worst;
                sum += took;
                flips++;
        }
        printf("one flip: %.0f us on average, %llu us at worst\n", (double)sum / flips, (unsigned long long)worst);
        free(states);
        snapshot_free(s);
}

int main(int argc, char **argv)
{
        uint32_t services = argc > 1 ? (uint32_t)atoi(argv[1]) : 100000,
                 pools = argc > 2 ? (uint32_t)atoi(argv[2]) : 1000;

        log_set_level(LOG_LEVEL_ERROR);
        if (services < 1 || pools < REGIONS) {
                fprintf(stderr, "usage: policy_bench [SERVICES [POOLS]]\n");
                return EXIT_FAILURE;
        }
        policies();
        scale(services, pools);
        rcu_drain();
        return EXIT_SUCCESS;
}
