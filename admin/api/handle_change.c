/* Making revisions, and what a reply to a change says. */
#include <setjmp.h>
#include <string.h>
#include "admin/api/handlers.h"
#include "admin/api/permit.h"
#include "admin/api/api_private.h"
#include "admin/rollout/asked.h"
#include "admin/rollout/trials.h"
#include "admin/http/running.h"
#include "base/documents/doc_differ.h"

struct store_txn *call_read(struct call *c)
{
        char error[STORE_ERROR_MAX];

        c->txn = store_read(control_store(c->control), error, sizeof(error));
        if (!c->txn)
                reply_problem(c, 500, "%s", error);
        return c->txn;
}

bool call_read_end(struct call *c)
{
        char error[STORE_ERROR_MAX];
        bool whole = store_is_whole(c->txn, error, sizeof(error));

        store_end(c->txn);
        c->txn = NULL;
        if (!whole)
                reply_problem(c, 500, "%s", error);
        return whole;
}

/* --- making the change --- */

static void describe(struct call *c, const struct doc *old, const struct change *change, struct doc *list,
                     struct arena *scratch)
{
        struct doc *d = doc_add_map(c->arena, list, NULL);

        doc_add_string(c->arena, d, "kind", kind_name(change->kind));
        doc_add_string(c->arena, d, "key", change->key);
        doc_add_string(c->arena, d, "action", !change->document ? "delete" : old ? "update" : "create");
        if (kind_only_key(change->kind) || (old && change->document && change->kind != KIND_TOKENS)) {
                const struct doc *nothing = doc_new(scratch, DOC_MAP); /* what there is of the only one before it is */
                doc_add(d, "fields",
                        doc_copy(c->arena, doc_differ(scratch, old ? old : nothing,
                                                      change->document ? change->document : nothing)));
        }
}

/* All of them: of what is looked at for that, one at a time is in memory. */
static struct doc *describe_all(struct call *c, struct store_txn *before, const struct change *changes, size_t count)
{
        struct doc *list = doc_new(c->arena, DOC_LIST);
        struct arena *scratch = arena_new(0);
        jmp_buf failure, *outer = arena_on_failure(c->arena, &failure);

        if (setjmp(failure)) {
                arena_on_failure(c->arena, outer);
                arena_free(scratch);
                arena_fail(c->arena);
        }
        arena_on_failure(scratch, &failure);
        for (size_t i = 0; i < count; i++) {
                arena_reset(scratch);
                describe(c, store_get(before, changes[i].kind, changes[i].key, scratch), &changes[i], list, scratch);
        }
        arena_on_failure(c->arena, outer);
        arena_free(scratch);
        return list;
}

/* Of a change of which is known where it is: returns whether it changes something. */
static bool describe_part(struct call *c, const struct change *change, const struct change_words *w, struct doc **list)
{
        const struct change part = {change->kind, change->key, w->is};
        bool changes = !documents_say_same(part.kind, w->was, w->is);

        *list = doc_new(c->arena, DOC_LIST);
        if (changes)
                describe(c, w->was, &part, *list, c->arena);
        return changes;
}

static const char *guard_said(struct call *c, const struct findings *f)
{
        const char *losing = f->losing ? arena_printf(c->arena, "%zu service%s would have nothing healthy", f->losing,
                                                      f->losing == 1 ? "" : "s")
                                       : "";
        const char *broken =
                f->broken ? arena_printf(c->arena, "%zu rule%s would be broken", f->broken, f->broken == 1 ? "" : "s")
                          : "";

        return arena_printf(c->arena, "refused: %s%s%s; --force%s overrides", losing,
                            f->losing && f->broken ? ", and " : "", broken, f->broken ? " --reason TEXT" : "");
}

/* What was done all the same, as refusals name it. */
static void add_forced(struct call *c, struct doc *d)
{
        if (!c->problems.count)
                return;
        struct doc *list = doc_add_list(c->arena, d, "forced");
        for (size_t i = 0; i < c->problems.count; i++)
                doc_add_format(c->arena, list, NULL, "%s: %s", c->problems.list[i].path, c->problems.list[i].message);
}

/* Sends what went wrong. */
static void refuse_change(struct call *c, enum control_result result, const struct change_outcome *outcome,
                          bool deletes_only)
{
        if (result == CONTROL_FAILED)
                reply_problems(c, 507, "the change could not be written, nothing was changed", &c->problems);
        else if (result == CONTROL_REFUSED)
                reply_problems_beside(c, 409, guard_said(c, &outcome->found), &c->problems, "traffic",
                                      outcome->found.traffic);
        else if (deletes_only)
                reply_problems(c, 409, "something else refers to it", &c->problems);
        else
                reply_problems(c, 422, "the configuration would not be valid", &c->problems);
}

/* What the reply to a change is made of. */
struct change_reply {
        struct doc *changes; /* described */
        struct doc *confirm; /* that goes with them; NULL: none */
        const struct doc *extra;
        const char *etag; /* NULL: none */
        const char *comment;
        bool deletes_only, alone;
        struct change *made; /* the changes, for their places */
        size_t made_count;
        int status;
        enum control_result result;
        struct change_outcome outcome;
        void (*done)(struct call *); /* after it was made; NULL: nothing is */
        struct trial_asked *tries;   /* its checks come first; NULL: it is made at once */
};

/* Starts to run the checks that the changes bring, which could be made: 202, and the rest follows by itself. */
static void check_first(struct call *c)
{
        const struct change_reply *r = c->then;
        struct doc *d = doc_new(c->arena, DOC_MAP), *told;
        struct refusal refusal;

        if (!trial_begin(c->api->rollouts, r->tries, c->arena, &told, &refusal)) {
                reply_problem(c, refusal.status, "%s", refusal.detail);
                return;
        }
        doc_add_int(c->arena, d, "revision", (int64_t)control_revision(c->control));
        doc_add_bool(c->arena, d, "changed", false);
        doc_add(d, "changes", r->changes);
        doc_add(d, "trial", told);
        call_set_header(c, "Location", arena_printf(c->arena, "/v1/trials/%s", doc_get_string(told, "id")));
        reply_doc(c, 202, d);
}

static void send_change_reply(struct call *c)
{
        const struct change_reply *r = c->then;
        struct doc *d = doc_new(c->arena, DOC_MAP);
        bool dry_run = call_is_dry(c);

        if (r->tries && r->result == CONTROL_OK) {
                check_first(c);
                return;
        }
        if (r->result == CONTROL_OK && !dry_run)
                c->revision = r->outcome.revision; /* from here on a reply says that it was made, whatever becomes of
                                                      memory */
        if (r->result != CONTROL_OK && r->result != CONTROL_UNCHANGED) {
                refuse_change(c, r->result, &r->outcome, r->deletes_only);
                return;
        }
        if (r->done && !dry_run)
                r->done(c);
        if (r->extra)
                doc_each (member, r->extra)
                        doc_add(d, member->key, doc_copy(c->arena, member));
        call_set_header(c, "Gslbd-Revision", arena_printf(c->arena, "%llu", (unsigned long long)r->outcome.revision));
        doc_add_int(c->arena, d, "revision", (int64_t)r->outcome.revision);
        doc_add_bool(c->arena, d, "changed", r->result == CONTROL_OK && !dry_run);
        if (dry_run)
                doc_add_bool(c->arena, d, "dry_run", true);
        doc_add(d, "changes", r->changes);
        if (r->confirm && r->result == CONTROL_OK && !dry_run)
                doc_add(d, "confirm", r->confirm);
        if (r->outcome.raised)
                doc_add_bool(c->arena, d, "raised", true);
        add_forced(c, d);
        if (r->outcome.found.traffic)
                doc_add(d, "traffic", r->outcome.found.traffic);
        if (r->etag)
                call_set_header(c, "ETag", r->etag);
        reply_doc(c, r->result == CONTROL_UNCHANGED && r->status == 201 ? 200 : r->status, d);
}

/* It is written, or could not be. */
static void written(void *context, enum control_result result, const struct change_outcome *outcome)
{
        struct call *c = context;
        struct change_reply *r = c->then;

        r->result = result;
        r->outcome = *outcome;
        if (result == CONTROL_FAILED) {
                problems_free(&c->problems);
                problems_add(&c->problems, "", 0, "%s", outcome->error);
        }
        changes_locate(r->made, r->made_count, &c->problems);
        call_finish(c, send_change_reply);
}

/* They outlive the handler, as the call does. There is room for one more. */
static struct change *changes_keep(struct call *c, const struct change *changes, size_t count)
{
        struct change *kept = ARENA_ARRAY(c->arena, struct change, count + 1);

        if (count)
                memcpy(kept, changes, count * sizeof(*changes));
        for (size_t i = 0; i < count; i++)
                kept[i].key = arena_strdup(c->arena, changes[i].key);
        return kept;
}

/* Adds that they go back by themselves, where that is asked for: *confirm. false: a reply was sent. */
static bool goes_back(struct call *c, struct change *changes, size_t *count, struct doc **confirm)
{
        const struct confirm_asked asked = {call_text(c, PARAMETER_CONFIRM_WITHIN), call_text(c, PARAMETER_ABORT_IF),
                                            call_author(c)};
        struct refusal refusal;

        if (confirm_asked(c->control, &asked, changes, count, c->arena, confirm, &c->problems, &refusal))
                return true;
        reply_problems(c, refusal.status, refusal.detail, &c->problems);
        return false;
}

static struct trial_asked trial_of(struct call *c, const struct change *changes, size_t count, const char *comment)
{
        const char *author = call_author(c);

        return (struct trial_asked){
                .changes = changes,
                .count = count,
                .author = author,
                .comment = comment,
                .reason = call_text(c, PARAMETER_REASON),
                .force = call_flag(c, PARAMETER_FORCE),
                .confirm = {call_text(c, PARAMETER_CONFIRM_WITHIN), call_text(c, PARAMETER_ABORT_IF), author},
                .within = call_text(c, PARAMETER_CHECK_WITHIN)};
}

/* The change is made of what was found out. */
void reply_change_prepared(struct call *c)
{
        struct change_reply *r = c->then;
        const char *reason = call_text(c, PARAMETER_REASON);

        if (call_text(c, PARAMETER_CHECK_WITHIN) && !call_flag(c, PARAMETER_CHECK_FIRST)) {
                reply_problem(c, 400, "check_within goes with check_first, nothing was changed");
                return;
        }
        if (call_flag(c, PARAMETER_CHECK_FIRST) && !call_is_dry(c)) {
                r->tries = ARENA_NEW(c->arena, struct trial_asked);
                *r->tries = trial_of(c, r->made, r->made_count, r->comment);
        }
        if (!goes_back(c, r->made, &r->made_count, &r->confirm))
                return;
        const struct change_terms terms = {.reason = reason ? reason : c->reason,
                                           .backup = c->backup,
                                           .author = call_author(c),
                                           .comment = r->comment,
                                           .dry_run = call_is_dry(c) || r->tries,
                                           .tell = c->arena,
                                           .force = call_flag(c, PARAMETER_FORCE),
                                           .reduced = true,
                                           .alone = r->alone || r->confirm,
                                           .done = written,
                                           .context = c};
        r->result = control_change(c->control, r->made, &r->made_count, &terms, &r->outcome, &c->problems);
        c->waits = r->result == CONTROL_STARTED;
        c->again = r->result == CONTROL_LATER;
        if (c->waits || c->again)
                return;
        changes_locate(r->made, r->made_count, &c->problems);
        send_change_reply(c);
}

void reply_change_then(struct call *c, struct change *changes, size_t count, const struct change_words *w)
{
        struct change_reply *r = ARENA_NEW(c->arena, struct change_reply);

        *r = (struct change_reply){.extra = w->extra,
                                   .etag = w->etag_of ? doc_etag(c->arena, w->etag_of) : NULL,
                                   .comment = w->comment,
                                   .alone = w->alone,
                                   .deletes_only = count > 0,
                                   .status = w->status,
                                   .done = w->done};
        /* What is there before is read first; the reduced set is described. */
        struct store_txn *before = call_read(c);
        if (!before)
                return;
        if (w->is) {
                count = describe_part(c, changes, w, &r->changes);
        } else {
                count = w->reduced ? count : changes_reduce(before, changes, count);
                r->changes = describe_all(c, before, changes, count);
        }
        for (size_t i = 0; i < count; i++)
                r->deletes_only &= !changes[i].document;
        if (!permit_changes(c, before, changes, count) || !call_read_end(c) || !permit_tokens(c, changes, count))
                return;
        r->made = changes_keep(c, changes, count);
        r->made_count = count;
        c->then = r;
        if (!c->beside)
                reply_change_prepared(c);
}

void reply_change(struct call *c, struct change *changes, size_t count, const char *comment, int status,
                  const struct doc *extra, const struct doc *etag_of)
{
        const struct change_words w = {.comment = comment, .status = status, .extra = extra, .etag_of = etag_of};

        reply_change_then(c, changes, count, &w);
}
