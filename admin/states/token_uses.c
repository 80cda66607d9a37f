#include "admin/states/token_uses.h"

#include <stdlib.h>
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "zones/store/note.h"

#define NOTE_EVERY_MS 3600000

struct token_use {
        int64_t last_ms, noted_ms; /* wall time */
        bool warned, there;        /* there: the model has it */
};

struct token_uses {
        token_uses_note *note;
        void *context;
        struct map *uses;  /* by hash: struct token_use */
        bool due;          /* one may have to be noted */
        uint64_t revision; /* of the model that was looked through last */
        int64_t looked_ms;
};

static struct token_use *use_of(struct token_uses *u, const char *hash)
{
        struct token_use *use = map_get(u->uses, hash);

        if (!use) {
                use = memory_alloc(sizeof(*use));
                map_set(u->uses, hash, use);
        }
        return use;
}

static void take_note(void *context, const char *hash, int64_t time_ms)
{
        struct token_use *use = use_of(context, hash);

        use->last_ms = use->noted_ms = time_ms;
}

struct token_uses *token_uses_open(struct store *store, token_uses_note *note, void *context)
{
        struct token_uses *u = memory_alloc(sizeof(*u));
        char error[STORE_ERROR_MAX];
        struct store_txn *txn = store_read(store, error, sizeof(error));

        u->note = note;
        u->context = context;
        u->uses = map_new();
        if (txn) {
                store_notes_each(txn, take_note, u);
                store_end(txn);
        }
        return u;
}

/* Where it cannot be written, it is tried again in an hour. */
static void write_notes(struct token_uses *u, int64_t every_ms)
{
        struct token_use *use;
        const char *hash;
        void *value;

        for (size_t at = 0; map_next(u->uses, &at, &hash, &value);) {
                use = value;
                if (use->last_ms - use->noted_ms < every_ms || use->last_ms == use->noted_ms)
                        continue;
                use->noted_ms = use->last_ms;
                u->note(u->context, hash, use->last_ms);
        }
        u->due = false;
}

void token_uses_close(struct token_uses *u)
{
        const char *hash;
        void *value;

        if (!u)
                return;
        write_notes(u, 0);
        for (size_t at = 0; map_next(u->uses, &at, &hash, &value);)
                free(value);
        map_free(u->uses);
        free(u);
}

void token_uses_take(struct token_uses *u, const struct token *t, int64_t wall_ms)
{
        struct token_use *use = use_of(u, t->hash);

        use->last_ms = wall_ms;
        u->due |= wall_ms - use->noted_ms >= NOTE_EVERY_MS || wall_ms < use->noted_ms;
}

int64_t token_uses_last(const struct token_uses *u, const struct token *t)
{
        const struct token_use *use = map_get(u->uses, t->hash);

        return use ? use->last_ms : 0;
}

static bool ends_soon(const struct token *t, int64_t wall_ms)
{
        return t->until_ms > wall_ms && t->until_ms - wall_ms <= TOKEN_ENDS_SOON_MS;
}

static void warn(struct token_uses *u, const struct token *t)
{
        struct token_use *use = use_of(u, t->hash);
        char time[CLOCK_TEXT_MAX];

        if (!use->warned)
                log_warning("api", "the token \"%s\" ends at %s: make another before", t->name,
                            clock_format(t->until_ms, time));
        use->warned = true;
}

/* Lets go of tokens that are deleted. */
static void forget(struct token_uses *u, const struct model *m)
{
        const char *hash;
        void *value;

        for (size_t at = 0; map_next(u->uses, &at, &hash, &value);)
                ((struct token_use *)value)->there = false;
        model_each (token, t, m->tokens, m->count[KIND_TOKENS]) {
                struct token_use *use = map_get(u->uses, t->hash);
                if (use)
                        use->there = true;
        }
        for (size_t at = 0; map_next(u->uses, &at, &hash, &value);) {
                struct token_use *use = value;
                if (use->there)
                        continue;
                if (use->noted_ms)
                        u->note(u->context, hash, 0);
                map_remove(u->uses, hash);
                free(use);
                at = 0;
        }
}

void token_uses_tick(struct token_uses *u, const struct model *m, int64_t wall_ms)
{
        if (m->revision != u->revision)
                forget(u, m);
        if (m->revision != u->revision || wall_ms - u->looked_ms >= NOTE_EVERY_MS || wall_ms < u->looked_ms) {
                model_each (token, t, m->tokens, m->count[KIND_TOKENS])
                        if (ends_soon(t, wall_ms))
                                warn(u, t);
                u->revision = m->revision;
                u->looked_ms = wall_ms;
        }
        if (u->due)
                write_notes(u, NOTE_EVERY_MS);
}

uint32_t tokens_ending(const struct model *m, int64_t wall_ms, int64_t *first_ms)
{
        uint32_t count = 0;

        *first_ms = INT64_MAX;
        model_each (token, t, m->tokens, m->count[KIND_TOKENS])
                if (ends_soon(t, wall_ms)) {
                        count++;
                        *first_ms = t->until_ms < *first_ms ? t->until_ms : *first_ms;
                }
        return count;
}
