/* Looking: liveness, readiness, health, events, explain. */
#include <string.h>
#include "admin/api/handlers.h"
#include "base/clock.h"
#include "base/documents/schema.h"
#include "zones/explain/explain.h"

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
        const char *id = call_endpoint_id(c);
        uint32_t number = endpoint_number(snapshot_current()->model, id);

        if (number == MODEL_NONE)
                reply_problem(c, 404, "there is no endpoint \"%s\"", id);
        else
                reply_doc(c, 200, endpoint_health(c, number));
}

void handle_serials(struct call *c)
{
        const struct model *m = snapshot_current()->model;
        struct doc *d = doc_new(c->arena, DOC_MAP), *items = doc_add_list(c->arena, d, "items");

        for (uint32_t i = 0; i < m->count[KIND_ZONES]; i++) {
                struct doc *one = doc_add_map(c->arena, items, NULL);
                doc_add_string(c->arena, one, "zone", m->zones[i].name);
                doc_add_int(c->arena, one, "serial", m->zones[i].serial);
        }
        doc_add_string(c->arena, d, "next", NULL);
        reply_doc(c, 200, d);
}

/* The newest, or those after a number, oldest first. */
void handle_events(struct call *c)
{
        struct doc *d = doc_new(c->arena, DOC_MAP);
        uint64_t next;

        doc_add(d, "items",
                control_events(c->control, c->arena, call_number(c, PARAMETER_AFTER_NUMBER, UINT64_MAX),
                               call_number(c, PARAMETER_LIMIT, c->route->limit), &next));
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
const struct schema accept_form_schema = {
        .name = "accept", .size = sizeof(struct accept_form), .fields = accept_fields};

void handle_health_accept(struct call *c)
{
        struct accept_form form;

        if (!call_form(c, c->route->form, &form))
                return;
        struct doc *d = doc_new(c->arena, DOC_MAP);
        if (call_is_dry(c)) {
                doc_add_int(c->arena, d, "accepted", health_held(control_health(c->control)));
                doc_add_bool(c->arena, d, "dry_run", true);
        } else {
                doc_add_int(c->arena, d, "accepted",
                            control_health_accept(c->control, form.for_ms, call_author(c), form.reason));
        }
        reply_doc(c, 200, d);
}

/* --- explain --- */

void handle_explain(struct call *c)
{
        const char *name = call_text(c, PARAMETER_NAME), *type = call_text(c, PARAMETER_TYPE),
                   *client = call_text(c, PARAMETER_CLIENT);
        struct prefix prefix;
        struct doc *d = NULL;

        if (!name)
                problems_add(&c->problems, "name", 0, "expected a domain name");
        if (!client || !prefix_parse(client, &prefix))
                problems_add(&c->problems, "client", 0,
                             "expected an address or a network such as 192.0.2.1 or 2001:db8::/56");
        if (!c->problems.count)
                d = explain_answer(snapshot_current(), control_geo(c->control), name, type ? type : "A", &prefix,
                                   c->arena, &c->problems);
        if (d)
                reply_doc(c, 200, d);
        else
                reply_problems(c, 400, "the question is not valid", &c->problems);
}
