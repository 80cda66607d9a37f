#include "zones/config/load.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "zones/config/load_private.h"
#include "zones/config/serials.h"

#define SCRATCH_MAX ((size_t)1 << 20) /* what the scratch arena grows to before a new one takes its place */

/* Decodes the rows of one kind, one after the other, into an array of the model. */
struct loader {
        struct model *model;
        struct problems *problems;
        struct arena *scratch; /* documents, row by row */
        enum kind kind;
        char *items;
        size_t item_size;
        uint32_t at;
        const struct map *instead; /* see model_load_with; NULL: of nothing */
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

static bool count_row(void *context, const char *key, const char *json, size_t length)
{
        struct loader *l = context;
        const struct doc *other = instead_of(l, key);

        l->at += !other || other->type == DOC_MAP;
        return true;
}

/* Puts the canonical key where the name stands: all later look-ups are by it. */
static void set_name(struct loader *l, void *item, const char *key)
{
        const char *name = arena_strdup(l->model->arena, key);

        if (l->kind == KIND_ZONES)
                ((struct zone *)item)->name = name;
        else if (l->kind == KIND_SERVICES)
                ((struct service *)item)->name = name;
}

static bool load_row(void *context, const char *key, const char *json, size_t length)
{
        struct loader *l = context;
        struct doc root = {.type = DOC_MAP}, *d = instead_of(l, key);
        char path[600];

        if (d && d->type != DOC_MAP)
                return true;
        void *item = l->items + l->at++ * l->item_size;
        snprintf(path, sizeof(path), "%s[%s]", kind_name(l->kind), key); /* so that problems name kind and key */

        if (arena_size(l->scratch) > SCRATCH_MAX) {
                arena_free(l->scratch);
                l->scratch = arena_new(0);
        }
        d = d ? doc_copy(l->scratch, d) : parse_row(l, path, json, length);
        if (!d)
                return true;
        d->key = path;
        d->parent = &root;
        schema_decode(kind_schema(l->kind), d, l->model->arena, item, l->problems);
        set_name(l, item, key);
        return true;
}

static void load_kind(struct store_txn *txn, struct loader *l, enum kind kind, void **items)
{
        char error[STORE_ERROR_MAX];

        l->kind = kind;
        l->at = 0;
        bool whole = store_each(txn, kind, NULL, count_row, l);
        uint32_t count = l->at;
        l->item_size = kind_schema(kind)->size;
        l->items = *items = arena_alloc(l->model->arena, count * l->item_size);
        l->at = 0;
        l->model->count[kind] = count;
        if (!whole || !store_each(txn, kind, NULL, load_row, l)) {
                store_is_whole(txn, error, sizeof(error));
                problems_add(l->problems, kind_name(kind), 0, "%s", error);
        }
}

static void load_all(struct store_txn *txn, struct loader *l)
{
        struct model *m = l->model;

        m->revision = store_revision(txn);
        m->revision_time_ms = store_revision_time(txn);
        load_kind(txn, l, KIND_REGIONS, (void **)&m->regions);
        load_kind(txn, l, KIND_NETWORKS, (void **)&m->networks);
        load_kind(txn, l, KIND_MONITORS, (void **)&m->monitors);
        load_kind(txn, l, KIND_POOLS, (void **)&m->pools);
        load_kind(txn, l, KIND_ZONES, (void **)&m->zones);
        load_kind(txn, l, KIND_SERVICES, (void **)&m->services);
        load_kind(txn, l, KIND_PROBERS, (void **)&m->probers);
        load_kind(txn, l, KIND_RULES, (void **)&m->rules);
        load_kind(txn, l, KIND_TOKENS, (void **)&m->tokens);
}

struct model *model_load_with(struct store_txn *txn, size_t memory_limit, const struct map *instead,
                              struct problems *problems)
{
        struct arena *arena = arena_new(memory_limit);
        struct loader *l = calloc(1, sizeof(*l));
        jmp_buf failure;

        if (!l || setjmp(failure)) {
                problems_add(problems, "", 0, "not enough memory for this configuration");
                if (l)
                        arena_free(l->scratch);
                free(l);
                arena_free(arena);
                return NULL;
        }
        arena_on_failure(arena, &failure);
        l->scratch = arena_new(0);
        l->problems = problems;
        l->instead = instead;
        l->model = ARENA_NEW(arena, struct model);
        l->model->arena = arena;
        load_all(txn, l);
        if (!problems->count)
                model_link(l->model, problems);
        if (!problems->count)
                serials_read(txn, l->model);
        struct model *model = l->model;
        arena_on_failure(arena, NULL);
        arena_free(l->scratch);
        free(l);
        if (!problems->count)
                return model;
        model_free(model);
        return NULL;
}

struct model *model_load_limited(struct store_txn *txn, size_t memory_limit, struct problems *problems)
{
        return model_load_with(txn, memory_limit, NULL, problems);
}

struct model *model_load(struct store_txn *txn, struct problems *problems)
{
        return model_load_with(txn, MODEL_MAX, NULL, problems);
}

void model_free(struct model *m)
{
        if (m)
                arena_free(m->arena);
}
