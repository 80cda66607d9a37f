/* How much goes where. */
#include <string.h>
#include "admin/api/handlers.h"
#include "admin/traffic/traffic.h"
#include "base/clock.h"
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
        if (c->problems.count)
                reply_problems(c, 400, "the question is not valid", &c->problems);
        else
                reply_doc(c, 200, traffic_describe(control_traffic(c->control), &q, c->arena));
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
