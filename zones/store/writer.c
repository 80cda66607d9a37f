#include "zones/store/writer.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "zones/store/note.h"

struct store_writer {
        struct store *store;
        void (*wake)(void *context);
        void *context;
        pthread_t thread;

        pthread_mutex_t lock; /* guards what follows */
        pthread_cond_t changed;
        struct store_batch *given, *done; /* one of them at most */
        bool writing, stop;
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

static void *run_writer(void *context)
{
        struct store_writer *w = context;

        pthread_mutex_lock(&w->lock);
        for (;;) {
                while (!w->given && !w->stop)
                        pthread_cond_wait(&w->changed, &w->lock);
                struct store_batch *b = w->given;
                if (!b)
                        break;
                w->given = NULL;
                w->writing = true;
                pthread_mutex_unlock(&w->lock);
                b->good = write_batch(w->store, b);
                pthread_mutex_lock(&w->lock);
                w->writing = false;
                w->done = b;
                pthread_cond_broadcast(&w->changed);
                w->wake(w->context);
        }
        pthread_mutex_unlock(&w->lock);
        return NULL;
}

/* --- on the control thread --- */

struct store_writer *store_writer_start(struct store *store, void (*wake)(void *context), void *context, char *error,
                                        size_t error_size)
{
        struct store_writer *w = memory_alloc(sizeof(*w));

        w->store = store;
        w->wake = wake;
        w->context = context;
        pthread_mutex_init(&w->lock, NULL);
        pthread_cond_init(&w->changed, NULL);
        int code = pthread_create(&w->thread, NULL, run_writer, w);
        if (!code)
                return w;
        snprintf(error, error_size, "cannot start the store's thread: %s", strerror(code));
        pthread_cond_destroy(&w->changed);
        pthread_mutex_destroy(&w->lock);
        free(w);
        return NULL;
}

void store_writer_stop(struct store_writer *w)
{
        if (!w)
                return;
        pthread_mutex_lock(&w->lock);
        w->stop = true;
        pthread_cond_broadcast(&w->changed);
        pthread_mutex_unlock(&w->lock);
        pthread_join(w->thread, NULL);
        pthread_cond_destroy(&w->changed);
        pthread_mutex_destroy(&w->lock);
        free(w);
}

void store_writer_give(struct store_writer *w, struct store_batch *b)
{
        pthread_mutex_lock(&w->lock);
        assert(!w->given && !w->writing && !w->done); /* one at a time */
        w->given = b;
        pthread_cond_broadcast(&w->changed);
        pthread_mutex_unlock(&w->lock);
}

struct store_batch *store_writer_take(struct store_writer *w)
{
        pthread_mutex_lock(&w->lock);
        struct store_batch *b = w->done;
        w->done = NULL;
        pthread_mutex_unlock(&w->lock);
        return b;
}

struct store_batch *store_writer_wait(struct store_writer *w)
{
        pthread_mutex_lock(&w->lock);
        while (w->given || w->writing)
                pthread_cond_wait(&w->changed, &w->lock);
        struct store_batch *b = w->done;
        w->done = NULL;
        pthread_mutex_unlock(&w->lock);
        return b;
}
