#include "base/documents/doc_names.h"

#include <stdlib.h>
#include <string.h>

struct named {
        const char *name;
        const struct doc *d;
};

struct doc_names {
        uint32_t count;
        const struct named *in_list; /* as they stand */
        struct named *sorted;
};

const char *doc_name(struct arena *a, const struct doc *d)
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

const struct doc_names *doc_names(struct arena *a, const struct doc *list)
{
        struct doc_names *names = arena_alloc(a, sizeof(*names));
        struct named *all = ARENA_ARRAY(a, struct named, list->count);
        uint32_t n = 0;

        doc_each (one, list) {
                all[n] = (struct named){doc_name(a, one), one};
                if (!all[n++].name)
                        return NULL;
        }
        *names = (struct doc_names){n, all, ARENA_ARRAY(a, struct named, n)};
        if (n)
                memcpy(names->sorted, all, n * sizeof(*all));
        qsort(names->sorted, n, sizeof(*all), compare);
        for (uint32_t i = 1; i < n; i++)
                if (!compare(&names->sorted[i - 1], &names->sorted[i]))
                        return NULL;
        return names;
}

const struct doc *doc_named(const struct doc_names *names, const char *name)
{
        const struct named key = {name, NULL},
                           *found = bsearch(&key, names->sorted, names->count, sizeof(key), compare);

        return found ? found->d : NULL;
}

bool doc_names_in_order(const struct doc_names *before, const struct doc_names *after)
{
        const struct doc *last = NULL;

        for (uint32_t i = 0; i < after->count; i++) {
                const struct doc *one = doc_named(before, after->in_list[i].name);
                if (one && last && one->index < last->index)
                        return false;
                last = one ? one : last;
        }
        return true;
}
