#include "admin/control/edit.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/control/control_private.h"
#include "admin/control/edit_states.h"
#include "admin/control/guard.h"
#include "base/memory.h"
#include "zones/answers/snapshot_edit.h"
#include "zones/load/model_edit.h"
#include "zones/load/serials_edit.h"
#include "zones/steering/steering_edit.h"

struct edit {
        struct model_edit *model;
        struct serial_change *serials;
        size_t serial_count;
        struct arena *arena; /* of names of zones */
};

static struct model *edited_model(void)
{
        return snapshot_current()->base->model;
}

/* --- several as one --- */

struct items {
        struct edited *list;
        size_t count;
};

/* The place in the list comes last, so that those of one item stay in the order of the edits. */
struct placed {
        struct edited item;
        size_t at;
};

static int compare_placed(const void *a, const void *b)
{
        const struct placed *x = a, *y = b;

        if (x->item.kind != y->item.kind)
                return x->item.kind < y->item.kind ? -1 : 1;
        if (x->item.number != y->item.number)
                return x->item.number < y->item.number ? -1 : 1;
        return x->at < y->at ? -1 : x->at > y->at;
}

/* What all of them make of each item, from the first's `before` to the last's `after`; they are installed. */
static struct items items_of(struct edit *const *edits, size_t count)
{
        struct items all = {NULL, 0};
        size_t n, total = 0;

        for (size_t i = 0; i < count; i++, total += n)
                model_edit_items(edits[i]->model, &n);
        struct placed *placed = memory_alloc((total + 1) * sizeof(*placed));
        total = 0;
        for (size_t i = 0; i < count; i++) {
                const struct edited *list = model_edit_items(edits[i]->model, &n);
                for (size_t k = 0; k < n; k++, total++)
                        placed[total] = (struct placed){list[k], total};
        }
        qsort(placed, total, sizeof(*placed), compare_placed);
        all.list = memory_alloc((total + 1) * sizeof(*all.list));
        for (size_t i = 0; i < total; i++) {
                struct edited *last = all.count ? &all.list[all.count - 1] : NULL;
                if (last && last->kind == placed[i].item.kind && last->number == placed[i].item.number)
                        last->after = placed[i].item.after;
                else
                        all.list[all.count++] = placed[i].item;
        }
        free(placed);
        return all;
}

static void install(struct model *m, struct edit *const *edits, size_t count)
{
        for (size_t i = 0; i < count; i++)
                model_edit_install(m, edits[i]->model);
}

static void uninstall(struct model *m, struct edit *const *edits, size_t count)
{
        while (count--)
                model_edit_uninstall(m, edits[count]->model);
}

/* --- accepting --- */

/* What stands against the edits as they are installed. false: classes or tables are needed that are not there. */
static bool weigh(struct control *control, const struct items *items, const struct revision *r,
                  struct findings *findings, struct problems *problems)
{
        const struct snapshot *snapshot = snapshot_current();
        struct steering *steering = snapshot->steering;
        struct rules_before before = rules_look(model_rules(snapshot->model), steering);
        bool whole;

        struct steering_edit *e = steering_edit_new(steering, items->list, items->count, snapshot->version + 1, &whole);
        if (e) {
                struct saved_states *saved = edit_states_try(control, items->list, items->count);
                *findings = guard_edit(control, &before, r, e, problems);
                edit_states_back(control, saved);
                steering_edit_drop(steering, e);
        }
        rules_forget(&before);
        return e != NULL;
}

/* All of them, and this one behind them, are installed. */
static bool accept_all(struct control *control, struct edit *const *before, size_t count, struct edit *e,
                       const struct revision *r, struct findings *findings, struct problems *problems)
{
        struct edit **edits = memory_alloc((count + 1) * sizeof(struct edit *));

        if (count)
                memcpy(edits, before, count * sizeof(struct edit *));
        edits[count] = e;
        struct items items = items_of(edits, count + 1);
        bool good = weigh(control, &items, r, findings, problems);
        free(items.list);
        free(edits);
        return good;
}

/* false: the store cannot be read. */
static bool take_serials(struct control *control, struct edit *e, uint64_t revision, struct problems *problems)
{
        char error[CONTROL_ERROR_MAX];
        struct store_txn *txn = store_read(control->store, error, sizeof(error));

        if (!txn) {
                problems_add(problems, "", 0, "%s", error);
                return false;
        }
        serials_edit(txn, edited_model(), e->model, revision);
        store_end(txn);
        e->arena = arena_new(0);
        e->serials = serials_edit_changes(edited_model(), e->model, e->arena, &e->serial_count);
        return true;
}

struct edit *edit_accept(struct control *control, struct edit *const *before, size_t count, const struct revision *r,
                         bool *whole, struct findings *findings, struct problems *problems)
{
        struct model *m = edited_model();
        struct edit *e = memory_alloc(sizeof(*e));
        bool good = false;

        *findings = (struct findings){0};
        install(m, before, count);
        e->model = model_edit_new(m, r->changes, r->change_count, whole, problems);
        if (e->model) {
                good = take_serials(control, e, control->revision + count + 1, problems);
                *whole = good && !accept_all(control, before, count, e, r, findings, problems);
                model_edit_uninstall(m, e->model);
        }
        uninstall(m, before, count);
        if (good && !*whole)
                return e;
        edit_drop(control, e);
        return NULL;
}

const struct serial_change *edit_serials(const struct edit *e, size_t *count)
{
        *count = e->serial_count;
        return e->serials;
}

static void edit_free(struct edit *e)
{
        arena_free(e->arena);
        free(e);
}

void edit_drop(struct control *control, struct edit *e)
{
        if (e->model)
                model_edit_drop(edited_model(), e->model);
        edit_free(e);
}

/* --- in force --- */

/* The new root; what steering and states need for it is there. What is known of the endpoints comes first, so that no
 * answer of it is another a moment later. */
static void publish(struct control *control, struct steering_edit *e, const struct items *items,
                    const struct revision *newest)
{
        const struct snapshot *before = snapshot_current();
        struct model *m = before->base->model;
        struct steering *steering = before->steering;

        m->revision = newest->number;
        m->revision_time_ms = newest->time_ms;
        edit_states_put(control, items->list, items->count);
        edit_states_watch(control, items->list, items->count);
        traffic_follow_items(control->traffic, items->list, items->count);
        snapshot_edit_publish(snapshot_edit_new(before, m, items->list, items->count, newest->number));
        steering_edit_keep(steering, e);
        control_health_take(control);
        holds_follow_items(control, items->list, items->count);
        control_states_flush(control);
        control_health_tell(control);
}

bool edits_put_in_force(struct control *control, struct edit *const *edits, size_t count, const struct revision *newest)
{
        const struct snapshot *before = snapshot_current();
        struct model *m = edited_model();
        bool whole;

        control_states_schedules(control); /* what turned before belongs to what was in force then */
        install(m, edits, count);
        struct items items = items_of(edits, count);
        struct steering_edit *e =
                steering_edit_new(before->steering, items.list, items.count, before->version + 1, &whole);
        if (e)
                publish(control, e, &items, newest);
        else
                uninstall(m, edits, count);
        free(items.list);
        for (size_t i = 0; i < count; i++) {
                if (e)
                        model_edit_keep(m, edits[i]->model);
                else
                        model_edit_drop(m, edits[i]->model);
                edit_free(edits[i]);
        }
        return e != NULL;
}
