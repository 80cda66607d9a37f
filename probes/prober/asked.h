/* probes/prober/asked.h: checks that a gslbd wants tried at once, as the reply to a report says it. Each reply says all
 * that is wanted; what the next does not say any more is not spoken of any more either, so that neither an older gslbd
 * nor an older prober is told anything that it does not know. */
#ifndef PROBES_PROBER_ASKED_H
#define PROBES_PROBER_ASKED_H

#include "probes/checks/verdict.h"

struct try_asked {
        const char *id; /* the check's */
        uint64_t number;
};

/* {try: [{id, number}]} */
struct doc *asked_to_doc(const struct try_asked *, uint32_t count, struct arena *);
/* A reply to a report; strings point into the arena, there are at most TRIES_MOST. What is not a valid one asks for
 * nothing: NULL. */
const struct try_asked *asked_from_text(const char *text, size_t length, struct arena *, uint32_t *count);

#endif
