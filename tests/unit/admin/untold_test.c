/* The queue of changes that are not told yet. */
#include <stdio.h>
#include <string.h>
#include "admin/states/untold.h"
#include "tests/unit/suite.h"

#define MOST 1000

static struct untold *untold;

static void set_up(void)
{
        untold = untold_new(MOST);
}

static void tear_down(void)
{
        untold_free(untold);
}

/* The n-th change; nothing of it outlives the call. */
static void add(unsigned n)
{
        char id[40], prober[40], detail[400];
        struct check check = {.id = id};
        struct health_change c = {.check = &check,
                                  .state = n % 2 ? VERDICT_DOWN : VERDICT_UP,
                                  .before = n % 2 ? VERDICT_UP : VERDICT_UNKNOWN,
                                  .reason = n % 2 ? REASON_TIMEOUT : REASON_OK,
                                  .detail = detail,
                                  .prober = prober,
                                  .lasted_ms = n * 3ull};

        snprintf(id, sizeof(id), "p%u/e%u", n / 10, n);
        snprintf(prober, sizeof(prober), "prober-%u", n % 7);
        snprintf(detail, sizeof(detail), "%0*u", (int)(n % 300), n);
        untold_add(untold, &c, 1000 + n);
        memset(id, 'x', sizeof(id));
        memset(prober, 'x', sizeof(prober));
        memset(detail, 'x', sizeof(detail));
}

static void expect(unsigned n)
{
        char id[40], prober[40], detail[400];
        struct flip f;

        snprintf(id, sizeof(id), "p%u/e%u", n / 10, n);
        snprintf(prober, sizeof(prober), "prober-%u", n % 7);
        snprintf(detail, sizeof(detail), "%0*u", (int)(n % 300), n);
        ck_assert(untold_take(untold, &f));
        ck_assert_str_eq(f.endpoint, id);
        ck_assert_str_eq(f.prober, prober);
        ck_assert_str_eq(f.detail, detail);
        ck_assert_int_eq(f.time_ms, 1000 + n);
        ck_assert_uint_eq(f.lasted_ms, n * 3ull);
        ck_assert_int_eq(f.state, n % 2 ? VERDICT_DOWN : VERDICT_UP);
        ck_assert_int_eq(f.before, n % 2 ? VERDICT_UP : VERDICT_UNKNOWN);
        ck_assert_int_eq(f.reason, n % 2 ? REASON_TIMEOUT : REASON_OK);
}

START_TEST(changes_come_out_whole_in_the_order_in_which_they_went_in)
{
        unsigned in = 0, out = 0;
        struct flip f;

        ck_assert(!untold_take(untold, &f));
        for (unsigned round = 0; round < 50; round++) { /* over the borders of blocks, and empty in between */
                for (unsigned i = 0; i < 17 * round; i++)
                        add(in++);
                ck_assert_uint_eq(untold_count(untold), in - out);
                while (out < in - (round % 3 ? round : 0))
                        expect(out++);
        }
        while (out < in)
                expect(out++);
        ck_assert(!untold_take(untold, &f));
        ck_assert_uint_eq(untold_given_up(untold), 0);
}
END_TEST

START_TEST(the_oldest_are_given_up_and_counted)
{
        for (unsigned i = 0; i < MOST + 50; i++)
                add(i);
        ck_assert_uint_eq(untold_count(untold), MOST);
        ck_assert_uint_eq(untold_given_up(untold), 50);
        ck_assert_uint_eq(untold_given_up(untold), 0);
        for (unsigned i = 50; i < MOST + 50; i++)
                expect(i);
        ck_assert_uint_eq(untold_count(untold), 0);
}
END_TEST

START_TEST(a_text_larger_than_a_block_is_taken)
{
        static char large[200000];
        struct check check = {.id = "p/e"};
        struct health_change c = {.check = &check, .detail = large, .prober = ""};
        struct flip f;

        memset(large, 'a', sizeof(large) - 1);
        add(1);
        untold_add(untold, &c, 0);
        add(2);
        expect(1);
        ck_assert(untold_take(untold, &f));
        ck_assert_str_eq(f.detail, large);
        expect(2);
}
END_TEST

static Suite *untold_suite(void)
{
        Suite *s = suite_create("untold");
        TCase *c = tcase_create("untold");

        tcase_add_checked_fixture(c, set_up, tear_down);
        tcase_add_test(c, changes_come_out_whole_in_the_order_in_which_they_went_in);
        tcase_add_test(c, the_oldest_are_given_up_and_counted);
        tcase_add_test(c, a_text_larger_than_a_block_is_taken);
        suite_add_tcase(s, c);
        return s;
}

int main(void)
{
        return run_suite(untold_suite());
}
