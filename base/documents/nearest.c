#include "base/documents/nearest.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DISTANCE_MAX 3 /* edits */
#define WORD_MAX     62

/* Edits between two words. */
static unsigned distance(const char *a, const char *b)
{
        unsigned row[WORD_MAX + 1];
        size_t m = strlen(b);

        for (size_t j = 0; j <= m; j++)
                row[j] = (unsigned)j;
        for (size_t i = 1; a[i - 1]; i++) {
                unsigned corner = row[0];
                row[0] = (unsigned)i;
                for (size_t j = 1; j <= m; j++) {
                        unsigned above = row[j], cost = corner + (a[i - 1] != b[j - 1]);
                        unsigned least = above + 1 < row[j - 1] + 1 ? above + 1 : row[j - 1] + 1;
                        row[j] = cost < least ? cost : least;
                        corner = above;
                }
        }
        return row[m];
}

void nearest_try(struct nearest *n, const char *word)
{
        size_t length = strlen(word), wanted = strlen(n->wanted);
        size_t apart = length > wanted ? length - wanted : wanted - length;

        if (apart > DISTANCE_MAX || length > WORD_MAX || wanted > WORD_MAX)
                return;
        unsigned d = distance(n->wanted, word);
        bool nearer = !n->found || d < n->distance || (d == n->distance && strcmp(word, n->found) < 0);
        if (d <= DISTANCE_MAX && d < length && nearer) {
                n->found = word;
                n->distance = d;
        }
}
