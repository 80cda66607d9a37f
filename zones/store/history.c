#include "zones/store/history.h"

#include <assert.h>
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "zones/store/difference.h"
#include "zones/store/store_private.h"
#include "zones/store/touched.h"

/* --- entries: {number, follows, previous, time, author, comment, count, changes: [{kind, key, ...}], reason, forced:
 * [text]} with `previous`, the digest of what was stored before (until format 4 that was a number, see
 * history_follows), and `new` of what is made, `old` of what is deleted, the difference `fields` of what is another.
 * Format 1 had `old` and `new` of that too. --- */

static struct doc *change_of(struct store_txn *t, const struct change *change, struct arena *a)
{
        struct doc *one = doc_new(a, DOC_MAP), *old = store_get(t, change->kind, change->key, a);
        const struct doc *new = change->document;
        bool maps = old && new && old->type == DOC_MAP &&new->type == DOC_MAP;

        doc_add_string(a, one, "kind", kind_name(change->kind));
        doc_add_string(a, one, "key", change->key);
        if (maps &&
            kind_class(change->kind) != CLASS_IDENTITY) { /* secrets are hidden by their name, never found by path */
                doc_add(one, "fields", difference_make(old, new, a));
                return one;
        }
        if (old)
                doc_add(one, "old", old);
        if (new)
                doc_add(one, "new", doc_copy(a, new));
        return one;
}

static struct doc *head_of(struct store_txn *t, const struct revision *r, struct arena *a)
{
        struct doc *entry = doc_new(a, DOC_MAP);
        char time[CLOCK_TEXT_MAX], digest[DIGEST_TEXT];
        struct digest before;

        doc_add_int(a, entry, "number", (int64_t)r->number);
        if (r->number != store_revision(t) + 1) /* after a restore the numbers go on above those of the backup */
                doc_add_int(a, entry, "follows", (int64_t)store_revision(t));
        if (store_digest(t, &before))
                doc_add_string(a, entry, "previous", digest_text(&before, digest));
        doc_add_string(a, entry, "time", clock_format(r->time_ms, time));
        doc_add_string(a, entry, "author", r->author);
        doc_add_string(a, entry, "comment", r->comment ? r->comment : "");
        doc_add_int(a, entry, "count", (int64_t)r->change_count);
        return entry;
}

/* The text is as large as all that changes; in the arena stands one change at a time. Returns ENOMEM when there is no
 * room for that. */
static int write_entry(struct store_txn *t, const struct revision *r, struct buffer *text)
{
        struct arena *a = arena_new(0);
        jmp_buf failure;

        if (setjmp(failure)) {
                arena_free(a);
                return ENOMEM;
        }
        arena_on_failure(a, &failure);
        buffer_clear(text);
        doc_write_json(head_of(t, r, a), text, 0);
        text->length--; /* the map goes on */
        buffer_text(text, ",\"changes\":[");
        for (size_t i = 0; i < r->change_count; i++) {
                arena_reset(a);
                buffer_text(text, i ? "," : "");
                doc_write_json(change_of(t, &r->changes[i], a), text, 0);
        }
        buffer_text(text, "]}");
        arena_free(a);
        return text->overflow ? ENOMEM : 0;
}

uint64_t history_follows(const struct doc *entry, uint64_t number)
{
        int64_t before;

        if (doc_get_int(entry, "follows", &before) || doc_get_int(entry, "previous", &before))
                return (uint64_t)before;
        return number - 1;
}

/* --- bounds --- */

static uint64_t read_bytes(struct store_txn *t)
{
        MDB_val key = {strlen(HISTORY_BYTES_KEY), HISTORY_BYTES_KEY}, value;
        uint64_t bytes = 0;

        if (!mdb_get(t->txn, t->store->meta, &key, &value) && value.mv_size == sizeof(bytes))
                memcpy(&bytes, value.mv_data, sizeof(bytes));
        return bytes;
}

static int write_bytes(struct store_txn *t, uint64_t bytes)
{
        MDB_val key = {strlen(HISTORY_BYTES_KEY), HISTORY_BYTES_KEY}, value = {sizeof(bytes), &bytes};

        return mdb_put(t->txn, t->store->meta, &key, &value, 0);
}

/* Deletes the oldest entries beyond the bounds, but never the entry `newest`. */
static int trim(struct store_txn *t, uint64_t newest, uint64_t *bytes)
{
        MDB_cursor *cursor;
        MDB_val key, value;
        uint64_t number;
        int code = mdb_cursor_open(t->txn, t->store->history, &cursor);

        if (code)
                return code;
        while (!(code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST)) && key.mv_size == sizeof(number)) {
                memcpy(&number, key.mv_data, sizeof(number));
                if (number >= newest || (newest - number < HISTORY_KEPT && *bytes <= t->store->history_bytes_max))
                        break;
                *bytes -= value.mv_size < *bytes ? value.mv_size : *bytes;
                if ((code = touched_forget(t, number, &value)) || (code = mdb_cursor_del(cursor, 0)))
                        break;
        }
        mdb_cursor_close(cursor);
        return code;
}

int history_put(struct store_txn *t, const struct revision *r, struct buffer *text)
{
        uint64_t number = r->number, bytes = read_bytes(t);
        MDB_val key = {sizeof(number), &number};

        assert(number > store_revision(t)); /* MDB_APPEND: keys only grow */
        int code = write_entry(t, r, text);
        if (code)
                return code;
        MDB_val value = {text->length, text->data};
        code = mdb_put(t->txn, t->store->history, &key, &value, MDB_APPEND);
        bytes += text->length;
        if (!code)
                code = trim(t, number, &bytes);
        return code ? code : write_bytes(t, bytes);
}

int history_forced(struct store_txn *t, uint64_t number, const char *reason, const struct doc *forced,
                   struct buffer *text)
{
        MDB_val key = {sizeof(number), &number}, value;
        struct problems none = PROBLEMS_INIT;
        int code = mdb_get(t->txn, t->store->history, &key, &value);

        if (code)
                return code;
        struct arena *a = arena_new(0);
        struct doc *entry = doc_parse(a, value.mv_data, value.mv_size, DOC_JSON, &none);
        uint64_t bytes = read_bytes(t) - value.mv_size;
        problems_free(&none);
        if (!entry) { /* larger than a document may be */
                arena_free(a);
                return EFBIG;
        }
        if (*reason)
                doc_add_string(a, entry, "reason", reason);
        doc_add(entry, "forced", doc_copy(a, forced));
        buffer_clear(text);
        doc_write_json(entry, text, 0);
        arena_free(a);
        value = (MDB_val){text->length, text->data};
        code = mdb_put(t->txn, t->store->history, &key, &value, 0);
        return code ? code : write_bytes(t, bytes + text->length);
}

/* --- reading history --- */

/* For people: what a difference took and put, without what stayed, in the shape of the document. */
static void add_side(struct doc *change, const char *side, const struct doc *step, struct arena *a)
{
        const struct doc *value = doc_get(step, side), *path = doc_get(step, "path");
        struct doc *at = doc_get(change, side);

        if (!value || !path)
                return;
        if (!at)
                at = doc_add_map(a, change, side);
        for (const struct doc *key = path->first; key; key = key->next) {
                struct doc *below = doc_get(at, key->string);
                if (!key->next && (!doc_get(step, "at") || !below))
                        doc_set(at, key->string, doc_copy(a, value));
                else if (!key->next)
                        doc_each (one, value)
                                doc_add(below, NULL, doc_copy(a, one));
                else
                        at = below ? below : doc_add_map(a, at, key->string);
        }
}

static void add_sides(struct doc *entry, struct arena *a)
{
        doc_each (change, doc_get(entry, "changes")) {
                const struct doc *fields = doc_get(change, "fields");
                if (!fields)
                        continue;
                doc_each (step, fields) {
                        add_side(change, "old", step, a);
                        add_side(change, "new", step, a);
                }
        }
}

static struct doc *parse_entry(const MDB_val *value, bool with_changes, struct arena *a)
{
        struct problems problems = PROBLEMS_INIT;
        struct doc *d = doc_parse(a, value->mv_data, value->mv_size, DOC_JSON, &problems);

        problems_free(&problems);
        if (d && doc_get(d, "changes") && with_changes)
                add_sides(d, a);
        else if (d && doc_get(d, "changes"))
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

/* --- when --- */

/* The newest entry with a number below `before` (0: of all); number 0: there is none. */
static struct revision_time entry_before(struct store_txn *t, uint64_t before)
{
        struct revision_time found = {0};
        struct arena *a = arena_new(0);
        const struct doc *list = store_history(t, before, 1, false, a), *entry = list ? list->first : NULL;
        const char *time = entry ? doc_get_string(entry, "time") : NULL;
        int64_t number;

        if (entry && doc_get_int(entry, "number", &number))
                found.number = (uint64_t)number;
        if (time)
                clock_parse(time, &found.time_ms);
        arena_free(a);
        return found;
}

/* Times rise with numbers, but for what a clock does that is set: it looks from the newest back in growing
 * steps, so that a clock that was wrong long ago hides nothing of what is asked for most. */
bool store_revision_at(struct store_txn *t, int64_t wall_ms, struct revision_time *found, struct revision_time *oldest)
{
        uint64_t low = 0, high = store_revision(t); /* what is searched stands above low, and not above high */
        char error[STORE_ERROR_MAX];

        *found = *oldest = (struct revision_time){0};
        for (uint64_t at = high, step = 1; at; at = high > step ? high - step : 0, step *= 2) {
                struct revision_time one = entry_before(t, at + 1);
                if (!one.number || one.time_ms <= wall_ms) { /* or none is kept there */
                        *found = one;
                        low = at;
                        break;
                }
                *oldest = one;
                high = one.number - 1;
        }
        while (low < high) {
                uint64_t middle = low + (high - low + 1) / 2;
                struct revision_time one = entry_before(t, middle + 1);
                if (one.number > low && one.time_ms <= wall_ms) {
                        *found = one;
                        low = middle;
                } else if (one.number > low) {
                        *oldest = one;
                        high = one.number - 1;
                } else { /* none is kept there */
                        low = middle;
                }
        }
        return store_is_whole(t, error, sizeof(error));
}
