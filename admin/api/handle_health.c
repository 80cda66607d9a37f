/* Health of endpoints: one, or many page by page. */
#include <string.h>
#include "admin/api/handlers.h"
#include "admin/control/selection.h"
#include "base/clock.h"

/* --- one --- */

static bool drained(const struct endpoint_state *states, uint32_t i)
{
        return states[i].drained;
}

/* Only what is known. */
static void health_add_figures(struct call *c, struct doc *d, const struct endpoint_state *s)
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
        health_add_figures(c, d, &steering_states(s->steering)[number]);
        if (!known) {
                doc_add_string(c->arena, d, "state", e->enabled ? "not monitored" : "disabled");
                return d;
        }
        doc_each (member, known)
                if (strcmp(member->key, "id"))
                        doc_add(d, member->key, doc_copy(c->arena, member));
        return d;
}

/* --- many --- */

static const char *const state_words[] = {"up", "down", "unknown", "not monitored", "disabled", NULL};

/* What endpoint_health calls its state. */
static const char *state_of(struct call *c, const struct model *m, uint32_t number)
{
        uint64_t changes, downtime_ms;
        char id[512];

        endpoint_id(m, number, id, sizeof(id));
        if (health_counters(control_health(c->control), id, clock_ms(), &changes, &downtime_ms))
                return verdict_state_name(health_of(control_health(c->control), id));
        return m->endpoints[number]->enabled ? "not monitored" : "disabled";
}

/* Reads the filters. false: a reply was sent. */
static bool read_selection(struct call *c, const struct model *m, struct selection *out)
{
        const char *state = call_text(c, PARAMETER_STATE);
        const char *const *word = state_words;

        *out = (struct selection){.region = call_text(c, PARAMETER_OF_REGION),
                                  .pool = call_text(c, PARAMETER_OF_POOL),
                                  .label = call_text(c, PARAMETER_LABEL)};
        while (state && *word && strcmp(*word, state))
                word++;
        if (state && !*word)
                reply_problem(c, 400, "state: expected up, down, unknown, not monitored or disabled, got \"%s\"",
                              state);
        else if (out->region && model_find(m, KIND_REGIONS, out->region) == MODEL_NONE)
                reply_problem(c, 400, "region: there is no regions[%s]", out->region);
        else if (out->pool && model_find(m, KIND_POOLS, out->pool) == MODEL_NONE)
                reply_problem(c, 400, "pool: there is no pools[%s]", out->pool);
        else
                return true;
        return false;
}

/* The number of the first endpoint behind "pool/endpoint" of an earlier page. Where that endpoint is gone, its pool
 * begins anew; where the pool is gone, the next one by name. */
static uint32_t place_after(const struct model *m, const char *id)
{
        uint32_t number = endpoint_number(m, id);
        size_t length = strcspn(id, "/");

        if (number != MODEL_NONE)
                return number + 1;
        for (uint32_t i = 0; i < m->count[KIND_POOLS]; i++) {
                int order = strncmp(m->pools[i].name, id, length);
                if (order > 0 || (!order && strlen(m->pools[i].name) >= length))
                        return m->pools[i].first_endpoint;
        }
        return m->endpoint_count;
}

void handle_health(struct call *c)
{
        const struct model *m = snapshot_current()->model;
        const char *after = call_text(c, PARAMETER_AFTER), *state = call_text(c, PARAMETER_STATE), *next = NULL;
        uint64_t limit = call_number(c, PARAMETER_LIMIT, c->route->limit);
        struct doc *d = doc_new(c->arena, DOC_MAP), *list = doc_add_list(c->arena, d, "items");
        struct selection select;

        if (!read_selection(c, m, &select))
                return;
        for (uint32_t i = after ? place_after(m, after) : 0; i < m->endpoint_count && !next; i++) {
                if (!selection_has(&select, m, m->endpoints[i]) || (state && strcmp(state_of(c, m, i), state)))
                        continue;
                if (list->count == limit)
                        next = doc_get_string(list->last, "id");
                else
                        doc_add(list, NULL, endpoint_health(c, i));
        }
        doc_add(d, "probers", health_describe_probers(control_health(c->control), c->arena, clock_ms()));
        doc_add_string(c->arena, d, "next", next);
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
