#include "admin/control/foresee.h"

#include <string.h>
#include "admin/control/control_private.h"
#include "admin/traffic/foretell.h"
#include "zones/config/drain.h"
#include "zones/steering/rules.h"

static bool is_asked(const struct control *control)
{
        return control->tell || model_rules(snapshot_current()->model)->max_traffic_moved;
}

static void foresee(struct control *control, const struct steering *is, const struct steering_edit *edit,
                    struct findings *findings, struct problems *problems)
{
        const struct rules *rules = model_rules(snapshot_current()->model);
        struct foretold *f = traffic_foretell(control->traffic, is, edit);

        findings->broken += rules_break_traffic(rules, foretold_moved(f), problems);
        if (control->tell)
                findings->traffic = foretold_describe(f, control->tell);
        foretold_free(f);
}

void foresee_edit(struct control *control, const struct steering_edit *e, struct findings *findings,
                  struct problems *problems)
{
        if (is_asked(control))
                foresee(control, snapshot_current()->steering, e, findings, problems);
}

void foresee_steering(struct control *control, const struct steering *is, struct findings *findings,
                      struct problems *problems)
{
        if (is_asked(control))
                foresee(control, is, NULL, findings, problems);
}

static void try_state(void *context, uint32_t endpoint, const struct endpoint_state *state)
{
        steering_set(context, endpoint, state);
}

/* An edit of no item, in which those endpoints have those states: what workers would read is made, and taken away. */
void foresee_states(struct control *control, struct supposition *s, struct findings *findings,
                    struct problems *problems)
{
        const struct snapshot *now = snapshot_current();
        bool whole;

        if (!is_asked(control))
                return;
        struct steering_edit *e = steering_edit_new(now->steering, NULL, 0, now->version + 1, &whole);
        if (!e)
                return;
        suppose_each(s, try_state, now->steering);
        steering_publish(now->steering);
        foresee(control, now->steering, e, findings, problems);
        steering_edit_drop(now->steering, e);
}

/* --- what if it died --- */

struct downs {
        struct supposition *supposition;
};

static void suppose_down(void *context, uint32_t endpoint)
{
        struct downs *d = context;
        struct endpoint_state state = *supposed_state(d->supposition, endpoint);

        state.health = HEALTH_DOWN;
        suppose_state(d->supposition, endpoint, &state);
}

struct doc *control_plan_down(struct control *control, const char *const *targets, size_t count, struct arena *a,
                              struct problems *problems)
{
        const struct snapshot *now = snapshot_current();
        struct downs d = {suppose_new(now->steering)};
        struct problems none = PROBLEMS_INIT;
        struct findings findings = {0};

        for (size_t i = 0; i < count; i++) {
                enum drain_scope scope;
                const char *name;
                uint32_t target =
                        drain_key_parse(targets[i], &scope, &name) ? drain_target(now->model, scope, name) : MODEL_NONE;
                if (target != MODEL_NONE)
                        drain_each(now->model, scope, target, suppose_down, &d);
                else
                        problems_add(problems, "down", 0,
                                     "expected region/NAME, pool/NAME or endpoint/POOL/NAME of what there is, got "
                                     "\"%s\"",
                                     targets[i]);
        }
        control->tell = a;
        if (!problems->count)
                foresee_states(control, d.supposition, &findings, &none);
        control->tell = NULL;
        problems_free(&none);
        suppose_free(d.supposition);
        return findings.traffic;
}
