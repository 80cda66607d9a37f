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

/* Sends what went wrong. */
static void refuse_change(struct call *c, enum control_result result, bool deletes_only)
{
        if (result == CONTROL_FAILED)
                reply_problems(c, 507, "the change could not be written, nothing was changed", &c->problems);
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
        uint64_t revision;

        /* What is there before is read first; the reduced set is described. */
        struct store_txn *before = call_read(c);
        if (!before)
                return CONTROL_FAILED;
        count = changes_reduce(before, changes, count);
        for (size_t i = 0; i < count; i++) {
                deletes_only &= !changes[i].document;
                describe(c, before, &changes[i], list);
        }
        if (!call_read_end(c))
                return CONTROL_FAILED;
        if (!permit_tokens(c, changes, count))
                return CONTROL_INVALID;
        enum control_result result =
                control_change(c->control, changes, &count, call_author(c), comment, dry_run, &revision, &c->problems);
        if (result == CONTROL_INVALID || result == CONTROL_FAILED) {
                changes_locate(changes, count, &c->problems);
                refuse_change(c, result, deletes_only);
                return result;
        }
        if (extra)
                doc_each (member, extra)
                        doc_add(d, member->key, doc_copy(c->arena, member));
        if (result == CONTROL_OK && !dry_run)
                c->revision = revision;
        call_set_header(c, "Gslbd-Revision", arena_printf(c->arena, "%llu", (unsigned long long)revision));
        doc_add_int(c->arena, d, "revision", (int64_t)revision);
        doc_add_bool(c->arena, d, "changed", result == CONTROL_OK && !dry_run);
        if (dry_run)
                doc_add_bool(c->arena, d, "dry_run", true);
        doc_add(d, "changes", list);
        if (etag_of)
                call_set_header(c, "ETag", doc_etag(c->arena, etag_of));
        reply_doc(c, result == CONTROL_UNCHANGED && status == 201 ? 200 : status, d);
        return result;
}
