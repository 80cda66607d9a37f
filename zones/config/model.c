/* Finding things in a model: its arrays are in the order of their keys. */
#include "zones/config/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "zones/dns/name.h"

static const char *network_key(const struct network *n, char out[PREFIX_TEXT_MAX])
{
        return prefix_format(&n->cidr, out);
}

const char *model_key(const struct model *m, enum kind kind, uint32_t i, char scratch[PREFIX_TEXT_MAX])
{
        switch (kind) {
        case KIND_REGIONS:
                return m->regions[i].name;
        case KIND_NETWORKS:
                return network_key(&m->networks[i], scratch);
        case KIND_MONITORS:
                return m->monitors[i].name;
        case KIND_POOLS:
                return m->pools[i].name;
        case KIND_ZONES:
                return m->zones[i].name;
        case KIND_SERVICES:
                return m->services[i].name;
        case KIND_PROBERS:
                return m->probers[i].name;
        case KIND_RULES:
                return kind_only_key(kind);
        case KIND_TOKENS:
        case KIND_DRAINS: /* operations are in no model */
        case KIND_COUNT:
                break;
        }
        return m->tokens[i].name;
}

uint32_t model_find(const struct model *m, enum kind kind, const char *key)
{
        uint32_t low = 0, high = m->count[kind];
        char scratch[PREFIX_TEXT_MAX];

        while (low < high) {
                uint32_t middle = low + (high - low) / 2;
                int order = strcmp(model_key(m, kind, middle, scratch), key);
                if (!order)
                        return middle;
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return MODEL_NONE;
}

const struct rules *model_rules(const struct model *m)
{
        static const struct rules none;

        return m->count[KIND_RULES] ? &m->rules[0] : &none;
}

char *endpoint_id(const struct model *m, uint32_t number, char *out, size_t size)
{
        const struct endpoint *e = m->endpoints[number];

        snprintf(out, size, "%s/%s", m->pools[e->pool].name, e->name);
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
        const struct endpoint *endpoints = m->pools[i].endpoints.items;
        for (uint32_t e = 0; e < m->pools[i].endpoints.count; e++)
                if (!strcmp(endpoints[e].name, slash + 1))
                        return m->pools[i].first_endpoint + e;
        return MODEL_NONE;
}

const uint8_t *model_wire(struct model *m, const char *name)
{
        uint8_t wire[NAME_WIRE_MAX];
        const char *why;

        return arena_memdup(m->arena, wire, name_parse(name, NULL, wire, &why));
}
