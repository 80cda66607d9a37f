#include "probes/health/due.h"

#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

struct due {
        uint32_t *heap;   /* slots */
        uint32_t *places; /* by slot: place in the heap + 1; 0: it is not in */
        uint64_t *at_ms;  /* by slot */
        uint32_t count;
};

struct due *due_new(uint32_t count)
{
        struct due *d = memory_alloc(sizeof(*d));

        d->heap = memory_alloc((count + 1) * sizeof(*d->heap));
        d->places = memory_alloc((count + 1) * sizeof(*d->places));
        d->at_ms = memory_alloc((count + 1) * sizeof(*d->at_ms));
        return d;
}

void due_free(struct due *d)
{
        if (!d)
                return;
        free(d->heap);
        free(d->places);
        free(d->at_ms);
        free(d);
}

void due_grow(struct due *d, uint32_t before, uint32_t count)
{
        d->heap = memory_resize(d->heap, (count + 1) * sizeof(*d->heap));
        d->places = memory_resize(d->places, (count + 1) * sizeof(*d->places));
        d->at_ms = memory_resize(d->at_ms, (count + 1) * sizeof(*d->at_ms));
        memset(d->places + before, 0, (count + 1 - before) * sizeof(*d->places));
}

static void due_put(struct due *d, uint32_t place, uint32_t slot)
{
        d->heap[place] = slot;
        d->places[slot] = place + 1;
}

static void rise(struct due *d, uint32_t place)
{
        uint32_t slot = d->heap[place];

        for (; place && d->at_ms[slot] < d->at_ms[d->heap[(place - 1) / 2]]; place = (place - 1) / 2)
                due_put(d, place, d->heap[(place - 1) / 2]);
        due_put(d, place, slot);
}

static void sink(struct due *d, uint32_t place)
{
        uint32_t slot = d->heap[place];

        for (uint32_t child; (child = place * 2 + 1) < d->count; place = child) {
                if (child + 1 < d->count && d->at_ms[d->heap[child + 1]] < d->at_ms[d->heap[child]])
                        child++;
                if (d->at_ms[slot] <= d->at_ms[d->heap[child]])
                        break;
                due_put(d, place, d->heap[child]);
        }
        due_put(d, place, slot);
}

static void take_out(struct due *d, uint32_t place)
{
        uint32_t last = d->heap[--d->count];

        d->places[d->heap[place]] = 0;
        if (place == d->count)
                return;
        due_put(d, place, last);
        sink(d, place);
        rise(d, d->places[last] - 1);
}

void due_set(struct due *d, uint32_t slot, uint64_t at_ms)
{
        uint32_t place = d->places[slot];

        if (place && at_ms == d->at_ms[slot])
                return;
        if (place)
                take_out(d, place - 1);
        if (at_ms == UINT64_MAX)
                return;
        d->at_ms[slot] = at_ms;
        due_put(d, d->count++, slot);
        rise(d, d->count - 1);
}

uint32_t due_take(struct due *d, uint64_t now_ms)
{
        if (!d->count || d->at_ms[d->heap[0]] > now_ms)
                return DUE_NONE;
        uint32_t slot = d->heap[0];
        take_out(d, 0);
        return slot;
}
