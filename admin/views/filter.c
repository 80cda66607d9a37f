#include "admin/views/filter.h"

#include <stdio.h>
#include <string.h>
#include "admin/views/selection.h"

/* --- what a kind has --- */

enum { HAS_REGION = 1, HAS_POOL = 2, HAS_LABEL = 4 };

static const unsigned has[KIND_COUNT] = {
        [KIND_NETWORKS] = HAS_REGION,
        [KIND_POOLS] = HAS_REGION | HAS_POOL | HAS_LABEL,
        [KIND_SERVICES] = HAS_REGION | HAS_POOL,
        [KIND_PROBERS] = HAS_REGION,
        [KIND_DRAINS] = HAS_REGION | HAS_POOL | HAS_LABEL,
        [KIND_HOLDS] = HAS_REGION | HAS_POOL | HAS_LABEL,
};

const char *filter_wrong(const struct filter *f, const struct model *m, enum kind kind, struct arena *a)
{
        const char *name = f->region && !(has[kind] & HAS_REGION) ? "region"
                           : f->pool && !(has[kind] & HAS_POOL)   ? "pool"
                           : f->label && !(has[kind] & HAS_LABEL) ? "label"
                                                                  : NULL;

        if (name)
                return arena_printf(a, "%s: %s are not told apart by that", name, kind_name(kind));
        if (f->region && model_find(m, KIND_REGIONS, f->region) == MODEL_NONE)
                return arena_printf(a, "region: there is no regions[%s]", f->region);
        if (f->pool && model_find(m, KIND_POOLS, f->pool) == MODEL_NONE)
                return arena_printf(a, "pool: there is no pools[%s]", f->pool);
        return NULL;
}

/* --- items --- */

static bool is_region(const struct filter *f, const char *name)
{
        return !f->region || (name && !strcmp(f->region, name));
}

static bool pool_is_meant(const struct filter *f, const struct pool *p)
{
        return is_region(f, p->region_name) && (!f->pool || !strcmp(f->pool, p->name)) &&
               (!f->label || labels_have(&p->labels, f->label));
}

static bool service_is_meant(const struct filter *f, const struct model *m, const struct service *s)
{
        for (uint32_t i = 0; i < s->pools.count; i++)
                if (pool_is_meant(f, m->pools[s->pools.items[i].pool]))
                        return true;
        return false;
}

bool filter_item(const struct filter *f, const struct model *m, enum kind kind, const char *key)
{
        if (f->prefix && strncmp(key, f->prefix, strlen(f->prefix)))
                return false;
        if (!f->region && !f->pool && !f->label)
                return true;
        uint32_t number = model_find(m, kind, key);
        if (number == MODEL_NONE)
                return false;
        switch ((int)kind) {
        case KIND_NETWORKS:
                return is_region(f, m->networks[number]->region_name);
        case KIND_POOLS:
                return pool_is_meant(f, m->pools[number]);
        case KIND_SERVICES:
                return service_is_meant(f, m, m->services[number]);
        case KIND_PROBERS:
                return is_region(f, m->probers[number]->region_name);
        default:
                return false;
        }
}

/* --- places --- */

bool filter_place(const struct filter *f, const struct model *m, const char *place)
{
        const char *slash = strchr(place, '/'), *name = slash ? slash + 1 : "";
        char key[SELECTION_PLACE_MAX];

        if (f->prefix && strncmp(place, f->prefix, strlen(f->prefix)))
                return false;
        if (!f->region && !f->pool && !f->label)
                return true;
        if (!strncmp(place, "region/", 7))
                return !f->pool && !f->label && is_region(f, name);
        snprintf(key, sizeof(key), "%.*s", (int)strcspn(name, "/"), name);
        return filter_item(&(struct filter){NULL, f->region, f->pool, f->label}, m,
                           strncmp(place, "service/", 8) ? KIND_POOLS : KIND_SERVICES, key);
}

/* --- where names with a prefix stand --- */

/* Lists are in the order of bytes: just before the prefix stands what is less by one in its last, and then greatest. */
const char *filter_start(const struct filter *f, const char *after, char out[FILTER_START_MAX])
{
        size_t n = f->prefix ? strlen(f->prefix) : 0;

        if (!n || n + 2 > FILTER_START_MAX)
                return after;
        memcpy(out, f->prefix, n + 1);
        out[n - 1]--;
        memcpy(out + n, "\xff", 2);
        return after && strcmp(after, out) > 0 ? after : out;
}

bool filter_is_over(const struct filter *f, const char *key)
{
        return f->prefix && strncmp(key, f->prefix, strlen(f->prefix)) > 0;
}
