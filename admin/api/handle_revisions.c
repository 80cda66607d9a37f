/* History: who changed what and when, and going back. */
#include <stdlib.h>
#include <string.h>
#include "admin/api/handlers.h"
#include "base/clock.h"
#include "base/documents/doc_differ.h"
#include "base/documents/doc_take_back.h"

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

static const char *comment_of(struct call *c, const char *what, uint64_t number)
{
        const char *given = call_text(c, PARAMETER_COMMENT);

        return given ? given : arena_printf(c->arena, "%s revision %llu", what, (unsigned long long)number);
}

/* A drain that is over by now is not brought back: what stands in its place goes, and nothing comes. */
static size_t leave_ended(struct call *c, struct store_txn *txn, struct change *changes, size_t count)
{
        size_t kept = 0;

        for (size_t i = 0; i < count; i++) {
                struct change *one = &changes[i];
                const char *until = one->kind == KIND_DRAINS ? doc_get_string(one->document, "until") : NULL;
                int64_t until_ms;

                if (until && clock_parse(until, &until_ms) && until_ms <= clock_wall_ms()) {
                        if (!store_get(txn, one->kind, one->key, c->arena))
                                continue;
                        one->document = NULL;
                }
                changes[kept++] = *one;
        }
        return kept;
}

void handle_rollback(struct call *c)
{
        char error[STORE_ERROR_MAX];
        struct change *changes;
        struct store_txn *txn;
        uint64_t number;
        size_t count;

        if (!number_of(c, c->parts[0], &number) || !(txn = call_read(c)))
                return;
        bool known = number <= store_revision(txn);
        bool good = known && store_rollback_changes(txn, number, call_flag(c, PARAMETER_WITH_DRAINS), c->arena,
                                                    &changes, &count, error, sizeof(error));
        if (good)
                count = leave_ended(c, txn, changes, count);
        if (!call_read_end(c))
                return;
        if (good)
                reply_change_then(c, changes, count,
                                  &(struct change_words){.comment = comment_of(c, "rollback to", number),
                                                         .status = 200,
                                                         .alone = true});
        else
                reply_problem(c, known ? 409 : 404, "%s", known ? error : "there is no such revision yet");
}

/* --- undoing one revision --- */

/* Whether one of two places lies in the other. */
static bool overlap(const char *a, const char *b)
{
        size_t n = strlen(a), m = strlen(b), least = n < m ? n : m;
        char next = n < m ? b[least] : a[least];

        return !strncmp(a, b, least) && (!least || !next || next == '.' || next == '[');
}

static bool changed_there(struct call *c, const struct later *step, const char *path)
{
        if (!step->before || !step->after || !*path)
                return true;
        doc_each (one, doc_differ(c->arena, step->before, step->after))
                if (overlap(doc_get_string(one, "path"), path))
                        return true;
        return false;
}

/* The newest revision that changed it there. */
static const struct later *who_changed(struct call *c, const struct undo *u, const char *path)
{
        const struct later *found = NULL;

        for (const struct later *step = u->steps; step; step = step->next)
                if (changed_there(c, step, path))
                        found = step;
        return found;
}

static const char *say_value(struct call *c, const struct doc *d)
{
        char text[100];

        return d ? arena_strdup(c->arena, doc_show(d, text, sizeof(text))) : NULL;
}

static void add_conflict(struct call *c, const struct undo *u, uint64_t number, const struct doc *conflict)
{
        const char *path = doc_get_string(conflict, "path");
        const char *made = say_value(c, doc_get(conflict, "made")), *is = say_value(c, doc_get(conflict, "is"));
        const struct later *step = who_changed(c, u, path);
        const char *since = step ? arena_printf(c->arena, " since revision %llu, by \"%s\" at %s",
                                                (unsigned long long)step->number, step->author, step->time)
                                 : "";

        problems_add(&c->problems,
                     arena_printf(c->arena, "%s[%s]%s%s", kind_name(u->kind), u->key, *path && *path != '[' ? "." : "",
                                  path),
                     0, "revision %llu %s%s, it is %s%s", (unsigned long long)number,
                     made ? "made it " : "took it away", made ? made : "", is ? is : "gone", since);
}

/* The changes that undo the revision. false: a reply was sent. */
static bool undo_changes(struct call *c, uint64_t number, const struct undo *items, size_t count,
                         struct change *changes)
{
        for (size_t i = 0; i < count; i++) {
                const struct undo *u = &items[i];
                struct doc *conflicts = doc_new(c->arena, DOC_LIST);
                const struct doc *document = doc_take_back(c->arena, u->before, u->after, u->now, conflicts);
                doc_each (one, conflicts)
                        add_conflict(c, u, number, one);
                changes[i] = (struct change){u->kind, u->key, document};
        }
        if (c->problems.count)
                reply_problems(c, 409, "later revisions changed the same, nothing was changed", &c->problems);
        return !c->problems.count;
}

void handle_revert(struct call *c)
{
        char error[STORE_ERROR_MAX];
        struct undo *items;
        uint64_t number;
        size_t count;

        if (!number_of(c, c->parts[0], &number) || !call_read(c))
                return;
        bool known = number && number <= store_revision(c->txn);
        bool good = known && store_undo(c->txn, number, c->arena, &items, &count, error, sizeof(error));
        if (!call_read_end(c))
                return;
        if (!good) {
                reply_problem(c, known ? 409 : 404, "%s", known ? error : "there is no such revision");
                return;
        }
        if (!count) {
                reply_problem(c, 409,
                              "revision %llu changed nothing of the configuration, and drains and tokens are not "
                              "reverted",
                              (unsigned long long)number);
                return;
        }
        struct change *changes = ARENA_ARRAY(c->arena, struct change, count);
        if (undo_changes(c, number, items, count, changes))
                reply_change_then(c, changes, count,
                                  &(struct change_words){
                                          .comment = comment_of(c, "revert", number), .status = 200, .alone = true});
}
