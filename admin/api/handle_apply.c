/* Whole configurations in and out, and what they may hold. */
#include "admin/api/handlers.h"

void handle_apply(struct call *c)
{
        struct doc *document = call_body(c);
        struct change *changes;
        size_t count;

        if (!document)
                return;
        document_changes(document, c->arena, &changes, &count, &c->problems);
        if (!call_valid(c))
                return;
        if (call_flag(c, PARAMETER_PRUNE)) {
                struct store_txn *txn = call_read(c);
                if (!txn)
                        return;
                changes_prune(txn, document, c->arena, &changes, &count);
                if (!call_read_end(c))
                        return;
        }
        reply_change(c, changes, count, call_text(c, PARAMETER_COMMENT), 200, NULL, NULL);
}

void handle_configuration(struct call *c)
{
        struct store_txn *txn = call_read(c);

        if (!txn || call_not_modified(c, revision_etag(c->arena, control_revision(c->control))))
                return;
        struct doc *d = configuration_document(txn, call_flag(c, PARAMETER_DEFAULTS), c->arena);
        if (call_read_end(c))
                reply_doc(c, 200, d);
}

void handle_schema(struct call *c)
{
        struct doc *d = doc_new(c->arena, DOC_MAP);

        for (int k = 0; k < KIND_COUNT; k++)
                doc_add(d, kind_name((enum kind)k), schema_describe(kind_schema((enum kind)k), c->arena));
        reply_doc(c, 200, d);
}
