/* A process that was confined changes its directory alone, reads everywhere and runs nothing. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/landlock.h"
#include "tests/unit/suite.h"

static char top[] = "/tmp/landlock-XXXXXX";

static int try_open(const char *name, int flags)
{
        char path[100];

        snprintf(path, sizeof(path), "%s/%s", top, name);
        int fd = open(path, flags | O_CLOEXEC, 0600);
        if (fd >= 0)
                close(fd);
        return fd >= 0 ? 0 : errno;
}

static void in_top(const char *name, int (*what)(const char *))
{
        char path[100];

        snprintf(path, sizeof(path), "%s/%s", top, name);
        ck_assert_int_eq(what(path), 0);
}

static int make_directory(const char *path)
{
        return mkdir(path, 0700);
}

START_TEST(a_confined_process_changes_its_directories_alone)
{
        char own[100], made_later[100];

        snprintf(own, sizeof(own), "%s/own", top);
        snprintf(made_later, sizeof(made_later), "%s/later/here", top);
        in_top("own", make_directory);
        in_top("later", make_directory);
        in_top("other", make_directory);
        ck_assert_int_eq(try_open("other/there", O_WRONLY | O_CREAT), 0);
        ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        const char *const directories[] = {own, made_later, NULL};
        ck_assert(landlock_confine(directories));

        ck_assert_int_eq(try_open("own/file", O_RDWR | O_CREAT | O_TRUNC), 0);
        ck_assert_int_eq(mkdir(made_later, 0700), 0);
        ck_assert_int_eq(try_open("later/here/file", O_RDWR | O_CREAT | O_TRUNC), 0);
        ck_assert_int_eq(try_open("other/new", O_WRONLY | O_CREAT), EACCES);
        ck_assert_int_eq(try_open("other/there", O_WRONLY), EACCES);
        ck_assert_int_eq(try_open("other/there", O_RDONLY), 0);
        in_top("own/file", unlink);
        ck_assert_int_eq(execl("/bin/true", "true", (char *)NULL), -1);
        ck_assert_int_eq(errno, EACCES);
}
END_TEST

int main(void)
{
        if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) <= 0)
                return 77; /* this kernel has none: skipped */
        if (!mkdtemp(top))
                return EXIT_FAILURE;
        Suite *s = suite_create("landlock");
        TCase *t = tcase_create("landlock");
        tcase_add_test(t, a_confined_process_changes_its_directories_alone);
        suite_add_tcase(s, t);
        int status = run_suite(s);
        char remove[100];
        snprintf(remove, sizeof(remove), "rm -r %s", top);
        return system(remove) || status;
}
