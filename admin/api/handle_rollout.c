/* What gslbd does about changes later: confirms, shifts and trials. */
#include "admin/api/api_private.h"
#include "admin/api/handlers.h"
#include "admin/rollout/rollouts.h"
#include "admin/rollout/shift_words.h"
#include "admin/rollout/trials.h"
#include "base/documents/schema.h"
#include "zones/config/schemas.h"
#include "zones/dns/name.h"

void handle_confirm_list(struct call *c)
{
        struct doc *d = doc_new(c->arena, DOC_MAP);

        doc_add(d, "items", rollouts_confirms(c->api->rollouts, c->arena));
        doc_add_string(c->arena, d, "next", NULL);
        reply_doc(c, 200, d);
}

void handle_confirm(struct call *c)
{
        struct change change = {KIND_CONFIRMS, c->parts[0], NULL};
        const char *comment = call_text(c, PARAMETER_COMMENT);

        if (!call_read(c))
                return;
        bool there = store_has(c->txn, KIND_CONFIRMS, change.key);
        if (!call_read_end(c))
                return;
        if (there)
                reply_change(c, &change, 1,
                             comment ? comment : arena_printf(c->arena, "confirm revision %s", change.key), 200, NULL,
                             NULL);
        else
                reply_problem(c, 404,
                              "revision \"%s\" does not wait for a confirmation; `gslbctl confirms` lists what does",
                              change.key);
}

/* --- shifts --- */

struct shift_form {
        const char *to, *abort_if;
        LIST(int64_t) steps;
        int64_t every_ms;
};

static const struct field shift_fields[] = {
        REQUIRED_STRING("to", shift_form, to, "the pool that its traffic goes to"),
        REQUIRED_CUSTOM("steps", shift_form, steps.items, int64_t *, check_shift_steps,
                        "shares of the traffic in percent, one after the other: [1, 10, 50, 100]"),
        DURATION("every", shift_form, every_ms, 300000, 1000, 604800000, "how long each step lasts"),
        OPTIONAL_STRING("abort_if", shift_form, abort_if, "a condition: it goes back to how it began when it holds"),
        {0},
};
const struct schema shift_form_schema = {.name = "shift", .size = sizeof(struct shift_form), .fields = shift_fields};

void handle_shift_list(struct call *c)
{
        struct doc *d = doc_new(c->arena, DOC_MAP);

        doc_add(d, "items", rollouts_shifts(c->api->rollouts, c->arena));
        doc_add_string(c->arena, d, "next", NULL);
        reply_doc(c, 200, d);
}

/* The key of the service that the path names. false: 404 was sent. */
static bool service_key(struct call *c, char key[NAME_TEXT_MAX])
{
        if (kind_key_canonical(KIND_SERVICES, c->parts[0], key, NAME_TEXT_MAX))
                return true;
        reply_problem(c, 404, "\"%s\" is not a key of services", c->parts[0]);
        return false;
}

/* Makes what was asked for, when it can be. */
static void make_shift(struct call *c, bool good, struct change *changes, size_t count, const char *comment,
                       const struct doc *extra, const struct refusal *refusal)
{
        const char *given = call_text(c, PARAMETER_COMMENT);

        if (!call_read_end(c))
                return;
        if (good)
                reply_change_then(
                        c, changes, count,
                        &(struct change_words){
                                .comment = given ? given : comment, .status = 200, .extra = extra, .alone = true});
        else
                reply_problems(c, refusal->status, refusal->detail, &c->problems);
}

void handle_shift(struct call *c)
{
        struct change changes[SHIFT_CHANGES];
        struct shift_form form;
        struct refusal refusal;
        char key[NAME_TEXT_MAX];
        struct doc *told, *extra = doc_new(c->arena, DOC_MAP);
        size_t count = 0;

        if (!service_key(c, key) || !call_form(c, c->route->form, &form) || !call_read(c))
                return;
        struct shift_asked asked = {.name = arena_strdup(c->arena, key),
                                    .to = form.to,
                                    .abort_if = form.abort_if,
                                    .by = call_author(c),
                                    .every_ms = form.every_ms};
        asked.steps.items = form.steps.items;
        asked.steps.count = form.steps.count;
        bool good = shift_begin(c->control, c->txn, &asked, c->arena, changes, &count, &told, &c->problems, &refusal);
        if (good)
                doc_add(extra, "shift", doc_copy(c->arena, told));
        make_shift(c, good, changes, count,
                   arena_printf(c->arena, "shift of %s to %s: step 1 of %u, %lld%%", key, form.to, asked.steps.count,
                                (long long)asked.steps.items[0]),
                   extra, &refusal);
}

static void say(struct call *c, enum shift_word word, const char *past)
{
        struct change changes[SHIFT_CHANGES];
        struct refusal refusal;
        char key[NAME_TEXT_MAX];
        struct doc *told;
        size_t count;

        if (!service_key(c, key) || !call_read(c))
                return;
        const char *name = arena_strdup(c->arena, key);
        bool good = shift_say(c->txn, word, name, call_author(c), c->arena, changes, &count, &told, &refusal);
        make_shift(c, good, changes, count, arena_printf(c->arena, "the shift of %s is %s", name, past), told,
                   &refusal);
}

void handle_shift_pause(struct call *c)
{
        say(c, SHIFT_PAUSE, "paused");
}

void handle_shift_resume(struct call *c)
{
        say(c, SHIFT_RESUME, "resumed");
}

void handle_shift_abort(struct call *c)
{
        say(c, SHIFT_ABORT, "aborted");
}

/* --- trials --- */

void handle_trial_list(struct call *c)
{
        struct doc *d = doc_new(c->arena, DOC_MAP);

        doc_add(d, "items", trials_tell(c->api->rollouts, c->arena));
        doc_add_string(c->arena, d, "next", NULL);
        reply_doc(c, 200, d);
}

/* The trial that the path names; NULL: 404 was sent. */
static struct doc *named_trial(struct call *c)
{
        struct doc *d = trial_tell(c->api->rollouts, c->parts[0], c->arena);

        if (!d)
                reply_problem(c, 404,
                              "there is no trial \"%s\": it has ended long ago, or gslbd was started again; then its "
                              "change was not committed",
                              c->parts[0]);
        return d;
}

void handle_trial(struct call *c)
{
        struct doc *d = named_trial(c);

        if (d)
                reply_doc(c, 200, d);
}

void handle_trial_end(struct call *c)
{
        struct doc *d = named_trial(c);

        if (!d)
                return;
        if (!trial_may_end(c->api->rollouts, c->parts[0])) {
                reply_problem(c, 409, "trial \"%s\" cannot be ended any more: it is %s", c->parts[0],
                              doc_get_string(d, "state"));
                return;
        }
        if (call_is_dry(c)) {
                doc_add_bool(c->arena, d, "dry_run", true);
        } else {
                trial_end(c->api->rollouts, c->parts[0], call_author(c));
                d = trial_tell(c->api->rollouts, c->parts[0], c->arena);
        }
        reply_doc(c, 200, d);
}
