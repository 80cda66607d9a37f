#include "probes/health/health.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "probes/health/health_private.h"

#define ROOM_LEAST 64

/* Up to this many slots, with more than that at once so that it is seldom needed. */
static void make_room(struct health_table *h, uint32_t count)
{
        uint32_t before = h->room, room = before ? before + before / 2 : ROOM_LEAST;

        if (count <= before)
                return;
        room = room < count ? count : room;
        h->entries = room_more(h->entries, before, room, sizeof(*h->entries));
        h->stirred = room_more(h->stirred, before, room, sizeof(*h->stirred));
        h->tally = room_more(h->tally, before, room, sizeof(*h->tally));
        h->brake.held = room_more(h->brake.held, before, room, sizeof(*h->brake.held));
        h->round_trips = room_more(h->round_trips, before, room, sizeof(*h->round_trips));
        h->round_trip_new = room_more(h->round_trip_new, before, room, sizeof(*h->round_trip_new));
        due_grow(h->due, before, room);
        for (size_t i = 0; i < h->prober_count; i++)
                prober_make_room(h->probers[i], before, room);
        h->room = room;
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

        h->plan = roster_new();
        h->brake.share = 100;
        h->due = due_new(0);
        make_room(h, ROOM_LEAST);
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
        roster_free(h->plan);
        free(h);
}

struct roster *health_plan(const struct health_table *h)
{
        return h->plan;
}

/* --- new plans --- */

static void entry_start(struct entry *e, uint64_t now_ms)
{
        e->since_ms = now_ms;
        e->reason = REASON_NOT_YET;
        e->share = 100;
}

static void put(struct health_table *h, const struct check *c, uint64_t now_ms)
{
        uint32_t slot = roster_put(h->plan, c);

        if (slot >= h->count) {
                make_room(h, slot + 1);
                h->count = slot + 1;
        }
        struct entry *e = &h->entries[slot];
        if (!e->check)
                entry_start(e, now_ms);
        e->check = roster_at(h->plan, slot);
        for (size_t i = 0; i < h->prober_count; i++)
                if (!check_is_for(e->check, h->probers[i]->name))
                        prober_unsay(h, h->probers[i], slot);
        health_stir(h, slot);
}

static void take_away(struct health_table *h, uint32_t slot)
{
        struct entry *e = &h->entries[slot];

        assert(!e->stirred);
        for (size_t i = 0; i < h->prober_count; i++)
                prober_unsay(h, h->probers[i], slot);
        brake_drop(h, slot);
        due_set(h->due, slot, UINT64_MAX);
        entry_free(e);
        *e = (struct entry){0};
        roster_remove(h->plan, slot);
}

static void take_away_others(struct health_table *h, const struct plan *plan)
{
        for (uint32_t i = 0; i < h->count; i++)
                if (h->entries[i].check && !plan_find(plan, h->entries[i].check->id))
                        take_away(h, i);
}

void health_set_plan(struct health_table *h, struct plan *plan, uint64_t now_ms)
{
        health_begin(h, now_ms);
        changes_drop(h);
        roster_begin(h->plan, plan->revision);
        if (!h->count)
                make_room(h, plan->count);
        if (!plan->is_difference)
                take_away_others(h, plan);
        for (uint32_t i = 0; i < plan->gone_count; i++) {
                uint32_t slot = health_slot(h, plan->gone[i]);
                if (slot != NO_SLOT)
                        take_away(h, slot);
        }
        for (uint32_t i = 0; i < plan->count; i++)
                put(h, &plan->checks[i], now_ms);
        plan_free(plan);
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
