/* The items that changes name: decoded each into memory of its own, and numbered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "zones/load/edit_private.h"

#define ITEM_FIRST 512 /* bytes of an item's memory to begin with: most are small */

void edit_add(struct model_edit *e, enum kind kind, uint32_t number, const void *before, const void *after)
{
        if (e->count == e->capacity) {
                e->capacity = e->capacity ? 2 * e->capacity : 8;
                e->items = memory_resize(e->items, e->capacity * sizeof(*e->items));
        }
        e->items[e->count++] = (struct edited){kind, number, before, after};
}

void edit_free_item(const struct model *m, enum kind kind, const void *item)
{
        struct arena *arena = *item_arena(kind, (void *)item);

        if (arena != m->arena)
                arena_free(arena);
}

static int compare_changes(const void *a, const void *b)
{
        const struct change *x = *(const struct change *const *)a, *y = *(const struct change *const *)b;

        return x->kind != y->kind ? (int)x->kind - (int)y->kind : strcmp(x->key, y->key);
}

/* Whether an edit can be made of it. */
static bool is_taken(const struct model *m, const struct change *c)
{
        bool there = model_find(m, c->kind, c->key) != MODEL_NONE;

        switch (c->kind) {
        case KIND_POOLS:
        case KIND_ZONES:
        case KIND_SERVICES:
        case KIND_TOKENS:
                return true;
        case KIND_MONITORS:
        case KIND_PROBERS:
                return !there;
        case KIND_REGIONS:
        case KIND_NETWORKS:
        case KIND_RULES:
        case KIND_DRAINS:
        case KIND_HOLDS:
        case KIND_CONFIRMS:
        case KIND_SHIFTS:
        case KIND_COUNT:
                break;
        }
        return kind_class(c->kind) == CLASS_OPERATION;
}

/* Problems are told without lines, as those of what is stored. */
static void forget_lines(struct doc *d)
{
        d->line = 0;
        if (d->type == DOC_LIST || d->type == DOC_MAP)
                doc_each (child, d)
                        forget_lines(child);
}

static void decode(struct model_edit *e, const struct model *m, const struct change *c, struct problems *problems)
{
        struct doc root = {.type = DOC_MAP}, *d;
        uint32_t number = model_find(m, c->kind, c->key);
        const void *before = number == MODEL_NONE ? NULL : m->items[c->kind][number];
        char path[600];
        void *item;

        if (!c->document) {
                if (before)
                        edit_add(e, c->kind, number, before, NULL);
                return;
        }
        snprintf(path, sizeof(path), "%s[%s]", kind_name(c->kind), c->key);
        d = doc_copy(e->scratch, c->document);
        forget_lines(d);
        d->key = path;
        d->parent = &root;
        e->making = arena_new_small(ITEM_FIRST);
        arena_on_failure(e->making, &e->failure);
        item = arena_alloc(e->making, kind_schema(c->kind)->size);
        schema_decode(kind_schema(c->kind), d, e->making, item, problems);
        item_settle(c->kind, item, c->key, e->making);
        e->making = NULL;
        edit_add(e, c->kind, MODEL_NONE, before, item);
}

static uint32_t number_of(struct model *m, const struct edited *x)
{
        char scratch[PREFIX_TEXT_MAX];

        return x->before ? model_find(m, x->kind, model_key(x->kind, x->before, scratch)) : numbers_take(m, x->kind);
}

static void give_numbers(struct model *m, struct model_edit *e)
{
        for (size_t i = 0; i < e->count; i++) {
                struct edited *x = &e->items[i];
                if (!x->after)
                        continue;
                x->number = number_of(m, x);
                item_set_number(x->kind, (void *)x->after, x->number);
                if (x->kind == KIND_POOLS)
                        numbers_of_endpoints(m, (struct pool *)x->after, x->before);
                if (x->kind == KIND_ZONES && x->before)
                        ((struct zone *)x->after)->serial = ((const struct zone *)x->before)->serial;
        }
}

bool edit_decode(struct model *m, struct model_edit *e, const struct change *changes, size_t count, bool *whole,
                 struct problems *problems)
{
        const struct change **order = ARENA_ARRAY(e->scratch, const struct change *, count);
        size_t before = problems->count, taken = 0;

        for (size_t i = 0; i < count; i++) {
                *whole |= !is_taken(m, &changes[i]);
                if (kind_class(changes[i].kind) != CLASS_OPERATION)
                        order[taken++] = &changes[i];
        }
        qsort(order, taken, sizeof(*order), compare_changes);
        for (size_t i = 1; i < taken; i++)
                *whole |= !compare_changes(&order[i - 1], &order[i]);
        if (*whole)
                return false;
        for (size_t i = 0; i < taken; i++) {
                decode(e, m, order[i], problems);
                e->named = e->count;
        }
        if (problems->count != before)
                return false;
        give_numbers(m, e);
        return true;
}
