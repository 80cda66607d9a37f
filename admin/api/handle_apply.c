/* Whole configurations in and out, and what they may hold. */
#include <string.h>
#include "admin/api/handlers.h"
#include "admin/api/permit.h"
#include "admin/views/scope.h"
#include "base/clock.h"

/* --- what to prune --- */

static bool take_kind(struct call *c, const char *name, unsigned *kinds)
{
        enum kind kind;

        if (kind_parse(name, &kind) && kind_class(kind) == CLASS_CONFIGURATION) {
                *kinds |= 1u << kind;
                return true;
        }
        reply_problem(c, 400, "prune_kind: there is no kind \"%s\"; expected kinds such as pools,services", name);
        return false;
}

/* The kinds of which the document is all there is to be, as bits. false: a reply was sent. */
static bool pruned_kinds(struct call *c, size_t count, unsigned *kinds)
{
        const char *at = call_text(c, PARAMETER_PRUNE_KIND);

        *kinds = call_flag(c, PARAMETER_PRUNE) && !at ? UINT32_MAX : 0;
        if (*kinds && !count && !call_flag(c, PARAMETER_FORCE)) {
                reply_problem(c, 409,
                              "the document has no item: pruning would delete the whole configuration; force "
                              "does that");
                return false;
        }
        while (at) {
                size_t length = strcspn(at, ",");
                if (!take_kind(c, arena_strndup(c->arena, at, length), kinds))
                        return false;
                at = at[length] ? at + length + 1 : NULL;
        }
        return true;
}

/* --- who was faster --- */

static void add_touch(struct call *c, const struct change *change, int64_t since, const struct touch *touch)
{
        unsigned line = change->document ? change->document->line : 0;
        const char *what = change->document ? "" : ", and would be deleted";
        const char *item = arena_printf(c->arena, "%s[%s]", kind_name(change->kind), change->key);
        char time[CLOCK_TEXT_MAX];

        if (*touch->author)
                problems_add(&c->problems, item, line,
                             "changed by \"%s\" at %s in revision %llu, after revision %lld%s", touch->author,
                             clock_format(touch->time_ms, time), (unsigned long long)touch->revision, (long long)since,
                             what);
        else
                problems_add(&c->problems, item, line,
                             "may have been changed after revision %lld: who changed what is known from revision %llu "
                             "on%s",
                             (long long)since, (unsigned long long)touch->revision + 1, what);
}

/* Whether nobody else has changed what the document of revision `since` would change. */
static bool untouched(struct call *c, const struct change *changes, size_t count, int64_t since)
{
        uint64_t newest = store_revision(c->txn);
        struct touch touch;

        if ((uint64_t)since > newest) {
                reply_problem(
                        c, 409,
                        "the document says revision %lld, the newest here is %llu: it comes from another gslbd, or "
                        "from before its store was replaced; --overwrite applies it all the same",
                        (long long)since, (unsigned long long)newest);
                return false;
        }
        for (size_t i = 0; i < count; i++)
                if (store_touched(c->txn, changes[i].kind, changes[i].key, (uint64_t)since, call_author(c), c->arena,
                                  &touch))
                        add_touch(c, &changes[i], since, &touch);
        if (c->problems.count)
                reply_problems(c, 409,
                               arena_printf(c->arena,
                                            "others have changed since revision %lld what this document would change, "
                                            "nothing was changed; get it again and change that; --overwrite overrides",
                                            (long long)since),
                               &c->problems);
        return !c->problems.count;
}

/* --- apply --- */

/* What lies outside of the scope of the caller's token is not pruned: its documents do not have it. */
static void leave_others(struct call *c, struct change *changes, size_t from, size_t *count)
{
        size_t kept = from;

        for (size_t i = from; i < *count; i++)
                if (permit_change(c, c->txn, &changes[i]))
                        changes[kept++] = changes[i];
        *count = kept;
}

/* Completes the changes and looks whether they may be made. false: a reply was sent. */
static bool complete(struct call *c, const struct doc *document, struct change **changes, size_t *count)
{
        unsigned kinds;
        int64_t since;

        if (!pruned_kinds(c, *count, &kinds) || !call_read(c))
                return false;
        size_t written = *count;
        changes_prune(c->txn, kinds, c->arena, changes, count);
        leave_others(c, *changes, written, count);
        *count = changes_reduce_defaults(c->txn, *changes, *count);
        bool over_others = call_flag(c, PARAMETER_OVERWRITE) || call_flag(c, PARAMETER_FORCE);
        if (doc_get_int(document, "revision", &since) && !over_others && !untouched(c, *changes, *count, since))
                return false;
        return call_read_end(c);
}

/* What the document says. */
struct applying {
        const struct doc *document;
        struct change *changes;
        size_t count;
};

void read_apply(struct call *c)
{
        struct applying *a = ARENA_NEW(c->arena, struct applying);

        a->document = c->body.document;
        if (!document_changes(a->document, c->arena, &a->changes, &a->count, &c->body.problems)) {
                c->body.status = 422;
                c->body.detail = "the document is not valid, nothing was changed";
        }
        c->body.taken = a;
}

bool call_changes(struct call *c, struct change **changes, size_t *count)
{
        const struct applying *a = c->body.taken;

        if (!call_body_good(c))
                return false;
        *count = a->count;
        *changes = arena_memdup(c->arena, a->changes, a->count * sizeof(**changes));
        return true;
}

void handle_apply(struct call *c)
{
        const struct applying *a = c->body.taken;
        struct change *changes;
        size_t count;

        if (call_changes(c, &changes, &count) && complete(c, a->document, &changes, &count))
                reply_change_then(c, changes, count,
                                  &(struct change_words){.comment = call_text(c, PARAMETER_COMMENT),
                                                         .status = 200,
                                                         .reduced = true,
                                                         .alone = true});
}

/* What a token for a part may see is said when the call runs: a token is the control thread's. */
void make_configuration(struct call *c)
{
        struct export_terms *terms = ARENA_NEW(c->arena, struct export_terms);
        char error[STORE_ERROR_MAX];
        uint64_t revision;

        *terms = (struct export_terms){.with_defaults = call_flag(c, PARAMETER_DEFAULTS), .yaml = call_wants_yaml(c)};
        c->pieces = configuration_pieces(control_store(c->control), terms, &revision, error, sizeof(error));
        c->then = terms;
        if (!c->pieces)
                reply_problem(c, 500, "%s", error);
        else
                call_not_modified(c, revision_etag(c->arena, revision));
}

void handle_configuration(struct call *c)
{
        struct export_terms *terms = c->then;

        if (c->scoped) {
                c->scope = scope_new(&c->token->zones, &c->token->pool_labels);
                terms->sees = scope_sees;
                terms->context = c->scope;
        }
        reply_pieces(c, 200, terms->yaml ? "application/yaml" : "application/json");
}

void handle_schema(struct call *c)
{
        reply_doc(c, 200, kinds_describe(c->arena));
}
