/* Schedules that turn: what is answered follows a clock that is passed in, and costs what turns. */
#include <stdio.h>
#include <string.h>
#include "admin/states/schedules.h"
#include "base/clock.h"
#include "base/time_zones/time_zones.h"
#include "tests/unit/world.h"

#define CLIENT "10.1.0.1"

static struct world *w;
static struct schedules *schedules;
static char turns[4000];

static int64_t at(const char *text)
{
        int64_t wall_ms;

        ck_assert_msg(clock_parse(text, &wall_ms), "%s", text);
        return wall_ms;
}

static struct scheduling on(void)
{
        return (struct scheduling){w->snapshot->model, w->states, w->snapshot->steering};
}

static void begin(const char *yaml, const char *time)
{
        w = world_new(yaml, NULL);
        schedules = schedules_new();
        struct scheduling s = on();
        schedules_take(schedules, &s, at(time));
        steering_publish(w->snapshot->steering);
        *turns = '\0';
}

static void end(void)
{
        schedules_free(schedules);
        world_free(w);
}

static void tell(void *context, const struct schedule_turn *turn)
{
        char place[SCHEDULE_PLACE_MAX], text[SCHEDULE_TEXT_MAX];
        size_t n = strlen(turns);

        snprintf(turns + n, sizeof(turns) - n, "%s: %s|", schedule_place_text(w->snapshot->model, turn->place, place),
                 turn->now ? schedule_text(turn->now, text) : "none");
}

/* The clock shows this; what turned is in `turns`. */
static void clock_is(const char *time)
{
        struct scheduling s = on();

        *turns = '\0';
        schedules_turn(schedules, &s, at(time), 5000, tell, NULL);
        steering_publish(w->snapshot->steering);
}

static unsigned share_of(const char *id)
{
        unsigned counts[16] = {0};

        world_count(w, WORLD_SERVICE, CLIENT, 1000, counts);
        return counts[world_endpoint(w, id)];
}

#define EVENING        "days: [mon-fri], from: \"22:00\", to: \"06:00\", time_zone: UTC"
#define SERVICE(pools) "services: [{name: " WORLD_SERVICE ", pools: [" pools "]}]\n"

START_TEST(the_answer_turns_when_a_schedule_begins_and_ends)
{
        begin(WORLD_HEAD "pools: [{name: p, region: eu, endpoints: [{name: a, address: 192.0.2.1, weight: 50},"
                         "{name: b, address: 192.0.2.2, weight: 50, schedules: [{" EVENING
                         ", weight: 0}]}]}]\n" SERVICE("p"),
              "2026-01-05T21:59:59.900Z");
        ck_assert_uint_gt(share_of("p/b"), 300);
        clock_is("2026-01-05T21:59:59.999Z");
        ck_assert_str_eq(turns, "");
        ck_assert_uint_eq(schedules_in_force(schedules), 0);
        clock_is("2026-01-05T22:00:00.000Z");
        ck_assert_str_eq(turns, "endpoint/p/b: mon-fri 22:00-06:00 UTC: weight 0|");
        ck_assert_uint_eq(schedules_in_force(schedules), 1);
        ck_assert_uint_eq(share_of("p/b"), 0);
        world_health(w, "p/a", HEALTH_DOWN); /* weight 0 serves when all with a weight are down */
        ck_assert_str_eq(world_answer(w, WORLD_SERVICE, CLIENT), "192.0.2.2");
        world_health(w, "p/a", HEALTH_UP);
        clock_is("2026-01-06T06:00:00.000Z");
        ck_assert_str_eq(turns, "endpoint/p/b: none|");
        ck_assert_uint_gt(share_of("p/b"), 300);
        end();
}
END_TEST

START_TEST(a_start_in_the_middle_of_a_span_has_it_in_force_and_tells_of_no_turn)
{
        begin(WORLD_HEAD "pools: [{name: p, region: eu, endpoints: [{name: a, address: 192.0.2.1},"
                         "{name: b, address: 192.0.2.2, schedules: [{" EVENING ", enabled: false}]}]}]\n" SERVICE("p"),
              "2026-01-06T01:00:00Z");
        ck_assert_uint_eq(schedules_in_force(schedules), 1);
        ck_assert_uint_eq(share_of("p/b"), 0);
        clock_is("2026-01-06T01:00:01Z");
        ck_assert_str_eq(turns, "");
        end();
}
END_TEST

START_TEST(a_clock_that_jumps_ahead_or_back_is_followed_and_one_that_trembles_is_not)
{
        begin(WORLD_HEAD "pools: [{name: p, region: eu, endpoints: [{name: a, address: 192.0.2.1},"
                         "{name: b, address: 192.0.2.2, schedules: [{" EVENING ", enabled: false}]}]}]\n" SERVICE("p"),
              "2026-01-05T12:00:00Z");
        clock_is("2026-01-08T23:00:00Z"); /* over three spans, into the fourth */
        ck_assert_str_eq(turns, "endpoint/p/b: mon-fri 22:00-06:00 UTC: disabled|");
        clock_is("2026-01-10T12:00:00Z");
        ck_assert_str_eq(turns, "endpoint/p/b: none|");
        clock_is("2026-01-09T23:00:00Z"); /* put back */
        ck_assert_str_eq(turns, "endpoint/p/b: mon-fri 22:00-06:00 UTC: disabled|");
        ck_assert_uint_eq(share_of("p/b"), 0);
        clock_is("2026-01-10T06:00:00.100Z");
        ck_assert_str_eq(turns, "endpoint/p/b: none|");
        clock_is("2026-01-10T05:59:59.900Z");
        ck_assert_str_eq(turns, "");
        clock_is("2026-01-10T05:59:58.900Z"); /* little by little is as far */
        ck_assert_str_eq(turns, "endpoint/p/b: mon-fri 22:00-06:00 UTC: disabled|");
        end();
}
END_TEST

START_TEST(a_pool_serves_by_the_clock_and_the_next_takes_its_clients)
{
        begin(WORLD_HEAD "pools: [{name: day, region: eu, enabled: false, endpoints: [192.0.2.1],"
                         "schedules: [{from: \"08:00\", to: \"18:00\", time_zone: UTC, enabled: true}]},"
                         "{name: night, region: us, endpoints: [192.0.2.2]}]\n" SERVICE("day, night"),
              "2026-01-05T07:00:00Z");
        ck_assert_str_eq(world_answer(w, WORLD_SERVICE, CLIENT), "192.0.2.2");
        clock_is("2026-01-05T08:00:00Z");
        ck_assert_str_eq(turns, "pool/day: daily 08:00-18:00 UTC: enabled|");
        ck_assert_str_eq(world_answer(w, WORLD_SERVICE, CLIENT), "192.0.2.1");
        world_drain(w, "day/192.0.2.1", true); /* a drain is stronger */
        ck_assert_str_eq(world_answer(w, WORLD_SERVICE, CLIENT), "192.0.2.2");
        world_drain(w, "day/192.0.2.1", false);
        clock_is("2026-01-05T18:00:00Z");
        ck_assert_str_eq(world_answer(w, WORLD_SERVICE, CLIENT), "192.0.2.2");
        end();
}
END_TEST

START_TEST(what_is_switched_off_serves_nobody_even_when_nothing_else_is_up)
{
        begin(WORLD_HEAD "pools: [{name: p, region: eu, endpoints: [{name: a, address: 192.0.2.1},"
                         "{name: b, address: 192.0.2.2, schedules: [{" EVENING ", enabled: false}]}]},"
                         "{name: q, region: us, endpoints: [192.0.2.3], schedules: [{" EVENING ", enabled: false}]}]\n"
                         "services: [{name: " WORLD_SERVICE
                         ", pools: [p, q], when_all_down: last_resort, last_resort: q}]\n",
              "2026-01-05T23:00:00Z");
        world_health(w, "p/a", HEALTH_DOWN);
        for (int i = 0; i < 20; i++)
                ck_assert_str_eq(world_answer(w, WORLD_SERVICE, CLIENT), "192.0.2.1");
        clock_is("2026-01-06T06:00:00Z");
        ck_assert_str_eq(world_answer(w, WORLD_SERVICE, CLIENT), "192.0.2.2");
        end();
}
END_TEST

/* It is no pool of the service, and turns all the same. */
START_TEST(a_pool_of_last_resort_turns)
{
        begin(WORLD_HEAD "pools: [{name: p, region: eu, endpoints: [192.0.2.1]}, {name: q, region: us,"
                         "endpoints: [192.0.2.3], schedules: [{" EVENING ", enabled: false}]}]\n"
                         "services: [{name: " WORLD_SERVICE
                         ", pools: [p], when_all_down: last_resort, last_resort: q}]\n",
              "2026-01-05T12:00:00Z");
        world_health(w, "p/192.0.2.1", HEALTH_DOWN);
        ck_assert_str_eq(world_answer(w, WORLD_SERVICE, CLIENT), "192.0.2.3");
        clock_is("2026-01-05T22:00:00Z");
        ck_assert_str_eq(world_answer(w, WORLD_SERVICE, CLIENT), "192.0.2.1");
        clock_is("2026-01-06T06:00:00Z");
        ck_assert_str_eq(world_answer(w, WORLD_SERVICE, CLIENT), "192.0.2.3");
        end();
}
END_TEST

START_TEST(with_all_switched_off_the_name_has_no_address_until_one_is_on_again)
{
        begin(WORLD_HEAD "pools: [{name: p, region: eu, endpoints: [{name: a, address: 192.0.2.1,"
                         "schedules: [{" EVENING ", enabled: false}]}]}]\n" SERVICE("p"),
              "2026-01-05T12:00:00Z");
        ck_assert_str_eq(world_answer(w, WORLD_SERVICE, CLIENT), "192.0.2.1");
        clock_is("2026-01-05T22:00:00Z");
        ck_assert_str_eq(world_answer(w, WORLD_SERVICE, CLIENT), "");
        clock_is("2026-01-06T06:00:00Z");
        ck_assert_str_eq(world_answer(w, WORLD_SERVICE, CLIENT), "192.0.2.1");
        end();
}
END_TEST

START_TEST(weights_of_pools_in_a_service_turn_for_this_service_alone)
{
        begin(WORLD_HEAD
              "pools: [{name: p, region: eu, endpoints: [192.0.2.1]}, {name: q, region: us, endpoints: [192.0.2.2]}]\n"
              "services:\n"
              "  - {name: " WORLD_SERVICE ", steering: weighted, pools: [{pool: p, weight: 90},"
              "     {pool: q, weight: 10, schedules: [{" EVENING ", weight: 810}]}]}\n"
              "  - {name: x.g.example, steering: weighted, pools: [{pool: p, weight: 90}, {pool: q, weight: 10}]}\n",
              "2026-01-05T12:00:00Z");
        unsigned before = share_of("q/192.0.2.2");
        ck_assert_uint_lt(before, 180);
        clock_is("2026-01-05T22:00:00Z");
        ck_assert_str_eq(turns, "service/" WORLD_SERVICE "/q: mon-fri 22:00-06:00 UTC: weight 810|");
        ck_assert_uint_gt(share_of("q/192.0.2.2"), 820);
        unsigned counts[16] = {0};
        world_count(w, "x.g.example", CLIENT, 1000, counts);
        ck_assert_uint_lt(counts[world_endpoint(w, "q/192.0.2.2")], 180);
        end();
}
END_TEST

START_TEST(what_comes_back_by_the_clock_begins_gently_where_there_is_a_slow_start)
{
        begin(WORLD_HEAD "pools: [{name: p, region: eu, slow_start: 100s, endpoints: [{name: a, address: 192.0.2.1},"
                         "{name: b, address: 192.0.2.2, schedules: [{" EVENING ", enabled: false}]}]}]\n" SERVICE("p"),
              "2026-01-05T23:00:00Z");
        steering_tick(w->snapshot->steering, 4000);
        clock_is("2026-01-06T06:00:00Z"); /* at 5000 of the monotonic clock */
        steering_tick(w->snapshot->steering, 15000);
        ck_assert_uint_lt(share_of("p/b"), 200); /* a tenth of its weight */
        steering_tick(w->snapshot->steering, 200000);
        ck_assert_uint_gt(share_of("p/b"), 400);
        end();
}
END_TEST

START_TEST(a_turn_costs_what_turns)
{
        static char yaml[200000];
        size_t n = (size_t)snprintf(yaml, sizeof(yaml), "%spools:\n", WORLD_HEAD);

        for (unsigned i = 0; i < 500; i++)
                n += (size_t)snprintf(
                        yaml + n, sizeof(yaml) - n,
                        "  - {name: p%u, region: eu, endpoints: [{name: a, address: 192.0.2.1}, {name: b, address: "
                        "192.0.2.2, schedules: [{from: \"%02u:%02u\", to: \"23:59\", time_zone: UTC, weight: 5}]}]}\n",
                        i, i / 60, i % 60);
        n += (size_t)snprintf(yaml + n, sizeof(yaml) - n, "services: [{name: " WORLD_SERVICE ", pools: [p0, p1]}]\n");
        begin(yaml, "2026-01-05T05:00:00.000Z");
        ck_assert_uint_eq(schedules_in_force(schedules), 301);
        struct steering_work before = steering_work(w->snapshot->steering);
        clock_is("2026-01-05T05:00:59.999Z");
        ck_assert_uint_eq(steering_work(w->snapshot->steering).pickers, before.pickers);
        clock_is("2026-01-05T05:01:00.000Z");
        ck_assert_str_eq(turns, "endpoint/p301/b: daily 05:01-23:59 UTC: weight 5|");
        ck_assert_uint_eq(steering_work(w->snapshot->steering).pickers, before.pickers + 1);
        end();
}
END_TEST

int main(void)
{
        Suite *s = suite_create("schedules");
        TCase *c = tcase_create("schedules");

        tcase_add_unchecked_fixture(c, NULL, time_zones_free);
        tcase_add_test(c, the_answer_turns_when_a_schedule_begins_and_ends);
        tcase_add_test(c, a_start_in_the_middle_of_a_span_has_it_in_force_and_tells_of_no_turn);
        tcase_add_test(c, a_clock_that_jumps_ahead_or_back_is_followed_and_one_that_trembles_is_not);
        tcase_add_test(c, a_pool_serves_by_the_clock_and_the_next_takes_its_clients);
        tcase_add_test(c, what_is_switched_off_serves_nobody_even_when_nothing_else_is_up);
        tcase_add_test(c, a_pool_of_last_resort_turns);
        tcase_add_test(c, with_all_switched_off_the_name_has_no_address_until_one_is_on_again);
        tcase_add_test(c, weights_of_pools_in_a_service_turn_for_this_service_alone);
        tcase_add_test(c, what_comes_back_by_the_clock_begins_gently_where_there_is_a_slow_start);
        tcase_add_test(c, a_turn_costs_what_turns);
        suite_add_tcase(s, c);
        return world_run(s);
}
