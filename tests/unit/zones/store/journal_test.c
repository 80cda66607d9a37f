/* The journal: order, numbers, what is forgotten, and what a crash, a full disk and a slow disk leave of it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"
#include "zones/store/journal.h"

static char path[SCRATCH_PATH], error[JOURNAL_ERROR_MAX];
static bool damaged;
static struct journal *journal;

static struct journal *opened(uint64_t keep)
{
        struct journal *j = journal_open(path, keep, &damaged, error, sizeof(error));

        ck_assert_msg(j != NULL, "%s", error);
        return j;
}

static void setup(void)
{
        scratch_make(path, "journal");
        journal = opened(1000);
}

static void teardown(void)
{
        journal_close(journal);
        scratch_remove(path);
}

static void again(uint64_t keep)
{
        journal_close(journal);
        journal = opened(keep);
}

static void append(unsigned from, unsigned to)
{
        char text[40];

        for (unsigned i = from; i <= to; i++)
                journal_append(journal, text, (size_t)snprintf(text, sizeof(text), "entry %u", i));
}

/* What a reader sees. */
struct seen {
        uint64_t numbers[30000];
        char first[40], last[40];
        size_t count, limit;
        bool disordered;
};

static bool see(void *context, uint64_t number, const void *data, size_t length)
{
        struct seen *s = context;

        s->disordered |= s->count == 30000 || (s->count && number <= s->numbers[s->count - 1]);
        if (s->count == 30000)
                return false;
        snprintf(s->count ? s->last : s->first, sizeof(s->last), "%.*s", (int)length, (const char *)data);
        s->numbers[s->count++] = number;
        return s->count != s->limit;
}

static struct seen *behind(uint64_t after, size_t limit)
{
        static struct seen seen;

        memset(&seen, 0, sizeof(seen));
        seen.limit = limit;
        ck_assert_msg(journal_each(journal, after, see, &seen, error, sizeof(error)), "%s", error);
        ck_assert(!seen.disordered);
        return &seen;
}

START_TEST(entries_are_read_at_once_and_after_they_are_on_disk)
{
        append(1, 5);
        ck_assert_uint_eq(behind(0, 0)->count, 5);
        ck_assert(journal_flush(journal));
        append(6, 8);
        struct seen *s = behind(0, 0);
        ck_assert_uint_eq(s->count, 8);
        ck_assert_str_eq(s->first, "entry 1");
        ck_assert_str_eq(s->last, "entry 8");
        ck_assert_uint_eq(behind(6, 0)->count, 2);
        ck_assert_uint_eq(behind(2, 3)->count, 3);
        ck_assert_uint_eq(behind(2, 3)->numbers[2], 5);
        ck_assert_uint_eq(behind(8, 0)->count, 0);
        ck_assert_uint_eq(journal_last(journal), 8);
}
END_TEST

START_TEST(numbers_go_on_after_a_restart)
{
        append(1, 3);
        again(1000);
        ck_assert_uint_eq(behind(0, 0)->count, 3);
        ck_assert_uint_eq(journal_append(journal, "x", 1), 4);
        again(1000);
        again(1000);
        ck_assert_uint_eq(journal_append(journal, "y", 1), 5);
}
END_TEST

START_TEST(the_oldest_are_forgotten)
{
        append(1, 1500);
        ck_assert(journal_flush(journal));
        struct seen *s = behind(0, 0);
        ck_assert_uint_eq(s->count, 1000);
        ck_assert_uint_eq(s->numbers[0], 501);
        again(10);
        append(1501, 1501);
        ck_assert(journal_flush(journal));
        ck_assert_uint_eq(behind(0, 0)->count, 10);
}
END_TEST

START_TEST(the_newest_are_found_over_gaps)
{
        ck_assert_uint_eq(journal_before_newest(journal, 5), 0);
        append(1, 10);
        ck_assert_uint_eq(journal_before_newest(journal, 4), 6);
        ck_assert(journal_flush(journal));
        ck_assert_uint_eq(journal_before_newest(journal, 4), 6);
        append(11, 12);
        ck_assert_uint_eq(journal_before_newest(journal, 4), 8);
        ck_assert_uint_eq(journal_before_newest(journal, 12), 0);
        ck_assert_uint_eq(journal_before_newest(journal, 100), 0);
}
END_TEST

/* Ends without closing, as by kill -9; the parent opens what is left. */
static void crash_after(unsigned flushed, unsigned more)
{
        journal_close(journal);
        pid_t child = fork();
        if (!child) {
                journal = opened(1000);
                append(1, flushed);
                if (!journal_flush(journal))
                        _exit(1);
                append(flushed + 1, flushed + more);
                kill(getpid(), SIGKILL);
        }
        int status;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFSIGNALED(status));
        journal = opened(1000);
}

START_TEST(a_crash_loses_nothing_that_was_flushed_and_no_number_is_given_twice)
{
        crash_after(7, 5);
        struct seen *s = behind(0, 0);
        ck_assert_uint_ge(s->count, 7);
        uint64_t next = journal_append(journal, "after", 5);
        ck_assert_uint_gt(next, 12);
        /* The gap does not push out what is kept. */
        ck_assert(journal_flush(journal));
        ck_assert_uint_ge(behind(0, 0)->count, 8);
}
END_TEST

START_TEST(the_map_grows)
{
        static char large[JOURNAL_ENTRY_MAX];

        again(20000);
        for (int i = 0; i < 4000; i++) {
                memset(large, 'a' + i % 26, sizeof(large));
                journal_append(journal, large, sizeof(large));
        }
        ck_assert(journal_flush(journal));
        ck_assert_uint_eq(behind(0, 0)->count, 4000);
        ck_assert(!journal_failing(journal, error, sizeof(error)));
}
END_TEST

START_TEST(a_disk_that_takes_nothing_is_told_and_its_entries_wait)
{
        struct rlimit none = {65536, RLIM_INFINITY}, before; /* files cannot grow */

        append(1, 3);
        ck_assert(journal_flush(journal));
        signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before);
        setrlimit(RLIMIT_FSIZE, &none);
        append(4, JOURNAL_WAITING_MAX + 103);
        bool good = journal_flush(journal);
        bool failing = journal_failing(journal, error, sizeof(error));
        size_t seen = behind(0, 0)->count;
        setrlimit(RLIMIT_FSIZE, &before);
        ck_assert(!good);
        ck_assert(failing);
        ck_assert_uint_eq(journal_lost(journal), 100);
        ck_assert_uint_eq(seen, 3 + JOURNAL_WAITING_MAX);
        ck_assert(journal_flush(journal));
        ck_assert(!journal_failing(journal, error, sizeof(error)));
        ck_assert_uint_eq(behind(0, 0)->count, 1000);
}
END_TEST

START_TEST(who_waits_for_room_loses_nothing_of_many_at_once)
{
        unsigned number = 0;

        again(30000);
        while (number < 29000) {
                size_t room = journal_room(journal);
                ck_assert_uint_le(room, JOURNAL_WAITING_MAX);
                if (!room)
                        ck_assert(journal_flush(journal));
                for (; room && number++ < 29000; room--)
                        append(number, number);
        }
        struct seen *s = behind(0, 0);
        ck_assert_uint_eq(s->count, 29000);
        ck_assert_uint_eq(s->numbers[28999], 29000);
        ck_assert_uint_eq(journal_lost(journal), 0);
}
END_TEST

START_TEST(a_disk_that_takes_nothing_is_no_reason_to_wait)
{
        struct rlimit none = {65536, RLIM_INFINITY}, before;

        signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before);
        setrlimit(RLIMIT_FSIZE, &none);
        append(1, JOURNAL_WAITING_MAX);
        bool good = journal_flush(journal);
        size_t room = journal_room(journal);
        setrlimit(RLIMIT_FSIZE, &before);
        ck_assert(!good);
        ck_assert_uint_eq(room, JOURNAL_WAITING_MAX);
}
END_TEST

START_TEST(what_is_no_journal_is_refused)
{
        char file[100];

        journal_close(journal);
        snprintf(file, sizeof(file), "%s/data.mdb", path);
        FILE *f = fopen(file, "w");
        for (int i = 0; i < 10000; i++)
                fputs("not a database ", f);
        fclose(f);
        journal = journal_open(path, 10, &damaged, error, sizeof(error));
        ck_assert_ptr_null(journal);
        ck_assert(damaged);
        ck_assert_ptr_nonnull(strstr(error, path));
        ck_assert_msg(!strstr(error, "configuration"), "%s", error); /* which is well */
        ck_assert(!truncate(file, 0));
        journal = journal_open(path, 10, &damaged, error, sizeof(error));
        ck_assert(!journal && damaged);
        ck_assert_msg(!strstr(error, "configuration"), "%s", error);
}
END_TEST

#define PAGE 4096

static char *read_file(const char *name, long *size)
{
        FILE *f = fopen(name, "r");

        ck_assert_ptr_nonnull(f);
        fseek(f, 0, SEEK_END);
        *size = ftell(f);
        rewind(f);
        char *bytes = malloc((size_t)*size);
        ck_assert_uint_eq(fread(bytes, 1, (size_t)*size, f), (size_t)*size);
        fclose(f);
        return bytes;
}

static void write_file(const char *name, const char *bytes, long size)
{
        FILE *f = fopen(name, "w");

        ck_assert_uint_eq(fwrite(bytes, 1, (size_t)size, f), (size_t)size);
        fclose(f);
}

/* What the disk changed behind our back is refused, or read and written on; it ends nobody. */
START_TEST(pages_of_garbage_end_no_process)
{
        unsigned refused = 0;
        char file[100];
        long size;

        for (int i = 0; i < 600; i++) {
                append((unsigned)i, (unsigned)i);
                if (i % 50 == 0)
                        ck_assert(journal_flush(journal));
        }
        again(100);
        append(1, 1);
        ck_assert(journal_flush(journal));
        journal_close(journal);
        snprintf(file, sizeof(file), "%s/data.mdb", path);
        char *good = read_file(file, &size), *bad = malloc((size_t)size);
        for (int trial = 0; trial < 60; trial++) {
                memcpy(bad, good, (size_t)size);
                for (int i = 0; i < 200; i++) /* of one page, or of all */
                        bad[trial % 2 ? random() % size : (trial / 2 % (size / PAGE)) * PAGE + random() % PAGE] =
                                (char)random();
                write_file(file, bad, size);
                journal = journal_open(path, 100, &damaged, error, sizeof(error));
                refused += damaged;
                if (!journal)
                        continue;
                append(2, 2);
                journal_flush(journal);
                journal_close(journal);
        }
        ck_assert_uint_ge(refused, 10);
        write_file(file, good, size);
        journal = opened(100);
        ck_assert_uint_eq(behind(0, 0)->count, 100);
        free(good);
        free(bad);
}
END_TEST

static Suite *journal_suite(void)
{
        Suite *s = suite_create("journal");
        TCase *c = tcase_create("journal");

        tcase_add_checked_fixture(c, setup, teardown);
        tcase_set_timeout(c, 60);
        tcase_add_test(c, entries_are_read_at_once_and_after_they_are_on_disk);
        tcase_add_test(c, numbers_go_on_after_a_restart);
        tcase_add_test(c, the_oldest_are_forgotten);
        tcase_add_test(c, the_newest_are_found_over_gaps);
        tcase_add_test(c, a_crash_loses_nothing_that_was_flushed_and_no_number_is_given_twice);
        tcase_add_test(c, the_map_grows);
        tcase_add_test(c, a_disk_that_takes_nothing_is_told_and_its_entries_wait);
        tcase_add_test(c, who_waits_for_room_loses_nothing_of_many_at_once);
        tcase_add_test(c, a_disk_that_takes_nothing_is_no_reason_to_wait);
        tcase_add_test(c, what_is_no_journal_is_refused);
        tcase_add_test(c, pages_of_garbage_end_no_process);
        suite_add_tcase(s, c);
        return s;
}

int main(void)
{
        return run_suite(journal_suite());
}
