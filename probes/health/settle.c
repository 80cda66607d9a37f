/* Deciding: what each stirred entry wants, what the brake holds of that, and one application of the rest. */
#include <assert.h>
#include <stdlib.h>
#include "base/memory.h"
#include "probes/health/health_private.h"

void changes_drop(struct health_table *h)
{
        for (size_t i = 0; i < h->change_count; i++) {
                free((char *)h->changes[i].detail);
                free((char *)h->changes[i].prober);
        }
        h->change_count = 0;
        h->changes_taken = false;
}

void health_begin(struct health_table *h, uint64_t now_ms)
{
        if (h->changes_taken)
                changes_drop(h);
        probers_listen(h, now_ms);
}

void text_replace(char **text, const char *with)
{
        char *copy = with && *with ? memory_strdup(with) : NULL;

        free(*text);
        *text = copy;
}

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
        text_replace(&e->detail, said ? said->detail : pushed ? pushed->detail : NULL);
        text_replace(&e->who, p ? p->name : pushed ? pushed->who : NULL);
}

static void note_change(struct health_table *h, const struct entry *e, enum verdict_state before, uint64_t lasted_ms)
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
                note_change(h, e, before, lasted_ms);
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
                assert(e->check);
                entry_hear(e, &v, now_ms);
                struct wanted w = entry_wanted(e, &v, now_ms);
                if (brake_passes(h, slot, w, now_ms))
                        apply(h, slot, &v, w, now_ms);
        }
        h->stirred_count = 0;
        if (h->brake.held_count)
                apply_held(h, now_ms);
}
