#include "zones/load/model_edit.h"

#include <assert.h>
#include <stdlib.h>
#include "base/memory.h"
#include "zones/load/edit_private.h"
#include "zones/load/references.h"

/* --- in and out --- */

static void endpoints_put(struct model *m, struct pool *p, bool there)
{
        for (uint32_t i = 0; i < p->endpoints.count; i++)
                m->endpoints[p->endpoints.items[i].number] = there ? &p->endpoints.items[i] : NULL;
        m->endpoints_present += there ? p->endpoints.count : -p->endpoints.count;
        for (struct monitor *made = p->made; made; made = made->next_made)
                m->monitors[made->number] = there ? made : NULL;
}

static void put_in(struct model *m, enum kind kind, uint32_t number, void *item)
{
        m->items[kind][number] = item;
        model_index_add(m, kind, number);
        if (kind == KIND_POOLS)
                endpoints_put(m, item, true);
}

static void take_out(struct model *m, enum kind kind, uint32_t number)
{
        if (kind == KIND_POOLS)
                endpoints_put(m, m->pools[number], false);
        model_index_remove(m, kind, number);
        m->items[kind][number] = NULL;
}

static void refer(struct model *m, enum kind kind, void *item, bool there)
{
        if (!item)
                return;
        if (kind == KIND_POOLS)
                (there ? references_add_pool : references_remove_pool)(m, item);
        else if (kind == KIND_SERVICES)
                (there ? references_add_service : references_remove_service)(m, item);
}

static void put_serial(struct model *m, const struct reserial *s, bool after)
{
        struct zone *z = m->zones[s->zone];

        z->serial = after ? s->after : s->before;
        m->contents[s->zone] = after ? s->contents_after : s->contents_before;
}

/* The items that are named, without references of what is new. */
static void swap_in(struct model *m, struct model_edit *e)
{
        for (size_t i = 0; i < e->named; i++) {
                const struct edited *x = &e->items[i];
                refer(m, x->kind, (void *)x->before, false);
                if (x->before)
                        take_out(m, x->kind, x->number);
                if (x->after)
                        put_in(m, x->kind, x->number, (void *)x->after);
        }
        e->installed = true;
}

static void refer_all(struct model *m, struct model_edit *e)
{
        for (size_t i = 0; i < e->named; i++)
                refer(m, e->items[i].kind, (void *)e->items[i].after, true);
        e->linked = true;
}

void model_edit_install(struct model *m, struct model_edit *e)
{
        assert(!e->installed);
        swap_in(m, e);
        refer_all(m, e);
        for (size_t i = 0; i < e->relink_count; i++)
                relink_apply(m, &e->relinks[i], e->relinks[i].after);
        for (size_t i = 0; i < e->serial_count; i++)
                put_serial(m, &e->serials[i], true);
}

void model_edit_uninstall(struct model *m, struct model_edit *e)
{
        assert(e->installed);
        for (size_t i = 0; i < e->serial_count; i++)
                put_serial(m, &e->serials[i], false);
        for (size_t i = e->relink_count; i--;)
                relink_apply(m, &e->relinks[i], e->relinks[i].before);
        for (size_t i = e->named; i--;) {
                const struct edited *x = &e->items[i];
                if (e->linked)
                        refer(m, x->kind, (void *)x->after, false);
                if (x->after)
                        take_out(m, x->kind, x->number);
                if (x->before)
                        put_in(m, x->kind, x->number, (void *)x->before);
                refer(m, x->kind, (void *)x->before, true);
        }
        e->installed = e->linked = false;
}

/* --- the end --- */

static void edit_free(struct model_edit *e)
{
        arena_free(e->making);
        arena_free(e->scratch);
        free(e->items);
        free(e->relinks);
        free(e->serials);
        free(e);
}

typedef void give_number(struct model *, unsigned space, uint32_t number);

/* What the pool has numbers for, and the other one that is or was in its place has not. */
static void free_numbers_of_pool(struct model *m, const struct pool *p, const struct pool *other, give_number *give)
{
        struct set kept = {0};

        for (uint32_t i = 0; other && i < other->endpoints.count; i++)
                set_add(&kept, other->endpoints.items[i].number);
        for (uint32_t i = 0; i < p->endpoints.count; i++)
                if (set_add(&kept, p->endpoints.items[i].number))
                        give(m, NUMBERS_ENDPOINTS, p->endpoints.items[i].number);
        for (const struct monitor *made = p->made; made; made = made->next_made)
                give(m, KIND_MONITORS, made->number);
        set_free(&kept);
}

/* The item that is out of the tables for good, and the numbers that it does not share with the other one. */
static void dispose(struct model *m, const struct edited *x, const void *item, const void *other, give_number *give)
{
        if (x->number != MODEL_NONE && x->kind == KIND_POOLS)
                free_numbers_of_pool(m, item, other, give);
        if (x->number != MODEL_NONE && !other)
                give(m, x->kind, x->number);
        edit_free_item(m, x->kind, item);
}

void model_edit_keep(struct model *m, struct model_edit *e)
{
        for (size_t i = 0; i < e->named; i++)
                if (e->items[i].before)
                        dispose(m, &e->items[i], e->items[i].before, e->items[i].after, numbers_release);
        edit_free(e);
}

void model_edit_drop(struct model *m, struct model_edit *e)
{
        assert(!e->installed);
        for (size_t i = e->named; i--;)
                if (e->items[i].after)
                        dispose(m, &e->items[i], e->items[i].after, e->items[i].before, numbers_give_back);
        edit_free(e);
}

/* --- making --- */

static void on_failure(struct model_edit *e, jmp_buf *failure)
{
        for (size_t i = 0; i < e->named; i++)
                if (e->items[i].after)
                        arena_on_failure(*item_arena(e->items[i].kind, (void *)e->items[i].after), failure);
}

static struct model_edit *give_up(struct model *m, struct model_edit *e)
{
        on_failure(e, NULL);
        if (e->installed)
                model_edit_uninstall(m, e);
        model_edit_drop(m, e);
        return NULL;
}

struct model_edit *model_edit_new(struct model *m, const struct change *changes, size_t count, bool *whole,
                                  struct problems *problems)
{
        struct model_edit *e = memory_alloc(sizeof(*e));
        size_t before = problems->count;

        *whole = false;
        if (setjmp(e->failure)) {
                problems_add(problems, "", 0, "not enough memory for this change");
                return give_up(m, e);
        }
        e->scratch = arena_new(0);
        if (!edit_decode(m, e, changes, count, whole, problems))
                return give_up(m, e);
        swap_in(m, e);
        edit_link(m, e, problems);
        if (problems->count != before)
                return give_up(m, e);
        on_failure(e, NULL);
        arena_free(e->scratch);
        e->scratch = NULL;
        return e;
}

const struct edited *model_edit_items(const struct model_edit *e, size_t *count)
{
        *count = e->count;
        return e->items;
}
