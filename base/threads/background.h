/* base/threads/background.h: a thread that does one piece of work at a time, for one that must not wait for it.
 *
 * What is done is owned by the thread from background_give to background_take. All calls come from one thread, but for
 * `wake`, which is called on the other one. */
#ifndef BASE_THREADS_BACKGROUND_H
#define BASE_THREADS_BACKGROUND_H

#include <stdbool.h>
#include <stddef.h>

struct background;

/* `wake` is called each time that a piece is done. NULL with `error`: what of the thread there is none. */
struct background *background_start(const char *what, void (*wake)(void *context), void *context, char *error,
                                    size_t error_size);
/* What was given is done first. NULL is allowed. */
void background_stop(struct background *);

/* Nothing is under way. */
void background_give(struct background *, void (*work)(void *piece), void *piece);
/* The piece that is done; NULL: it is not yet, or there is none. */
void *background_take(struct background *);
/* The same, but waits for it. */
void *background_wait(struct background *);

#endif
