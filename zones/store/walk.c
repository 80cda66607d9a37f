#include "zones/store/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "zones/store/kept.h"
#include "zones/store/pages.h"

struct store_walk {
        struct kept kept;
        size_t bytes; /* that were read and are still memory of the process */
};

struct store_walk *store_walk_begin(struct store *s, unsigned kinds, store_walk_look *look, void *context, char *error,
                                    size_t error_size)
{
        struct store_walk *w;

        kept_writing(s);
        struct store_txn *t = store_read(s, error, error_size);
        if (!t) {
                kept_written(s);
                return NULL;
        }
        w = memory_alloc(sizeof(*w));
        kept_begin(&w->kept, s, kinds);
        kept_written(s);
        look(context, t);
        store_end(t);
        return w;
}

void store_walk_end(struct store_walk *w)
{
        if (!w)
                return;
        kept_end(&w->kept);
        free(w);
}

/* --- one step --- */

struct stepping {
        struct store_walk *walk;
        struct store_txn *txn;
        MDB_cursor *cursor;
        MDB_val key, value;             /* the stored item that is next */
        int code;                       /* MDB_NOTFOUND: there is none */
        char stored[STORE_KEY_MAX + 1]; /* its key */
};

static void next_stored(struct stepping *s, MDB_cursor_op how)
{
        s->code = mdb_cursor_get(s->cursor, &s->key, &s->value, how);
        if (!s->code && s->key.mv_size > STORE_KEY_MAX)
                s->code = MDB_CORRUPTED;
        if (s->code)
                return;
        memcpy(s->stored, s->key.mv_data, s->key.mv_size);
        s->stored[s->key.mv_size] = '\0';
}

/* false: there is nothing of this kind, or it cannot be read. */
static bool open_step(struct stepping *s)
{
        const struct kept *k = &s->walk->kept;
        MDB_dbi dbi = k->kind == WALK_SERIALS ? k->store->serials : k->store->kinds[k->kind];
        size_t length = strlen(k->key);

        s->code = dbi == NO_DATABASE ? MDB_NOTFOUND : mdb_cursor_open(s->txn->txn, dbi, &s->cursor);
        if (s->code)
                return false;
        s->key = (MDB_val){length, (void *)(uintptr_t)k->key};
        next_stored(s, length ? MDB_SET_RANGE : MDB_FIRST);
        if (!s->code && length && !strcmp(s->stored, k->key))
                next_stored(s, MDB_NEXT);
        return true;
}

/* Visits the stored item that is next, or the image that stands for it or comes before it. */
static enum walk_visit visit_one(struct stepping *s, const struct image *image, store_walk_visit *visit, void *context)
{
        bool replaced = image && !s->code && !strcmp(image->key, s->stored), stored = !image;
        enum walk_visit said = WALK_ON;
        char key[STORE_KEY_MAX + 1];

        strcpy(key, image ? image->key : s->stored);
        if (stored)
                said = visit(context, key, s->value.mv_data, s->value.mv_size);
        else if (image->was)
                said = visit(context, key, image->value, image->length);
        if (said == WALK_AGAIN)
                return said;
        s->txn->bytes += stored ? s->value.mv_size : 0;
        kept_pass(&s->walk->kept, key); /* the image is gone */
        if (said == WALK_ON && (stored || replaced))
                next_stored(s, MDB_NEXT);
        return said;
}

/* Whether it rests. What was replaced before the transaction began has its image; what is replaced now is still as it
 * was there. */
static bool visit_all(struct stepping *s, store_walk_visit *visit, void *context)
{
        enum walk_visit said = WALK_ON;

        while (said == WALK_ON && (!s->code || s->code == MDB_NOTFOUND) && !kept_is_broken(&s->walk->kept)) {
                const struct image *image = kept_first(&s->walk->kept, s->code ? NULL : s->stored);
                if (!image && s->code)
                        return false;
                said = visit_one(s, image, visit, context);
        }
        return said != WALK_ON;
}

enum walk_step store_walk_step(struct store_walk *w, int kind, store_walk_visit *visit, void *context, char *error,
                               size_t error_size)
{
        struct store *store = w->kept.store;
        struct stepping s = {.walk = w, .txn = store_read(store, error, error_size)};

        if (!s.txn)
                return WALK_BROKEN;
        s.txn->bytes = w->bytes;
        kept_enter(&w->kept, kind);
        bool rests = open_step(&s) && visit_all(&s, visit, context), failed = s.code && s.code != MDB_NOTFOUND,
             broken = kept_is_broken(&w->kept);
        if (failed)
                store_error(error, error_size, "the store cannot be read", s.code);
        else if (broken)
                snprintf(error, error_size,
                         "more was changed meanwhile than is kept for it (%zu MiB): take it again, faster",
                         store->kept_max >> 20);
        if (s.cursor)
                mdb_cursor_close(s.cursor);
        w->bytes = s.txn->bytes < PAGES_MUCH ? s.txn->bytes : 0;
        store_end(s.txn);
        return failed || broken ? WALK_BROKEN : rests ? WALK_RESTS : WALK_ENDED;
}
