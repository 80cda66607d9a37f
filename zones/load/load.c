#include "zones/load/load.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "zones/load/load_private.h"
#include "zones/load/references.h"
#include "zones/load/serials.h"

/* Decodes the rows of one kind, one after the other, into an array of the model. */
struct loader {
        struct model *model;
        struct problems *problems;
        struct arena *scratch; /* documents, row by row */
        enum kind kind;
        struct rows rows; /* of this arena */
        struct arena *rows_arena;
        uint32_t at;
        const struct map *instead; /* see model_load_with; NULL: of nothing */
        const struct over *over;
};

/* The document that stands in the place of a stored one, or NULL. */
static struct doc *instead_of(const struct loader *l, const char *key)
{
        char id[600];

        if (!l->instead)
                return NULL;
        snprintf(id, sizeof(id), "%s/%s", kind_name(l->kind), key);
        return map_get(l->instead, id);
}

/* The stored document; NULL with a problem. */
static struct doc *parse_row(struct loader *l, const char *path, const char *json, size_t length)
{
        struct problems problems = PROBLEMS_INIT;
        struct doc *d = doc_parse(l->scratch, json, length, DOC_JSON, &problems);

        if (!d)
                problems_add(l->problems, path, 0, "is not readable: %s", problems.list[0].message);
        problems_free(&problems);
        return d;
}

static void count_row(void *context, const char *key, const char *json, size_t length, const struct doc *document)
{
        struct loader *l = context;
        const struct doc *other = instead_of(l, key);

        l->at += !other || other->type == DOC_MAP;
}

void item_settle(enum kind kind, void *item, const char *key, struct arena *arena)
{
        if (kind == KIND_ZONES)
                ((struct zone *)item)->name = arena_strdup(arena, key);
        else if (kind == KIND_SERVICES)
                ((struct service *)item)->name = arena_strdup(arena, key);
        if (item_arena(kind, item))
                *item_arena(kind, item) = arena;
}

static void load_row(void *context, const char *key, const char *json, size_t length, const struct doc *document)
{
        struct loader *l = context;
        const struct doc *other = instead_of(l, key);
        struct doc root = {.type = DOC_MAP};
        char path[600];

        if (other && other->type != DOC_MAP)
                return;
        if (other)
                document = other;
        void *item = l->rows.items[l->kind][l->at++];
        snprintf(path, sizeof(path), "%s[%s]", kind_name(l->kind), key); /* so that problems name kind and key */

        arena_reset(l->scratch);
        struct doc *d = document ? doc_copy(l->scratch, document) : parse_row(l, path, json, length);
        if (!d)
                return;
        d->key = path;
        d->parent = &root;
        schema_decode(kind_schema(l->kind), d, l->kind == KIND_ZONES ? l->rows_arena : l->model->arena, item,
                      l->problems); /* of zones what stays is kept when they are linked */
        item_settle(l->kind, item, key, l->model->arena);
}

static void load_kind(struct store_txn *txn, struct loader *l, enum kind kind)
{
        size_t size = kind_schema(kind)->size;
        char error[STORE_ERROR_MAX];

        l->kind = kind;
        l->at = 0;
        bool whole = over_each(l->over, txn, kind, count_row, l);
        l->rows.count[kind] = l->at;
        l->rows.items[kind] = ARENA_ARRAY(l->rows_arena, void *, l->at);
        char *items = arena_alloc(l->model->arena, l->at * size);
        for (uint32_t i = 0; i < l->at; i++)
                l->rows.items[kind][i] = items + i * size;
        l->at = 0;
        if (!whole || !over_each(l->over, txn, kind, load_row, l)) {
                store_is_whole(txn, error, sizeof(error));
                problems_add(l->problems, kind_name(kind), 0, "%s", error);
        }
}

static void load_all(struct store_txn *txn, struct loader *l, const struct model *previous)
{
        struct model *m = l->model;

        m->revision = store_revision(txn);
        m->revision_time_ms = store_revision_time(txn);
        for (enum kind kind = KIND_REGIONS; kind <= KIND_TOKENS; kind++)
                load_kind(txn, l, kind);
        if (l->problems->count)
                return;
        numbers_give(m, &l->rows, previous, l->rows_arena);
        model_link(m, &l->rows, l->problems);
        if (l->problems->count)
                return;
        numbers_settle(m, previous);
        references_build(m);
        serials_read(txn, m);
}

static void loader_free(struct loader *l)
{
        if (!l)
                return;
        arena_free(l->scratch);
        arena_free(l->rows_arena);
        free(l);
}

struct model *model_load_with(struct store_txn *txn, const struct over *over, const struct model *previous,
                              size_t memory_limit, const struct map *instead, struct problems *problems)
{
        struct arena *arena = arena_new(memory_limit);
        struct loader *l = calloc(1, sizeof(*l));
        jmp_buf failure;

        if (!l || setjmp(failure)) {
                problems_add(problems, "", 0, "not enough memory for this configuration");
                loader_free(l);
                arena_free(arena);
                return NULL;
        }
        arena_on_failure(arena, &failure);
        l->scratch = arena_new(0);
        l->rows_arena = arena_new(0);
        arena_on_failure(l->scratch, &failure);
        arena_on_failure(l->rows_arena, &failure);
        l->problems = problems;
        l->instead = instead;
        l->over = over;
        l->model = ARENA_NEW(arena, struct model);
        l->model->arena = arena;
        load_all(txn, l, previous);
        struct model *model = l->model;
        arena_on_failure(arena, NULL);
        loader_free(l);
        if (!problems->count)
                return model;
        model_free(model);
        return NULL;
}

struct model *model_load_limited(struct store_txn *txn, const struct model *previous, size_t memory_limit,
                                 struct problems *problems)
{
        return model_load_with(txn, NULL, previous, memory_limit, NULL, problems);
}

struct model *model_load(struct store_txn *txn, const struct model *previous, struct problems *problems)
{
        return model_load_with(txn, NULL, previous, MODEL_MAX, NULL, problems);
}

/* What edits made of a kind. */
static void free_edited(struct model *m, enum kind kind)
{
        for (uint32_t i = 0; i < m->count[kind]; i++) {
                struct arena **arena = m->items[kind] && m->items[kind][i] ? item_arena(kind, m->items[kind][i]) : NULL;
                bool is_made = kind == KIND_MONITORS && arena && ((struct monitor *)m->items[kind][i])->is_made;
                if (arena && *arena != m->arena && !is_made)
                        arena_free(*arena);
        }
        if (m->by_key[kind].heap)
                free(m->by_key[kind].slots);
}

void model_free(struct model *m)
{
        if (!m)
                return;
        for (enum kind kind = KIND_REGIONS; kind <= KIND_TOKENS; kind++)
                free_edited(m, kind);
        references_free(m);
        numbers_free(m);
        arena_free(m->arena);
}
