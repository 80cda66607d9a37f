/* What probers and agents say: plans, reports, figures, verdicts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/api/handlers.h"
#include "admin/states/figures.h"
#include "base/clock.h"
#include "base/documents/schema.h"

struct figures_form {
        double of[FIGURE_COUNT];
        int64_t ttl_ms;
};

static const struct field figures_fields[] = {
        REAL("load", figures_form, of[FIGURE_LOAD], -1, -1, 1000000000, "in your own unit, as in max_load"),
        REAL("errors", figures_form, of[FIGURE_ERRORS], -1, -1, 100, "percent of requests"),
        REAL("cpu", figures_form, of[FIGURE_CPU], -1, -1, 100, "percent"),
        REAL("memory", figures_form, of[FIGURE_MEMORY], -1, -1, 100, "percent"),
        DURATION("ttl", figures_form, ttl_ms, 30000, 1000, 3600000, "how long they are good"),
        {0},
};
const struct schema figures_form_schema = {
        .name = "figures", .size = sizeof(struct figures_form), .fields = figures_fields};

/* The endpoint's id; NULL: 404 was sent. */
static const char *known_endpoint(struct call *c)
{
        const char *id = call_endpoint_id(c);

        if (endpoint_number(snapshot_current()->model, id) != MODEL_NONE)
                return id;
        reply_problem(c, 404, "there is no endpoint \"%s\"", id);
        return NULL;
}

void handle_figures(struct call *c)
{
        struct figures_form form;
        const char *id = known_endpoint(c);

        if (!id || !call_form(c, c->route->form, &form))
                return;
        struct told_figures figures = {.until_ms = clock_ms() + (uint64_t)form.ttl_ms};
        for (unsigned i = 0; i < FIGURE_COUNT; i++)
                figures.figures.of[i] = (float)form.of[i];
        if (!call_is_dry(c))
                control_figures(c->control, id, &figures);
        reply_nothing(c, 204);
}

/* --- verdicts --- */

struct verdict_form {
        int state;
        const char *detail;
        int64_t ttl_ms;
};

static const char *const states[] = {"up", "down", NULL};

static const struct field verdict_fields[] = {
        REQUIRED_ENUM("state", verdict_form, state, states, "up or down"),
        STRING("detail", verdict_form, detail, "", "why, for people", .max = 79),
        DURATION("ttl", verdict_form, ttl_ms, 30000, 1000, 86400000, "how long it is good"),
        {0},
};
const struct schema verdict_form_schema = {
        .name = "verdict", .size = sizeof(struct verdict_form), .fields = verdict_fields};

static bool is_external(const char *id)
{
        const struct model *m = snapshot_current()->model;
        uint32_t monitor = m->endpoints[endpoint_number(m, id)]->monitor;

        return monitor != MODEL_NONE && m->monitors[monitor]->type == MONITOR_EXTERNAL;
}

void handle_verdict(struct call *c)
{
        struct verdict_form form;
        const char *id = known_endpoint(c);

        if (!id || !call_form(c, c->route->form, &form))
                return;
        if (!is_external(id))
                reply_problem(c, 409, "the monitor of \"%s\" is not of type external", id);
        else if (call_is_dry(c) || control_say(c->control, id, form.state ? VERDICT_DOWN : VERDICT_UP, form.detail,
                                               call_author(c), form.ttl_ms))
                reply_nothing(c, 204);
        else
                reply_problem(c, 409, "nobody is asked for a verdict on \"%s\" now", id);
}

/* --- probers --- */

/* A prober's token is good for its own name; a name must be configured and enabled. */
static bool may_speak_for(struct call *c, const char *name)
{
        const struct model *m = snapshot_current()->model;
        uint32_t i = model_find(m, KIND_PROBERS, name);

        if (c->role == ROLE_PROBER && (!c->prober || strcmp(c->prober, name))) {
                reply_problem(c, 403, "this token is for the prober \"%s\"", c->prober ? c->prober : "");
                return false;
        }
        if (i == MODEL_NONE) {
                reply_problem(c, 404, "there is no probers[%s]", name);
                return false;
        }
        if (!m->probers[i]->enabled) {
                reply_problem(c, 403, "probers[%s] is disabled", name);
                return false;
        }
        return true;
}

void handle_plan(struct call *c)
{
        if (!may_speak_for(c, c->parts[0]))
                return;
        const char *since = c->texts[PARAMETER_SINCE];
        char tag[PLAN_TAG_MAX];

        if (since && snprintf(tag, sizeof(tag), "\"%s\"", since) >= (int)sizeof(tag))
                since = NULL;
        const struct plan_text *plan = control_plan_text(c->control, c->parts[0], since ? tag : NULL);
        if (call_not_modified(c, plan->tag))
                return;
        if (plan->length)
                reply_text(c, 200, "application/json", plan->text, plan->length);
        else
                reply_problem(c, 500, "the plan is too long to be sent");
}

void read_report(struct call *c)
{
        struct report *report = report_from_doc(c->body.document, c->arena, &c->body.problems);

        if (report && strcmp(report->prober, c->parts[0]))
                problems_add(&c->body.problems, "prober", 0, "expected \"%s\" as in the URL, got \"%s\"", c->parts[0],
                             report->prober);
        if (c->body.problems.count) {
                c->body.status = 422;
                c->body.detail = "the report is not valid";
        }
        c->body.taken = report;
}

void handle_report(struct call *c)
{
        if (!may_speak_for(c, c->parts[0]) || !call_body_good(c))
                return;
        if (!call_is_dry(c) && !control_report(c->control, c->body.taken)) {
                reply_problem(c, 409, "a newer report is known already");
                return;
        }
        struct try_asked list[TRIES_MOST];
        uint32_t count = call_is_dry(c) ? 0 : control_tries_of(c->control, c->parts[0], list);
        if (count)
                reply_doc(c, 200, asked_to_doc(list, count, c->arena));
        else
                reply_nothing(c, 204);
}

/* --- checks that are tried at once --- */

/* The check of an endpoint that probers run; NULL: a reply was sent. */
static const struct check *tried_check(struct call *c, const char *id)
{
        const struct model *m = snapshot_current()->model;
        const struct endpoint *e = m->endpoints[endpoint_number(m, id)];
        const struct monitor *monitor = e->monitor == MODEL_NONE ? NULL : m->monitors[e->monitor];
        const struct roster *plan = health_plan(control_health(c->control));
        uint32_t place = roster_find(plan, id);

        if (!monitor)
                reply_problem(c, 409, "\"%s\" has no monitor: nothing is checked", id);
        else if (monitor->type == MONITOR_EXTERNAL)
                reply_problem(c, 409,
                              "the monitor \"%s\" of \"%s\" is external: no prober checks it, its verdict is told "
                              "(`gslbctl endpoint verdict`)",
                              monitor->name, id);
        else if (!monitor->enabled)
                reply_problem(c, 409, "the monitor \"%s\" of \"%s\" is disabled: its checks are paused", monitor->name,
                              id);
        else if (place == ROSTER_NONE)
                reply_problem(c, 409, "\"%s\" is disabled, or in no pool that is used: it is not checked", id);
        else
                return roster_at(plan, place);
        return NULL;
}

static void tell_try(struct call *c, const char *id, const struct try *t, int status)
{
        const struct tries_scene scene = control_tries_scene(c->control);
        uint32_t waiting;
        struct doc *d = try_describe(&scene, id, t, clock_ms(), &waiting, c->arena);

        if (!t)
                doc_add_bool(c->arena, d, "dry_run", true);
        else if (!waiting)
                tries_end(control_tries(c->control), t);
        reply_doc(c, status, d);
}

static void refuse_try(struct call *c, const char *id, uint64_t wait_ms)
{
        call_set_header(c, "Retry-After", "1");
        if (wait_ms)
                reply_problem(c, 429, "\"%s\" was asked for %d ms ago: once a second is as often as may be", id,
                              (int)(TRIES_APART_MS - wait_ms));
        else
                reply_problem(c, 429, "%d checks are being tried already: as many as may be", TRIES_MOST);
}

void handle_try(struct call *c)
{
        const char *id = known_endpoint(c);
        const struct check *check = id ? tried_check(c, id) : NULL;
        const struct tries_scene scene = control_tries_scene(c->control);
        uint64_t wait_ms;

        if (!check)
                return;
        if (!scene.local && !scene.model->present[KIND_PROBERS]) {
                reply_problem(c, 409, "nobody checks: probes.enabled is false, and there are no probers");
                return;
        }
        const struct try *t =
                call_is_dry(c) ? NULL
                               : tries_ask(control_tries(c->control), id, tries_open_ms(check), clock_ms(), &wait_ms);
        if (!t && !call_is_dry(c)) {
                refuse_try(c, id, wait_ms);
                return;
        }
        if (t)
                control_tries_local(c->control);
        tell_try(c, id, t, t ? 202 : 200);
}

void handle_try_get(struct call *c)
{
        const char *id = known_endpoint(c);
        char *end;
        const struct try *t = id ? tries_find(control_tries(c->control), id, strtoull(c->parts[2], &end, 10)) : NULL;

        if (t && !*end)
                tell_try(c, id, t, 200);
        else if (id)
                reply_problem(c, 404, "there is no try \"%s\" of \"%s\", or it has ended long ago", c->parts[2], id);
}
