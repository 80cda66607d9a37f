/* History: who changed what and when, and going back. */
#include <stdio.h>
#include <stdlib.h>
#include "admin/api/handlers.h"

/* Secrets' hashes stay in the store. */
static void hide_hashes(struct doc *entry)
{
        static const char *const sides[] = {"old", "new"};
        struct doc *changes = doc_get(entry, "changes");

        if (!changes)
                return;
        doc_each (one, changes)
                for (int i = 0; i < 2; i++) {
                        struct doc *side = doc_get(one, sides[i]), *hash = side ? doc_get(side, "hash") : NULL;
                        if (hash)
                                doc_remove(side, hash);
                }
}

static bool number_of(struct call *c, const char *text, uint64_t *number)
{
        char *end;

        *number = strtoull(text, &end, 10);
        if (*text >= '0' && *text <= '9' && !*end)
                return true;
        reply_problem(c, 404, "expected the number of a revision, got \"%s\"", text);
        return false;
}

void handle_revisions(struct call *c)
{
        uint64_t n = call_number(c, PARAMETER_LIMIT, c->route->limit);
        struct doc *d = doc_new(c->arena, DOC_MAP);
        int64_t last = 0;
        struct store_txn *txn = call_read(c);

        if (!txn)
                return;
        struct doc *list = store_history(txn, call_number(c, PARAMETER_BEFORE, 0), (unsigned)n,
                                         call_flag(c, PARAMETER_CHANGES), c->arena);
        if (!call_read_end(c))
                return;
        doc_each (entry, list) {
                hide_hashes(entry);
                doc_get_int(entry, "number", &last);
        }
        doc_add(d, "items", list);
        doc_add_string(c->arena, d, "next",
                       list->count == n && last > 1 ? arena_printf(c->arena, "%lld", (long long)last) : NULL);
        reply_doc(c, 200, d);
}

void handle_revision(struct call *c)
{
        struct store_txn *txn;
        uint64_t number;

        if (!number_of(c, c->parts[0], &number) || !(txn = call_read(c)))
                return;
        struct doc *d = store_history_one(txn, number, c->arena);
        if (!call_read_end(c))
                return;
        if (!d) {
                reply_problem(c, 404, "there is no revision %llu in the history", (unsigned long long)number);
                return;
        }
        hide_hashes(d);
        reply_doc(c, 200, d);
}

void handle_rollback(struct call *c)
{
        char error[STORE_ERROR_MAX], comment[60];
        struct change *changes;
        struct store_txn *txn;
        uint64_t number;
        size_t count;

        if (!number_of(c, c->parts[0], &number) || !(txn = call_read(c)))
                return;
        bool known = number <= store_revision(txn);
        bool good = known && store_rollback_changes(txn, number, c->arena, &changes, &count, error, sizeof(error));
        if (!call_read_end(c))
                return;
        if (!good) {
                reply_problem(c, known ? 409 : 404, "%s", known ? error : "there is no such revision yet");
                return;
        }
        snprintf(comment, sizeof(comment), "rollback to revision %llu", (unsigned long long)number);
        const char *given = call_text(c, PARAMETER_COMMENT);
        reply_change(c, changes, count, given ? given : comment, 200, NULL, NULL);
}
