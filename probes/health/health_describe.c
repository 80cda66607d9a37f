/* Health for people: what is in force, why, and who says so. */
#include "base/clock.h"
#include "probes/health/health_private.h"

static const char *or_empty(const char *text)
{
        return text ? text : "";
}

static void describe_verdict(const struct prober_state *p, uint32_t slot, struct doc *list, struct arena *a)
{
        struct doc *one = doc_add_map(a, list, NULL);
        const struct said *said = &p->said[slot];
        char time[CLOCK_TEXT_MAX];

        doc_add_string(a, one, "prober", p->name);
        doc_add_string(a, one, "state", verdict_state_name((enum verdict_state)p->states[slot]));
        doc_add_string(a, one, "reason", reason_name((enum reason)said->reason));
        doc_add_string(a, one, "detail", or_empty(said->detail));
        doc_add_real(a, one, "rtt_ms", (double)said->rtt_us / 1000);
        doc_add_string(a, one, "since", clock_format(said->since_ms, time));
        doc_add_bool(a, one, "live", p->live);
        doc_add_bool(a, one, "trusted", p->trusted);
}

static void describe_quorum(const struct health_table *h, uint32_t slot, struct doc *d, struct arena *a)
{
        const struct quorum *q = &h->entries[slot].check->monitor->quorum;
        struct doc *one = doc_add_map(a, d, "quorum");
        struct votes v = health_votes(h, slot);

        if (q->rule == QUORUM_COUNT)
                doc_add_format(a, one, "rule", "%lld", (long long)q->n);
        else if (q->rule == QUORUM_PERCENT)
                doc_add_format(a, one, "rule", "%lld%%", (long long)q->n);
        else
                doc_add_string(a, one, "rule", quorum_rule_names[q->rule]);
        doc_add_int(a, one, "up", v.up);
        doc_add_int(a, one, "down", v.down);
}

/* What keeps it from being what probers say; REASON_OK: nothing does. */
static enum reason hindrance(const struct entry *e, uint64_t now_ms)
{
        if (entry_paused(e))
                return REASON_PAUSED;
        if (e->held)
                return REASON_HELD;
        if (e->quarantined)
                return REASON_QUARANTINE;
        return e->voted == VERDICT_UP && entry_waits(e, now_ms) ? REASON_BREAKER : REASON_OK;
}

/* Why it is what it is now: what hinders it, the newest word of a prober that says so, or what was said when it became
 * so. */
static void describe_reason(const struct health_table *h, const struct entry *e, uint32_t slot, struct doc *d,
                            struct arena *a, uint64_t now_ms)
{
        struct votes v = health_votes(h, slot);
        enum reason reason = hindrance(e, now_ms);
        bool said_now = !reason && (e->state == VERDICT_UP ? v.up : e->state == VERDICT_DOWN && v.down);
        const struct prober_state *p = said_now ? h->probers[e->state == VERDICT_UP ? v.up_by : v.down_by] : NULL;
        const struct said *said = p ? &p->said[slot] : NULL;

        if (!reason)
                reason = (enum reason)(said ? said->reason : e->reason);
        doc_add_string(a, d, "reason", reason_name(reason));
        doc_add_string(a, d, "detail", or_empty(said ? said->detail : e->detail));
        doc_add_string(a, d, "prober", said ? p->name : or_empty(e->who));
}

struct doc *health_describe(const struct health_table *h, const char *id, struct arena *a, uint64_t now_ms)
{
        uint32_t slot = health_slot(h, id);
        uint64_t changes, downtime_ms;
        char time[CLOCK_TEXT_MAX];

        if (slot == NO_SLOT)
                return NULL;
        const struct entry *e = &h->entries[slot];
        health_counters(h, id, now_ms, &changes, &downtime_ms);
        struct doc *d = doc_new(a, DOC_MAP);
        doc_add_string(a, d, "id", id);
        doc_add_string(a, d, "state", verdict_state_name((enum verdict_state)e->state));
        doc_add_string(a, d, "since", clock_format(clock_wall_ms() - (int64_t)(now_ms - e->since_ms), time));
        describe_reason(h, e, slot, d, a, now_ms);
        doc_add_int(a, d, "changes", (int64_t)changes);
        doc_add_int(a, d, "downtime_ms", (int64_t)downtime_ms);
        doc_add_bool(a, d, "paused", entry_paused(e));
        doc_add_bool(a, d, "quarantined", e->quarantined);
        doc_add_bool(a, d, "held", e->held);
        if (e->trial_until_ms)
                doc_add_int(a, d, "half_open_percent", e->check->monitor->breaker.half_open);
        if (entry_waits(e, now_ms))
                doc_add_int(a, d, "waits_ms", (int64_t)(e->closed_until_ms - now_ms));
        describe_quorum(h, slot, d, a);
        struct doc *list = doc_add_list(a, d, "verdicts");
        for (size_t i = 0; i < h->prober_count; i++)
                if (h->probers[i]->states[slot] != VERDICT_UNKNOWN)
                        describe_verdict(h->probers[i], slot, list, a);
        return d;
}

struct doc *health_describe_probers(const struct health_table *h, struct arena *a, uint64_t now_ms)
{
        struct doc *list = doc_new(a, DOC_LIST);

        for (size_t i = 0; i < h->prober_count; i++) {
                const struct prober_state *p = h->probers[i];
                struct doc *one = doc_add_map(a, list, NULL);
                doc_add_string(a, one, "name", p->name);
                doc_add_bool(a, one, "live", p->live);
                doc_add_bool(a, one, "trusted", p->trusted);
                doc_add_int(a, one, "last_report_ms_ago", (int64_t)(now_ms - p->last_ms));
                doc_add_int(a, one, "sequence", (int64_t)p->sequence);
                doc_add_int(a, one, "plan_revision", (int64_t)p->plan_revision);
                doc_add_int(a, one, "up", p->up);
                doc_add_int(a, one, "down", p->down);
                doc_add_int(a, one, "unknown", (int64_t)roster_count(h->plan) - p->up - p->down);
        }
        return list;
}
