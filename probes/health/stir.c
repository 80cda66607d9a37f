/* Which entries there are to decide. */
#include <assert.h>
#include "probes/health/health_private.h"

uint32_t health_slot(const struct health_table *h, const char *id)
{
        const struct check *c = plan_find(h->plan, id);

        return c ? (uint32_t)(c - h->plan->checks) : NO_SLOT;
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
