#include "zones/store/damage.h"

#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "zones/store/store_private.h"

#define STEP 4096 /* the smallest page */
#define WHAT_TO_DO                                                                                                     \
        "put a copy from a backup in its place, or move the directory away to begin with an empty configuration"

bool damage_before_open(const char *directory, char *error, size_t error_size)
{
        char path[PATH_MAX];
        struct stat file;

        if (snprintf(path, sizeof(path), "%s/data.mdb", directory) >= (int)sizeof(path) || stat(path, &file) ||
            file.st_size)
                return true;
        snprintf(error, error_size, "the store in %s is damaged: data.mdb is empty; " WHAT_TO_DO, directory);
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

static int touch_store(struct store *s, struct touching *t)
{
        static const char *const others[] = {"history", "meta"};
        MDB_dbi dbi;
        int code = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &t->txn);

        if (!code)
                code = touch_all(t, 0); /* the list of free pages */
        for (unsigned k = 0; k < KIND_COUNT + 2 && !code; k++) {
                const char *name = k < KIND_COUNT ? kind_name((enum kind)k) : others[k - KIND_COUNT];
                code = mdb_dbi_open(t->txn, name, 0, &dbi);
                code = code == MDB_NOTFOUND ? 0 : code ? code : touch_all(t, dbi);
        }
        return code;
}

/* Pages that a transaction took and gave back may lie behind the end of a file that is well: what counts is what is
 * referred to. */
static bool reads_whole(struct store *s)
{
        struct sigaction ours = {.sa_handler = on_bus_error}, before;
        static struct touching touching; /* outlives the jump */
        volatile bool whole = false;

        touching = (struct touching){0};
        sigemptyset(&ours.sa_mask);
        sigaction(SIGBUS, &ours, &before);
        if (!sigsetjmp(beyond_the_end, 1))
                whole = touch_store(s, &touching) == 0;
        sigaction(SIGBUS, &before, NULL);
        if (touching.cursor)
                mdb_cursor_close(touching.cursor);
        if (touching.txn)
                mdb_txn_abort(touching.txn);
        return whole;
}

bool damage_after_open(struct store *s, const char *directory, char *error, size_t error_size)
{
        MDB_envinfo info;
        struct stat file;
        MDB_stat main;
        int fd;

        if (mdb_env_info(s->env, &info) || mdb_env_stat(s->env, &main) || mdb_env_get_fd(s->env, &fd) ||
            fstat(fd, &file))
                return true; /* what follows says why */
        unsigned long long wanted = ((unsigned long long)info.me_last_pgno + 1) * main.ms_psize;
        if ((unsigned long long)file.st_size >= wanted || reads_whole(s))
                return true;
        snprintf(error, error_size, "the store in %s is damaged: data.mdb has %lld of %llu bytes; " WHAT_TO_DO,
                 directory, (long long)file.st_size, wanted);
        return false;
}
