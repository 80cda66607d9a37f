/* When a drain waits, goes and is in force: arithmetic over times. */
#include "tests/unit/suite.h"
#include "zones/config/drain.h"

#define SECOND 1000

START_TEST(a_drain_takes_all_from_its_beginning_to_its_end)
{
        const struct drain_span s = {.since_ms = 100 * SECOND, .until_ms = 200 * SECOND};

        ck_assert_int_eq(drain_phase(&s, 99999), DRAIN_WAITING);
        ck_assert_uint_eq(drain_left(&s, 99999), 100);
        ck_assert_int_eq(drain_next(&s, 99999), 100 * SECOND);
        ck_assert_int_eq(drain_phase(&s, 100 * SECOND), DRAIN_IN_FORCE);
        ck_assert_uint_eq(drain_left(&s, 100 * SECOND), 0);
        ck_assert_int_eq(drain_next(&s, 100 * SECOND), 200 * SECOND);
        ck_assert_int_eq(drain_phase(&s, 200 * SECOND), DRAIN_ENDED);
        ck_assert_uint_eq(drain_left(&s, 200 * SECOND), 100);
        ck_assert_int_eq(drain_next(&s, 200 * SECOND), INT64_MAX);
}
END_TEST

START_TEST(a_gradual_drain_falls_in_ten_steps_and_each_is_told_when_it_comes)
{
        const struct drain_span spans[] = {
                {.since_ms = 5, .over_ms = 600 * SECOND}, {.since_ms = 5, .over_ms = 7}, {.since_ms = 5, .over_ms = 1}};

        for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++) {
                int64_t now = 0;
                unsigned left = 100, turns = 0;
                while ((now = drain_next(&spans[i], now)) != INT64_MAX) {
                        unsigned before = left;
                        left = drain_left(&spans[i], now);
                        ck_assert_uint_lt(left, before);
                        ck_assert_uint_eq(drain_left(&spans[i], now - 1), before);
                        turns++;
                }
                ck_assert_uint_eq(left, 0);
                ck_assert_uint_eq(turns, i == 0 ? DRAIN_STEPS + 1 : i == 1 ? 8 : 2);
        }
        ck_assert_uint_eq(drain_left(&spans[0], 5), 90);
}
END_TEST

START_TEST(two_overlap_when_they_share_a_moment)
{
        const struct drain_span early = {.since_ms = 1, .until_ms = 10}, late = {.since_ms = 10, .until_ms = 20},
                                open = {.since_ms = 19};

        ck_assert(!drain_overlap(&early, &late) && !drain_overlap(&late, &early));
        ck_assert(drain_overlap(&late, &open) && drain_overlap(&open, &late));
        ck_assert(!drain_overlap(&early, &open) && !drain_overlap(&open, &early));
        ck_assert(drain_overlap(&open, &open));
}
END_TEST

int main(void)
{
        Suite *s = suite_create("drain");
        TCase *c = tcase_create("drain");

        tcase_add_test(c, a_drain_takes_all_from_its_beginning_to_its_end);
        tcase_add_test(c, a_gradual_drain_falls_in_ten_steps_and_each_is_told_when_it_comes);
        tcase_add_test(c, two_overlap_when_they_share_a_moment);
        suite_add_tcase(s, c);
        return run_suite(s);
}
