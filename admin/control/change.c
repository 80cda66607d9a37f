/* The one road for change. */
#include <stdio.h>
#include <string.h>
#include "admin/control/control_private.h"
#include "admin/control/guard.h"
#include "base/clock.h"
#include "base/log.h"
#include "zones/load/serials.h"
#include "zones/store/backup.h"

#define STORE_RETRIES 40 /* each doubles the store's map */
#define END_DRAINS_FIRST_MS                                                                                            \
        1000 /* how long a store that took no end of a drain is left alone: twice as long each time */
#define END_DRAINS_MOST_MS 60000
#define FORCED_LOGGED      10

static enum control_result change_fail(struct control *control, struct problems *problems, const char *error)
{
        if (strcmp(control->store_error, error)) /* one line for a disk that stays full */
                log_error("store", "%s", error);
        snprintf(control->store_error, sizeof(control->store_error), "%s", error);
        problems_add(problems, "", 0, "%s", error);
        return CONTROL_FAILED;
}

/* Numbers of a backup that are higher than those here: of the revision and of zones. *raised: some are. */
static bool take_numbers(struct store_txn *txn, const struct backup *backup, struct revision *revision, bool *raised,
                         bool *retry, char *error, size_t error_size)
{
        bool good = true, taken;

        *raised = backup->revision > store_revision(txn);
        if (*raised)
                revision->number = backup->revision + 1;
        for (size_t i = 0; i < backup->serial_count && good; i++) {
                good = serials_take(txn, backup->serials[i].zone, &backup->serials[i].kept, &taken, retry, error,
                                    error_size);
                *raised |= taken;
        }
        return good;
}

/* Opens a write transaction with the changes applied in it, and what a backup (may be NULL) numbers higher. With
 * nothing of both the transaction is open, unchanged, and *unchanged set. NULL with `error`. */
static struct store_txn *apply_changes(struct control *control, const struct backup *backup, struct revision *revision,
                                       bool *unchanged, char *error, size_t error_size)
{
        for (int attempt = 0; attempt < STORE_RETRIES; attempt++) {
                bool retry = false, raised = false;
                struct store_txn *txn = store_write(control->store, error, error_size);
                if (!txn)
                        return NULL;
                revision->change_count = changes_reduce(txn, revision->changes, revision->change_count);
                revision->number = store_revision(txn) + 1;
                bool good = !backup || take_numbers(txn, backup, revision, &raised, &retry, error, error_size);
                *unchanged = !revision->change_count && !raised;
                if (good && (*unchanged || store_apply(txn, revision, &retry, error, error_size)))
                        return txn;
                store_end(txn);
                if (!retry)
                        return NULL;
        }
        return NULL;
}

/* Operations stand beside the configuration: nothing is loaded and nothing is built for them. */
static bool operations_only(const struct revision *r)
{
        if (!r->change_count) /* serials alone */
                return false;
        for (size_t i = 0; i < r->change_count; i++)
                if (r->changes[i].kind != KIND_DRAINS)
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

/* What is to be in force after the commit. Of a configuration a snapshot, and what is left out of it. `retry`: the
 * store's map was too small, the transaction is of no use. */
static bool prepare(struct control *control, struct store_txn *txn, const struct revision *r,
                    struct snapshot **snapshot, struct problems *left_out, bool *retry, struct problems *problems)
{
        char error[CONTROL_ERROR_MAX];

        *snapshot = NULL;
        *retry = false;
        if (operations_only(r)) {
                bool good = true;
                for (size_t i = 0; i < r->change_count; i++)
                        good &= drains_check(&r->changes[i], snapshot_current()->model, problems);
                return good;
        }
        struct problems known = PROBLEMS_INIT;
        for (size_t i = 0; i < control->left_out.count; i++)
                if (!concerns(&control->left_out.list[i], r))
                        problems_add(&known, control->left_out.list[i].path, 0, "%s",
                                     control->left_out.list[i].message);
        struct model *model = model_load_rest(txn, snapshot_current()->model, &known, left_out, problems);
        problems_free(&known);
        if (model && !serials_raise(txn, model, retry, error, sizeof(error))) {
                problems_add(problems, "", 0, "%s", error);
                model_free(model);
                return false;
        }
        *snapshot = model ? snapshot_build(model, control->geo, snapshot_current(), problems) : NULL;
        return *snapshot != NULL;
}

static void put_in_force(struct control *control, const struct revision *r, struct snapshot *snapshot)
{
        int64_t now = clock_wall_ms();

        control->store_error[0] = '\0';
        control->revision = r->number;
        control->revision_time_ms = r->time_ms;
        for (size_t i = 0; i < r->change_count; i++)
                if (r->changes[i].kind == KIND_DRAINS)
                        drains_take(control->drains, &r->changes[i]);
        if (snapshot) {
                control_publish(control, snapshot);
                return;
        }
        for (size_t i = 0; i < r->change_count; i++)
                drains_into_covered(control->drains, r->changes[i].key, snapshot_current()->model, now, control->states,
                                    snapshot_current()->steering);
        steering_publish(snapshot_current()->steering);
}

/* What was forced goes into the history of the revision. `retry` as prepare's. */
static bool record_forced(struct store_txn *txn, const struct revision *r, const char *reason, bool *retry,
                          struct problems *problems)
{
        char error[CONTROL_ERROR_MAX];
        struct arena *a = arena_new(0);
        struct doc *forced = doc_new(a, DOC_LIST);

        for (size_t i = 0; i < problems->count; i++)
                doc_add_format(a, forced, NULL, "%s: %s", problems->list[i].path, problems->list[i].message);
        bool good = store_forced(txn, r->number, reason, forced, retry, error, sizeof(error));
        arena_free(a);
        if (!good)
                problems_add(problems, "", 0, "%s", error);
        return good;
}

/* Whether it may be done: nothing stands against it, or that is not heeded. */
static enum control_result weigh(struct control *control, struct store_txn *txn, const struct revision *r,
                                 struct snapshot *snapshot, const struct change_terms *terms,
                                 struct change_outcome *outcome, bool *retry, struct problems *problems)
{
        struct findings *f = &outcome->found;
        const char *reason = terms->reason ? terms->reason : "";

        *f = snapshot ? guard_configuration(control, r, snapshot, problems) : guard_operations(control, r, problems);
        if (!f->losing && !f->broken)
                return CONTROL_OK;
        if (!terms->force || (f->broken && !*reason))
                return CONTROL_REFUSED;
        return record_forced(txn, r, reason, retry, problems) ? CONTROL_OK : CONTROL_INVALID;
}

static void log_change(const struct revision *r, const struct change_terms *terms, const struct problems *forced)
{
        for (size_t i = 0; i < r->change_count; i++)
                log_debug("control", "revision %llu: %s[%s] %s", (unsigned long long)r->number,
                          kind_name(r->changes[i].kind), r->changes[i].key,
                          r->changes[i].document ? "is set" : "is deleted");
        log_info("audit", "revision %llu by \"%s\": %zu change%s%s%s", (unsigned long long)r->number, r->author,
                 r->change_count, r->change_count == 1 ? "" : "s", r->comment && *r->comment ? ": " : "",
                 r->comment ? r->comment : "");
        for (size_t i = 0; i < forced->count && i < FORCED_LOGGED; i++)
                log_warning("audit", "revision %llu by \"%s\" was forced%s%s: %s: %s", (unsigned long long)r->number,
                            r->author, terms->reason ? ", for " : "", terms->reason ? terms->reason : "",
                            forced->list[i].path, forced->list[i].message);
}

enum control_result control_change(struct control *control, struct change *changes, size_t *count,
                                   const struct change_terms *terms, struct change_outcome *outcome,
                                   struct problems *problems)
{
        char error[CONTROL_ERROR_MAX] = "the store's map could not grow";
        struct revision revision = {.time_ms = clock_wall_ms(),
                                    .author = terms->author,
                                    .comment = terms->comment,
                                    .changes = changes,
                                    .change_count = *count};
        struct problems left_out = PROBLEMS_INIT;
        struct snapshot *snapshot;
        struct store_txn *txn;
        enum control_result result;
        bool retry, unchanged;

        *outcome = (struct change_outcome){.revision = control->revision};
        do {
                txn = apply_changes(control, terms->backup, &revision, &unchanged, error, sizeof(error));
                if (!txn)
                        return change_fail(control, problems, error);
                *count = revision.change_count;
                if (unchanged) {
                        store_end(txn);
                        return CONTROL_UNCHANGED;
                }
                bool good = prepare(control, txn, &revision, &snapshot, &left_out, &retry, problems);
                result = good ? weigh(control, txn, &revision, snapshot, terms, outcome, &retry, problems)
                              : CONTROL_INVALID;
                if (result != CONTROL_OK || terms->dry_run) {
                        store_end(txn);
                        snapshot_free(snapshot);
                        problems_free(&left_out);
                }
                if (retry)
                        problems_free(problems);
        } while (retry);
        if (result != CONTROL_OK || terms->dry_run)
                return result;
        if (!store_commit(txn, error, sizeof(error))) {
                snapshot_free(snapshot);
                problems_free(&left_out);
                return change_fail(control, problems, error);
        }
        outcome->revision = revision.number;
        if (snapshot) {
                problems_free(&control->left_out);
                control->left_out = left_out;
        }
        put_in_force(control, &revision, snapshot);
        log_change(&revision, terms, problems);
        return CONTROL_OK;
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

void change_end_drains(struct control *control, uint64_t now_ms)
{
        const struct model *m = snapshot_current()->model;
        int64_t wall_ms = clock_wall_ms();
        struct problems problems = PROBLEMS_INIT;
        const struct change_terms terms = {
                .author = "gslbd", .comment = "drain ended", .force = true, .reason = "it ended"};
        struct change_outcome outcome;
        struct change *changes;

        drains_turn(control->drains, m, wall_ms, control->states, snapshot_current()->steering);
        if (!drains_due(control->drains, wall_ms) || now_ms < control->end_drains_ms)
                return;
        struct arena *a = arena_new(0);
        size_t count = drains_ended(control->drains, m, wall_ms, a, &changes);
        for (size_t i = 0; i < count; i++) /* out of force now, whatever becomes of the store */
                drains_into_covered(control->drains, changes[i].key, m, wall_ms, control->states,
                                    snapshot_current()->steering);
        steering_publish(snapshot_current()->steering);
        if (count && control_change(control, changes, &count, &terms, &outcome, &problems) == CONTROL_FAILED)
                wait_longer(control, now_ms);
        else
                control->end_drains_wait_ms = 0;
        arena_free(a);
        problems_free(&problems);
}
