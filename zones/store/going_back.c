/* Undoing revisions: all after one, or one alone. */
#include <assert.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "zones/store/difference.h"
#include "zones/store/history.h"
#include "zones/store/store_private.h"

/* Documents as they were, walking from revision to revision into the past. */
struct walk {
        struct store_txn *txn;
        struct arena *arena;
        struct arena *entry; /* of the revision that is looked at, when no step is kept; NULL: all steps are */
        enum back back;      /* what is looked at */
        struct map *index;   /* "kind/key": the index in `items` + 1 */
        struct undo *items;
        size_t count, capacity;
        bool closed; /* nothing is added */
};

/* The item, with `before` as it is before the changes looked at so far. NULL: it is not looked for. */
static struct undo *item_of(struct walk *w, enum kind kind, const char *key)
{
        const char *id = arena_printf(w->arena, "%s/%s", kind_name(kind), key);
        size_t at = (size_t)(uintptr_t)map_get(w->index, id);

        if (at || w->closed)
                return at ? &w->items[at - 1] : NULL;
        if (w->count == w->capacity) {
                struct undo *old = w->items;
                w->capacity = w->capacity ? w->capacity * 2 : 64;
                w->items = ARENA_ARRAY(w->arena, struct undo, w->capacity);
                if (w->count)
                        memcpy(w->items, old, w->count * sizeof(*old));
        }
        const struct doc *now = store_get(w->txn, kind, key, w->arena);
        w->items[w->count] = (struct undo){
                .kind = kind, .key = arena_strdup(w->arena, key), .before = now, .after = now, .now = now};
        map_set(w->index, id, (void *)(uintptr_t)++w->count);
        return &w->items[w->count - 1];
}

/* Whether a kind is looked at. Holds are what gslbd saw of health, duties are about revisions: going back neither ends
 * one nor brings one back. */
static bool goes_back(enum back back, enum kind kind)
{
        return kind_class(kind) == CLASS_CONFIGURATION || (kind == KIND_DRAINS && back >= BACK_DRAINS) ||
               (kind == KIND_HOLDS && back >= BACK_STATE);
}

/* The kind and key of a change, when it is of a kind that is looked at. */
static bool change_item(const struct walk *w, const struct doc *one, enum kind *kind, const char **key)
{
        const char *name = doc_get_string(one, "kind");

        *key = doc_get_string(one, "key");
        return *key && name && kind_parse(name, kind) && goes_back(w->back, *kind);
}

/* In place: nobody else has the document. Memory follows what changed, not how often. */
static bool undo_unkept(const struct walk *w, struct undo *item, const struct doc *one)
{
        const struct doc *fields = doc_get(one, "fields"), *old = doc_get(one, "old");
        struct doc *document = (struct doc *)(uintptr_t)item->before;

        if (fields)
                return document && document->type == DOC_MAP && difference_undo(document, fields, w->arena);
        item->before = old ? doc_copy(w->arena, old) : NULL;
        return true;
}

static bool undo_change(struct walk *w, struct undo *item, const struct doc *entry, const struct doc *one)
{
        const struct doc *fields = doc_get(one, "fields");
        struct later *step = arena_alloc(w->arena, sizeof(*step));
        int64_t number = 0;

        item->after = item->before;
        if (!fields) {
                item->before = doc_get(one, "old");
        } else {
                struct doc *document = item->before ? doc_copy(w->arena, item->before) : NULL;
                item->before = document;
                if (!document || document->type != DOC_MAP || !difference_undo(document, fields, w->arena))
                        return false;
        }
        doc_get_int(entry, "number", &number);
        *step = (struct later){(uint64_t)number,
                               doc_get_string(entry, "author"),
                               doc_get_string(entry, "time"),
                               item->before,
                               item->after,
                               item->steps};
        item->steps = step;
        return true;
}

/* Sets *at to the number of the revision before: a restore leaves numbers out. */
static bool undo_revision(struct walk *w, uint64_t *at, char *error, size_t error_size)
{
        uint64_t number = *at;
        struct doc *entry = store_history_one(w->txn, number, w->entry ? w->entry : w->arena),
                   *list = entry ? doc_get(entry, "changes") : NULL;
        const char *key;
        enum kind kind;

        if (!list) {
                snprintf(error, error_size, "revision %llu is no longer in the history", (unsigned long long)number);
                return false;
        }
        *at = history_follows(entry, number);
        doc_each (one, list) {
                struct undo *item = change_item(w, one, &kind, &key) ? item_of(w, kind, key) : NULL;
                if (item && !(w->entry ? undo_unkept(w, item, one) : undo_change(w, item, entry, one))) {
                        snprintf(error, error_size, "revision %llu does not lead to what is stored of %s[%s]",
                                 (unsigned long long)number, kind_name(kind), key);
                        return false;
                }
        }
        if (w->entry)
                arena_reset(w->entry);
        return true;
}

static int by_kind_and_key(const void *a, const void *b)
{
        const struct change *one = a, *other = b;

        return one->kind != other->kind ? (one->kind > other->kind) - (one->kind < other->kind)
                                        : strcmp(one->key, other->key);
}

/* Memory that ends on the way is the caller's arena's to tell of. */
static __attribute__((noinline)) bool walk_back(struct walk *w, uint64_t *at, uint64_t number, char *error,
                                                size_t error_size)
{
        jmp_buf failure, *before = arena_on_failure(w->arena, &failure);
        bool good = true;

        if (setjmp(failure)) {
                arena_on_failure(w->arena, before);
                map_free(w->index);
                arena_free(w->entry);
                arena_fail(w->arena);
        }
        arena_on_failure(w->entry, &failure);
        while (*at > number && good)
                good = undo_revision(w, at, error, error_size);
        arena_on_failure(w->arena, before);
        return good;
}

bool store_rollback_changes(struct store_txn *t, uint64_t number, enum back back, struct arena *a,
                            struct change **changes, size_t *count, char *error, size_t error_size)
{
        struct walk w = {.txn = t, .arena = a, .entry = arena_new(0), .back = back, .index = map_new()};
        uint64_t at = store_revision(t);
        bool good = walk_back(&w, &at, number, error, error_size);

        if (good && at != number) {
                snprintf(error, error_size, "there is no revision %llu: a restore went on from %llu",
                         (unsigned long long)number, (unsigned long long)at);
                good = false;
        }
        map_free(w.index);
        arena_free(w.entry);
        *changes = ARENA_ARRAY(a, struct change, w.count);
        *count = w.count;
        for (size_t i = 0; i < w.count; i++)
                (*changes)[i] = (struct change){w.items[i].kind, w.items[i].key, w.items[i].before};
        if (w.count)
                qsort(*changes, w.count, sizeof(**changes), by_kind_and_key); /* as people read it */
        return good && store_is_whole(t, error, error_size);
}

/* Looks for what the revision changed, and nothing else. *newest: the last revision that changed any of it. */
static bool find_items(struct walk *w, uint64_t number, uint64_t *newest, char *error, size_t error_size)
{
        const struct doc *entry = store_history_one(w->txn, number, w->arena),
                         *list = entry ? doc_get(entry, "changes") : NULL;
        struct touch touch;
        const char *key;
        enum kind kind;

        *newest = number;
        if (!list) {
                snprintf(error, error_size, "revision %llu is not in the history", (unsigned long long)number);
                return false;
        }
        doc_each (one, list) {
                if (!change_item(w, one, &kind, &key))
                        continue;
                item_of(w, kind, key);
                if (store_touched(w->txn, kind, key, *newest, NULL, w->arena, &touch))
                        *newest = touch.revision;
        }
        w->closed = true;
        return true;
}

bool store_undo(struct store_txn *t, uint64_t number, struct arena *a, struct undo **items, size_t *count, char *error,
                size_t error_size)
{
        struct walk w = {.txn = t, .arena = a, .back = BACK_CONFIGURATION, .index = map_new()};
        uint64_t newest;
        bool good = find_items(&w, number, &newest, error, error_size);

        while (newest >= number && newest && good)
                good = undo_revision(&w, &newest, error, error_size);
        for (size_t i = 0; i < w.count && good; i++) { /* the first step is the revision itself */
                assert(w.items[i].steps);
                w.items[i].steps = w.items[i].steps->next;
        }
        map_free(w.index);
        *items = w.items;
        *count = w.count;
        return good && store_is_whole(t, error, error_size);
}
