/* Backup and restore of the whole store while it is in use. */
#include "zones/store/backup.h"

#include <string.h>
#include "admin/api/handlers.h"
#include "base/clock.h"
#include "base/log.h"

#define OWN_TOKEN "admin" /* whose secret lies in the node's token file */

void make_backup(struct call *c)
{
        char error[STORE_ERROR_MAX];
        uint64_t revision;

        c->pieces = backup_pieces(control_store(c->control), clock_wall_ms(), &revision, error, sizeof(error));
        if (c->pieces)
                call_set_header(c, "Gslbd-Revision", arena_printf(c->arena, "%llu", (unsigned long long)revision));
        else
                reply_problem(c, 500, "%s", error);
}

void handle_backup(struct call *c)
{
        reply_pieces(c, 200, "text/plain; charset=utf-8");
}

/* The node's own token stays: the secret in its file goes on working. */
static size_t without_own_token(struct change *changes, size_t count)
{
        size_t kept = 0;

        if (model_find(snapshot_current()->model, KIND_TOKENS, OWN_TOKEN) == MODEL_NONE)
                return count;
        for (size_t i = 0; i < count; i++)
                if (changes[i].kind != KIND_TOKENS || strcmp(changes[i].key, OWN_TOKEN))
                        changes[kept++] = changes[i];
        return kept;
}

/* What the caller sent. */
struct restoring {
        struct backup backup;
        const char *warning; /* NULL: none */
};

void read_backup(struct call *c)
{
        const struct body *body = &c->request->body;
        struct restoring *r = ARENA_NEW(c->arena, struct restoring);
        char error[STORE_ERROR_MAX];

        c->body.length = body->length;
        c->body.taken = r;
        if (!backup_read(body->data ? body->data : "", body->length, c->arena, &r->backup, error, sizeof(error))) {
                c->body.status = 422;
                c->body.detail = arena_printf(c->arena, "%s; nothing was changed", error);
        } else if (!backup_digest_check(&r->backup, error, sizeof(error))) {
                r->warning = arena_strdup(c->arena, error);
        }
        http_request_drop_body(c->request);
}

void handle_backup_restore(struct call *c)
{
        const char *comment = call_text(c, PARAMETER_COMMENT);
        struct doc *extra = doc_new(c->arena, DOC_MAP);
        const struct restoring *r = c->body.taken;
        struct change *changes;
        struct store_txn *txn;
        size_t count;

        if (!call_body_good(c))
                return;
        const struct backup *backup = &r->backup;
        if (r->warning) {
                log_warning("store", "a restore of revision %llu: %s", (unsigned long long)backup->revision,
                            r->warning);
                doc_add_string(c->arena, extra, "warning", r->warning);
        }
        if (!(txn = call_read(c)))
                return;
        backup_changes(txn, backup, c->arena, &changes, &count);
        if (!call_read_end(c))
                return;
        count = without_own_token(changes, count);
        doc_add_int(c->arena, extra, "backup_revision", (int64_t)backup->revision);
        c->backup = backup;
        reply_change(c, changes, count,
                     comment ? comment
                             : arena_printf(c->arena, "restore of revision %llu", (unsigned long long)backup->revision),
                     200, extra, NULL);
}
