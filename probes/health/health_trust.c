/* Whether to trust a prober: one that alone sees everything down is cut off, not they. */
#include <stdlib.h>
#include "base/memory.h"
#include "probes/health/health_private.h"

void trust_count_changes(struct health_table *h, struct prober_state *p, const uint8_t *before)
{
        for (uint32_t i = 0; i < h->count; i++) {
                uint8_t was = p->counted ? before[i] : VERDICT_UNKNOWN, is = p->states[i];
                h->tally[i].up += (uint32_t)(is == VERDICT_UP) - (uint32_t)(was == VERDICT_UP);
                h->tally[i].known += (uint32_t)(is != VERDICT_UNKNOWN) - (uint32_t)(was != VERDICT_UNKNOWN);
        }
        p->counted = true;
}

/* A prober that fell silent does not count any more. */
static void forget_silent(struct health_table *h, uint64_t now_ms)
{
        for (size_t n = 0; n < h->prober_count; n++) {
                struct prober_state *p = h->probers[n];
                if (!p->counted || health_live(p, 0, now_ms))
                        continue;
                for (uint32_t i = 0; i < h->count; i++) {
                        h->tally[i].up -= p->states[i] == VERDICT_UP;
                        h->tally[i].known -= p->states[i] != VERDICT_UNKNOWN;
                }
                p->counted = false;
        }
}

void trust_count_all(struct health_table *h, uint64_t now_ms)
{
        free(h->tally);
        h->tally = memory_alloc((h->count + 1) * sizeof(*h->tally));
        for (size_t n = 0; n < h->prober_count; n++) {
                struct prober_state *p = h->probers[n];
                p->counted = p->last_ms && health_live(p, 0, now_ms);
                for (uint32_t i = 0; p->counted && i < h->count; i++) {
                        h->tally[i].up += p->states[i] == VERDICT_UP;
                        h->tally[i].known += p->states[i] != VERDICT_UNKNOWN;
                }
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
                        shared += h->tally[i].known > (uint32_t)p->counted;
                        up += h->tally[i].up > 0;
                }
        return shared >= DISTRUST_LEAST && up * 2 >= shared;
}

bool health_trust(struct health_table *h, uint64_t now_ms)
{
        bool changed = false;

        forget_silent(h, now_ms);
        for (size_t i = 0; i < h->prober_count; i++) {
                struct prober_state *p = h->probers[i];
                bool trusted = !sees_alone(h, p);
                changed |= trusted != p->trusted;
                p->trusted = trusted;
        }
        return changed;
}
