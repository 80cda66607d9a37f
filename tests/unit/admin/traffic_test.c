/* Taps, flows, who asked, and what of it is kept. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "admin/traffic/clients.h"
#include "admin/traffic/flows.h"
#include "admin/traffic/history.h"
#include "base/tap.h"
#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"
#include "zones/store/journal.h"

/* --- taps --- */

static size_t take(struct tap *t)
{
        const struct tapped *first;
        size_t count = tap_answers(t, &first);

        tap_take_answers(t, count);
        return count;
}

START_TEST(a_tap_shows_what_was_put_when_the_batch_ends)
{
        struct tap *t = tap_register();
        const struct prefix client = {.length = 24};
        const struct tapped *first;

        tap_begin(t);
        tap_put(t, &(struct tapped){.service = 7}, &client);
        struct tap_mark mark = tap_mark(t);
        tap_put(t, &(struct tapped){.service = 8}, &client);
        ck_assert_uint_eq(tap_answers(t, &first), 0);
        tap_back(t, mark); /* it was held back */
        tap_end(t);
        ck_assert_uint_eq(tap_answers(t, &first), 1);
        ck_assert_uint_eq(first->service, 7);
}
END_TEST

START_TEST(a_full_tap_drops_and_counts)
{
        struct tap *t = tap_register();
        const struct prefix client = {.length = 24};

        for (unsigned round = 0; round < 3; round++) {
                tap_begin(t);
                for (unsigned i = 0; i < TAP_ANSWERS + 10; i++)
                        tap_put(t, &(struct tapped){.service = i}, &client);
                tap_end(t);
                size_t taken = take(t);
                taken += take(t); /* the ring's end, then its beginning */
                ck_assert_uint_eq(taken, TAP_ANSWERS);
                ck_assert_uint_eq(tap_dropped(t), 10 * (round + 1));
        }
}
END_TEST

START_TEST(a_tap_draws_one_client_of_so_many)
{
        struct tap *t = tap_register();
        const struct prefix client = {.length = 24};
        const struct tapped_client *first;
        size_t drawn = 0;

        tap_want(t, 5);
        for (unsigned i = 0; i < 320000; i++) {
                tap_begin(t);
                tap_put(t, &(struct tapped){.service = 1}, &client);
                tap_end(t);
                take(t);
                size_t count = tap_clients(t, &first);
                tap_take_clients(t, count);
                drawn += count;
        }
        ck_assert_msg(drawn > 9700 && drawn < 10300, "%zu of 10000", drawn);
}
END_TEST

/* --- flows --- */

static void count(struct flows *f, uint32_t service, uint32_t endpoint, unsigned times, uint32_t second)
{
        while (times--)
                flows_count(f, flow_hash(service, 1, endpoint), service, 1, endpoint, second);
}

static struct flow *flow_of(const struct flows *f, uint32_t service, uint32_t endpoint)
{
        for (struct flow *one = flows_next(f, NULL); one; one = flows_next(f, one))
                if (one->service == service && one->endpoint == endpoint)
                        return one;
        return NULL;
}

START_TEST(flows_are_told_apart_and_none_is_lost)
{
        struct flows f;
        uint64_t total = 0;

        flows_init(&f);
        for (uint32_t i = 0; i < 900000; i++)
                count(&f, i, i * 3, 1, 5);
        for (const struct flow *one = flows_next(&f, NULL); one; one = flows_next(&f, one))
                total += one->total;
        ck_assert_uint_eq(total + f.other.total, 900000);
        ck_assert_uint_eq(f.count, 786432); /* bounded: the others are together */
        ck_assert_uint_eq(flow_of(&f, 17, 51)->total, 1);
        flows_end(&f);
}
END_TEST

START_TEST(rates_are_smoothed_over_about_ten_seconds)
{
        struct flows f;

        flows_init(&f);
        for (uint32_t second = 100; second < 200; second++)
                count(&f, 1, 2, 50, second);
        double rate = flow_rate(flow_of(&f, 1, 2), 200);
        ck_assert_msg(fabs(rate - 50) < 0.1, "%f", rate);
        ck_assert_msg(fabs(flow_rate(flow_of(&f, 1, 2), 210) - 50 * exp(-1)) < 0.1, "after ten seconds");
        ck_assert_double_eq_tol(flow_rate(flow_of(&f, 1, 2), 10000), 0, 1e-12);
        rate = flow_rate(flow_of(&f, 1, 2), 199);
        ck_assert_msg(fabs(flow_rate(flow_of(&f, 1, 2), 198) - rate) < 0.1, "to who looked at the clock before it");
        ck_assert(rate > 45);
        flows_end(&f);
}
END_TEST

static bool is_not_3(void *context, const struct flow *f)
{
        (void)context;
        return f->service != 3;
}

START_TEST(what_is_gone_counts_as_other)
{
        struct flows f;

        flows_init(&f);
        count(&f, 3, 1, 10, 1);
        count(&f, 4, 1, 20, 1);
        flows_leave(&f, is_not_3, NULL);
        ck_assert_ptr_null(flow_of(&f, 3, 1));
        ck_assert_uint_eq(flow_of(&f, 4, 1)->total, 20);
        ck_assert_uint_eq(f.other.total, 10);
        flows_end(&f);
}
END_TEST

/* --- who asked --- */

static void ask(struct clients *c, uint32_t service, uint16_t class, unsigned times)
{
        clients_count(c, crowd_hash(service, class, TAP_A), service, class, TAP_A, times);
}

START_TEST(crowds_are_of_the_last_hour)
{
        struct clients c;

        clients_init(&c, 1000);
        ask(&c, 1, 2, 100);
        clients_turn(&c, 1000 + 4 * QUARTER_S);
        ask(&c, 1, 2, 10);
        ck_assert_uint_eq(crowd_answers(clients_find(&c, 1, 2, TAP_A)), 110);
        clients_turn(&c, 1000 + 5 * QUARTER_S);
        ck_assert_uint_eq(crowd_answers(clients_find(&c, 1, 2, TAP_A)), 10);
        clients_turn(&c, 1000 + 50 * QUARTER_S);
        ck_assert_ptr_null(clients_find(&c, 1, 2, TAP_A));
        clients_end(&c);
}
END_TEST

/* Whatever came at what rate, early or late: what the samples stand for is what there was. */
START_TEST(samples_stand_for_all)
{
        struct clients c;
        struct random chance;
        double of[2] = {0, 0}, asked[2] = {0, 0};

        random_seed(&chance, 5);
        clients_init(&c, 0);
        for (uint32_t i = 0; i < 1500000; i++) {
                uint32_t service = i > 1000000 && i % 2;
                asked[service]++;
                if (!(random_next(&chance) & ((1u << c.level) - 1))) /* as a tap draws */
                        clients_sample(&c, &(struct tapped_client){.service = service, .level = (uint8_t)c.level});
        }
        ck_assert_uint_le(c.sample_count, SAMPLES_MOST);
        ck_assert_uint_gt(c.sample_count, SAMPLES_MOST / 4);
        for (uint32_t i = 0; i < c.sample_count; i++)
                of[c.samples[i].service] += ldexp(1, c.samples[i].level);
        for (int i = 0; i < 2; i++)
                ck_assert_msg(fabs(of[i] / asked[i] - 1) < 0.03, "%f of %f", of[i], asked[i]);
        clients_end(&c);
}
END_TEST

/* --- history --- */

static char path[SCRATCH_PATH];

static void summed(void *context, const struct went *w)
{
        char *text = context;

        snprintf(text + strlen(text), 400, "%s %s %s %s %llu\n", w->service, w->region, w->pool, w->endpoint,
                 (unsigned long long)w->answers);
}

static const char *told(const struct history *h, uint32_t since)
{
        static char text[4000];

        text[0] = '\0';
        history_each(h, since, summed, text);
        return text;
}

static void remove_all(void)
{
        char command[200];

        snprintf(command, sizeof(command), "rm -rf %s %s.*", path, path);
        ck_assert_int_eq(system(command), 0);
}

static void made(void)
{
        scratch_make(path, "traffic");
}

START_TEST(minutes_are_summed_up_and_kept)
{
        const struct went first[] = {{"www", "eu", "p", "a", 10}, {NULL, NULL, NULL, NULL, 3}};
        const struct went second[] = {{"www", "eu", "p", "a", 5}};
        struct history *h;

        made();
        h = history_open(path, 1000);
        history_add(h, 1000, first, 2);
        history_add(h, 1001, second, 1);
        ck_assert_str_eq(told(h, 1000), "www eu p a 15\n    3\n");
        ck_assert_str_eq(told(h, 1001), "www eu p a 5\n");
        history_close(h);
        h = history_open(path, 1002);
        ck_assert_str_eq(told(h, 1000), "www eu p a 15\n    3\n");
        ck_assert_uint_eq(history_first(h), 1000);
        history_add(h, 1000 + HISTORY_MINUTES, second, 1); /* a day later the first is forgotten */
        ck_assert_str_eq(told(h, 0), "www eu p a 10\n");
        history_close(h);
        remove_all();
}
END_TEST

START_TEST(a_clock_that_was_wrong_ends_nothing)
{
        const struct went first[] = {{"www", "eu", "p", "a", 10}}, second[] = {{"www", "eu", "p", "a", 5}};
        struct history *h;

        made();
        h = history_open(path, 1000);
        history_add(h, 1000, first, 1);
        history_add(h, 1000 + 400 * HISTORY_MINUTES, first, 1);
        history_add(h, 1001, second, 1); /* it is right again */
        history_add(h, 1002, second, 1);
        ck_assert_str_eq(told(h, 1001), "www eu p a 10\n");
        ck_assert_uint_eq(history_first(h), 1001);
        history_close(h);
        h = history_open(path, 1003);
        ck_assert_str_eq(told(h, 1001), "www eu p a 10\n");
        history_close(h);
        remove_all();
}
END_TEST

static void add_many(struct history *h, uint32_t minute, unsigned from, unsigned count)
{
        static char names[HISTORY_BUSIEST][20];
        static struct went went[HISTORY_BUSIEST];

        for (unsigned i = 0; i < count; i++) {
                snprintf(names[i], sizeof(names[i]), "s%u", from + i);
                went[i] = (struct went){names[i], "eu", "p", "a", 1};
        }
        history_add(h, minute, went, count);
}

START_TEST(names_that_are_known_are_kept_when_there_is_no_room_for_others)
{
        struct history *h;

        made();
        h = history_open(path, 1000);
        for (unsigned i = 0; i < 200; i++)
                add_many(h, 1000 + i, i * HISTORY_BUSIEST, HISTORY_BUSIEST);
        add_many(h, 1200, 0, 2);
        add_many(h, 1200, 200 * HISTORY_BUSIEST, 1);
        ck_assert_ptr_nonnull(strstr(told(h, 1200), "s0 eu p a 1\n"));
        ck_assert_ptr_nonnull(strstr(told(h, 1200), "s1 eu p a 1\n"));
        ck_assert_ptr_nonnull(strstr(told(h, 1200), "    1\n"));
        ck_assert_ptr_null(strstr(told(h, 1200), "s100000"));
        history_close(h);
        remove_all();
}
END_TEST

START_TEST(foreign_bytes_are_passed_over)
{
        static const char *const entries[] = {"",
                                              "\n",
                                              "x\ny",
                                              "1000\nwww\teu\tp\ta\t",
                                              "1000\na\tb\tc\t1\n",
                                              "1000\na\tb\tc\td\t-1x\n",
                                              "99999999999999\na\tb\tc\td\t1\n",
                                              "1000\nwww\teu\tp\ta\t7\n"};
        char error[JOURNAL_ERROR_MAX];
        bool damaged;

        made();
        struct journal *j = journal_open(path, 100, &damaged, error, sizeof(error));
        for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++)
                journal_append(j, entries[i], strlen(entries[i]));
        journal_append(j, "\0\0\n\t\t\t\t\xff", 8);
        journal_close(j);
        struct history *h = history_open(path, 1001);
        ck_assert_str_eq(told(h, 0), "www eu p a 7\n");
        history_close(h);
        remove_all();
}
END_TEST

START_TEST(a_minute_of_many_names_takes_several_entries)
{
        struct went *list = calloc(HISTORY_BUSIEST, sizeof(*list));
        char(*names)[40] = calloc(HISTORY_BUSIEST, sizeof(*names));
        struct history *h;
        uint64_t sum = 0;

        made();
        for (unsigned i = 0; i < HISTORY_BUSIEST; i++) {
                snprintf(names[i], sizeof(names[i]), "service%u.gslb.example.com", i);
                list[i] = (struct went){names[i], "eu", "pool", "endpoint", i + 1};
        }
        h = history_open(path, 50);
        history_add(h, 50, list, HISTORY_BUSIEST);
        history_close(h);
        h = history_open(path, 51);
        static char text[200000];
        text[0] = '\0';
        history_each(h, 0, summed, text);
        for (const char *at = text; (at = strstr(at, "endpoint ")); at += 9)
                sum += strtoull(at + 9, NULL, 10);
        ck_assert_uint_eq(sum, (uint64_t)HISTORY_BUSIEST * (HISTORY_BUSIEST + 1) / 2);
        history_close(h);
        remove_all();
        free(list);
        free(names);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("traffic");
        TCase *c = tcase_create("traffic");

        tcase_add_test(c, a_tap_shows_what_was_put_when_the_batch_ends);
        tcase_add_test(c, a_full_tap_drops_and_counts);
        tcase_add_test(c, a_tap_draws_one_client_of_so_many);
        tcase_add_test(c, flows_are_told_apart_and_none_is_lost);
        tcase_add_test(c, rates_are_smoothed_over_about_ten_seconds);
        tcase_add_test(c, what_is_gone_counts_as_other);
        tcase_add_test(c, crowds_are_of_the_last_hour);
        tcase_add_test(c, samples_stand_for_all);
        tcase_add_test(c, minutes_are_summed_up_and_kept);
        tcase_add_test(c, a_clock_that_was_wrong_ends_nothing);
        tcase_add_test(c, foreign_bytes_are_passed_over);
        tcase_add_test(c, names_that_are_known_are_kept_when_there_is_no_room_for_others);
        tcase_add_test(c, a_minute_of_many_names_takes_several_entries);
        suite_add_tcase(s, c);
        return run_suite(s);
}
