/* Taking regions, pools and endpoints out of answers on purpose, and back. */
#include <stdio.h>
#include <string.h>
#include "admin/api/handlers.h"
#include "base/clock.h"
#include "base/documents/schema.h"

/* The body of a drain. */
struct drain_form {
        int64_t for_ms; /* 0: until restored */
        const char *reason;
};

static const struct field drain_fields[] = {
        OPTIONAL_DURATION("for", drain_form, for_ms, 1000, 31536000000,
                          "ends by itself after this time; without it, with a restore"),
        STRING("reason", drain_form, reason, "", "why", .max = 500),
        {0},
};
static const struct schema drain_form_schema = {
        .name = "drain", .size = sizeof(struct drain_form), .fields = drain_fields};

/* The largest TTL of answers that could carry one of these endpoints, in seconds. */
static int64_t largest_ttl(const struct model *m, enum drain_scope scope, uint32_t target)
{
        int64_t ttl = 0;

        for (uint32_t s = 0; s < m->count[KIND_SERVICES]; s++) {
                const struct service_pool *pools = m->services[s].pools.items;
                for (uint32_t i = 0; i < m->services[s].pools.count && m->services[s].ttl > ttl; i++)
                        if (drain_touches(m, scope, target, pools[i].pool))
                                ttl = m->services[s].ttl;
        }
        return ttl;
}

/* false: 404 was sent. */
static bool find_target(struct call *c, enum drain_scope scope, const char *name, uint32_t *target)
{
        *target = drain_target(snapshot_current()->model, scope, name);
        if (*target == MODEL_NONE)
                reply_problem(c, 404, "there is no %s \"%s\"", drain_scope_name(scope), name);
        return *target != MODEL_NONE;
}

/* A pool that contains a service has no endpoints of its own to take out. false: 409 was sent. */
static bool has_endpoints(struct call *c, enum drain_scope scope, uint32_t target)
{
        const struct model *m = snapshot_current()->model;

        if (scope != DRAIN_POOL || m->pools[target].service == MODEL_NONE)
                return true;
        reply_problem(c, 409, "pools[%s] contains services[%s]: drain the pools of that service", m->pools[target].name,
                      m->services[m->pools[target].service].name);
        return false;
}

static bool read_form(struct call *c, struct drain_form *form)
{
        struct problems problems = PROBLEMS_INIT;
        struct doc *body = call_body(c);

        if (!body)
                return false;
        bool good = schema_decode(&drain_form_schema, body, c->arena, form, &problems);
        if (!good)
                reply_problems(c, 422, "the document is not valid", &problems);
        problems_free(&problems);
        return good;
}

static void drain(struct call *c, enum drain_scope scope, const char *name)
{
        struct doc *extra = doc_new(c->arena, DOC_MAP);
        const char *key = arena_printf(c->arena, "%s/%s", drain_scope_name(scope), name);
        char time[CLOCK_TEXT_MAX];
        struct drain_form form;
        int64_t now = clock_wall_ms();
        uint32_t target;

        if (!find_target(c, scope, name, &target) || !has_endpoints(c, scope, target) || !read_form(c, &form))
                return;
        struct doc *d = drain_document(key, now, form.for_ms, form.reason, c->who, c->arena);
        doc_add(extra, "drain", doc_copy(c->arena, d));
        int64_t ttl = largest_ttl(snapshot_current()->model, scope, target);
        doc_add_int(c->arena, extra, "ttl", ttl);
        /* An answer given just before now is in caches for its TTL; a second more for the clocks. */
        doc_add_string(c->arena, extra, "safe_at", clock_format(clock_wall_ms() + (ttl + 1) * 1000, time));
        struct change change = {KIND_DRAINS, key, d};
        reply_change(c, &change, 1, form.reason, 200, extra, NULL);
}

static void restore(struct call *c, enum drain_scope scope, const char *name)
{
        const char *key = arena_printf(c->arena, "%s/%s", drain_scope_name(scope), name);
        struct change change = {KIND_DRAINS, key, NULL};
        uint32_t target;

        if (!find_target(c, scope, name, &target))
                return;
        reply_change(c, &change, 1, "restored", 200, NULL, NULL);
        if (scope != DRAIN_ENDPOINT) /* an operator's word also ends a failback that waits for it */
                control_failback(c->control, scope, name);
}

/* /v1/regions/{name}/drain, /v1/pools/{name}/drain */
static enum drain_scope scope_of(const struct call *c)
{
        return !strcmp(c->segments[1], "regions") ? DRAIN_REGION : DRAIN_POOL;
}

void handle_drain(struct call *c)
{
        drain(c, scope_of(c), c->parameters[0]);
}

void handle_restore(struct call *c)
{
        restore(c, scope_of(c), c->parameters[0]);
}

static const char *endpoint_of(struct call *c)
{
        return arena_printf(c->arena, "%s/%s", c->parameters[0], c->parameters[1]);
}

void handle_drain_endpoint(struct call *c)
{
        drain(c, DRAIN_ENDPOINT, endpoint_of(c));
}

void handle_restore_endpoint(struct call *c)
{
        restore(c, DRAIN_ENDPOINT, endpoint_of(c));
}

struct drain_listing {
        struct doc *items;
        struct arena *arena;
};

static bool list_drain(void *context, const char *key, const char *json, size_t length)
{
        struct drain_listing *l = context;
        struct problems none = PROBLEMS_INIT;
        struct doc *one = doc_parse(l->arena, json, length, DOC_JSON, &none);

        if (one)
                doc_add(l->items, NULL, one);
        problems_free(&none);
        return true;
}

void handle_drain_list(struct call *c)
{
        struct store_txn *txn = call_read(c);
        struct doc *d = doc_new(c->arena, DOC_MAP);

        if (!txn)
                return;
        struct drain_listing listing = {doc_add_list(c->arena, d, "items"), c->arena};
        store_each(txn, KIND_DRAINS, NULL, list_drain, &listing);
        if (!call_read_end(c, txn))
                return;
        doc_add_string(c->arena, d, "next", NULL);
        reply_doc(c, 200, d);
}
