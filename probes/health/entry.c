#include "probes/health/entry.h"

#include <stdlib.h>
#include "base/memory.h"

void entry_free(struct entry *e)
{
        if (e->pushed) {
                free(e->pushed->detail);
                free(e->pushed->who);
        }
        free(e->pushed);
        free(e->votes_ms);
        free(e->detail);
        free(e->who);
}

/* --- votes --- */

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

/* The n-th newest change of the vote, from 1. */
static uint64_t vote_ms(const struct entry *e, uint32_t n)
{
        return e->votes_ms[(e->vote_count - n) % HEALTH_CHANGES_MAX];
}

static void note_vote(struct entry *e, enum verdict_state vote, uint64_t now_ms)
{
        if (e->voted == vote)
                return;
        if (e->voted != VERDICT_UNKNOWN && e->check->monitor->quarantine.changes) {
                if (!e->votes_ms)
                        e->votes_ms = memory_alloc(HEALTH_CHANGES_MAX * sizeof(*e->votes_ms));
                e->votes_ms[e->vote_count++ % HEALTH_CHANGES_MAX] = now_ms;
        }
        e->voted = (uint8_t)vote;
}

static void note_quarantine(struct entry *e, uint64_t now_ms)
{
        const struct monitor *m = e->check->monitor;
        uint32_t n = (uint32_t)m->quarantine.changes;

        if (!n) {
                e->quarantined = false;
        } else if (!e->quarantined) {
                e->quarantined = e->vote_count >= n && now_ms - vote_ms(e, n) <= (uint64_t)m->quarantine.window_ms;
        } else if (now_ms - vote_ms(e, 1) >= (uint64_t)m->quarantine.for_ms) {
                e->quarantined = false;
                e->vote_count = 0;
        }
}

static void note_trial(struct entry *e, uint64_t now_ms)
{
        if (!e->trial_until_ms || now_ms < e->trial_until_ms)
                return;
        e->trial_until_ms = 0;
        e->wait_ms = 0;
}

void entry_hear(struct entry *e, const struct votes *v, uint64_t now_ms)
{
        note_trial(e, now_ms);
        if (entry_paused(e) || entry_external(e))
                return;
        if (!v->up && !v->down) {
                if (e->heard && !e->silent_ms)
                        e->silent_ms = now_ms ? now_ms : 1;
                return;
        }
        bool up = quorum_met(&e->check->monitor->quorum, v->up, v->up + v->down);
        e->heard = true;
        e->silent_ms = 0;
        note_vote(e, up ? VERDICT_UP : VERDICT_DOWN, now_ms);
        note_quarantine(e, now_ms);
}

/* --- what it wants --- */

static struct wanted wanted_unheard(const struct entry *e, uint64_t now_ms)
{
        static const enum verdict_state before[] = {
                [BEFORE_WAIT] = VERDICT_UNKNOWN, [BEFORE_UP] = VERDICT_UP, [BEFORE_DOWN] = VERDICT_DOWN};
        const struct monitor *m = e->check->monitor;

        if (!e->heard)
                return (struct wanted){before[m->before_first_check], REASON_NOT_YET, false};
        if (now_ms - e->silent_ms >= (uint64_t)m->stale_after_ms)
                return (struct wanted){VERDICT_UNKNOWN, REASON_STALE, false};
        return (struct wanted){(enum verdict_state)e->state, REASON_OK, false};
}

/* What was pushed, or what the monitor says of silence. */
static struct wanted wanted_external(const struct entry *e, uint64_t now_ms)
{
        static const enum verdict_state silent[] = {
                [SILENT_UNKNOWN] = VERDICT_UNKNOWN, [SILENT_UP] = VERDICT_UP, [SILENT_DOWN] = VERDICT_DOWN};

        if (!e->pushed || e->pushed->until_ms <= now_ms)
                return (struct wanted){silent[e->check->monitor->external.when_silent], REASON_SILENT, false};
        return (struct wanted){e->pushed->state, e->pushed->state == VERDICT_UP ? REASON_OK : REASON_SAID, false};
}

struct wanted entry_wanted(const struct entry *e, const struct votes *v, uint64_t now_ms)
{
        if (entry_paused(e))
                return (struct wanted){(enum verdict_state)e->state, REASON_PAUSED, false};
        if (entry_external(e))
                return wanted_external(e, now_ms);
        if (!v->up && !v->down)
                return wanted_unheard(e, now_ms);
        if (e->quarantined)
                return (struct wanted){VERDICT_DOWN, REASON_QUARANTINE, false};
        if (e->voted == VERDICT_UP && entry_waits(e, now_ms))
                return (struct wanted){VERDICT_DOWN, REASON_BREAKER, true};
        return (struct wanted){(enum verdict_state)e->voted, REASON_OK, true};
}

/* --- trials: what comes back serves a trickle first; down again within that time, it waits, each time twice as long
 * --- */

bool entry_waits(const struct entry *e, uint64_t now_ms)
{
        return now_ms < e->closed_until_ms;
}

uint32_t entry_share(const struct entry *e)
{
        return e->trial_until_ms ? (uint32_t)e->check->monitor->breaker.half_open : 100;
}

static uint64_t next_wait(const struct entry *e)
{
        uint64_t first = (uint64_t)e->check->monitor->breaker.for_ms, most = first * HEALTH_BREAKER_MOST;

        if (!e->wait_ms)
                return first;
        return e->wait_ms * 2 < most ? e->wait_ms * 2 : most;
}

static void change_trial(struct entry *e, enum verdict_state before, bool held, uint64_t now_ms)
{
        const struct monitor *m = e->check->monitor;
        bool on_trial = e->trial_until_ms != 0;

        e->trial_until_ms = 0;
        if (m->breaker.half_open && before == VERDICT_DOWN && e->state == VERDICT_UP && !held) {
                e->trial_until_ms = now_ms + (uint64_t)m->breaker.for_ms;
        } else if (on_trial && e->state == VERDICT_DOWN) {
                e->wait_ms = next_wait(e);
                e->closed_until_ms = now_ms + e->wait_ms;
        }
}

void entry_become(struct entry *e, enum verdict_state state, bool held, uint64_t now_ms)
{
        enum verdict_state before = (enum verdict_state)e->state;

        if (before == VERDICT_DOWN)
                e->downtime_ms += now_ms - e->since_ms;
        if (before != VERDICT_UNKNOWN)
                e->changes++;
        if (before == VERDICT_UP && state == VERDICT_DOWN)
                e->down_ms = now_ms;
        e->state = (uint8_t)state;
        e->since_ms = now_ms;
        change_trial(e, before, held, now_ms);
}

/* --- time --- */

static uint64_t sooner(uint64_t a, uint64_t b)
{
        return a < b ? a : b;
}

uint64_t entry_due_ms(const struct entry *e, uint64_t now_ms)
{
        const struct monitor *m = e->check->monitor;
        uint64_t due = e->trial_until_ms ? e->trial_until_ms : ENTRY_NEVER;

        if (entry_paused(e))
                return due;
        if (entry_external(e))
                return e->pushed && e->pushed->until_ms > now_ms ? sooner(due, e->pushed->until_ms) : due;
        if (e->quarantined)
                due = sooner(due, vote_ms(e, 1) + (uint64_t)m->quarantine.for_ms);
        if (e->voted == VERDICT_UP && entry_waits(e, now_ms))
                due = sooner(due, e->closed_until_ms);
        if (e->silent_ms && e->state != VERDICT_UNKNOWN)
                due = sooner(due, e->silent_ms + (uint64_t)m->stale_after_ms);
        return due;
}
