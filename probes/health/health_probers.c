/* Vantage points: their reports, their silence, their round trips. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "probes/health/health_private.h"

#define INTERVAL_MOST_MS 10000 /* between reports, that a prober is given */
#define LISTEN_GAP_MS    1000  /* from one call to the next; what is longer, we did not listen */

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

static struct prober_state *find_or_make(struct health_table *h, const char *name)
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

void health_set_probers(struct health_table *h, const struct health_prober *list, size_t count, uint64_t now_ms)
{
        health_begin(h, now_ms);
        probers_set_known(h, list, count);
        for (size_t i = 0; i < h->prober_count;) {
                const struct health_prober *known = find_known(h, h->probers[i]->name);
                if (known)
                        h->probers[i++]->region = known->region;
                else
                        forget(h, i);
        }
        health_settle(h, now_ms);
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

/* --- reports --- */

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
        if (likely < h->count && !strcmp(h->plan->checks[likely].id, id))
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
        struct prober_state *p = find_or_make(h, r->prober);
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
                size_t count = measure(h, slot, list);
                h->round_trip_new[slot] = false;
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
