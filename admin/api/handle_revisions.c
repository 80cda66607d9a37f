/* History: who changed what and when, and going back. */
#include <stdlib.h>
#include <string.h>
#include "admin/api/handlers.h"
#include "admin/rollout/rollouts.h"
#include "admin/rollout/undo.h"
#include "base/clock.h"

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

/* Which revisions are asked for. */
struct revision_filter {
        int64_t since_ms;
        const char *author, *kinds; /* NULL: any; kinds with commas */
};

/* Whether a list with commas has a word. */
static bool word_in(const char *list, const char *word)
{
        for (size_t n = strlen(word); *list; list += strcspn(list, ",") + (list[strcspn(list, ",")] == ','))
                if (strcspn(list, ",") == n && !strncmp(list, word, n))
                        return true;
        return false;
}

static bool changes_kind(const struct doc *entry, const char *kinds)
{
        const struct doc *changes = doc_get(entry, "changes");

        for (const struct doc *one = changes ? changes->first : NULL; one; one = one->next)
                if (word_in(kinds, doc_get_string(one, "kind")))
                        return true;
        return false;
}

static bool revision_is_meant(const struct revision_filter *f, const struct doc *entry)
{
        const char *author = doc_get_string(entry, "author");

        return (!f->author || (author && !strcmp(author, f->author))) && (!f->kinds || changes_kind(entry, f->kinds));
}

static bool revision_is_older(const struct revision_filter *f, const struct doc *entry)
{
        const char *time = doc_get_string(entry, "time");
        int64_t ms;

        return f->since_ms && time && clock_parse(time, &ms) && ms < f->since_ms;
}

/* false: a reply was sent. */
static bool read_revision_filter(struct call *c, struct revision_filter *f)
{
        enum kind kind;

        *f = (struct revision_filter){.author = call_text(c, PARAMETER_AUTHOR), .kinds = call_text(c, PARAMETER_KINDS)};
        for (const char *at = f->kinds; at && *at; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ',')) {
                const char *word = arena_strndup(c->arena, at, strcspn(at, ","));
                if (kind_parse(word, &kind))
                        continue;
                reply_problem(c, 400, "kinds: there is no kind \"%s\"", word);
                return false;
        }
        return call_time(c, PARAMETER_SINCE_TIME, &f->since_ms);
}

#define REVISIONS_LOOKS_MOST 1000 /* in one call */
#define REVISIONS_STEP       100

/* Adds those that are meant, newest first. Returns the number to go on before; 0: there are no more. */
static uint64_t list_revisions(struct call *c, struct store_txn *txn, const struct revision_filter *f,
                               struct doc *items)
{
        uint64_t before = call_number(c, PARAMETER_BEFORE, 0), limit = call_number(c, PARAMETER_LIMIT, c->route->limit);
        bool changes = call_flag(c, PARAMETER_CHANGES);

        for (unsigned looked = 0; looked < REVISIONS_LOOKS_MOST;) {
                unsigned step = !f->author && !f->kinds && limit < REVISIONS_STEP ? (unsigned)limit : REVISIONS_STEP;
                struct doc *list = store_history(txn, before, step, changes || f->kinds, c->arena);
                struct doc *next;
                for (struct doc *entry = list->first; entry; entry = next) {
                        int64_t number = 0;
                        next = entry->next;
                        if (revision_is_older(f, entry))
                                return 0;
                        if (items->count == limit)
                                return before;
                        doc_get_int(entry, "number", &number);
                        before = (uint64_t)number;
                        looked++;
                        if (!revision_is_meant(f, entry))
                                continue;
                        if (!changes && doc_get(entry, "changes"))
                                doc_remove(entry, doc_get(entry, "changes"));
                        hide_hashes(entry);
                        doc_add(items, NULL, doc_copy(c->arena, entry));
                }
                if (list->count < step || before <= 1)
                        return 0;
                if (items->count == limit)
                        break;
        }
        return before;
}

void handle_revisions(struct call *c)
{
        struct doc *d = doc_new(c->arena, DOC_MAP), *items = doc_add_list(c->arena, d, "items");
        struct revision_filter filter;
        struct store_txn *txn = read_revision_filter(c, &filter) ? call_read(c) : NULL;

        if (!txn)
                return;
        uint64_t next = list_revisions(c, txn, &filter, items);
        if (!call_read_end(c))
                return;
        doc_add_string(c->arena, d, "next", next ? arena_printf(c->arena, "%llu", (unsigned long long)next) : NULL);
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
        bool good =
                known && store_rollback_changes(txn, number,
                                                call_flag(c, PARAMETER_WITH_DRAINS) ? BACK_DRAINS : BACK_CONFIGURATION,
                                                c->arena, &changes, &count, error, sizeof(error));
        if (good) {
                count = leave_ended(c, txn, changes, count);
                confirms_end_above(txn, number, c->arena, &changes, &count);
        }
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

void handle_revert(struct call *c)
{
        char error[STORE_ERROR_MAX];
        struct change *changes;
        uint64_t number;
        size_t count;

        if (!number_of(c, c->parts[0], &number) || !call_read(c))
                return;
        bool known = number && number <= store_revision(c->txn);
        bool good =
                known && undo_changes(c->txn, number, c->arena, &changes, &count, &c->problems, error, sizeof(error));
        bool waits = good && store_has(c->txn, KIND_CONFIRMS, c->parts[0]);
        if (!call_read_end(c))
                return;
        if (!good) {
                reply_problem(c, known ? 409 : 404, "%s", known ? error : "there is no such revision");
                return;
        }
        if (c->problems.count) {
                reply_problems(c, 409, "later revisions changed the same, nothing was changed", &c->problems);
                return;
        }
        if (!count) {
                reply_problem(c, 409,
                              "revision %llu changed nothing of the configuration, and drains and tokens are not "
                              "reverted",
                              (unsigned long long)number);
                return;
        }
        if (waits) /* for a confirmation: it is taken back now; there is room for it */
                changes[count++] = (struct change){KIND_CONFIRMS, c->parts[0], NULL};
        reply_change_then(
                c, changes, count,
                &(struct change_words){.comment = comment_of(c, "revert", number), .status = 200, .alone = true});
}
