/* Whole documents, as `apply` takes them and `get` gives them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buffer.h"
#include "base/documents/doc_unlike.h"
#include "base/hash.h"
#include "base/memory.h"
#include "zones/load/load.h"
#include "zones/load/model_problem.h"

static bool in_documents(enum kind kind)
{
        return kind_class(kind) == CLASS_CONFIGURATION;
}

static void check_top_level(const struct doc *d, struct problems *problems)
{
        char known[200] = "";
        enum kind kind;

        for (int k = 0; k < KIND_COUNT; k++)
                if (in_documents((enum kind)k)) {
                        size_t n = strlen(known);
                        snprintf(known + n, sizeof(known) - n, "%s%s", n ? ", " : "", kind_name((enum kind)k));
                }
        doc_each (child, d) {
                if (!strcmp(child->key, "revision")) {
                        if (child->type != DOC_INT || child->integer < 0)
                                doc_problem(problems, child, NULL, "expected the number of a revision");
                        continue;
                }
                if (!kind_parse(child->key, &kind) || !in_documents(kind))
                        doc_problem(problems, child, NULL, "unknown kind; expected one of %s", known);
                else if (child->type != (kind_only_key(kind) ? DOC_MAP : DOC_LIST))
                        doc_problem(problems, child, NULL, "expected a %s", kind_only_key(kind) ? "map" : "list");
        }
}

/* Items of a kind, on their way to changes. */
struct taking {
        enum kind kind;
        struct map *seen;
        struct arena *arena, *scratch; /* scratch: item by item */
};

/* Checks one item alone and appends its change. */
static void take_item(const struct taking *t, const struct doc *item, struct change *out, size_t *count,
                      struct problems *problems)
{
        size_t before = problems->count + problems->dropped;
        char key[1100];
        void *decoded = arena_alloc(t->scratch, kind_schema(t->kind)->size);

        schema_decode(kind_schema(t->kind), item, t->scratch, decoded, problems);
        arena_reset(t->scratch);
        if (problems->count + problems->dropped != before || !kind_key(t->kind, item, key, sizeof(key), problems))
                return;
        if (map_set(t->seen, key, (void *)item)) {
                doc_problem(problems, item, NULL, "\"%s\" stands twice", key);
                return;
        }
        out[(*count)++] = (struct change){t->kind, arena_strdup(t->arena, key), item};
}

bool document_changes(const struct doc *d, struct arena *a, struct change **changes, size_t *count,
                      struct problems *problems)
{
        size_t most = 0, before = problems->count;

        *count = 0;
        *changes = NULL;
        if (d->type != DOC_MAP) {
                doc_problem(problems, d, NULL, "expected a map of kinds, such as {regions: [...], pools: [...]}");
                return false;
        }
        check_top_level(d, problems);
        if (problems->count != before)
                return false;
        doc_each (list, d)
                most += list->count + 1; /* a map is one */
        *changes = ARENA_ARRAY(a, struct change, most);
        struct arena *scratch = arena_new(0);
        for (int k = 0; k < KIND_COUNT; k++) {
                const struct doc *list = doc_get(d, kind_name((enum kind)k));
                if (!list)
                        continue;
                const struct taking t = {(enum kind)k, map_new(), a, scratch};
                if (kind_only_key((enum kind)k))
                        take_item(&t, list, *changes, count, problems);
                else
                        doc_each (item, list)
                                take_item(&t, item, *changes, count, problems);
                map_free(t.seen);
        }
        arena_free(scratch);
        return problems->count == before;
}

/* --- where problems stand --- */

static const struct doc *item_called(const struct doc *list, const char *name, size_t length)
{
        char *end;
        unsigned long index = strtoul(name, &end, 10);
        bool is_index = end == name + length;

        doc_each (one, list) {
                const char *its = doc_get_string(one, "name");
                if (is_index ? one->index == index : its && strlen(its) == length && !strncmp(its, name, length))
                        return one;
        }
        return NULL;
}

/* The line of the innermost value that the rest of a path (".endpoints[a].weight") leads to. */
static unsigned line_of(const struct doc *d, const char *rest)
{
        unsigned line = d->line;

        while (d && *rest) {
                char name[200];
                size_t length = *rest == '[' ? strcspn(rest + 1, "]") : strcspn(rest + 1, ".[");
                snprintf(name, sizeof(name), "%.*s", (int)length, rest + 1);
                d = *rest == '[' ? item_called(d, rest + 1, length) : doc_get(d, name);
                rest += 1 + length + (*rest == '[' && rest[1 + length] == ']');
                line = d && d->line ? d->line : line;
        }
        return line;
}

/* What a change deletes did exist: a reference to it says who holds on to it, and needs no near name. */
static void tell_deleted(const struct change *change, struct problems *problems)
{
        char start[1200];
        int length = snprintf(start, sizeof(start), MODEL_REFERS MODEL_NOT_THERE, kind_name(change->kind), change->key);

        for (size_t i = 0; i < problems->count && length < (int)sizeof(start); i++)
                if (!strncmp(problems->list[i].message, start, (size_t)length))
                        snprintf(problems->list[i].message, (size_t)length, MODEL_REFERS, kind_name(change->kind),
                                 change->key);
}

void changes_locate(const struct change *changes, size_t count, struct problems *problems)
{
        char start[1200];

        for (size_t i = 0; i < count && problems->count; i++) {
                if (!changes[i].document)
                        tell_deleted(&changes[i], problems);
                if (!changes[i].document || !changes[i].document->line)
                        continue;
                int length = snprintf(start, sizeof(start), "%s[%s]", kind_name(changes[i].kind), changes[i].key);
                for (size_t p = 0; p < problems->count; p++) {
                        const char *path = problems->list[p].path;
                        if (!problems->list[p].line && !strncmp(path, start, (size_t)length) &&
                            (!path[length] || strchr(".[", path[length])))
                                problems->list[p].line = line_of(changes[i].document, path + length);
                }
        }
}

#define DOCUMENT_TEXT_MAX ((size_t)1 << 30)

/* Whether the change puts just what is stored, letter by letter: most do when a whole configuration is applied again.
 */
static bool is_stored(struct store_txn *txn, const struct change *c, struct buffer *text)
{
        if (!c->document)
                return false;
        buffer_clear(text);
        doc_write_json(c->document, text, 0);
        return !text->overflow && store_holds(txn, c->kind, c->key, text->data, text->length);
}

/* Whether both say the same, in one way of writing or another; `defaults`: written out or not. */
static bool says_same(enum kind kind, const struct doc *was, const struct doc *is, bool defaults, struct arena *a)
{
        const struct schema *schema = kind_schema(kind);
        struct doc *old, *new;

        if (doc_equal(was, is))
                return true;
        if (was->type != DOC_MAP || is->type != DOC_MAP)
                return false;
        doc_unlike(a, was, is, &old, &new);
        old = schema_plain(schema, old, a);
        new = schema_plain(schema, new, a);
        return doc_equal(old, new) ||
               (defaults && doc_equal(schema_with_defaults(schema, old, a), schema_with_defaults(schema, new, a)));
}

bool documents_say_same(enum kind kind, const struct doc *was, const struct doc *is)
{
        struct arena *scratch = arena_new_small(4096);
        bool same = says_same(kind, was, is, false, scratch);

        arena_free(scratch);
        return same;
}

static size_t reduce(struct store_txn *txn, struct change *changes, size_t count, bool defaults)
{
        struct buffer text = BUFFER_INIT(DOCUMENT_TEXT_MAX);
        struct arena *scratch = arena_new(0);
        size_t left = 0;

        for (size_t i = 0; i < count; i++) {
                if (is_stored(txn, &changes[i], &text))
                        continue;
                arena_reset(scratch);
                const struct doc *old = store_get(txn, changes[i].kind, changes[i].key, scratch);
                const struct doc *new = changes[i].document;
                if (new ? !old || !says_same(changes[i].kind, old, new, defaults, scratch) : old != NULL)
                        changes[left++] = changes[i];
        }
        arena_free(scratch);
        buffer_free(&text);
        return left;
}

size_t changes_reduce(struct store_txn *txn, struct change *changes, size_t count)
{
        return reduce(txn, changes, count, false);
}

size_t changes_reduce_defaults(struct store_txn *txn, struct change *changes, size_t count)
{
        return reduce(txn, changes, count, true);
}

/* --- pruning --- */

struct pruning {
        enum kind kind;
        struct map *named;
        struct arena *arena;
        struct change *found;
        size_t count, capacity;
};

static bool prune_row(void *context, const char *key, const char *json, size_t length)
{
        struct pruning *p = context;

        if (map_get(p->named, key))
                return true;
        if (p->count == p->capacity) {
                p->capacity = p->capacity ? p->capacity * 2 : 64;
                p->found = memory_resize(p->found, p->capacity * sizeof(*p->found));
        }
        p->found[p->count++] = (struct change){p->kind, arena_strdup(p->arena, key), NULL};
        return true;
}

bool changes_prune(struct store_txn *txn, unsigned kinds, struct arena *a, struct change **changes, size_t *count)
{
        struct pruning p = {.arena = a};
        bool whole = true;

        for (int k = 0; k < KIND_COUNT; k++) {
                if (!(kinds & 1u << k) || !in_documents((enum kind)k))
                        continue;
                p.kind = (enum kind)k;
                p.named = map_new();
                for (size_t i = 0; i < *count; i++)
                        if ((*changes)[i].kind == p.kind)
                                map_set(p.named, (*changes)[i].key, &p);
                whole &= store_each(txn, p.kind, NULL, prune_row, &p);
                map_free(p.named);
        }
        struct change *all = ARENA_ARRAY(a, struct change, *count + p.count);
        if (*count)
                memcpy(all, *changes, *count * sizeof(*all));
        if (p.count)
                memcpy(all + *count, p.found, p.count * sizeof(*all));
        free(p.found);
        *changes = all;
        *count += p.count;
        return whole;
}
