#include "base/threads/background.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

struct background {
        void (*wake)(void *context);
        void *context;
        pthread_t thread;

        pthread_mutex_t lock; /* guards what follows */
        pthread_cond_t changed;
        void (*work)(void *piece);
        void *given, *done; /* one of them at most */
        bool working, stop;
};

/* --- on its thread --- */

static void *run_background(void *context)
{
        struct background *b = context;

        pthread_mutex_lock(&b->lock);
        for (;;) {
                while (!b->given && !b->stop)
                        pthread_cond_wait(&b->changed, &b->lock);
                void *piece = b->given;
                if (!piece)
                        break;
                b->given = NULL;
                b->working = true;
                pthread_mutex_unlock(&b->lock);
                b->work(piece);
                pthread_mutex_lock(&b->lock);
                b->working = false;
                b->done = piece;
                pthread_cond_broadcast(&b->changed);
                b->wake(b->context);
        }
        pthread_mutex_unlock(&b->lock);
        return NULL;
}

/* --- on the other --- */

struct background *background_start(const char *what, void (*wake)(void *context), void *context, char *error,
                                    size_t error_size)
{
        struct background *b = memory_alloc(sizeof(*b));

        b->wake = wake;
        b->context = context;
        pthread_mutex_init(&b->lock, NULL);
        pthread_cond_init(&b->changed, NULL);
        int code = pthread_create(&b->thread, NULL, run_background, b);
        if (!code)
                return b;
        snprintf(error, error_size, "cannot start the thread of %s: %s", what, strerror(code));
        pthread_cond_destroy(&b->changed);
        pthread_mutex_destroy(&b->lock);
        free(b);
        return NULL;
}

void background_stop(struct background *b)
{
        if (!b)
                return;
        pthread_mutex_lock(&b->lock);
        b->stop = true;
        pthread_cond_broadcast(&b->changed);
        pthread_mutex_unlock(&b->lock);
        pthread_join(b->thread, NULL);
        pthread_cond_destroy(&b->changed);
        pthread_mutex_destroy(&b->lock);
        free(b);
}

void background_give(struct background *b, void (*work)(void *piece), void *piece)
{
        pthread_mutex_lock(&b->lock);
        assert(!b->given && !b->working && !b->done); /* one at a time */
        b->work = work;
        b->given = piece;
        pthread_cond_broadcast(&b->changed);
        pthread_mutex_unlock(&b->lock);
}

void *background_take(struct background *b)
{
        pthread_mutex_lock(&b->lock);
        void *piece = b->done;
        b->done = NULL;
        pthread_mutex_unlock(&b->lock);
        return piece;
}

void *background_wait(struct background *b)
{
        pthread_mutex_lock(&b->lock);
        while (b->given || b->working)
                pthread_cond_wait(&b->changed, &b->lock);
        void *piece = b->done;
        b->done = NULL;
        pthread_mutex_unlock(&b->lock);
        return piece;
}
