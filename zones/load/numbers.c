#include "zones/load/numbers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

#define ROOM_MORE(n) ((n) + (n) / 8 + 16) /* what is loaded leaves room for what edits add */

/* Numbers that are free, the one that is for longest first. */
struct free_numbers {
        uint32_t *list, first, end, room;
        bool heap;
};

struct model_numbers {
        struct free_numbers of[KIND_COUNT + 1];
        uint32_t room[KIND_COUNT + 1]; /* of the tables by number */
        bool heap[KIND_COUNT + 1];     /* they have grown out of the model's arena */
};

/* Regions and networks change with the table of clients, which is built anew; rules there are one of or none. */
static bool is_stable(enum kind kind)
{
        return kind != KIND_REGIONS && kind != KIND_NETWORKS && kind != KIND_RULES;
}

/* --- tables by number --- */

/* The tables of a kind, or of endpoints, with the sizes of their elements. */
struct table {
        void **at;
        size_t size;
};

static unsigned tables_of(struct model *m, unsigned space, struct table out[3])
{
        unsigned count = 0;

        if (space == NUMBERS_ENDPOINTS) {
                out[count++] = (struct table){(void **)&m->endpoints, sizeof(*m->endpoints)};
                out[count++] = (struct table){(void **)&m->monitor_of, sizeof(*m->monitor_of)};
                return count;
        }
        out[count++] = (struct table){(void **)&m->items[space], sizeof(**m->items)};
        if (space == KIND_POOLS) {
                out[count++] = (struct table){(void **)&m->services_over, sizeof(*m->services_over)};
                out[count++] = (struct table){(void **)&m->region_of, sizeof(*m->region_of)};
        }
        if (space == KIND_SERVICES)
                out[count++] = (struct table){(void **)&m->pools_around, sizeof(*m->pools_around)};
        if (space == KIND_ZONES) {
                out[count++] = (struct table){(void **)&m->services_in, sizeof(*m->services_in)};
                out[count++] = (struct table){(void **)&m->contents, sizeof(*m->contents)};
        }
        return count;
}

static void tables_new(struct model *m, unsigned space, uint32_t end)
{
        struct table tables[3];

        m->numbers->room[space] = ROOM_MORE(end);
        for (unsigned i = tables_of(m, space, tables); i--;)
                *tables[i].at = arena_alloc(m->arena, m->numbers->room[space] * tables[i].size);
}

static void tables_grow(struct model *m, unsigned space)
{
        uint32_t before = m->numbers->room[space], room = 2 * before;
        struct table tables[3];

        for (unsigned i = tables_of(m, space, tables); i--;) {
                char *larger = memory_alloc(room * tables[i].size);
                memcpy(larger, *tables[i].at, before * tables[i].size);
                if (m->numbers->heap[space])
                        free(*tables[i].at);
                *tables[i].at = larger;
        }
        m->numbers->room[space] = room;
        m->numbers->heap[space] = true;
}

/* --- free numbers --- */

/* Makes room at one end at least; what is there moves to the middle. */
static void free_numbers_grow(struct free_numbers *f)
{
        uint32_t count = f->end - f->first, room = 2 * count + 32, first = (room - count) / 2;
        uint32_t *list = memory_alloc(room * sizeof(*list));

        if (count)
                memcpy(list + first, f->list + f->first, count * sizeof(*list));
        if (f->heap)
                free(f->list);
        *f = (struct free_numbers){list, first, first + count, room, true};
}

uint32_t numbers_take(struct model *m, unsigned space)
{
        struct free_numbers *f = &m->numbers->of[space];
        uint32_t *end = space == NUMBERS_ENDPOINTS ? &m->endpoint_count : &m->count[space];

        if (f->first < f->end)
                return f->list[f->first++];
        if (*end == m->numbers->room[space])
                tables_grow(m, space);
        return (*end)++;
}

void numbers_give_back(struct model *m, unsigned space, uint32_t number)
{
        struct free_numbers *f = &m->numbers->of[space];

        if (!f->first)
                free_numbers_grow(f);
        f->list[--f->first] = number;
}

void numbers_release(struct model *m, unsigned space, uint32_t number)
{
        struct free_numbers *f = &m->numbers->of[space];

        if (f->end == f->room)
                free_numbers_grow(f);
        f->list[f->end++] = number;
}

/* --- a whole load --- */

void item_set_number(enum kind kind, void *item, uint32_t number)
{
        if (kind == KIND_POOLS)
                ((struct pool *)item)->number = number;
        else if (kind == KIND_ZONES)
                ((struct zone *)item)->number = number;
        else if (kind == KIND_SERVICES)
                ((struct service *)item)->number = number;
        else if (kind == KIND_MONITORS)
                ((struct monitor *)item)->number = number;
}

/* Before the tables are there: the next one that was free in the model before, or behind all. */
static uint32_t next_number(struct free_numbers *f, uint32_t *end)
{
        return f->first < f->end ? f->list[f->first++] : (*end)++;
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
                        numbers[i] = next_number(&m->numbers->of[kind], &m->count[kind]);
        }
        tables_new(m, kind, m->count[kind]);
        for (uint32_t i = 0; i < count; i++) {
                m->items[kind][numbers[i]] = rows->items[kind][i];
                item_set_number(kind, rows->items[kind][i], numbers[i]);
        }
        model_index(m, kind);
}

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

void numbers_of_endpoints(struct model *m, struct pool *p, const struct pool *was)
{
        uint32_t likely = 0;

        for (uint32_t i = 0; i < p->endpoints.count; i++) {
                struct endpoint *e = &p->endpoints.items[i];
                e->pool = p->number;
                e->number = was ? number_before(was, e->name, &likely) : MODEL_NONE;
                if (e->number == MODEL_NONE)
                        e->number = numbers_take(m, NUMBERS_ENDPOINTS);
        }
}

static void give_endpoints(struct model *m, const struct rows *rows, const struct model *previous)
{
        uint32_t before = previous ? previous->count[KIND_POOLS] : 0, most;

        rows_each (pool, p, rows, KIND_POOLS)
                m->endpoints_present += p->endpoints.count;
        m->endpoint_count = previous ? previous->endpoint_count : 0;
        most = m->endpoint_count > m->endpoints_present ? m->endpoint_count : m->endpoints_present;
        tables_new(m, NUMBERS_ENDPOINTS, most);
        rows_each (pool, p, rows, KIND_POOLS) {
                numbers_of_endpoints(m, p, p->number < before ? previous->pools[p->number] : NULL);
                for (uint32_t i = 0; i < p->endpoints.count; i++)
                        m->endpoints[p->endpoints.items[i].number] = &p->endpoints.items[i];
        }
}

void numbers_give(struct model *m, const struct rows *rows, const struct model *previous, struct arena *scratch)
{
        m->numbers = ARENA_NEW(m->arena, struct model_numbers);
        for (unsigned space = 0; space <= KIND_COUNT && previous; space++) {
                const struct free_numbers *f = &previous->numbers->of[space];
                uint32_t count = f->end - f->first, *list = ARENA_ARRAY(m->arena, uint32_t, count);
                if (count)
                        memcpy(list, f->list + f->first, count * sizeof(*list));
                m->numbers->of[space] = (struct free_numbers){list, 0, count, count, false};
        }
        for (enum kind kind = KIND_REGIONS; kind <= KIND_TOKENS; kind++)
                give_kind(m, rows, kind, previous, scratch);
        give_endpoints(m, rows, previous);
}

static void settle(struct model *m, unsigned space, void *const *before, uint32_t count, void *const *now)
{
        for (uint32_t i = 0; i < count; i++)
                if (before[i] && !now[i])
                        numbers_release(m, space, i);
}

void numbers_settle(struct model *m, const struct model *previous)
{
        if (!previous)
                return;
        for (enum kind kind = KIND_REGIONS; kind <= KIND_TOKENS; kind++)
                if (is_stable(kind))
                        settle(m, kind, previous->items[kind], previous->count[kind], m->items[kind]);
        settle(m, NUMBERS_ENDPOINTS, (void *const *)previous->endpoints, previous->endpoint_count,
               (void *const *)m->endpoints);
}

void numbers_free(struct model *m)
{
        struct table tables[3];

        for (unsigned space = 0; m->numbers && space <= KIND_COUNT; space++) {
                if (m->numbers->of[space].heap)
                        free(m->numbers->of[space].list);
                for (unsigned i = m->numbers->heap[space] ? tables_of(m, space, tables) : 0; i--;)
                        free(*tables[i].at);
        }
}
