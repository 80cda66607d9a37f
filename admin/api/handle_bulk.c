/* One edit of many endpoints, in one revision: drain, restore, weight, enabled; by region, pool, label or network. */
#include <stdio.h>
#include <string.h>
#include "admin/api/handlers.h"
#include "admin/api/permit.h"
#include "admin/control/selection.h"
#include "base/documents/schema.h"

#define ENDPOINT_ID_MAX 512

/* The body. Members that were not given: NULL, -1. */
struct bulk_form {
        struct selection select;
        const struct doc *drain;      /* a map, as of a single drain */
        struct drain_form drain_form; /* what it says */
        bool restore;
        int64_t weight;            /* -1: not given */
        const struct doc *enabled; /* true or false */
};

static void check_cidr(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct prefix *cidr = (struct prefix *)(void *)((char *)out - offsetof(struct bulk_form, select.cidr_text) +
                                                        offsetof(struct bulk_form, select.cidr));

        if (!prefix_parse(at->string, cidr))
                doc_problem(problems, at, NULL, "expected a network such as 192.0.2.0/24 without host bits, got \"%s\"",
                            at->string);
}

static void check_bool(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        *(const struct doc **)out = at;
        if (at->type != DOC_BOOL)
                doc_problem(problems, at, NULL, "expected true or false");
}

static const struct field select_fields[] = {
        OPTIONAL_STRING("region", selection, region, "endpoints of pools of this region"),
        OPTIONAL_STRING("pool", selection, pool, "endpoints of this pool"),
        OPTIONAL_STRING("label", selection, label, "endpoints that have this label, or whose pool has it"),
        OPTIONAL_STRING("cidr", selection, cidr_text, "endpoints with an address in it", .check = check_cidr),
        {0},
};
static const struct schema selection_schema = {
        .name = "selection", .size = sizeof(struct selection), .fields = select_fields};

static const struct field bulk_fields[] = {
        REQUIRED_MAP("select", bulk_form, select, selection, "which endpoints; what is given must hold all together"),
        OPTIONAL_CUSTOM("drain", bulk_form, drain, const struct doc *, NULL,
                        "{for, at, over, replace, reason}, as of a single drain"),
        BOOL("restore", bulk_form, restore, false, "ends drains of the endpoints"),
        INT("weight", bulk_form, weight, -1, -1, 65535, "their new weight"),
        OPTIONAL_CUSTOM("enabled", bulk_form, enabled, const struct doc *, check_bool, "their new state"),
        {0},
};
static void check_bulk(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct bulk_form *f = out;

        if ((f->drain != NULL) + f->restore + (f->weight >= 0) + (f->enabled != NULL) != 1)
                doc_problem(problems, at, NULL, "expected one of drain, restore, weight, enabled");
        if (!f->select.region && !f->select.pool && !f->select.label && !f->select.cidr_text)
                doc_problem(problems, at, "select", "expected at least one of region, pool, label, cidr");
        if (f->drain)
                schema_decode(&drain_form_schema, doc_get(at, "drain"), a, &f->drain_form, problems);
}
const struct schema bulk_form_schema = {
        .name = "bulk edit", .size = sizeof(struct bulk_form), .fields = bulk_fields, .check = check_bulk};

/* --- selecting --- */

/* The body, checked; false: a reply was sent. */
static bool read_form(struct call *c, struct bulk_form *f)
{
        const struct model *m = snapshot_current()->model;

        if (!call_form(c, c->route->form, f))
                return false;
        if (f->select.region && model_find(m, KIND_REGIONS, f->select.region) == MODEL_NONE)
                problems_add(&c->problems, "select.region", 0, "there is no regions[%s]", f->select.region);
        if (f->select.pool && model_find(m, KIND_POOLS, f->select.pool) == MODEL_NONE)
                problems_add(&c->problems, "select.pool", 0, "there is no pools[%s]", f->select.pool);
        return call_valid(c);
}

/* --- drains --- */

static size_t drain_changes(struct call *c, const struct bulk_form *f, struct change *out, struct doc *names)
{
        const struct model *m = snapshot_current()->model;
        char id[ENDPOINT_ID_MAX];
        size_t count = 0;

        for (uint32_t i = 0; i < m->endpoint_count; i++) {
                if (!selection_has(&f->select, m, m->endpoints[i]))
                        continue;
                const char *key = arena_printf(c->arena, "endpoint/%s", endpoint_id(m, i, id, sizeof(id)));
                out[count++] = (struct change){KIND_DRAINS, key, f->drain ? drain_made(c, key, &f->drain_form) : NULL};
                doc_add_string(c->arena, names, NULL, id);
        }
        return count;
}

/* --- weights and states --- */

/* The endpoint as a map that can take a member: one written as its address alone becomes one. */
static struct doc *bulk_as_map(struct call *c, struct doc *item)
{
        if (item->type == DOC_MAP)
                return item;
        struct doc *map = doc_new(c->arena, DOC_MAP);
        doc_add_string(c->arena, map, "address", item->string);
        doc_replace(item, map);
        return map;
}

static struct doc *nth(struct doc *list, uint32_t n)
{
        struct doc *d = list->first;

        while (n--)
                d = d->next;
        return d;
}

static size_t edit_changes(struct call *c, struct store_txn *txn, const struct bulk_form *f, struct change *out,
                           struct doc *names)
{
        const struct model *m = snapshot_current()->model;
        char id[ENDPOINT_ID_MAX];
        size_t count = 0;

        for (uint32_t p = 0; p < m->count[KIND_POOLS]; p++) {
                const struct pool *pool = &m->pools[p];
                const struct endpoint *endpoints = pool->endpoints.items;
                struct doc *document = NULL;
                for (uint32_t i = 0; i < pool->endpoints.count; i++) {
                        if (!selection_has(&f->select, m, &endpoints[i]))
                                continue;
                        if (!document)
                                document = store_get(txn, KIND_POOLS, pool->name, c->arena);
                        struct doc *list = document ? doc_get(document, "endpoints") : NULL;
                        if (!list)
                                break;
                        struct doc *item = bulk_as_map(c, nth(list, i));
                        doc_set(item, f->enabled ? "enabled" : "weight",
                                f->enabled ? doc_bool(c->arena, f->enabled->boolean) : doc_int(c->arena, f->weight));
                        doc_add_string(c->arena, names, NULL, endpoint_id(m, pool->first_endpoint + i, id, sizeof(id)));
                }
                if (document)
                        out[count++] = (struct change){KIND_POOLS, arena_strdup(c->arena, pool->name), document};
        }
        return count;
}

void handle_bulk(struct call *c)
{
        const struct model *m = snapshot_current()->model;
        struct doc *extra = doc_new(c->arena, DOC_MAP), *names = doc_add_list(c->arena, extra, "endpoints");
        struct bulk_form form;
        size_t count;

        if (!read_form(c, &form) || !permit_role(c, form.drain || form.restore ? ROLE_OPERATE : ROLE_EDIT))
                return;
        struct change *changes = ARENA_ARRAY(c->arena, struct change, m->endpoint_count + m->count[KIND_POOLS]);
        if (form.drain)
                c->reason = form.drain_form.reason;
        if (form.drain || form.restore) {
                count = drain_changes(c, &form, changes, names);
                if (form.drain && !drains_free_to(c, &form.drain_form, changes, count, extra))
                        return;
        } else {
                struct store_txn *txn = call_read(c);
                if (!txn)
                        return;
                count = edit_changes(c, txn, &form, changes, names);
                if (!call_read_end(c))
                        return;
        }
        if (!count)
                reply_problem(c, 404, "no endpoint is selected, nothing was changed");
        else
                reply_change(c, changes, count,
                             call_text(c, PARAMETER_COMMENT) ? call_text(c, PARAMETER_COMMENT) : "bulk edit", 200,
                             extra, NULL);
}
