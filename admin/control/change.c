/* The one road for change. */
#include <stdio.h>
#include <string.h>
#include "admin/control/change_whole.h"
#include "admin/control/commit.h"
#include "admin/control/control_private.h"
#include "admin/control/edit.h"
#include "admin/control/guard.h"
#include "base/clock.h"
#include "base/log.h"

#define EDIT_LEAST 64 /* changes that are edited whatever there is, */
#define EDIT_SHARE 16 /* and one more for each so many documents: loading them takes as long */

static enum control_result change_fail(struct control *control, struct problems *problems, const char *error)
{
        commit_failed(control, error);
        problems_add(problems, "", 0, "%s", error);
        return CONTROL_FAILED;
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
        if (!guard_permits(r, &outcome->found, terms, a, problems))
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
        bool may = guard_permits(r, &outcome->found, terms, a, problems);
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

/* How many changes at most are edited. */
static size_t edits_most(void)
{
        const struct model *m = snapshot_current()->model;
        size_t there = 0;

        for (int k = 0; k < KIND_COUNT; k++)
                there += m->present[k];
        return EDIT_LEAST + there / EDIT_SHARE;
}

/* Whether it is small beside what is there, and nothing but configuration that is good as a whole. */
static bool is_of_items(const struct control *control, const struct revision *r, const struct change_terms *terms)
{
        for (size_t i = 0; i < r->change_count; i++)
                if (kind_class(r->changes[i].kind) == CLASS_OPERATION && !kind_is_duty(r->changes[i].kind))
                        return false;
        return !terms->backup && !control->left_out.count && r->change_count <= edits_most();
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

/* Of what changes something. *whole: it is for the builder's thread. */
static enum control_result change_at_once(struct control *control, struct revision *r, const struct change_terms *terms,
                                          struct change_outcome *outcome, struct arena *a, bool *whole,
                                          struct problems *problems)
{
        if (operations_only(r))
                return control_gathers(control) ? CONTROL_LATER
                                                : change_operations(control, r, terms, outcome, a, problems);
        *whole = !is_of_items(control, r, terms);
        return *whole ? CONTROL_LATER : change_items(control, r, terms, outcome, a, whole, problems);
}

/* Whether it may be looked at now: nothing is being written, and what is gathered or built leaves room for it. */
static bool may_begin(const struct control *control, const struct revision *r, const struct change_terms *terms)
{
        if (control_busy(control) || (control->building && !operations_only(r)))
                return false;
        return !control_gathers(control) || (!terms->alone && commit_joins(control, r));
}

enum control_result control_change(struct control *control, struct change *changes, size_t *count,
                                   const struct change_terms *terms, struct change_outcome *outcome,
                                   struct problems *problems)
{
        char error[CONTROL_ERROR_MAX];
        struct revision revision = {.time_ms = clock_wall_ms(),
                                    .author = terms->author,
                                    .comment = terms->comment,
                                    .changes = changes,
                                    .change_count = *count};
        bool whole = terms->backup || (*count > edits_most() && !operations_only(&revision));

        *outcome = (struct change_outcome){.revision = control->revision};
        if (!may_begin(control, &revision, terms))
                return CONTROL_LATER;
        if (!whole && !terms->reduced && !reduce(control, &revision, error, sizeof(error)))
                return change_fail(control, problems, error);
        *count = revision.change_count;
        if (!whole && !revision.change_count)
                return CONTROL_UNCHANGED;
        struct arena *a = arena_new(0);
        enum control_result result = CONTROL_LATER;
        control->tell = terms->dry_run ? terms->tell : NULL;
        if (!whole)
                result = change_at_once(control, &revision, terms, outcome, a, &whole, problems);
        control->tell = NULL;
        if (whole && !control_gathers(control)) {
                change_whole(control, &revision, terms, outcome, a, problems);
                return CONTROL_STARTED;
        }
        if (result != CONTROL_STARTED)
                arena_free(a);
        return whole ? CONTROL_LATER : result;
}

void control_go_on(struct control *control)
{
        geo_reload_go_on(control);
        commit_tell_free(control);
}

/* --- drains that end --- */

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
                retry_failed(&e->control->end_drains, clock_ms());
        else
                retry_went_well(&e->control->end_drains);
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
        if (control->ending_drains || !drains_due(control->drains, wall_ms) || !retry_may(&control->end_drains, now_ms))
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
