#include "zones/store/difference.h"

#include <assert.h>
#include <string.h>

#define LOOK_AHEAD 32 /* elements; a longer run of changed ones is one step to the end of what differs */

struct making {
        struct arena *arena;
        struct doc *steps;
        const char *path[DOC_DEPTH_MAX];
        uint32_t depth;
};

static struct doc *step(struct making *m)
{
        struct doc *one = doc_add_map(m->arena, m->steps, NULL), *path = doc_add_list(m->arena, one, "path");

        for (uint32_t i = 0; i < m->depth; i++)
                doc_add_string(m->arena, path, NULL, m->path[i]);
        return one;
}

/* --- lists --- */

static const struct doc **elements(struct arena *a, const struct doc *list)
{
        const struct doc **all = ARENA_ARRAY(a, const struct doc *, list->count);
        uint32_t i = 0;

        doc_each (one, list)
                all[i++] = one;
        return all;
}

struct span {
        const struct doc **items;
        uint32_t at, end;
};

static void add_span(struct making *m, struct doc *one, const char *name, const struct span *s, uint32_t count)
{
        struct doc *list = doc_add_list(m->arena, one, name);

        for (uint32_t i = 0; i < count; i++)
                doc_add(list, NULL, doc_copy(m->arena, s->items[s->at + i]));
}

/* How many elements of each to leave behind until both go on alike: the least together. */
static void find_meeting(const struct span *old, const struct span *new, uint32_t *left, uint32_t *right)
{
        uint32_t a = old->end - old->at, b = new->end - new->at;

        for (uint32_t together = 1; together <= LOOK_AHEAD; together++)
                for (uint32_t x = 0; x <= together; x++) {
                        uint32_t y = together - x;
                        if (x < a && y < b && doc_equal(old->items[old->at + x], new->items[new->at + y])) {
                                *left = x;
                                *right = y;
                                return;
                        }
                }
        *left = a;
        *right = b;
}

static void differ_lists(struct making *m, const struct doc *old, const struct doc *new)
{
        const struct doc **x = elements(m->arena, old), **y = elements(m->arena, new);
        struct span a = {x, 0, old->count}, b = {y, 0, new->count};
        uint32_t left, right;

        while (a.end && b.end && doc_equal(x[a.end - 1], y[b.end - 1])) {
                a.end--;
                b.end--;
        }
        while (a.at < a.end || b.at < b.end) {
                if (a.at < a.end && b.at < b.end && doc_equal(x[a.at], y[b.at])) {
                        a.at++;
                        b.at++;
                        continue;
                }
                find_meeting(&a, &b, &left, &right);
                assert(left || right); /* it goes on */
                struct doc *one = step(m);
                doc_add_int(m->arena, one, "at", b.at);
                add_span(m, one, "old", &a, left);
                add_span(m, one, "new", &b, right);
                a.at += left;
                b.at += right;
        }
}

/* --- maps --- */

static void differ_maps(struct making *m, const struct doc *old, const struct doc *new);

static void differ_members(struct making *m, const struct doc *old, const struct doc *new)
{
        if (old && new &&doc_equal(old, new))
                return;
        assert(m->depth < DOC_DEPTH_MAX && (old || new));
        /* cppcheck-suppress nullPointerRedundantCheck ; one of them is there */
        m->path[m->depth++] = old ? old->key : new->key;
        if (old && new && old->type == DOC_LIST &&new->type == DOC_LIST) {
                differ_lists(m, old, new);
        } else if (old && new && old->type == DOC_MAP &&new->type == DOC_MAP) {
                differ_maps(m, old, new);
        } else {
                struct doc *one = step(m);
                if (old)
                        doc_add(one, "old", doc_copy(m->arena, old));
                if (new)
                        doc_add(one, "new", doc_copy(m->arena, new));
        }
        m->depth--;
}

static void differ_maps(struct making *m, const struct doc *old, const struct doc *new)
{
        doc_each (one, old)
                differ_members(m, one, doc_get(new, one->key));
        doc_each (one, new)
                if (!doc_get(old, one->key))
                        differ_members(m, NULL, one);
}

struct doc *difference_make(const struct doc *old, const struct doc *new, struct arena *a)
{
        struct making m = {.arena = a, .steps = doc_new(a, DOC_LIST)};

        differ_maps(&m, old, new);
        return m.steps;
}

/* --- going back --- */

/* Puts copies of the elements of `put` in the place of those from `at` on that `gone` tells. */
static bool splice(struct doc *list, int64_t at, const struct doc *gone, const struct doc *put, struct arena *a)
{
        struct doc *rest = list->first;

        list->first = list->last = NULL;
        list->count = 0;
        for (int64_t i = 0; i < at; i++) {
                struct doc *one = rest;
                if (!one)
                        return false;
                rest = one->next;
                doc_add(list, NULL, one);
        }
        doc_each (one, gone) {
                if (!rest || !doc_equal(rest, one))
                        return false;
                rest = rest->next;
        }
        doc_each (one, put)
                doc_add(list, NULL, doc_copy(a, one));
        while (rest) {
                struct doc *one = rest;
                rest = one->next;
                doc_add(list, NULL, one);
        }
        return true;
}

static bool undo_member(struct doc *map, const char *key, const struct doc *old, const struct doc *new, struct arena *a)
{
        struct doc *there = doc_get(map, key);

        if (new ? !there || !doc_equal(there, new) : there != NULL)
                return false;
        if (old)
                doc_set(map, arena_strdup(a, key), doc_copy(a, old));
        else
                doc_remove(map, there);
        return true;
}

static bool undo_step(struct doc *document, const struct doc *one, struct arena *a)
{
        const struct doc *path = doc_get(one, "path"), *old = doc_get(one, "old"), *new = doc_get(one, "new");
        struct doc *place = document;
        int64_t at;

        if (!path || !path->count || (!old && !new))
                return false;
        bool elements = doc_get_int(one, "at", &at);
        for (const struct doc *key = path->first; key && place; key = key->next) {
                if (place->type != DOC_MAP || key->type != DOC_STRING)
                        return false;
                if (!elements && !key->next)
                        return undo_member(place, key->string, old, new, a);
                place = doc_get(place, key->string);
        }
        return place && place->type == DOC_LIST && old && new &&splice(place, at, new, old, a);
}

bool difference_undo(struct doc *document, const struct doc *difference, struct arena *a)
{
        const struct doc **steps = elements(a, difference);
        bool good = true;

        for (uint32_t i = difference->count; i-- && good;)
                good = undo_step(document, steps[i], a);
        return good;
}
