/* base/arena.h: memory that lives and dies together.
 *
 * An arena hands out pieces and frees them all at once. Not for use by two threads at a time. An arena may
 * have a limit: when it or the system's memory is exhausted, `arena_alloc` jumps to the handler set with
 * `arena_on_failure`; with none set, the process logs and aborts (nothing acknowledged is lost: that is on disk). */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* A new, empty arena. `limit` in bytes, 0 for none. Aborts when there is no memory at all. */
struct arena *arena_new(size_t limit);
/* One that takes little from the system while it holds little: begins with chunks of this size. */
struct arena *arena_new_small(size_t first);
void arena_limit(struct arena *, size_t limit); /* another limit from now on */
void arena_free(struct arena *);                /* NULL is allowed */
/* Frees what was allocated; memory that is likely to be needed again stays with the arena. */
void arena_reset(struct arena *);

/* Zeroed memory, aligned for any object of that size: to 8 bytes, to 16 when the size is a multiple of that
 * (`arena_alloc`); or not zeroed, aligned to 1 (`arena_bytes`). Never NULL; size 0 is allowed. */
void *arena_alloc(struct arena *, size_t size);
void *arena_bytes(struct arena *, size_t size);
char *arena_strdup(struct arena *, const char *);
char *arena_strndup(struct arena *, const char *, size_t);
void *arena_memdup(struct arena *, const void *, size_t);
char *arena_printf(struct arena *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Bytes taken from the system so far. */
size_t arena_size(const struct arena *);

/* Where to go when memory ends; NULL to unset. The handler's frame must be live. Returns the one before, so that what
 * holds something else can let go of it and pass the failure on with arena_fail. */
jmp_buf *arena_on_failure(struct arena *, jmp_buf *);
void arena_fail(struct arena *) __attribute__((noreturn));

#define ARENA_NEW(a, type)      ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_alloc((a), (size_t)(n) * sizeof(type)))

#endif
