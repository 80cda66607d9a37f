#include "zones/answers/pages.h"

#include <string.h>

/* A list of our own, long enough for `count` pages. */
static void take_list(struct blocks *blocks, struct pages *p, const struct pages *before, uint32_t count)
{
        bool shared = before && p->list == before->list;

        if (!shared && count <= p->count)
                return;
        uint32_t most = count > p->count ? count : p->count;
        const struct items_page **list = block_new(blocks, most * sizeof(*list));
        if (p->count)
                memcpy(list, p->list, p->count * sizeof(*list));
        if (p->apart)
                block_replaced(blocks, p->list);
        p->list = list;
        p->apart = !blocks->arena;
        for (; p->count < most; p->count++) {
                struct items_page *page = block_new(blocks, sizeof(*page));
                page->apart = !blocks->arena;
                list[p->count] = page;
        }
}

void pages_put(struct blocks *blocks, struct pages *p, const struct pages *before, uint32_t number, const void *item)
{
        uint32_t at = number / PAGE_ITEMS;

        if (pages_get(p, number) == item)
                return;
        take_list(blocks, p, before, at + 1);
        if (before && at < before->count && p->list[at] == before->list[at]) {
                struct items_page *page = block_new(blocks, sizeof(*page));
                memcpy(page, p->list[at], sizeof(*page));
                page->apart = !blocks->arena;
                if (p->list[at]->apart)
                        block_replaced(blocks, p->list[at]);
                p->list[at] = page;
        }
        ((struct items_page *)p->list[at])->items[number % PAGE_ITEMS] = item;
}
