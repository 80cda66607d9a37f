#include "probes/checks/verdict.h"

#include <stdio.h>
#include "base/clock.h"
#include "base/documents/schema.h"
#include "base/random.h"

#define NAME_OF(id, name) name,
static const char *const reason_names[] = {VERDICT_REASONS(NAME_OF) NULL};
static const char *const admin_names[] = {"ready", "drain", "maint", NULL};

const char *reason_name(enum reason reason)
{
        return reason_names[reason];
}

const char *verdict_state_name(enum verdict_state state)
{
        return state_names[state];
}

static void add_figures(struct doc *d, const struct verdict_figures *f, struct arena *a)
{
        for (unsigned i = 0; i < FIGURE_COUNT; i++)
                doc_add_real(a, d, figure_name(i), (double)f->figures.of[i]);
        doc_add_real(a, d, "weight_percent", (double)f->weight_percent);
        doc_add_string(a, d, "admin", admin_names[f->admin]);
}

uint64_t report_boot(void)
{
        uint64_t boot;

        random_bytes(&boot, sizeof(boot));
        return boot >> 11;
}

static void add_tried(struct doc *d, const struct report *r, struct arena *a)
{
        struct doc *list = doc_add_list(a, d, "tried");

        for (uint32_t i = 0; i < r->tried_count; i++) {
                const struct tried *t = &r->tried[i];
                struct doc *one = doc_add_map(a, list, NULL);
                doc_add_string(a, one, "id", t->id);
                doc_add_int(a, one, "number", (int64_t)t->number);
                doc_add_bool(a, one, "done", t->done);
                doc_add_string(a, one, "reason", reason_names[t->reason]);
                doc_add_string(a, one, "detail", t->detail);
                doc_add_int(a, one, "took_us", t->took_us);
        }
}

struct doc *report_to_doc(const struct report *r, struct arena *a)
{
        struct doc *d = doc_new(a, DOC_MAP), *list;
        char time[CLOCK_TEXT_MAX];

        doc_add_string(a, d, "prober", r->prober);
        doc_add_int(a, d, "boot", (int64_t)r->boot);
        doc_add_int(a, d, "sequence", (int64_t)r->sequence);
        doc_add_int(a, d, "plan_revision", (int64_t)r->plan_revision);
        list = doc_add_list(a, d, "verdicts");
        for (uint32_t i = 0; i < r->count; i++) {
                const struct verdict *v = &r->verdicts[i];
                struct doc *one = doc_add_map(a, list, NULL);
                doc_add_string(a, one, "id", v->id);
                doc_add_string(a, one, "state", state_names[v->state]);
                doc_add_string(a, one, "reason", reason_names[v->reason]);
                doc_add_string(a, one, "detail", v->detail);
                doc_add_int(a, one, "rtt_us", v->rtt_us);
                doc_add_string(a, one, "since", clock_format(v->since_ms, time));
                if (v->has_figures)
                        add_figures(doc_add_map(a, one, "figures"), &v->figures, a);
        }
        if (r->tried_count) /* a gslbd that asks for none may not know of them */
                add_tried(d, r, a);
        return d;
}

/* The document's forms. */
struct figures_form {
        double of[FIGURE_COUNT], weight_percent;
        int admin;
        bool there;
};

struct verdict_form {
        const char *id, *detail, *since;
        int state, reason;
        int64_t rtt_us;
        struct figures_form figures;
};

struct tried_form {
        const char *id, *detail;
        int64_t number, took_us;
        int reason;
        bool done;
};

struct report_form {
        const char *prober;
        int64_t boot, sequence, plan_revision;
        LIST(struct verdict_form) verdicts;
        LIST(struct tried_form) tried;
};

static void figures_are_there(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        ((struct figures_form *)out)->there = true;
}

#define FIGURE_FIELD(id, name, unit) REQUIRED_REAL(#name, figures_form, of[FIGURE_##id], -1, FIGURE_MOST, NULL),
static const struct field figures_fields[] = {
        FIGURES(FIGURE_FIELD) REQUIRED_REAL("weight_percent", figures_form, weight_percent, -1, 1000, NULL),
        REQUIRED_ENUM("admin", figures_form, admin, admin_names, NULL),
        {0},
};
static const struct schema figures_form_schema = {
        .name = "figures", .size = sizeof(struct figures_form), .fields = figures_fields, .check = figures_are_there};

static const struct field verdict_fields[] = {
        REQUIRED_STRING("id", verdict_form, id, "POOL/ENDPOINT", .max = 400),
        REQUIRED_ENUM("state", verdict_form, state, state_names, "what it hears"),
        REQUIRED_ENUM("reason", verdict_form, reason, reason_names, "why"),
        STRING("detail", verdict_form, detail, "", "why, for people"),
        INT("rtt_us", verdict_form, rtt_us, 0, 0, UINT32_MAX, "how long the check took"),
        REQUIRED_STRING("since", verdict_form, since, "since when it is in this state"),
        OPTIONAL_MAP("figures", verdict_form, figures, figures_form, "what the endpoint says of itself; -1: not known"),
        {0},
};
static const struct schema verdict_form_schema = {
        .name = "verdict", .size = sizeof(struct verdict_form), .fields = verdict_fields};

static const struct field tried_fields[] = {
        REQUIRED_STRING("id", tried_form, id, "POOL/ENDPOINT", .max = 400),
        REQUIRED_INT("number", tried_form, number, 1, INT64_MAX, "as it was asked for"),
        REQUIRED_BOOL("done", tried_form, done, "false: it is under way, or not in the plan yet"),
        REQUIRED_ENUM("reason", tried_form, reason, reason_names, "why; `ok`: it passed"),
        STRING("detail", tried_form, detail, "", "why, for people"),
        INT("took_us", tried_form, took_us, 0, 0, UINT32_MAX, "how long it took, with its retries"),
        {0},
};
static const struct schema tried_form_schema = {
        .name = "tried", .size = sizeof(struct tried_form), .fields = tried_fields};

static const struct field report_fields[] = {
        REQUIRED_STRING("prober", report_form, prober, "as in the URL", .max = 100),
        REQUIRED_INT("boot", report_form, boot, 0, INT64_MAX, "random, another one with each start"),
        REQUIRED_INT("sequence", report_form, sequence, 1, INT64_MAX, "rises with each report of a start"),
        REQUIRED_INT("plan_revision", report_form, plan_revision, 0, 0, "of the plan that it follows"),
        REQUIRED_MAPS("verdicts", report_form, verdicts, verdict_form, "one for each check of the plan"),
        MAPS("tried", report_form, tried, tried_form, "what came of the checks that the newest reply asked for",
             .max = TRIES_MOST),
        {0},
};
const struct schema report_form_schema = {
        .name = "report", .size = sizeof(struct report_form), .fields = report_fields};

static const struct tried *tried_from(const struct tried_form *forms, uint32_t count, struct arena *a)
{
        struct tried *list = ARENA_ARRAY(a, struct tried, count);

        for (uint32_t i = 0; i < count; i++) {
                list[i] = (struct tried){.id = forms[i].id,
                                         .number = (uint64_t)forms[i].number,
                                         .done = forms[i].done,
                                         .reason = (uint8_t)forms[i].reason,
                                         .took_us = (uint32_t)forms[i].took_us};
                snprintf(list[i].detail, sizeof(list[i].detail), "%s", forms[i].detail);
        }
        return list;
}

struct report *report_from_doc(const struct doc *d, struct arena *a, struct problems *problems)
{
        struct report_form form;

        if (!schema_decode(&report_form_schema, d, a, &form, problems))
                return NULL;
        const struct verdict_form *forms = form.verdicts.items;
        struct verdict *verdicts = ARENA_ARRAY(a, struct verdict, form.verdicts.count);
        struct report *r = ARENA_NEW(a, struct report);
        for (uint32_t i = 0; i < form.verdicts.count; i++) {
                struct verdict *v = &verdicts[i];
                *v = (struct verdict){.id = forms[i].id,
                                      .state = (uint8_t)forms[i].state,
                                      .reason = (uint8_t)forms[i].reason,
                                      .rtt_us = (uint32_t)forms[i].rtt_us};
                snprintf(v->detail, sizeof(v->detail), "%s", forms[i].detail);
                v->has_figures = forms[i].figures.there;
                v->figures = (struct verdict_figures){.weight_percent = (float)forms[i].figures.weight_percent,
                                                      .admin = (uint8_t)forms[i].figures.admin};
                for (unsigned n = 0; n < FIGURE_COUNT; n++)
                        v->figures.figures.of[n] = (float)forms[i].figures.of[n];
                if (!clock_parse(forms[i].since, &v->since_ms))
                        problems_add(problems, "verdicts", 0, "%s: since: expected a time, got \"%s\"", v->id,
                                     forms[i].since);
        }
        if (problems->count)
                return NULL;
        *r = (struct report){.prober = form.prober,
                             .boot = (uint64_t)form.boot,
                             .sequence = (uint64_t)form.sequence,
                             .plan_revision = (uint64_t)form.plan_revision,
                             .verdicts = verdicts,
                             .count = form.verdicts.count,
                             .tried = tried_from(form.tried.items, form.tried.count, a),
                             .tried_count = form.tried.count};
        return r;
}
