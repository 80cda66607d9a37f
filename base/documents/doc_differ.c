#include "base/documents/doc_differ.h"

#include "base/documents/doc_names.h"
#include "base/documents/doc_unlike.h"

#define LONG 32 /* elements: in a list that is longer no two have the same name */

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

static void differ_lists(struct differing *d, const char *path, const struct doc *was, const struct doc *is)
{
        struct doc *old = (struct doc *)was, *new = (struct doc *)is;

        if (was->count > LONG && is->count > LONG) /* names take longer to make than elements to compare */
                doc_unlike(d->arena, was, is, &old, &new);
        const struct doc_names *before = doc_names(d->arena, old), *after = doc_names(d->arena, new);
        if (!before || !after || !doc_names_in_order(before, after)) {
                add(d, path, was, is);
                return;
        }
        doc_each (x, old) {
                const char *name = doc_name(d->arena, x);
                if (!doc_named(after, name))
                        add(d, arena_printf(d->arena, "%s[%s]", path, name), x, NULL);
        }
        doc_each (y, new) {
                const char *name = doc_name(d->arena, y);
                const struct doc *x = doc_named(before, name);
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

        if (old && new &&doc_equal(old, new))
                return;
        if (old && new &&lists)
                differ_lists(d, path, old, new);
        else if (old && new && old->type == DOC_MAP &&new->type == DOC_MAP)
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
