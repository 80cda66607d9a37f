#include "base/documents/doc_unlike.h"

#include <assert.h>

static const struct doc **elements(struct arena *arena, const struct doc *list)
{
        const struct doc **all = ARENA_ARRAY(arena, const struct doc *, list->count);
        uint32_t n = 0;

        doc_each (one, list)
                all[n++] = one;
        return all;
}

static struct doc *copy_some(struct arena *arena, const struct doc **all, uint32_t from, uint32_t to)
{
        struct doc *list = doc_new(arena, DOC_LIST);

        for (; from < to; from++)
                doc_add(list, NULL, doc_copy(arena, all[from]));
        return list;
}

static void unlike_lists(struct arena *arena, const struct doc *a, const struct doc *b, struct doc **a_out,
                         struct doc **b_out)
{
        const struct doc **x = elements(arena, a), **y = elements(arena, b);
        uint32_t from = 0, x_end = a->count, y_end = b->count;

        for (; from < x_end && from < y_end && doc_equal(x[from], y[from]); from++)
                continue;
        for (; x_end > from && y_end > from && doc_equal(x[x_end - 1], y[y_end - 1]); x_end--)
                y_end--;
        *a_out = copy_some(arena, x, from, x_end);
        *b_out = copy_some(arena, y, from, y_end);
}

void doc_unlike(struct arena *arena, const struct doc *a, const struct doc *b, struct doc **a_out, struct doc **b_out)
{
        struct doc *x, *y;

        assert(a->type == b->type && (a->type == DOC_LIST || a->type == DOC_MAP));
        if (a->type == DOC_LIST) {
                unlike_lists(arena, a, b, a_out, b_out);
                return;
        }
        *a_out = doc_new(arena, DOC_MAP);
        *b_out = doc_new(arena, DOC_MAP);
        doc_each (one, a) {
                const struct doc *other = doc_get(b, one->key);
                bool lists = other && one->type == DOC_LIST && other->type == DOC_LIST;
                if (lists)
                        unlike_lists(arena, one, other, &x, &y);
                doc_add(*a_out, one->key, lists ? x : doc_copy(arena, one));
                if (other)
                        doc_add(*b_out, one->key, lists ? y : doc_copy(arena, other));
        }
        doc_each (one, b)
                if (!doc_get(a, one->key))
                        doc_add(*b_out, one->key, doc_copy(arena, one));
}
