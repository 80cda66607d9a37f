/* Checks that are to be tried at once: who is told what, and whose word is taken. */
#include <check.h>
#include <stdio.h>
#include "admin/plans/tries.h"
#include "tests/unit/suite.h"

#define OPEN 10000

static bool all(void *context, const char *prober, const char *id)
{
        return true;
}

static bool none(void *context, const char *prober, const char *id)
{
        return false;
}

static const struct try *ask(struct tries *t, const char *id, uint64_t now)
{
        uint64_t wait;

        return tries_ask(t, id, OPEN, now, &wait);
}

static uint32_t told(struct tries *t, const char *prober, uint64_t now, struct try_asked list[TRIES_MOST])
{
        return tries_tell(t, prober, all, NULL, now, list);
}

static void report(struct tries *t, const char *prober, const char *id, uint64_t number, bool done, enum reason reason)
{
        const struct tried tried = {.id = id, .number = number, .done = done, .reason = (uint8_t)reason, .took_us = 5};

        tries_take(t, &(struct report){.prober = prober, .tried = &tried, .tried_count = id != NULL});
}

START_TEST(an_endpoint_is_asked_for_once_a_second_and_so_many_at_a_time)
{
        struct tries *t = tries_new();
        uint64_t wait, now = 5000;
        char id[20];

        ck_assert_ptr_nonnull(tries_ask(t, "p/0", OPEN, now, &wait));
        ck_assert_ptr_null(tries_ask(t, "p/0", OPEN, now + 999, &wait));
        ck_assert_uint_eq(wait, 1);
        ck_assert_ptr_nonnull(tries_ask(t, "p/0", OPEN, now + 1000, &wait));
        for (int i = 2; i < TRIES_MOST; i++) {
                snprintf(id, sizeof(id), "p/%d", i);
                ck_assert_ptr_nonnull(ask(t, id, now + 1000));
        }
        ck_assert_ptr_null(tries_ask(t, "p/x", OPEN, now + 9999, &wait));
        ck_assert_uint_eq(wait, 0);
        ck_assert_ptr_nonnull(ask(t, "p/x", now + OPEN)); /* the first is over */
        ck_assert_ptr_null(ask(t, "p/y", now + OPEN));
        tries_end(t, tries_find(t, "p/x", 0)); /* there is none of this number */
        ck_assert_ptr_null(ask(t, "p/y", now + OPEN));
        ck_assert_ptr_nonnull(ask(t, "p/y", now + 1000 + OPEN));
        ck_assert_ptr_null(ask(t, "p/x", now + OPEN + 999)); /* making room does not forget who was asked for */
        tries_free(t);
}
END_TEST

START_TEST(a_prober_is_told_of_the_newest_until_it_has_answered)
{
        struct tries *t = tries_new();
        struct try_asked list[TRIES_MOST];
        const struct try *old = ask(t, "p/e", 1000), *new = ask(t, "p/e", 2000), *other = ask(t, "p/f", 2000);

        ck_assert_uint_eq(tries_tell(t, "paris", none, NULL, 2000, list), 0);
        ck_assert_uint_eq(told(t, "paris", 2000, list), 2);
        ck_assert_uint_eq(list[0].number, other->number);
        ck_assert_uint_eq(list[1].number, new->number);
        report(t, "paris", "p/e", new->number, false, REASON_NOT_YET);
        ck_assert(old->answers[0].heard && !old->answers[0].of.done);
        ck_assert_uint_eq(told(t, "paris", 2000, list), 2);
        report(t, "paris", "p/e", new->number, true, REASON_STATUS);
        ck_assert(old->answers[0].of.done && new->answers[0].of.done);
        ck_assert_int_eq(old->answers[0].of.reason, REASON_STATUS);
        ck_assert_uint_eq(told(t, "paris", 2000, list), 1);
        ck_assert_uint_eq(other->answers[0].deaf, 2);
        ck_assert(!other->answers[0].heard);
        ck_assert_uint_eq(told(t, "rome", 2000, list), 2);
        tries_end(t, other);
        ck_assert_uint_eq(told(t, "rome", 2000, list), 1);
        ck_assert_uint_eq(told(t, "rome", 2000 + OPEN, list), 0);
        tries_free(t);
}
END_TEST

START_TEST(nobody_answers_what_he_was_not_told)
{
        struct tries *t = tries_new();
        struct try_asked list[TRIES_MOST];
        const struct try *old = ask(t, "p/e", 1000), *new;

        report(t, "paris", "p/e", old->number, true, REASON_OK);
        ck_assert_uint_eq(old->count, 0);
        ck_assert_uint_eq(told(t, "paris", 1000, list), 1);
        new = ask(t, "p/e", 2000);
        report(t, "rome", "p/e", old->number, true, REASON_OK);
        report(t, "paris", "p/other", old->number, true, REASON_OK);
        report(t, "paris", "p/e", old->number + 1, true, REASON_OK);
        report(t, "paris", "p/e", INT64_MAX, true, REASON_OK);
        report(t, "paris", "p/e", new->number, true, REASON_OK); /* guessed: it says more than it knows of that one, */
        ck_assert_uint_eq(new->count, 0);
        ck_assert(old->answers[0].of.done); /* and no less of the one that it has begun before */
        report(t, "paris", "p/e", old->number, true, REASON_STATUS);
        ck_assert_int_eq(old->answers[0].of.reason, REASON_OK); /* said is said */
        tries_free(t);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("admin: tries");
        TCase *t = tcase_create("tries");

        tcase_add_test(t, an_endpoint_is_asked_for_once_a_second_and_so_many_at_a_time);
        tcase_add_test(t, a_prober_is_told_of_the_newest_until_it_has_answered);
        tcase_add_test(t, nobody_answers_what_he_was_not_told);
        suite_add_tcase(s, t);
        return run_suite(s);
}
