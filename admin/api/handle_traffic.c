/* How much goes where. */
#include <string.h>
#include "admin/api/handlers.h"
#include "admin/traffic/traffic.h"
#include "base/clock.h"
#include "zones/explain/standing.h"
#include "zones/dns/name.h"

#define SINCE_MS   3600000
#define AT_MOST_MS 86400000

/* A time, or a duration before now. */
static bool read_since(struct call *c, int64_t *out)
{
        const char *text = call_text(c, PARAMETER_SINCE);
        int64_t now = clock_wall_ms(), ago;

        *out = now - SINCE_MS;
        if (text && duration_parse(text, &ago) && ago > 0 && ago <= AT_MOST_MS)
                *out = now - ago;
        else if (text && (!clock_parse(text, out) || *out > now || *out < now - AT_MOST_MS))
                problems_add(&c->problems, "since", 0,
                             "expected a duration up to 24h, or a time of the last day such as 2026-01-31T22:00:00Z, "
                             "got \"%s\"",
                             text);
        return !c->problems.count;
}

static bool read_by(struct call *c, enum traffic_by *by)
{
        const char *text = call_text(c, PARAMETER_BY);

        *by = TRAFFIC_BY_SERVICE;
        for (int i = 0; text && traffic_by_names[i]; i++)
                if (!strcmp(text, traffic_by_names[i])) {
                        *by = (enum traffic_by)i;
                        return true;
                }
        if (text)
                problems_add(&c->problems, "by", 0, "expected service, region, pool or endpoint, got \"%s\"", text);
        return !text;
}

/* --- how what has the traffic stands --- */

static void tell_service_stand(struct call *c, const struct steering *t, const char *name, struct doc *one)
{
        uint32_t service = model_find(steering_model(t), KIND_SERVICES, name);
        const struct doc *stand;

        if (service == MODEL_NONE)
                return;
        stand = service_stand_tell(t, service, false, c->arena);
        static const char *const members[] = {"state", "up", "endpoints"};
        for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
                doc_add(one, members[i], doc_copy(c->arena, doc_get(stand, members[i])));
}

static void tell_pool_stand(struct call *c, const struct steering *t, const char *name, struct doc *one)
{
        uint32_t pool = model_find(steering_model(t), KIND_POOLS, name), up, endpoints;

        if (pool == MODEL_NONE)
                return;
        pool_stand(t, pool, &up, &endpoints);
        doc_add_string(c->arena, one, "state", up == endpoints ? "up" : up ? "little" : "down");
        doc_add_int(c->arena, one, "up", up);
        doc_add_int(c->arena, one, "endpoints", endpoints);
}

static void tell_endpoint_stand(struct call *c, const struct steering *t, const char *id, struct doc *one)
{
        uint32_t number = endpoint_number(steering_model(t), id);

        if (number == MODEL_NONE)
                return;
        const struct endpoint_state *s = &steering_states(t)[number];
        doc_add_string(c->arena, one, "state", s->drained ? "drained" : state_names[s->health]);
}

static void tell_stands(struct call *c, struct doc *d, enum traffic_by by)
{
        const struct steering *t = snapshot_current()->steering;
        struct doc *items = doc_get(d, "items");

        for (struct doc *one = items ? items->first : NULL; one; one = one->next) {
                const char *name = doc_get_string(one, traffic_by_names[by]);
                if (name && by == TRAFFIC_BY_SERVICE)
                        tell_service_stand(c, t, name, one);
                else if (name && by == TRAFFIC_BY_POOL)
                        tell_pool_stand(c, t, name, one);
                else if (name && by == TRAFFIC_BY_ENDPOINT)
                        tell_endpoint_stand(c, t, name, one);
        }
}

void handle_traffic(struct call *c)
{
        struct traffic_question q = {.region = call_text(c, PARAMETER_OF_REGION),
                                     .pool = call_text(c, PARAMETER_OF_POOL),
                                     .most = (uint32_t)call_number(c, PARAMETER_LIMIT, c->route->limit)};
        const char *service = call_text(c, PARAMETER_OF_SERVICE);
        char name[NAME_TEXT_MAX];

        read_since(c, &q.since_ms);
        read_by(c, &q.by);
        if (service && kind_key_canonical(KIND_SERVICES, service, name, sizeof(name)))
                q.service = name;
        else if (service)
                problems_add(&c->problems, "service", 0, "expected a domain name, got \"%s\"", service);
        if (c->problems.count) {
                reply_problems(c, 400, "the question is not valid", &c->problems);
                return;
        }
        struct doc *d = traffic_describe(control_traffic(c->control), &q, c->arena);
        tell_stands(c, d, q.by);
        reply_doc(c, 200, d);
}

/* --- what if --- */

#define DOWN_MOST 100

void handle_forecast(struct call *c)
{
        const char *text = call_text(c, PARAMETER_DOWN), *targets[DOWN_MOST];
        struct doc *d = doc_new(c->arena, DOC_MAP), *list = doc_add_list(c->arena, d, "down"), *traffic = NULL;
        size_t count = 0;

        for (const char *at = text; at && *at && count < DOWN_MOST; at += strcspn(at, ","), at += *at == ',') {
                targets[count] = arena_strndup(c->arena, at, strcspn(at, ","));
                doc_add_string(c->arena, list, NULL, targets[count++]);
        }
        if (!count)
                problems_add(&c->problems, "down", 0, "expected region/NAME, pool/NAME or endpoint/POOL/NAME");
        else
                traffic = control_plan_down(c->control, targets, count, c->arena, &c->problems);
        if (!traffic) {
                reply_problems(c, 400, "the question is not valid", &c->problems);
                return;
        }
        doc_add(d, "traffic", traffic);
        reply_doc(c, 200, d);
}
