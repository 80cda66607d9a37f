#include "zones/store/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include "base/threads/background.h"
#include "base/memory.h"
#include "zones/store/note.h"

struct store_writer {
        struct store *store;
        struct background *thread;
        struct store_batch *batch;
};

/* --- on its thread --- */

static bool write_all(struct store_txn *txn, struct store_batch *b)
{
        for (size_t i = 0; i < b->count; i++) {
                const struct revision *r = b->revisions[i];
                if (!store_apply(txn, r, b->error, sizeof(b->error)) ||
                    (r->forced && !store_forced(txn, r->number, r->reason, r->forced, b->error, sizeof(b->error))))
                        return false;
        }
        for (size_t i = 0; i < b->serial_count; i++)
                if (!store_serial_set(txn, b->serials[i].zone, &b->serials[i].serial, b->error, sizeof(b->error)))
                        return false;
        for (size_t i = 0; i < b->note_count; i++)
                if (!store_note(txn, b->notes[i].name, b->notes[i].time_ms)) {
                        snprintf(b->error, sizeof(b->error), "cannot write to the store");
                        return false;
                }
        return true;
}

static bool write_batch(struct store *store, struct store_batch *b)
{
        struct store_txn *txn = store_write(store, b->error, sizeof(b->error));

        if (!txn)
                return false;
        if (write_all(txn, b))
                return store_commit(txn, b->error, sizeof(b->error));
        store_end(txn);
        return false;
}

static void write_given(void *writer)
{
        struct store_writer *w = writer;

        w->batch->good = write_batch(w->store, w->batch);
}

/* --- on the control thread --- */

struct store_writer *store_writer_start(struct store *store, void (*wake)(void *context), void *context, char *error,
                                        size_t error_size)
{
        struct store_writer *w = memory_alloc(sizeof(*w));

        w->store = store;
        w->thread = background_start("the store", wake, context, error, error_size);
        if (w->thread)
                return w;
        free(w);
        return NULL;
}

void store_writer_stop(struct store_writer *w)
{
        if (w)
                background_stop(w->thread);
        free(w);
}

void store_writer_give(struct store_writer *w, struct store_batch *b)
{
        w->batch = b;
        background_give(w->thread, write_given, w);
}

struct store_batch *store_writer_take(struct store_writer *w)
{
        return background_take(w->thread) ? w->batch : NULL;
}

struct store_batch *store_writer_wait(struct store_writer *w)
{
        return background_wait(w->thread) ? w->batch : NULL;
}
