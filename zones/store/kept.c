#include "zones/store/kept.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

struct all_kept {
        pthread_mutex_t writing; /* held while a write transaction is open */
        pthread_mutex_t lock;    /* of what is below, and of each walk's; taken behind `writing` */
        LIST_HEAD(kept_list, kept) list;
        size_t bytes;
        uint32_t ranks;
};

void kept_open(struct store *s)
{
        s->kept = memory_alloc(sizeof(*s->kept));
        pthread_mutex_init(&s->kept->writing, NULL);
        pthread_mutex_init(&s->kept->lock, NULL);
        LIST_INIT(&s->kept->list);
        s->kept->ranks = 2463534242u;
}

void kept_close(struct store *s)
{
        pthread_mutex_destroy(&s->kept->writing);
        pthread_mutex_destroy(&s->kept->lock);
        free(s->kept);
}

/* --- images --- */

static int compare(int kind, const char *key, const struct image *i)
{
        return kind != i->kind ? (kind > i->kind) - (kind < i->kind) : strcmp(key, i->key);
}

static struct image *put(struct image *at, struct image *new)
{
        if (!at)
                return new;
        int side = compare(new->kind, new->key, at) > 0;
        struct image *below = at->below[side] = put(at->below[side], new);
        if (below->rank <= at->rank)
                return at;
        at->below[side] = below->below[!side];
        below->below[!side] = at;
        return below;
}

static bool has(const struct image *at, int kind, const char *key)
{
        int order = 1;

        while (at && (order = compare(kind, key, at)))
                at = at->below[order > 0];
        return !order;
}

static size_t image_size(const struct image *i)
{
        return sizeof(*i) + strlen(i->key) + 1 + i->length;
}

static struct image *first_of(struct image *at)
{
        while (at && at->below[0])
                at = at->below[0];
        return at;
}

static void drop_first(struct kept *k)
{
        struct image **at = &k->images, *gone;

        while ((*at)->below[0])
                at = &(*at)->below[0];
        gone = *at;
        *at = gone->below[1];
        k->store->kept->bytes -= image_size(gone);
        free(gone);
}

/* NULL: there is no room. */
static struct image *image_new(struct store *s, int kind, const char *key, const MDB_val *old)
{
        struct all_kept *all = s->kept;
        size_t name = strlen(key) + 1, length = old ? old->mv_size : 0;
        bool fits = all->bytes + sizeof(struct image) + name + length <= s->kept_max;
        struct image *i = fits ? malloc(sizeof(*i) + name + length) : NULL;

        if (!i)
                return NULL;
        all->ranks ^= all->ranks << 13; /* xorshift: depth is all that hangs on it */
        all->ranks ^= all->ranks >> 17;
        all->ranks ^= all->ranks << 5;
        *i = (struct image){
                .rank = all->ranks, .kind = kind, .was = old != NULL, .length = length, .value = i->key + name};
        memcpy(i->key, key, name);
        if (length)
                memcpy(i->value, old->mv_data, length);
        all->bytes += image_size(i);
        return i;
}

/* --- who writes --- */

void kept_writing(struct store *s)
{
        pthread_mutex_lock(&s->kept->writing);
}

void kept_written(struct store *s)
{
        pthread_mutex_unlock(&s->kept->writing);
}

void kept_put(struct store *s, int kind, const char *key, const MDB_val *old)
{
        struct kept *k;

        pthread_mutex_lock(&s->kept->lock);
        LIST_FOREACH(k, &s->kept->list, link)
        {
                bool passed = kind < k->kind || (kind == k->kind && strcmp(key, k->key) <= 0);
                if (k->broken || passed || !(k->kinds & 1u << kind) || has(k->images, kind, key))
                        continue;
                struct image *i = image_new(s, kind, key, old);
                k->broken = !i;
                k->images = i ? put(k->images, i) : k->images;
        }
        pthread_mutex_unlock(&s->kept->lock);
}

/* --- who walks --- */

void kept_begin(struct kept *k, struct store *s, unsigned kinds)
{
        *k = (struct kept){.store = s, .kinds = kinds};
        pthread_mutex_lock(&s->kept->lock);
        LIST_INSERT_HEAD(&s->kept->list, k, link);
        pthread_mutex_unlock(&s->kept->lock);
}

void kept_end(struct kept *k)
{
        pthread_mutex_lock(&k->store->kept->lock);
        LIST_REMOVE(k, link);
        while (k->images)
                drop_first(k);
        pthread_mutex_unlock(&k->store->kept->lock);
}

bool kept_is_broken(struct kept *k)
{
        pthread_mutex_lock(&k->store->kept->lock);
        bool broken = k->broken;
        pthread_mutex_unlock(&k->store->kept->lock);
        return broken;
}

void kept_enter(struct kept *k, int kind)
{
        pthread_mutex_lock(&k->store->kept->lock);
        if (kind != k->kind)
                k->key[0] = '\0';
        k->kind = kind;
        while (k->images && first_of(k->images)->kind < kind)
                drop_first(k);
        pthread_mutex_unlock(&k->store->kept->lock);
}

void kept_pass(struct kept *k, const char *key)
{
        pthread_mutex_lock(&k->store->kept->lock);
        memcpy(k->key, key, strlen(key) + 1);
        while (k->images && compare(k->kind, k->key, first_of(k->images)) >= 0)
                drop_first(k);
        pthread_mutex_unlock(&k->store->kept->lock);
}

const struct image *kept_first(struct kept *k, const char *stored)
{
        pthread_mutex_lock(&k->store->kept->lock);
        const struct image *first = first_of(k->images);
        if (first && (first->kind != k->kind || (stored && strcmp(stored, first->key) < 0)))
                first = NULL;
        pthread_mutex_unlock(&k->store->kept->lock);
        return first;
}
