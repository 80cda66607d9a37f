/* Vantage points: their reports, their silence, their round trips. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "probes/health/health_private.h"

#define LISTEN_GAP_MS 1000 /* from one call to the next; what is longer, we did not listen */

/* --- who they are --- */

struct prober_state *prober_find(const struct health_table *h, const char *name)
{
        for (size_t i = 0; i < h->prober_count; i++)
                if (!strcmp(h->probers[i]->name, name))
                        return h->probers[i];
        return NULL;
}

static const struct health_prober *find_known(const struct health_table *h, const char *name)
{
        for (size_t i = 0; i < h->known_count; i++)
                if (!strcmp(h->known[i].name, name))
                        return &h->known[i];
        return NULL;
}

struct prober_state *prober_find_or_make(struct health_table *h, const char *name)
{
        struct prober_state *p = prober_find(h, name);
        const struct health_prober *known = find_known(h, name);

        if (p || h->prober_count == HEALTH_PROBERS_MAX || (h->known && !known))
                return p;
        p = memory_alloc(sizeof(*p));
        snprintf(p->name, sizeof(p->name), "%s", name);
        p->region = known ? known->region : HEALTH_NOWHERE;
        p->trusted = true;
        p->interval_ms = REPORT_INTERVAL_MS;
        p->states = memory_alloc(h->count + 1);
        p->said = memory_alloc((h->count + 1) * sizeof(*p->said));
        h->probers[h->prober_count++] = p;
        return p;
}

void prober_free(struct prober_state *p, uint32_t count)
{
        for (uint32_t i = 0; i < count; i++)
                free(p->said[i].detail);
        free(p->said);
        free(p->states);
        free(p);
}

void prober_move(struct prober_state *p, uint32_t old_count, const uint32_t *old_slots, const struct plan *plan)
{
        uint8_t *states = memory_alloc(plan->count + 1);
        struct said *said = memory_alloc((plan->count + 1) * sizeof(*said));

        p->up = p->down = 0;
        for (uint32_t i = 0; i < plan->count; i++) {
                uint32_t old = old_slots[i];
                if (old == NO_SLOT || !check_is_for(&plan->checks[i], p->name))
                        continue;
                states[i] = p->states[old];
                said[i] = p->said[old];
                p->said[old].detail = NULL;
                p->up += states[i] == VERDICT_UP;
                p->down += states[i] == VERDICT_DOWN;
        }
        for (uint32_t i = 0; i < old_count; i++)
                free(p->said[i].detail);
        free(p->states);
        free(p->said);
        p->states = states;
        p->said = said;
}

static void forget(struct health_table *h, size_t index)
{
        struct prober_state *p = h->probers[index];

        if (p->live)
                trust_count(h, p, -1);
        health_stir_said(h, p);
        prober_free(p, h->count);
        h->probers[index] = h->probers[--h->prober_count];
}

void probers_set_known(struct health_table *h, const struct health_prober *list, size_t count)
{
        struct health_prober *known = memory_alloc((count + 1) * sizeof(*known));

        for (size_t i = 0; i < count; i++)
                known[i] = (struct health_prober){memory_strdup(list[i].name), list[i].region};
        for (size_t i = 0; i < h->known_count; i++)
                free((char *)h->known[i].name);
        free(h->known);
        h->known = known;
        h->known_count = count;
}

void probers_keep_known(struct health_table *h)
{
        for (size_t i = 0; i < h->prober_count;) {
                const struct health_prober *known = find_known(h, h->probers[i]->name);
                if (known)
                        h->probers[i++]->region = known->region;
                else
                        forget(h, i);
        }
}

/* --- time --- */

void probers_listen(struct health_table *h, uint64_t now_ms)
{
        uint64_t gap = now_ms > h->now_ms ? now_ms - h->now_ms : 0;

        h->listened_ms += gap < LISTEN_GAP_MS ? gap : LISTEN_GAP_MS;
        h->now_ms = now_ms;
}

void probers_tick(struct health_table *h)
{
        for (size_t i = 0; i < h->prober_count; i++) {
                struct prober_state *p = h->probers[i];
                if (!p->live || h->listened_ms - p->heard_ms < HEALTH_MISSED_MAX * p->interval_ms + HEALTH_LATE_MS)
                        continue;
                trust_count(h, p, -1);
                p->live = false;
                health_stir_said(h, p);
        }
}
