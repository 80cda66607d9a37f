#include "probes/verdict.h"

#include <stdio.h>
#include "base/clock.h"
#include "base/schema.h"

#define NAME_OF(id, name, help) name,
#define HELP_OF(id, name, help) help,
static const char *const reason_names[] = {VERDICT_REASONS(NAME_OF) NULL};
static const char *const reason_helps[] = {VERDICT_REASONS(HELP_OF)};
static const char *const state_names[] = {"unknown", "up", "down", NULL};

const char *reason_name(enum reason reason)
{
        return reason_names[reason];
}

const char *reason_help(enum reason reason)
{
        return reason_helps[reason];
}

const char *verdict_state_name(enum verdict_state state)
{
        return state_names[state];
}

struct doc *report_to_doc(const struct report *r, struct arena *a)
{
        struct doc *d = doc_new(a, DOC_MAP), *list;
        char time[CLOCK_TEXT_MAX];

        doc_add_string(a, d, "prober", r->prober);
        doc_add_int(a, d, "epoch", (int64_t)r->epoch);
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
        }
        return d;
}

/* The document's form of a verdict. */
struct verdict_form {
        const char *id, *detail, *since;
        int state, reason;
        int64_t rtt_us;
};

struct report_form {
        const char *prober;
        int64_t epoch, sequence, plan_revision;
        struct list verdicts;
};

#define VERDICT(member) .offset = offsetof(struct verdict_form, member)
static const struct field verdict_fields[] = {
        {.name = "id", .type = FIELD_STRING, VERDICT(id), .required = true, .max = 400},
        {.name = "state", .type = FIELD_ENUM, VERDICT(state), .required = true, .names = state_names},
        {.name = "reason", .type = FIELD_ENUM, VERDICT(reason), .required = true, .names = reason_names},
        {.name = "detail", .type = FIELD_STRING, VERDICT(detail), .fallback = "\"\""},
        {.name = "rtt_us", .type = FIELD_INT, VERDICT(rtt_us), .fallback = "0", .min = 0, .max = UINT32_MAX},
        {.name = "since", .type = FIELD_STRING, VERDICT(since), .required = true},
        {0},
};
static const struct schema verdict_schema = {
        .name = "verdict", .size = sizeof(struct verdict_form), .fields = verdict_fields};

#define REPORT(member) .offset = offsetof(struct report_form, member)
static const struct field report_fields[] = {
        {.name = "prober", .type = FIELD_STRING, REPORT(prober), .required = true, .max = 100},
        {.name = "epoch", .type = FIELD_INT, REPORT(epoch), .required = true},
        {.name = "sequence", .type = FIELD_INT, REPORT(sequence), .required = true},
        {.name = "plan_revision", .type = FIELD_INT, REPORT(plan_revision), .required = true},
        {.name = "verdicts", .type = FIELD_LIST, REPORT(verdicts), .required = true, .item = &verdict_schema},
        {0},
};
static const struct schema report_schema = {
        .name = "report", .size = sizeof(struct report_form), .fields = report_fields};

struct report *report_from_doc(const struct doc *d, struct arena *a, struct problems *problems)
{
        struct report_form form;

        if (!schema_decode(&report_schema, d, a, &form, problems))
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
                if (!clock_parse(forms[i].since, &v->since_ms))
                        problems_add(problems, "verdicts", 0, "%s: since: expected a time, got \"%s\"", v->id,
                                     forms[i].since);
        }
        if (problems->count)
                return NULL;
        *r = (struct report){form.prober, (uint64_t)form.epoch, (uint64_t)form.sequence, (uint64_t)form.plan_revision,
                             verdicts,    form.verdicts.count};
        return r;
}
