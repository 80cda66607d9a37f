/* base/documents/nearest.h: the word that was probably meant, for "did you mean". Pure, any thread. */
#ifndef BASE_DOCUMENTS_NEAREST_H
#define BASE_DOCUMENTS_NEAREST_H

/* What is nearest to `wanted` so far: start with {wanted}. */
struct nearest {
        const char *wanted;
        const char *found; /* NULL: nothing is near enough */
        unsigned distance;
};

/* Of words that are as near the first in the alphabet is found, in whatever order they come. */
void nearest_try(struct nearest *, const char *word);

#endif
