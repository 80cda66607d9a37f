/* tests/unit/readers.h: threads that ask the published snapshot all the time, and judge what they are told: while a
 * change takes effect every answer is one of before it or of after it.
 *
 * The thread that changes says when effects begin and end; all else runs on its own. One set of readers a process. */
#ifndef TESTS_UNIT_READERS_H
#define TESTS_UNIT_READERS_H

#include <stdbool.h>
#include <stddef.h>

enum effect {
        EFFECT_AT_ONCE,  /* each answer is that of before or that of after */
        EFFECT_BY_POOLS, /* state of many pools goes one way, pool by pool: what is in between is no worse than either:
                            where both have addresses there are addresses, and no code but theirs */
        EFFECT_ANY,      /* several changes of state, one after the other */
};

void readers_prepare(void); /* makes the questions; before any thread is started */
void readers_start(void);
void readers_stop(void);

/* All that is published between the two takes effect so. The end judges; `what_was_done` goes into a failure. */
void effect_begins(enum effect);
void effect_ends(const char *what_was_done);
/* The effect that has just ended was none: not one answer. Says which is another, or NULL. */
const char *effect_seen(void);

struct readers_counts {
        unsigned long long asked, between;
};
struct readers_counts readers_count(void); /* between: answers that were not those of before the effect */

#endif
