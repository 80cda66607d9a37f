#include "base/documents/doc_merge.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

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

/* Whether every item of the patch's list is a map with a name. */
static bool all_named(struct arena *a, const struct named_list *kind, const struct doc *patch)
{
        doc_each (item, patch)
                if (item->type != DOC_MAP || !name_of(a, kind, item))
                        return false;
        return patch->count > 0;
}

/* --- the parts of a patch by name: a patch costs what it and its target are long --- */

struct part {
        const char *name;
        const struct doc *patch;
        bool taken;
};

struct parts {
        struct part *list; /* as in the patch */
        struct part **sorted;
        uint32_t count;
};

static char *lower(struct arena *a, const char *text)
{
        char *copy = arena_strdup(a, text);

        for (char *c = copy; *c; c++)
                *c = (char)tolower((unsigned char)*c);
        return copy;
}

/* Of an absolute owner what stands before its zone: "www.zone.example." is www, "zone.example." is @. */
static const char *relative(struct arena *a, const char *owner, const char *zone)
{
        size_t n = strlen(owner), m = strlen(zone);

        if (!n || owner[n - 1] != '.' || !m)
                return owner;
        m -= zone[m - 1] == '.';
        n--;
        if (n < m || strncmp(owner + n - m, zone, m))
                return owner;
        if (n == m)
                return "@";
        return owner[n - m - 1] == '.' ? arena_strndup(a, owner, n - m - 1) : owner;
}

/* A name as it is compared. Those with a type are names of the DNS, in `zone` (NULL: not known). */
static const char *plain_name(struct arena *a, const struct named_list *kind, const char *zone, const char *name)
{
        if (!name || !kind || !kind->typed)
                return name;
        char *plain = lower(a, name), *slash = strrchr(plain, '/');
        if (!slash || !zone)
                return plain;
        const char *owner = arena_strndup(a, plain, (size_t)(slash - plain));
        return arena_printf(a, "%s%s", relative(a, owner, lower(a, zone)), slash);
}

/* What is called alike stays in the order of the patch. */
static int compare_parts(const void *a, const void *b)
{
        const struct part *x = *(struct part *const *)a, *y = *(struct part *const *)b;
        int order = strcmp(x->name, y->name);

        return order ? order : (x > y) - (x < y);
}

/* `kind` NULL: the members of a map. */
static struct parts parts_of(struct arena *a, const struct named_list *kind, const char *zone, const struct doc *patch)
{
        struct parts p = {ARENA_ARRAY(a, struct part, patch->count + 1),
                          ARENA_ARRAY(a, struct part *, patch->count + 1), 0};

        assert(kind || patch->type == DOC_MAP);
        doc_each (item, patch) {
                const char *name = patch->type == DOC_MAP ? item->key : name_of(a, kind, item);
                p.sorted[p.count] = &p.list[p.count];
                p.list[p.count++] = (struct part){plain_name(a, kind, zone, name), item, false};
        }
        qsort(p.sorted, p.count, sizeof(struct part *), compare_parts);
        return p;
}

/* The place in `sorted` of the first with this name, or of what would stand behind it. */
static uint32_t first_part(const struct parts *p, const char *name)
{
        uint32_t low = 0, high = p->count;

        while (low < high) {
                uint32_t middle = (low + high) / 2;
                if (strcmp(p->sorted[middle]->name, name) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* One member of a map or item of a list with its patch laid over; `old` NULL: it is new. */
static struct doc *merge_one(struct arena *a, const struct named_list *kind, const struct doc *old,
                             const struct part *part)
{
        const struct doc *patch = part->patch;

        if (!kind) {
                const struct doc *nothing = doc_new(a, named_list_of(patch->key) ? DOC_LIST : DOC_MAP);
                return merge(a, patch->key, old ? old : nothing, patch);
        }
        if (old && patch->type == DOC_MAP && !patch->count)
                return doc_copy(a, old); /* as it is written */
        if (old)
                return merge(a, NULL, as_map(a, kind, old), patch);
        const char *name = patch->key ? patch->key : name_of(a, kind, patch);
        return name_item(a, kind, name, merge(a, NULL, doc_new(a, DOC_MAP), patch));
}

/* Adds what all parts with this name make of `old`, unless one takes it away. */
static void merge_named(struct arena *a, const struct named_list *kind, struct doc *out, const struct doc *old,
                        const struct parts *parts, const char *name)
{
        const struct doc *now = old;
        struct doc *made = NULL;
        const char *key = old ? old->key : NULL;

        for (uint32_t i = first_part(parts, name); i < parts->count && !strcmp(parts->sorted[i]->name, name); i++) {
                struct part *part = parts->sorted[i];
                part->taken = true;
                if (!kind)
                        key = part->patch->key;
                now = made = part->patch->type == DOC_NULL ? NULL : merge_one(a, kind, now, part);
        }
        if (made)
                doc_add(out, key, made);
}

/* The members of a map (`kind` NULL) or items of a list with those of the patch laid over, by name. */
static struct doc *merge_parts(struct arena *a, const struct named_list *kind, const struct doc *target,
                               const struct doc *patch)
{
        const char *zone = kind && kind->typed && target->parent ? doc_get_string(target->parent, "name") : NULL;
        const struct parts parts = parts_of(a, kind, zone, patch);
        struct doc *out = doc_new(a, target->type);

        doc_each (item, target) {
                const char *name = plain_name(a, kind, zone, kind ? name_of(a, kind, item) : item->key);
                uint32_t at = name ? first_part(&parts, name) : parts.count;
                if (at < parts.count && !strcmp(parts.sorted[at]->name, name) && !parts.sorted[at]->taken)
                        merge_named(a, kind, out, item, &parts, name);
                else
                        doc_add(out, item->key, doc_copy(a, item));
        }
        for (uint32_t i = 0; i < parts.count; i++)
                if (!parts.list[i].taken)
                        merge_named(a, kind, out, NULL, &parts, parts.list[i].name);
        return out;
}

static struct doc *merge(struct arena *a, const char *key, const struct doc *target, const struct doc *patch)
{
        const struct named_list *kind = named_list_of(key);
        bool by_name = kind && target->type == DOC_LIST &&
                       (patch->type == DOC_MAP || (patch->type == DOC_LIST && all_named(a, kind, patch)));

        if (by_name)
                return merge_parts(a, kind, target, patch);
        if (patch->type != DOC_MAP)
                return doc_copy(a, patch);
        return merge_parts(a, NULL, target->type == DOC_MAP ? target : doc_new(a, DOC_MAP), patch);
}

struct doc *merge_patch(struct arena *a, const struct doc *target, const struct doc *patch)
{
        return merge(a, NULL, target, patch);
}

bool merge_patch_check(const struct doc *patch, struct problems *problems)
{
        bool list = patch->type == DOC_LIST && named_list_of(patch->key), good = true;
        uint32_t maps = 0;

        if (patch->type != DOC_LIST && patch->type != DOC_MAP)
                return true;
        doc_each (one, patch) {
                maps += one->type == DOC_MAP;
                good = merge_patch_check(one, problems) && good;
        }
        if (!list || !maps || maps == patch->count)
                return good;
        doc_problem(
                problems, patch, NULL,
                "expected maps alone, which are merged by name, or plain names alone, which replace the whole list");
        return false;
}
