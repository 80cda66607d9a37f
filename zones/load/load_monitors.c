/* Monitors as pools and endpoints use them: a monitor of the configuration, or one made of it with other values for
 * some of its fields. */
#include <stdio.h>
#include <string.h>
#include "zones/load/load_private.h"

/* Names of probers may be those of built-in ones, which no list knows; regions must exist. */
static void check_probers(struct model *m, const struct monitor *monitor, struct problems *problems)
{
        const char *const *probers = monitor->probers.items;

        for (uint32_t n = 0; n < monitor->probers.count; n++) {
                char rest[64];
                snprintf(rest, sizeof(rest), "probers[%u]", n);
                if (!strncmp(probers[n], "region:", 7))
                        model_resolve(m, KIND_REGIONS, probers[n] + 7, problems, KIND_MONITORS, monitor->name, rest);
        }
}

/* Parts exist, are of a type that probers check, and do not nest without end. */
static void link_parts(struct model *m, struct monitor *c, const char *pool, const char *rest, unsigned depth,
                       struct problems *problems)
{
        const char *const *names = c->composite.of.items;
        enum kind kind = pool ? KIND_POOLS : KIND_MONITORS;
        const char *key = pool ? pool : c->name;
        char place[200];

        c->composite.parts = ARENA_ARRAY(c->arena, uint32_t, c->composite.of.count);
        for (uint32_t i = 0; i < c->composite.of.count; i++) {
                snprintf(place, sizeof(place), "%s%scomposite.of[%u]", rest, *rest ? "." : "", i);
                uint32_t part = model_resolve(m, KIND_MONITORS, names[i], problems, kind, key, place);
                c->composite.parts[i] = part;
                if (part == MODEL_NONE)
                        continue;
                struct monitor *p = m->monitors[part];
                if (p->type == MONITOR_EXTERNAL)
                        model_problem(problems, kind, key, place, "monitors[%s] is external: probers do not check it",
                                      p->name);
                else if (p->type == MONITOR_COMPOSITE && depth == COMPOSITE_DEPTH_MAX)
                        model_problem(problems, kind, key, place, "composites may nest %d deep, and not in a circle",
                                      COMPOSITE_DEPTH_MAX);
                else if (p->type == MONITOR_COMPOSITE)
                        link_parts(m, p, NULL, "", depth + 1, problems);
        }
}

void monitors_link(struct model *m, const struct rows *rows, struct problems *problems)
{
        rows_each (monitor, one, rows, KIND_MONITORS)
                check_probers(m, one, problems);
        rows_each (monitor, one, rows, KIND_MONITORS)
                if (one->type == MONITOR_COMPOSITE)
                        link_parts(m, one, NULL, "", 1, problems);
}

/* A map's members take the place of those of the same name; maps are laid over maps. */
static void lay_over(struct arena *a, struct doc *base, const struct doc *fields)
{
        doc_each (field, fields) {
                struct doc *old = doc_get(base, field->key);
                if (old && old->type == DOC_MAP && field->type == DOC_MAP)
                        lay_over(a, old, field);
                else
                        doc_set(base, field->key, doc_copy(a, field));
        }
}

static uint32_t make_monitor(struct model *m, uint32_t base, const struct doc *fields, struct pool *pool,
                             const char *rest, struct problems *problems)
{
        struct doc root = {.type = DOC_MAP}, *merged = doc_copy(pool->arena, m->monitors[base]->doc);
        struct monitor *made = ARENA_NEW(pool->arena, struct monitor);
        char path[600];

        lay_over(pool->arena, merged, fields);
        snprintf(path, sizeof(path), "pools[%s].%s", pool->name, rest);
        merged->key = path;
        merged->parent = &root;
        if (!schema_decode(kind_schema(KIND_MONITORS), merged, pool->arena, made, problems))
                return MODEL_NONE;
        made->arena = pool->arena;
        made->is_made = true;
        made->base = base;
        check_probers(m, made, problems);
        if (made->type == MONITOR_COMPOSITE)
                link_parts(m, made, pool->name, rest, 1, problems);
        made->number = numbers_take(m, KIND_MONITORS);
        m->monitors[made->number] = made;
        made->next_made = pool->made;
        pool->made = made;
        return made->number;
}

uint32_t monitor_use(struct model *m, struct pool *pool, const struct monitor_use *use, uint32_t inherited,
                     const char *rest, struct problems *problems)
{
        uint32_t base = use->name ? model_resolve(m, KIND_MONITORS, use->name, problems, KIND_POOLS, pool->name, rest)
                                  : inherited;

        if (!use->fields || !use->fields->count)
                return base;
        if (base == MODEL_NONE) {
                if (!use->name)
                        model_problem(problems, KIND_POOLS, pool->name, rest,
                                      "there is no monitor to lay these fields over: expected \"name\"");
                return MODEL_NONE;
        }
        return make_monitor(m, base, use->fields, pool, rest, problems);
}
