#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"

#define CHUNK_FIRST   ((size_t)64 << 10)
#define CHUNK_LARGEST ((size_t)4 << 20)
#define ALIGNMENT     16

struct chunk {
        struct chunk *next;
        size_t size;
        _Alignas(ALIGNMENT) char data[];
};

struct arena {
        struct chunk *chunks;
        char *at, *end; /* what is left of the newest chunk */
        size_t chunk_size, limit, taken;
        jmp_buf *failure;
};

struct arena *arena_new(size_t limit)
{
        struct arena *a = calloc(1, sizeof(*a));
        if (!a) {
                log_error("memory", "out of memory");
                abort();
        }
        a->chunk_size = CHUNK_FIRST;
        a->limit = limit;
        return a;
}

struct arena *arena_new_small(size_t first)
{
        struct arena *a = arena_new(0);

        a->chunk_size = first;
        return a;
}

void arena_limit(struct arena *a, size_t limit)
{
        a->limit = limit;
}

void arena_free(struct arena *a)
{
        if (!a)
                return;
        for (struct chunk *c = a->chunks, *next; c; c = next) {
                next = c->next;
                free(c);
        }
        free(a);
}

void arena_reset(struct arena *a)
{
        struct chunk *kept = a->chunks;

        if (!kept)
                return;
        for (struct chunk *c = kept->next, *next; c; c = next) {
                next = c->next;
                free(c);
        }
        kept->next = NULL;
        a->taken = kept->size + sizeof(*kept);
        a->at = kept->data;
        a->end = kept->data + kept->size;
}

void arena_fail(struct arena *a)
{
        if (a->failure)
                longjmp(*a->failure, 1);
        log_error("memory", "out of memory after %zu bytes", a->taken);
        abort();
}

static struct chunk *chunk_add(struct arena *a, size_t size)
{
        size_t whole = size + sizeof(struct chunk);
        if (whole < size || (a->limit && (a->taken + whole > a->limit || a->taken + whole < whole)))
                arena_fail(a);
        struct chunk *c = malloc(whole);
        if (!c)
                arena_fail(a);
        c->size = size;
        c->next = a->chunks;
        a->chunks = c;
        a->taken += whole;
        return c;
}

/* How large the next chunk for `size` may be: near the limit, what is left of it. */
static size_t chunk_fitting(const struct arena *a, size_t size)
{
        if (!a->limit || a->limit - a->taken >= a->chunk_size + sizeof(struct chunk))
                return a->chunk_size;
        size_t left = a->limit - a->taken;
        return left > size + sizeof(struct chunk) ? left - sizeof(struct chunk) : size;
}

/* An object too large for the chunk at hand: its own chunk when it is large, else a new chunk for it and others. */
static void *take_slow(struct arena *a, size_t size)
{
        if (size > a->chunk_size / 4) {
                struct chunk *c = chunk_add(a, size);
                return c->data;
        }
        struct chunk *c = chunk_add(a, chunk_fitting(a, size));
        a->at = c->data + size;
        a->end = c->data + c->size;
        if (a->chunk_size < CHUNK_LARGEST)
                a->chunk_size *= 2;
        return c->data;
}

static void *take(struct arena *a, size_t size, size_t alignment)
{
        size_t skip = -(uintptr_t)a->at & (alignment - 1);
        size_t left = (size_t)(a->end - a->at);
        if (!a->at || skip > left || size > left - skip)
                return take_slow(a, size);
        char *p = a->at + skip;
        a->at = p + size;
        return p;
}

/* What an object of this size can need: only one whose size is a multiple of 16 is aligned to that. */
static size_t alignment_of(size_t size)
{
        return size % ALIGNMENT ? ALIGNMENT / 2 : ALIGNMENT;
}

void *arena_alloc(struct arena *a, size_t size)
{
        return memset(take(a, size, alignment_of(size)), 0, size);
}

void *arena_bytes(struct arena *a, size_t size)
{
        return take(a, size, 1);
}

void *arena_memdup(struct arena *a, const void *data, size_t size)
{
        void *copy = take(a, size, alignment_of(size));
        if (size)
                memcpy(copy, data, size);
        return copy;
}

char *arena_strndup(struct arena *a, const char *text, size_t length)
{
        char *copy = take(a, length + 1, 1);
        memcpy(copy, text, length);
        copy[length] = '\0';
        return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
        return arena_strndup(a, text, strlen(text));
}

char *arena_printf(struct arena *a, const char *format, ...)
{
        va_list args, again;

        va_start(args, format);
        va_copy(again, args);
        int length = vsnprintf(NULL, 0, format, args);
        char *text = take(a, (size_t)(length < 0 ? 0 : length) + 1, 1);
        text[0] = '\0';
        vsnprintf(text, (size_t)(length < 0 ? 0 : length) + 1, format, again);
        va_end(again);
        va_end(args);
        return text;
}

size_t arena_size(const struct arena *a)
{
        return a->taken;
}

jmp_buf *arena_on_failure(struct arena *a, jmp_buf *failure)
{
        jmp_buf *before = a->failure;

        a->failure = failure;
        return before;
}
