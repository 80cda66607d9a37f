/* Taking regions, pools and endpoints out of answers on purpose, and back. */
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
const struct schema drain_form_schema = {
        .name = "drain", .size = sizeof(struct drain_form), .fields = drain_fields};

/* What the path names. */
struct drained_thing {
        enum drain_scope scope;
        const char *name, *key; /* "eu", "region/eu" */
        uint32_t number;        /* in the model */
};

/* The largest TTL of answers that could carry one of these endpoints, in seconds. */
static int64_t largest_ttl(const struct model *m, const struct drained_thing *t)
{
        int64_t ttl = 0;

        for (uint32_t s = 0; s < m->count[KIND_SERVICES]; s++) {
                const struct service_pool *pools = m->services[s].pools.items;
                for (uint32_t i = 0; i < m->services[s].pools.count && m->services[s].ttl > ttl; i++)
                        if (drain_touches(m, t->scope, t->number, pools[i].pool))
                                ttl = m->services[s].ttl;
        }
        return ttl;
}

/* false: 404 was sent. */
static bool find_target(struct call *c, struct drained_thing *t)
{
        const char *word = drain_scope_name(c->route->scope);

        t->scope = c->route->scope;
        t->name = t->scope == DRAIN_ENDPOINT ? call_endpoint_id(c) : c->parts[0];
        t->key = arena_printf(c->arena, "%s/%s", word, t->name);
        t->number = drain_target(snapshot_current()->model, t->scope, t->name);
        if (t->number == MODEL_NONE)
                reply_problem(c, 404, "there is no %s \"%s\"", word, t->name);
        return t->number != MODEL_NONE;
}

/* A pool that contains a service has no endpoints of its own to take out. false: 409 was sent. */
static bool has_endpoints(struct call *c, const struct drained_thing *t)
{
        const struct model *m = snapshot_current()->model;

        if (t->scope != DRAIN_POOL || m->pools[t->number].service == MODEL_NONE)
                return true;
        reply_problem(c, 409, "pools[%s] contains services[%s]: drain the pools of that service",
                      m->pools[t->number].name, m->services[m->pools[t->number].service].name);
        return false;
}

void handle_drain(struct call *c)
{
        struct doc *extra = doc_new(c->arena, DOC_MAP);
        char time[CLOCK_TEXT_MAX];
        struct drain_form form;
        struct drained_thing target;
        int64_t now = clock_wall_ms();

        if (!find_target(c, &target) || !has_endpoints(c, &target) || !call_form(c, c->route->form, &form))
                return;
        struct doc *d = drain_document(target.key, now, form.for_ms, form.reason, c->who, c->arena);
        doc_add(extra, "drain", doc_copy(c->arena, d));
        int64_t ttl = largest_ttl(snapshot_current()->model, &target);
        doc_add_int(c->arena, extra, "ttl", ttl);
        /* An answer given just before now is in caches for its TTL; a second more for the clocks. */
        doc_add_string(c->arena, extra, "safe_at", clock_format(clock_wall_ms() + (ttl + 1) * 1000, time));
        struct change change = {KIND_DRAINS, target.key, d};
        reply_change(c, &change, 1, form.reason, 200, extra, NULL);
}

void handle_restore(struct call *c)
{
        struct drained_thing target;

        if (!find_target(c, &target))
                return;
        struct change change = {KIND_DRAINS, target.key, NULL};
        enum control_result result = reply_change(c, &change, 1, "restored", 200, NULL, NULL);
        bool done = result == CONTROL_OK || result == CONTROL_UNCHANGED;
        /* an operator's word also ends a failback that waits for it */
        if (done && !call_is_dry(c) && target.scope != DRAIN_ENDPOINT)
                control_failback(c->control, target.scope, target.name);
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
        if (!call_read_end(c))
                return;
        doc_add_string(c->arena, d, "next", NULL);
        reply_doc(c, 200, d);
}
