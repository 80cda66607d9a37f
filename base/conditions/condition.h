/* base/conditions/condition.h: "down(web-eu) > 1 for 1m": conditions over figures, as people write them.
 *
 *   condition   one or several of these with `and`, `or`, `not` and parentheses; `for TIME` behind one: it has held so
 * long comparison  FIGURE ( [KIND] [NAME] ) OPERATOR NUMBER [%] FIGURE      down, healthy, rate, errors        KIND
 * endpoint, pool, service, region; without one, by the name OPERATOR    > >= < <= = !=                     % the share
 * of all that the figure counts
 *
 * A condition is parsed once and looked at many times; what it is about is read through an interface, so it knows
 * nothing of pools. Time is passed in, monotonic. One thread at a time. */
#ifndef BASE_CONDITIONS_CONDITION_H
#define BASE_CONDITIONS_CONDITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/buffer.h"
#include "base/named.h"

#define CONDITION_TEXT_MAX  500
#define CONDITION_ERROR_MAX 200
#define CONDITION_DEPTH_MAX 16
#define CONDITION_FOR_MOST  86400000 /* ms */

struct condition;

#define MEASURE_WORDS(X)                                                                                               \
        X(MEASURE_DOWN, "down")       /* endpoints that are known to be down */                                        \
        X(MEASURE_HEALTHY, "healthy") /* endpoints that are not */                                                     \
        X(MEASURE_RATE, "rate")       /* answers a second */                                                           \
        X(MEASURE_ERRORS, "errors")   /* answers a second that are errors */
enum measure_word { MEASURE_WORDS(NAMED_VALUE) };

#define MEASURE_KINDS(X)                                                                                               \
        X(MEASURE_ENDPOINT, "endpoint")                                                                                \
        X(MEASURE_POOL, "pool")                                                                                        \
        X(MEASURE_SERVICE, "service")                                                                                  \
        X(MEASURE_REGION, "region")                                                                                    \
        X(MEASURE_BY_NAME, "") /* whatever has the name */
enum measure_kind { MEASURE_KINDS(NAMED_VALUE) };
extern const char *const measure_word_names[], *const measure_kind_names[]; /* end with NULL */

/* What is asked for: name NULL: of everything. */
struct measure {
        enum measure_word word;
        enum measure_kind kind;
        const char *name;
        unsigned column; /* where the name stands, from 1 */
};

struct measure_value {
        double value, total; /* of so many */
};
/* false: it is not known. */
typedef bool measure_read(void *context, const struct measure *, struct measure_value *);

/* It lives in the arena. NULL with an error that names the column and what was expected. */
struct condition *condition_parse(struct arena *, const char *text, char error[CONDITION_ERROR_MAX]);
/* Calls `visit` with each figure, in the order in which they are written. */
typedef void measure_visit(void *context, const struct measure *);
void condition_figures(const struct condition *, measure_visit *, void *context);

/* What is not known makes nothing true and nothing false. */
enum condition_state { CONDITION_FAILS, CONDITION_UNKNOWN, CONDITION_HOLDS };
enum condition_state condition_look(struct condition *, measure_read *, void *context, uint64_t now_ms);
/* The figures as they were looked at last: "down(web-eu) is 2". */
void condition_tell(const struct condition *, struct buffer *);

#endif
