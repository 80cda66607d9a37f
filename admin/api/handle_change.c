/* Making revisions, and what a reply to a change says. */
#include "admin/api/handlers.h"
#include "admin/api/permit.h"
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

static void describe(struct call *c, struct store_txn *before, const struct change *change, struct doc *list)
{
        const struct doc *old = store_get(before, change->kind, change->key, c->arena);
        struct doc *d = doc_add_map(c->arena, list, NULL);

        doc_add_string(c->arena, d, "kind", kind_name(change->kind));
        doc_add_string(c->arena, d, "key", change->key);
        doc_add_string(c->arena, d, "action", !change->document ? "delete" : old ? "update" : "create");
        if (old && change->document && change->kind != KIND_TOKENS)
                doc_add(d, "fields", doc_differ(c->arena, old, change->document));
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
                reply_problems(c, 409, guard_said(c, &outcome->found), &c->problems);
        else if (deletes_only)
                reply_problems(c, 409, "something else refers to it", &c->problems);
        else
                reply_problems(c, 422, "the configuration would not be valid", &c->problems);
}

enum control_result reply_change(struct call *c, struct change *changes, size_t count, const char *comment, int status,
                                 const struct doc *extra, const struct doc *etag_of)
{
        struct doc *d = doc_new(c->arena, DOC_MAP), *list = doc_new(c->arena, DOC_LIST);
        bool deletes_only = count > 0, dry_run = call_is_dry(c);
        struct change_outcome outcome;

        /* What is there before is read first; the reduced set is described. */
        struct store_txn *before = call_read(c);
        if (!before)
                return CONTROL_FAILED;
        count = changes_reduce(before, changes, count);
        for (size_t i = 0; i < count; i++) {
                deletes_only &= !changes[i].document;
                describe(c, before, &changes[i], list);
        }
        bool may = permit_changes(c, before, changes, count);
        if (!may)
                return CONTROL_INVALID;
        if (!call_read_end(c))
                return CONTROL_FAILED;
        if (!permit_tokens(c, changes, count))
                return CONTROL_INVALID;
        const char *reason = call_text(c, PARAMETER_REASON);
        const struct change_terms terms = {.reason = reason ? reason : c->reason,
                                           .backup = c->backup,
                                           .author = call_author(c),
                                           .comment = comment,
                                           .dry_run = dry_run,
                                           .force = call_flag(c, PARAMETER_FORCE)};
        enum control_result result = control_change(c->control, changes, &count, &terms, &outcome, &c->problems);
        uint64_t revision = outcome.revision;
        if (result == CONTROL_OK && !dry_run)
                c->revision = revision; /* from here on a reply says that it was made, whatever becomes of memory */
        if (result != CONTROL_OK && result != CONTROL_UNCHANGED) {
                changes_locate(changes, count, &c->problems);
                refuse_change(c, result, &outcome, deletes_only);
                return result;
        }
        if (extra)
                doc_each (member, extra)
                        doc_add(d, member->key, doc_copy(c->arena, member));
        call_set_header(c, "Gslbd-Revision", arena_printf(c->arena, "%llu", (unsigned long long)revision));
        doc_add_int(c->arena, d, "revision", (int64_t)revision);
        doc_add_bool(c->arena, d, "changed", result == CONTROL_OK && !dry_run);
        if (dry_run)
                doc_add_bool(c->arena, d, "dry_run", true);
        doc_add(d, "changes", list);
        add_forced(c, d);
        if (etag_of)
                call_set_header(c, "ETag", doc_etag(c->arena, etag_of));
        reply_doc(c, result == CONTROL_UNCHANGED && status == 201 ? 200 : status, d);
        return result;
}
