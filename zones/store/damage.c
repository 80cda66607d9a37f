#include "zones/store/damage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "zones/store/store_private.h"

#define STEP         4096 /* the smallest page */
#define NAMED_MAX    32
#define NAMED_LENGTH 64

bool damage_before_open(const char *directory, char *error, size_t error_size)
{
        char path[PATH_MAX];
        struct stat file;

        if (snprintf(path, sizeof(path), "%s/data.mdb", directory) >= (int)sizeof(path) || stat(path, &file) ||
            file.st_size)
                return true;
        snprintf(error, error_size, "%s/data.mdb is damaged: it is empty", directory);
        return false;
}

/* The only way to learn of a page behind the file's end is to touch it. One thread, at the start. */
static sigjmp_buf beyond_the_end;

static void on_bus_error(int number)
{
        siglongjmp(beyond_the_end, number);
}

/* What is open while pages are touched, to be closed after a jump too. */
struct touching {
        MDB_txn *txn;
        MDB_cursor *cursor;
};

static int touch_all(struct touching *t, MDB_dbi dbi)
{
        MDB_val key, value;
        volatile unsigned char byte;
        int code = mdb_cursor_open(t->txn, dbi, &t->cursor);

        if (code)
                return code;
        while (!(code = mdb_cursor_get(t->cursor, &key, &value, MDB_NEXT))) {
                const unsigned char *bytes = value.mv_data;
                for (size_t at = 0; at < value.mv_size; at += STEP)
                        byte = bytes[at];
                if (value.mv_size)
                        byte = bytes[value.mv_size - 1];
        }
        (void)byte;
        mdb_cursor_close(t->cursor);
        t->cursor = NULL;
        return code == MDB_NOTFOUND ? 0 : code;
}

/* The databases of an environment have their names in its main one. */
static int touch_named(struct touching *t)
{
        char names[NAMED_MAX][NAMED_LENGTH];
        MDB_val key, value;
        MDB_dbi dbi;
        int count = 0, code = mdb_dbi_open(t->txn, NULL, 0, &dbi);

        if (!code)
                code = mdb_cursor_open(t->txn, dbi, &t->cursor);
        while (!code && !(code = mdb_cursor_get(t->cursor, &key, &value, MDB_NEXT)) && count < NAMED_MAX)
                if (key.mv_size < NAMED_LENGTH)
                        snprintf(names[count++], NAMED_LENGTH, "%.*s", (int)key.mv_size, (const char *)key.mv_data);
        if (t->cursor)
                mdb_cursor_close(t->cursor);
        t->cursor = NULL;
        code = code == MDB_NOTFOUND ? 0 : code;
        for (int i = 0; i < count && !code; i++) {
                code = mdb_dbi_open(t->txn, names[i], 0, &dbi);
                if (!code)
                        code = touch_all(t, dbi);
        }
        return code;
}

static int touch_env(MDB_env *env, struct touching *t)
{
        int code = mdb_txn_begin(env, NULL, MDB_RDONLY, &t->txn);

        if (!code)
                code = touch_all(t, 0); /* the list of free pages */
        return code ? code : touch_named(t);
}

/* Pages that a transaction took and gave back may lie behind the end of a file that is well: what counts is what is
 * referred to. */
static bool reads_whole(MDB_env *env)
{
        struct sigaction ours = {.sa_handler = on_bus_error}, before;
        static struct touching touching; /* outlives the jump */
        volatile bool whole = false;

        touching = (struct touching){0};
        sigemptyset(&ours.sa_mask);
        sigaction(SIGBUS, &ours, &before);
        if (!sigsetjmp(beyond_the_end, 1))
                whole = touch_env(env, &touching) == 0;
        sigaction(SIGBUS, &before, NULL);
        if (touching.cursor)
                mdb_cursor_close(touching.cursor);
        if (touching.txn)
                mdb_txn_abort(touching.txn);
        return whole;
}

bool damage_after_open(MDB_env *env, const char *directory, char *error, size_t error_size)
{
        MDB_envinfo info;
        struct stat file;
        MDB_stat main;
        int fd;

        if (mdb_env_info(env, &info) || mdb_env_stat(env, &main) || mdb_env_get_fd(env, &fd) || fstat(fd, &file))
                return true; /* what follows says why */
        unsigned long long wanted = ((unsigned long long)info.me_last_pgno + 1) * main.ms_psize;
        if ((unsigned long long)file.st_size >= wanted || reads_whole(env))
                return true;
        snprintf(error, error_size, "%s/data.mdb is damaged: it has %lld of %llu bytes", directory,
                 (long long)file.st_size, wanted);
        return false;
}

/* --- a trial by a process of its own --- */

#define TRIAL_S       20
#define TRIAL_COMMITS 3 /* until pages that were given back are used again */

/* Lists of free pages: how many, and then their numbers. */
static bool free_pages_fit(MDB_env *env, MDB_txn *txn)
{
        MDB_cursor *cursor;
        MDB_val key, value;
        MDB_envinfo info;
        size_t number;
        int code = mdb_env_info(env, &info);

        code = code ? code : mdb_cursor_open(txn, 0, &cursor);
        if (code)
                return false;
        while (!(code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT))) {
                if (value.mv_size < sizeof(number))
                        return false;
                memcpy(&number, value.mv_data, sizeof(number));
                if (number > value.mv_size / sizeof(number) - 1)
                        return false;
                for (size_t at = number * sizeof(number), n = number; n; n--, at -= sizeof(number)) {
                        memcpy(&number, (const char *)value.mv_data + at, sizeof(number));
                        if (number > info.me_last_pgno)
                                return false;
                }
        }
        return code == MDB_NOTFOUND;
}

/* Writes the last entry again as it is; and takes the first one away. */
static int change(MDB_txn *txn, const char *name, bool take)
{
        MDB_cursor *cursor;
        MDB_val key, value;
        MDB_dbi dbi;
        int code = mdb_dbi_open(txn, name, 0, &dbi);

        code = code ? code : mdb_cursor_open(txn, dbi, &cursor);
        code = code ? code : mdb_cursor_get(cursor, &key, &value, MDB_LAST);
        code = code ? code : mdb_cursor_put(cursor, &key, &value, 0);
        if (take) {
                code = code ? code : mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
                code = code ? code : mdb_cursor_del(cursor, 0);
        }
        return code == MDB_NOTFOUND ? 0 : code;
}

/* Changes everything and keeps nothing; or keeps what is the same as before. A disk that is full is no damage. */
static bool change_all(MDB_env *env, const char *const *names, size_t count, bool keep)
{
        MDB_txn *txn;
        int code = mdb_txn_begin(env, NULL, 0, &txn);

        for (size_t i = 0; i < count && !code; i++)
                code = change(txn, names[i], !keep);
        if (code)
                return false;
        if (keep)
                code = mdb_txn_commit(txn);
        else
                mdb_txn_abort(txn);
        return !code || code == ENOSPC || code == EDQUOT || code == EFBIG || code == MDB_MAP_FULL;
}

/* Everything that is done to the file later. Nothing is closed: the process ends. */
static bool use_all(const char *directory, const char *const *names, size_t count)
{
        struct touching touching = {0};
        bool good = true;
        MDB_env *env;
        int code = mdb_env_create(&env);

        code = code ? code : mdb_env_set_maxdbs(env, NAMED_MAX);
        code = code ? code : mdb_env_open(env, directory, MDB_NOTLS, 0600);
        code = code ? code : touch_env(env, &touching);
        if (code || !free_pages_fit(env, touching.txn))
                return false;
        mdb_txn_abort(touching.txn);
        good = change_all(env, names, count, false);
        for (int i = 0; i < TRIAL_COMMITS && good; i++)
                good = change_all(env, names, count, true);
        return good;
}

bool damage_trial(const char *directory, const char *const *names, size_t count, char *error, size_t error_size)
{
        int status = 0;
        pid_t child = fork();

        if (!child) {
                int nothing = open("/dev/null", O_WRONLY);
                if (nothing >= 0)
                        dup2(nothing, STDERR_FILENO);
                for (int signal_number = 1; signal_number < NSIG; signal_number++)
                        signal(signal_number, SIG_DFL);
                alarm(TRIAL_S); /* pages that refer to each other in a circle */
                _exit(use_all(directory, names, count) ? 0 : 1);
        }
        while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
                continue;
        if (child < 0 || !status) /* without a process nobody knows */
                return true;
        snprintf(error, error_size, "%s/data.mdb is damaged: it cannot be read and written", directory);
        return false;
}
