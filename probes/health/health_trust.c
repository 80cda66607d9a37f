/* Whether to trust a prober: one that alone sees everything down is cut off, not they. */
#include <assert.h>
#include "probes/health/health_private.h"

void trust_count(struct health_table *h, const struct prober_state *p, int sign)
{
        for (uint32_t i = 0; i < h->count; i++) {
                h->tally[i].up += (uint32_t)(sign * (p->states[i] == VERDICT_UP));
                h->tally[i].known += (uint32_t)(sign * (p->states[i] != VERDICT_UNKNOWN));
        }
        h->tally_changed = true;
}

void trust_count_changes(struct health_table *h, const struct prober_state *p, const uint8_t *before)
{
        for (uint32_t i = 0; i < h->count; i++) {
                uint8_t was = before[i], is = p->states[i];
                h->tally[i].up += (uint32_t)(is == VERDICT_UP) - (uint32_t)(was == VERDICT_UP);
                h->tally[i].known += (uint32_t)(is != VERDICT_UNKNOWN) - (uint32_t)(was != VERDICT_UNKNOWN);
                h->tally_changed |= is != was;
                assert(h->tally[i].up <= h->tally[i].known); /* who says up says something */
        }
}

/* Others see at least half of that up which it sees down, and it sees nothing up. */
static bool sees_alone(const struct health_table *h, const struct prober_state *p)
{
        uint32_t shared = 0, up = 0;

        if (p->up || p->down < DISTRUST_LEAST)
                return false;
        for (uint32_t i = 0; i < h->count; i++)
                if (p->states[i] == VERDICT_DOWN) {
                        shared += h->tally[i].known > (uint32_t)p->live;
                        up += h->tally[i].up > 0;
                }
        return shared >= DISTRUST_LEAST && up * 2 >= shared;
}

void trust_judge(struct health_table *h)
{
        if (!h->tally_changed)
                return;
        h->tally_changed = false;
        for (size_t i = 0; i < h->prober_count; i++) {
                struct prober_state *p = h->probers[i];
                bool trusted = !sees_alone(h, p);
                if (trusted == p->trusted)
                        continue;
                p->trusted = trusted;
                health_stir_said(h, p);
        }
}
