/* Whom an edit concerns beside the items that it names: found by references, so that it costs what it touches. */
#include <string.h>
#include "zones/dns/name.h"
#include "zones/load/edit_private.h"
#include "zones/load/references.h"

static void add_over(const struct model *m, uint32_t pool, struct set *services)
{
        references_each (r, m->services_over, pool)
                set_add(services, r->from);
}

/* Also all that lead to those in the set, through pools that contain a service. */
static void add_above(const struct model *m, struct set *services)
{
        for (uint32_t i = 0; i < services->count; i++)
                references_each (around, m->pools_around, services->list[i])
                        add_over(m, around->from, services);
}

/* --- whose links may be others --- */

static void add_hinted(const struct model *m, const char *key, struct set *services)
{
        uint32_t hash;

        for (const struct reference *r = references_hinted(m, key, &hash); r; r = r->next)
                if (r->to == hash)
                        set_add(services, r->from);
}

static bool has_more(const struct reference *r, uint32_t count)
{
        while (r && count--)
                r = r->next;
        return r;
}

/* Services that stand beside records of their zone: by the records, or by the services when those are fewer. */
static void add_beside_records(const struct model *m, const struct zone *z, struct set *services)
{
        char key[NAME_TEXT_MAX];

        if (!z->by_owner) /* it has problems of its own */
                return;
        if (!has_more(m->services_in[z->number], z->records.count)) {
                references_each (r, m->services_in, z->number)
                        if (zone_any_record(z, m->services[r->from]->wire) != MODEL_NONE)
                                set_add(services, r->from);
                return;
        }
        for (uint32_t i = 0; i < z->records.count; i++) {
                uint32_t s = model_find(m, KIND_SERVICES, name_format(z->records.items[i].owner, key));
                if (s != MODEL_NONE)
                        set_add(services, s);
        }
}

/* Services that lie in a zone that comes: those of the one above it. */
static void add_inside(const struct model *m, const struct zone *z, struct set *services)
{
        const char *above = parent_name(z->name);
        uint32_t parent = above ? zone_of(m, above) : model_find(m, KIND_ZONES, ".");

        if (parent == MODEL_NONE || parent == z->number)
                return;
        references_each (r, m->services_in, parent)
                if (name_within(m->services[r->from]->wire, z->wire))
                        set_add(services, r->from);
}

void concerned_services(const struct model *m, const struct model_edit *e, struct set *services)
{
        for (size_t i = 0; i < e->named; i++) {
                const struct edited *x = &e->items[i];
                if (x->kind == KIND_POOLS && !x->after)
                        add_over(m, x->number, services);
                if (x->kind == KIND_SERVICES && (!x->before || !x->after))
                        add_hinted(m, ((const struct service *)(x->after ? x->after : x->before))->name, services);
                if (x->kind == KIND_ZONES && x->after)
                        add_beside_records(m, x->after, services);
                if (x->kind == KIND_ZONES && !x->before)
                        add_inside(m, x->after, services);
                if (x->kind == KIND_ZONES && !x->after)
                        references_each (r, m->services_in, x->number)
                                set_add(services, r->from);
        }
}

void concerned_pools(const struct model *m, const struct model_edit *e, struct set *pools)
{
        for (size_t i = 0; i < e->named; i++)
                if (e->items[i].kind == KIND_SERVICES && !e->items[i].after)
                        references_each (r, m->pools_around, e->items[i].number)
                                set_add(pools, r->from);
}

/* --- who is to be checked --- */

static uint32_t inside(const struct pool *p)
{
        return p ? p->service : MODEL_NONE;
}

void concerned_depth(const struct model *m, const struct model_edit *e, struct set *services)
{
        for (size_t i = 0; i < e->named; i++) {
                const struct edited *x = &e->items[i];
                if (x->kind == KIND_SERVICES && x->after)
                        set_add(services, x->number);
                if (x->kind == KIND_POOLS && x->after && inside(x->before) != inside(x->after))
                        add_over(m, x->number, services);
        }
        add_above(m, services);
}

static bool is_alias(const struct model *m, const struct pool *p)
{
        return alias_in_pool(m, p) != NULL;
}

/* A pool that led to a host name without a service inside did so before: whoever is over it was checked then. */
static bool is_newly_alias(const struct model *m, const struct pool *before, const struct pool *after)
{
        bool was = before && inside(before) == MODEL_NONE && is_alias(m, before);

        return is_alias(m, after) && !(was && inside(after) == MODEL_NONE);
}

void concerned_beside(const struct model *m, const struct model_edit *e, struct set *services)
{
        for (size_t i = 0; i < e->named; i++) {
                const struct edited *x = &e->items[i];
                if (x->kind == KIND_SERVICES && x->after && alias_of(m, x->after))
                        set_add(services, x->number);
                if (x->kind == KIND_POOLS && x->after && is_newly_alias(m, x->before, x->after))
                        add_over(m, x->number, services);
        }
        add_above(m, services);
        concerned_services(m, e, services);
        for (size_t i = e->named; i < e->count; i++)
                set_add(services, e->items[i].number);
}

void concerned_servers(const struct model *m, const struct model_edit *e, struct set *zones)
{
        for (size_t i = 0; i < e->named; i++) {
                const struct edited *x = &e->items[i];
                const char *gone = x->after                   ? NULL
                                   : x->kind == KIND_SERVICES ? ((const struct service *)x->before)->name
                                   : x->kind == KIND_ZONES    ? ((const struct zone *)x->before)->name
                                                              : NULL;
                if (x->kind == KIND_ZONES && x->after)
                        set_add(zones, x->number);
                uint32_t zone = gone ? zone_of(m, gone) : MODEL_NONE;
                if (zone != MODEL_NONE)
                        set_add(zones, zone);
        }
}

void concerned_tokens(const struct model *m, const struct model_edit *e, struct set *tokens)
{
        for (size_t i = 0; i < e->named; i++) {
                const struct prober *gone = e->items[i].after ? NULL : e->items[i].before;
                if (e->items[i].kind != KIND_PROBERS || !gone)
                        continue;
                model_each (token, t, m->tokens, m->count[KIND_TOKENS])
                        if (t->prober && !strcmp(t->prober, gone->name))
                                set_add(tokens, model_find(m, KIND_TOKENS, t->name));
        }
}
