#include "base/documents/doc_take_back.h"

#include "base/documents/doc_names.h"

struct taking {
        struct arena *arena;
        struct doc *conflicts;
};

static bool same(const struct doc *a, const struct doc *b)
{
        return a && b ? doc_equal(a, b) : a == b;
}

static struct doc *copy(struct arena *a, const struct doc *d)
{
        return d ? doc_copy(a, d) : NULL;
}

static bool all_are(enum doc_type type, const struct doc *a, const struct doc *b, const struct doc *c)
{
        return (!a || a->type == type) && (!b || b->type == type) && (!c || c->type == type);
}

static struct doc *conflict(struct taking *t, const char *path, const struct doc *before, const struct doc *after,
                            const struct doc *now)
{
        struct doc *one = doc_add_map(t->arena, t->conflicts, NULL);

        doc_add_string(t->arena, one, "path", path);
        if (before)
                doc_add(one, "was", doc_copy(t->arena, before));
        if (after)
                doc_add(one, "made", doc_copy(t->arena, after));
        if (now)
                doc_add(one, "is", doc_copy(t->arena, now));
        return NULL;
}

static struct doc *take(struct taking *, const char *path, const struct doc *before, const struct doc *after,
                        const struct doc *now);

/* --- maps --- */

static struct doc *take_members(struct taking *t, const char *path, const struct doc *before, const struct doc *after,
                                const struct doc *now)
{
        struct doc *out = doc_new(t->arena, DOC_MAP);
        const char *dot = *path ? "." : "";

        doc_each (one, now) {
                struct doc *left = take(t, arena_printf(t->arena, "%s%s%s", path, dot, one->key),
                                        doc_get(before, one->key), doc_get(after, one->key), one);
                if (left)
                        doc_add(out, one->key, left);
        }
        doc_each (one, before) { /* what is no longer there */
                struct doc *left = doc_get(now, one->key)
                                           ? NULL
                                           : take(t, arena_printf(t->arena, "%s%s%s", path, dot, one->key), one,
                                                  doc_get(after, one->key), NULL);
                if (left)
                        doc_add(out, one->key, left);
        }
        return out;
}

/* --- lists --- */

struct lists {
        const struct doc_names *before, *after, *now;
};

static struct doc *take_element(struct taking *t, const char *path, const struct lists *l, const char *name)
{
        return take(t, arena_printf(t->arena, "%s[%s]", path, name), doc_named(l->before, name),
                    doc_named(l->after, name), doc_named(l->now, name));
}

/* Appends to the end those elements of `before`, from `from` on, that came back between what stood and stands there. */
static const struct doc *take_gone(struct taking *t, const char *path, const struct lists *l, const struct doc *from,
                                   struct doc *out)
{
        for (; from; from = from->next) {
                const char *name = doc_name(t->arena, from);
                if (doc_named(l->now, name))
                        break;
                struct doc *left = take_element(t, path, l, name);
                if (left)
                        doc_add(out, NULL, left);
        }
        return from;
}

/* In the order of now; what comes back stands behind what it stood behind before. */
static struct doc *take_elements(struct taking *t, const char *path, const struct lists *l, const struct doc *before,
                                 const struct doc *now)
{
        struct doc *out = doc_new(t->arena, DOC_LIST);

        take_gone(t, path, l, before->first, out);
        doc_each (one, now) {
                const char *name = doc_name(t->arena, one);
                const struct doc *was = doc_named(l->before, name);
                struct doc *left = take_element(t, path, l, name);
                if (left)
                        doc_add(out, NULL, left);
                if (was)
                        take_gone(t, path, l, was->next, out);
        }
        return out;
}

static struct doc *take_list(struct taking *t, const char *path, const struct doc *before, const struct doc *after,
                             const struct doc *now)
{
        const struct doc *none = doc_new(t->arena, DOC_LIST);
        const struct doc *x = before ? before : none, *y = after ? after : none, *z = now ? now : none;
        const struct lists l = {doc_names(t->arena, x), doc_names(t->arena, y), doc_names(t->arena, z)};

        if (!l.before || !l.after || !l.now || !doc_names_in_order(l.before, l.after))
                return conflict(t, path, before, after, now);
        struct doc *out = take_elements(t, path, &l, x, z);
        return out->count || before ? out : NULL;
}

/* --- all --- */

static struct doc *take(struct taking *t, const char *path, const struct doc *before, const struct doc *after,
                        const struct doc *now)
{
        if (same(before, after) || same(before, now))
                return copy(t->arena, now);
        if (same(after, now))
                return copy(t->arena, before);
        if (before && after && now && all_are(DOC_MAP, before, after, now))
                return take_members(t, path, before, after, now);
        if (all_are(DOC_LIST, before, after, now))
                return take_list(t, path, before, after, now);
        return conflict(t, path, before, after, now);
}

struct doc *doc_take_back(struct arena *a, const struct doc *before, const struct doc *after, const struct doc *now,
                          struct doc *conflicts)
{
        struct taking t = {a, conflicts};

        return take(&t, "", before, after, now);
}
