/* Finding things in a model. */
#include "zones/config/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/memory.h"
#include "zones/dns/name.h"

const char *model_key(enum kind kind, const void *item, char scratch[PREFIX_TEXT_MAX])
{
        switch (kind) {
        case KIND_REGIONS:
                return ((const struct region *)item)->name;
        case KIND_NETWORKS:
                return prefix_format(&((const struct network *)item)->cidr, scratch);
        case KIND_MONITORS:
                return ((const struct monitor *)item)->name;
        case KIND_POOLS:
                return ((const struct pool *)item)->name;
        case KIND_ZONES:
                return ((const struct zone *)item)->name;
        case KIND_SERVICES:
                return ((const struct service *)item)->name;
        case KIND_PROBERS:
                return ((const struct prober *)item)->name;
        case KIND_RULES:
                return kind_only_key(kind);
        case KIND_TOKENS:
        case KIND_DRAINS: /* operations are in no model */
        case KIND_HOLDS:
        case KIND_CONFIRMS:
        case KIND_SHIFTS:
        case KIND_COUNT:
                break;
        }
        return ((const struct token *)item)->name;
}

struct arena **item_arena(enum kind kind, void *item)
{
        switch (kind) {
        case KIND_MONITORS:
                return &((struct monitor *)item)->arena;
        case KIND_POOLS:
                return &((struct pool *)item)->arena;
        case KIND_ZONES:
                return &((struct zone *)item)->arena;
        case KIND_SERVICES:
                return &((struct service *)item)->arena;
        case KIND_PROBERS:
                return &((struct prober *)item)->arena;
        case KIND_TOKENS:
                return &((struct token *)item)->arena;
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
        return NULL;
}

/* --- by key: open addressing, at most three quarters full --- */

static uint32_t hash_key(const char *key)
{
        return (uint32_t)hash_bytes(key, strlen(key), 0);
}

static void index_put(struct key_index *x, uint32_t hash, uint32_t number)
{
        uint32_t at = hash & x->mask;

        while (x->slots[at].item)
                at = (at + 1) & x->mask;
        x->slots[at] = (struct key_slot){hash, number + 1};
        x->used++;
}

void model_index(struct model *m, enum kind kind)
{
        struct key_index *x = &m->by_key[kind];
        char scratch[PREFIX_TEXT_MAX];
        uint32_t size = 2;

        m->present[kind] = 0;
        for (uint32_t i = 0; i < m->count[kind]; i++)
                m->present[kind] += m->items[kind][i] != NULL;
        while (size < 2 * m->present[kind])
                size *= 2;
        *x = (struct key_index){.slots = ARENA_ARRAY(m->arena, struct key_slot, size), .mask = size - 1};
        for (uint32_t i = 0; i < m->count[kind]; i++)
                if (m->items[kind][i])
                        index_put(x, hash_key(model_key(kind, m->items[kind][i], scratch)), i);
}

static void index_grow(struct key_index *x)
{
        struct key_index larger = {.mask = 2 * x->mask + 1, .heap = true};

        larger.slots = memory_alloc(((size_t)larger.mask + 1) * sizeof(*larger.slots));
        for (uint32_t i = 0; i <= x->mask; i++)
                if (x->slots[i].item)
                        index_put(&larger, x->slots[i].hash, x->slots[i].item - 1);
        if (x->heap)
                free(x->slots);
        *x = larger;
}

void model_index_add(struct model *m, enum kind kind, uint32_t number)
{
        struct key_index *x = &m->by_key[kind];
        char scratch[PREFIX_TEXT_MAX];

        if (x->used + 1 > (x->mask + 1) / 4 * 3)
                index_grow(x);
        index_put(x, hash_key(model_key(kind, m->items[kind][number], scratch)), number);
        m->present[kind]++;
}

void model_index_remove(struct model *m, enum kind kind, uint32_t number)
{
        struct key_index *x = &m->by_key[kind];
        char scratch[PREFIX_TEXT_MAX];
        uint32_t at = hash_key(model_key(kind, m->items[kind][number], scratch)) & x->mask;

        while (x->slots[at].item != number + 1)
                at = (at + 1) & x->mask;
        /* What stands behind it and could stand here moves up: no look-up may meet a gap. */
        for (uint32_t next = (at + 1) & x->mask; x->slots[next].item; next = (next + 1) & x->mask) {
                uint32_t home = x->slots[next].hash & x->mask;
                if (((next - home) & x->mask) < ((next - at) & x->mask))
                        continue;
                x->slots[at] = x->slots[next];
                at = next;
        }
        x->slots[at] = (struct key_slot){0};
        x->used--;
        m->present[kind]--;
}

uint32_t model_find(const struct model *m, enum kind kind, const char *key)
{
        const struct key_index *x = &m->by_key[kind];
        uint32_t hash = hash_key(key);
        char scratch[PREFIX_TEXT_MAX];

        if (!x->slots)
                return MODEL_NONE;
        for (uint32_t at = hash & x->mask; x->slots[at].item; at = (at + 1) & x->mask) {
                uint32_t number = x->slots[at].item - 1;
                if (x->slots[at].hash == hash && !strcmp(model_key(kind, m->items[kind][number], scratch), key))
                        return number;
        }
        return MODEL_NONE;
}

const struct rules *model_rules(const struct model *m)
{
        static const struct rules none;

        return m->count[KIND_RULES] ? m->rules[0] : &none;
}

char *endpoint_id(const struct model *m, uint32_t number, char *out, size_t size)
{
        const struct endpoint *e = m->endpoints[number];

        snprintf(out, size, "%s/%s", m->pools[e->pool]->name, e->name);
        return out;
}

uint32_t endpoint_number(const struct model *m, const char *id)
{
        char pool[200];
        const char *slash = strchr(id, '/');

        if (!slash || (size_t)(slash - id) >= sizeof(pool))
                return MODEL_NONE;
        memcpy(pool, id, (size_t)(slash - id));
        pool[slash - id] = '\0';
        uint32_t i = model_find(m, KIND_POOLS, pool);
        if (i == MODEL_NONE)
                return MODEL_NONE;
        const struct endpoint *endpoints = m->pools[i]->endpoints.items;
        for (uint32_t e = 0; e < m->pools[i]->endpoints.count; e++)
                if (!strcmp(endpoints[e].name, slash + 1))
                        return endpoints[e].number;
        return MODEL_NONE;
}

bool endpoint_is_used(const struct endpoint *e)
{
        return schedules_enable(&e->schedules, e->enabled);
}

bool pool_is_used(const struct pool *p)
{
        return schedules_enable(&p->schedules, p->enabled);
}

const struct schedule_list *model_schedules(const struct model *m, const struct schedule_place *place)
{
        switch (place->of) {
        case SCHEDULE_OF_ENDPOINT:
                return &m->endpoints[place->number]->schedules;
        case SCHEDULE_OF_POOL:
                return &m->pools[place->number]->schedules;
        case SCHEDULE_OF_MEMBER:
                break;
        }
        return &m->services[place->number]->pools.items[place->position].schedules;
}

char *schedule_place_text(const struct model *m, const struct schedule_place *place, char out[SCHEDULE_PLACE_MAX])
{
        char id[SCHEDULE_PLACE_MAX / 2];

        switch (place->of) {
        case SCHEDULE_OF_ENDPOINT:
                snprintf(out, SCHEDULE_PLACE_MAX, "endpoint/%s", endpoint_id(m, place->number, id, sizeof(id)));
                break;
        case SCHEDULE_OF_POOL:
                snprintf(out, SCHEDULE_PLACE_MAX, "pool/%s", m->pools[place->number]->name);
                break;
        case SCHEDULE_OF_MEMBER:
                snprintf(out, SCHEDULE_PLACE_MAX, "service/%s/%s", m->services[place->number]->name,
                         m->services[place->number]->pools.items[place->position].pool_name);
                break;
        }
        return out;
}

const uint8_t *model_wire(struct arena *a, const char *name)
{
        uint8_t wire[NAME_WIRE_MAX];
        const char *why;

        return arena_memdup(a, wire, name_parse(name, NULL, wire, &why));
}
