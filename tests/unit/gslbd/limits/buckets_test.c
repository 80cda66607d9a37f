/* Token buckets: rates, bursts, many keys in a small table. */
#include <check.h>
#include <stdlib.h>
#include "base/address.h"
#include "base/random.h"
#include "gslbd/limits/buckets.h"
#include "tests/unit/suite.h"

#define START (UINT64_C(7) << 38) /* any time: near where 40 bits begin anew */

/* How many of `tries` at that time there are tokens for. */
static unsigned taken(struct buckets *b, uint64_t key, struct bucket_rate rate, uint64_t now, unsigned tries)
{
        unsigned n = 0;

        while (tries--)
                n += buckets_take(b, buckets_owner(b, key, ADDRESS_V4), BUCKET_OWN, rate, now);
        return n;
}

START_TEST(a_burst_comes_at_once_and_the_rate_from_then_on)
{
        struct buckets *b = buckets_new(4096);
        const struct bucket_rate rate = bucket_rate(100, 2000);
        uint64_t now = START;

        ck_assert_uint_eq(taken(b, 1, rate, now, 1000), 200);
        for (int i = 0; i < 50; i++) {
                now += BUCKET_SECOND / 10;
                ck_assert_uint_eq(taken(b, 1, rate, now, 1000), 10);
        }
        now += 60 * BUCKET_SECOND;
        ck_assert_uint_eq(taken(b, 1, rate, now, 1000), 200);
        buckets_free(b);
}
END_TEST

START_TEST(time_may_begin_anew)
{
        const struct bucket_rate rate = bucket_rate(10, 1000);

        for (int k = 30; k < 64; k++) {
                struct buckets *b = buckets_new(64);
                uint64_t now = (UINT64_C(1) << k) - BUCKET_SECOND / 2;
                ck_assert_uint_eq(taken(b, 1, rate, now, 100), 10);
                ck_assert_uint_eq(taken(b, 1, rate, now + BUCKET_SECOND, 100), 10);
                ck_assert_uint_eq(taken(b, 1, rate, now + BUCKET_SECOND * 3 / 2, 100), 5);
                buckets_free(b);
        }
}
END_TEST

START_TEST(rates_hold_from_one_a_second_to_a_million)
{
        static const unsigned rates[] = {1, 2, 7, 50, 1000, 5000, 99999, 1000000};

        for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
                struct buckets *b = buckets_new(64);
                const struct bucket_rate rate = bucket_rate(rates[i], 1);
                unsigned got = 0, tries = 0;
                for (uint64_t now = START; now < START + 10 * BUCKET_SECOND; now += BUCKET_SECOND / 250, tries++)
                        got += taken(b, 1, rate, now, rates[i] / 100 + 2);
                unsigned most = rates[i] * 10, room = most / 10 + rates[i] / 1000 + 1;
                /* Looked at each 4 ms, a bucket that holds 1 ms cannot give more than that each time. */
                if (rates[i] <= 250)
                        ck_assert_uint_ge(got + room, most);
                ck_assert_uint_le(got, most + room);
                buckets_free(b);
        }
}
END_TEST

START_TEST(no_rate_is_no_bound)
{
        struct buckets *b = buckets_new(64);

        ck_assert_uint_eq(taken(b, 1, bucket_rate(0, 1000), START, 100000), 100000);
        ck_assert_uint_eq(buckets_in_use(b, START), 0);
        buckets_free(b);
}
END_TEST

START_TEST(keys_do_not_share_buckets)
{
        struct buckets *b = buckets_new(1 << 20);
        const struct bucket_rate rate = bucket_rate(100, 100);

        for (uint64_t key = 0; key < 2000; key++)
                ck_assert_uint_eq(taken(b, key, rate, START, 100), 10);
        ck_assert_uint_eq(buckets_in_use(b, START), 2000);
        ck_assert_uint_eq(buckets_in_use(b, START + BUCKET_SECOND), 0);
        buckets_free(b);
}
END_TEST

/* The point of it: those who come once take no place from one who comes all the time. */
START_TEST(a_flood_of_a_million_keys_frees_nobody_from_a_limit)
{
        struct buckets *b = buckets_new(1 << 16); /* 8192 buckets */
        const struct bucket_rate rate = bucket_rate(200, 1000);
        struct random r;
        uint64_t now = START;
        unsigned got = 0;

        random_seed(&r, 1);
        for (unsigned i = 0; i < 1000000; i++) { /* in a second */
                now += BUCKET_SECOND / 1000000;
                buckets_take(b, buckets_owner(b, random_next(&r), ADDRESS_V4), BUCKET_OWN, rate, now);
                if (i % 100 == 0)
                        got += taken(b, 7, rate, now, 1);
        }
        ck_assert_uint_ge(got, 398);
        ck_assert_uint_le(got, 401);
        buckets_free(b);
}
END_TEST

START_TEST(a_full_row_gives_the_bucket_that_needs_its_place_least)
{
        struct buckets *b = buckets_new(64); /* one row */
        const struct bucket_rate rate = bucket_rate(10, 10000);

        for (unsigned key = 1; key <= 8; key++)
                ck_assert_uint_eq(taken(b, key, rate, START, key * 10), key * 10);
        ck_assert_uint_eq(taken(b, 9, rate, START, 1), 1); /* in the place of 1 */
        ck_assert_uint_eq(taken(b, 8, rate, START, 100), 20);
        ck_assert_uint_eq(buckets_in_use(b, START), 8);
        buckets_free(b);
}
END_TEST

START_TEST(no_number_of_kinds_frees_an_owner)
{
        struct buckets *b = buckets_new(1 << 16);
        const struct bucket_rate rate = bucket_rate(100, 1000);
        const uint64_t owner = buckets_owner(b, 1, ADDRESS_V4);
        unsigned got = 0;

        for (uint64_t kind = 1; kind <= 3000; kind++) {
                got += buckets_take(b, owner, BUCKET_OWN, rate, START);
                buckets_take(b, owner, kind % 1000 + 1, rate, START);
        }
        ck_assert_uint_eq(got, 100);
        for (uint64_t kind = 1; kind <= 7; kind++) {
                got = 0;
                for (int i = 0; i < 1000; i++)
                        got += buckets_take(b, owner, kind, rate, START + 100 * BUCKET_SECOND);
                ck_assert_uint_eq(got, 100);
        }
        buckets_free(b);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("limits: buckets");
        TCase *t = tcase_create("buckets");

        tcase_add_test(t, a_burst_comes_at_once_and_the_rate_from_then_on);
        tcase_add_test(t, time_may_begin_anew);
        tcase_add_test(t, rates_hold_from_one_a_second_to_a_million);
        tcase_add_test(t, no_rate_is_no_bound);
        tcase_add_test(t, keys_do_not_share_buckets);
        tcase_add_test(t, a_flood_of_a_million_keys_frees_nobody_from_a_limit);
        tcase_add_test(t, a_full_row_gives_the_bucket_that_needs_its_place_least);
        tcase_add_test(t, no_number_of_kinds_frees_an_owner);
        suite_add_tcase(s, t);
        return run_suite(s);
}
