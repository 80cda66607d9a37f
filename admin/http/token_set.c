#include "admin/http/token_set.h"

#include <pthread.h>
#include <stdlib.h>
#include "admin/http/auth.h"
#include "base/memory.h"

struct token_set {
        pthread_mutex_t lock; /* guards what follows */
        struct arena *arena;  /* of these; NULL: there are none yet */
        struct token_known *tokens;
        uint32_t count;
};

struct token_set *token_set_new(void)
{
        struct token_set *s = memory_alloc(sizeof(*s));

        pthread_mutex_init(&s->lock, NULL);
        return s;
}

void token_set_free(struct token_set *s)
{
        arena_free(s->arena);
        pthread_mutex_destroy(&s->lock);
        free(s);
}

static struct token_known known(struct arena *a, const struct token_known *t)
{
        return (struct token_known){.name = arena_strdup(a, t->name),
                                    .hash = arena_strdup(a, t->hash),
                                    .prober = t->prober ? arena_strdup(a, t->prober) : NULL,
                                    .role = t->role,
                                    .until_ms = t->until_ms,
                                    .scoped = t->scoped};
}

void token_set_take(struct token_set *s, const struct model *m)
{
        struct arena *a = arena_new_small(4096), *old;
        struct token_known *tokens = ARENA_ARRAY(a, struct token_known, m->count[KIND_TOKENS]);
        uint32_t count = 0;

        model_each (token, t, m->tokens, m->count[KIND_TOKENS]) {
                const struct token_known one = {t->name,     t->hash,
                                                t->prober,   (enum role)t->role,
                                                t->until_ms, t->zones.count || t->pool_labels.count};
                tokens[count++] = known(a, &one);
        }
        pthread_mutex_lock(&s->lock);
        old = s->arena;
        s->arena = a;
        s->tokens = tokens;
        s->count = count;
        pthread_mutex_unlock(&s->lock);
        arena_free(old);
}

bool token_set_find(struct token_set *s, const char *secret, struct arena *a, struct token_known *out)
{
        const struct token_known *found = NULL;

        pthread_mutex_lock(&s->lock);
        for (uint32_t i = 0; i < s->count; i++)
                if (token_fits(s->tokens[i].hash, secret))
                        found = &s->tokens[i];
        if (found)
                *out = known(a, found);
        pthread_mutex_unlock(&s->lock);
        return found != NULL;
}
