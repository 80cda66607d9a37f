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
        p->states = memory_alloc((size_t)h->room + 1);
        p->said = memory_alloc(((size_t)h->room + 1) * sizeof(*p->said));
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

void prober_make_room(struct prober_state *p, uint32_t before, uint32_t room)
{
        p->states = room_more(p->states, before, room, sizeof(*p->states));
        p->said = room_more(p->said, before, room, sizeof(*p->said));
}

void prober_unsay(struct health_table *h, struct prober_state *p, uint32_t slot)
{
        bool up = p->states[slot] == VERDICT_UP, down = p->states[slot] == VERDICT_DOWN;

        free(p->said[slot].detail);
        p->said[slot] = (struct said){0};
        p->states[slot] = VERDICT_UNKNOWN;
        p->up -= up;
        p->down -= down;
        if (!p->live || (!up && !down))
                return;
        h->tally[slot].up -= up;
        h->tally[slot].known--;
        h->tally_changed = true;
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
