/* When files are found to be others. */
#include <stdio.h>
#include <unistd.h>
#include "geo/watch.h"
#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"

static char directory[SCRATCH_PATH], first[SCRATCH_PATH + 10], second[SCRATCH_PATH + 10];
static struct geo_watch *watch;
static uint64_t now;

static void write_file(const char *path, const char *text)
{
        FILE *f = fopen(path, "w");

        ck_assert_ptr_nonnull(f);
        fputs(text, f);
        ck_assert_int_eq(fclose(f), 0);
}

static void set_up(void)
{
        static const char *const paths[] = {first, second};

        scratch_make(directory, "watch");
        snprintf(first, sizeof(first), "%s/first", directory);
        snprintf(second, sizeof(second), "%s/second", directory);
        write_file(first, "a");
        write_file(second, "b");
        watch = geo_watch_new(paths, 2, 1000);
        geo_watch_opening(watch);
        now = 5000;
}

static void tear_down(void)
{
        geo_watch_free(watch);
        scratch_remove(directory);
}

static bool look(void)
{
        now += 1000;
        return geo_watch_changed(watch, now);
}

START_TEST(what_stays_is_not_taken)
{
        for (int i = 0; i < 5; i++)
                ck_assert(!look());
}
END_TEST

START_TEST(what_changed_is_taken_when_it_is_the_same_at_two_looks)
{
        ck_assert(!look());
        write_file(second, "bb");
        ck_assert(!look());
        write_file(second, "bbb"); /* still being written */
        ck_assert(!look());
        ck_assert(look());
        ck_assert(look()); /* until it is opened */
        geo_watch_opening(watch);
        ck_assert(!look());
        unlink(first);
        ck_assert(!look());
        ck_assert(look()); /* that it is gone is a change */
        geo_watch_opening(watch);
        ck_assert(!look());
        write_file(first, "a");
        ck_assert(!look());
        ck_assert(look());
}
END_TEST

START_TEST(a_file_renamed_onto_it_is_another_though_its_length_is_the_same)
{
        char other[SCRATCH_PATH + 10];

        snprintf(other, sizeof(other), "%s/other", directory);
        write_file(other, "z");
        ck_assert_int_eq(rename(other, first), 0);
        ck_assert(!look());
        ck_assert(look());
}
END_TEST

START_TEST(it_looks_no_more_often_than_asked)
{
        ck_assert(!look());
        write_file(first, "aa");
        ck_assert(!look());
        ck_assert(!geo_watch_changed(watch, now + 999));
        ck_assert(geo_watch_changed(watch, now + 1000));
        geo_watch_free(watch);
        watch = geo_watch_new(NULL, 0, 0);
        geo_watch_opening(watch);
        ck_assert(!geo_watch_changed(watch, UINT64_MAX));
}
END_TEST

int main(void)
{
        Suite *s = suite_create("watch");
        TCase *t = tcase_create("watch");

        tcase_add_checked_fixture(t, set_up, tear_down);
        tcase_add_test(t, what_stays_is_not_taken);
        tcase_add_test(t, what_changed_is_taken_when_it_is_the_same_at_two_looks);
        tcase_add_test(t, a_file_renamed_onto_it_is_another_though_its_length_is_the_same);
        tcase_add_test(t, it_looks_no_more_often_than_asked);
        suite_add_tcase(s, t);
        return run_suite(s);
}
