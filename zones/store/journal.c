#include "zones/store/journal.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/log.h"
#include "base/memory.h"
#include "zones/store/damage.h"
#include "zones/store/journal_private.h"

#define JOURNAL_FORMAT 1
#define MAP_FIRST      ((size_t)16 << 20)
#define MAP_LARGEST    ((size_t)64 << 30)
#define COMMIT_EVERY_S 1
#define RESERVE        20000 /* numbers set aside on disk, which a crash may skip */
#define FORMAT_KEY     "format"
#define RESERVED_KEY   "reserved"

/* --- lists --- */

static void entries_init(struct entries *l)
{
        *l = (struct entries){.end = &l->first};
}

static void entries_push(struct entries *l, struct entry *e)
{
        *l->end = e;
        l->end = &e->next;
        l->count++;
}

static struct entry *entries_pop(struct entries *l)
{
        struct entry *e = l->first;

        if (!e)
                return NULL;
        l->first = e->next;
        if (!l->first)
                l->end = &l->first;
        l->count--;
        return e;
}

/* Puts all of `more` behind those of `l`; `more` is empty then. */
static void entries_join(struct entries *l, struct entries *more)
{
        for (struct entry *e = entries_pop(more); e; e = entries_pop(more)) {
                e->next = NULL;
                entries_push(l, e);
        }
}

static void entries_free(struct entries *l)
{
        for (struct entry *e = entries_pop(l); e; e = entries_pop(l))
                free(e);
}

/* With the lock. More than can be kept in memory: the oldest are given up. */
static void give_up_oldest(struct journal *j)
{
        for (; j->waiting.count > JOURNAL_WAITING_MAX; j->lost++)
                free(entries_pop(&j->waiting));
}

/* --- the database --- */

static bool meta_get(struct journal *j, MDB_txn *txn, const char *name, uint64_t *value)
{
        MDB_val key = {strlen(name), (void *)name}, data;

        if (mdb_get(txn, j->meta, &key, &data) || data.mv_size != sizeof(*value))
                return false;
        memcpy(value, data.mv_data, sizeof(*value));
        return true;
}

static int meta_set(struct journal *j, MDB_txn *txn, const char *name, uint64_t value)
{
        MDB_val key = {strlen(name), (void *)name}, data = {sizeof(value), &value};

        return mdb_put(txn, j->meta, &key, &data, 0);
}

/* The number at one end of what is on disk; 0: nothing is. */
uint64_t journal_stored_end(struct journal *j, MDB_txn *txn, MDB_cursor_op which)
{
        MDB_cursor *cursor;
        MDB_val key, data;
        uint64_t number = 0;

        if (mdb_cursor_open(txn, j->entries, &cursor))
                return 0;
        if (!mdb_cursor_get(cursor, &key, &data, which) && key.mv_size == sizeof(number))
                memcpy(&number, key.mv_data, sizeof(number));
        mdb_cursor_close(cursor);
        return number;
}

static int forget_old(struct journal *j, MDB_txn *txn)
{
        MDB_cursor *cursor;
        MDB_val key, data;
        MDB_stat stat;
        int code = mdb_stat(txn, j->entries, &stat);

        if (code || stat.ms_entries <= j->keep)
                return code;
        code = mdb_cursor_open(txn, j->entries, &cursor);
        if (code)
                return code;
        for (uint64_t left = stat.ms_entries - j->keep; left && !code; left--) {
                code = mdb_cursor_get(cursor, &key, &data, MDB_FIRST);
                if (!code)
                        code = mdb_cursor_del(cursor, 0);
        }
        mdb_cursor_close(cursor);
        return code;
}

static int put_entries(struct journal *j, MDB_txn *txn, const struct entries *batch)
{
        int code = 0;

        for (struct entry *e = batch->first; e && !code; e = e->next) {
                MDB_val key = {sizeof(e->number), &e->number}, data = {e->length, e->data};
                code = mdb_put(txn, j->entries, &key, &data, MDB_APPEND);
        }
        return code;
}

/* One transaction; MDB_MAP_FULL: the map must grow first. */
static int write_batch(struct journal *j, const struct entries *batch, uint64_t reserved)
{
        MDB_txn *txn;
        int code = mdb_txn_begin(j->env, NULL, 0, &txn);

        if (code)
                return code;
        code = put_entries(j, txn, batch);
        if (!code)
                code = forget_old(j, txn);
        if (!code)
                code = meta_set(j, txn, RESERVED_KEY, reserved);
        if (!code)
                return mdb_txn_commit(txn);
        mdb_txn_abort(txn);
        return code;
}

/* A damaged journal needs no advice: whoever opens it begins another. */
void journal_error(char *error, size_t error_size, const char *what, int code)
{
        snprintf(error, error_size, "%s: %s%s", what, mdb_strerror(code),
                 code == ENOSPC ? "; free some disk space" : "");
}

/* --- the writer --- */

/* With the lock: nobody reads meanwhile. */
static bool grow(struct journal *j)
{
        MDB_envinfo info;

        mdb_env_info(j->env, &info);
        return info.me_mapsize < MAP_LARGEST && !mdb_env_set_mapsize(j->env, info.me_mapsize * 2);
}

static void failed(struct journal *j, int code)
{
        char error[JOURNAL_ERROR_MAX];

        journal_error(error, sizeof(error), "the journal cannot be written", code);
        if (!j->error[0])
                log_error("journal", "%s; its newest entries are kept in memory meanwhile", error);
        memcpy(j->error, error, sizeof(error));
}

/* Writes what waits; `last`: nothing comes after it. Called and returns with the lock. */
static void write_waiting(struct journal *j, bool last)
{
        int code;

        entries_join(&j->writing, &j->waiting);
        uint64_t newest = j->last, reserved = j->reserved;
        if (last)
                reserved = newest + 1;
        else if (reserved < newest + RESERVE / 2)
                reserved = newest + RESERVE;
        do {
                pthread_mutex_unlock(&j->lock);
                code = write_batch(j, &j->writing, reserved);
                pthread_mutex_lock(&j->lock);
        } while (code == MDB_MAP_FULL && grow(j));
        j->tries++;
        if (code) {
                failed(j, code);
                entries_join(&j->writing, &j->waiting);
                entries_join(&j->waiting, &j->writing);
                give_up_oldest(j);
        } else {
                if (j->error[0])
                        log_info("journal", "is written again");
                j->error[0] = '\0';
                j->reserved = reserved;
                j->on_disk = newest;
                entries_free(&j->writing);
        }
        pthread_cond_broadcast(&j->done);
}

/* Sleeps until the next commit is due, or somebody cannot wait. */
static void rest(struct journal *j)
{
        struct timespec until;

        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += COMMIT_EVERY_S;
        while (!j->closing && !j->hurry && !pthread_cond_timedwait(&j->wake, &j->lock, &until))
                ;
        j->hurry = false;
}

static void *write_on(void *journal)
{
        struct journal *j = journal;

        bool last = false;

        pthread_mutex_lock(&j->lock);
        write_waiting(j, false); /* nothing yet, but numbers are given out of what is reserved */
        while (!last) {
                while (!j->waiting.count && !j->closing)
                        pthread_cond_wait(&j->wake, &j->lock);
                rest(j);
                last = j->closing;
                write_waiting(j, last);
        }
        pthread_mutex_unlock(&j->lock);
        return NULL;
}

/* --- opening and closing --- */

static int open_databases(struct journal *j, MDB_txn *txn, char *error, size_t error_size)
{
        uint64_t format = JOURNAL_FORMAT;
        int code = mdb_dbi_open(txn, "entries", MDB_CREATE | MDB_INTEGERKEY, &j->entries);

        if (!code)
                code = mdb_dbi_open(txn, "meta", MDB_CREATE, &j->meta);
        if (code)
                return code;
        bool formatted = meta_get(j, txn, FORMAT_KEY, &format);
        if (formatted && format != JOURNAL_FORMAT) {
                snprintf(error, error_size, "the journal has format %llu, this program knows %d",
                         (unsigned long long)format, JOURNAL_FORMAT);
                return MDB_VERSION_MISMATCH;
        }
        j->on_disk = journal_stored_end(j, txn, MDB_LAST);
        j->last = j->on_disk;
        if (meta_get(j, txn, RESERVED_KEY, &j->reserved) && j->reserved > j->last + 1)
                j->last = j->reserved - 1;
        j->reserved = 0; /* the first commit says anew */
        return formatted ? 0
                         : meta_set(j, txn, FORMAT_KEY,
                                    JOURNAL_FORMAT); /* opening writes nothing: the disk may be full */
}

static bool is_there(const char *path)
{
        char file[PATH_MAX];

        return snprintf(file, sizeof(file), "%s/data.mdb", path) < (int)sizeof(file) && !access(file, F_OK);
}

static bool open_env(struct journal *j, const char *path, bool *damaged, char *error, size_t error_size)
{
        static const char *const names[] = {"entries", "meta"};
        char what[600];
        MDB_txn *txn;

        *damaged = !damage_before_open(path, error, error_size) ||
                   (is_there(path) && !damage_trial(path, names, 2, error, error_size));
        if (*damaged)
                return false;
        snprintf(what, sizeof(what), "cannot open the journal in %s", path);
        int code = mdb_env_create(&j->env);
        if (!code)
                code = mdb_env_set_maxdbs(j->env, 2);
        if (!code)
                code = mdb_env_set_mapsize(j->env, MAP_FIRST);
        if (!code)
                code = mdb_env_open(j->env, path, MDB_NOTLS, 0600);
        if (!code)
                code = mdb_txn_begin(j->env, NULL, 0, &txn);
        if (code) {
                *damaged = code == MDB_INVALID || code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND;
                journal_error(error, error_size, what, code);
                return false;
        }
        error[0] = '\0';
        code = open_databases(j, txn, error, error_size);
        if (code)
                mdb_txn_abort(txn);
        else
                code = mdb_txn_commit(txn);
        if (code && !error[0])
                journal_error(error, error_size, what, code);
        return !code;
}

static void journal_free(struct journal *j)
{
        if (j->env)
                mdb_env_close(j->env);
        entries_free(&j->waiting);
        entries_free(&j->writing);
        pthread_cond_destroy(&j->wake);
        pthread_cond_destroy(&j->done);
        pthread_mutex_destroy(&j->lock);
        free(j);
}

struct journal *journal_open(const char *path, uint64_t keep, bool *damaged, char *error, size_t error_size)
{
        pthread_condattr_t monotonic;

        assert(keep > 0);
        *damaged = false;
        if (mkdir(path, 0700) && errno != EEXIST) {
                snprintf(error, error_size, "cannot make the journal's directory %s: %s", path, strerror(errno));
                return NULL;
        }
        struct journal *j = memory_alloc(sizeof(*j));
        j->keep = keep;
        entries_init(&j->waiting);
        entries_init(&j->writing);
        pthread_mutex_init(&j->lock, NULL);
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&j->wake, &monotonic);
        pthread_cond_init(&j->done, NULL);
        pthread_condattr_destroy(&monotonic);
        if (!open_env(j, path, damaged, error, error_size)) {
                journal_free(j);
                return NULL;
        }
        int code = pthread_create(&j->writer, NULL, write_on, j);
        if (code) {
                snprintf(error, error_size, "cannot start the journal's thread: %s", strerror(code));
                journal_free(j);
                return NULL;
        }
        pthread_mutex_lock(&j->lock);
        while (!j->tries)
                pthread_cond_wait(&j->done, &j->lock);
        pthread_mutex_unlock(&j->lock);
        return j;
}

void journal_close(struct journal *j)
{
        if (!j)
                return;
        pthread_mutex_lock(&j->lock);
        j->closing = true;
        pthread_cond_signal(&j->wake);
        pthread_mutex_unlock(&j->lock);
        pthread_join(j->writer, NULL);
        if (j->waiting.count)
                log_error("journal", "%zu entries are lost: %s", j->waiting.count, j->error);
        journal_free(j);
}

/* --- appending --- */

uint64_t journal_append(struct journal *j, const void *data, size_t length)
{
        assert(length <= JOURNAL_ENTRY_MAX);
        struct entry *e = memory_alloc(sizeof(*e) + length);

        e->length = length;
        memcpy(e->data, data, length);
        pthread_mutex_lock(&j->lock);
        uint64_t number = e->number = ++j->last;
        entries_push(&j->waiting, e);
        if (j->waiting.count == 1)
                pthread_cond_signal(&j->wake); /* with others before it, the next commit is on its way */
        give_up_oldest(j);
        pthread_mutex_unlock(&j->lock);
        return number;
}

size_t journal_room(struct journal *j)
{
        pthread_mutex_lock(&j->lock);
        size_t room = JOURNAL_WAITING_MAX - j->waiting.count;
        if (j->error[0]) {
                room = JOURNAL_WAITING_MAX;
        } else if (room < JOURNAL_WAITING_MAX / 2 && !j->hurry) {
                j->hurry = true;
                pthread_cond_signal(&j->wake);
        }
        pthread_mutex_unlock(&j->lock);
        return room;
}

bool journal_flush(struct journal *j)
{
        pthread_mutex_lock(&j->lock);
        uint64_t wanted = j->last, tries = j->tries;
        while ((j->waiting.count || j->writing.count) && j->on_disk < wanted && j->tries < tries + 2) {
                j->hurry = true;
                pthread_cond_signal(&j->wake);
                pthread_cond_wait(&j->done, &j->lock);
        }
        bool good = !j->waiting.count || j->on_disk >= wanted;
        pthread_mutex_unlock(&j->lock);
        return good;
}

/* --- how it is --- */

uint64_t journal_last(struct journal *j)
{
        pthread_mutex_lock(&j->lock);
        uint64_t last = j->last;
        pthread_mutex_unlock(&j->lock);
        return last;
}

bool journal_failing(struct journal *j, char *error, size_t error_size)
{
        pthread_mutex_lock(&j->lock);
        bool failing = j->error[0];
        snprintf(error, error_size, "%s", j->error);
        pthread_mutex_unlock(&j->lock);
        return failing;
}

uint64_t journal_lost(struct journal *j)
{
        pthread_mutex_lock(&j->lock);
        uint64_t lost = j->lost;
        pthread_mutex_unlock(&j->lock);
        return lost;
}
