/* zones/load/set.h: numbers that are wanted once each. One thread at a time. */
#ifndef ZONES_LOAD_SET_H
#define ZONES_LOAD_SET_H

#include <stdbool.h>
#include <stdint.h>

struct set {            /* begins as {0} */
        uint32_t *list; /* in the order of adding */
        uint32_t count;
        uint32_t *slots; /* place in the list + 1 */
        uint32_t mask;
};

bool set_add(struct set *, uint32_t); /* false: it was there */
void set_free(struct set *);          /* it is empty then */

#endif
