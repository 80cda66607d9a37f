/* zones/answers/pages.h: things of a root by number, in pages: a change copies one page and the list of pages. Workers
 * read; the control thread writes what is not published yet. */
#ifndef ZONES_ANSWERS_PAGES_H
#define ZONES_ANSWERS_PAGES_H

#include <stdint.h>
#include "zones/answers/blocks.h"

#define PAGE_ITEMS 256u

struct items_page {
        bool apart;
        const void *items[PAGE_ITEMS];
};

struct pages {
        const struct items_page **list; /* none of them NULL */
        uint32_t count;
        bool apart; /* the list is */
};

/* NULL: there is nothing of this number. */
static inline const void *pages_get(const struct pages *p, uint32_t number)
{
        return number / PAGE_ITEMS < p->count ? p->list[number / PAGE_ITEMS]->items[number % PAGE_ITEMS] : NULL;
}

/* Puts a thing (or NULL) into pages that nobody reads yet, which began as those of `before`; what of that is changed is
 * copied first. `before` may be NULL: nothing is shared. */
void pages_put(struct blocks *, struct pages *, const struct pages *before, uint32_t number, const void *item);

#endif
