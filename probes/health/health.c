#include "probes/health/health.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "probes/health/health_private.h"

static void make_room(struct health_table *h)
{
        size_t room = (size_t)h->count + 1;

        h->entries = memory_alloc(room * sizeof(*h->entries));
        h->due = due_new(h->count);
        h->stirred = memory_alloc(room * sizeof(*h->stirred));
        h->tally = memory_alloc(room * sizeof(*h->tally));
        h->brake.held = memory_alloc(room * sizeof(*h->brake.held));
        h->round_trips = memory_alloc(room * sizeof(*h->round_trips));
        h->round_trip_new = memory_alloc(room);
        h->stirred_count = h->round_trip_count = h->brake.held_count = 0;
}

static void free_room(struct health_table *h)
{
        free(h->entries);
        due_free(h->due);
        free(h->stirred);
        free(h->tally);
        free(h->brake.held);
        free(h->round_trips);
        free(h->round_trip_new);
}

struct health_table *health_new(void)
{
        struct health_table *h = memory_alloc(sizeof(*h));

        h->plan = plan_new(0);
        h->brake.share = 100;
        make_room(h);
        return h;
}

void health_free(struct health_table *h)
{
        if (!h)
                return;
        for (size_t i = 0; i < h->prober_count; i++)
                prober_free(h->probers[i], h->count);
        for (uint32_t i = 0; i < h->count; i++)
                entry_free(&h->entries[i]);
        changes_drop(h);
        free(h->changes);
        probers_set_known(h, NULL, 0);
        free(h->known);
        free(h->brake.deaths);
        free_room(h);
        plan_free(h->plan);
        free(h);
}

const struct plan *health_plan(const struct health_table *h)
{
        return h->plan;
}

/* --- new plans --- */

/* Both plans are in order of ids. */
static uint32_t *map_slots(const struct plan *old, const struct plan *plan)
{
        uint32_t *slots = memory_alloc((plan->count + 1) * sizeof(*slots)), at = 0;

        for (uint32_t i = 0; i < plan->count; i++) {
                int order = -1;
                while (at < old->count && (order = strcmp(old->checks[at].id, plan->checks[i].id)) < 0)
                        at++;
                slots[i] = at < old->count && !order ? at++ : NO_SLOT;
        }
        return slots;
}

static void move_deaths(struct brake *b, const uint32_t *slots, uint32_t old_count, uint32_t count)
{
        uint32_t *now = memory_alloc((old_count + 1) * sizeof(*now));
        size_t kept = 0;

        memset(now, 0xff, (old_count + 1) * sizeof(*now));
        for (uint32_t i = 0; i < count; i++)
                if (slots[i] != NO_SLOT)
                        now[slots[i]] = i;
        for (size_t i = b->death_first; i < b->death_count; i++)
                if (now[b->deaths[i].slot] != NO_SLOT)
                        b->deaths[kept++] = (struct death){now[b->deaths[i].slot], b->deaths[i].at_ms};
        b->death_first = 0;
        b->death_count = kept;
        free(now);
}

static void entry_start(struct entry *e, uint64_t now_ms)
{
        e->since_ms = now_ms;
        e->reason = REASON_NOT_YET;
        e->share = 100;
}

void health_set_plan(struct health_table *h, struct plan *plan, uint64_t now_ms)
{
        health_begin(h, now_ms);
        changes_drop(h);
        assert(plan != h->plan);
        struct health_table old = *h;
        uint32_t *slots = map_slots(old.plan, plan);

        h->plan = plan;
        h->count = plan->count;
        make_room(h);
        for (uint32_t i = 0; i < h->count; i++) {
                struct entry *e = &h->entries[i];
                if (slots[i] == NO_SLOT) {
                        entry_start(e, now_ms);
                } else {
                        *e = old.entries[slots[i]];
                        old.entries[slots[i]] = (struct entry){0};
                }
                e->check = &plan->checks[i];
                e->stirred = false;
                health_stir(h, i);
                if (e->held) {
                        e->held_at = h->brake.held_count;
                        h->brake.held[h->brake.held_count++] = i;
                }
        }
        move_deaths(&h->brake, slots, old.count, h->count);
        for (size_t i = 0; i < h->prober_count; i++) {
                prober_move(h->probers[i], old.count, slots, plan);
                if (h->probers[i]->live)
                        trust_count(h, h->probers[i], 1);
        }
        for (uint32_t i = 0; i < old.count; i++)
                entry_free(&old.entries[i]);
        free_room(&old);
        plan_free(old.plan);
        free(slots);
        health_settle(h, now_ms);
}

/* --- what happens --- */

void health_set_probers(struct health_table *h, const struct health_prober *list, size_t count, uint64_t now_ms)
{
        health_begin(h, now_ms);
        probers_set_known(h, list, count);
        probers_keep_known(h);
        health_settle(h, now_ms);
}

void health_tick(struct health_table *h, uint64_t now_ms)
{
        health_begin(h, now_ms);
        probers_tick(h);
        for (uint32_t slot; (slot = due_take(h->due, now_ms)) != DUE_NONE;)
                health_stir(h, slot);
        health_settle(h, now_ms);
}

bool health_say(struct health_table *h, const char *id, enum verdict_state state, const char *detail, const char *who,
                uint64_t until_ms, uint64_t now_ms)
{
        uint32_t slot = health_slot(h, id);

        health_begin(h, now_ms);
        if (slot == NO_SLOT || !entry_external(&h->entries[slot]))
                return false;
        struct entry *e = &h->entries[slot];
        if (!e->pushed)
                e->pushed = memory_alloc(sizeof(*e->pushed));
        e->pushed->state = state;
        e->pushed->until_ms = until_ms;
        text_replace(&e->pushed->detail, detail);
        text_replace(&e->pushed->who, who);
        health_stir(h, slot);
        health_settle(h, now_ms);
        return true;
}

/* --- the brake --- */

void health_set_brake(struct health_table *h, uint32_t share, uint64_t window_ms)
{
        h->brake.share = share;
        h->brake.window_ms = window_ms;
}

uint32_t health_accept(struct health_table *h, uint64_t until_ms, uint64_t now_ms)
{
        uint32_t count = h->brake.held_count;

        if (!count)
                return 0;
        h->brake.accept_until_ms = until_ms;
        health_settle(h, now_ms);
        return count;
}

uint32_t health_held(const struct health_table *h)
{
        return h->brake.held_count;
}

uint64_t health_brake_off_until(const struct health_table *h, uint64_t now_ms)
{
        return now_ms < h->brake.accept_until_ms ? h->brake.accept_until_ms : 0;
}

/* --- telling --- */

const struct health_change *health_changes(struct health_table *h, size_t *count)
{
        h->changes_taken = true;
        *count = h->change_count;
        return h->changes;
}

enum verdict_state health_state_at(const struct health_table *h, uint32_t place)
{
        return (enum verdict_state)h->entries[place].state;
}

uint32_t health_share_at(const struct health_table *h, uint32_t place)
{
        return entry_share(&h->entries[place]);
}

enum verdict_state health_of(const struct health_table *h, const char *id)
{
        uint32_t slot = health_slot(h, id);

        return slot == NO_SLOT ? VERDICT_UNKNOWN : health_state_at(h, slot);
}

uint32_t health_share(const struct health_table *h, const char *id)
{
        uint32_t slot = health_slot(h, id);

        return slot == NO_SLOT ? 100 : health_share_at(h, slot);
}

bool health_counts(const struct health_table *h, const char *prober)
{
        const struct prober_state *p = prober_find(h, prober);

        return p && p->live && p->trusted;
}

const char *health_prober_name(const struct health_table *h, size_t index, bool *live)
{
        if (index >= h->prober_count)
                return NULL;
        *live = h->probers[index]->live;
        return h->probers[index]->name;
}

const char *health_prober_turned(struct health_table *h, bool *live)
{
        for (size_t i = 0; i < h->prober_count; i++) {
                struct prober_state *p = h->probers[i];
                if (p->live == p->told_live)
                        continue;
                *live = p->told_live = p->live;
                return p->name;
        }
        return NULL;
}

bool health_counters(const struct health_table *h, const char *id, uint64_t now_ms, uint64_t *changes,
                     uint64_t *downtime_ms)
{
        uint32_t slot = health_slot(h, id);

        if (slot == NO_SLOT)
                return false;
        const struct entry *e = &h->entries[slot];
        *changes = e->changes;
        *downtime_ms = e->downtime_ms + (e->state == VERDICT_DOWN ? now_ms - e->since_ms : 0);
        return true;
}
