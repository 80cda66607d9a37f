#include "admin/api/merge.h"

#include <string.h>
#include <strings.h>

/* How items of a list are told apart. */
struct named_list {
        const char *list;
        const char *name;    /* the member that names them */
        const char *instead; /* that names those without it, and that an item written as a string stands for */
        bool typed;          /* the type belongs to the name */
};

static const struct named_list named_lists[] = {
        {"endpoints", "name", "address", false},
        {"records", "name", "name", true},
        {"pools", "pool", "pool", false},
};

static const struct named_list *named_list_of(const char *key)
{
        for (size_t i = 0; key && i < sizeof(named_lists) / sizeof(*named_lists); i++)
                if (!strcmp(key, named_lists[i].list))
                        return &named_lists[i];
        return NULL;
}

/* NULL: it has no name. */
static const char *name_of(struct arena *a, const struct named_list *kind, const struct doc *item)
{
        if (item->type == DOC_STRING)
                return item->string;
        const char *name = doc_get_string(item, kind->name), *type = doc_get_string(item, "type");
        if (!name)
                name = doc_get_string(item, kind->instead);
        if (kind->typed)
                return name && type ? arena_printf(a, "%s/%s", name, type) : NULL;
        return name;
}

static struct doc *find_named(struct arena *a, const struct named_list *kind, struct doc *list, const char *name)
{
        doc_each (item, list) {
                const char *is = name_of(a, kind, item);
                if (is && !(kind->typed ? strcasecmp(is, name) : strcmp(is, name)))
                        return item;
        }
        return NULL;
}

static struct doc *merge(struct arena *, const char *key, const struct doc *target, const struct doc *patch);

/* The item as a map that a patch can be laid over. */
static const struct doc *as_map(struct arena *a, const struct named_list *kind, const struct doc *item)
{
        if (item->type != DOC_STRING)
                return item;
        struct doc *map = doc_new(a, DOC_MAP);
        doc_add_string(a, map, kind->instead, item->string);
        return map;
}

/* A new item that has the name it was called by. */
static struct doc *name_item(struct arena *a, const struct named_list *kind, const char *name, struct doc *item)
{
        const char *slash = kind->typed ? strrchr(name, '/') : NULL;

        if (item->type != DOC_MAP)
                return item;
        if (!doc_get(item, kind->name))
                doc_set(item, kind->name, doc_string(a, slash ? arena_strndup(a, name, (size_t)(slash - name)) : name));
        if (slash && !doc_get(item, "type"))
                doc_set(item, "type", doc_string(a, slash + 1));
        return item;
}

static void merge_item(struct arena *a, const struct named_list *kind, struct doc *list, const char *name,
                       const struct doc *patch)
{
        struct doc *old = find_named(a, kind, list, name);

        if (patch->type == DOC_NULL) {
                if (old)
                        doc_remove(list, old);
        } else if (old) {
                doc_replace(old, merge(a, NULL, as_map(a, kind, old), patch));
        } else {
                doc_add(list, NULL, name_item(a, kind, name, merge(a, NULL, doc_new(a, DOC_MAP), patch)));
        }
}

/* Whether every item of the patch's list is a map with a name. */
static bool all_named(struct arena *a, const struct named_list *kind, const struct doc *patch)
{
        doc_each (item, patch)
                if (item->type != DOC_MAP || !name_of(a, kind, item))
                        return false;
        return patch->count > 0;
}

static struct doc *merge_list(struct arena *a, const struct named_list *kind, const struct doc *target,
                              const struct doc *patch)
{
        struct doc *list = doc_copy(a, target);

        doc_each (item, patch)
                merge_item(a, kind, list, patch->type == DOC_MAP ? item->key : name_of(a, kind, item), item);
        return list;
}

static struct doc *merge_map(struct arena *a, const struct doc *target, const struct doc *patch)
{
        struct doc *map = doc_copy(a, target);

        doc_each (member, patch) {
                struct doc *old = doc_get(map, member->key);
                if (member->type == DOC_NULL) {
                        if (old)
                                doc_remove(map, old);
                        continue;
                }
                const struct doc *nothing = doc_new(a, named_list_of(member->key) ? DOC_LIST : DOC_MAP);
                doc_set(map, member->key, merge(a, member->key, old ? old : nothing, member));
        }
        return map;
}

static struct doc *merge(struct arena *a, const char *key, const struct doc *target, const struct doc *patch)
{
        const struct named_list *kind = named_list_of(key);
        bool by_name = kind && target->type == DOC_LIST &&
                       (patch->type == DOC_MAP || (patch->type == DOC_LIST && all_named(a, kind, patch)));

        if (by_name)
                return merge_list(a, kind, target, patch);
        if (patch->type != DOC_MAP)
                return doc_copy(a, patch);
        return merge_map(a, target->type == DOC_MAP ? target : doc_new(a, DOC_MAP), patch);
}

struct doc *merge_patch(struct arena *a, const struct doc *target, const struct doc *patch)
{
        return merge(a, NULL, target, patch);
}
