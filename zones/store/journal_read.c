/* Reading the journal: what is on disk, then what waits to get there. */
#include <errno.h>
#include <string.h>
#include "zones/store/journal_private.h"

static bool each_stored(struct journal *j, MDB_txn *txn, uint64_t after, journal_visit *visit, void *context,
                        bool *stopped)
{
        uint64_t number = after + 1;
        MDB_val key = {sizeof(number), &number}, data;
        MDB_cursor *cursor;
        int code = mdb_cursor_open(txn, j->entries, &cursor);

        if (code)
                return false;
        for (code = mdb_cursor_get(cursor, &key, &data, MDB_SET_RANGE); !code && !*stopped;
             code = mdb_cursor_get(cursor, &key, &data, MDB_NEXT)) {
                memcpy(&number, key.mv_data, sizeof(number));
                *stopped = !visit(context, number, data.mv_data, data.mv_size);
        }
        mdb_cursor_close(cursor);
        return !code || code == MDB_NOTFOUND;
}

static void each_in_memory(const struct entries *l, uint64_t after, journal_visit *visit, void *context, bool *stopped)
{
        for (const struct entry *e = l->first; e && !*stopped; e = e->next)
                if (e->number > after)
                        *stopped = !visit(context, e->number, e->data, e->length);
}

bool journal_each(struct journal *j, uint64_t after, journal_visit *visit, void *context, char *error,
                  size_t error_size)
{
        bool stopped = false, good = true;
        uint64_t stored = 0;
        MDB_txn *txn;

        /* Under the lock: what is on disk and what is in memory belong together, and the map does not grow meanwhile.
         */
        pthread_mutex_lock(&j->lock);
        int code = mdb_txn_begin(j->env, NULL, MDB_RDONLY, &txn);
        if (!code) {
                stored = journal_stored_end(j, txn, MDB_LAST);
                good = each_stored(j, txn, after, visit, context, &stopped);
                mdb_txn_abort(txn);
        }
        after = after > stored ? after : stored; /* a commit may be done whose entries still stand in memory */
        each_in_memory(&j->writing, after, visit, context, &stopped);
        each_in_memory(&j->waiting, after, visit, context, &stopped);
        pthread_mutex_unlock(&j->lock);
        if (code || !good)
                journal_error(error, error_size, "the journal cannot be read", code ? code : EIO);
        return !code && good;
}

static size_t count_behind(const struct entries *l, uint64_t number)
{
        size_t count = 0;

        for (const struct entry *e = l->first; e; e = e->next)
                count += e->number > number;
        return count;
}

/* The number of the entry that stands before the newest `count` on disk; 0: there are no more. */
static uint64_t before_newest_stored(struct journal *j, MDB_txn *txn, size_t count)
{
        MDB_cursor *cursor;
        MDB_val key, data;
        uint64_t number = 0;

        if (mdb_cursor_open(txn, j->entries, &cursor))
                return 0;
        int code = mdb_cursor_get(cursor, &key, &data, MDB_LAST);
        for (; count && !code; count--)
                code = mdb_cursor_get(cursor, &key, &data, MDB_PREV);
        if (!code)
                memcpy(&number, key.mv_data, sizeof(number));
        mdb_cursor_close(cursor);
        return number;
}

uint64_t journal_before_newest(struct journal *j, size_t count)
{
        uint64_t number = 0;
        MDB_txn *txn;

        pthread_mutex_lock(&j->lock);
        if (!mdb_txn_begin(j->env, NULL, MDB_RDONLY, &txn)) {
                uint64_t stored = journal_stored_end(j, txn, MDB_LAST);
                size_t in_memory = count_behind(&j->writing, stored) + count_behind(&j->waiting, stored);
                if (in_memory < count)
                        number = before_newest_stored(j, txn, count - in_memory);
                else
                        number = j->last - count; /* in memory there are no gaps */
                mdb_txn_abort(txn);
        }
        pthread_mutex_unlock(&j->lock);
        return number;
}
