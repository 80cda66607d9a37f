#include "admin/views/selection.h"

#include <stdio.h>
#include <string.h>

bool labels_have(const struct strings *labels, const char *label)
{
        for (uint32_t i = 0; i < labels->count; i++)
                if (!strcmp(labels->items[i], label))
                        return true;
        return false;
}

static bool selection_has(const struct selection *s, const struct model *m, const struct endpoint *e)
{
        const struct pool *p = m->pools[e->pool];

        if (s->region && (!p->region_name || strcmp(p->region_name, s->region)))
                return false;
        if (s->pool && strcmp(p->name, s->pool))
                return false;
        if (s->label && !labels_have(&e->labels, s->label) && !labels_have(&p->labels, s->label))
                return false;
        return !s->cidr_text || prefix_contains(&s->cidr, &e->address);
}

struct selecting {
        const struct selection *selection;
        const struct model *model;
        selection_visit *visit;
        void *context;
        uint32_t looked;
        char *place;
};

/* false: that was the last for now. */
static bool look(struct selecting *s, const struct pool *p, const char *endpoint)
{
        if (++s->looked != s->selection->most)
                return true;
        snprintf(s->place, SELECTION_PLACE_MAX, "%s/%s", p->name, endpoint);
        return false;
}

/* Those of a pool, from its `i`th on; false: a visit ended it. */
static bool each_from(struct selecting *s, const struct pool *p, uint32_t i)
{
        if (i == p->endpoints.count)
                return look(s, p, "");
        for (; i < p->endpoints.count; i++) {
                const struct endpoint *e = &p->endpoints.items[i];
                if (selection_has(s->selection, s->model, e) && !s->visit(s->context, e))
                        return false;
                if (!look(s, p, e->name))
                        return false;
        }
        return true;
}

/* A pool that is left out of what is served is in the store alone. */
static bool each_of_row(void *context, const char *key, const char *json, size_t length)
{
        struct selecting *s = context;
        uint32_t pool = model_find(s->model, KIND_POOLS, key);

        return pool == MODEL_NONE || each_from(s, s->model->pools[pool], 0);
}

bool selection_each(const struct selection *selection, const struct model *m, struct store_txn *txn, const char *after,
                    selection_visit *visit, void *context, char place[SELECTION_PLACE_MAX])
{
        struct selecting s = {selection, m, visit, context, 0, place};
        char key[SELECTION_PLACE_MAX] = "";

        *place = '\0';
        if (after)
                snprintf(key, sizeof(key), "%.*s", (int)strcspn(after, "/"), after);
        const char *first = selection->pool ? selection->pool : key;
        uint32_t pool = model_find(m, KIND_POOLS, first);
        int order = strcmp(first, key);
        if (pool != MODEL_NONE && order >= 0) {
                uint32_t last = after && !order ? endpoint_number(m, after) : MODEL_NONE, next = 0;
                if (last != MODEL_NONE)
                        next = 1 + (uint32_t)(m->endpoints[last] - m->pools[pool]->endpoints.items);
                if (!each_from(&s, m->pools[pool], next))
                        return true;
        }
        return selection->pool || store_each(txn, KIND_POOLS, after ? key : NULL, each_of_row, &s);
}
