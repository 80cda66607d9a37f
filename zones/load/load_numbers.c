/* Numbers: the same from one load to the next for what has the same key, and given again only after a while. */
#include <string.h>
#include "zones/load/load_private.h"

#define ENDPOINTS KIND_COUNT /* endpoints have numbers of their own, behind those of the kinds */

/* Numbers that are free, the one that is for longest first. */
struct free_numbers {
        uint32_t *list, first, count;
};

struct model_numbers {
        struct free_numbers of[KIND_COUNT + 1];
};

/* Regions and networks change with the table of clients, which is built anew; rules there are one of or none. */
static bool is_stable(enum kind kind)
{
        return kind != KIND_REGIONS && kind != KIND_NETWORKS && kind != KIND_RULES;
}

static uint32_t take(struct free_numbers *f, uint32_t *end)
{
        return f->first < f->count ? f->list[f->first++] : (*end)++;
}

static void set_number(enum kind kind, void *item, uint32_t number)
{
        if (kind == KIND_POOLS)
                ((struct pool *)item)->number = number;
        else if (kind == KIND_ZONES)
                ((struct zone *)item)->number = number;
        else if (kind == KIND_SERVICES)
                ((struct service *)item)->number = number;
}

static void give_kind(struct model *m, const struct rows *rows, enum kind kind, const struct model *previous,
                      struct arena *scratch)
{
        uint32_t count = rows->count[kind], *numbers = ARENA_ARRAY(scratch, uint32_t, count);
        const struct model *before = is_stable(kind) ? previous : NULL;
        char text[PREFIX_TEXT_MAX];

        m->count[kind] = before ? before->count[kind] : 0;
        for (uint32_t i = 0; i < count; i++) {
                numbers[i] =
                        before ? model_find(before, kind, model_key(kind, rows->items[kind][i], text)) : MODEL_NONE;
                if (numbers[i] == MODEL_NONE)
                        numbers[i] = take(&m->numbers->of[kind], &m->count[kind]);
        }
        m->items[kind] = ARENA_ARRAY(m->arena, void *, m->count[kind]);
        for (uint32_t i = 0; i < count; i++) {
                m->items[kind][numbers[i]] = rows->items[kind][i];
                set_number(kind, rows->items[kind][i], numbers[i]);
        }
        model_index(m, kind);
}

/* --- endpoints --- */

/* The endpoint of this name in the pool as it was; most are in the order in which they were. */
static uint32_t number_before(const struct pool *was, const char *name, uint32_t *likely)
{
        const struct endpoint *endpoints = was->endpoints.items;

        for (uint32_t i = 0; i < was->endpoints.count; i++) {
                uint32_t at = (*likely + i) % was->endpoints.count;
                if (strcmp(endpoints[at].name, name))
                        continue;
                *likely = at + 1;
                return endpoints[at].number;
        }
        return MODEL_NONE;
}

static void give_endpoints(struct model *m, const struct rows *rows, const struct model *previous)
{
        m->endpoint_count = previous ? previous->endpoint_count : 0;
        rows_each(pool, p, rows, KIND_POOLS)
        {
                const struct pool *was =
                        previous && p->number < previous->count[KIND_POOLS] ? previous->pools[p->number] : NULL;
                uint32_t likely = 0;
                for (uint32_t i = 0; i < p->endpoints.count; i++) {
                        struct endpoint *e = &p->endpoints.items[i];
                        e->pool = p->number;
                        e->number = was ? number_before(was, e->name, &likely) : MODEL_NONE;
                        if (e->number == MODEL_NONE)
                                e->number = take(&m->numbers->of[ENDPOINTS], &m->endpoint_count);
                }
                m->endpoints_present += p->endpoints.count;
        }
        m->endpoints = ARENA_ARRAY(m->arena, struct endpoint *, m->endpoint_count);
        rows_each(pool, p, rows, KIND_POOLS) for (uint32_t i = 0; i < p->endpoints.count; i++)
                m->endpoints[p->endpoints.items[i].number] = &p->endpoints.items[i];
}

/* --- all --- */

void numbers_give(struct model *m, const struct rows *rows, const struct model *previous, struct arena *scratch)
{
        m->numbers = ARENA_NEW(m->arena, struct model_numbers);
        if (previous)
                *m->numbers = *previous->numbers;
        for (enum kind kind = KIND_REGIONS; kind <= KIND_TOKENS; kind++)
                give_kind(m, rows, kind, previous, scratch);
        give_endpoints(m, rows, previous);
}

uint32_t numbers_make_monitor(struct model *m)
{
        return take(&m->numbers->of[KIND_MONITORS], &m->count[KIND_MONITORS]);
}

/* What is left of those that were free, and behind it what was there `before` and is not `now`. */
static void settle(struct arena *arena, struct free_numbers *f, void *const *before, uint32_t count, void *const *now)
{
        uint32_t left = f->count - f->first, gone = 0;

        for (uint32_t i = 0; i < count; i++)
                gone += before[i] && !now[i];
        uint32_t *list = ARENA_ARRAY(arena, uint32_t, left + gone);
        if (left)
                memcpy(list, f->list + f->first, left * sizeof(*list));
        for (uint32_t i = 0; i < count; i++)
                if (before[i] && !now[i])
                        list[left++] = i;
        *f = (struct free_numbers){list, 0, left};
}

void numbers_settle(struct model *m, const struct model *previous)
{
        if (!previous)
                return;
        for (enum kind kind = KIND_REGIONS; kind <= KIND_TOKENS; kind++)
                if (is_stable(kind))
                        settle(m->arena, &m->numbers->of[kind], previous->items[kind], previous->count[kind],
                               m->items[kind]);
        settle(m->arena, &m->numbers->of[ENDPOINTS], (void *const *)previous->endpoints, previous->endpoint_count,
               (void *const *)m->endpoints);
}
