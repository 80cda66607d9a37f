/* The brake on correlated failures and the circuit breaker, in simulated time. */
#include <stdio.h>
#include <string.h>
#include "probes/health/health.h"
#include "tests/unit/monitors.h"
#include "tests/unit/suite.h"

#define CHECKS 20

static char ids[CHECKS][16];
static unsigned downs, ups;
static uint32_t shared; /* the newest word */
static uint64_t lasted;

/* Takes what has changed. */
static void take(struct health_table *h)
{
        size_t count;
        const struct health_change *changes = health_changes(h, &count);

        for (size_t i = 0; i < count; i++) {
                bool moved = changes[i].state != changes[i].before;
                downs += moved && changes[i].state == VERDICT_DOWN;
                ups += moved && changes[i].state == VERDICT_UP;
                if (moved)
                        lasted = changes[i].lasted_ms;
                shared = changes[i].share;
        }
}

static struct health_table *table(uint32_t count, const char *fields)
{
        struct health_table *h = health_new();
        struct plan *p = plan_new(1);
        struct check *checks = ARENA_ARRAY(p->arena, struct check, count);
        const struct monitor *m = monitor_make(p->arena, arena_printf(p->arena, "type: tcp, port: 1, %s", fields));

        for (uint32_t i = 0; i < count; i++) {
                snprintf(ids[i], sizeof(ids[i]), "p/%02u", i);
                checks[i] = (struct check){.id = ids[i], .monitor = m};
        }
        plan_set(p, checks, count);
        health_set_plan(h, p, 1);
        return h;
}

/* The first `down` checks are down, the others up. */
static void say(struct health_table *h, uint32_t count, uint32_t down, uint64_t now)
{
        static uint64_t sequence;
        struct verdict v[CHECKS];

        for (uint32_t i = 0; i < count; i++)
                v[i] = (struct verdict){.id = ids[i],
                                        .state = i < down ? VERDICT_DOWN : VERDICT_UP,
                                        .reason = i < down ? REASON_TIMEOUT : REASON_OK};
        const struct report r = {"a", 1, ++sequence, 1, v, count};
        ck_assert(health_report(h, &r, now));
        take(h);
}

static uint32_t count_down(const struct health_table *h, uint32_t count)
{
        uint32_t down = 0;

        for (uint32_t i = 0; i < count; i++)
                down += health_of(h, ids[i]) == VERDICT_DOWN;
        return down;
}

START_TEST(too_many_that_go_down_at_once_are_held_and_fewer_are_not)
{
        /* how many of 20 go down at once; how many then are down with a share of 50 % */
        static const struct {
                uint32_t say, down, held;
        } cases[] = {{0, 0, 0}, {1, 1, 0}, {10, 10, 0}, {11, 0, 11}, {20, 0, 20}};

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                struct health_table *h = table(CHECKS, "");
                health_set_brake(h, 50, 10000);
                say(h, CHECKS, 0, 1000);
                say(h, CHECKS, cases[i].say, 2000);
                ck_assert_uint_eq(count_down(h, CHECKS), cases[i].down);
                ck_assert_uint_eq(health_held(h), cases[i].held);
                health_free(h);
        }
}
END_TEST

START_TEST(what_went_down_one_by_one_within_the_window_comes_back_when_it_becomes_too_much)
{
        struct health_table *h = table(CHECKS, "");

        health_set_brake(h, 50, 10000);
        say(h, CHECKS, 0, 1000);
        for (uint32_t n = 1; n <= 10; n++) {
                say(h, CHECKS, n, 1000 + n * 500);
                ck_assert_uint_eq(count_down(h, CHECKS), n); /* ordinary failures are not delayed */
        }
        say(h, CHECKS, 11, 6500);
        ck_assert_uint_eq(count_down(h, CHECKS), 0);
        ck_assert_uint_eq(health_held(h), 11);
        say(h, CHECKS, 10, 60000); /* no more than half of them: it is true */
        ck_assert_uint_eq(count_down(h, CHECKS), 10);
        ck_assert_uint_eq(health_held(h), 0);
        health_free(h);
}
END_TEST

START_TEST(slow_deaths_are_never_held)
{
        struct health_table *h = table(CHECKS, "");

        health_set_brake(h, 50, 10000);
        for (uint32_t n = 0; n <= CHECKS; n++)
                say(h, CHECKS, n, 1000 + n * 11000);
        ck_assert_uint_eq(count_down(h, CHECKS), CHECKS);
        health_free(h);
}
END_TEST

START_TEST(a_held_change_ends_with_its_cause)
{
        struct health_table *h = table(CHECKS, "");
        struct arena *a = arena_new(0);

        health_set_brake(h, 50, 10000);
        say(h, CHECKS, 0, 1000);
        downs = ups = 0;
        say(h, CHECKS, CHECKS, 2000);
        struct doc *d = health_describe(h, "p/00", a, 2000);
        ck_assert_str_eq(doc_get_string(d, "state"), "up");
        ck_assert_str_eq(doc_get_string(d, "reason"), "held");
        ck_assert(doc_get(d, "held")->boolean);
        say(h, CHECKS, 0, 3000);
        ck_assert_uint_eq(health_held(h), 0);
        ck_assert_uint_eq(downs + ups, 0); /* nobody was moved */
        ck_assert_str_eq(doc_get_string(health_describe(h, "p/00", a, 3000), "reason"), "ok");
        arena_free(a);
        health_free(h);
}
END_TEST

START_TEST(an_operator_accepts_what_is_held)
{
        struct health_table *h = table(CHECKS, "");

        health_set_brake(h, 50, 10000);
        say(h, CHECKS, 0, 1000);
        say(h, CHECKS, CHECKS, 2000);
        ck_assert_uint_eq(health_accept(h, 60000, 3000), CHECKS);
        ck_assert_uint_eq(health_brake_off_until(h, 3000), 60000);
        ck_assert_uint_eq(count_down(h, CHECKS), CHECKS);
        ck_assert_uint_eq(health_held(h), 0);
        say(h, CHECKS, 0, 50000);
        say(h, CHECKS, CHECKS, 59000);
        ck_assert_uint_eq(count_down(h, CHECKS), CHECKS); /* still accepted */
        say(h, CHECKS, 0, 70000);
        say(h, CHECKS, CHECKS, 71000);
        ck_assert_uint_eq(count_down(h, CHECKS), 0); /* no more */
        health_free(h);
}
END_TEST

START_TEST(with_nothing_held_there_is_nothing_to_accept_and_the_brake_stays_on)
{
        struct health_table *h = table(CHECKS, "");

        health_set_brake(h, 50, 10000);
        say(h, CHECKS, 0, 1000);
        ck_assert_uint_eq(health_accept(h, 60000, 1500), 0);
        ck_assert_uint_eq(health_brake_off_until(h, 1500), 0);
        say(h, CHECKS, CHECKS, 2000);
        ck_assert_uint_eq(health_held(h), CHECKS);
        health_free(h);
}
END_TEST

START_TEST(few_checks_and_a_share_of_100_are_never_held)
{
        struct health_table *h = table(HEALTH_BRAKE_LEAST - 1, "");

        health_set_brake(h, 50, 10000);
        say(h, HEALTH_BRAKE_LEAST - 1, 0, 1000);
        say(h, HEALTH_BRAKE_LEAST - 1, HEALTH_BRAKE_LEAST - 1, 2000);
        ck_assert_uint_eq(count_down(h, HEALTH_BRAKE_LEAST - 1), HEALTH_BRAKE_LEAST - 1);
        health_free(h);
        h = table(CHECKS, "");
        health_set_brake(h, 100, 10000);
        say(h, CHECKS, 0, 1000);
        say(h, CHECKS, CHECKS, 2000);
        ck_assert_uint_eq(count_down(h, CHECKS), CHECKS);
        health_free(h);
}
END_TEST

START_TEST(what_is_down_from_the_start_is_not_held)
{
        struct health_table *h = table(CHECKS, "");

        health_set_brake(h, 50, 10000);
        say(h, CHECKS, CHECKS, 1000);
        ck_assert_uint_eq(count_down(h, CHECKS), CHECKS);
        health_free(h);
}
END_TEST

START_TEST(what_is_held_stays_held_in_a_new_plan)
{
        struct health_table *h = table(CHECKS, "");
        struct plan *p = plan_new(2);
        struct check *c = ARENA_ARRAY(p->arena, struct check, CHECKS - 1);

        health_set_brake(h, 50, 10000);
        say(h, CHECKS, 0, 1000);
        say(h, CHECKS, CHECKS, 2000);
        for (uint32_t i = 0; i < CHECKS - 1; i++)
                c[i] = (struct check){.id = ids[i], .monitor = monitor_make(p->arena, "type: tcp, port: 1")};
        plan_set(p, c, CHECKS - 1);
        health_set_plan(h, p, 3000);
        ck_assert_uint_eq(health_held(h), CHECKS - 1);
        ck_assert_uint_eq(count_down(h, CHECKS - 1), 0);
        health_free(h);
}
END_TEST

/* --- the breaker --- */

START_TEST(what_comes_back_serves_a_trickle_and_then_all)
{
        struct health_table *h = table(1, "breaker: {half_open: 10, for: 5s}");

        say(h, 1, 0, 1000);
        ck_assert_uint_eq(health_share(h, "p/00"), 100); /* the first time there is nothing to prove */
        say(h, 1, 1, 2000);
        shared = 0;
        say(h, 1, 0, 3000);
        ck_assert_uint_eq(lasted, 1000);
        ck_assert_uint_eq(shared, 10);
        ck_assert_uint_eq(health_share(h, "p/00"), 10);
        health_tick(h, 7999);
        ck_assert_uint_eq(health_share(h, "p/00"), 10);
        health_tick(h, 8000);
        take(h);
        ck_assert_uint_eq(shared, 100);
        ck_assert_uint_eq(health_share(h, "p/00"), 100);
        health_free(h);
}
END_TEST

START_TEST(what_fails_its_trial_waits_longer_each_time)
{
        struct health_table *h = table(1, "breaker: {half_open: 10, for: 1s}");
        static const uint64_t waits[] = {1000, 2000, 4000, 8000, 16000, 16000};
        struct arena *a = arena_new(0);
        uint64_t now = 100000;

        say(h, 1, 0, now);
        say(h, 1, 1, ++now);
        say(h, 1, 0, ++now);
        for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
                ck_assert_int_eq(health_of(h, "p/00"), VERDICT_UP);
                say(h, 1, 1, now += 500); /* on trial */
                ck_assert_int_eq(health_of(h, "p/00"), VERDICT_DOWN);
                say(h, 1, 0, now + 1);
                health_tick(h, now + waits[i] - 1);
                ck_assert_int_eq(health_of(h, "p/00"), VERDICT_DOWN);
                ck_assert_str_eq(doc_get_string(health_describe(h, "p/00", a, now + waits[i] - 1), "reason"),
                                 "breaker");
                health_tick(h, now += waits[i]);
        }
        health_tick(h, now += 1000); /* it stood its trial: the next wait is the first again */
        say(h, 1, 1, ++now);
        say(h, 1, 0, ++now);
        ck_assert_int_eq(health_of(h, "p/00"), VERDICT_UP);
        say(h, 1, 1, ++now);
        say(h, 1, 0, now + 1);
        health_tick(h, now + 1000);
        ck_assert_int_eq(health_of(h, "p/00"), VERDICT_UP);
        arena_free(a);
        health_free(h);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("brake");
        TCase *t = tcase_create("brake");

        tcase_add_test(t, too_many_that_go_down_at_once_are_held_and_fewer_are_not);
        tcase_add_test(t, what_went_down_one_by_one_within_the_window_comes_back_when_it_becomes_too_much);
        tcase_add_test(t, slow_deaths_are_never_held);
        tcase_add_test(t, a_held_change_ends_with_its_cause);
        tcase_add_test(t, an_operator_accepts_what_is_held);
        tcase_add_test(t, with_nothing_held_there_is_nothing_to_accept_and_the_brake_stays_on);
        tcase_add_test(t, few_checks_and_a_share_of_100_are_never_held);
        tcase_add_test(t, what_is_down_from_the_start_is_not_held);
        tcase_add_test(t, what_is_held_stays_held_in_a_new_plan);
        tcase_add_test(t, what_comes_back_serves_a_trickle_and_then_all);
        tcase_add_test(t, what_fails_its_trial_waits_longer_each_time);
        suite_add_tcase(s, t);
        return run_suite(s);
}
