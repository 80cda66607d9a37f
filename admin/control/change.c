/* The one road for change. */
#include <stdio.h>
#include <string.h>
#include "admin/control/commit.h"
#include "admin/control/control_private.h"
#include "admin/control/edit.h"
#include "admin/control/guard.h"
#include "base/clock.h"
#include "base/log.h"
#include "zones/load/serials.h"
#include "zones/store/backup.h"

#define END_DRAINS_FIRST_MS                                                                                            \
        1000 /* how long a store that took no end of a drain is left alone: twice as long each time */
#define END_DRAINS_MOST_MS 60000
#define EDIT_LEAST         64 /* changes that are edited whatever there is, */
#define EDIT_SHARE         16 /* and one more for each so many documents: loading them takes as long */

static enum control_result change_fail(struct control *control, struct problems *problems, const char *error)
{
        commit_failed(control, error);
        problems_add(problems, "", 0, "%s", error);
        return CONTROL_FAILED;
}

/* Numbers of a backup that are higher than those here: of the revision and of zones. *raised: some are. */
static bool take_numbers(struct store_txn *txn, const struct backup *backup, struct revision *revision, bool *raised,
                         char *error, size_t error_size)
{
        bool good = true, taken;

        *raised = backup->revision > store_revision(txn);
        if (*raised)
                revision->number = backup->revision + 1;
        for (size_t i = 0; i < backup->serial_count && good; i++) {
                good = serials_take(txn, backup->serials[i].zone, &backup->serials[i].kept, &taken, error, error_size);
                *raised |= taken;
        }
        return good;
}

/* Opens a write transaction with the changes applied in it, and what a backup (may be NULL) numbers higher: *raised.
 * With nothing of both the transaction is open, and nothing is applied. NULL with `error`. */
static struct store_txn *apply_changes(struct control *control, const struct backup *backup, struct revision *revision,
                                       bool *raised, char *error, size_t error_size)
{
        struct store_txn *txn = store_write(control->store, error, error_size);

        *raised = false;
        if (!txn)
                return NULL;
        revision->change_count = changes_reduce(txn, revision->changes, revision->change_count);
        revision->number = store_revision(txn) + 1;
        bool good = !backup || take_numbers(txn, backup, revision, raised, error, error_size);
        bool any = revision->change_count || *raised;
        if (good && (!any || store_apply(txn, revision, error, error_size)))
                return txn;
        store_end(txn);
        return NULL;
}

/* Operations stand beside the configuration: nothing is loaded and nothing is built for them. */
static bool operations_only(const struct revision *r)
{
        if (!r->change_count) /* serials alone */
                return false;
        for (size_t i = 0; i < r->change_count; i++)
                if (kind_class(r->changes[i].kind) != CLASS_OPERATION)
                        return false;
        return true;
}

/* Whether a problem is one of a document that the revision writes: then it is not one that was there before. */
static bool concerns(const struct problem *p, const struct revision *r)
{
        char place[600];

        for (size_t i = 0; i < r->change_count; i++) {
                int length = snprintf(place, sizeof(place), "%s[%s]", kind_name(r->changes[i].kind), r->changes[i].key);
                if (!strncmp(p->path, place, (size_t)length))
                        return true;
        }
        return false;
}

/* What is to be in force after the commit: a snapshot, and what is left out of it. */
static bool prepare(struct control *control, struct store_txn *txn, const struct revision *r,
                    struct snapshot **snapshot, struct problems *left_out, struct problems *problems)
{
        char error[CONTROL_ERROR_MAX];

        *snapshot = NULL;
        struct problems known = PROBLEMS_INIT;
        for (size_t i = 0; i < control->left_out.count; i++)
                if (!concerns(&control->left_out.list[i], r))
                        problems_add(&known, control->left_out.list[i].path, 0, "%s",
                                     control->left_out.list[i].message);
        struct model *model = model_load_rest(txn, snapshot_current()->model, &known, left_out, problems);
        problems_free(&known);
        if (model && !serials_raise(txn, model, error, sizeof(error))) {
                problems_add(problems, "", 0, "%s", error);
                model_free(model);
                return false;
        }
        *snapshot = model ? snapshot_build(model, control->geo, snapshot_current(), problems) : NULL;
        return *snapshot != NULL;
}

/* What stands against it, for the history; in the arena. */
static const struct doc *forced_of(struct arena *a, const struct problems *problems)
{
        struct doc *forced = doc_new(a, DOC_LIST);

        for (size_t i = 0; i < problems->count; i++)
                doc_add_format(a, forced, NULL, "%s: %s", problems->list[i].path, problems->list[i].message);
        return forced;
}

/* Whether it may be done: nothing stands against it, or that is not heeded, and the revision says so. */
static bool permitted(struct revision *r, const struct findings *f, const struct change_terms *terms, struct arena *a,
                      const struct problems *problems)
{
        if (!f->losing && !f->broken)
                return true;
        r->reason = terms->reason ? terms->reason : "";
        r->forced = forced_of(a, problems);
        return terms->force && (!f->broken || *r->reason);
}

/* Of operations alone: checked at once, written by the store's thread. */
static enum control_result change_operations(struct control *control, struct revision *r,
                                             const struct change_terms *terms, struct change_outcome *outcome,
                                             struct arena *a, struct problems *problems)
{
        for (size_t i = 0; i < r->change_count; i++)
                if (r->changes[i].kind == KIND_DRAINS)
                        drains_check(&r->changes[i], snapshot_current()->model, problems);
        if (problems->count)
                return CONTROL_INVALID;
        outcome->found = guard_operations(control, r, problems);
        if (!permitted(r, &outcome->found, terms, a, problems))
                return CONTROL_REFUSED;
        if (terms->dry_run)
                return CONTROL_OK;
        commit_add(control, r, NULL, terms, outcome, a);
        return CONTROL_STARTED;
}

/* Of some items of the configuration: what they change is edited, and put in force when it is written. *whole: it
 * cannot be. */
static enum control_result change_items(struct control *control, struct revision *r, const struct change_terms *terms,
                                        struct change_outcome *outcome, struct arena *a, bool *whole,
                                        struct problems *problems)
{
        size_t count;
        struct edit **before = commit_edits(control, &count);
        struct edit *e = edit_accept(control, before, count, r, whole, &outcome->found, problems);

        free(before);
        if (!e)
                return *whole ? CONTROL_LATER : CONTROL_INVALID;
        bool found = outcome->found.losing || outcome->found.broken;
        bool may = permitted(r, &outcome->found, terms, a, problems);
        if ((!found || !count) && may && !terms->dry_run) {
                commit_add(control, r, e, terms, outcome, a);
                return CONTROL_STARTED;
        }
        edit_drop(control, e);
        if (found && count) { /* whose doing it is shows alone */
                problems_free(problems);
                return CONTROL_LATER;
        }
        return may ? CONTROL_OK : CONTROL_REFUSED;
}

/* Whether it is small beside what is there, and nothing but configuration that is good as a whole. */
static bool is_of_items(const struct control *control, const struct revision *r, const struct change_terms *terms)
{
        const struct model *m = snapshot_current()->model;
        size_t there = 0;

        for (int k = 0; k < KIND_COUNT; k++)
                there += m->present[k];
        for (size_t i = 0; i < r->change_count; i++)
                if (kind_class(r->changes[i].kind) == CLASS_OPERATION && !kind_is_duty(r->changes[i].kind))
                        return false;
        return !terms->backup && !control->left_out.count && r->change_count <= EDIT_LEAST + there / EDIT_SHARE;
}

/* Of all else: the configuration is loaded and built whole. */
static enum control_result change_whole(struct control *control, struct revision *r, const struct change_terms *terms,
                                        struct change_outcome *outcome, struct arena *a, struct problems *problems)
{
        char error[CONTROL_ERROR_MAX];
        struct problems left_out = PROBLEMS_INIT;
        struct snapshot *snapshot;
        struct store_txn *txn;

        txn = apply_changes(control, terms->backup, r, &outcome->raised, error, sizeof(error));
        if (!txn)
                return change_fail(control, problems, error);
        if (!r->change_count && !outcome->raised) {
                store_end(txn);
                return CONTROL_UNCHANGED;
        }
        bool good = prepare(control, txn, r, &snapshot, &left_out, problems);
        if (good)
                outcome->found = guard_configuration(control, r, snapshot, problems);
        bool may = good && permitted(r, &outcome->found, terms, a, problems);
        if (!may || terms->dry_run) {
                store_end(txn);
                snapshot_free(snapshot);
                problems_free(&left_out);
                return may ? CONTROL_OK : good ? CONTROL_REFUSED : CONTROL_INVALID;
        }
        good = !r->forced || store_forced(txn, r->number, r->reason, r->forced, error, sizeof(error));
        if (!good)
                store_end(txn);
        if (!good || !store_commit(txn, error, sizeof(error))) {
                snapshot_free(snapshot);
                problems_free(&left_out);
                return change_fail(control, problems, error);
        }
        outcome->revision = r->number;
        problems_free(&control->left_out);
        control->left_out = left_out;
        commit_put_in_force(control, r, snapshot);
        return CONTROL_OK;
}

/* Leaves what changes something. false: the store cannot be read. */
static bool reduce(struct control *control, struct revision *r, char *error, size_t error_size)
{
        struct store_txn *txn = store_read(control->store, error, error_size);

        if (!txn)
                return false;
        r->change_count = changes_reduce(txn, r->changes, r->change_count);
        bool good = store_is_whole(txn, error, error_size);
        store_end(txn);
        return good;
}

enum control_result control_change(struct control *control, struct change *changes, size_t *count,
                                   const struct change_terms *terms, struct change_outcome *outcome,
                                   struct problems *problems)
{
        char error[CONTROL_ERROR_MAX];
        enum control_result result = CONTROL_LATER;
        struct revision revision = {.time_ms = clock_wall_ms(),
                                    .author = terms->author,
                                    .comment = terms->comment,
                                    .changes = changes,
                                    .change_count = *count};

        bool whole = true;

        *outcome = (struct change_outcome){.revision = control->revision};
        if (control_busy(control) || (control_gathers(control) && (terms->alone || !commit_joins(control, &revision))))
                return CONTROL_LATER;
        if (!reduce(control, &revision, error, sizeof(error)))
                return change_fail(control, problems, error);
        struct arena *a = arena_new(0);
        control->tell = terms->dry_run ? terms->tell : NULL;
        if (!revision.change_count && !terms->backup)
                result = CONTROL_UNCHANGED;
        else if (operations_only(&revision) && !terms->backup)
                result = control_gathers(control) ? CONTROL_LATER
                                                  : change_operations(control, &revision, terms, outcome, a, problems);
        else {
                if (is_of_items(control, &revision, terms))
                        result = change_items(control, &revision, terms, outcome, a, &whole, problems);
                if (whole)
                        result = control_gathers(control)
                                         ? CONTROL_LATER
                                         : change_whole(control, &revision, terms, outcome, a, problems);
        }
        control->tell = NULL;
        *count = revision.change_count;
        if (result != CONTROL_STARTED)
                arena_free(a);
        return result;
}

/* --- drains that end --- */

static void wait_longer(struct control *control, uint64_t now_ms)
{
        uint64_t wait = control->end_drains_wait_ms * 2;

        control->end_drains_wait_ms = wait < END_DRAINS_FIRST_MS  ? END_DRAINS_FIRST_MS
                                      : wait > END_DRAINS_MOST_MS ? END_DRAINS_MOST_MS
                                                                  : wait;
        control->end_drains_ms = now_ms + control->end_drains_wait_ms;
}

/* The change that takes ended drains out of the store. */
struct ending {
        struct control *control;
        struct arena *arena;
};

static void drains_have_ended(void *context, enum control_result result, const struct change_outcome *outcome)
{
        struct ending *e = context;

        e->control->ending_drains = false;
        if (result == CONTROL_FAILED)
                wait_longer(e->control, clock_ms());
        else
                e->control->end_drains_wait_ms = 0;
        arena_free(e->arena);
}

void change_end_drains(struct control *control, uint64_t now_ms)
{
        const struct model *m = snapshot_current()->model;
        int64_t wall_ms = clock_wall_ms();
        struct problems problems = PROBLEMS_INIT;
        struct change_outcome outcome;
        struct change *changes;

        drains_turn(control->drains, m, wall_ms, control->states, snapshot_current()->steering);
        if (control->ending_drains || !drains_due(control->drains, wall_ms) || now_ms < control->end_drains_ms)
                return;
        struct arena *a = arena_new(0);
        struct ending *e = ARENA_NEW(a, struct ending);
        *e = (struct ending){control, a};
        const struct change_terms terms = {.author = "gslbd",
                                           .comment = "drain ended",
                                           .force = true,
                                           .reason = "it ended",
                                           .done = drains_have_ended,
                                           .context = e};
        size_t count = drains_ended(control->drains, m, wall_ms, a, &changes);
        for (size_t i = 0; i < count; i++) /* out of force now, whatever becomes of the store */
                drains_into_covered(control->drains, changes[i].key, m, wall_ms, control->states,
                                    snapshot_current()->steering);
        steering_publish(snapshot_current()->steering);
        control->ending_drains = true;
        enum control_result result =
                count ? control_change(control, changes, &count, &terms, &outcome, &problems) : CONTROL_UNCHANGED;
        if (result == CONTROL_LATER) { /* at the next tick */
                control->ending_drains = false;
                arena_free(a);
        } else if (result != CONTROL_STARTED) {
                drains_have_ended(e, result, &outcome);
        }
        problems_free(&problems);
}
