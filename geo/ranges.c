#include "geo/ranges.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

#define NESTING_MAX 129 /* one network of each length */

static address_number address_to_number(const struct address *a)
{
        address_number n = 0;

        for (unsigned i = 0; i < address_bits(a) / 8; i++)
                n = n << 8 | a->bytes[i];
        return n;
}

static address_number prefix_last(const struct prefix *p)
{
        unsigned host = address_bits(&p->address) - p->length;
        address_number mask = host >= 128 ? ~(address_number)0 : ((address_number)1 << host) - 1;

        return address_to_number(&p->address) | mask;
}

static address_number last_of(const struct ranges *r)
{
        return r->bits == 128 ? ~(address_number)0 : ((address_number)1 << r->bits) - 1;
}

void ranges_begin(struct ranges *r, address_number start, uint32_t value)
{
        assert(r->count ? start >= r->starts[r->count - 1] : !start); /* ascending from 0: the search relies on it */
        if (r->count && r->starts[r->count - 1] == start) {
                r->values[r->count - 1] = value;
                if (r->count > 1 && r->values[r->count - 2] == value)
                        r->count--;
                return;
        }
        if (r->count && r->values[r->count - 1] == value)
                return;
        if (r->count == r->capacity) {
                r->capacity = r->capacity ? r->capacity * 2 : 1024;
                r->starts = memory_resize(r->starts, r->capacity * sizeof(*r->starts));
                r->values = memory_resize(r->values, r->capacity * sizeof(*r->values));
        }
        r->starts[r->count] = start;
        r->values[r->count++] = value;
}

void ranges_add(struct ranges *r, const struct prefix *p, uint32_t value)
{
        address_number start = address_to_number(&p->address), last = prefix_last(p);

        assert(address_bits(&p->address) == r->bits && !r->full && start >= r->next);
        if (start > r->next || !r->count)
                ranges_begin(r, r->next, 0);
        ranges_begin(r, start, value);
        r->full = last == last_of(r);
        r->next = last + 1;
}

void ranges_finish(struct ranges *r)
{
        if (!r->full)
                ranges_begin(r, r->next, 0);
}

void ranges_free(struct ranges *r)
{
        free(r->starts);
        free(r->values);
        *r = RANGES_INIT(r->bits);
}

/* --- networks in networks --- */

struct numbered {
        address_number start, last;
        uint8_t length;
        uint32_t value;
};

static int compare_numbered(const void *a, const void *b)
{
        const struct numbered *x = a, *y = b;

        if (x->start != y->start)
                return x->start < y->start ? -1 : 1;
        return (int)x->length - (int)y->length;
}

/* Closes the networks that end before `start`; behind each, the one around it goes on. */
static void close_before(struct ranges *r, const struct numbered **open, unsigned *depth, address_number start,
                         bool all)
{
        while (*depth && (all || open[*depth - 1]->last < start)) {
                address_number last = open[--*depth]->last;
                if (last != last_of(r))
                        ranges_begin(r, last + 1, *depth ? open[*depth - 1]->value : 0);
        }
}

void ranges_of_networks(struct ranges *r, const struct prefix *networks, size_t count)
{
        struct numbered *list = memory_alloc((count + 1) * sizeof(*list));
        const struct numbered *open[NESTING_MAX];
        unsigned depth = 0;
        size_t n = 0;

        for (size_t i = 0; i < count; i++)
                if (address_bits(&networks[i].address) == r->bits)
                        list[n++] = (struct numbered){address_to_number(&networks[i].address),
                                                      prefix_last(&networks[i]), networks[i].length, (uint32_t)i + 1};
        qsort(list, n, sizeof(*list), compare_numbered);
        ranges_begin(r, 0, 0);
        for (size_t i = 0; i < n; i++) {
                if (i && list[i].start == list[i - 1].start && list[i].length == list[i - 1].length)
                        continue; /* the same network twice: the first counts */
                close_before(r, open, &depth, list[i].start, false);
                ranges_begin(r, list[i].start, list[i].value);
                assert(depth < NESTING_MAX);
                open[depth++] = &list[i];
        }
        close_before(r, open, &depth, 0, true);
        free(list);
}
