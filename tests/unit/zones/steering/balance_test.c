/* Which endpoint of a pool a client gets: every balance, and what weights become of health, load and time. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/log.h"
#include "base/random.h"
#include "tests/unit/world.h"
#include "zones/steering/picker.h"

#define W          WORLD_SERVICE
#define CLIENT     "10.1.2.3"
#define MANY       1000000u
#define ENDS       16
#define CRITICAL_3 16.27 /* chi-square, 3 degrees of freedom, one in a thousand */

static const double four[ENDS] = {10, 20, 30, 40};

START_TEST(weighted_gives_each_endpoint_its_share)
{
        struct world *w = world_of_pool("balance: weighted", WORLD_FOUR);
        unsigned counts[ENDS];

        world_count(w, W, CLIENT, MANY, counts);
        ck_assert_double_lt(chi_square(counts, four, 4), CRITICAL_3);
        world_health(w, "p/d", HEALTH_DOWN);
        world_count(w, W, CLIENT, MANY, counts);
        ck_assert_double_lt(chi_square(counts, (double[]){10, 20, 30, 0}, 4), CRITICAL_3);
        world_free(w);
}
END_TEST

START_TEST(several_answers_are_distinct_and_each_is_drawn_by_weight)
{
        struct world *w = world_of_pool("balance: weighted, answers: 2", WORLD_FOUR);
        unsigned first[ENDS] = {0}, second[ENDS] = {0};
        double expected[ENDS] = {0};

        for (unsigned i = 0; i < MANY; i++) {
                struct pick pick = world_pick(w, W, TYPE_A, CLIENT);
                if (pick.count != 2 || pick.targets[0] == pick.targets[1])
                        ck_abort_msg("%u answers", pick.count);
                first[pick.targets[0]->endpoint]++;
                second[pick.targets[1]->endpoint]++;
        }
        for (unsigned i = 0; i < 4; i++)
                for (unsigned j = 0; j < 4; j++)
                        expected[j] += i == j ? 0 : four[i] / 100 * four[j] / (100 - four[i]);
        ck_assert_double_lt(chi_square(first, four, 4), CRITICAL_3);
        ck_assert_double_lt(chi_square(second, expected, 4), CRITICAL_3);
        world_free(w);
}
END_TEST

START_TEST(large_pools_give_distinct_answers_too)
{
        char endpoints[8000] = "";

        for (unsigned i = 0; i < 100; i++)
                snprintf(endpoints + strlen(endpoints), sizeof(endpoints) - strlen(endpoints), "%s192.0.2.%u",
                         i ? "," : "", i + 1);
        struct world *w = world_of_pool("answers: 16", endpoints);
        for (unsigned i = 0; i < 10000; i++) {
                struct pick pick = world_pick(w, W, TYPE_A, CLIENT);
                ck_assert_uint_eq(pick.count, 16);
                for (unsigned a = 0; a < 16; a++)
                        for (unsigned b = 0; b < a; b++)
                                if (pick.targets[a] == pick.targets[b])
                                        ck_abort_msg("the same endpoint twice");
        }
        world_free(w);
}
END_TEST

START_TEST(round_robin_takes_turns)
{
        struct world *w = world_of_pool("balance: round_robin", WORLD_FOUR);
        unsigned counts[ENDS];

        world_count(w, W, CLIENT, 4000, counts);
        for (unsigned i = 0; i < 4; i++)
                ck_assert_uint_eq(counts[i], 1000);
        world_free(w);
}
END_TEST

START_TEST(random_is_even_whatever_the_weights)
{
        struct world *w = world_of_pool("balance: random", WORLD_FOUR);
        unsigned counts[ENDS];

        world_count(w, W, CLIENT, MANY, counts);
        ck_assert_double_lt(chi_square(counts, (double[]){1, 1, 1, 1}, 4), CRITICAL_3);
        world_free(w);
}
END_TEST

START_TEST(failover_serves_the_best_priority_and_then_as_listed)
{
        struct world *w = world_of_pool("balance: failover", "{name: a, address: 192.0.2.1, priority: 2},"
                                                             "{name: b, address: 192.0.2.2, priority: 1},"
                                                             "{name: c, address: 192.0.2.3, priority: 1}");

        ck_assert_str_eq(world_answer(w, W, CLIENT), "192.0.2.2");
        world_health(w, "p/b", HEALTH_DOWN);
        ck_assert_str_eq(world_answer(w, W, CLIENT), "192.0.2.3");
        world_health(w, "p/c", HEALTH_DOWN);
        ck_assert_str_eq(world_answer(w, W, CLIENT), "192.0.2.1");
        world_free(w);
}
END_TEST

START_TEST(weight_0_and_backup_serve_only_when_the_others_are_down)
{
        struct world *w = world_of_pool("balance: weighted",
                                        "{name: a, address: 192.0.2.1}, {name: z, address: 192.0.2.2, weight: 0},"
                                        "{name: b, address: 192.0.2.3, backup: true},"
                                        "{name: off, address: 192.0.2.4, enabled: false}");
        unsigned counts[ENDS];

        world_count(w, W, CLIENT, 1000, counts);
        ck_assert_uint_eq(counts[0], 1000);
        world_health(w, "p/a", HEALTH_DOWN);
        world_count(w, W, CLIENT, 1000, counts);
        ck_assert_uint_eq(counts[2], 1000);
        world_health(w, "p/b", HEALTH_DOWN);
        world_count(w, W, CLIENT, 1000, counts);
        ck_assert_uint_eq(counts[1], 1000);
        world_health(w, "p/z", HEALTH_DOWN);
        world_count(w, W, CLIENT, 1000, counts);
        ck_assert_uint_eq(counts[3], 0); /* never */
        ck_assert_uint_gt(counts[0], 0);
        world_free(w);
}
END_TEST

START_TEST(all_gives_every_endpoint_that_is_up)
{
        struct world *w = world_of_pool("balance: all", WORLD_FOUR);
        unsigned counts[ENDS];

        ck_assert_uint_eq(world_pick(w, W, TYPE_A, CLIENT).count, 4);
        world_count(w, W, CLIENT, MANY, counts);
        ck_assert_double_lt(chi_square(counts, four, 4), CRITICAL_3);
        world_health(w, "p/a", HEALTH_DOWN);
        ck_assert_uint_eq(world_pick(w, W, TYPE_A, CLIENT).count, 3);
        world_free(w);
}
END_TEST

/* --- hash --- */

#define SUBNETS 200000u

static void hash_all(struct world *w, uint32_t *owners)
{
        const struct node *node = world_node(w, W);
        struct pick pick;

        for (uint32_t i = 0; i < SUBNETS; i++) {
                struct client client = {
                        .prefix = {.address = {.family = ADDRESS_V4,
                                               .bytes = {(uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i, 77}},
                                   .length = 32}};
                client_locate(w->snapshot->locator, &client);
                route_pick(node_route(node), 1, &client, &w->picker, &pick);
                owners[i] = pick.targets[0]->endpoint;
        }
}

START_TEST(hash_moves_only_the_clients_of_the_endpoint_that_goes)
{
        struct world *w = world_of_pool("balance: hash", WORLD_FOUR);
        static uint32_t before[SUBNETS], after[SUBNETS];
        unsigned counts[ENDS] = {0}, moved = 0;

        hash_all(w, before);
        for (uint32_t i = 0; i < SUBNETS; i++)
                counts[before[i]]++;
        for (unsigned i = 0; i < 4; i++) /* buckets are drawn, so shares are only near the weights */
                ck_assert_double_lt(fabs(counts[i] / (double)SUBNETS - four[i] / 100), 0.02);
        world_health(w, "p/b", HEALTH_DOWN);
        hash_all(w, after);
        for (uint32_t i = 0; i < SUBNETS; i++) {
                moved += before[i] != after[i];
                if ((before[i] != after[i] && before[i] != 1) || after[i] == 1)
                        ck_abort_msg("client %u moved from %u to %u", i, before[i], after[i]);
        }
        ck_assert_uint_eq(moved, counts[1]);
        world_health(w, "p/b", HEALTH_UP);
        hash_all(w, after);
        ck_assert_int_eq(memcmp(before, after, sizeof(before)), 0);
        world_free(w);
}
END_TEST

START_TEST(hash_with_one_endpoint_more_moves_its_share_and_no_more)
{
        static uint32_t before[SUBNETS], after[SUBNETS];
        struct world *w = world_of_pool("balance: hash", "192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4");
        unsigned moved = 0;

        hash_all(w, before);
        world_free(w);
        w = world_of_pool("balance: hash", "192.0.2.9, 192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4");
        hash_all(w, after);
        for (uint32_t i = 0; i < SUBNETS; i++) {
                moved += after[i] == 0;
                if (after[i] != 0 && after[i] != before[i] + 1)
                        ck_abort_msg("client %u moved from %u to %u", i, before[i], after[i]);
        }
        ck_assert_double_lt(fabs(moved / (double)SUBNETS - 0.2), 0.02);
        world_free(w);
}
END_TEST

START_TEST(hash_prefix_is_the_least_scope_and_all_of_it_goes_to_one)
{
        struct world *w = world_of_pool("balance: hash, hash: {prefix_v4: 20, prefix_v6: 48}", WORLD_FOUR);
        struct pick first = world_pick(w, W, TYPE_A, "10.1.16.1");

        ck_assert_uint_eq(first.scope, 20);
        ck_assert_uint_eq(world_pick(w, W, TYPE_A, "2001:db8::/32").scope, 48);
        for (unsigned i = 0; i < 256; i++) {
                char text[ADDRESS_TEXT_MAX];
                snprintf(text, sizeof(text), "10.1.%u.%u", 16 + i % 16, i);
                ck_assert_ptr_eq(world_pick(w, W, TYPE_A, text).targets[0], first.targets[0]);
        }
        world_free(w);
}
END_TEST

START_TEST(salt_makes_another_assignment)
{
        static uint32_t plain[SUBNETS], salted[SUBNETS];
        struct world *w = world_of_pool("balance: hash", WORLD_FOUR);
        unsigned same = 0;

        hash_all(w, plain);
        world_free(w);
        w = world_of_pool("balance: hash, hash: {salt: pepper}", WORLD_FOUR);
        hash_all(w, salted);
        for (uint32_t i = 0; i < SUBNETS; i++)
                same += plain[i] == salted[i];
        ck_assert_uint_lt(same, SUBNETS / 2);
        world_free(w);
}
END_TEST

/* --- tables of hash against what they are defined by: of a bucket's members the one with the least -ln(u) / weight ---
 */

#define MEMBERS_MOST 300

static float cost_of(const struct picker_member *m, uint32_t bucket)
{
        float u = ((float)(uint32_t)(hash_mix(m->hash ^ hash_mix(bucket + 1u)) >> 40) + 0.5f) * 0x1p-24f;

        return -logf(u) / (float)m->weight;
}

static void expect_ranked(const struct picker_plan *plan, uint32_t bucket, const struct pick *pick)
{
        float last = -1;

        for (unsigned k = 0; k < pick->count; k++) {
                const struct picker_member *given = &plan->members[pick->targets[k]->endpoint];
                float cost = cost_of(given, bucket);
                unsigned below = 0;
                for (uint32_t i = 0; i < plan->count; i++)
                        below += cost_of(&plan->members[i], bucket) < cost;
                if (below > k || cost < last)
                        ck_abort_msg("bucket %u of %u members: answer %u costs more than %u others", bucket,
                                     plan->count, k, below);
                last = cost;
        }
}

static void expect_table(const struct picker_plan *plan)
{
        static struct picker_state state;
        struct picker *p = picker_new(plan);
        struct client client = {.prefix = {.address = {.family = ADDRESS_V4}, .length = 32}};

        for (uint32_t i = 0; i < 3 * PICKER_BUCKETS; i++) {
                struct pick pick = {0};
                memcpy(client.prefix.address.bytes, &i, sizeof(i));
                picker_pick(p, &client, &state, &pick);
                uint64_t bytes = (uint64_t)__builtin_bswap32(i) << 32;
                ck_assert_uint_eq(pick.count, plan->answers < plan->count ? plan->answers : plan->count);
                expect_ranked(plan, (uint32_t)hash_mix(ADDRESS_V4 ^ bytes) % PICKER_BUCKETS, &pick);
        }
        picker_free(p);
}

START_TEST(hash_tables_are_as_defined_whatever_was_made_before)
{
        static const unsigned counts[] = {2, 2, 3, 5, 16, 17, MEMBERS_MOST}, answers[] = {1, 1, 1, 1, 2, 3};
        static struct target targets[MEMBERS_MOST];
        static struct picker_member members[2][MEMBERS_MOST];
        struct picker_tools *tools = picker_tools_new();
        struct random random;

        random_seed(&random, 11);
        for (uint32_t i = 0; i < MEMBERS_MOST; i++)
                targets[i].endpoint = i;
        for (unsigned round = 0; round < 40; round++) {
                struct picker_member *m = members[round % 2]; /* the one before comes again */
                struct picker_plan plan = {.mode = PICKER_HASHED, .hash_v4 = 32, .tools = tools, .members = m};
                plan.count = counts[round % 7];
                plan.answers = answers[round % 6];
                for (uint32_t i = 0; i < MEMBERS_MOST; i++)
                        m[i] = (struct picker_member){&targets[i], pow(10, random_below(&random, 100) / 20.0), 0,
                                                      random_next(&random)};
                if (round % 3 == 0)
                        m[1].weight = m[0].weight;
                if (round % 4 == 0)
                        m[1].weight = m[0].weight * (1 + 1e-7);
                expect_table(&plan);
                plan.members = members[(round + 1) % 2];
                if (round)
                        expect_table(&plan);
                plan.members = m;
                expect_table(&plan);
        }
        picker_tools_free(tools);
}
END_TEST

/* --- tables that stay --- */

START_TEST(a_table_is_of_its_plan_and_of_no_other)
{
        static struct target targets[3];
        struct picker_member members[] = {{&targets[0], 1, 0, 7}, {&targets[1], 2, 0, 8}}, changed[2];
        const struct picker_plan plan = {
                .mode = PICKER_WEIGHTED, .answers = 1, .rotor = 3, .members = members, .count = 2};
        const struct picker_member other_members[] = {
                {&targets[1], 2.0000001, 0, 8}, {&targets[2], 2, 0, 8}, {&targets[1], 2, 1, 8}, {&targets[1], 2, 0, 9}};
        struct picker *p = picker_new(&plan);
        struct picker_plan others[] = {plan, plan, plan, plan, plan, plan};

        others[0].count = 1;
        others[1].mode = PICKER_UNIFORM;
        others[2].answers = 2;
        others[3].rotor = 4;
        others[4].salt = 1;
        others[5].hash_v4 = 24;
        for (unsigned i = 0; i < 6; i++)
                ck_assert_msg(!picker_is_of(p, &others[i]), "plan %u", i);
        memcpy(changed, members, sizeof(changed));
        others[0] = plan;
        others[0].members = changed;
        ck_assert(picker_is_of(p, &others[0]));
        for (unsigned i = 0; i < 4; i++) {
                changed[1] = other_members[i];
                ck_assert_msg(!picker_is_of(p, &others[0]), "members %u", i);
        }
        picker_free(p);
}
END_TEST

START_TEST(a_drain_of_all_makes_no_table_anew)
{
        struct world *w = world_of_pool("balance: hash", WORLD_FOUR);
        const uint64_t before = steering_work(w->snapshot->steering).pickers;

        for (int drained = 1; drained >= 0; drained--) {
                for (uint32_t i = 0; i < 4; i++)
                        w->states[i].drained = w->states[i].drained_by_operator = drained;
                world_update(w);
                ck_assert_uint_eq(steering_work(w->snapshot->steering).pickers, before);
        }
        world_drain(w, "p/b", true);
        ck_assert_uint_eq(steering_work(w->snapshot->steering).pickers, before + 1);
        world_free(w);
}
END_TEST

START_TEST(slow_start_ramps_failover_and_hash_too)
{
        static const char *const balances[] = {"balance: failover, slow_start: 100s", "balance: hash, slow_start: 100s",
                                               "balance: round_robin, slow_start: 100s"};

        for (unsigned i = 0; i < 3; i++) {
                struct world *w =
                        world_of_pool(balances[i], "{name: a, address: 192.0.2.1}, {name: b, address: 192.0.2.2}");
                static uint32_t owners[SUBNETS];
                unsigned mine = 0;
                steering_tick(w->snapshot->steering, 1000000);
                w->states[0].up_since_ms = 990000;
                world_update(w);
                hash_all(w, owners);
                for (uint32_t k = 0; k < SUBNETS; k++)
                        mine += owners[k] == 0;
                double expected = i == 0 ? 0.1 : 0.1 / 1.1;
                ck_assert_double_lt(fabs(mine / (double)SUBNETS - expected), 0.02);
                world_free(w);
        }
}
END_TEST

/* A world that answers: load follows the share of 100 units of traffic that an endpoint gets. */
START_TEST(min_healthy_passes_to_the_next_pool_but_not_to_nobody)
{
        char yaml[4096];

        for (unsigned i = 0; i < 2; i++) {
                snprintf(yaml, sizeof(yaml),
                         WORLD_HEAD "pools:\n"
                                    "  - {name: p, region: eu, min_healthy: %s, balance: failover,\n"
                                    "     endpoints: [192.0.2.1, 192.0.2.2, 192.0.2.3]}\n"
                                    "  - {name: q, region: us, endpoints: [192.0.2.9]}\n"
                                    "services: [{name: " W ", pools: [p, q]}]\n",
                         i ? "'60%'" : "2");
                struct world *w = world_new(yaml, NULL);
                world_health(w, "p/192.0.2.1", HEALTH_DOWN);
                ck_assert_str_eq(world_answer(w, W, CLIENT), "192.0.2.2");
                world_health(w, "p/192.0.2.2", HEALTH_DOWN);
                ck_assert_str_eq(world_answer(w, W, CLIENT), "192.0.2.9");
                world_health(w, "q/192.0.2.9", HEALTH_DOWN);
                ck_assert_str_eq(world_answer(w, W, CLIENT), "192.0.2.3");
                world_free(w);
        }
}
END_TEST

START_TEST(cname_stands_alone)
{
        struct world *w = world_of_pool("balance: all", "cdn.example.net, 192.0.2.1, 192.0.2.2");
        bool seen_cname = false, seen_addresses = false;

        for (unsigned i = 0; i < 200; i++) {
                struct pick pick = world_pick(w, W, TYPE_A, CLIENT);
                bool cname = pick.targets[0]->type == TYPE_CNAME;
                ck_assert_uint_eq(pick.count, cname ? 1 : 2);
                for (unsigned k = 0; k < pick.count; k++)
                        ck_assert_uint_eq(pick.targets[k]->type, cname ? 5 : 1);
                seen_cname |= cname;
                seen_addresses |= !cname;
        }
        ck_assert(seen_cname && seen_addresses);
        ck_assert_uint_eq(world_pick(w, W, TYPE_AAAA, CLIENT).targets[0]->type, TYPE_CNAME);
        ck_assert_uint_eq(world_pick(w, W, TYPE_CNAME, CLIENT).targets[0]->type, TYPE_CNAME);
        world_free(w);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("balance");
        TCase *t = tcase_create("balance");

        log_set_level(LOG_LEVEL_ERROR);
        tcase_set_timeout(t, 120);
        tcase_add_test(t, weighted_gives_each_endpoint_its_share);
        tcase_add_test(t, several_answers_are_distinct_and_each_is_drawn_by_weight);
        tcase_add_test(t, large_pools_give_distinct_answers_too);
        tcase_add_test(t, round_robin_takes_turns);
        tcase_add_test(t, random_is_even_whatever_the_weights);
        tcase_add_test(t, failover_serves_the_best_priority_and_then_as_listed);
        tcase_add_test(t, weight_0_and_backup_serve_only_when_the_others_are_down);
        tcase_add_test(t, all_gives_every_endpoint_that_is_up);
        tcase_add_test(t, hash_moves_only_the_clients_of_the_endpoint_that_goes);
        tcase_add_test(t, hash_with_one_endpoint_more_moves_its_share_and_no_more);
        tcase_add_test(t, hash_prefix_is_the_least_scope_and_all_of_it_goes_to_one);
        tcase_add_test(t, salt_makes_another_assignment);
        tcase_add_test(t, hash_tables_are_as_defined_whatever_was_made_before);
        tcase_add_test(t, a_table_is_of_its_plan_and_of_no_other);
        tcase_add_test(t, a_drain_of_all_makes_no_table_anew);
        tcase_add_test(t, slow_start_ramps_failover_and_hash_too);
        tcase_add_test(t, min_healthy_passes_to_the_next_pool_but_not_to_nobody);
        tcase_add_test(t, cname_stands_alone);
        suite_add_tcase(suite, t);
        return world_run(suite);
}
