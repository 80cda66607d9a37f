#include "zones/answers/blocks.h"

#include <stdlib.h>
#include "base/memory.h"

/* In front of what lies apart. */
struct block {
        struct block *next, **link;
};

_Static_assert(sizeof(struct block) % 16 == 0, "blocks are aligned to 16 bytes");

static void block_link(struct block *b, struct block **list)
{
        b->next = *list;
        b->link = list;
        if (b->next)
                b->next->link = &b->next;
        *list = b;
}

static void block_unlink(struct block *b)
{
        *b->link = b->next;
        if (b->next)
                b->next->link = b->link;
}

void *block_new(struct blocks *blocks, size_t size)
{
        if (blocks->arena)
                return arena_alloc(blocks->arena, size);
        struct block *b = memory_alloc(sizeof(*b) + size);
        block_link(b, &blocks->made);
        return b + 1;
}

void block_replaced(struct blocks *blocks, const void *block)
{
        if (blocks->replaced_count == blocks->replaced_capacity) {
                blocks->replaced_capacity = blocks->replaced_capacity ? blocks->replaced_capacity * 2 : 16;
                blocks->replaced =
                        memory_resize(blocks->replaced, blocks->replaced_capacity * sizeof(*blocks->replaced));
        }
        blocks->replaced[blocks->replaced_count++] = (void *)block;
}

static void forget_replaced(struct blocks *blocks)
{
        free(blocks->replaced);
        blocks->replaced = NULL;
        blocks->replaced_count = blocks->replaced_capacity = 0;
}

struct block *blocks_keep(struct blocks *blocks, struct blocks *live)
{
        struct block *old = NULL, *b, *next;

        for (size_t i = 0; i < blocks->replaced_count; i++) {
                b = (struct block *)blocks->replaced[i] - 1;
                block_unlink(b);
                block_link(b, &old);
        }
        for (b = blocks->made; b; b = next) {
                next = b->next;
                block_link(b, &live->made);
        }
        blocks->made = NULL;
        forget_replaced(blocks);
        return old;
}

void blocks_drop(struct blocks *blocks)
{
        blocks_free(blocks->made);
        blocks->made = NULL;
        forget_replaced(blocks);
}

void blocks_free(struct block *list)
{
        for (struct block *next; list; list = next) {
                next = list->next;
                free(list);
        }
}
