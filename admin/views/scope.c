#include "admin/views/scope.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/memory.h"

/* What is known of a zone. */
static char is_listed, is_there, is_others;

struct scope {
        struct map *zones; /* those of the scope, and others that lie within them */
        struct map *labels;
        struct arena *arena; /* of the pool that is looked at */
};

struct scope *scope_new(const struct strings *zones, const struct strings *pool_labels)
{
        struct scope *s = memory_alloc(sizeof(*s));

        *s = (struct scope){map_new(), map_new(), arena_new_small(4096)};
        for (uint32_t i = 0; i < zones->count; i++)
                map_set(s->zones, zones->items[i], &is_listed);
        for (uint32_t i = 0; i < pool_labels->count; i++)
                map_set(s->labels, pool_labels->items[i], s);
        return s;
}

void scope_free(struct scope *s)
{
        if (!s)
                return;
        map_free(s->zones);
        map_free(s->labels);
        arena_free(s->arena);
        free(s);
}

/* The name behind the first label; NULL: there is none. */
static const char *parent_of(const char *name)
{
        for (; *name && *name != '.'; name++)
                if (*name == '\\' && name[1])
                        name++;
        return *name && name[1] ? name + 1 : NULL;
}

/* What is known of the longest zone at or above the name that is known and, of those in the scope, there. */
static const void *zone_of(const struct scope *s, const char *name, bool listed_counts)
{
        for (; name; name = parent_of(name)) {
                const void *what = map_get(s->zones, name);
                if (what && (what != &is_listed || listed_counts))
                        return what;
        }
        return NULL;
}

static bool sees_zone(struct scope *s, const char *key)
{
        const void *what = map_get(s->zones, key);

        if (what)
                map_set(s->zones, key, &is_there);
        else if (zone_of(s, key, true))
                map_set(s->zones, key, &is_others);
        return what != NULL;
}

static bool has_label(const struct scope *s, const struct doc *labels)
{
        bool has = labels && labels->type == DOC_STRING && map_get(s->labels, labels->string);

        if (labels && labels->type == DOC_LIST)
                doc_each (one, labels)
                        has |= one->type == DOC_STRING && map_get(s->labels, one->string);
        return has;
}

static bool sees_pool(struct scope *s, const char *json, size_t length)
{
        struct problems none = PROBLEMS_INIT;
        jmp_buf failure;

        if (setjmp(failure)) { /* what nobody has memory to look at is not shown */
                arena_on_failure(s->arena, NULL);
                arena_reset(s->arena);
                return false;
        }
        arena_on_failure(s->arena, &failure);
        const struct doc *pool = doc_parse(s->arena, json, length, DOC_JSON, &none);
        bool sees = pool && pool->type == DOC_MAP && has_label(s, doc_get(pool, "labels"));

        problems_free(&none);
        arena_on_failure(s->arena, NULL);
        arena_reset(s->arena);
        return sees;
}

bool scope_sees(void *scope, enum kind kind, const char *key, const char *json, size_t length)
{
        if (kind == KIND_REGIONS || kind == KIND_RULES)
                return true;
        if (kind == KIND_ZONES)
                return sees_zone(scope, key);
        if (kind == KIND_SERVICES)
                return zone_of(scope, key, false) == &is_there;
        return kind == KIND_POOLS && sees_pool(scope, json, length);
}
