/* base/pattern.h: regular expressions on bytes: PCRE2's, compiled once, with a limit on what a match may cost.
 *
 * "^" and "$" match at lines, "." does not match a line feed; letters are bytes, not UTF-8. Beginnings are tried in
 * groups, at whose first byte "\G" matches. Immutable once compiled; any thread. */
#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

#define PATTERN_STEPS_MAX 200000 /* of a match that begins at one place */
#define PATTERN_DEPTH_MAX 100000 /* of nested backtracking */
#define PATTERN_HEAP_MAX  (16 << 20)
#define PATTERN_TIME_MAX  200000 /* microseconds of the processor for all places that a match may begin at */

struct pattern {
        const char *text; /* NULL: not given */
        const void *code; /* in the arena that it was compiled in */
};

/* Compiles `text`. false with what is wrong with it, and where. */
bool pattern_compile(struct pattern *, struct arena *, char *error, size_t error_size);

enum pattern_found { PATTERN_ABSENT, PATTERN_FOUND, PATTERN_COSTLY }; /* costly: a limit was reached, nobody knows */

/* end: where the first match ends, when it was found; or NULL. */
enum pattern_found pattern_find(const struct pattern *, const char *data, size_t length, size_t *end);

#endif
