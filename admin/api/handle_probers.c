/* What probers fetch and report. */
#include <stdio.h>
#include <string.h>
#include "admin/api/handlers.h"

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

/* What a report on all endpoints there are comes to, with room for those of the plan before. */
static struct doc_limits report_limits(void)
{
        size_t endpoints = snapshot_current()->model->endpoints_present;

        return (struct doc_limits){.bytes = 65536 + endpoints * 2048, .nodes = 1024 + endpoints * 32, .keys = 64};
}

void handle_report(struct call *c)
{
        const struct doc_limits limits = report_limits();
        struct doc *body;

        if (!may_speak_for(c, c->parts[0]) || !(body = call_body_limited(c, &limits)))
                return;
        struct report *report = report_from_doc(body, c->arena, &c->problems);
        if (report && strcmp(report->prober, c->parts[0]))
                problems_add(&c->problems, "prober", 0, "expected \"%s\" as in the URL, got \"%s\"", c->parts[0],
                             report->prober);
        if (c->problems.count)
                reply_problems(c, 422, "the report is not valid", &c->problems);
        else if (call_is_dry(c) || control_report(c->control, report))
                reply_nothing(c, 204);
        else
                reply_problem(c, 409, "a newer report is known already");
}
