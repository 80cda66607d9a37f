/* Applying revisions, and their history. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "zones/store/store_private.h"

#define HISTORY_KEPT      10000 /* revisions */
#define DOCUMENT_TEXT_MAX ((size_t)1 << 30)

/* --- history entries: {number, time, author, comment, changes: [{kind, key, old, new}]} --- */

static void add_change(struct store_txn *t, const struct change *change, struct doc *list, struct arena *a)
{
        struct doc *one = doc_add_map(a, list, NULL), *old = store_get(t, change->kind, change->key, a);

        doc_add_string(a, one, "kind", kind_name(change->kind));
        doc_add_string(a, one, "key", change->key);
        if (old)
                doc_add(one, "old", old);
        if (change->document)
                doc_add(one, "new", doc_copy(a, change->document));
}

static int put_history(struct store_txn *t, const struct revision *r, struct buffer *text)
{
        struct arena *a = arena_new(0);
        struct doc *entry = doc_new(a, DOC_MAP), *changes;
        uint64_t number = r->number;
        MDB_val key = {sizeof(number), &number};
        char time[CLOCK_TEXT_MAX];

        doc_add_int(a, entry, "number", (int64_t)r->number);
        doc_add_string(a, entry, "time", clock_format(r->time_ms, time));
        doc_add_string(a, entry, "author", r->author);
        doc_add_string(a, entry, "comment", r->comment ? r->comment : "");
        doc_add_int(a, entry, "count", (int64_t)r->change_count);
        changes = doc_add_list(a, entry, "changes");
        for (size_t i = 0; i < r->change_count; i++)
                add_change(t, &r->changes[i], changes, a);
        buffer_clear(text);
        doc_write_json(entry, text, 0);
        arena_free(a);

        MDB_val value = {text->length, text->data};
        int code = mdb_put(t->txn, t->store->history, &key, &value, MDB_APPEND);
        if (!code && number > HISTORY_KEPT) {
                number -= HISTORY_KEPT;
                code = mdb_del(t->txn, t->store->history, &key, NULL);
                if (code == MDB_NOTFOUND)
                        code = 0;
        }
        return code;
}

static int put_documents(struct store_txn *t, const struct revision *r, struct buffer *text)
{
        int code = 0;

        for (size_t i = 0; i < r->change_count && !code; i++) {
                const struct change *c = &r->changes[i];
                MDB_val key = {strlen(c->key), (void *)c->key};
                if (!c->document) {
                        code = mdb_del(t->txn, t->store->kinds[c->kind], &key, NULL);
                        if (code == MDB_NOTFOUND)
                                code = 0;
                        continue;
                }
                buffer_clear(text);
                doc_write_json(c->document, text, 0);
                MDB_val value = {text->length, text->data};
                code = mdb_put(t->txn, t->store->kinds[c->kind], &key, &value, 0);
        }
        return code;
}

static int put_meta(struct store_txn *t, const struct revision *r)
{
        MDB_val key = {strlen("revision"), "revision"}, value = {sizeof(r->number), (void *)&r->number};
        int code = mdb_put(t->txn, t->store->meta, &key, &value, 0);

        key = (MDB_val){strlen("time"), "time"};
        value = (MDB_val){sizeof(r->time_ms), (void *)&r->time_ms};
        return code ? code : mdb_put(t->txn, t->store->meta, &key, &value, 0);
}

bool store_apply(struct store_txn *t, const struct revision *r, bool *retry, char *error, size_t error_size)
{
        struct buffer text = BUFFER_INIT(DOCUMENT_TEXT_MAX);
        int code = put_history(t, r, &text); /* first: it reads the old documents */

        if (!code)
                code = put_documents(t, r, &text);
        if (!code)
                code = put_meta(t, r);
        buffer_free(&text);
        *retry = code == MDB_MAP_FULL;
        t->store->grow |= *retry;
        if (code)
                store_error(error, error_size, "cannot write to the store", code);
        return !code;
}

int64_t store_revision_time(struct store_txn *t)
{
        MDB_val key = {strlen("time"), "time"}, value;
        int64_t time = 0;

        if (!mdb_get(t->txn, t->store->meta, &key, &value) && value.mv_size == sizeof(time))
                memcpy(&time, value.mv_data, sizeof(time));
        return time;
}

/* --- reading history --- */

static struct doc *parse_entry(const MDB_val *value, bool with_changes, struct arena *a)
{
        struct problems problems = PROBLEMS_INIT;
        struct doc *d = doc_parse(a, value->mv_data, value->mv_size, DOC_JSON, &problems);

        problems_free(&problems);
        if (d && !with_changes && doc_get(d, "changes"))
                doc_remove(d, doc_get(d, "changes"));
        return d;
}

struct doc *store_history(struct store_txn *t, uint64_t before, unsigned limit, bool with_changes, struct arena *a)
{
        struct doc *list = doc_new(a, DOC_LIST), *one;
        uint64_t from = before ? before : UINT64_MAX;
        MDB_val key = {sizeof(from), &from}, value;
        MDB_cursor *cursor;

        if (mdb_cursor_open(t->txn, t->store->history, &cursor))
                return list;
        int code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
        code = mdb_cursor_get(cursor, &key, &value, code == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
        for (; !code && limit--; code = mdb_cursor_get(cursor, &key, &value, MDB_PREV))
                if ((one = parse_entry(&value, with_changes, a)))
                        doc_add(list, NULL, one);
        mdb_cursor_close(cursor);
        return list;
}

struct doc *store_history_one(struct store_txn *t, uint64_t number, struct arena *a)
{
        MDB_val key = {sizeof(number), &number}, value;
        return mdb_get(t->txn, t->store->history, &key, &value) ? NULL : parse_entry(&value, true, a);
}

/* --- going back --- */

struct rollback {
        struct change *changes;
        size_t count, capacity;
        struct arena *arena;
};

static void rollback_set(struct rollback *r, enum kind kind, const char *key, const struct doc *document)
{
        for (size_t i = 0; i < r->count; i++)
                if (r->changes[i].kind == kind && !strcmp(r->changes[i].key, key)) {
                        r->changes[i].document = document;
                        return;
                }
        if (r->count == r->capacity) {
                struct change *old = r->changes;
                r->capacity = r->capacity ? r->capacity * 2 : 64;
                r->changes = ARENA_ARRAY(r->arena, struct change, r->capacity);
                if (r->count)
                        memcpy(r->changes, old, r->count * sizeof(*old));
        }
        r->changes[r->count++] = (struct change){kind, key, document};
}

bool store_rollback_changes(struct store_txn *t, uint64_t number, struct arena *a, struct change **changes,
                            size_t *count, char *error, size_t error_size)
{
        struct rollback r = {.arena = a};

        /* Newest first: the last word on a document is what it was before the oldest revision undone. */
        for (uint64_t n = store_revision(t); n > number; n--) {
                struct doc *entry = store_history_one(t, n, a), *list = entry ? doc_get(entry, "changes") : NULL;
                enum kind kind;
                if (!list) {
                        snprintf(error, error_size, "revision %llu is no longer in the history", (unsigned long long)n);
                        return false;
                }
                doc_each (one, list) {
                        const char *key = doc_get_string(one, "key"), *name = doc_get_string(one, "kind");
                        if (!key || !name || !kind_parse(name, &kind) || kind == KIND_TOKENS)
                                continue;
                        rollback_set(&r, kind, key, doc_get(one, "old"));
                }
        }
        *changes = r.changes;
        *count = r.count;
        return true;
}
