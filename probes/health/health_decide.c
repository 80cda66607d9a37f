/* From what probers say to what is in force. */
#include <stdio.h>
#include "base/clock.h"
#include "probes/health/health_private.h"

bool health_live(const struct prober_state *p, int64_t stale_after_ms, uint64_t now_ms)
{
        uint64_t limit = stale_after_ms ? (uint64_t)stale_after_ms : HEALTH_STALE_AFTER_MS;

        return now_ms < p->last_ms || now_ms - p->last_ms < limit;
}

struct votes health_votes(const struct health_table *h, uint32_t slot, uint64_t now_ms)
{
        struct votes v = {0};

        for (uint32_t i = 0; i < h->prober_count; i++) {
                const struct prober_state *p = h->probers[i];
                uint8_t state = p->states[slot];
                if (state == VERDICT_UNKNOWN || !p->trusted ||
                    !health_live(p, h->entries[slot].check->monitor->stale_after_ms, now_ms))
                        continue;
                if (state == VERDICT_UP) {
                        v.up++;
                        v.last_up = i;
                } else {
                        v.down++;
                        v.last_down = i;
                }
        }
        return v;
}

/* Fewer probers than the quorum asks for: all of them must say up. */
static bool quorum_met(const struct quorum *q, uint32_t up, uint32_t all)
{
        switch ((enum quorum_rule)q->rule) {
        case QUORUM_ANY:
                return up >= 1;
        case QUORUM_ALL:
                return up == all;
        case QUORUM_COUNT:
                return up >= (q->n < all ? q->n : all);
        case QUORUM_PERCENT:
                return (uint64_t)up * 100 >= (uint64_t)q->n * all;
        case QUORUM_MAJORITY:
                break;
        }
        return up * 2 >= all;
}

void entry_set_state(struct health_table *h, struct entry *e, enum verdict_state state, const struct verdict *because,
                     const char *prober, uint64_t now_ms)
{
        enum verdict_state before = e->state;
        const struct health_change change = {
                e->id, state, before, because, *prober ? prober : NULL, now_ms - e->since_at};

        if (before == state)
                return;
        if (before == VERDICT_DOWN)
                e->downtime_ms += change.lasted_ms;
        if (before != VERDICT_UNKNOWN)
                e->changes++;
        if (before == VERDICT_UP && state == VERDICT_DOWN)
                e->down_at = now_ms;
        e->state = state;
        e->since_ms = clock_wall_ms();
        e->since_at = now_ms;
        e->because = because ? *because : (struct verdict){.reason = REASON_NOT_YET};
        e->because.id = NULL;
        snprintf(e->prober, sizeof(e->prober), "%s", prober);
        breaker_changed(h, e, before, now_ms);
        if (h->changed)
                h->changed(h->context, &change);
}

/* --- quarantine --- */

static void note_vote(struct entry *e, enum verdict_state vote, uint64_t now_ms)
{
        if (e->voted == vote)
                return;
        if (e->voted != VERDICT_UNKNOWN)
                e->votes_at[e->votes++ % HEALTH_CHANGES_MAX] = now_ms;
        e->voted = vote;
}

static bool in_quarantine(struct entry *e, uint64_t now_ms)
{
        const struct monitor *m = e->check->monitor;
        uint32_t n = (uint32_t)m->quarantine.changes;

        if (!n)
                return e->quarantined = false;
        if (e->quarantined) {
                uint64_t newest = e->votes_at[(e->votes - 1) % HEALTH_CHANGES_MAX];
                if (now_ms - newest < (uint64_t)m->quarantine.for_ms)
                        return true;
                e->votes = 0;
                return e->quarantined = false;
        }
        if (e->votes >= n &&
            now_ms - e->votes_at[(e->votes - n) % HEALTH_CHANGES_MAX] <= (uint64_t)m->quarantine.window_ms)
                e->quarantined = true;
        return e->quarantined;
}

/* --- deciding --- */

static void decide_without_votes(struct health_table *h, struct entry *e, uint64_t now_ms)
{
        static const enum verdict_state before[] = {
                [BEFORE_WAIT] = VERDICT_UNKNOWN, [BEFORE_UP] = VERDICT_UP, [BEFORE_DOWN] = VERDICT_DOWN};
        const struct verdict not_yet = {.reason = REASON_NOT_YET};

        brake_forget(h, e);
        if (!e->heard) {
                entry_set_state(h, e, before[e->check->monitor->before_first_check], &not_yet, "", now_ms);
                return;
        }
        if (!e->lost_ms)
                e->lost_ms = now_ms ? now_ms : 1;
        if (now_ms - e->lost_ms >= (uint64_t)e->check->monitor->stale_after_ms)
                entry_set_state(h, e, VERDICT_UNKNOWN, NULL, "", now_ms);
}

/* What was pushed, or what the monitor says of silence. */
static void decide_external(struct health_table *h, struct entry *e, uint64_t now_ms)
{
        static const enum verdict_state silent[] = {
                [SILENT_UNKNOWN] = VERDICT_UNKNOWN, [SILENT_UP] = VERDICT_UP, [SILENT_DOWN] = VERDICT_DOWN};
        const struct pushed *p = e->pushed && e->pushed->until_ms > now_ms ? e->pushed : NULL;
        enum verdict_state state = p ? p->state : silent[e->check->monitor->external.when_silent];
        enum reason reason = !p ? REASON_SILENT : state == VERDICT_UP ? REASON_OK : REASON_SAID;
        struct verdict because = {.id = e->id, .state = (uint8_t)state, .reason = (uint8_t)reason};

        snprintf(because.detail, sizeof(because.detail), "%s", p ? p->detail : "");
        if (e->state == state) {
                e->because = because;
                snprintf(e->prober, sizeof(e->prober), "%s", p ? p->who : "");
        } else {
                entry_set_state(h, e, state, &because, p ? p->who : "", now_ms);
        }
}

void health_decide(struct health_table *h, uint32_t slot, uint64_t now_ms)
{
        struct entry *e = &h->entries[slot];

        if (entry_paused(e))
                return;
        if (entry_external(e)) {
                decide_external(h, e, now_ms);
                return;
        }
        struct votes v = health_votes(h, slot, now_ms);
        if (!v.up && !v.down) {
                decide_without_votes(h, e, now_ms);
                return;
        }
        bool up = quorum_met(&e->check->monitor->quorum, v.up, v.up + v.down);
        const struct prober_state *p = h->probers[up ? v.last_up : v.last_down];
        const struct said *said = &p->said[slot];
        struct verdict because = {.id = e->id,
                                  .state = p->states[slot],
                                  .reason = said->reason,
                                  .rtt_us = said->rtt_us,
                                  .since_ms = said->since_ms};
        snprintf(because.detail, sizeof(because.detail), "%s", said->detail ? said->detail : "");
        e->heard = true;
        e->lost_ms = 0;
        note_vote(e, up ? VERDICT_UP : VERDICT_DOWN, now_ms);
        bool quarantined = in_quarantine(e, now_ms);
        if (quarantined || (up && breaker_waits(e, now_ms))) {
                because.reason = quarantined ? REASON_QUARANTINE : REASON_BREAKER;
                up = false;
        }
        if (!up && !quarantined && brake_defers(h, e, now_ms))
                return;
        brake_forget(h, e);
        entry_set_state(h, e, up ? VERDICT_UP : VERDICT_DOWN, &because, p->name, now_ms);
}

void health_decide_all(struct health_table *h, uint64_t now_ms)
{
        for (uint32_t i = 0; i < h->count; i++) {
                breaker_tick(h, &h->entries[i], now_ms);
                health_decide(h, i, now_ms);
        }
}
