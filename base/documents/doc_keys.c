#include "base/documents/doc_keys.h"

#include <stdlib.h>
#include <string.h>

#define FEW_KEYS 16 /* sooner compared each with each than sorted */

static const struct doc *key_before(const struct doc *map, const struct doc *of)
{
        for (const struct doc *c = map->first; c != of; c = c->next)
                if (!strcmp(c->key, of->key))
                        return c;
        return NULL;
}

static int compare_keys(const void *a, const void *b)
{
        const struct doc *x = *(const struct doc *const *)a, *y = *(const struct doc *const *)b;
        int order = strcmp(x->key, y->key);

        return order ? order : x->index < y->index ? -1 : 1;
}

/* The first that stands there already, of few and of many; false: memory ended. */
static bool find_few(const struct doc *map, const struct doc **twice)
{
        for (const struct doc *c = map->first; c && !*twice; c = c->next)
                if (key_before(map, c))
                        *twice = c;
        return true;
}

static bool find_many(const struct doc *map, const struct doc **twice)
{
        const struct doc **keys = malloc(map->count * sizeof(const struct doc *));

        if (!keys)
                return false;
        doc_each (child, map)
                keys[child->index] = child;
        qsort(keys, map->count, sizeof(*keys), compare_keys);
        for (uint32_t i = 1; i < map->count; i++)
                if (!strcmp(keys[i]->key, keys[i - 1]->key) && (!*twice || keys[i]->index < (*twice)->index))
                        *twice = keys[i];
        free(keys);
        return true;
}

bool doc_keys_differ(const struct doc *map, struct problems *problems)
{
        const struct doc *twice = NULL;

        if (map->count <= FEW_KEYS ? !find_few(map, &twice) : !find_many(map, &twice)) {
                problems_add(problems, "", map->line, "out of memory");
                return false;
        }
        if (twice)
                problems_add(problems, "", twice->line, "the key \"%s\" stands twice", twice->key);
        return !twice;
}
