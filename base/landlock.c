#include "base/landlock.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of the first version of it; the second and third brought one more each. */
#define CHANGES                                                                                                        \
        (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |              \
         LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |                    \
         LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |                 \
         LANDLOCK_ACCESS_FS_MAKE_SYM)
#define REFER    (UINT64_C(1) << 13) /* 2: links and renames between directories */
#define TRUNCATE (UINT64_C(1) << 14) /* 3 */

static int open_directory(const char *path)
{
        char above[PATH_MAX];
        int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (fd >= 0)
                return fd;
        snprintf(above, sizeof(above), "%s", path);
        return open(dirname(above), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static bool allow(int rules, const char *path, uint64_t what)
{
        struct landlock_path_beneath_attr beneath = {.allowed_access = what, .parent_fd = open_directory(path)};
        bool good = beneath.parent_fd >= 0 &&
                    !syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);

        if (beneath.parent_fd >= 0)
                close(beneath.parent_fd);
        return good;
}

bool landlock_confine(const char *const *directories)
{
        long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
        uint64_t changes = CHANGES | (version >= 2 ? REFER : 0) | (version >= 3 ? TRUNCATE : 0);
        const struct landlock_ruleset_attr handled = {.handled_access_fs = changes | LANDLOCK_ACCESS_FS_EXECUTE};
        int rules = version > 0 ? (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0) : -1;
        bool good = rules >= 0;

        for (; good && *directories; directories++)
                good = allow(rules, *directories, changes);
        good = good && allow(rules, "/dev", LANDLOCK_ACCESS_FS_WRITE_FILE | (changes & TRUNCATE)); /* /dev/null */
        good = good && !syscall(SYS_landlock_restrict_self, rules, 0);
        if (rules >= 0)
                close(rules);
        return good;
}
