/* Health of endpoints: one, or many page by page. */
#include <string.h>
#include "admin/api/handlers.h"
#include "admin/views/filter.h"
#include "admin/views/selection.h"
#include "base/clock.h"
#include "zones/explain/standing.h"

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
        char id[512], time[CLOCK_TEXT_MAX];

        endpoint_id(m, number, id, sizeof(id));
        known = health_describe(control_health(c->control), id, c->arena, clock_ms());
        doc_add_string(c->arena, d, "id", id);
        doc_add_string(c->arena, d, "pool", m->pools[e->pool]->name);
        doc_add_string(c->arena, d, "endpoint", e->name);
        doc_add_string(c->arena, d, "region", m->pools[e->pool]->region_name);
        doc_add_string(c->arena, d, "address", e->address_text);
        doc_add_string(c->arena, d, "monitor", e->monitor == MODEL_NONE ? NULL : m->monitors[e->monitor]->name);
        const struct endpoint_state *state = &steering_states(s->steering)[number];
        doc_add_bool(c->arena, d, "enabled", schedule_enabled(&e->schedules, &state->scheduled, e->enabled));
        schedule_describe(&e->schedules, &state->scheduled, c->arena, d, "schedule");
        doc_add_bool(c->arena, d, "drained", drained(steering_states(s->steering), number));
        doc_add_bool(c->arena, d, "drained_by_agent", steering_states(s->steering)[number].drained_by_agent);
        if (steering_states(s->steering)[number].weight_percent)
                doc_add_int(c->arena, d, "weight_percent", steering_states(s->steering)[number].weight_percent);
        if (state->held_since_s)
                doc_add_string(c->arena, d, "hold_since", clock_format((int64_t)state->held_since_s * 1000, time));
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
                                  .label = call_text(c, PARAMETER_LABEL),
                                  .most = FILTER_LOOKS_MOST};
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

/* A page of the list. */
struct page {
        struct call *call;
        const char *state; /* those in this one; NULL: in any */
        struct doc *list;
        uint64_t limit;
        bool more; /* there is at least one behind the page */
};

static bool add_to_page(void *context, const struct endpoint *e)
{
        struct page *p = context;

        if (p->state && strcmp(state_of(p->call, snapshot_current()->model, e->number), p->state))
                return true;
        p->more = p->list->count == p->limit;
        if (!p->more)
                doc_add(p->list, NULL, endpoint_health(p->call, e->number));
        return !p->more;
}

void handle_health(struct call *c)
{
        const struct model *m = snapshot_current()->model;
        struct doc *d = doc_new(c->arena, DOC_MAP);
        struct page page = {.call = c,
                            .state = call_text(c, PARAMETER_STATE),
                            .list = doc_add_list(c->arena, d, "items"),
                            .limit = call_number(c, PARAMETER_LIMIT, c->route->limit)};
        struct selection select;

        if (!read_selection(c, m, &select))
                return;
        char place[SELECTION_PLACE_MAX];
        struct store_txn *txn = call_read(c);
        if (!txn)
                return;
        selection_each(&select, m, txn, call_text(c, PARAMETER_AFTER), add_to_page, &page, place);
        if (!call_read_end(c))
                return;
        doc_add(d, "probers", control_describe_probers(c->control, c->arena));
        doc_add_string(c->arena, d, "next", page.more ? doc_get_string(page.list->last, "id") : *place ? place : NULL);
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

struct listing {
        struct arena *arena;
        const struct model *model;
        struct doc *list;
};

static bool add_serial(void *context, const char *key, const char *json, size_t length)
{
        struct listing *l = context;
        uint32_t zone = model_find(l->model, KIND_ZONES, key);

        if (zone == MODEL_NONE) /* it is left out of what is served */
                return true;
        struct doc *one = doc_add_map(l->arena, l->list, NULL);
        doc_add_string(l->arena, one, "zone", key);
        doc_add_int(l->arena, one, "serial", l->model->zones[zone]->serial);
        return true;
}

void handle_serials(struct call *c)
{
        const struct model *m = snapshot_current()->model;
        struct doc *d = doc_new(c->arena, DOC_MAP), *items = doc_add_list(c->arena, d, "items");

        struct listing l = {c->arena, m, items};

        if (!call_read(c))
                return;
        store_each(c->txn, KIND_ZONES, NULL, add_serial, &l);
        if (!call_read_end(c))
                return;
        doc_add_string(c->arena, d, "next", NULL);
        reply_doc(c, 200, d);
}

/* --- how all stands --- */

#define STATUS_LOOKS_MOST 20000 /* at pools, in one call */

/* Of services from a number on: how many stand how, and the first of each that do not as usual. */
static void tell_services(struct call *c, struct doc *out)
{
        const struct steering *t = snapshot_current()->steering;
        const struct model *m = steering_model(t);
        uint32_t count[STAND_COUNT] = {0}, looks = 0, disabled = 0;
        uint64_t number = call_number(c, PARAMETER_AFTER_NUMBER, 0), limit = call_number(c, PARAMETER_LIMIT, 20);
        struct doc *d = doc_add_map(c->arena, out, "services"), *items = doc_new(c->arena, DOC_LIST);

        for (; number < m->count[KIND_SERVICES] && looks < STATUS_LOOKS_MOST; number++) {
                looks++;
                if (!m->services[number])
                        continue;
                if (!steering_route_of_service(t, (uint32_t)number)) {
                        disabled++;
                        continue;
                }
                enum stand stand = service_stand(t, (uint32_t)number, &looks);
                if (++count[stand] <= limit && stand != STAND_WELL)
                        doc_add(items, NULL, service_stand_tell(t, (uint32_t)number, false, c->arena));
        }
        for (int stand = 0; stand < STAND_COUNT; stand++)
                doc_add_int(c->arena, d, stand_names[stand], count[stand]);
        doc_add_int(c->arena, d, "disabled", disabled);
        doc_add(d, "items", items);
        if (number < m->count[KIND_SERVICES])
                doc_add_format(c->arena, out, "next", "%llu", (unsigned long long)number);
        else
                doc_add_string(c->arena, out, "next", NULL);
}

void handle_status(struct call *c)
{
        struct doc *d = doc_new(c->arena, DOC_MAP);
        bool ready;

        if (!call_text(c, PARAMETER_AFTER_NUMBER)) {
                d = call_ready(c, &ready);
                doc_add(d, "probers", control_describe_probers(c->control, c->arena));
                doc_add_int(c->arena, d, "endpoints", snapshot_current()->model->endpoints_present);
        }
        tell_services(c, d);
        reply_doc(c, 200, d);
}

void handle_status_one(struct call *c)
{
        const struct steering *t = snapshot_current()->steering;
        char key[600];
        uint32_t service = MODEL_NONE;

        if (kind_key_canonical(KIND_SERVICES, c->parts[0], key, sizeof(key)))
                service = model_find(steering_model(t), KIND_SERVICES, key);
        if (service == MODEL_NONE)
                reply_problem(c, 404, "there is no services[%s]", c->parts[0]);
        else
                reply_doc(c, 200, service_stand_tell(t, service, true, c->arena));
}
