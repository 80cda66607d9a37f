/* tests/unit/afresh.h: a process of its own that takes up stores as one does that has just been started, and tells what
 * it sees: what a configuration comes to without anything that was before. */
#ifndef TESTS_UNIT_AFRESH_H
#define TESTS_UNIT_AFRESH_H

#include "tests/unit/plane.h"

struct afresh;

/* Starts it; before any thread is started. Stores are handed to it as `directory`/data.mdb. */
struct afresh *afresh_start(const char *directory, const char *geo);
void afresh_stop(struct afresh *);

/* What plane_tell tells of a copy of the store in `from`, with the same health: to be freed. */
char *afresh_tell(struct afresh *, const char *from, const struct plane_health *, unsigned step);
/* What is wrong with a copy of that store with the changes, sorted lines: "" when it is valid. To be freed. */
char *afresh_problems(struct afresh *, const char *from, const struct change *, size_t count);

/* Problems in that form; to be freed. */
char *sorted_problems(const struct problems *);

#endif
