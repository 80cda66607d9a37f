/* Looking: liveness, readiness, GeoIP, health, events, explain. */
#include <stdlib.h>
#include <string.h>
#include "admin/api/api_private.h"
#include "admin/api/handlers.h"
#include "admin/asking/asking.h"
#include "admin/asking/then.h"
#include "admin/http/running.h"
#include "admin/rollout/rollouts.h"
#include "admin/states/schedules.h"
#include "base/clock.h"
#include "base/documents/schema.h"
#include "zones/explain/explain.h"

void handle_live(struct call *c)
{
        struct doc *d = doc_new(c->arena, DOC_MAP);

        doc_add_bool(c->arena, d, "live", true);
        reply_doc(c, 200, d);
}

struct doc *call_ready(struct call *c, bool *ready)
{
        struct doc *d;

        *ready = control_ready(c->control, c->arena, &d);
        rollouts_ready(c->api->rollouts, c->arena, d);
        doc_add(d, "privileges", c->api->privileges_tell(c->api->process, c->arena));
        return d;
}

void handle_ready(struct call *c)
{
        bool ready;
        struct doc *d = call_ready(c, &ready);

        reply_doc(c, ready ? 200 : 503, d);
}

struct geo_told {
        const char *error;   /* NULL: it is good */
        struct doc *traffic; /* of a dry run: what it would do to that; NULL: not known */
};

static void geo_reply(struct call *c)
{
        const struct geo_told *told = c->then;
        struct doc *d;
        bool ready;

        if (told && told->error) {
                reply_problem(c, 422, "%s; the databases loaded before stay in force", told->error);
                return;
        }
        d = call_ready(c, &ready);
        if (call_is_dry(c))
                doc_add_bool(c->arena, d, "dry_run", true);
        if (told && told->traffic)
                doc_add(d, "traffic", told->traffic);
        reply_doc(c, 200, d);
}

static void geo_reloaded(void *context, const char *error, const struct doc *traffic)
{
        struct call *c = context;
        struct geo_told *told = ARENA_NEW(c->arena, struct geo_told);

        told->error = error ? arena_strdup(c->arena, error) : NULL;
        told->traffic = traffic ? doc_copy(c->arena, traffic) : NULL;
        c->then = told;
        call_finish(c, geo_reply);
}

void handle_geo_reload(struct call *c)
{
        c->then = NULL;
        c->waits = control_reload_geo(c->control, call_is_dry(c), geo_reloaded, c);
        if (!c->waits)
                geo_reply(c);
}

bool call_time(struct call *c, enum parameter p, int64_t *wall_ms)
{
        const char *text = call_text(c, p);
        int64_t ago, now = clock_wall_ms();

        *wall_ms = 0;
        if (!text || clock_parse(text, wall_ms))
                return true;
        if (duration_parse(text, &ago) && ago < now) {
                *wall_ms = now - ago;
                return true;
        }
        reply_problem(c, 400, "%s: expected a time such as 2026-01-31T22:00:00Z, or a duration before now, got \"%s\"",
                      parameter_name(p), text);
        return false;
}

/* The newest, or those after a number or since a time, oldest first. */
void handle_events(struct call *c)
{
        struct doc *d = doc_new(c->arena, DOC_MAP);
        struct filter filter;
        uint64_t next;
        struct event_question q = {.after = call_number(c, PARAMETER_AFTER_NUMBER, UINT64_MAX),
                                   .limit = call_number(c, PARAMETER_LIMIT, c->route->limit),
                                   .state = call_text(c, PARAMETER_STATE)};

        if (!call_filter(c, KIND_DRAINS, &filter) || !call_time(c, PARAMETER_SINCE_TIME, &q.since_ms))
                return;
        if (filter.region || filter.pool)
                q.filter = &filter;
        doc_add(d, "items", control_events(c->control, c->arena, &q, &next));
        if (next)
                doc_add_format(c->arena, d, "next", "%llu", (unsigned long long)next);
        else
                doc_add_string(c->arena, d, "next", NULL);
        reply_doc(c, 200, d);
}

struct listed {
        const char *target;
        uint32_t index;
};

static int compare_listed(const void *a, const void *b)
{
        return strcmp(((const struct listed *)a)->target, ((const struct listed *)b)->target);
}

void handle_schedules(struct call *c)
{
        const struct model *m = snapshot_current()->model;
        const struct schedules *s = control_schedules(c->control);
        struct doc *d = doc_new(c->arena, DOC_MAP), *items = doc_add_list(c->arena, d, "items");
        struct listed *list = ARENA_ARRAY(c->arena, struct listed, schedules_count(s));
        char target[SCHEDULE_PLACE_MAX];
        struct filter filter;
        uint32_t count = 0;

        if (!call_filter(c, KIND_DRAINS, &filter))
                return;
        for (uint32_t i = 0; i < schedules_count(s); i++)
                if (filter_place(&filter, m, schedule_place_text(m, schedules_place(s, i), target)))
                        list[count++] = (struct listed){arena_strdup(c->arena, target), i};
        if (count)
                qsort(list, count, sizeof(*list), compare_listed);
        for (uint32_t i = 0; i < count; i++) {
                struct doc *one = doc_add_map(c->arena, items, NULL);
                doc_add_string(c->arena, one, "target", list[i].target);
                schedule_describe(model_schedules(m, schedules_place(s, list[i].index)),
                                  schedules_now(s, list[i].index), c->arena, one, "schedule");
        }
        doc_add_string(c->arena, d, "next", NULL);
        reply_doc(c, 200, d);
}

void handle_limits(struct call *c)
{
        uint32_t most = (uint32_t)call_number(c, PARAMETER_LIMIT, c->route->limit);

        reply_doc(c, 200, c->api->limits_tell(c->api->process, c->arena, most));
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

/* --- databases --- */

/* --- explain --- */

/* What is asked of what is in force, now. false: a reply was sent. */
static bool read_question(struct call *c, struct explain_question *q)
{
        const char *name = call_text(c, PARAMETER_NAME), *type = call_text(c, PARAMETER_TYPE),
                   *client = call_text(c, PARAMETER_CLIENT);
        struct prefix prefix = {.length = 0};

        if (!client || !prefix_parse(client, &prefix))
                problems_add(&c->problems, "client", 0,
                             "expected an address or a network such as 192.0.2.1 or 2001:db8::/56");
        *q = explain_now(name, type ? type : "A", &prefix, control_revision(c->control));
        if (!name)
                problems_add(&c->problems, "name", 0, "expected a domain name");
        else
                explain_is_question(q, &c->problems);
        if (c->problems.count)
                reply_problems(c, 400, "the question is not valid", &c->problems);
        return !c->problems.count;
}

/* NULL: a reply was sent. */
static struct doc *explain(struct call *c, const struct snapshot *s, const struct explain_question *q)
{
        struct doc *d = explain_answer(s, control_geo(c->control), q, c->arena, &c->problems);

        if (!d)
                reply_problems(c, 400, "the question is not valid", &c->problems);
        return d;
}

/* What is not in force was asked for. */
struct explaining {
        struct explain_question question;
        struct change *changes;
        size_t count;
        const struct asked *asked; /* while it can be asked */
};

/* Whether it could be made; otherwise a reply was sent. */
static bool is_made(struct call *c, const struct explaining *e)
{
        const struct asked *a = e->asked;

        if (a->result == CONTROL_OK || a->result == CONTROL_UNCHANGED)
                return true;
        if (a->result != CONTROL_INVALID) {
                reply_problem(c, 503, "%s", a->error);
                return false;
        }
        for (size_t i = 0; i < a->problems->count; i++)
                problems_add(&c->problems, a->problems->list[i].path, a->problems->list[i].line, "%s",
                             a->problems->list[i].message);
        changes_locate(e->changes, e->count, &c->problems);
        if (call_text(c, PARAMETER_AT))
                reply_problems(c, 400, "what was then cannot be explained", &c->problems);
        else
                reply_problems(c, 422, "the configuration would not be valid", &c->problems);
        return false;
}

/* What it is now, to be held against what it would be. */
static struct doc *explain_beside(struct call *c, const struct explain_question *would)
{
        struct explain_question q = *would;
        struct problems none = PROBLEMS_INIT;

        q.as = NULL;
        struct doc *d = explain_answer(snapshot_current(), control_geo(c->control), &q, c->arena, &none);
        problems_free(&none);
        return d ? d : doc_new(c->arena, DOC_NULL);
}

static void reply_with(struct call *c)
{
        struct explaining *e = c->then;
        const struct asked *a = e->asked;
        struct explain_question *q = &e->question;

        if (!is_made(c, e))
                return;
        q->revision = control_revision(c->control);
        q->wall_ms = clock_wall_ms();
        q->now_ms = (int64_t)clock_ms();
        q->as = arena_printf(c->arena, "with the document, over revision %llu", (unsigned long long)q->revision);
        struct doc *d = explain(c, a->snapshot ? a->snapshot : snapshot_current(), q);
        if (!d)
                return;
        doc_add(d, "now", explain_beside(c, q));
        reply_doc(c, 200, d);
}

static void explain_with(void *context, const struct asked *asked)
{
        struct call *c = context;

        ((struct explaining *)c->then)->asked = asked;
        call_finish(c, reply_with);
}

static void ask(struct call *c, const struct asking_order *order)
{
        switch (asking_begin(c->control, order)) {
        case ASKING_BEGUN:
                c->waits = c->api->asked = true;
                break;
        case ASKING_LATER:
                c->again = true;
                break;
        case ASKING_BUSY:
                reply_problem(c, 503, "somebody else asks for what is not in force, one at a time may: try again");
                break;
        }
}

static void reply_then(struct call *c)
{
        struct explaining *e = c->then;
        const struct asked *a = e->asked;
        struct explain_question *q = &e->question;
        char time[CLOCK_TEXT_MAX];

        if (!is_made(c, e))
                return;
        q->revision = then_revision(a->then);
        q->now_ms = then_now_ms(a->then);
        q->as = arena_printf(c->arena, "at %s, when revision %llu was in force", clock_format(q->wall_ms, time),
                             (unsigned long long)q->revision);
        struct doc *d = explain(c, a->snapshot, q);
        if (!d)
                return;
        then_tell(a->then, a->snapshot->model, d, c->arena);
        reply_doc(c, 200, d);
}

static void explain_then(void *context, const struct asked *asked)
{
        struct call *c = context;

        ((struct explaining *)c->then)->asked = asked;
        call_finish(c, reply_then);
}

void handle_explain(struct call *c)
{
        struct explaining *e = ARENA_NEW(c->arena, struct explaining);
        struct explain_question *q = &e->question;
        struct doc *d;
        int64_t at_ms;

        if (!call_time(c, PARAMETER_AT, &at_ms) || !read_question(c, q))
                return;
        if (call_text(c, PARAMETER_AT)) {
                if (at_ms > q->wall_ms) {
                        reply_problem(c, 400, "at: expected a time that lies behind, got \"%s\"",
                                      call_text(c, PARAMETER_AT));
                        return;
                }
                q->wall_ms = at_ms > 0 ? at_ms : 1;
                c->then = e;
                ask(c, &(struct asking_order){.at_ms = q->wall_ms, .done = explain_then, .context = c});
        } else if ((d = explain(c, snapshot_current(), q))) {
                reply_doc(c, 200, d);
        }
}

void handle_explain_with(struct call *c)
{
        struct explaining *e = ARENA_NEW(c->arena, struct explaining);

        if (!call_changes(c, &e->changes, &e->count) || !read_question(c, &e->question))
                return;
        c->then = e;
        ask(c, &(struct asking_order){.changes = e->changes, .count = e->count, .done = explain_with, .context = c});
}
