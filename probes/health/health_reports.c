/* What probers report, and the round trips that come of it. */
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "probes/health/health_private.h"

#define INTERVAL_MOST_MS 10000 /* between reports, that a prober is given */

/* --- reports --- */

static void note_report(struct health_table *h, struct prober_state *p, uint64_t now_ms)
{
        uint64_t gap = h->listened_ms - p->heard_ms, smoothed = (p->interval_ms * 3 + gap) / 4;

        if (p->live)
                p->interval_ms = smoothed < REPORT_INTERVAL_MS ? REPORT_INTERVAL_MS
                                 : smoothed > INTERVAL_MOST_MS ? INTERVAL_MOST_MS
                                                               : smoothed;
        p->last_ms = now_ms;
        p->heard_ms = h->listened_ms;
}

static bool is_newer(const struct prober_state *p, const struct report *r)
{
        if (r->boot == p->boot)
                return r->sequence > p->sequence;
        for (uint32_t i = 0; i < p->boot_count && i < PROBER_BOOTS; i++)
                if (p->boots_before[i] == r->boot)
                        return false;
        return true;
}

static void take_identity(struct prober_state *p, const struct report *r)
{
        if (r->boot != p->boot && p->sequence)
                p->boots_before[p->boot_count++ % PROBER_BOOTS] = p->boot;
        p->boot = r->boot;
        p->sequence = r->sequence;
        p->plan_revision = r->plan_revision;
}

static void take_detail(struct said *s, const char *detail)
{
        if (!strcmp(s->detail ? s->detail : "", detail))
                return;
        free(s->detail);
        s->detail = *detail ? memory_strdup(detail) : NULL;
}

static void take_round_trip(struct health_table *h, uint32_t slot, struct said *s, uint32_t rtt_us)
{
        bool changed = s->rtt_us != rtt_us;

        s->rtt_us = rtt_us;
        if (!changed || h->round_trip_new[slot])
                return;
        h->round_trip_new[slot] = true;
        h->round_trips[h->round_trip_count++] = slot;
}

/* Reports are in the order of plans: the next check is most likely the one that is told of. */
static uint32_t slot_after(const struct health_table *h, uint32_t likely, const char *id)
{
        if (likely < h->count && h->entries[likely].check && !strcmp(h->entries[likely].check->id, id))
                return likely;
        return health_slot(h, id);
}

/* Full state: what is not in it is not known any more. */
static void take_verdicts(struct health_table *h, struct prober_state *p, const struct report *r)
{
        uint32_t likely = 0;

        memset(p->states, VERDICT_UNKNOWN, h->count);
        p->up = p->down = 0;
        for (uint32_t i = 0; i < r->count; i++) {
                const struct verdict *v = &r->verdicts[i];
                uint32_t slot = slot_after(h, likely, v->id);
                if (slot == NO_SLOT)
                        continue;
                likely = slot + 1;
                if (!check_is_for(h->entries[slot].check, p->name) || p->states[slot] != VERDICT_UNKNOWN)
                        continue;
                p->states[slot] = v->state;
                p->said[slot].reason = v->reason;
                p->said[slot].since_ms = v->since_ms;
                take_round_trip(h, slot, &p->said[slot], v->state == VERDICT_UP ? v->rtt_us : 0);
                take_detail(&p->said[slot], v->detail);
                p->up += v->state == VERDICT_UP;
                p->down += v->state == VERDICT_DOWN;
        }
}

bool health_report(struct health_table *h, const struct report *r, uint64_t now_ms)
{
        health_begin(h, now_ms);
        struct prober_state *p = prober_find_or_make(h, r->prober);
        if (!p || !is_newer(p, r))
                return false;
        uint8_t *before = memory_alloc(h->count + 1); /* what it said of each that counted until now */
        if (p->live)
                memcpy(before, p->states, h->count);
        take_identity(p, r);
        note_report(h, p, now_ms);
        take_verdicts(h, p, r);
        p->live = true;
        trust_count_changes(h, p, before);
        for (uint32_t i = 0; i < h->count; i++)
                if (p->states[i] != before[i])
                        health_stir(h, i);
        free(before);
        health_settle(h, now_ms);
        return true;
}

/* --- round trips --- */

struct measured {
        uint32_t region, rtt_us;
};

static int compare_measured(const void *a, const void *b)
{
        const struct measured *x = a, *y = b;

        if (x->region != y->region)
                return x->region < y->region ? -1 : 1;
        return x->rtt_us < y->rtt_us ? -1 : x->rtt_us > y->rtt_us;
}

/* The lower of the two middle ones when there are two. */
static uint32_t median(struct measured *list, size_t count)
{
        qsort(list, count, sizeof(*list), compare_measured);
        return list[(count - 1) / 2].rtt_us;
}

static size_t measure(const struct health_table *h, uint32_t slot, struct measured list[HEALTH_PROBERS_MAX])
{
        size_t count = 0;

        for (size_t i = 0; i < h->prober_count; i++) {
                const struct prober_state *p = h->probers[i];
                if (p->live && p->trusted && p->states[slot] == VERDICT_UP && p->said[slot].rtt_us)
                        list[count++] = (struct measured){p->region, p->said[slot].rtt_us};
        }
        return count;
}

void health_round_trips(struct health_table *h, health_round_trip *tell, void *context)
{
        struct measured list[HEALTH_PROBERS_MAX];

        for (uint32_t i = 0; i < h->round_trip_count; i++) {
                uint32_t slot = h->round_trips[i];
                const struct check *check = h->entries[slot].check;
                h->round_trip_new[slot] = false;
                size_t count = check ? measure(h, slot, list) : 0;
                if (!count)
                        continue;
                qsort(list, count, sizeof(*list), compare_measured);
                for (size_t from = 0, to; from < count; from = to) {
                        for (to = from + 1; to < count && list[to].region == list[from].region; to++)
                                ;
                        if (list[from].region != HEALTH_NOWHERE)
                                tell(context, check, list[from].region, median(list + from, to - from));
                }
                for (size_t n = 0; n < count; n++)
                        list[n].region = HEALTH_NOWHERE;
                tell(context, check, HEALTH_NOWHERE, median(list, count));
        }
        h->round_trip_count = 0;
}
