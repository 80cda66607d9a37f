/* probes/health/due.h: which checks to look at when, the soonest first: a binary heap. One thread. */
#ifndef PROBES_HEALTH_DUE_H
#define PROBES_HEALTH_DUE_H

#include <stdint.h>

#define DUE_NONE UINT32_MAX

struct due;

struct due *due_new(uint32_t count); /* of slots 0 to count - 1 */
void due_free(struct due *);
void due_grow(struct due *, uint32_t before, uint32_t count); /* more slots */
/* When this slot is due; UINT64_MAX: not at all. Takes the place of what was set before. */
void due_set(struct due *, uint32_t slot, uint64_t at_ms);
/* Takes out one that is due by now; DUE_NONE: none is. */
uint32_t due_take(struct due *, uint64_t now_ms);

#endif
