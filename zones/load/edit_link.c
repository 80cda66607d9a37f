/* Links of what is new, and checks of whom it concerns: the steps of a whole load, over less. */
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "zones/load/edit_private.h"
#include "zones/load/references.h"

/* --- rows --- */

struct keyed {
        const char *key;
        void *item;
};

static int compare_keyed(const void *a, const void *b)
{
        return strcmp(((const struct keyed *)a)->key, ((const struct keyed *)b)->key);
}

/* These items of a kind as rows, in the order of their keys. */
static void rows_set(struct rows *rows, enum kind kind, void *const *items, uint32_t count, struct arena *a)
{
        struct keyed *order = ARENA_ARRAY(a, struct keyed, count);
        char scratch[PREFIX_TEXT_MAX];

        for (uint32_t i = 0; i < count; i++)
                order[i] = (struct keyed){model_key(kind, items[i], scratch), items[i]};
        if (count)
                qsort(order, count, sizeof(*order), compare_keyed);
        rows->items[kind] = ARENA_ARRAY(a, void *, count);
        rows->count[kind] = count;
        for (uint32_t i = 0; i < count; i++)
                rows->items[kind][i] = order[i].item;
}

/* Those of a set of numbers. */
static void rows_of(struct rows *rows, const struct model *m, enum kind kind, struct set *numbers, struct arena *a)
{
        void **items = ARENA_ARRAY(a, void *, numbers->count);

        for (uint32_t i = 0; i < numbers->count; i++)
                items[i] = m->items[kind][numbers->list[i]];
        rows_set(rows, kind, items, numbers->count, a);
        set_free(numbers);
}

typedef void *copy_item(const void *item, struct arena *);

/* What is new of a kind, and of those that it concerns copies, which steps may write to. */
static void rows_with(struct rows *rows, const struct model *m, const struct model_edit *e, enum kind kind,
                      struct set *beside, copy_item *copy)
{
        void **items = ARENA_ARRAY(e->scratch, void *, e->named + beside->count);
        struct set named = {0};
        uint32_t count = 0;

        for (size_t i = 0; i < e->named; i++)
                if (e->items[i].kind == kind && e->items[i].after) {
                        set_add(&named, e->items[i].number);
                        items[count++] = (void *)e->items[i].after;
                }
        for (uint32_t i = 0; i < beside->count; i++)
                if (set_add(&named, beside->list[i]))
                        items[count++] = copy(m->items[kind][beside->list[i]], e->scratch);
        set_free(&named);
        rows_set(rows, kind, items, count, e->scratch);
        set_free(beside);
}

static void *copy_pool(const void *item, struct arena *a)
{
        return arena_memdup(a, item, sizeof(struct pool));
}

static struct binding *copy_bindings(const struct binding_list *list, struct arena *a)
{
        return list->count ? arena_memdup(a, list->items, list->count * sizeof(*list->items)) : NULL;
}

static void *copy_service(const void *item, struct arena *a)
{
        const struct service *from = item;
        struct service *s = arena_memdup(a, item, sizeof(*s));

        s->arena = a;
        if (s->pools.count)
                s->pools.items = arena_memdup(a, s->pools.items, s->pools.count * sizeof(*s->pools.items));
        if (s->overrides.count)
                s->overrides.items =
                        arena_memdup(a, s->overrides.items, s->overrides.count * sizeof(*s->overrides.items));
        s->svcb.items = copy_bindings(&from->svcb, a);
        s->https.items = copy_bindings(&from->https, a);
        return s;
}

/* --- links of others that are others now --- */

void relink_apply(struct model *m, const struct relink *r, uint32_t value)
{
        if (r->binding)
                r->binding->steered = value;
        else
                references_move_service(m, r->service, value);
}

static void relink(struct model *m, struct model_edit *e, struct service *s, struct binding *b, uint32_t before,
                   uint32_t after)
{
        if (before == after)
                return;
        e->relinks = memory_resize(e->relinks, (e->relink_count + 1) * sizeof(*e->relinks));
        e->relinks[e->relink_count] = (struct relink){s, b, before, after};
        relink_apply(m, &e->relinks[e->relink_count++], after);
}

static void relink_bindings(struct model *m, struct model_edit *e, struct service *s, struct binding_list *list,
                            const struct binding_list *wanted)
{
        for (uint32_t i = 0; i < list->count; i++)
                relink(m, e, s, &list->items[i], list->items[i].steered, wanted->items[i].steered);
}

/* What the step found for the copies is put into the services themselves. */
static void relink_services(struct model *m, struct model_edit *e, const struct rows *rows)
{
        rows_each (service, wanted, rows, KIND_SERVICES) {
                struct service *s = m->services[wanted->number];
                size_t before = e->relink_count;
                if (s == wanted)
                        continue;
                relink(m, e, s, NULL, s->zone, wanted->zone);
                relink_bindings(m, e, s, &s->svcb, &wanted->svcb);
                relink_bindings(m, e, s, &s->https, &wanted->https);
                if (e->relink_count != before)
                        edit_add(e, KIND_SERVICES, s->number, s, s);
        }
}

/* --- all --- */

static void refer_to_new(struct model *m, struct model_edit *e)
{
        for (size_t i = 0; i < e->named; i++) {
                if (e->items[i].kind == KIND_POOLS && e->items[i].after)
                        references_add_pool(m, (struct pool *)e->items[i].after);
                if (e->items[i].kind == KIND_SERVICES && e->items[i].after)
                        references_add_service(m, (struct service *)e->items[i].after);
        }
        e->linked = true;
}

void edit_link(struct model *m, struct model_edit *e, struct problems *problems)
{
        struct rows *rows = ARENA_NEW(e->scratch, struct rows), *checks = ARENA_NEW(e->scratch, struct rows);
        struct set services = {0}, pools = {0}, none = {0};

        rows_with(rows, m, e, KIND_MONITORS, &none, NULL);
        rows_with(rows, m, e, KIND_POOLS, &none, NULL);
        rows_with(rows, m, e, KIND_ZONES, &none, NULL);
        rows_with(rows, m, e, KIND_PROBERS, &none, NULL);
        probers_link(m, rows, problems);
        monitors_link(m, rows, problems);
        pools_link(m, rows, problems);
        zones_link(rows, problems);
        concerned_services(m, e, &services);
        rows_with(rows, m, e, KIND_SERVICES, &services, copy_service);
        services_link(m, rows, problems);
        relink_services(m, e, rows);
        concerned_pools(m, e, &pools);
        rows_with(rows, m, e, KIND_POOLS, &pools, copy_pool);
        pools_link_inside(m, rows, problems);
        refer_to_new(m, e);
        concerned_depth(m, e, &services);
        rows_of(checks, m, KIND_SERVICES, &services, e->scratch);
        services_check_depth(m, checks, problems);
        if (!problems->count) {
                struct set servers = {0};
                concerned_beside(m, e, &services);
                concerned_servers(m, e, &servers);
                rows_of(checks, m, KIND_SERVICES, &services, e->scratch);
                rows_of(checks, m, KIND_ZONES, &servers, e->scratch);
                services_check_beside(m, checks, problems);
                zones_check_servers(m, checks, problems);
        }
        struct set tokens = {0};
        concerned_tokens(m, e, &tokens);
        rows_of(checks, m, KIND_TOKENS, &tokens, e->scratch);
        tokens_link(m, checks, problems);
        rows_with(rows, m, e, KIND_TOKENS, &none, NULL);
        tokens_link(m, rows, problems);
}
