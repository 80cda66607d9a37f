/* admin/asking/health_then.h: how endpoints were at a time, as far as the events of the journal tell. Any one thread.
 */
#ifndef ADMIN_ASKING_HEALTH_THEN_H
#define ADMIN_ASKING_HEALTH_THEN_H

#include <stdbool.h>
#include <stdint.h>
#include "probes/checks/verdict.h"

struct health_then;
struct journal;

/* Reads all events, in steps that keep nobody from writing for long. journal NULL: nothing is known. */
struct health_then *health_then_read(struct journal *, int64_t wall_ms);
void health_then_free(struct health_then *); /* NULL is allowed */
/* The time of the first event that is kept; 0: there is none. */
int64_t health_then_since(const struct health_then *);

struct health_word {
        enum verdict_state state;
        int64_t up_since_ms; /* wall time at which it came up after it was down; 0: not known, or it was not down */
};
enum health_told {
        THEN_TOLD,    /* it was so */
        THEN_AS_NOW,  /* nothing has happened to it since before that time */
        THEN_UNKNOWN, /* no event tells */
};
/* Of "pool/endpoint". */
enum health_told health_then_of(const struct health_then *, const char *id, struct health_word *);

#endif
