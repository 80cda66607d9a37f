#include "zones/load/over.h"

#include <stdlib.h>
#include <string.h>

struct over {
        const struct change **list; /* by kind and key */
        size_t count;
};

static int order_of(enum kind kind, const char *key, const struct change *c)
{
        return kind != c->kind ? (kind < c->kind ? -1 : 1) : strcmp(key, c->key);
}

/* Those of one item stay in the order in which they came. */
static int compare_changes(const void *a, const void *b)
{
        const struct change *x = *(const struct change *const *)a, *y = *(const struct change *const *)b;
        int order = order_of(x->kind, x->key, y);

        return order ? order : x < y ? -1 : x > y;
}

const struct over *over_new(struct arena *a, const struct change *changes, size_t count)
{
        struct over *o = ARENA_NEW(a, struct over);

        o->list = ARENA_ARRAY(a, const struct change *, count);
        for (size_t i = 0; i < count; i++)
                o->list[i] = &changes[i];
        if (count)
                qsort(o->list, count, sizeof(*o->list), compare_changes);
        for (size_t i = 0; i < count; i++)
                if (i + 1 == count || order_of(o->list[i]->kind, o->list[i]->key, o->list[i + 1]))
                        o->list[o->count++] = o->list[i];
        return o;
}

/* The first that is not below. */
static size_t place_of(const struct over *o, enum kind kind, const char *key)
{
        size_t from = 0, to = o->count;

        while (from < to) {
                size_t middle = from + (to - from) / 2;
                if (order_of(kind, key, o->list[middle]) > 0)
                        from = middle + 1;
                else
                        to = middle;
        }
        return from;
}

const struct change *over_find(const struct over *o, enum kind kind, const char *key)
{
        size_t at = o ? place_of(o, kind, key) : 0;

        return o && at < o->count && !order_of(kind, key, o->list[at]) ? o->list[at] : NULL;
}

struct merging {
        const struct over *over;
        enum kind kind;
        size_t at;
        over_visit *visit;
        void *context;
};

/* Those changes that stand before the key (NULL: all that are left). */
static void visit_before(struct merging *m, const char *key)
{
        for (; m->at < m->over->count && m->over->list[m->at]->kind == m->kind; m->at++) {
                const struct change *c = m->over->list[m->at];
                if (key && strcmp(c->key, key) >= 0)
                        return;
                if (c->document)
                        m->visit(m->context, c->key, NULL, 0, c->document);
        }
}

static bool visit_stored(void *context, const char *key, const char *json, size_t length)
{
        struct merging *m = context;

        visit_before(m, key);
        const struct change *c = m->at < m->over->count ? m->over->list[m->at] : NULL;
        if (!c || order_of(m->kind, key, c)) {
                m->visit(m->context, key, json, length, NULL);
                return true;
        }
        m->at++;
        if (c->document)
                m->visit(m->context, c->key, NULL, 0, c->document);
        return true;
}

bool over_each(const struct over *o, struct store_txn *txn, enum kind kind, over_visit *visit, void *context)
{
        static const struct over none = {NULL, 0};
        struct merging m = {o ? o : &none, kind, 0, visit, context};

        m.at = place_of(m.over, kind, "");
        bool whole = store_each(txn, kind, NULL, visit_stored, &m);
        visit_before(&m, NULL);
        return whole;
}
