/* One edit of many endpoints, in one revision: drain, restore, weight, enabled; by region, pool, label or network. */
#include <stdio.h>
#include <string.h>
#include "admin/api/handlers.h"
#include "admin/api/permit.h"
#include "admin/views/selection.h"
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
        BOOL("restore", bulk_form, restore, false, "ends drains and holds of the endpoints"),
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

/* What a bulk edit comes to. */
struct editing {
        struct call *call;
        const struct bulk_form *form;
        struct store_txn *txn;
        struct doc *names; /* of the endpoints that are meant */
        struct change *changes;
        size_t count;
        const struct pool *pool; /* the last change's, when its endpoints are edited */
        struct doc *document;
};

/* --- drains --- */

static bool drain_one(void *context, const struct endpoint *e)
{
        struct editing *x = context;
        struct arena *a = x->call->arena;
        char id[ENDPOINT_ID_MAX];
        const char *key =
                arena_printf(a, "endpoint/%s", endpoint_id(snapshot_current()->model, e->number, id, sizeof(id)));

        x->changes[x->count++] = (struct change){
                KIND_DRAINS, key, x->form->drain ? drain_made(x->call, key, &x->form->drain_form) : NULL};
        if (x->form->restore)
                x->changes[x->count++] = (struct change){KIND_HOLDS, key, NULL};
        doc_add_string(a, x->names, NULL, id);
        return true;
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

/* Endpoints of a pool come together. */
static bool edit_one(void *context, const struct endpoint *e)
{
        struct editing *x = context;
        struct arena *a = x->call->arena;
        const struct model *m = snapshot_current()->model;
        const struct pool *pool = m->pools[e->pool];
        char id[ENDPOINT_ID_MAX];

        if (x->pool != pool) {
                x->pool = pool;
                x->document = store_get(x->txn, KIND_POOLS, pool->name, a);
                if (x->document)
                        x->changes[x->count++] = (struct change){KIND_POOLS, arena_strdup(a, pool->name), x->document};
        }
        struct doc *list = x->document ? doc_get(x->document, "endpoints") : NULL;
        if (!list)
                return true;
        struct doc *item = bulk_as_map(x->call, nth(list, (uint32_t)(e - pool->endpoints.items)));
        doc_set(item, x->form->enabled ? "enabled" : "weight",
                x->form->enabled ? doc_bool(a, x->form->enabled->boolean) : doc_int(a, x->form->weight));
        doc_add_string(a, x->names, NULL, endpoint_id(m, e->number, id, sizeof(id)));
        return true;
}

void handle_bulk(struct call *c)
{
        const struct model *m = snapshot_current()->model;
        struct doc *extra = doc_new(c->arena, DOC_MAP), *names = doc_add_list(c->arena, extra, "endpoints");
        char place[SELECTION_PLACE_MAX];
        struct bulk_form form;

        if (!read_form(c, &form) || !permit_role(c, form.drain || form.restore ? ROLE_OPERATE : ROLE_EDIT))
                return;
        bool draining = form.drain || form.restore;
        struct editing x = {.call = c,
                            .form = &form,
                            .txn = call_read(c),
                            .names = names,
                            .changes = ARENA_ARRAY(c->arena, struct change, 2 * (size_t)m->endpoints_present)};
        if (!x.txn)
                return;
        if (form.drain)
                c->reason = form.drain_form.reason;
        selection_each(&form.select, m, x.txn, NULL, draining ? drain_one : edit_one, &x, place);
        if (!call_read_end(c))
                return;
        if (form.drain && !drains_free_to(c, &form.drain_form, x.changes, x.count, extra))
                return;
        if (!x.count)
                reply_problem(c, 404, "no endpoint is selected, nothing was changed");
        else
                reply_change(c, x.changes, x.count,
                             call_text(c, PARAMETER_COMMENT) ? call_text(c, PARAMETER_COMMENT) : "bulk edit", 200,
                             extra, NULL);
}
