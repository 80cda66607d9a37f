#include "base/documents/doc_differ.h"

#include <stdlib.h>
#include <string.h>

struct differing {
        struct arena *arena;
        struct doc *gone, *rest;
};

static void add(struct differing *d, const char *path, const struct doc *old, const struct doc *new)
{
        struct doc *one = doc_add_map(d->arena, new ? d->rest : d->gone, NULL);

        doc_add_string(d->arena, one, "path", path);
        if (old)
                doc_add(one, "old", doc_copy(d->arena, old));
        if (new)
                doc_add(one, "new", doc_copy(d->arena, new));
}

static void differ(struct differing *d, const char *path, const struct doc *old, const struct doc *new);

/* --- lists of what has names --- */

struct named {
        const char *name;
        const struct doc *d;
};

/* What an element is called in its list; NULL: it has no name. */
static const char *name_of(struct arena *a, const struct doc *d)
{
        static const char *const members[] = {"name", "cidr", "pool", "address"};
        char text[100];

        if (d->type == DOC_STRING)
                return d->string;
        if (d->type != DOC_MAP)
                return d->type == DOC_LIST ? NULL : arena_strdup(a, doc_show(d, text, sizeof(text)));
        for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
                const char *name = doc_get_string(d, members[i]), *type = doc_get_string(d, "type");
                if (name)
                        return type ? arena_printf(a, "%s %s", name, type) : name;
        }
        return NULL;
}

static int compare(const void *a, const void *b)
{
        return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

/* The elements by name. NULL: one has none, or two have the same. */
static struct named *by_name(struct arena *a, const struct doc *list)
{
        struct named *all = ARENA_ARRAY(a, struct named, list->count);
        uint32_t n = 0;

        doc_each (one, list) {
                all[n] = (struct named){name_of(a, one), one};
                if (!all[n++].name)
                        return NULL;
        }
        qsort(all, n, sizeof(*all), compare);
        for (uint32_t i = 1; i < n; i++)
                if (!compare(&all[i - 1], &all[i]))
                        return NULL;
        return all;
}

static const struct doc *find(const struct named *all, uint32_t count, const char *name)
{
        const struct named key = {name, NULL}, *found = bsearch(&key, all, count, sizeof(*all), compare);
        return found ? found->d : NULL;
}

/* Whether what stands in both lists stands in the same order. */
static bool same_order(struct arena *a, const struct named *before, const struct doc *old, const struct doc *new)
{
        const struct doc *last = NULL;

        doc_each (y, new) {
                const struct doc *x = find(before, old->count, name_of(a, y));
                if (x && last && x->index < last->index)
                        return false;
                last = x ? x : last;
        }
        return true;
}

static void differ_lists(struct differing *d, const char *path, const struct doc *old, const struct doc *new)
{
        const struct named *before = by_name(d->arena, old), *after = by_name(d->arena, new);

        if (!before || !after || !same_order(d->arena, before, old, new)) {
                add(d, path, old, new);
                return;
        }
        doc_each (x, old) {
                const char *name = name_of(d->arena, x);
                if (!find(after, new->count, name))
                        add(d, arena_printf(d->arena, "%s[%s]", path, name), x, NULL);
        }
        doc_each (y, new) {
                const char *name = name_of(d->arena, y);
                const struct doc *x = find(before, old->count, name);
                differ(d, arena_printf(d->arena, "%s[%s]", path, name), x, y);
        }
}

/* --- all --- */

static void differ_maps(struct differing *d, const char *path, const struct doc *old, const struct doc *new)
{
        doc_each (x, old)
                differ(d, *path ? arena_printf(d->arena, "%s.%s", path, x->key) : x->key, x, doc_get(new, x->key));
        doc_each (y, new)
                if (!doc_get(old, y->key))
                        differ(d, *path ? arena_printf(d->arena, "%s.%s", path, y->key) : y->key, NULL, y);
}

/* One of the two may be missing. */
static void differ(struct differing *d, const char *path, const struct doc *old, const struct doc *new)
{
        bool lists = (!old || old->type == DOC_LIST) && (!new || new->type == DOC_LIST);

        if (old && new && doc_equal(old, new))
                return;
        if (old && new && lists)
                differ_lists(d, path, old, new);
        else if (old && new && old->type == DOC_MAP && new->type == DOC_MAP)
                differ_maps(d, path, old, new);
        else if (lists && (old ? old : new)->count) /* each element comes or goes by its name */
                differ_lists(d, path, old ? old : doc_new(d->arena, DOC_LIST), new ? new : doc_new(d->arena, DOC_LIST));
        else
                add(d, path, old, new);
}

struct doc *doc_differ(struct arena *a, const struct doc *old, const struct doc *new)
{
        struct differing d = {a, doc_new(a, DOC_LIST), doc_new(a, DOC_LIST)};
        struct doc *all = doc_new(a, DOC_LIST);

        differ(&d, "", old, new);
        doc_each (one, d.gone)
                doc_add(all, NULL, doc_copy(a, one));
        doc_each (one, d.rest)
                doc_add(all, NULL, doc_copy(a, one));
        return all;
}
