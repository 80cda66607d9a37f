/* Whether to trust a prober: one that alone sees everything down is cut off, not they. */
#include "probes/health_private.h"

static bool others_say_up(const struct health_table *h, const struct prober_state *p, uint32_t slot, uint64_t now_ms,
                          bool *known)
{
        bool up = false;

        for (uint32_t i = 0; i < h->prober_count; i++) {
                const struct prober_state *other = h->probers[i];
                if (other == p || other->states[slot] == VERDICT_UNKNOWN ||
                    !health_live(other, h->entries[slot].check->monitor->stale_after_ms, now_ms))
                        continue;
                *known = true;
                up |= other->states[slot] == VERDICT_UP;
        }
        return up;
}

static bool sees_alone(const struct health_table *h, const struct prober_state *p, uint64_t now_ms)
{
        uint32_t shared = 0, up = 0;

        if (p->up || p->down < DISTRUST_LEAST)
                return false;
        for (uint32_t i = 0; i < h->count; i++)
                if (p->states[i] == VERDICT_DOWN) {
                        bool known = false;
                        up += others_say_up(h, p, i, now_ms, &known);
                        shared += known;
                }
        return shared >= DISTRUST_LEAST && up * 2 >= shared;
}

bool health_trust(struct health_table *h, uint64_t now_ms)
{
        bool changed = false;

        for (uint32_t i = 0; i < h->prober_count; i++) {
                struct prober_state *p = h->probers[i];
                bool trusted = !sees_alone(h, p, now_ms);
                changed |= trusted != p->trusted;
                p->trusted = trusted;
        }
        return changed;
}
