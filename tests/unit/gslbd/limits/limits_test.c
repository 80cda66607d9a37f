/* Limits as a worker uses them: which queries and answers count together, what becomes of those over a rate, who is
 * busiest. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#include "gslbd/limits/limits.h"
#include "tests/unit/suite.h"

#define START (1000 * BUCKET_SECOND)

static struct random chance;
static struct counters *counted;
static struct limits *limits;
static struct limiter *limiter;
static struct limit_settings settings;
static const int name_a, name_b, zone_a; /* answers are of them */

static void setup(void)
{
        random_seed(&chance, 1);
        counted = counters_register();
        limits = limits_new(1 << 20, 2);
        limiter = limiter_new(limits, counted, &chance);
        settings = (struct limit_settings){.mode = LIMITS_ON, .v4_length = 24, .v6_length = 56, .slip = 1};
        settings.queries = bucket_rate(100, 1000);
        settings.answers[ANSWERED_RECORDS] = bucket_rate(10, 1000);
        settings.answers[ANSWERED_NEGATIVE] = bucket_rate(5, 1000);
        settings.answers[ANSWERED_ERROR] = bucket_rate(2, 1000);
        limiter_at(limiter, &settings, START);
}

static void teardown(void)
{
        limits_free(limits);
}

static struct address address(const char *text)
{
        struct address a;

        ck_assert(address_parse(text, &a));
        return a;
}

static bool asks(const char *from)
{
        static struct address a;
        struct limited c;

        a = address(from);
        limiter_expect(limiter, &a, &c);
        return limiter_query(limiter, &c);
}

/* How many of 100 answers of a kind an address gets. */
static unsigned gets(const char *to, enum answer_kind kind, const void *of, bool proven)
{
        const struct address a = address(to);
        const struct answered answered = {.kind = kind, .of = of, .proven = proven};
        struct limited c;
        unsigned n = 0;

        limiter_expect(limiter, &a, &c);
        for (int i = 0; i < 100; i++) {
                limiter_query(limiter, &c);
                n += limiter_answer(limiter, &c, &answered);
        }
        return n;
}

START_TEST(a_network_shares_one_rate)
{
        char text[40];

        for (int i = 0; i < 100; i++) {
                snprintf(text, sizeof(text), "192.0.2.%d", i);
                ck_assert(asks(text));
                snprintf(text, sizeof(text), "2001:db8:1:12%02x::%x", i, i);
                ck_assert(asks(text));
        }
        ck_assert(!asks("192.0.2.200"));
        ck_assert(asks("192.0.3.200"));
        ck_assert(!asks("2001:db8:1:12ff::1"));
        ck_assert(asks("2001:db8:1:1300::1"));
}
END_TEST

START_TEST(answers_are_counted_by_kind)
{
        settings.queries = bucket_rate(0, 0);
        ck_assert_uint_eq(gets("192.0.2.1", ANSWERED_RECORDS, &name_a, false), 10);
        ck_assert_uint_eq(gets("192.0.2.2", ANSWERED_RECORDS, &name_a, false), 0);
        ck_assert_uint_eq(gets("192.0.2.1", ANSWERED_RECORDS, &name_b, false), 10);
        ck_assert_uint_eq(gets("192.0.2.1", ANSWERED_NEGATIVE, &zone_a, false), 5);
        ck_assert_uint_eq(gets("192.0.2.1", ANSWERED_ERROR, NULL, false), 2);
        ck_assert_uint_eq(gets("198.51.100.1", ANSWERED_RECORDS, &name_a, false), 10);
        ck_assert_uint_eq(gets("192.0.2.1", ANSWERED_NOTHING, NULL, false), 100);
}
END_TEST

START_TEST(a_proven_client_gets_all_answers_and_queries_of_its_own)
{
        const struct address a = address("192.0.2.1"), b = address("192.0.2.2");
        struct limited c, d;

        ck_assert_uint_eq(gets("192.0.2.1", ANSWERED_RECORDS, &name_a, true), 100);
        limiter_expect(limiter, &a, &c);
        limiter_expect(limiter, &b, &d);
        ck_assert(!limiter_query(limiter, &c));
        ck_assert(!limiter_query(limiter, &d));
        for (int i = 0; i < 100; i++)
                ck_assert(limiter_proven(limiter, &c));
        ck_assert(!limiter_proven(limiter, &c));
        ck_assert(limiter_proven(limiter, &d));
}
END_TEST

START_TEST(those_allowed_are_without_limit)
{
        struct prefix allow[2];

        ck_assert(prefix_parse("192.0.2.7", &allow[0]) && prefix_parse("2001:db8::/32", &allow[1]));
        settings.allow = allow;
        settings.allow_count = 2;
        ck_assert_uint_eq(gets("192.0.2.7", ANSWERED_RECORDS, &name_a, false), 100);
        ck_assert_uint_eq(gets("2001:db8:7::1", ANSWERED_ERROR, NULL, false), 100);
        ck_assert_uint_eq(gets("192.0.2.8", ANSWERED_RECORDS, &name_a, false), 0);
}
END_TEST

static void held(enum limit_verdict expected, unsigned times, unsigned least, unsigned most)
{
        const struct address a = address("192.0.2.1");
        struct limited c;
        unsigned n = 0;

        limiter_expect(limiter, &a, &c);
        for (unsigned i = 0; i < times; i++)
                n += limiter_hold(limiter, &c) == expected;
        ck_assert_uint_ge(n, least);
        ck_assert_uint_le(n, most);
}

START_TEST(what_is_over_a_rate_slips_as_often_as_the_settings_say)
{
        held(LIMIT_SLIP, 1000, 1000, 1000);
        settings.slip = 4;
        held(LIMIT_SLIP, 10000, 2300, 2700);
        settings.slip = 0;
        held(LIMIT_DROP, 1000, 1000, 1000);
        settings.mode = LIMITS_LOG_ONLY;
        held(LIMIT_PASS, 1000, 1000, 1000);
        ck_assert_uint_eq(counted->values[COUNTER_LIMITED], 13000);
        ck_assert_uint_eq(counted->values[COUNTER_LIMITED_SLIPPED] + counted->values[COUNTER_LIMITED_DROPPED], 12000);
}
END_TEST

START_TEST(handshakes_have_rates_of_a_network_and_in_all)
{
        const struct address a = address("192.0.2.1"), b = address("198.51.100.1"), c = address("203.0.113.1");

        settings.handshakes = bucket_rate(10, 1000);
        settings.handshakes_in_all = bucket_rate(15, 1000);
        for (int i = 0; i < 10; i++)
                ck_assert(limiter_handshake(limiter, &a));
        ck_assert(!limiter_handshake(limiter, &a));
        for (int i = 0; i < 5; i++)
                ck_assert(limiter_handshake(limiter, &b));
        ck_assert(!limiter_handshake(limiter, &b));
        ck_assert(!limiter_handshake(limiter, &c));
        limiter_at(limiter, &settings, START + BUCKET_SECOND);
        ck_assert(limiter_handshake(limiter, &a));
}
END_TEST

/* --- the busiest --- */

/* `count` networks from that address on, each so often. */
static void ask_many(const char *from, unsigned count, unsigned each)
{
        struct address a = address(from);
        struct limited c;

        for (unsigned i = 0; i < count; i++) {
                a.bytes[1] = (uint8_t)(a.bytes[1] + i / 256);
                a.bytes[2] = (uint8_t)(a.bytes[2] + i);
                limiter_expect(limiter, &a, &c);
                for (unsigned n = 0; n < each; n++)
                        limiter_query(limiter, &c);
        }
}

START_TEST(the_busiest_are_found_among_many)
{
        struct busy busy[4];
        char text[PREFIX_TEXT_MAX];

        for (int round = 0; round < 20; round++) {
                ask_many("10.0.0.1", 20000, 1);
                ask_many("192.0.2.1", 1, 1000);
                ask_many("2001:db8::1", 1, 500);
        }
        size_t n = limits_busiest(limits, START, busy, 4);
        ck_assert_uint_eq(n, 4);
        struct prefix first = client_prefix_whole(&busy[0].prefix), second = client_prefix_whole(&busy[1].prefix);
        ck_assert_str_eq(prefix_format(&first, text), "192.0.2.0/24");
        ck_assert_uint_ge(busy[0].asked, 18000);
        ck_assert_uint_le(busy[0].asked, 22000);
        ck_assert_str_eq(prefix_format(&second, text), "2001:db8::/56");
        ck_assert_uint_ge(busy[1].asked, 8500);
        ck_assert_uint_le(busy[2].asked, 1000);
        ck_assert_uint_eq(limits_busiest(limits, START + 3 * BUSIEST_WINDOW_S * BUCKET_SECOND, busy, 4), 0);
}
END_TEST

START_TEST(the_limited_come_first_and_workers_are_added_up)
{
        struct limiter *other = limiter_new(limits, counted, &chance);
        const struct address loud = address("192.0.2.1"), held_back = address("198.51.100.1");
        struct limited of_loud, of_held_back;
        struct busy busy[4];

        limiter_at(other, &settings, START);
        limiter_expect(limiter, &loud, &of_loud);
        limiter_expect(limiter, &held_back, &of_held_back);
        for (int i = 0; i < 10000; i++) {
                limiter_query(limiter, &of_loud);
                limiter_query(other, &of_loud);
        }
        for (int i = 0; i < 5; i++) {
                limiter_hold(limiter, &of_held_back);
                limiter_hold(other, &of_held_back);
        }
        ck_assert_uint_eq(limits_busiest(limits, START, busy, 4), 2);
        ck_assert_uint_eq(busy[0].asked, 0);
        ck_assert_uint_eq(busy[0].limited, 10);
        ck_assert_uint_ge(busy[1].asked, 18000);
        ck_assert_uint_le(busy[1].asked, 22000);
        ck_assert_uint_eq(busy[1].limited, 0);
}
END_TEST

static bool over; /* atomic */

static void *keep_asking(void *context)
{
        const struct address a = address("192.0.2.1"), b = address("2001:db8::1");
        struct limited c[2];

        limiter_expect(limiter, &a, &c[0]);
        limiter_expect(limiter, &b, &c[1]);
        for (uint64_t now = START; !__atomic_load_n(&over, __ATOMIC_RELAXED); now += BUCKET_SECOND) {
                limiter_at(limiter, &settings, now);
                for (int i = 0; i < 100; i++)
                        limiter_hold(limiter, &c[i % 2]);
        }
        return NULL;
}

/* What is read while it is written is whole: prefixes that there are, and no count that there cannot be. */
START_TEST(the_list_can_be_read_while_it_is_written)
{
        const unsigned most = 2 * BUSIEST_WINDOW_S * 50;
        pthread_t writer;
        struct busy busy[4];

        ck_assert(!pthread_create(&writer, NULL, keep_asking, NULL));
        for (int i = 0; i < 2000; i++) {
                size_t n = limits_busiest(limits, START + (uint64_t)i * BUCKET_SECOND, busy, 4);
                for (size_t k = 0; k < n; k++) {
                        ck_assert(busy[k].prefix.length == 24 || busy[k].prefix.length == 56);
                        ck_assert_uint_eq(busy[k].prefix.length == 24, busy[k].prefix.family == ADDRESS_V4);
                        ck_assert_uint_le(busy[k].limited, most);
                }
        }
        __atomic_store_n(&over, true, __ATOMIC_RELAXED);
        pthread_join(writer, NULL);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("limits");
        TCase *t = tcase_create("limits");

        tcase_add_checked_fixture(t, setup, teardown);
        tcase_add_test(t, a_network_shares_one_rate);
        tcase_add_test(t, answers_are_counted_by_kind);
        tcase_add_test(t, a_proven_client_gets_all_answers_and_queries_of_its_own);
        tcase_add_test(t, those_allowed_are_without_limit);
        tcase_add_test(t, what_is_over_a_rate_slips_as_often_as_the_settings_say);
        tcase_add_test(t, handshakes_have_rates_of_a_network_and_in_all);
        tcase_add_test(t, the_busiest_are_found_among_many);
        tcase_add_test(t, the_limited_come_first_and_workers_are_added_up);
        tcase_add_test(t, the_list_can_be_read_while_it_is_written);
        suite_add_tcase(s, t);
        return run_suite(s);
}
