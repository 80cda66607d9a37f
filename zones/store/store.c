#include "zones/store/store.h"

#include <assert.h>
#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/memory.h"
#include "zones/store/kept.h"
#include "zones/store/pages.h"
#include "zones/store/store_private.h"

#define REVISION_KEY "revision"

int store_error(char *error, size_t size, const char *what, int code)
{
        snprintf(error, size, "%s: %s%s", what, mdb_strerror(code),
                 code == ENOSPC         ? "; free some disk space"
                 : code == MDB_MAP_FULL ? "; its address space is bounded (ulimit -v): allow more and start again"
                 : code == EACCES       ? "; check who owns the directory"
                 : code == MDB_INVALID || code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND ||
                                 code == MDB_VERSION_MISMATCH
                         ? "; the file data.mdb is damaged: " STORE_WHEN_DAMAGED
                         : "");
        return code;
}

/* --- transactions --- */

static struct store_txn *txn_begin(struct store *s, unsigned flags, char *error, size_t error_size)
{
        MDB_txn *txn;
        int code = mdb_txn_begin(s->env, NULL, flags, &txn);

        if (code) {
                store_error(error, error_size, "cannot begin a transaction in the store", code);
                return NULL;
        }
        struct store_txn *t = memory_alloc(sizeof(*t));
        *t = (struct store_txn){.store = s, .txn = txn, .writes = !(flags & MDB_RDONLY)};
        return t;
}

struct store_txn *store_read(struct store *s, char *error, size_t error_size)
{
        return txn_begin(s, MDB_RDONLY, error, error_size);
}

struct store_txn *store_write(struct store *s, char *error, size_t error_size)
{
        kept_writing(s);
        struct store_txn *t = txn_begin(s, 0, error, error_size);
        if (!t)
                kept_written(s);
        return t;
}

static void txn_free(struct store_txn *t)
{
        pages_give_back(t);
        if (t->writes)
                kept_written(t->store);
        free(t);
}

void store_end(struct store_txn *t)
{
        if (t->cursor)
                mdb_cursor_close(t->cursor);
        mdb_txn_abort(t->txn);
        txn_free(t);
}

bool store_commit(struct store_txn *t, char *error, size_t error_size)
{
        int code = t->failed;

        if (code)
                mdb_txn_abort(t->txn);
        else
                code = mdb_txn_commit(t->txn);
        txn_free(t);
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

static bool may_hold(const struct store_txn *t, enum kind kind, const MDB_val *key)
{
        return key->mv_size && key->mv_size <= STORE_KEY_MAX && t->store->kinds[kind] != NO_DATABASE;
}

struct doc *store_get(struct store_txn *t, enum kind kind, const char *name, struct arena *a)
{
        MDB_val key = {strlen(name), (void *)name}, value;
        struct problems problems = PROBLEMS_INIT;

        if (!may_hold(t, kind, &key))
                return NULL;
        int code = mdb_get(t->txn, t->store->kinds[kind], &key, &value);
        if (code && code != MDB_NOTFOUND)
                read_failed(t, kind_name(kind), code);
        if (code)
                return NULL;
        t->bytes += value.mv_size;
        struct doc *d = doc_parse(a, value.mv_data, value.mv_size, DOC_JSON, &problems);
        if (!d)
                log_error("store", "%s/%s is not readable: %s", kind_name(kind), name, problems.list[0].message);
        problems_free(&problems);
        return d;
}

bool store_holds(struct store_txn *t, enum kind kind, const char *name, const char *json, size_t length)
{
        MDB_val key = {strlen(name), (void *)name}, value;

        t->bytes += length;
        return may_hold(t, kind, &key) && !mdb_get(t->txn, t->store->kinds[kind], &key, &value) &&
               value.mv_size == length && !memcmp(value.mv_data, json, length);
}

bool store_has(struct store_txn *t, enum kind kind, const char *name)
{
        MDB_val key = {strlen(name), (void *)name}, value;

        if (!may_hold(t, kind, &key))
                return false;
        int code = mdb_get(t->txn, t->store->kinds[kind], &key, &value);
        if (code && code != MDB_NOTFOUND)
                read_failed(t, kind_name(kind), code);
        return !code;
}

bool store_each(struct store_txn *t, enum kind kind, const char *after, store_visit *visit, void *context)
{
        MDB_val key = {after ? strlen(after) : 0, (void *)after}, value;
        MDB_cursor *cursor = NULL;
        char name[STORE_KEY_MAX + 1];

        if (t->store->kinds[kind] == NO_DATABASE)
                return !t->failed;
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
                t->bytes += value.mv_size;
                bool more = visit(context, name, value.mv_data, value.mv_size);
                assert(t->cursor == cursor); /* else it is closed: the visit called store_each */
                if (!more)
                        break;
        }
        mdb_cursor_close(cursor);
        t->cursor = NULL;
        if (code && code != MDB_NOTFOUND)
                read_failed(t, kind_name(kind), code);
        return !t->failed;
}
