#include "zones/store/touched.h"

#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "zones/store/store_private.h"

#define REACH_KEY  "touched" /* in meta: the revision up to which this is kept */
#define AUTHOR_MAX 256

/* A value is this and, behind it, both authors, each with its end. */
struct stamps {
        uint64_t last, other;
        int64_t last_ms, other_ms;
};

struct touched {
        struct stamps stamps;
        char last[AUTHOR_MAX], other[AUTHOR_MAX];
};

/* --- items --- */

struct item {
        char text[STORE_KEY_MAX + 1];
        MDB_val key;
};

/* false: it is not kept for items of this kind, or with so long a key. */
static bool item_of(struct item *item, enum kind kind, const char *key)
{
        int length = snprintf(item->text, sizeof(item->text), "%s/%s", kind_name(kind), key);

        item->key = (MDB_val){(size_t)length, item->text};
        return kind_class(kind) == CLASS_CONFIGURATION && length <= STORE_KEY_MAX;
}

static int read_item(struct store_txn *t, struct item *item, struct touched *out)
{
        MDB_val value;
        int code = mdb_get(t->txn, t->store->touched, &item->key, &value);

        if (code)
                return code;
        if (value.mv_size < sizeof(out->stamps) + 2)
                return MDB_CORRUPTED;
        const char *names = (const char *)value.mv_data + sizeof(out->stamps);
        size_t length = value.mv_size - sizeof(out->stamps);
        size_t first = strnlen(names, length) + 1;
        if (first >= length || names[length - 1])
                return MDB_CORRUPTED;
        memcpy(&out->stamps, value.mv_data, sizeof(out->stamps));
        snprintf(out->last, sizeof(out->last), "%s", names);
        snprintf(out->other, sizeof(out->other), "%s", names + first);
        return 0;
}

static int write_item(struct store_txn *t, struct item *item, const struct touched *one)
{
        char text[sizeof(one->stamps) + 2 * AUTHOR_MAX];
        size_t last = strlen(one->last) + 1, other = strlen(one->other) + 1;
        MDB_val value = {sizeof(one->stamps) + last + other, text};

        memcpy(text, &one->stamps, sizeof(one->stamps));
        memcpy(text + sizeof(one->stamps), one->last, last);
        memcpy(text + sizeof(one->stamps) + last, one->other, other);
        return mdb_put(t->txn, t->store->touched, &item->key, &value, 0);
}

static int touch(struct store_txn *t, enum kind kind, const char *key, uint64_t number, int64_t time_ms,
                 const char *author)
{
        struct touched one = {0};
        struct item item;

        if (!item_of(&item, kind, key))
                return 0;
        int code = read_item(t, &item, &one);
        if (code && code != MDB_NOTFOUND)
                return code;
        if (!code && strncmp(one.last, author, AUTHOR_MAX - 1)) {
                memcpy(one.other, one.last, sizeof(one.other));
                one.stamps.other = one.stamps.last;
                one.stamps.other_ms = one.stamps.last_ms;
        }
        snprintf(one.last, sizeof(one.last), "%s", author);
        one.stamps.last = number;
        one.stamps.last_ms = time_ms;
        return write_item(t, &item, &one);
}

static int put_reach(struct store_txn *t, uint64_t number)
{
        MDB_val key = {strlen(REACH_KEY), REACH_KEY}, value = {sizeof(number), &number};

        return mdb_put(t->txn, t->store->meta, &key, &value, 0);
}

int touched_put(struct store_txn *t, const struct revision *r)
{
        int code = 0;

        for (size_t i = 0; i < r->change_count && !code; i++)
                code = touch(t, r->changes[i].kind, r->changes[i].key, r->number, r->time_ms, r->author);
        return code ? code : put_reach(t, r->number);
}

bool store_touched(struct store_txn *t, enum kind kind, const char *name, uint64_t since, const char *author,
                   struct arena *a, struct touch *out)
{
        struct touched one;
        struct item item;

        if (!item_of(&item, kind, name) || read_item(t, &item, &one))
                return false;
        bool mine = author && !strncmp(one.last, author, AUTHOR_MAX - 1);
        *out = (struct touch){mine ? one.stamps.other : one.stamps.last,
                              mine ? one.stamps.other_ms : one.stamps.last_ms,
                              arena_strdup(a, mine ? one.other : one.last)};
        return out->revision > since;
}

/* --- from the history --- */

typedef int take_change(struct store_txn *, const struct doc *entry, const struct doc *change, enum kind, uint64_t);

static int each_change(struct store_txn *t, uint64_t number, const MDB_val *value, take_change *take)
{
        struct problems problems = PROBLEMS_INIT;
        struct arena *a = arena_new(0);
        struct doc *entry = doc_parse(a, value->mv_data, value->mv_size, DOC_JSON, &problems),
                   *list = entry ? doc_get(entry, "changes") : NULL;
        enum kind kind;
        int code = 0;

        for (const struct doc *one = list ? list->first : NULL; one && !code; one = one->next) {
                const char *name = doc_get_string(one, "kind");
                if (name && doc_get_string(one, "key") && kind_parse(name, &kind))
                        code = take(t, entry, one, kind, number);
        }
        problems_free(&problems);
        arena_free(a);
        return code;
}

static int forget_deleted(struct store_txn *t, const struct doc *entry, const struct doc *change, enum kind kind,
                          uint64_t number)
{
        const char *key = doc_get_string(change, "key");
        struct touched one;
        struct item item;

        (void)entry;
        if (doc_get(change, "new") || doc_get(change, "fields") || !item_of(&item, kind, key) ||
            read_item(t, &item, &one) || one.stamps.last != number || store_has(t, kind, key))
                return 0;
        return mdb_del(t->txn, t->store->touched, &item.key, NULL);
}

int touched_forget(struct store_txn *t, uint64_t number, const MDB_val *entry)
{
        return each_change(t, number, entry, forget_deleted);
}

static int touch_again(struct store_txn *t, const struct doc *entry, const struct doc *change, enum kind kind,
                       uint64_t number)
{
        const char *time = doc_get_string(entry, "time"), *author = doc_get_string(entry, "author");
        int64_t time_ms;

        if (!time || !clock_parse(time, &time_ms))
                time_ms = 0;
        return touch(t, kind, doc_get_string(change, "key"), number, time_ms, author ? author : "");
}

/* Documents of which the history does not know who changed them: somebody, at the latest in revision `number`. */
static int touch_all(struct store_txn *t, uint64_t number)
{
        int code = 0;

        for (int k = 0; k < KIND_COUNT && !code; k++) {
                MDB_cursor *cursor;
                MDB_val key, value;
                if ((code = mdb_cursor_open(t->txn, t->store->kinds[k], &cursor)))
                        return code;
                while (!code && !(code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT))) {
                        char name[STORE_KEY_MAX + 1];
                        memcpy(name, key.mv_data, key.mv_size);
                        name[key.mv_size] = '\0';
                        code = touch(t, (enum kind)k, name, number, 0, "");
                }
                mdb_cursor_close(cursor);
                code = code == MDB_NOTFOUND ? 0 : code;
        }
        return code;
}

int touched_catch_up(struct store_txn *t)
{
        uint64_t reach = 0, newest = store_revision(t), number;
        MDB_val key = {strlen(REACH_KEY), REACH_KEY}, value;
        MDB_cursor *cursor;

        if (!mdb_get(t->txn, t->store->meta, &key, &value) && value.mv_size == sizeof(reach))
                memcpy(&reach, value.mv_data, sizeof(reach));
        if (reach == newest)
                return 0;
        int code = mdb_cursor_open(t->txn, t->store->history, &cursor);
        if (code)
                return code;
        number = reach + 1;
        key = (MDB_val){sizeof(number), &number};
        code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
        if (!code)
                memcpy(&number, key.mv_data, sizeof(number));
        if (!code && number > reach + 1)
                code = touch_all(t, number - 1);
        while (!code) {
                memcpy(&number, key.mv_data, sizeof(number));
                code = each_change(t, number, &value, touch_again);
                if (!code)
                        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
        }
        mdb_cursor_close(cursor);
        if (code != MDB_NOTFOUND)
                return code;
        log_info("store", "who changed what last is known from revision %llu to %llu", (unsigned long long)reach + 1,
                 (unsigned long long)newest);
        return put_reach(t, newest);
}
