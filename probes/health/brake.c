/* The brake on correlated failures. What would go down by vote is first put into its list; when that is too much at
 * once, with what went down within the window, all of it stays or comes back up, until fewer say so or an operator
 * accepts it. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "probes/health/health_private.h"

static bool brake_in_force(const struct health_table *h, uint64_t now_ms)
{
        return h->brake.share < 100 && roster_count(h->plan) >= HEALTH_BRAKE_LEAST &&
               now_ms >= h->brake.accept_until_ms;
}

static void put_in(struct health_table *h, uint32_t slot)
{
        struct entry *e = &h->entries[slot];

        if (e->held)
                return;
        assert(h->brake.held_count < h->count); /* each slot at most once */
        e->held = true;
        e->held_at = h->brake.held_count;
        h->brake.held[h->brake.held_count++] = slot;
}

void brake_drop(struct health_table *h, uint32_t slot)
{
        struct entry *e = &h->entries[slot];

        if (!e->held)
                return;
        assert(e->held_at < h->brake.held_count && h->brake.held[e->held_at] == slot);
        uint32_t last = h->brake.held[--h->brake.held_count];
        h->brake.held[e->held_at] = last;
        h->entries[last].held_at = e->held_at;
        e->held = false;
}

bool brake_passes(struct health_table *h, uint32_t slot, struct wanted wanted, uint64_t now_ms)
{
        struct entry *e = &h->entries[slot];

        if (wanted.by_vote && wanted.state == VERDICT_DOWN && e->state == VERDICT_UP &&
            (e->held || brake_in_force(h, now_ms))) {
                put_in(h, slot);
                return false;
        }
        brake_drop(h, slot);
        return true;
}

void brake_note_death(struct health_table *h, uint32_t slot, uint64_t now_ms)
{
        struct brake *b = &h->brake;

        if (!brake_in_force(h, now_ms))
                return;
        if (b->death_first && b->death_count == b->death_room) {
                b->death_count -= b->death_first;
                memmove(b->deaths, b->deaths + b->death_first, b->death_count * sizeof(*b->deaths));
                b->death_first = 0;
        }
        if (b->death_count == b->death_room) {
                b->death_room = b->death_room ? b->death_room * 2 : 64;
                b->deaths = memory_resize(b->deaths, b->death_room * sizeof(*b->deaths));
        }
        b->deaths[b->death_count++] = (struct death){slot, now_ms};
}

/* It is still down of the death that was noted. */
static bool still_dead(const struct health_table *h, const struct death *d)
{
        const struct entry *e = &h->entries[d->slot];

        return e->state == VERDICT_DOWN && !e->quarantined && e->down_ms == d->at_ms;
}

static uint32_t count_deaths(struct health_table *h, uint64_t now_ms)
{
        struct brake *b = &h->brake;
        uint32_t count = 0;

        while (b->death_first < b->death_count && now_ms - b->deaths[b->death_first].at_ms > b->window_ms)
                b->death_first++;
        for (size_t i = b->death_first; i < b->death_count; i++)
                count += still_dead(h, &b->deaths[i]);
        return count;
}

bool brake_holds(struct health_table *h, uint64_t now_ms)
{
        struct brake *b = &h->brake;

        if (!brake_in_force(h, now_ms))
                return false;
        if (((uint64_t)count_deaths(h, now_ms) + b->held_count) * 100 <= (uint64_t)b->share * roster_count(h->plan))
                return false;
        for (size_t i = b->death_first; i < b->death_count; i++)
                if (still_dead(h, &b->deaths[i]))
                        put_in(h, b->deaths[i].slot);
        b->death_first = b->death_count = 0;
        return true;
}
