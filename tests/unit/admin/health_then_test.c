/* What events tell of a time: of before them, of between them, over starts, and of what they do not reach. */
#include <stdio.h>
#include <string.h>
#include "admin/asking/health_then.h"
#include "base/clock.h"
#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"
#include "zones/store/journal.h"

#define T0 INT64_C(1800000000000) /* when the first of these tests happens */

static char path[SCRATCH_PATH], error[JOURNAL_ERROR_MAX];
static struct journal *journal;

static void setup(void)
{
        bool damaged;

        scratch_make(path, "health_then");
        journal = journal_open(path, 100000, &damaged, error, sizeof(error));
        ck_assert_msg(journal != NULL, "%s", error);
}

static void teardown(void)
{
        journal_close(journal);
        scratch_remove(path);
}

static void entry(const char *text)
{
        journal_append(journal, text, strlen(text));
}

/* An endpoint became another, `at` s after T0, after so many seconds as before. */
static void event(const char *id, int64_t at, const char *before, const char *state, int64_t lasted_s)
{
        char text[300], time[CLOCK_TEXT_MAX];

        snprintf(
                text, sizeof(text),
                "{\"time\":\"%s\",\"endpoint\":\"%s\",\"state\":\"%s\",\"before\":\"%s\",\"lasted_ms\":%lld,\"prober\":"
                "\"local\",\"reason\":\"ok\",\"detail\":\"\"}",
                clock_format(T0 + at * 1000, time), id, state, before, (long long)lasted_s * 1000);
        entry(text);
}

/* "up", "down since 0", "as now", "unknown": what is told of a time, in s after T0. */
static const char *told(const char *id, int64_t at)
{
        static char text[60];
        struct health_then *h = health_then_read(journal, T0 + at * 1000);
        struct health_word word = {0};
        enum health_told what = health_then_of(h, id, &word);

        snprintf(text, sizeof(text), "%s", what == THEN_AS_NOW ? "as now" : "not told");
        if (what == THEN_TOLD && word.up_since_ms)
                snprintf(text, sizeof(text), "%s since %lld", verdict_state_name(word.state),
                         (long long)(word.up_since_ms - T0) / 1000);
        else if (what == THEN_TOLD)
                snprintf(text, sizeof(text), "%s", verdict_state_name(word.state));
        health_then_free(h);
        return text;
}

START_TEST(a_state_holds_from_its_event_to_the_next)
{
        event("p/a", 10, "unknown", "up", 10);
        event("p/a", 100, "up", "down", 90);
        event("p/a", 160, "down", "up", 60);
        ck_assert_str_eq(told("p/a", 5), "unknown"); /* since 0, as the first event says */
        ck_assert_str_eq(told("p/a", 0), "unknown");
        ck_assert_str_eq(told("p/a", -1), "not told");
        ck_assert_str_eq(told("p/a", 10), "up"); /* it was not down: no slow start */
        ck_assert_str_eq(told("p/a", 99), "up");
        ck_assert_str_eq(told("p/a", 100), "down");
        ck_assert_str_eq(told("p/a", 159), "down");
        ck_assert_str_eq(told("p/a", 160), "up since 160");
        ck_assert_str_eq(told("p/a", 1000000), "up since 160");
}
END_TEST

START_TEST(what_nothing_happened_to_is_as_it_is_now)
{
        event("p/a", 10, "up", "down", 5);
        ck_assert_str_eq(told("p/b", 10), "as now");
        ck_assert_str_eq(told("p/b", 1000), "as now");
        ck_assert_str_eq(told("p/b", 9), "not told"); /* what happened before is not kept */
        ck_assert_str_eq(told("p/a", 6), "up");       /* but that is: it says since when */
}
END_TEST

/* A start is a state of unknown that begins with it. */
START_TEST(over_a_start_counts_what_was_told_before_it)
{
        event("p/a", 10, "up", "down", 5);
        event("p/b", 11, "unknown", "up", 5);
        event("p/a", 203, "unknown", "up", 3); /* started at 200 */
        event("p/c", 204, "unknown", "up", 4);
        event("p/b", 204, "unknown", "down", 4);
        ck_assert_str_eq(told("p/a", 100), "down");
        ck_assert_str_eq(told("p/a", 201), "unknown");
        ck_assert_str_eq(told("p/a", 203), "up");
        ck_assert_str_eq(told("p/b", 100), "up");
        ck_assert_str_eq(told("p/c", 100), "not told"); /* it has not changed for long before, and then was unknown */
}
END_TEST

START_TEST(an_event_that_was_lost_gives_way_to_what_the_next_says)
{
        event("p/a", 10, "unknown", "up", 5);
        event("p/a", 100, "down", "unknown", 50); /* down since 50, of which there is no event */
        ck_assert_str_eq(told("p/a", 40), "up");
        ck_assert_str_eq(told("p/a", 60), "down");
}
END_TEST

START_TEST(other_entries_and_foreign_ones_are_passed_over)
{
        struct health_then *h;

        entry("{\"time\":\"2026-01-01T00:00:00.000Z\",\"target\":\"pool/p\",\"schedule\":\"begins\",\"detail\":\"\"}");
        entry("nonsense");
        entry("[1, 2]");
        entry("7");
        entry("{\"endpoint\":\"p/a\"}");
        entry("{\"endpoint\":\"p/a\",\"time\":7,\"state\":[],\"before\":{},\"lasted_ms\":\"x\"}");
        entry("{\"endpoint\":\"p/"
              "a\",\"time\":\"2027-01-15T08:00:00.000Z\",\"state\":\"odd\",\"before\":\"up\",\"lasted_ms\":1}");
        event("p/a", 10, "up", "down", 5);
        ck_assert_str_eq(told("p/a", 10), "down");
        h = health_then_read(journal, T0);
        ck_assert_int_gt(health_then_since(h), 0);
        ck_assert_int_lt(health_then_since(h), T0);
        health_then_free(h);
}
END_TEST

START_TEST(of_many_events_each_counts)
{
        char id[20];

        for (int i = 0; i < 2501; i++) { /* steps, and one more */
                snprintf(id, sizeof(id), "p/%d", i % 100);
                event(id, i, i / 100 % 2 ? "up" : "down", i / 100 % 2 ? "down" : "up", 100);
        }
        for (int at = 0; at < 2501; at += 77)
                for (int e = 0; e < 100; e += 33) {
                        snprintf(id, sizeof(id), "p/%d", e);
                        int last = at - (at % 100 - e + 100) % 100; /* its newest event by then */
                        ck_assert_msg(!strncmp(told(id, at), last < 0 || last / 100 % 2 ? "down" : "up", 2),
                                      "%s at %d: %s", id, at, told(id, at));
                }
}
END_TEST

START_TEST(without_a_journal_nothing_is_known)
{
        struct health_then *h = health_then_read(NULL, T0);
        struct health_word word;

        ck_assert_int_eq(health_then_since(h), 0);
        ck_assert_int_eq(health_then_of(h, "p/a", &word), THEN_UNKNOWN);
        health_then_free(h);
        ck_assert_str_eq(told("p/a", 0), "not told"); /* nor of one that is empty */
}
END_TEST

int main(void)
{
        Suite *s = suite_create("health then");
        TCase *t = tcase_create("health then");

        tcase_add_checked_fixture(t, setup, teardown);
        tcase_add_test(t, a_state_holds_from_its_event_to_the_next);
        tcase_add_test(t, what_nothing_happened_to_is_as_it_is_now);
        tcase_add_test(t, over_a_start_counts_what_was_told_before_it);
        tcase_add_test(t, an_event_that_was_lost_gives_way_to_what_the_next_says);
        tcase_add_test(t, other_entries_and_foreign_ones_are_passed_over);
        tcase_add_test(t, of_many_events_each_counts);
        tcase_add_test(t, without_a_journal_nothing_is_known);
        suite_add_tcase(s, t);
        return run_suite(s);
}
