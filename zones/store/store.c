#include "zones/store/store.h"

#include <errno.h>
#include <limits.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "base/memory.h"
#include "zones/store/damage.h"
#include "zones/store/history.h"
#include "zones/store/owner.h"
#include "zones/store/store_private.h"

#define MAP_FIRST     ((size_t)64 << 20)
#define MAP_LARGEST   ((size_t)1 << 40)
#define READERS_MAX   126
#define NO_DATABASE  UINT_MAX /* LMDB finds nothing in it */
#define FORMAT_KEY    "format"
#define FORMAT_OLDEST 1 /* that is taken over */
#define REVISION_KEY  "revision"

int store_error(char *error, size_t size, const char *what, int code)
{
        snprintf(error, size, "%s: %s%s", what, mdb_strerror(code),
                 code == ENOSPC   ? "; free some disk space"
                 : code == EACCES ? "; check who owns the directory"
                 : code == MDB_INVALID || code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND ||
                                 code == MDB_VERSION_MISMATCH
                         ? "; the file data.mdb is damaged: put a copy from a backup in its place, or move the "
                           "directory away to begin with an empty configuration"
                         : "");
        return code;
}

/* --- opening --- */

static int open_databases(struct store *s, MDB_txn *txn)
{
        unsigned flags = s->read_only ? 0 : MDB_CREATE;
        int code = 0;

        for (int k = 0; k < KIND_COUNT && !code; k++)
                code = mdb_dbi_open(txn, kind_name((enum kind)k), flags, &s->kinds[k]);
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
        return code;
}

/* Format 1 kept whole documents in its history, uncounted. Its entries stay and are read as they are. */
static int take_over(struct store *s, MDB_txn *txn, uint32_t from)
{
        MDB_val key = {strlen(FORMAT_KEY), FORMAT_KEY}, value;
        uint32_t format = STORE_FORMAT;
        struct store_txn t = {.store = s, .txn = txn};
        int code = history_measure(&t);

        value = (MDB_val){sizeof(format), &format};
        if (!code)
                code = mdb_put(txn, s->meta, &key, &value, 0);
        if (!code)
                log_info("store", "the store has format %u now, it had %u: programs that know only that do not open it",
                         format, from);
        return code;
}

static bool check_format(struct store *s, MDB_txn *txn, int *code, char *error, size_t error_size)
{
        MDB_val key = {strlen(FORMAT_KEY), FORMAT_KEY}, value;
        uint32_t format = STORE_FORMAT;

        *code = mdb_get(txn, s->meta, &key, &value);
        if (*code == MDB_NOTFOUND && !s->read_only) {
                value = (MDB_val){sizeof(format), &format};
                *code = mdb_put(txn, s->meta, &key, &value, 0);
                return !*code;
        }
        if (*code)
                return false;
        if (value.mv_size == sizeof(format))
                memcpy(&format, value.mv_data, sizeof(format));
        if (value.mv_size == sizeof(format) && format == STORE_FORMAT)
                return true;
        if (value.mv_size == sizeof(format) && format >= FORMAT_OLDEST && format < STORE_FORMAT) {
                *code = s->read_only ? 0 : take_over(s, txn, format);
                return !*code;
        }
        snprintf(error, error_size,
                 "the store has format %u, this program knows %d: use the program that wrote it, or a newer one",
                 format, STORE_FORMAT);
        return false;
}

static bool setup(struct store *s, const char *path, char *error, size_t error_size)
{
        char what[600];
        MDB_txn *txn;
        int code;

        snprintf(what, sizeof(what), "cannot open the store in %s", path);
        code = mdb_env_create(&s->env);
        if (!code)
                code = mdb_env_set_maxdbs(s->env, KIND_COUNT + 4);
        if (!code)
                code = mdb_env_set_maxreaders(s->env, READERS_MAX);
        if (!code)
                code = mdb_env_set_mapsize(s->env, MAP_FIRST);
        if (!code)
                code = mdb_env_open(s->env, path, MDB_NOTLS | (s->read_only ? MDB_RDONLY : 0), 0600);
        if (!code && !damage_after_open(s->env, path, error, error_size))
                return false;
        if (!code)
                code = mdb_txn_begin(s->env, NULL, s->read_only ? MDB_RDONLY : 0, &txn);
        if (code) {
                store_error(error, error_size, what, code);
                return false;
        }
        error[0] = '\0';
        code = open_databases(s, txn);
        if (!code && check_format(s, txn, &code, error, error_size))
                code = mdb_txn_commit(txn);
        else
                mdb_txn_abort(txn);
        if (code && !error[0])
                store_error(error, error_size, what, code);
        return !code && !error[0];
}

struct store *store_open(const char *path, bool read_only, char *error, size_t error_size)
{
        if (!read_only && mkdir(path, 0700) && errno != EEXIST) {
                snprintf(error, error_size, "cannot make the store's directory %s: %s", path, strerror(errno));
                return NULL;
        }
        struct store *s = memory_alloc(sizeof(*s));
        s->read_only = read_only;
        s->history_bytes_max = HISTORY_BYTES_MAX;
        s->owner = read_only ? -1 : owner_take(path, error, error_size);
        if ((!read_only && s->owner < 0) || !damage_before_open(path, error, error_size) ||
            !setup(s, path, error, error_size)) {
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
        free(s);
}

/* --- transactions --- */

static struct store_txn *begin(struct store *s, unsigned flags, char *error, size_t error_size)
{
        MDB_txn *txn;
        int code = mdb_txn_begin(s->env, NULL, flags, &txn);

        if (code == MDB_MAP_RESIZED) { /* another process has grown the map: take its size */
                code = mdb_env_set_mapsize(s->env, 0);
                if (!code)
                        code = mdb_txn_begin(s->env, NULL, flags, &txn);
        }
        if (code) {
                store_error(error, error_size, "cannot begin a transaction in the store", code);
                return NULL;
        }
        struct store_txn *t = memory_alloc(sizeof(*t));
        *t = (struct store_txn){.store = s, .txn = txn};
        return t;
}

struct store_txn *store_read(struct store *s, char *error, size_t error_size)
{
        return begin(s, MDB_RDONLY, error, error_size);
}

struct store_txn *store_write(struct store *s, char *error, size_t error_size)
{
        if (s->grow) { /* only with no transaction open in this process */
                MDB_envinfo info;
                mdb_env_info(s->env, &info);
                if (info.me_mapsize >= MAP_LARGEST || mdb_env_set_mapsize(s->env, info.me_mapsize * 2)) {
                        snprintf(error, error_size, "the store cannot grow beyond %zu bytes", info.me_mapsize);
                        return NULL;
                }
                s->grow = false;
        }
        return begin(s, 0, error, error_size);
}

void store_end(struct store_txn *t)
{
        if (t->cursor)
                mdb_cursor_close(t->cursor);
        mdb_txn_abort(t->txn);
        free(t);
}

bool store_commit(struct store_txn *t, char *error, size_t error_size)
{
        int code = t->failed;

        if (code)
                mdb_txn_abort(t->txn);
        else
                code = mdb_txn_commit(t->txn);
        free(t);
        if (code)
                store_error(error, error_size, "cannot write to the store", code);
        return !code;
}

uint64_t store_revision(struct store_txn *t)
{
        MDB_val key = {strlen(REVISION_KEY), REVISION_KEY}, value;
        uint64_t number = 0;

        if (!mdb_get(t->txn, t->store->meta, &key, &value) && value.mv_size == sizeof(number))
                memcpy(&number, value.mv_data, sizeof(number));
        return number;
}

/* --- reading documents --- */

/* What was read of a transaction after this is not to be relied on, and it does not commit. */
static void read_failed(struct store_txn *t, const char *what, int code)
{
        char error[STORE_ERROR_MAX];

        if (t->failed)
                return;
        t->failed = code;
        store_error(error, sizeof(error), "the store cannot be read", code);
        log_error("store", "%s: %s", what, error);
}

bool store_is_whole(const struct store_txn *t, char *error, size_t error_size)
{
        if (t->failed)
                store_error(error, error_size, "the store cannot be read", t->failed);
        return !t->failed;
}

struct doc *store_get(struct store_txn *t, enum kind kind, const char *name, struct arena *a)
{
        MDB_val key = {strlen(name), (void *)name}, value;
        struct problems problems = PROBLEMS_INIT;

        if (!key.mv_size || key.mv_size > STORE_KEY_MAX)
                return NULL;
        int code = mdb_get(t->txn, t->store->kinds[kind], &key, &value);
        if (code && code != MDB_NOTFOUND)
                read_failed(t, kind_name(kind), code);
        if (code)
                return NULL;
        struct doc *d = doc_parse(a, value.mv_data, value.mv_size, DOC_JSON, &problems);
        if (!d)
                log_error("store", "%s/%s is not readable: %s", kind_name(kind), name, problems.list[0].message);
        problems_free(&problems);
        return d;
}

bool store_has(struct store_txn *t, enum kind kind, const char *name)
{
        MDB_val key = {strlen(name), (void *)name}, value;

        return key.mv_size && key.mv_size <= STORE_KEY_MAX && !mdb_get(t->txn, t->store->kinds[kind], &key, &value);
}

bool store_each(struct store_txn *t, enum kind kind, const char *after, store_visit *visit, void *context)
{
        MDB_val key = {after ? strlen(after) : 0, (void *)after}, value;
        MDB_cursor *cursor = NULL;
        char name[STORE_KEY_MAX + 1];
        int code = mdb_cursor_open(t->txn, t->store->kinds[kind], &cursor);

        if (code) {
                read_failed(t, kind_name(kind), code);
                return false;
        }
        if (t->cursor) /* of a visit that was jumped out of */
                mdb_cursor_close(t->cursor);
        t->cursor = cursor;
        code = mdb_cursor_get(cursor, &key, &value, key.mv_size ? MDB_SET_RANGE : MDB_FIRST);
        if (!code && after && key.mv_size == strlen(after) && !memcmp(key.mv_data, after, key.mv_size))
                code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
        for (; !code; code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
                memcpy(name, key.mv_data, key.mv_size);
                name[key.mv_size] = '\0';
                if (!visit(context, name, value.mv_data, value.mv_size))
                        break;
        }
        mdb_cursor_close(cursor);
        t->cursor = NULL;
        if (code && code != MDB_NOTFOUND)
                read_failed(t, kind_name(kind), code);
        return !t->failed;
}
