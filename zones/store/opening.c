/* Opening a store: its databases, its format, what it has to catch up with. */
#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "base/memory.h"
#include "zones/store/damage.h"
#include "zones/store/format.h"
#include "zones/store/kept.h"
#include "zones/store/owner.h"
#include "zones/store/pages.h"
#include "zones/store/store_private.h"
#include "zones/store/touched.h"

#define MAP_LARGE   ((size_t)1 << 38) /* address space alone: it never has to grow while somebody reads */
#define MAP_LEAST   ((size_t)64 << 20)
#define READERS_MAX 126

/* --- the databases --- */

/* Who only reads has none of what the program that made the store did not know. */
static int open_kind(struct store *s, MDB_txn *txn, enum kind kind, unsigned flags)
{
        int code = mdb_dbi_open(txn, kind_name(kind), flags, &s->kinds[kind]);

        if (code != MDB_NOTFOUND || !s->read_only)
                return code;
        s->kinds[kind] = NO_DATABASE;
        return 0;
}

static int open_databases(struct store *s, MDB_txn *txn)
{
        unsigned flags = s->read_only ? 0 : MDB_CREATE;
        int code = 0;

        for (int k = 0; k < KIND_COUNT && !code; k++)
                code = open_kind(s, txn, (enum kind)k, flags);
        if (!code)
                code = mdb_dbi_open(txn, "history", flags | MDB_INTEGERKEY, &s->history);
        if (!code)
                code = mdb_dbi_open(txn, "meta", flags, &s->meta);
        if (!code)
                code = mdb_dbi_open(txn, "serials", flags, &s->serials);
        if (code == MDB_NOTFOUND && s->read_only) { /* of a program that kept none */
                s->serials = NO_DATABASE;
                code = 0;
        }
        if (!code && !s->read_only) /* nobody who only reads asks for it */
                code = mdb_dbi_open(txn, "touched", flags, &s->touched);
        if (!code && !s->read_only)
                code = mdb_dbi_open(txn, "notes", flags, &s->notes);
        return code;
}

/* The same advice as store_error's, behind the message that is there. */
static bool damaged(char *error, size_t error_size)
{
        size_t length = strlen(error);

        snprintf(error + length, error_size - length, "; " STORE_WHEN_DAMAGED);
        return false;
}

/* With as much address space as there is. */
static int open_environment(struct store *s, const char *path)
{
        int code = ENOMEM;

        /* Too much of it is ENOMEM, or EINVAL where a program stands between (valgrind). */
        for (size_t size = MAP_LARGE; (code == ENOMEM || code == EINVAL) && size >= MAP_LEAST; size /= 16) {
                if (s->env)
                        mdb_env_close(s->env);
                s->env = NULL;
                code = mdb_env_create(&s->env);
                if (!code)
                        code = mdb_env_set_maxdbs(s->env, KIND_COUNT + 8);
                if (!code)
                        code = mdb_env_set_maxreaders(s->env, READERS_MAX);
                if (!code)
                        code = mdb_env_set_mapsize(s->env, size);
                if (!code)
                        code = mdb_env_open(s->env, path, MDB_NOTLS | (s->read_only ? MDB_RDONLY : 0), 0600);
        }
        return code;
}

static bool setup(struct store *s, const char *path, char *error, size_t error_size)
{
        char what[600];
        MDB_txn *txn;

        snprintf(what, sizeof(what), "cannot open the store in %s", path);
        int code = open_environment(s, path);
        if (!code && !damage_after_open(s->env, path, error, error_size))
                return damaged(error, error_size);
        if (!code)
                code = mdb_txn_begin(s->env, NULL, s->read_only ? MDB_RDONLY : 0, &txn);
        if (code) {
                store_error(error, error_size, what, code);
                return false;
        }
        error[0] = '\0';
        code = open_databases(s, txn);
        if (!code && format_check(s, txn, &code, error, error_size))
                code = mdb_txn_commit(txn);
        else
                mdb_txn_abort(txn);
        if (code && !error[0])
                store_error(error, error_size, what, code);
        if (!code)
                pages_find(s);
        return !code && !error[0];
}

/* --- opening and closing --- */

static bool catch_up(struct store *s, char *error, size_t error_size)
{
        struct store_txn *t = store_write(s, error, error_size);

        if (!t)
                return false;
        int code = touched_catch_up(t);
        if (!code)
                return store_commit(t, error, error_size);
        store_end(t);
        store_error(error, error_size, "cannot read the store's history", code);
        return false;
}

struct store *store_open(const char *path, bool read_only, char *error, size_t error_size)
{
        if (!read_only && mkdir(path, 0700) && errno != EEXIST) {
                snprintf(error, error_size, "cannot make the store's directory %s: %s", path, strerror(errno));
                return NULL;
        }
        struct store *s = memory_alloc(sizeof(*s));
        kept_open(s);
        s->read_only = read_only;
        s->history_bytes_max = HISTORY_BYTES_MAX;
        s->kept_max = KEPT_MAX;
        s->owner = read_only ? -1 : owner_take(path, error, error_size);
        if ((!read_only && s->owner < 0) ||
            (!damage_before_open(path, error, error_size) && !damaged(error, error_size)) ||
            !setup(s, path, error, error_size) || (!read_only && !catch_up(s, error, error_size))) {
                store_close(s);
                return NULL;
        }
        return s;
}

void store_close(struct store *s)
{
        if (!s)
                return;
        if (s->env)
                mdb_env_close(s->env);
        if (s->owner >= 0)
                close(s->owner);
        kept_close(s);
        free(s);
}
