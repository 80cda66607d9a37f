/* What weights become of figures (load, round trips, cost) and of time: slow start and shedding. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "tests/unit/world.h"

#define W          WORLD_SERVICE
#define CLIENT     "10.1.2.3"
#define MANY       1000000u
#define ENDS       16
#define CRITICAL_3 16.27 /* chi-square, 3 degrees of freedom, one in a thousand */

/* --- figures --- */

static uint32_t end(const struct world *w, const char *name)
{
        char id[40];

        snprintf(id, sizeof(id), "p/%s", name);
        return world_endpoint(w, id);
}

START_TEST(least_load_gives_by_what_is_left)
{
        struct world *w =
                world_of_pool("balance: least_load", "{name: a, address: 192.0.2.1}, {name: b, address: 192.0.2.2},"
                                                     "{name: c, address: 192.0.2.3, max_load: 200}");
        unsigned counts[ENDS];

        w->states[end(w, "a")].figures.load = 80;
        w->states[end(w, "b")].figures.load = 40;
        w->states[end(w, "c")].figures.load = 40;
        world_update(w);
        world_count(w, W, CLIENT, MANY, counts);
        ck_assert_double_lt(chi_square(counts, (double[]){20, 60, 80}, 3), CRITICAL_3);
        world_free(w);
}
END_TEST

/* Every balance that a round trip says nothing to, and one that it does, with and without other figures. */
START_TEST(round_trips_rebuild_only_what_is_picked_by_them)
{
        static const char *const balances[] = {"weighted", "round_robin", "failover", "random",
                                               "hash",     "least_load",  "all"};
        struct steering_work before, after;

        for (unsigned i = 0; i < sizeof(balances) / sizeof(*balances); i++) {
                char options[60];
                snprintf(options, sizeof(options), "balance: %s", balances[i]);
                struct world *w = world_of_pool(options, WORLD_FOUR);
                before = steering_work(w->snapshot->steering);
                for (uint32_t report = 1; report < 50; report++) {
                        for (uint32_t e = 0; e < 4; e++)
                                w->states[e].rtt_us = 1000 * report + e;
                        world_update(w);
                }
                after = steering_work(w->snapshot->steering);
                ck_assert_msg(after.pickers == before.pickers && after.choices == before.choices, "%s: %llu pickers",
                              balances[i], (unsigned long long)(after.pickers - before.pickers));
                world_free(w);
        }
        struct world *w = world_of_pool("balance: fastest", WORLD_FOUR);
        before = steering_work(w->snapshot->steering);
        w->states[2].rtt_us = 5000;
        world_update(w);
        after = steering_work(w->snapshot->steering);
        ck_assert_uint_gt(after.pickers, before.pickers); /* a first figure counts at once */
        before = after;
        for (uint32_t report = 1; report < 50; report++) {
                w->states[2].rtt_us = 5000 + report;
                world_update(w);
        }
        after = steering_work(w->snapshot->steering);
        ck_assert_uint_eq(after.pickers, before.pickers);
        world_free(w);
}
END_TEST

START_TEST(fastest_serves_those_near_the_best_and_noise_moves_nobody)
{
        struct world *w =
                world_of_pool("balance: fastest", "{name: a, address: 192.0.2.1}, {name: b, address: 192.0.2.2},"
                                                  "{name: c, address: 192.0.2.3}");
        struct random noise;
        unsigned counts[ENDS], moves = 0;

        random_seed(&noise, 3);
        w->states[0].rtt_us = 20000;
        w->states[1].rtt_us = 22000;
        w->states[2].rtt_us = 60000;
        world_update(w);
        world_count(w, W, CLIENT, 1000, counts);
        ck_assert_uint_gt(counts[0], 400);
        ck_assert_uint_gt(counts[1], 400);
        ck_assert_uint_eq(counts[2], 0);
        for (int64_t now = 1000; now < 3600000; now += 1000) {
                unsigned before = counts[2];
                for (unsigned i = 0; i < 3; i++)
                        w->states[i].rtt_us = (i == 2 ? 40000 : 15000) + random_below(&noise, i == 2 ? 40000 : 12000);
                world_update(w);
                steering_tick(w->snapshot->steering, now);
                world_count(w, W, CLIENT, 20, counts);
                moves += (before > 0) != (counts[2] > 0);
        }
        ck_assert_uint_eq(moves, 0);
        world_free(w);
}
END_TEST

START_TEST(score_weighs_figures_as_the_operator_says_and_does_not_oscillate)
{
        struct world *w =
                world_of_pool("balance: score, score: {response_time: 0, load: 1, errors: 10, cpu: 0.5, memory: 0}",
                              "{name: a, address: 192.0.2.1}, {name: b, address: 192.0.2.2}");
        struct random noise;
        unsigned moves = 0, last = 9;

        random_seed(&noise, 5);
        w->states[0].figures.load = 40; /* 40 + 10 */
        w->states[0].figures.cpu = 20;
        w->states[1].figures.load = 20; /* 20 + 100 */
        w->states[1].figures.errors = 10;
        world_update(w);
        ck_assert_str_eq(world_answer(w, W, CLIENT), "192.0.2.1");
        for (int64_t now = 1000; now < 3600000; now += 1000) {
                w->states[0].figures.load = 30 + (float)random_below(&noise, 20);
                w->states[1].figures.load = 10 + (float)random_below(&noise, 20);
                world_update(w);
                steering_tick(w->snapshot->steering, now);
                unsigned first = world_pick(w, W, TYPE_A, CLIENT).targets[0]->endpoint;
                moves += last != 9 && first != last;
                last = first;
        }
        ck_assert_uint_eq(moves, 0);
        w->states[1].figures.errors = 0;
        for (int64_t now = 3600000; now < 3800000; now += 1000) {
                world_update(w);
                steering_tick(w->snapshot->steering, now);
        }
        ck_assert_str_eq(world_answer(w, W, CLIENT), "192.0.2.2");
        world_free(w);
}
END_TEST

START_TEST(agent_percent_scales_a_weight)
{
        struct world *w = world_of_pool("balance: weighted", WORLD_FOUR);
        unsigned counts[ENDS];

        w->states[3].weight_percent = 50;
        world_update(w);
        world_count(w, W, CLIENT, MANY, counts);
        ck_assert_double_lt(chi_square(counts, (double[]){10, 20, 30, 20}, 4), CRITICAL_3);
        world_free(w);
}
END_TEST

/* --- time --- */

START_TEST(slow_start_ramps_a_returning_endpoint)
{
        struct world *w =
                world_of_pool("slow_start: 100s", "{name: a, address: 192.0.2.1}, {name: b, address: 192.0.2.2}");
        unsigned counts[ENDS];

        steering_tick(w->snapshot->steering, 1000000);
        w->states[1].health = HEALTH_DOWN;
        world_update(w);
        w->states[1].health = HEALTH_UP;
        w->states[1].up_since_ms = 1000000;
        world_update(w);
        for (unsigned percent = 1; percent <= 100; percent += 9) {
                steering_tick(w->snapshot->steering, 1000000 + 1000 * (int64_t)percent);
                world_count(w, W, CLIENT, 20000, counts);
                double share = percent / (100.0 + percent);
                ck_assert_double_lt(fabs(counts[1] / 20000.0 - share), 0.02);
        }
        world_free(w);
}
END_TEST

START_TEST(endpoint_above_its_max_load_sheds_only_the_excess_and_gradually)
{
        struct world *w = world_of_pool("balance: weighted", "{name: a, address: 192.0.2.1, weight: 3, max_load: 60},"
                                                             "{name: b, address: 192.0.2.2, weight: 1}");
        unsigned counts[ENDS];
        double share = 0.75, before;

        for (int64_t now = 1000; now < 400000; now += 1000) {
                before = share;
                w->states[0].figures.load = (float)(100 * share);
                w->states[1].figures.load = (float)(100 * (1 - share));
                world_update(w);
                steering_tick(w->snapshot->steering, now);
                world_count(w, W, CLIENT, 20000, counts);
                share = counts[0] / 20000.0;
                ck_assert_double_lt(fabs(share - before), 0.05);
        }
        ck_assert_double_lt(share, 0.62); /* under its limit */
        ck_assert_double_gt(share, 0.50); /* but no more than needed */
        world_free(w);
}
END_TEST

START_TEST(pool_above_its_max_load_sheds_to_the_next_pool_and_takes_back)
{
        char yaml[4096];
        unsigned counts[ENDS];
        double share = 1, low = 1;

        snprintf(yaml, sizeof(yaml),
                 WORLD_HEAD "pools:\n"
                            "  - {name: p, region: eu, max_load: 50, endpoints: [192.0.2.1]}\n"
                            "  - {name: q, region: us, endpoints: [192.0.2.2]}\n"
                            "services: [{name: " W ", pools: [p, q]}]\n");
        struct world *w = world_new(yaml, NULL);
        for (int64_t now = 1000; now < 600000; now += 1000) {
                double offered = now < 300000 ? 80 : 30, before = share;
                w->states[0].figures.load = (float)(offered * share);
                world_update(w);
                steering_tick(w->snapshot->steering, now);
                world_count(w, W, CLIENT, 20000, counts);
                share = counts[0] / 20000.0;
                ck_assert_double_lt(fabs(share - before), 0.1);
                low = share < low ? share : low;
                if (now == 299000) {
                        ck_assert_double_lt(share * offered, 54);
                        ck_assert_double_gt(share * offered, 35);
                }
        }
        ck_assert_double_gt(low, 0.4);
        ck_assert_double_gt(share, 0.99);
        world_free(w);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("balance_figures");
        TCase *t = tcase_create("balance_figures");

        log_set_level(LOG_LEVEL_ERROR);
        tcase_set_timeout(t, 120);
        tcase_add_test(t, least_load_gives_by_what_is_left);
        tcase_add_test(t, round_trips_rebuild_only_what_is_picked_by_them);
        tcase_add_test(t, fastest_serves_those_near_the_best_and_noise_moves_nobody);
        tcase_add_test(t, score_weighs_figures_as_the_operator_says_and_does_not_oscillate);
        tcase_add_test(t, agent_percent_scales_a_weight);
        tcase_add_test(t, slow_start_ramps_a_returning_endpoint);
        tcase_add_test(t, endpoint_above_its_max_load_sheds_only_the_excess_and_gradually);
        tcase_add_test(t, pool_above_its_max_load_sheds_to_the_next_pool_and_takes_back);
        suite_add_tcase(suite, t);
        return world_run(suite);
}
