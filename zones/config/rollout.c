/* Confirms and shifts: their tables and documents. */
#include "zones/config/rollout.h"

#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/conditions/condition.h"
#include "zones/config/schemas.h"

#define EVERY_MOST 604800000 /* ms */

const char *const shift_state_names[] = {SHIFT_STATES(NAMED_TEXT) NULL};

void check_condition(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        char error[CONDITION_ERROR_MAX];

        if (!condition_parse(a, at->string, error))
                doc_problem(problems, at, NULL, "%s", error);
}

/* --- confirms --- */

static void check_number(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        if (!*at->string || strlen(at->string) > 19 || strspn(at->string, "0123456789") != strlen(at->string))
                doc_problem(problems, at, NULL, "expected the number of a revision, got \"%s\"", at->string);
}

static const struct field confirm_fields[] = {
        REQUIRED_STRING("name", confirm, name, "the number of the revision", .check = check_number),
        REQUIRED_CUSTOM("since", confirm, since_ms, int64_t, check_time, "when it was made"),
        REQUIRED_CUSTOM("until", confirm, until_ms, int64_t, check_time, "when it goes back, unless it is confirmed"),
        OPTIONAL_STRING("abort_if", confirm, abort_if, "when it goes back at once", .check = check_condition),
        OPTIONAL_STRING("by", confirm, by, "who made it", .max = 200),
        {0},
};
const struct schema confirm_schema = {.name = "confirm", .size = sizeof(struct confirm), .fields = confirm_fields};

static void add_time(struct arena *a, struct doc *d, const char *name, int64_t wall_ms)
{
        char time[CLOCK_TEXT_MAX];

        if (wall_ms)
                doc_add_string(a, d, name, clock_format(wall_ms, time));
}

static void add_text(struct arena *a, struct doc *d, const char *name, const char *text)
{
        if (text)
                doc_add_string(a, d, name, text);
}

struct doc *confirm_document(const struct confirm *c, struct arena *a)
{
        struct doc *d = doc_new(a, DOC_MAP);

        doc_add_string(a, d, "name", c->name);
        add_time(a, d, "since", c->since_ms);
        add_time(a, d, "until", c->until_ms);
        add_text(a, d, "abort_if", c->abort_if);
        add_text(a, d, "by", c->by);
        return d;
}

/* --- shifts --- */

void check_shift_steps(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        bool good = at->type == DOC_LIST && at->count && at->count <= SHIFT_STEPS_MAX;
        int64_t *steps = ARENA_ARRAY(a, int64_t, at->type == DOC_LIST ? at->count : 0), last = 0;

        if (good)
                doc_each (one, at) {
                        good = good && one->type == DOC_INT && one->integer > last && one->integer <= 100;
                        last = steps[one->index] = good ? one->integer : 100;
                }
        if (good)
                list_put(out, steps, at->count);
        else
                doc_problem(problems, at, NULL,
                            "expected at most %d rising integers from 1 to 100, percent, such as [1, 10, 50, 100]",
                            SHIFT_STEPS_MAX);
}

static void check_shift(const struct doc *at, struct arena *a, void *structure, struct problems *problems)
{
        const struct shift *s = structure;

        if (!s->began || s->began->type != DOC_LIST)
                doc_problem(problems, at, "began", "expected a list of pools");
        if (s->step > s->steps.count)
                doc_problem(problems, at, "step", "expected at most %u, as there are steps", s->steps.count);
}

static const struct field shift_fields[] = {
        REQUIRED_STRING("name", shift, name, "the service", .check = check_domain_name),
        REQUIRED_STRING("to", shift, to, "the pool that its traffic goes to"),
        REQUIRED_CUSTOM("steps", shift, steps.items, int64_t *, check_shift_steps,
                        "shares of the traffic in percent, one after the other"),
        DURATION("every", shift, every_ms, 300000, 1000, EVERY_MOST, "how long each step lasts"),
        OPTIONAL_STRING("abort_if", shift, abort_if, "when it goes back to how it began", .check = check_condition),
        REQUIRED_CUSTOM("began", shift, began, const struct doc *, NULL, "the service's pools as they were"),
        REQUIRED_INT("step", shift, step, 1, SHIFT_STEPS_MAX, "how many steps are made"),
        ENUM("state", shift, state, SHIFT_RUNNING, shift_state_names, "whether it goes on"),
        OPTIONAL_STRING("why", shift, why, "why it does not"),
        REQUIRED_CUSTOM("since", shift, since_ms, int64_t, check_time, "when it began"),
        OPTIONAL_CUSTOM("next", shift, next_ms, int64_t, check_time, "when the next step comes, or the end"),
        OPTIONAL_DURATION("left", shift, left_ms, 0, EVERY_MOST, "paused: how long the step still lasts"),
        OPTIONAL_STRING("by", shift, by, "who began it", .max = 200),
        {0},
};
const struct schema shift_schema = {
        .name = "shift", .size = sizeof(struct shift), .fields = shift_fields, .check = check_shift};

struct doc *shift_document(const struct shift *s, struct arena *a)
{
        struct doc *d = doc_new(a, DOC_MAP), *steps;
        char time[DURATION_TEXT_MAX];

        doc_add_string(a, d, "name", s->name);
        doc_add_string(a, d, "to", s->to);
        steps = doc_add_list(a, d, "steps");
        for (uint32_t i = 0; i < s->steps.count; i++)
                doc_add_int(a, steps, NULL, s->steps.items[i]);
        doc_add_string(a, d, "every", duration_format(s->every_ms, time));
        add_text(a, d, "abort_if", s->abort_if);
        doc_add(d, "began", doc_copy(a, s->began));
        doc_add_int(a, d, "step", s->step);
        doc_add_string(a, d, "state", shift_state_names[s->state]);
        add_text(a, d, "why", s->why);
        add_time(a, d, "since", s->since_ms);
        add_time(a, d, "next", s->next_ms);
        if (s->state == SHIFT_PAUSED)
                doc_add_string(a, d, "left", duration_format(s->left_ms, time));
        add_text(a, d, "by", s->by);
        return d;
}
