/* base/best.h: the first few of many, in an order, without sorting all. One thread. */
#ifndef BASE_BEST_H
#define BASE_BEST_H

#include <stddef.h>
#include <stdlib.h>
#include "base/memory.h"

/* Below 0: `a` comes before `b`. Never 0 but for the same. */
typedef int best_order(const void *a, const void *b);

struct best {
        const void **list; /* a heap, the last of them on top; after best_sort in order */
        size_t count, room;
        best_order *order;
};

/* Keeps `room` of them. */
static inline struct best best_new(size_t room, best_order *order)
{
        return (struct best){.list = memory_alloc((room + 1) * sizeof(void *)), .room = room, .order = order};
}

static inline void best_free(struct best *b)
{
        free(b->list);
}

static inline void best_swap(struct best *b, size_t x, size_t y)
{
        const void *one = b->list[x];

        b->list[x] = b->list[y];
        b->list[y] = one;
}

/* The top of the first `count` goes down to its place. */
static inline void best_sink(struct best *b, size_t count)
{
        for (size_t at = 0, last; (last = 2 * at + 1) < count; at = last) {
                if (last + 1 < count && b->order(b->list[last], b->list[last + 1]) < 0)
                        last++;
                if (b->order(b->list[at], b->list[last]) >= 0)
                        return;
                best_swap(b, at, last);
        }
}

static inline void best_add(struct best *b, const void *item)
{
        if (b->count == b->room) {
                if (!b->room || b->order(item, b->list[0]) >= 0)
                        return;
                b->list[0] = item;
                best_sink(b, b->count);
                return;
        }
        b->list[b->count++] = item;
        for (size_t at = b->count - 1; at && b->order(b->list[(at - 1) / 2], b->list[at]) < 0; at = (at - 1) / 2)
                best_swap(b, (at - 1) / 2, at);
}

static inline void best_sort(struct best *b)
{
        for (size_t left = b->count; left > 1;) {
                best_swap(b, 0, --left);
                best_sink(b, left);
        }
}

#endif
