#include "probes/health/health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/memory.h"
#include "probes/health/health_private.h"

struct health_table *health_new(health_changed *changed, health_shared *shared, void *context)
{
        struct health_table *h = memory_alloc(sizeof(*h));

        h->changed = changed;
        h->shared = shared;
        h->brake.share = 100;
        h->context = context;
        h->plan = plan_new(0);
        h->slots = map_new();
        trust_count_all(h, 0);
        return h;
}

static void prober_free(struct prober_state *p, uint32_t count)
{
        for (uint32_t i = 0; i < count; i++)
                free(p->said[i].detail);
        free(p->said);
        free(p->states);
        free(p);
}

static void entries_free(struct health_table *h)
{
        for (uint32_t i = 0; i < h->count; i++) {
                free(h->entries[i].id);
                free(h->entries[i].pushed);
        }
        free(h->entries);
}

void health_free(struct health_table *h)
{
        if (!h)
                return;
        for (size_t i = 0; i < h->prober_count; i++)
                prober_free(h->probers[i], h->count);
        entries_free(h);
        map_free(h->slots);
        plan_free(h->plan);
        free(h->tally);
        free(h);
}

uint32_t health_slot(const struct health_table *h, const char *id)
{
        return (uint32_t)(uintptr_t)map_get(h->slots, id);
}

/* --- plans --- */

static void entry_make(struct health_table *h, struct entry *e, const struct check *c, uint64_t now_ms)
{
        uint32_t slot = health_slot(h, c->id);

        if (slot) {
                *e = h->entries[slot - 1];
                h->entries[slot - 1].id = NULL;
                h->entries[slot - 1].pushed = NULL;
                return;
        }
        e->id = memory_strdup(c->id);
        e->since_ms = clock_wall_ms();
        e->since_at = now_ms;
        e->because.reason = REASON_NOT_YET;
}

/* What it says moves to the slots of the new plan. */
static void prober_move(struct health_table *h, struct prober_state *p, const struct plan *plan)
{
        uint8_t *states = memory_alloc(plan->count + 1);
        struct said *said = memory_alloc((plan->count + 1) * sizeof(*said));

        p->up = p->down = 0;
        for (uint32_t i = 0; i < plan->count; i++) {
                uint32_t old = health_slot(h, plan->checks[i].id);
                if (!old)
                        continue;
                states[i] = p->states[old - 1];
                said[i] = p->said[old - 1];
                p->said[old - 1].detail = NULL;
                p->up += states[i] == VERDICT_UP;
                p->down += states[i] == VERDICT_DOWN;
        }
        for (uint32_t i = 0; i < h->count; i++)
                free(p->said[i].detail);
        free(p->states);
        free(p->said);
        p->states = states;
        p->said = said;
}

void health_set_plan(struct health_table *h, const struct plan *given, uint64_t now_ms)
{
        struct plan *plan = plan_for_prober(given, NULL);
        struct entry *entries = memory_alloc((plan->count + 1) * sizeof(*entries));
        struct map *slots = map_new();

        for (size_t i = 0; i < h->prober_count; i++)
                prober_move(h, h->probers[i], plan);
        for (uint32_t i = 0; i < plan->count; i++) {
                const struct check *c = &plan->checks[i];
                entry_make(h, &entries[i], c, now_ms);
                entries[i].check = c;
                map_set(slots, c->id, (void *)(uintptr_t)(i + 1));
        }
        entries_free(h);
        map_free(h->slots);
        plan_free(h->plan);
        h->plan = plan;
        h->entries = entries;
        h->slots = slots;
        h->count = plan->count;
        h->brake.pending = h->brake.held = 0;
        for (uint32_t i = 0; i < h->count; i++) {
                h->brake.pending += entries[i].pending;
                h->brake.held += entries[i].held;
        }
        trust_count_all(h, now_ms);
        health_trust(h, now_ms);
        health_decide_all(h, now_ms);
        health_settle(h, now_ms);
}

/* --- reports --- */

static struct prober_state *find_prober(struct health_table *h, const char *name)
{
        for (size_t i = 0; i < h->prober_count; i++)
                if (!strcmp(h->probers[i]->name, name))
                        return h->probers[i];
        if (h->prober_count == HEALTH_PROBERS_MAX)
                return NULL;
        struct prober_state *p = memory_alloc(sizeof(*p));
        snprintf(p->name, sizeof(p->name), "%s", name);
        p->trusted = true;
        p->states = memory_alloc(h->count + 1);
        p->said = memory_alloc((h->count + 1) * sizeof(*p->said));
        h->probers[h->prober_count++] = p;
        return p;
}

static void take_detail(struct said *s, const char *detail)
{
        if (s->detail && !strcmp(s->detail, detail))
                return;
        free(s->detail);
        s->detail = *detail ? memory_strdup(detail) : NULL;
}

/* Full state: what is not in it is not known any more. */
static void take_verdicts(struct health_table *h, struct prober_state *p, const struct report *r)
{
        memset(p->states, VERDICT_UNKNOWN, h->count);
        p->up = p->down = 0;
        for (uint32_t i = 0; i < r->count; i++) {
                const struct verdict *v = &r->verdicts[i];
                uint32_t slot = health_slot(h, v->id);
                if (!slot-- || !check_is_for(h->entries[slot].check, p->name))
                        continue;
                p->states[slot] = v->state;
                p->said[slot].reason = v->reason;
                p->said[slot].rtt_us = v->rtt_us;
                p->said[slot].since_ms = v->since_ms;
                take_detail(&p->said[slot], v->detail);
                p->up += v->state == VERDICT_UP;
                p->down += v->state == VERDICT_DOWN;
        }
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

bool health_report(struct health_table *h, const struct report *r, uint64_t now_ms)
{
        struct prober_state *p = find_prober(h, r->prober);

        if (!p || !is_newer(p, r))
                return false;
        bool was_live = p->last_ms && health_live(p, 0, now_ms);
        uint8_t *before = memory_alloc(h->count + 1);
        memcpy(before, p->states, h->count);
        if (r->boot != p->boot && p->sequence)
                p->boots_before[p->boot_count++ % PROBER_BOOTS] = p->boot;
        p->boot = r->boot;
        p->sequence = r->sequence;
        p->plan_revision = r->plan_revision;
        p->last_ms = now_ms;
        take_verdicts(h, p, r);
        trust_count_changes(h, p, before);
        if (health_trust(h, now_ms) || !was_live) {
                health_decide_all(h, now_ms);
        } else {
                for (uint32_t i = 0; i < h->count; i++)
                        if (p->states[i] != before[i])
                                health_decide(h, i, now_ms);
        }
        free(before);
        health_settle(h, now_ms);
        return true;
}

void health_tick(struct health_table *h, uint64_t now_ms)
{
        health_trust(h, now_ms);
        health_decide_all(h, now_ms);
        health_settle(h, now_ms);
}

void health_forget_prober(struct health_table *h, const char *name, uint64_t now_ms)
{
        for (size_t i = 0; i < h->prober_count; i++)
                if (!strcmp(h->probers[i]->name, name)) {
                        prober_free(h->probers[i], h->count);
                        h->probers[i] = h->probers[--h->prober_count];
                        trust_count_all(h, now_ms);
                        health_trust(h, now_ms);
                        health_decide_all(h, now_ms);
                        health_settle(h, now_ms);
                        return;
                }
}

bool health_trusts(const struct health_table *h, const char *prober)
{
        for (size_t i = 0; i < h->prober_count; i++)
                if (!strcmp(h->probers[i]->name, prober))
                        return h->probers[i]->trusted;
        return false;
}

bool health_say(struct health_table *h, const char *id, enum verdict_state state, const char *detail, const char *who,
                uint64_t until_ms, uint64_t now_ms)
{
        uint32_t slot = health_slot(h, id);

        if (!slot || !entry_external(&h->entries[slot - 1]))
                return false;
        struct entry *e = &h->entries[slot - 1];
        if (!e->pushed)
                e->pushed = memory_alloc(sizeof(*e->pushed));
        *e->pushed = (struct pushed){.state = state, .until_ms = until_ms};
        snprintf(e->pushed->detail, sizeof(e->pushed->detail), "%s", detail);
        snprintf(e->pushed->who, sizeof(e->pushed->who), "%s", who);
        health_decide(h, slot - 1, now_ms);
        return true;
}

/* --- telling --- */

enum verdict_state health_of(const struct health_table *h, const char *id)
{
        uint32_t slot = health_slot(h, id);
        return slot ? h->entries[slot - 1].state : VERDICT_UNKNOWN;
}

uint32_t health_share(const struct health_table *h, const char *id)
{
        uint32_t slot = health_slot(h, id);

        return slot && h->entries[slot - 1].half_open_until
                       ? (uint32_t)h->entries[slot - 1].check->monitor->breaker.half_open
                       : 100;
}

bool health_complete(const struct health_table *h)
{
        for (uint32_t i = 0; i < h->count; i++)
                if (h->entries[i].state == VERDICT_UNKNOWN && !entry_paused(&h->entries[i]) &&
                    !entry_external(&h->entries[i]))
                        return false;
        return true;
}

bool health_counters(const struct health_table *h, const char *id, uint64_t now_ms, uint64_t *changes,
                     uint64_t *downtime_ms)
{
        uint32_t slot = health_slot(h, id);

        if (!slot)
                return false;
        const struct entry *e = &h->entries[slot - 1];
        *changes = e->changes;
        *downtime_ms = e->downtime_ms + (e->state == VERDICT_DOWN ? now_ms - e->since_at : 0);
        return true;
}
