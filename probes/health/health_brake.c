/* The brake on correlated failures. Changes from up to down wait until all that came at once is known; too many of them
 * are held: the endpoints stay up, also those that went down within the window before, until fewer say so or an
 * operator accepts it. */
#include <stdio.h>
#include "probes/health/health_private.h"

static bool in_force(const struct health_table *h, uint64_t now_ms)
{
        return h->brake.share < 100 && h->count >= HEALTH_BRAKE_LEAST && now_ms >= h->brake.accept_until;
}

static void wait_for_settle(struct health_table *h, struct entry *e)
{
        if (!e->pending)
                h->brake.pending++;
        e->pending = true;
}

bool brake_defers(struct health_table *h, struct entry *e, uint64_t now_ms)
{
        if (h->brake.settling || e->state != VERDICT_UP || (!in_force(h, now_ms) && !e->held))
                return false;
        wait_for_settle(h, e);
        return true;
}

void brake_forget(struct health_table *h, struct entry *e)
{
        h->brake.pending -= e->pending;
        h->brake.held -= e->held;
        e->pending = e->held = false;
}

static bool went_down_lately(const struct health_table *h, const struct entry *e, uint64_t now_ms)
{
        return e->state == VERDICT_DOWN && !e->quarantined && !entry_external(e) && e->down_at &&
               now_ms - e->down_at <= h->brake.window_ms;
}

static void hold(struct health_table *h, uint64_t now_ms)
{
        for (uint32_t i = 0; i < h->count; i++) {
                const struct verdict because = {.state = VERDICT_UP, .reason = REASON_HELD};
                struct entry *e = &h->entries[i];
                bool lately = went_down_lately(h, e, now_ms);
                if (lately)
                        wait_for_settle(h, e);
                if (e->pending && !e->held) {
                        e->held = true;
                        h->brake.held++;
                }
                if (lately)
                        entry_set_state(h, e, VERDICT_UP, &because, "", now_ms);
        }
}

static void take(struct health_table *h, uint64_t now_ms)
{
        h->brake.settling = true;
        for (uint32_t i = 0; i < h->count; i++)
                if (h->entries[i].pending) {
                        brake_forget(h, &h->entries[i]);
                        health_decide(h, i, now_ms);
                }
        h->brake.settling = false;
}

void health_settle(struct health_table *h, uint64_t now_ms)
{
        uint32_t lately = 0;

        if (!h->brake.pending)
                return;
        for (uint32_t i = 0; i < h->count; i++)
                lately += went_down_lately(h, &h->entries[i], now_ms);
        if (in_force(h, now_ms) && ((uint64_t)lately + h->brake.pending) * 100 > (uint64_t)h->brake.share * h->count)
                hold(h, now_ms);
        else
                take(h, now_ms);
}

void health_brake(struct health_table *h, uint32_t share, uint64_t window_ms)
{
        h->brake.share = share;
        h->brake.window_ms = window_ms;
}

void health_accept(struct health_table *h, uint64_t until_ms, uint64_t now_ms)
{
        h->brake.accept_until = until_ms;
        health_settle(h, now_ms);
}

uint32_t health_held(const struct health_table *h)
{
        return h->brake.held;
}
