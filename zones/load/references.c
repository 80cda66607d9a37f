#include "zones/load/references.h"

#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/memory.h"
#include "zones/dns/name.h"

static void add(struct reference **heads, struct reference *r, uint32_t from, uint32_t to, uint32_t at)
{
        *r = (struct reference){.next = heads[at], .from = from, .to = to};
        if (heads[at])
                heads[at]->previous = r;
        heads[at] = r;
}

static void take_out(struct reference **heads, struct reference *r, uint32_t at)
{
        if (r->previous)
                r->previous->next = r->next;
        else
                heads[at] = r->next;
        if (r->next)
                r->next->previous = r->previous;
        *r = (struct reference){0};
}

/* --- hints --- */

static uint32_t hash_key(const char *key)
{
        return (uint32_t)hash_bytes(key, strlen(key), 0);
}

/* Whether the record's hints come from a service named in it. The record's own service gives them by itself. */
static bool hinted_by_name(const struct binding *b, uint32_t *hash)
{
        char key[NAME_TEXT_MAX];

        if (!b->hints || !b->priority || !strcmp(b->target, ".") || !name_key(b->target, key))
                return false;
        *hash = hash_key(key);
        return true;
}

static void hints_grow(struct hints *h)
{
        struct hints larger = {.mask = h->heads ? 2 * h->mask + 1 : 63, .count = h->count, .heap = true};

        larger.heads = memory_alloc(((size_t)larger.mask + 1) * sizeof(*larger.heads));
        for (uint32_t i = 0; h->heads && i <= h->mask; i++)
                for (struct reference *r = h->heads[i], *next; r; r = next) {
                        next = r->next;
                        add(larger.heads, r, r->from, r->to, r->to & larger.mask);
                }
        if (h->heap)
                free(h->heads);
        *h = larger;
}

static void add_hints(struct model *m, uint32_t service, const struct binding_list *list)
{
        uint32_t hash;

        for (uint32_t i = 0; i < list->count; i++) {
                if (!hinted_by_name(&list->items[i], &hash))
                        continue;
                if (!m->hints.heads || m->hints.count > m->hints.mask)
                        hints_grow(&m->hints);
                add(m->hints.heads, &list->items[i].hinted, service, hash, hash & m->hints.mask);
                m->hints.count++;
        }
}

static void remove_hints(struct model *m, const struct binding_list *list)
{
        uint32_t hash;

        for (uint32_t i = 0; i < list->count; i++) {
                if (!hinted_by_name(&list->items[i], &hash))
                        continue;
                take_out(m->hints.heads, &list->items[i].hinted, hash & m->hints.mask);
                m->hints.count--;
        }
}

const struct reference *references_hinted(const struct model *m, const char *key, uint32_t *hash)
{
        *hash = hash_key(key);
        return m->hints.heads ? m->hints.heads[*hash & m->hints.mask] : NULL;
}

/* --- services and pools --- */

void references_add_service(struct model *m, struct service *s)
{
        for (uint32_t i = 0; i < s->pools.count; i++) {
                struct service_pool *p = &s->pools.items[i];
                if (p->pool != MODEL_NONE)
                        add(m->services_over, &p->over, s->number, p->pool, p->pool);
        }
        if (s->last_resort != MODEL_NONE) {
                if (!s->last)
                        s->last = ARENA_NEW(s->arena, struct reference);
                add(m->services_over, s->last, s->number, s->last_resort, s->last_resort);
        }
        if (s->zone != MODEL_NONE)
                add(m->services_in, &s->in_zone, s->number, s->zone, s->zone);
        add_hints(m, s->number, &s->svcb);
        add_hints(m, s->number, &s->https);
}

void references_remove_service(struct model *m, struct service *s)
{
        for (uint32_t i = 0; i < s->pools.count; i++)
                if (s->pools.items[i].pool != MODEL_NONE)
                        take_out(m->services_over, &s->pools.items[i].over, s->pools.items[i].pool);
        if (s->last_resort != MODEL_NONE)
                take_out(m->services_over, s->last, s->last_resort);
        if (s->zone != MODEL_NONE)
                take_out(m->services_in, &s->in_zone, s->zone);
        remove_hints(m, &s->svcb);
        remove_hints(m, &s->https);
}

void references_move_service(struct model *m, struct service *s, uint32_t zone)
{
        if (s->zone != MODEL_NONE)
                take_out(m->services_in, &s->in_zone, s->zone);
        s->zone = zone;
        if (zone != MODEL_NONE)
                add(m->services_in, &s->in_zone, s->number, zone, zone);
}

void references_add_pool(struct model *m, struct pool *p)
{
        m->region_of[p->number] = p->region;
        for (uint32_t i = 0; i < p->endpoints.count; i++)
                m->monitor_of[p->endpoints.items[i].number] = p->endpoints.items[i].monitor;
        if (p->service == MODEL_NONE)
                return;
        if (!p->inside)
                p->inside = ARENA_NEW(p->arena, struct reference);
        add(m->pools_around, p->inside, p->number, p->service, p->service);
}

void references_remove_pool(struct model *m, struct pool *p)
{
        if (p->service != MODEL_NONE)
                take_out(m->pools_around, p->inside, p->service);
}

void references_build(struct model *m)
{
        model_each (pool, p, m->pools, m->count[KIND_POOLS])
                references_add_pool(m, p);
        model_each (service, s, m->services, m->count[KIND_SERVICES])
                references_add_service(m, s);
}

void references_free(struct model *m)
{
        if (m->hints.heap)
                free(m->hints.heads);
}
