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
static bool is_taken(const struct change *c)
{
        switch (c->kind) {
        case KIND_POOLS:
        case KIND_ZONES:
        case KIND_SERVICES:
        case KIND_TOKENS:
        case KIND_MONITORS:
        case KIND_PROBERS:
                return true;
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
        schema_decode(kind_schema(c->kind), d, c->kind == KIND_ZONES ? e->scratch : e->making, item, problems);
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

/* --- monitors that there are --- */

/* Whether pools have made others of it. */
static bool is_a_base(const struct model *m, uint32_t number)
{
        model_each (monitor, one, m->monitors, m->count[KIND_MONITORS])
                for (const struct monitor *made = one; made->is_made; made = m->monitors[made->base])
                        if (made->base == number)
                                return true;
        return false;
}

static bool is_used(const struct model *m, uint32_t number)
{
        for (uint32_t i = 0; i < m->endpoint_count; i++)
                if (m->endpoints[i] && m->monitor_of[i] == number)
                        return true;
        model_each (monitor, one, m->monitors, m->count[KIND_MONITORS])
                for (uint32_t i = 0; one->type == MONITOR_COMPOSITE && i < one->composite.of.count; i++)
                        if (one->composite.parts[i] == number)
                                return true;
        model_each (pool, p, m->pools, m->count[KIND_POOLS])
                if (p->monitor == number)
                        return true;
        return false;
}

/* Whether what uses it is as good as before: no monitor is to be made anew, no endpoint may miss a port, no composite
 * contains something else. */
static bool changes_alone(const struct model *m, const struct edited *x)
{
        const struct monitor *before = x->before, *after = x->after;

        if (!before)
                return true;
        if (before->type == MONITOR_COMPOSITE || is_a_base(m, before->number))
                return false;
        return after ? after->type == before->type && after->port == before->port : !is_used(m, before->number);
}

bool edit_decode(struct model *m, struct model_edit *e, const struct change *changes, size_t count, bool *whole,
                 struct problems *problems)
{
        const struct change **order = ARENA_ARRAY(e->scratch, const struct change *, count);
        size_t before = problems->count, taken = 0;

        for (size_t i = 0; i < count; i++) {
                *whole |= !is_taken(&changes[i]);
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
        for (size_t i = 0; i < e->named; i++)
                *whole |= e->items[i].kind == KIND_MONITORS && !changes_alone(m, &e->items[i]);
        if (*whole)
                return false;
        give_numbers(m, e);
        return true;
}
