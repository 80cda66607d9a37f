/* Looking: liveness, readiness, health, events, explain. */
#include <stdlib.h>
#include <string.h>
#include "admin/api/handlers.h"
#include "base/clock.h"
#include "base/documents/schema.h"
#include "zones/explain/explain.h"

#define EVENTS_DEFAULT 100

void handle_live(struct call *c)
{
        struct doc *d = doc_new(c->arena, DOC_MAP);

        doc_add_bool(c->arena, d, "live", true);
        reply_doc(c, 200, d);
}

void handle_ready(struct call *c)
{
        struct doc *d;
        bool ready = control_ready(c->control, c->arena, &d);

        reply_doc(c, ready ? 200 : 503, d);
}

/* --- health --- */

static bool drained(const struct endpoint_state *states, uint32_t i)
{
        return states[i].drained;
}

/* Only what is known. */
static void add_figures(struct call *c, struct doc *d, const struct endpoint_state *s)
{
        for (unsigned i = 0; i < FIGURE_COUNT; i++)
                if (s->figures.of[i] >= 0)
                        doc_add_real(c->arena, d, figure_name(i), (double)s->figures.of[i]);
}

static struct doc *endpoint_health(struct call *c, uint32_t number)
{
        const struct snapshot *s = snapshot_current();
        const struct model *m = s->model;
        const struct endpoint *e = m->endpoints[number];
        struct doc *d = doc_new(c->arena, DOC_MAP), *known;
        char id[512];

        endpoint_id(m, number, id, sizeof(id));
        known = health_describe(control_health(c->control), id, c->arena, clock_ms());
        doc_add_string(c->arena, d, "id", id);
        doc_add_string(c->arena, d, "pool", m->pools[e->pool].name);
        doc_add_string(c->arena, d, "endpoint", e->name);
        doc_add_string(c->arena, d, "region", m->pools[e->pool].region_name);
        doc_add_string(c->arena, d, "address", e->address_text);
        doc_add_string(c->arena, d, "monitor", e->monitor == MODEL_NONE ? NULL : m->monitors[e->monitor].name);
        doc_add_bool(c->arena, d, "enabled", e->enabled);
        doc_add_bool(c->arena, d, "drained", drained(steering_states(s->steering), number));
        doc_add_bool(c->arena, d, "drained_by_agent", steering_states(s->steering)[number].drained_by_agent);
        if (steering_states(s->steering)[number].weight_percent)
                doc_add_int(c->arena, d, "weight_percent", steering_states(s->steering)[number].weight_percent);
        add_figures(c, d, &steering_states(s->steering)[number]);
        if (!known) {
                doc_add_string(c->arena, d, "state", e->enabled ? "not monitored" : "disabled");
                return d;
        }
        doc_each (member, known)
                if (strcmp(member->key, "id"))
                        doc_add(d, member->key, doc_copy(c->arena, member));
        return d;
}

void handle_health(struct call *c)
{
        const struct model *m = snapshot_current()->model;
        struct doc *d = doc_new(c->arena, DOC_MAP), *list = doc_add_list(c->arena, d, "items");

        for (uint32_t i = 0; i < m->endpoint_count; i++)
                doc_add(list, NULL, endpoint_health(c, i));
        doc_add(d, "probers", health_describe_probers(control_health(c->control), c->arena, clock_ms()));
        doc_add_string(c->arena, d, "next", NULL);
        reply_doc(c, 200, d);
}

void handle_health_one(struct call *c)
{
        const char *id = arena_printf(c->arena, "%s/%s", c->parameters[0], c->parameters[1]);
        uint32_t number = endpoint_number(snapshot_current()->model, id);

        if (number == MODEL_NONE)
                reply_problem(c, 404, "there is no endpoint \"%s\"", id);
        else
                reply_doc(c, 200, endpoint_health(c, number));
}

/* The newest, or those after a number, oldest first. */
void handle_events(struct call *c)
{
        const char *limit = call_query(c, "limit"), *after = call_query(c, "after");
        struct doc *d = doc_new(c->arena, DOC_MAP);
        unsigned long n = limit ? strtoul(limit, NULL, 10) : EVENTS_DEFAULT;
        uint64_t next;

        doc_add(d, "items",
                control_events(c->control, c->arena, after ? strtoull(after, NULL, 10) : UINT64_MAX,
                               n ? n : EVENTS_DEFAULT, &next));
        if (next)
                doc_add_format(c->arena, d, "next", "%llu", (unsigned long long)next);
        else
                doc_add_string(c->arena, d, "next", NULL);
        reply_doc(c, 200, d);
}

/* --- the brake --- */

struct accept_form {
        int64_t for_ms;
        const char *reason;
};

static const struct field accept_fields[] = {
        DURATION("for", accept_form, for_ms, 600000, 1000, 86400000, "how long nothing is held"),
        STRING("reason", accept_form, reason, "", "why, for the log", .max = 200),
        {0},
};
static const struct schema accept_form_schema = {
        .name = "accept", .size = sizeof(struct accept_form), .fields = accept_fields};

void handle_health_accept(struct call *c)
{
        struct problems problems = PROBLEMS_INIT;
        struct accept_form form;
        struct doc *body = call_body(c);

        if (!body)
                return;
        if (schema_decode(&accept_form_schema, body, c->arena, &form, &problems)) {
                struct doc *d = doc_new(c->arena, DOC_MAP);
                doc_add_int(c->arena, d, "accepted",
                            control_health_accept(c->control, form.for_ms, *c->who ? c->who : "anonymous", form.reason));
                reply_doc(c, 200, d);
        } else {
                reply_problems(c, 422, "the document is not valid", &problems);
        }
        problems_free(&problems);
}

/* --- explain --- */

void handle_explain(struct call *c)
{
        const char *name = call_query(c, "name"), *type = call_query(c, "type"), *client = call_query(c, "client");
        struct problems problems = PROBLEMS_INIT;
        struct prefix prefix;
        struct doc *d = NULL;

        if (!name)
                problems_add(&problems, "name", 0, "expected a domain name");
        if (!client || !prefix_parse(client, &prefix))
                problems_add(&problems, "client", 0,
                             "expected an address or a network such as 192.0.2.1 or 2001:db8::/56");
        if (!problems.count)
                d = explain_answer(snapshot_current(), control_geo(c->control), name, type ? type : "A", &prefix,
                                   c->arena, &problems);
        if (d)
                reply_doc(c, 200, d);
        else
                reply_problems(c, 400, "the question is not valid", &problems);
        problems_free(&problems);
}
