#include "admin/states/untold.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

#define BLOCK_SIZE ((size_t)64 << 10)

/* Records lie one behind the other in blocks, each with its three texts behind it. */
struct block {
        struct block *next;
        size_t size, from, to; /* from, to: what of data has not been taken out */
        char data[];
};

struct record {
        int64_t time_ms, until_ms;
        uint64_t lasted_ms;
        uint32_t size; /* with its texts, rounded up */
        uint8_t kind, state, before, reason;
};

struct untold {
        struct block *first, *last; /* never without one */
        size_t count, most;
        uint64_t given_up;
};

static struct block *block_new(size_t size)
{
        struct block *b = memory_alloc(sizeof(*b) + size);

        b->size = size;
        return b;
}

struct untold *untold_new(size_t most)
{
        struct untold *u = memory_alloc(sizeof(*u));

        assert(most > 0);
        u->most = most;
        u->first = u->last = block_new(BLOCK_SIZE);
        return u;
}

void untold_free(struct untold *u)
{
        if (!u)
                return;
        for (struct block *b = u->first, *next; b; b = next) {
                next = b->next;
                free(b);
        }
        free(u);
}

static char *put_text(char *at, const char *text)
{
        return stpcpy(at, text) + 1;
}

static void append(struct untold *u, const struct flip *f)
{
        struct record r = {.time_ms = f->time_ms,
                           .until_ms = f->until_ms,
                           .lasted_ms = f->lasted_ms,
                           .kind = (uint8_t)f->kind,
                           .state = (uint8_t)f->state,
                           .before = (uint8_t)f->before,
                           .reason = (uint8_t)f->reason};
        size_t texts = strlen(f->endpoint) + strlen(f->prober) + strlen(f->detail) + 3;
        size_t size = (sizeof(r) + texts + 7) & ~(size_t)7;

        r.size = (uint32_t)size;
        if (size > u->last->size - u->last->to) {
                u->last->next = block_new(size > BLOCK_SIZE ? size : BLOCK_SIZE);
                u->last = u->last->next;
        }
        char *at = u->last->data + u->last->to;
        memcpy(at, &r, sizeof(r));
        put_text(put_text(put_text(at + sizeof(r), f->endpoint), f->prober), f->detail);
        u->last->to += size;
        if (++u->count > u->most) {
                struct flip oldest;
                untold_take(u, &oldest);
                u->given_up++;
        }
}

void untold_add(struct untold *u, const struct health_change *c, int64_t time_ms)
{
        append(u, &(struct flip){.kind = FLIP_HEALTH,
                                 .time_ms = time_ms,
                                 .lasted_ms = c->lasted_ms,
                                 .state = c->state,
                                 .before = c->before,
                                 .reason = c->reason,
                                 .endpoint = c->check->id,
                                 .prober = c->prober,
                                 .detail = c->detail});
}

void untold_add_flip(struct untold *u, const struct flip *f)
{
        assert(f->kind != FLIP_HEALTH);
        struct flip whole = *f;
        whole.prober = f->prober ? f->prober : "";
        append(u, &whole);
}

/* Lets go of blocks out of which everything was taken. */
static void drop_empty(struct untold *u)
{
        while (u->first->from == u->first->to && u->first->next) {
                struct block *empty = u->first;
                u->first = empty->next;
                free(empty);
        }
        if (u->first->from == u->first->to)
                u->first->from = u->first->to = 0;
}

bool untold_take(struct untold *u, struct flip *flip)
{
        struct record r;

        if (!u->count)
                return false;
        drop_empty(u);
        const char *at = u->first->data + u->first->from;
        memcpy(&r, at, sizeof(r));
        const char *endpoint = at + sizeof(r), *prober = endpoint + strlen(endpoint) + 1;
        *flip = (struct flip){.kind = (enum flip_kind)r.kind,
                              .time_ms = r.time_ms,
                              .until_ms = r.until_ms,
                              .lasted_ms = r.lasted_ms,
                              .state = (enum verdict_state)r.state,
                              .before = (enum verdict_state)r.before,
                              .reason = (enum reason)r.reason,
                              .endpoint = endpoint,
                              .prober = prober,
                              .detail = prober + strlen(prober) + 1};
        u->first->from += r.size;
        u->count--;
        return true;
}

size_t untold_count(const struct untold *u)
{
        return u->count;
}

uint64_t untold_given_up(struct untold *u)
{
        uint64_t given_up = u->given_up;

        u->given_up = 0;
        return given_up;
}
