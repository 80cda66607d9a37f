/* base/memory.h: heap memory that never comes back NULL.
 *
 * For small, bounded things off the answer path. Exhaustion logs one line and aborts. What can be large
 * (a configuration, a snapshot) lives in an arena with a failure handler instead. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

void memory_failed(void) __attribute__((noreturn)); /* what a library says when it found none */
void *memory_alloc(size_t size);                    /* zeroed; free() it */
void *memory_resize(void *, size_t size);
char *memory_strdup(const char *);
char *memory_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Call at the start of a program that makes and frees large things: large blocks go back to the system when they are
 * freed. glibc would raise the size from which that is so as it goes along, and keep what a whole configuration took.
 */
void memory_return_large(void);
/* Gives the system back what was freed in small pieces, too: after something large went. Takes milliseconds. */
void memory_trim(void);

#endif
