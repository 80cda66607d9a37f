/* Which pool a client gets: every steering policy, and what services say of failure. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "tests/unit/world.h"

#define REGIONS                                                                                                        \
        "regions:\n"                                                                                                   \
        "  - {name: eu, match: ['continent:EU'], location: [50.1, 8.7], fallback: [us, ap]}\n"                         \
        "  - {name: us, match: ['continent:NA'], location: [39.0, -77.5], fallback: [eu, ap], default: true}\n"        \
        "  - {name: ap, match: ['continent:AS'], location: [1.3, 103.8], fallback: [us, eu]}\n"                        \
        "networks:\n"                                                                                                  \
        "  - {cidr: 10.1.0.0/16, region: eu}\n"                                                                        \
        "  - {cidr: 10.2.0.0/16, region: us}\n"                                                                        \
        "  - {cidr: 10.3.0.0/16, region: ap}\n"                                                                        \
        "zones:\n"                                                                                                     \
        "  - {name: g.example, ns: [ns1.g.example], records: [{name: ns1, type: A, data: [203.0.113.53]}]}\n"
#define POOLS                                                                                                          \
        "pools:\n"                                                                                                     \
        "  - {name: peu, region: eu, endpoints: [{name: a, address: 192.0.2.1}, {name: b, address: 192.0.2.2}],\n"     \
        "     balance: failover}\n"                                                                                    \
        "  - {name: pus, region: us, endpoints: [{name: a, address: 192.0.2.11}]}\n"                                   \
        "  - {name: pap, region: ap, endpoints: [{name: a, address: 192.0.2.21}, {name: v6, address: "                 \
        "'2001:db8::21'}]}\n"
#define EU "10.1.2.3"
#define US "10.2.2.3"
#define AP "10.3.2.3"
#define W  "www.g.example"

static struct world *of(const char *services)
{
        char yaml[8192];

        snprintf(yaml, sizeof(yaml), "%s%sservices:\n%s", REGIONS, POOLS, services);
        return world_new(yaml, NULL);
}

static void all_down(struct world *w)
{
        for (uint32_t i = 0; i < w->snapshot->model->endpoint_count; i++)
                w->states[i].health = HEALTH_DOWN;
        world_update(w);
}

#define ck_answer(w, client, wanted) ck_assert_str_eq(world_answer((w), W, (client)), (wanted))

START_TEST(geo_gives_each_client_its_region_and_then_the_fallbacks_in_order)
{
        struct world *w = of("  - {name: " W ", pools: [peu, pus, pap]}\n");

        ck_answer(w, EU, "192.0.2.1");
        ck_answer(w, US, "192.0.2.11");
        ck_answer(w, AP, "192.0.2.21");
        ck_answer(w, "198.51.100.1", "192.0.2.11"); /* the default region */
        world_health(w, "peu/a", HEALTH_DOWN);
        ck_answer(w, EU, "192.0.2.2");
        world_health(w, "peu/b", HEALTH_DOWN);
        ck_answer(w, EU, "192.0.2.11");
        world_health(w, "pus/a", HEALTH_DOWN);
        ck_answer(w, EU, "192.0.2.21");
        world_health(w, "peu/b", HEALTH_UP);
        ck_answer(w, EU, "192.0.2.2");
        ck_answer(w, AP, "192.0.2.21");
        world_free(w);
}
END_TEST

START_TEST(scope_is_that_of_the_class_for_geo_and_0_for_failover)
{
        struct world *w = of("  - {name: " W ", pools: [peu, pus, pap]}\n"
                             "  - {name: f.g.example, steering: failover, pools: [peu, pus]}\n");

        ck_assert_uint_eq(world_pick(w, W, TYPE_A, "10.1.2.0/24").scope, 16);
        ck_assert_uint_eq(world_pick(w, "f.g.example", TYPE_A, "10.1.2.0/24").scope, 0);
        world_free(w);
}
END_TEST

START_TEST(drained_region_gets_no_queries)
{
        struct world *w = of("  - {name: " W ", pools: [peu, pus, pap]}\n");

        world_drain(w, "peu/a", true);
        world_drain(w, "peu/b", true);
        ck_answer(w, EU, "192.0.2.11");
        world_drain(w, "peu/b", false);
        ck_answer(w, EU, "192.0.2.2");
        world_free(w);
}
END_TEST

START_TEST(pool_without_the_asked_family_is_passed_over)
{
        struct world *w = of("  - {name: " W ", pools: [peu, pus, pap]}\n  - {name: v4.g.example, pools: [peu]}\n");
        struct pick pick = world_pick(w, W, TYPE_AAAA, EU);

        ck_assert_uint_eq(pick.count, 1);
        ck_assert_uint_eq(pick.targets[0]->type, TYPE_AAAA);
        pick = world_pick(w, "v4.g.example", TYPE_AAAA, EU);
        ck_assert_uint_eq(pick.count, 0);
        ck_assert_uint_eq(pick.rcode, 0);
        ck_assert_uint_eq(pick.ede, 0);
        pick = world_pick(w, "v4.g.example", TYPE_CNAME, EU);
        ck_assert_uint_eq(pick.count, 0);
        world_free(w);
}
END_TEST

START_TEST(proximity_serves_the_nearest_and_bias_moves_the_border)
{
        struct world *w = of("  - {name: " W ", steering: proximity, pools: [pap, pus, peu]}\n");

        ck_answer(w, EU, "192.0.2.1");
        ck_answer(w, AP, "192.0.2.21");
        world_health(w, "pap/a", HEALTH_DOWN);
        ck_answer(w, AP, "192.0.2.1"); /* Singapore is nearer to Frankfurt than to Virginia */
        world_free(w);
        w = world_new("regions:\n"
                      "  - {name: near, location: [0, 10], bias: -90}\n"
                      "  - {name: far, location: [0, 50]}\n"
                      "  - {name: here, location: [0, 0], default: true}\n"
                      "zones: [{name: g.example, ns: [ns1.example.net]}]\n"
                      "pools:\n"
                      "  - {name: n, region: near, endpoints: [192.0.2.1]}\n"
                      "  - {name: f, region: far, endpoints: [192.0.2.2]}\n"
                      "services: [{name: " W ", steering: proximity, pools: [n, f]}]\n",
                      NULL);
        ck_answer(w, EU, "192.0.2.2");
        world_free(w);
}
END_TEST

START_TEST(failover_serves_pools_as_listed)
{
        struct world *w = of("  - {name: " W ", steering: failover, pools: [pap, peu, pus]}\n");

        ck_answer(w, EU, "192.0.2.21");
        world_health(w, "pap/a", HEALTH_DOWN);
        ck_answer(w, EU, "192.0.2.1");
        world_free(w);
}
END_TEST

START_TEST(weighted_steering_gives_each_pool_its_share)
{
        struct world *w = of("  - {name: " W ", steering: weighted, pools: [{pool: pus, weight: 90},\n"
                             "     {pool: pap, weight: 10}, {pool: peu, weight: 0}]}\n");
        unsigned counts[8];
        double shares[8] = {0};

        shares[world_endpoint(w, "pus/a")] = 90;
        shares[world_endpoint(w, "pap/a")] = 10;
        world_count(w, W, EU, 1000000, counts);
        ck_assert_double_lt(chi_square(counts, shares, w->snapshot->model->endpoint_count), 10.8);
        world_health(w, "pus/a", HEALTH_DOWN);
        ck_answer(w, EU, "192.0.2.21");
        world_health(w, "pap/a", HEALTH_DOWN);
        ck_answer(w, EU, "192.0.2.1"); /* the reserve */
        world_free(w);
}
END_TEST

START_TEST(round_robin_steering_takes_turns_and_random_is_even)
{
        struct world *w = of("  - {name: " W ", steering: round_robin, pools: [pus, pap]}\n"
                             "  - {name: r.g.example, steering: random, pools: [pus, pap]}\n");
        unsigned counts[8];
        double shares[8] = {0};

        world_count(w, W, EU, 1000, counts);
        ck_assert_uint_eq(counts[world_endpoint(w, "pus/a")], 500);
        ck_assert_uint_eq(counts[world_endpoint(w, "pap/a")], 500);
        shares[world_endpoint(w, "pus/a")] = shares[world_endpoint(w, "pap/a")] = 1;
        world_count(w, "r.g.example", EU, 1000000, counts);
        ck_assert_double_lt(chi_square(counts, shares, w->snapshot->model->endpoint_count), 10.8);
        world_free(w);
}
END_TEST

START_TEST(latency_serves_the_fastest_pool_and_noise_moves_nobody)
{
        struct world *w = of("  - {name: " W ", steering: latency, pools: [peu, pus, pap]}\n");
        struct random noise;
        unsigned moves = 0;

        random_seed(&noise, 7);
        w->states[world_endpoint(w, "peu/a")].rtt_us = w->states[world_endpoint(w, "peu/b")].rtt_us = 42000;
        w->states[world_endpoint(w, "pus/a")].rtt_us = 40000;
        w->states[world_endpoint(w, "pap/a")].rtt_us = 200000;
        world_update(w);
        steering_tick(w->snapshot->steering, 1000);
        ck_answer(w, EU, "192.0.2.11");
        for (int64_t now = 2000; now < 2000000; now += 1000) {
                w->states[world_endpoint(w, "peu/a")].rtt_us = 30000 + random_below(&noise, 24000);
                w->states[world_endpoint(w, "pus/a")].rtt_us = 28000 + random_below(&noise, 24000);
                world_update(w);
                moves += steering_tick(w->snapshot->steering, now) > 0;
        }
        ck_assert_uint_le(moves, 2);
        w->states[world_endpoint(w, "pus/a")].rtt_us = 90000;
        for (int64_t now = 2000000; now < 2200000; now += 1000) {
                world_update(w);
                steering_tick(w->snapshot->steering, now);
        }
        ck_answer(w, EU, "192.0.2.1");
        world_free(w);
}
END_TEST

START_TEST(latency_is_seen_from_the_clients_region_where_a_prober_stands)
{
        char yaml[8192];

        snprintf(yaml, sizeof(yaml),
                 "%s%sprobers: [{name: p1, region: ap}]\n"
                 "services: [{name: " W ", steering: latency, pools: [peu, pus]}]\n",
                 REGIONS, POOLS);
        struct world *w = world_new(yaml, NULL);
        w->states[world_endpoint(w, "peu/a")].rtt_us = 10000;
        w->states[world_endpoint(w, "pus/a")].rtt_us = 50000;
        world_update(w);
        steering_round_trip(w->snapshot->steering, model_find(w->snapshot->model, KIND_REGIONS, "ap"),
                            world_endpoint(w, "pus/a"), 5000);
        steering_tick(w->snapshot->steering, 1000);
        ck_answer(w, EU, "192.0.2.1");
        ck_answer(w, AP, "192.0.2.11");
        world_free(w);
}
END_TEST

START_TEST(override_belongs_to_the_rule_that_matched)
{
        struct world *w = of("  - name: " W "\n    pools: [peu, pus, pap]\n"
                             "    overrides:\n"
                             "      - {networks: [10.1.7.0/24, 198.51.100.0/24], regions: [ap, us]}\n"
                             "      - {networks: [10.1.0.0/16], regions: [us]}\n"
                             "  - {name: plain.g.example, pools: [peu, pus, pap]}\n");

        ck_answer(w, "10.1.7.9", "192.0.2.21");
        ck_answer(w, "198.51.100.9", "192.0.2.21");
        ck_answer(w, EU, "192.0.2.11");
        ck_answer(w, AP, "192.0.2.21");
        ck_assert_uint_ge(world_pick(w, W, TYPE_A, "10.1.7.9").scope, 24);
        ck_assert_str_eq(world_answer(w, "plain.g.example", "10.1.7.9"), "192.0.2.1");
        ck_assert_str_eq(world_answer(w, "plain.g.example", "198.51.100.9"), "192.0.2.11");
        world_health(w, "pap/a", HEALTH_DOWN);
        ck_answer(w, "10.1.7.9", "192.0.2.11");
        world_free(w);
}
END_TEST

START_TEST(fence_keeps_clients_in_their_region_even_when_it_is_down)
{
        struct world *w = of("  - {name: " W ", fence: true, when_all_down: servfail, pools: [peu, pus]}\n");
        struct pick pick;

        world_health(w, "peu/a", HEALTH_DOWN);
        world_health(w, "peu/b", HEALTH_DOWN);
        pick = world_pick(w, W, TYPE_A, EU);
        ck_assert_uint_eq(pick.count, 0);
        ck_assert_uint_eq(pick.rcode, 2);
        ck_answer(w, US, "192.0.2.11");
        ck_answer(w, AP, "192.0.2.11"); /* no pool in ap: the first fallback that has one */
        world_free(w);
}
END_TEST

START_TEST(all_down_serves_all_of_the_first_pool_that_is_not_drained)
{
        struct world *w = of("  - {name: " W ", pools: [peu, pus, pap]}\n");

        all_down(w);
        struct pick pick = world_pick(w, W, TYPE_A, EU);
        ck_assert_uint_eq(pick.count, 1);
        ck_assert_uint_ne(pick.ede, 0);
        ck_answer(w, EU, "192.0.2.1");
        ck_answer(w, AP, "192.0.2.21");
        world_drain(w, "peu/a", true);
        ck_answer(w, EU, "192.0.2.2");
        world_drain(w, "peu/b", true);
        ck_answer(w, EU, "192.0.2.11");
        for (uint32_t i = 0; i < w->snapshot->model->endpoint_count; i++)
                w->states[i].drained = true;
        world_update(w);
        ck_answer(w, EU, "192.0.2.1"); /* better than an empty lie */
        world_free(w);
}
END_TEST

START_TEST(all_down_prefers_drained_endpoints_that_are_up_and_says_so)
{
        struct world *w = of("  - {name: " W ", pools: [peu, pus, pap]}\n");
        struct pick pick;

        all_down(w);
        pick = world_pick(w, W, 1, EU);
        ck_assert_ptr_nonnull(strstr(pick.ede_text, "all endpoints are down"));
        w->states[world_endpoint(w, "peu/b")].drained = true;
        world_health(w, "peu/b", HEALTH_UP);
        ck_answer(w, EU, "192.0.2.2"); /* of a pool: the one that is up */
        pick = world_pick(w, W, 1, EU);
        ck_assert_ptr_nonnull(strstr(pick.ede_text, "drained ones that are up"));
        world_health(w, "peu/b", HEALTH_DOWN);
        w->states[world_endpoint(w, "pap/a")].drained = true;
        world_health(w, "pap/a", HEALTH_UNKNOWN);
        ck_answer(w, EU, "192.0.2.21"); /* of the order: the pool that has one */
        ck_answer(w, US, "192.0.2.21");
        world_drain(w, "pap/a", false);
        ck_assert_uint_eq(world_pick(w, W, 1, EU).ede, 0);
        world_free(w);
}
END_TEST

START_TEST(all_down_looks_for_drained_endpoints_inside_services_too)
{
        struct world *w = world_new(REGIONS "pools:\n"
                                            "  - {name: first, region: eu, endpoints: [192.0.2.31]}\n"
                                            "  - {name: inside, region: eu, endpoints: [192.0.2.32]}\n"
                                            "  - {name: deep, region: eu, service: inner.g.example}\n"
                                            "services:\n"
                                            "  - {name: inner.g.example, pools: [inside]}\n"
                                            "  - {name: " W ", steering: failover, pools: [first, deep]}\n",
                                    NULL);

        all_down(w);
        ck_answer(w, EU, "192.0.2.31");
        w->states[world_endpoint(w, "inside/192.0.2.32")].drained = true;
        world_update(w);
        ck_answer(w, EU, "192.0.2.31");
        world_health(w, "inside/192.0.2.32", HEALTH_UP);
        ck_answer(w, EU, "192.0.2.32");
        world_free(w);
}
END_TEST

START_TEST(all_down_does_what_the_service_says)
{
        struct world *w =
                of("  - {name: l.g.example, when_all_down: last_resort, last_resort: pap, pools: [peu, pus]}\n"
                   "  - {name: f.g.example, when_all_down: fallback_address,\n"
                   "     fallback_address: [198.51.100.7], pools: [peu, pus]}\n"
                   "  - {name: n.g.example, when_all_down: nodata, pools: [peu, pus]}\n"
                   "  - {name: s.g.example, when_all_down: servfail, pools: [peu, pus]}\n");
        struct pick pick;

        ck_assert_str_eq(world_answer(w, "l.g.example", EU), "192.0.2.1");
        all_down(w);
        ck_assert_str_eq(world_answer(w, "l.g.example", EU), "192.0.2.21");
        ck_assert_uint_ne(world_pick(w, "l.g.example", TYPE_A, EU).ede, 0);
        ck_assert_str_eq(world_answer(w, "f.g.example", EU), "198.51.100.7");
        pick = world_pick(w, "n.g.example", TYPE_A, EU);
        ck_assert_uint_eq(pick.count, 0);
        ck_assert_uint_eq(pick.rcode, 0);
        ck_assert_uint_ne(pick.ede, 0);
        pick = world_pick(w, "s.g.example", TYPE_A, EU);
        ck_assert_uint_eq(pick.count, 0);
        ck_assert_uint_eq(pick.rcode, 2);
        ck_assert_ptr_nonnull(pick.ede_text);
        world_free(w);
}
END_TEST

START_TEST(delayed_failback_waits_and_manual_failback_waits_for_a_word)
{
        struct world *w = of("  - {name: " W ", failback: delayed 60s, pools: [peu, pus]}\n"
                             "  - {name: m.g.example, failback: manual, pools: [peu, pus]}\n");

        steering_tick(w->snapshot->steering, 1000);
        w->states[world_endpoint(w, "peu/a")].health = w->states[world_endpoint(w, "peu/b")].health = HEALTH_DOWN;
        world_update(w);
        ck_answer(w, EU, "192.0.2.11");
        steering_tick(w->snapshot->steering, 10000);
        world_health(w, "peu/a", HEALTH_UP);
        ck_answer(w, EU, "192.0.2.11");
        steering_tick(w->snapshot->steering, 69000);
        ck_answer(w, EU, "192.0.2.11");
        steering_tick(w->snapshot->steering, 70001);
        ck_answer(w, EU, "192.0.2.1");
        ck_assert_str_eq(world_answer(w, "m.g.example", EU), "192.0.2.11");
        world_health(w, "pus/a", HEALTH_DOWN);
        ck_assert_str_eq(world_answer(w, "m.g.example", EU), "192.0.2.1"); /* rather than nobody */
        world_health(w, "pus/a", HEALTH_UP);
        steering_failback(w->snapshot->steering, world_pool(w, "peu"));
        ck_assert_str_eq(world_answer(w, "m.g.example", EU), "192.0.2.1");
        world_free(w);
}
END_TEST

START_TEST(pool_held_back_stays_held_over_a_revision)
{
        char yaml[8192];

        snprintf(yaml, sizeof(yaml), "%s%sservices: [{name: " W ", failback: manual, pools: [peu, pus]}]\n", REGIONS,
                 POOLS);
        struct world *w = world_new(yaml, NULL);
        w->states[world_endpoint(w, "peu/a")].health = w->states[world_endpoint(w, "peu/b")].health = HEALTH_DOWN;
        world_update(w);
        world_health(w, "peu/a", HEALTH_UP);
        struct world *next = world_new(yaml, w);
        world_update(next);
        ck_answer(next, EU, "192.0.2.11");
        world_free(w);
        ck_answer(next, EU, "192.0.2.11");
        world_free(next);
}
END_TEST

START_TEST(service_is_steered_through_three_levels)
{
        struct world *w = world_new(REGIONS "pools:\n"
                                            "  - {name: leaf1, region: eu, endpoints: [192.0.2.1]}\n"
                                            "  - {name: leaf2, region: us, endpoints: [192.0.2.2]}\n"
                                            "  - {name: mid, region: eu, service: inner.g.example}\n"
                                            "  - {name: top, region: eu, service: middle.g.example}\n"
                                            "  - {name: other, region: us, endpoints: [192.0.2.9]}\n"
                                            "services:\n"
                                            "  - {name: inner.g.example, pools: [leaf1, leaf2]}\n"
                                            "  - {name: middle.g.example, steering: failover, pools: [mid]}\n"
                                            "  - {name: " W ", steering: failover, pools: [top, other]}\n",
                                    NULL);

        ck_answer(w, EU, "192.0.2.1");
        ck_answer(w, US, "192.0.2.2");
        ck_assert_uint_eq(world_pick(w, W, TYPE_A, EU).scope, 16);
        world_health(w, "leaf1/192.0.2.1", HEALTH_DOWN);
        ck_answer(w, EU, "192.0.2.2");
        world_health(w, "leaf2/192.0.2.2", HEALTH_DOWN);
        ck_answer(w, EU, "192.0.2.9");
        world_health(w, "leaf1/192.0.2.1", HEALTH_UP);
        ck_answer(w, EU, "192.0.2.1");
        world_free(w);
}
END_TEST

START_TEST(services_in_a_circle_and_too_deep_ones_are_refused)
{
        char *text;

        ck_assert_ptr_null(world_model(REGIONS "pools: [{name: p, region: eu, service: www.g.example}]\n"
                                               "services: [{name: www.g.example, pools: [p]}]\n",
                                       NULL, &text));
        ck_assert_ptr_nonnull(strstr(text, "circle"));
        free(text);
        ck_assert_ptr_null(world_model(REGIONS "pools:\n"
                                               "  - {name: p1, region: eu, endpoints: [192.0.2.1]}\n"
                                               "  - {name: p2, region: eu, service: s1.g.example}\n"
                                               "  - {name: p3, region: eu, service: s2.g.example}\n"
                                               "  - {name: p4, region: eu, service: s3.g.example}\n"
                                               "services:\n"
                                               "  - {name: s1.g.example, pools: [p1]}\n"
                                               "  - {name: s2.g.example, pools: [p2]}\n"
                                               "  - {name: s3.g.example, pools: [p3]}\n"
                                               "  - {name: s4.g.example, pools: [p4]}\n",
                                       NULL, &text));
        ck_assert_ptr_nonnull(strstr(text, "s4.g.example"));
        ck_assert_ptr_null(strstr(text, "s3.g.example]"));
        free(text);
}
END_TEST

START_TEST(bad_options_are_refused_with_what_was_expected)
{
        static const char *const bad[][2] = {
                {"failback: later", "delayed 5m"},
                {"steering: geoo", "expected"},
                {"when_all_down: last_resort", "last_resort"},
                {"when_all_down: fallback_address", "fallback_address"},
                {"overrides: [{regions: [eu]}]", "for nobody"},
                {"overrides: [{match: ['country:DE'], regions: [mars]}]", "mars"},
                {"overrides: [{networks: [10.1.2.3/8], regions: [eu]}]", "192.0.2.0/24"},
        };

        for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
                char yaml[8192], *text;
                snprintf(yaml, sizeof(yaml), "%s%sservices: [{name: " W ", pools: [peu], %s}]\n", REGIONS, POOLS,
                         bad[i][0]);
                ck_assert_msg(!world_model(yaml, NULL, &text), "%s was taken", bad[i][0]);
                ck_assert_msg(strstr(text, bad[i][1]) != NULL, "%s: %s", bad[i][0], text);
                free(text);
        }
}
END_TEST

START_TEST(empty_or_disabled_pool_never_ends_the_search)
{
        struct world *w =
                world_new(REGIONS "pools:\n"
                                  "  - {name: empty, region: eu}\n"
                                  "  - {name: off, region: eu, enabled: false, endpoints: [192.0.2.8]}\n"
                                  "  - {name: gone, region: eu, endpoints: [{address: 192.0.2.9, enabled: false}]}\n"
                                  "  - {name: good, region: us, endpoints: [192.0.2.1]}\n"
                                  "services: [{name: " W ", pools: [empty, off, gone, good]}]\n",
                          NULL);

        ck_answer(w, EU, "192.0.2.1");
        all_down(w);
        ck_answer(w, EU, "192.0.2.1");
        world_free(w);
}
END_TEST

/* Whole files of text; the caller frees it. */
static char *file_text(const char *path)
{
        FILE *f = fopen(path, "r");
        char *text = calloc(1, 1 << 20);

        ck_assert_msg(f && text, "cannot read %s", path);
        ck_assert_uint_gt(fread(text, 1, (1 << 20) - 1, f), 0);
        fclose(f);
        return text;
}

START_TEST(every_example_of_the_guide_loads_and_all_its_services_answer)
{
        char *guide = file_text(DOCS_DIR "/steering.md");
        unsigned examples = 0;

        for (char *at = strstr(guide, "```yaml\n"); at; at = strstr(at, "```yaml\n")) {
                char *end = strstr(at += 8, "```");
                ck_assert_ptr_nonnull(end);
                *end = '\0';
                struct world *w = world_new(at, NULL);
                for (uint32_t i = 0; i < w->snapshot->model->count[KIND_SERVICES]; i++)
                        ck_assert_str_ne(world_answer(w, w->snapshot->model->services[i]->name, "10.1.2.3"), "");
                world_free(w);
                examples++;
                at = end + 1;
        }
        ck_assert_uint_ge(examples, 5);
        free(guide);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("steering");
        TCase *t = tcase_create("steering");

        log_set_level(LOG_LEVEL_ERROR);
        tcase_set_timeout(t, 120);
        tcase_add_test(t, geo_gives_each_client_its_region_and_then_the_fallbacks_in_order);
        tcase_add_test(t, scope_is_that_of_the_class_for_geo_and_0_for_failover);
        tcase_add_test(t, drained_region_gets_no_queries);
        tcase_add_test(t, pool_without_the_asked_family_is_passed_over);
        tcase_add_test(t, proximity_serves_the_nearest_and_bias_moves_the_border);
        tcase_add_test(t, failover_serves_pools_as_listed);
        tcase_add_test(t, weighted_steering_gives_each_pool_its_share);
        tcase_add_test(t, round_robin_steering_takes_turns_and_random_is_even);
        tcase_add_test(t, latency_serves_the_fastest_pool_and_noise_moves_nobody);
        tcase_add_test(t, latency_is_seen_from_the_clients_region_where_a_prober_stands);
        tcase_add_test(t, override_belongs_to_the_rule_that_matched);
        tcase_add_test(t, fence_keeps_clients_in_their_region_even_when_it_is_down);
        tcase_add_test(t, all_down_serves_all_of_the_first_pool_that_is_not_drained);
        tcase_add_test(t, all_down_prefers_drained_endpoints_that_are_up_and_says_so);
        tcase_add_test(t, all_down_looks_for_drained_endpoints_inside_services_too);
        tcase_add_test(t, all_down_does_what_the_service_says);
        tcase_add_test(t, delayed_failback_waits_and_manual_failback_waits_for_a_word);
        tcase_add_test(t, pool_held_back_stays_held_over_a_revision);
        tcase_add_test(t, service_is_steered_through_three_levels);
        tcase_add_test(t, services_in_a_circle_and_too_deep_ones_are_refused);
        tcase_add_test(t, bad_options_are_refused_with_what_was_expected);
        tcase_add_test(t, empty_or_disabled_pool_never_ends_the_search);
        tcase_add_test(t, every_example_of_the_guide_loads_and_all_its_services_answer);
        suite_add_tcase(suite, t);
        return world_run(suite);
}
