/* The circuit breaker: an endpoint that comes back serves a trickle first (half open). Down again within that time, it
 * waits before it is tried once more, each time twice as long. */
#include "probes/health/health_private.h"

bool breaker_waits(const struct entry *e, uint64_t now_ms)
{
        return now_ms < e->closed_until;
}

static void share(struct health_table *h, const struct entry *e, uint32_t percent)
{
        if (h->shared)
                h->shared(h->context, e->id, percent);
}

static uint64_t next_wait(const struct entry *e)
{
        uint64_t first = (uint64_t)e->check->monitor->breaker.for_ms, most = first * HEALTH_BREAKER_MOST;

        if (!e->wait_ms)
                return first;
        return e->wait_ms * 2 < most ? e->wait_ms * 2 : most;
}

void breaker_changed(struct health_table *h, struct entry *e, enum verdict_state before, uint64_t now_ms)
{
        const struct monitor *m = e->check->monitor;
        bool was_half_open = e->half_open_until != 0;

        e->half_open_until = 0;
        if (m->breaker.half_open && before == VERDICT_DOWN && e->state == VERDICT_UP && !e->held) {
                e->half_open_until = now_ms + (uint64_t)m->breaker.for_ms;
                share(h, e, (uint32_t)m->breaker.half_open);
                return;
        }
        if (!was_half_open)
                return;
        share(h, e, 100);
        if (e->state == VERDICT_DOWN) {
                e->wait_ms = next_wait(e);
                e->closed_until = now_ms + e->wait_ms;
        }
}

void breaker_tick(struct health_table *h, struct entry *e, uint64_t now_ms)
{
        if (!e->half_open_until || now_ms < e->half_open_until)
                return;
        e->half_open_until = 0;
        e->wait_ms = 0;
        share(h, e, 100);
}
