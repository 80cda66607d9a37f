#include "probes/health/health.h"

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

static void drop_changes(struct health_table *h)
{
        for (size_t i = 0; i < h->change_count; i++) {
                free((char *)h->changes[i].detail);
                free((char *)h->changes[i].prober);
        }
        h->change_count = 0;
        h->changes_taken = false;
}

void health_free(struct health_table *h)
{
        if (!h)
                return;
        for (size_t i = 0; i < h->prober_count; i++)
                prober_free(h->probers[i], h->count);
        for (uint32_t i = 0; i < h->count; i++)
                entry_free(&h->entries[i]);
        drop_changes(h);
        free(h->changes);
        probers_set_known(h, NULL, 0);
        free(h->known);
        free(h->brake.deaths);
        free_room(h);
        plan_free(h->plan);
        free(h);
}

void health_begin(struct health_table *h, uint64_t now_ms)
{
        if (h->changes_taken)
                drop_changes(h);
        probers_listen(h, now_ms);
}

uint32_t health_slot(const struct health_table *h, const char *id)
{
        const struct check *c = plan_find(h->plan, id);

        return c ? (uint32_t)(c - h->plan->checks) : NO_SLOT;
}

const struct plan *health_plan(const struct health_table *h)
{
        return h->plan;
}

/* --- what to decide --- */

void health_stir(struct health_table *h, uint32_t slot)
{
        if (h->entries[slot].stirred)
                return;
        h->entries[slot].stirred = true;
        h->stirred[h->stirred_count++] = slot;
}

void health_stir_said(struct health_table *h, const struct prober_state *p)
{
        for (uint32_t i = 0; i < h->count; i++)
                if (p->states[i] != VERDICT_UNKNOWN)
                        health_stir(h, i);
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
        drop_changes(h);
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

/* --- deciding --- */

struct votes health_votes(const struct health_table *h, uint32_t slot)
{
        struct votes v = {0};

        for (uint32_t i = 0; i < h->prober_count; i++) {
                const struct prober_state *p = h->probers[i];
                if (!p->live || !p->trusted)
                        continue;
                if (p->states[slot] == VERDICT_UP) {
                        v.up++;
                        v.up_by = i;
                } else if (p->states[slot] == VERDICT_DOWN) {
                        v.down++;
                        v.down_by = i;
                }
        }
        return v;
}

static void replace(char **text, const char *with)
{
        char *copy = with && *with ? memory_strdup(with) : NULL;

        free(*text);
        *text = copy;
}

/* Keeps why it is what it is: who says so, or what stands above the votes. */
static void keep_cause(const struct health_table *h, struct entry *e, uint32_t slot, const struct votes *v,
                       struct wanted w)
{
        const struct pushed *pushed = entry_external(e) && w.reason != REASON_SILENT ? e->pushed : NULL;
        bool told = (v->up || v->down) && !entry_external(e);
        bool up = e->voted == VERDICT_UP;
        const struct prober_state *p = told ? h->probers[up && v->up ? v->up_by
                                                         : v->down   ? v->down_by
                                                                     : v->up_by]
                                            : NULL;
        const struct said *said = p ? &p->said[slot] : NULL;

        e->reason = (uint8_t)(w.reason || !said ? w.reason : (enum reason)said->reason);
        replace(&e->detail, said ? said->detail : pushed ? pushed->detail : NULL);
        replace(&e->who, p ? p->name : pushed ? pushed->who : NULL);
}

static void tell(struct health_table *h, const struct entry *e, enum verdict_state before, uint64_t lasted_ms)
{
        if (h->change_count == h->change_room) {
                h->change_room = h->change_room ? h->change_room * 2 : 16;
                h->changes = memory_resize(h->changes, h->change_room * sizeof(*h->changes));
        }
        h->changes[h->change_count++] = (struct health_change){.check = e->check,
                                                               .state = (enum verdict_state)e->state,
                                                               .before = before,
                                                               .reason = (enum reason)e->reason,
                                                               .detail = memory_strdup(e->detail ? e->detail : ""),
                                                               .prober = memory_strdup(e->who ? e->who : ""),
                                                               .lasted_ms = lasted_ms,
                                                               .share = e->share};
}

static void apply(struct health_table *h, uint32_t slot, const struct votes *v, struct wanted w, uint64_t now_ms)
{
        struct entry *e = &h->entries[slot];
        enum verdict_state before = (enum verdict_state)e->state;
        uint64_t lasted_ms = now_ms - e->since_ms;

        if (w.state != before) {
                entry_become(e, w.state, w.reason == REASON_HELD, now_ms);
                keep_cause(h, e, slot, v, w);
                if (w.by_vote && before == VERDICT_UP && w.state == VERDICT_DOWN)
                        brake_note_death(h, slot, now_ms);
        } else if (entry_external(e) && !entry_paused(e)) {
                keep_cause(h, e, slot, v, w);
        }
        uint32_t share = entry_share(e);
        if (w.state != before || share != e->share) {
                e->share = share;
                tell(h, e, before, lasted_ms);
        }
        due_set(h->due, slot, entry_due_ms(e, now_ms));
}

/* What waited for the brake: comes back up or stays, or goes down after all. */
static void apply_held(struct health_table *h, uint64_t now_ms)
{
        bool holds = brake_holds(h, now_ms);

        if (holds) {
                for (uint32_t i = 0; i < h->brake.held_count; i++) {
                        uint32_t slot = h->brake.held[i];
                        struct votes none = {0};
                        apply(h, slot, &none, (struct wanted){VERDICT_UP, REASON_HELD, false}, now_ms);
                }
                return;
        }
        while (h->brake.held_count) {
                uint32_t slot = h->brake.held[h->brake.held_count - 1];
                struct votes v = health_votes(h, slot);
                brake_drop(h, slot);
                apply(h, slot, &v, entry_wanted(&h->entries[slot], &v, now_ms), now_ms);
        }
}

void health_settle(struct health_table *h, uint64_t now_ms)
{
        trust_judge(h);
        for (uint32_t i = 0; i < h->stirred_count; i++) {
                uint32_t slot = h->stirred[i];
                struct entry *e = &h->entries[slot];
                struct votes v = health_votes(h, slot);
                e->stirred = false;
                entry_hear(e, &v, now_ms);
                struct wanted w = entry_wanted(e, &v, now_ms);
                if (brake_passes(h, slot, w, now_ms))
                        apply(h, slot, &v, w, now_ms);
        }
        h->stirred_count = 0;
        if (h->brake.held_count)
                apply_held(h, now_ms);
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
        replace(&e->pushed->detail, detail);
        replace(&e->pushed->who, who);
        health_stir(h, slot);
        health_settle(h, now_ms);
        return true;
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
