/* Whole configurations in and out, and what they may hold. */
#include "admin/api/handlers.h"

void handle_apply(struct call *c)
{
        struct problems problems = PROBLEMS_INIT;
        struct doc *document = call_body(c), *d = doc_new(c->arena, DOC_MAP);
        struct change *changes;
        size_t count;

        if (!document)
                return;
        bool good = document_changes(document, c->arena, &changes, &count, &problems);
        if (!good)
                reply_problems(c, 422, "the document is not valid, nothing was changed", &problems);
        problems_free(&problems);
        if (!good)
                return;
        if (call_flag(c, "prune")) {
                struct store_txn *txn = call_read(c);
                if (!txn)
                        return;
                changes_prune(txn, document, c->arena, &changes, &count);
                if (!call_read_end(c, txn))
                        return;
        }
        enum control_result result =
                make_change(c, changes, &count, call_query(c, "comment"), call_flag(c, "dry_run"), d);
        if (result == CONTROL_OK || result == CONTROL_UNCHANGED)
                reply_doc(c, 200, d);
}

void handle_configuration(struct call *c)
{
        struct store_txn *txn = call_read(c);

        if (!txn)
                return;
        struct doc *d = configuration_document(txn, call_flag(c, "defaults"), c->arena);
        if (call_read_end(c, txn))
                reply_doc(c, 200, d);
}

void handle_schema(struct call *c)
{
        struct doc *d = doc_new(c->arena, DOC_MAP);

        for (int k = 0; k < KIND_COUNT; k++)
                doc_add(d, kind_name((enum kind)k), schema_describe(kind_schema((enum kind)k), c->arena));
        reply_doc(c, 200, d);
}
