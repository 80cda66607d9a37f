/* Slots: room for them, and which there are to decide. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "probes/health/health_private.h"

void *room_more(void *list, uint32_t before, uint32_t room, size_t size)
{
        char *more = memory_alloc(((size_t)room + 1) * size); /* zeroed pages that nobody touches cost nothing */

        if (list)
                memcpy(more, list, before * size);
        free(list);
        return more;
}

uint32_t health_slot(const struct health_table *h, const char *id)
{
        return roster_find(h->plan, id);
}

void health_stir(struct health_table *h, uint32_t slot)
{
        assert(slot < h->count);
        if (h->entries[slot].stirred)
                return;
        h->entries[slot].stirred = true;
        h->stirred[h->stirred_count++] = slot;
}

void health_stir_said(struct health_table *h, const struct prober_state *p)
{
        for (uint32_t i = 0; i < h->count; i++)
                if (p->states[i] != VERDICT_UNKNOWN)
                        health_stir(h, i);
}
