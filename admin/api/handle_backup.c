/* Backup and restore of the whole store while it is in use. */
#include "zones/store/backup.h"

#include <string.h>
#include "admin/api/handlers.h"
#include "base/clock.h"
#include "base/log.h"

#define OWN_TOKEN "admin" /* whose secret lies in the node's token file */

void handle_backup(struct call *c)
{
        struct buffer text = {.maximum = BACKUP_MAX, .soft = true};
        struct store_txn *txn = call_read(c);

        if (!txn)
                return;
        backup_write(txn, clock_wall_ms(), &text);
        call_set_header(c, "Gslbd-Revision", arena_printf(c->arena, "%llu", (unsigned long long)store_revision(txn)));
        if (call_read_end(c))
                reply_buffer(c, 200, "text/plain; charset=utf-8", &text);
        else
                buffer_free(&text);
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

void handle_backup_restore(struct call *c)
{
        char error[STORE_ERROR_MAX];
        const char *comment = call_text(c, PARAMETER_COMMENT);
        struct doc *extra = doc_new(c->arena, DOC_MAP);
        struct change *changes;
        struct backup backup;
        struct store_txn *txn;
        size_t length, count;

        const char *text = http_request_body(c->connection, &length);
        if (!backup_read(text, length, c->arena, &backup, error, sizeof(error))) {
                reply_problem(c, 422, "%s; nothing was changed", error);
                return;
        }
        http_request_drop_body(c->connection);
        if (!backup_digest_check(&backup, error, sizeof(error))) {
                log_warning("store", "a restore of revision %llu: %s", (unsigned long long)backup.revision, error);
                doc_add_string(c->arena, extra, "warning", error);
        }
        if (!(txn = call_read(c)))
                return;
        backup_changes(txn, &backup, c->arena, &changes, &count);
        if (!call_read_end(c))
                return;
        count = without_own_token(changes, count);
        doc_add_int(c->arena, extra, "backup_revision", (int64_t)backup.revision);
        c->backup = &backup;
        reply_change(c, changes, count,
                     comment ? comment
                             : arena_printf(c->arena, "restore of revision %llu", (unsigned long long)backup.revision),
                     200, extra, NULL);
        c->backup = NULL;
}
