/* base/documents/problems.h: what is wrong with an input, all of it, each with its place.
 *
 * Functions that validate take a `struct problems *` and add to it; the caller counts. The list is bounded:
 * after PROBLEMS_MAX only the count goes on. One thread at a time. */
#ifndef BASE_DOCUMENTS_PROBLEMS_H
#define BASE_DOCUMENTS_PROBLEMS_H

#include <stddef.h>
#include <stdint.h>

#define PROBLEMS_MAX 100

struct problem {
        char *path;    /* "pools[2].endpoints[0].weight", "" for the whole; owned */
        unsigned line; /* 1.., 0 when not known */
        char *message; /* "expected an integer from 0 to 65535, got \"ten\"" */
};

struct problems {
        struct problem *list;
        size_t count;   /* in the list */
        size_t dropped; /* beyond PROBLEMS_MAX */
};

#define PROBLEMS_INIT ((struct problems){0})

void problems_add(struct problems *, const char *path, unsigned line, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
void problems_free(struct problems *);
/* One per line: "line 12: pools[2].weight: expected ...". Caller frees. */
char *problems_text(const struct problems *);

#endif
