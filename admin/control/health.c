/* How health reaches the states of endpoints, the log and the events. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/control/control_private.h"
#include "zones/load/load.h"
#include "zones/load/over.h"
#include "admin/plans/plan_make.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

/* --- what there is --- */

static void control_set_probers(struct control *control, const struct model *m, const char *local)
{
        struct health_prober *list = memory_alloc((m->present[KIND_PROBERS] + 1) * sizeof(*list));
        size_t count = 0;

        if (local)
                list[count++] = (struct health_prober){local, HEALTH_NOWHERE};
        model_each (prober, p, m->probers, m->count[KIND_PROBERS]) {
                const struct health_prober one = {p->name, p->region == MODEL_NONE ? HEALTH_NOWHERE : p->region};
                if (local && !strcmp(p->name, local))
                        list[0] = one; /* configured for the sake of its region */
                else if (p->enabled)
                        list[count++] = one;
        }
        health_set_probers(control->health, list, count, clock_ms());
        free(list);
}

/* A difference, or NULL; takes it. */
static void take_plan(struct control *control, struct plan *difference)
{
        if (!difference)
                return;
        if (control->prober)
                local_prober_set_plan(control->prober, difference);
        health_set_plan(control->health, difference, clock_ms());
        plan_offers_change(control->offers);
}

void control_health_plan(struct control *control, const struct model *model)
{
        control_health_plan_put(control, model, plan_make(model, health_plan(control->health)));
}

void control_health_plan_put(struct control *control, const struct model *model, struct plan *plan)
{
        control_set_probers(control, model, control->prober ? local_prober_name(control->prober) : NULL);
        take_plan(control, plan);
}

bool control_health_plan_edit(struct control *control, const struct model *model, const struct edited *items,
                              size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (items[i].kind == KIND_PROBERS) {
                        control_set_probers(control, model,
                                            control->prober ? local_prober_name(control->prober) : NULL);
                        break;
                }
        struct plan *difference = plan_make_edit(model, health_plan(control->health), items, count);
        bool any = difference != NULL;
        take_plan(control, difference);
        return any;
}

/* --- what changes --- */

void control_health_take(struct control *control)
{
        size_t count;
        const struct health_change *changes = health_changes(control->health, &count);

        for (size_t i = 0; i < count; i++) {
                const struct health_change *c = &changes[i];
                struct endpoint_state *s = &control->states[c->check->number];
                if (c->state != c->before)
                        events_add(control, c);
                if (c->before == VERDICT_DOWN && c->state == VERDICT_UP)
                        s->up_since_ms = (int64_t)clock_ms();
                control_state_of_health(s, c->state, c->share);
                holds_of_health(control, c, s);
                control_states_set(control, c->check->number);
        }
}

static void watch_brake(struct control *control)
{
        uint32_t held = health_held(control->health);

        if (held && !control->held)
                log_error("health",
                          "%u endpoints would go down at once: that is held, they stay up. If it is true: gslbctl "
                          "health accept",
                          held);
        else if (!held && control->held)
                log_info("health", "no change of health is held any more");
        control->held = held;
}

static void watch_probers(struct control *control)
{
        const char *name;
        bool live;

        while ((name = health_prober_turned(control->health, &live))) {
                if (live)
                        log_info("health", "prober %s reports", name);
                else
                        log_warning("health",
                                    "prober %s has missed %d reports: its word does not count until it reports again",
                                    name, HEALTH_MISSED_MAX);
        }
}

void control_health_tell(struct control *control)
{
        events_tell(control);
        watch_brake(control);
        watch_probers(control);
}

/* --- reports --- */

/* The figures that the report's checks have read: of those that its prober is asked for and whose monitor reads any. */
static void control_take_figures(struct control *control, const struct report *report)
{
        const struct roster *plan = health_plan(control->health);
        uint64_t now = clock_ms();
        bool any = false;

        if (!health_counts(control->health, report->prober))
                return;
        for (uint32_t i = 0; i < report->count; i++) {
                const struct verdict *v = &report->verdicts[i];
                uint32_t place = v->has_figures ? roster_find(plan, v->id) : ROSTER_NONE;
                const struct check *c = place == ROSTER_NONE ? NULL : roster_at(plan, place);
                if (!c || !check_is_for(c, report->prober) || !check_reads_figures(c))
                        continue;
                figures_checked(control->figures, v->id, &v->figures, now + (uint64_t)c->monitor->stale_after_ms);
                any = true;
        }
        if (any)
                control_states_figures(control);
}

bool control_report(struct control *control, const struct report *report)
{
        bool taken = health_report(control->health, report, clock_ms());

        if (taken) {
                control_take_figures(control, report);
                tries_take(control->tries, report);
        }
        control_health_take(control);
        control_start_look(control);
        control_states_flush(control);
        control_health_tell(control);
        return taken;
}

void control_health_tick(struct control *control, uint64_t now_ms)
{
        health_tick(control->health, now_ms);
        control_health_round_trips(control);
        control_health_take(control);
}

/* --- what is to be tried at once --- */

struct tries *control_tries(struct control *control)
{
        return control->tries;
}

struct tries_scene control_tries_scene(const struct control *control)
{
        return (struct tries_scene){control->health, snapshot_current()->model,
                                    control->prober ? local_prober_name(control->prober) : NULL};
}

uint32_t control_tries_of(struct control *control, const char *prober, struct try_asked list[TRIES_MOST])
{
        struct tries_scene scene = control_tries_scene(control);

        return tries_tell(control->tries, prober, tries_does_check, &scene, clock_ms(), list);
}

void control_tries_local(struct control *control)
{
        struct try_asked list[TRIES_MOST];

        if (!control->prober)
                return;
        uint32_t count = control_tries_of(control, local_prober_name(control->prober), list);
        if (count || control->local_tries)
                local_prober_ask(control->prober, list, count);
        control->local_tries = count > 0;
}

/* --- what people say --- */

bool control_say(struct control *control, const char *id, enum verdict_state state, const char *detail, const char *who,
                 int64_t ttl_ms)
{
        uint64_t now = clock_ms();
        bool taken = health_say(control->health, id, state, detail, who, now + (uint64_t)ttl_ms, now);

        control_health_take(control);
        control_states_flush(control);
        control_health_tell(control);
        return taken;
}

uint32_t control_health_accept(struct control *control, int64_t for_ms, const char *who, const char *reason)
{
        uint64_t now = clock_ms();
        uint32_t count = health_accept(control->health, now + (uint64_t)for_ms, now);
        char text[DURATION_TEXT_MAX];

        if (!count)
                return 0;
        log_warning("health", "%u held changes are accepted by %s%s%s; for %s nothing is held", count, who,
                    *reason ? ": " : "", reason, duration_format(for_ms, text));
        control_health_take(control);
        control_states_flush(control);
        control_health_tell(control);
        return count;
}

/* --- checks beforehand --- */

/* The model as it would be; NULL with `error`. */
static struct model *model_after(struct control *control, const struct change *changes, size_t count, char *error,
                                 size_t error_size)
{
        struct problems left_out = PROBLEMS_INIT, problems = PROBLEMS_INIT;
        struct arena *a = arena_new(0);
        struct store_txn *txn = store_read(control->store, error, error_size);
        struct model *model = NULL;

        if (txn) {
                model = model_load_over(txn, over_new(a, changes, count), snapshot_current()->model, NULL, &left_out,
                                        &problems);
                if (!store_is_whole(txn, error, error_size) && model) {
                        model_free(model);
                        model = NULL;
                }
                store_end(txn);
        }
        if (!model && problems.count)
                snprintf(error, error_size, "%s: %s", problems.list[0].path, problems.list[0].message);
        problems_free(&left_out);
        problems_free(&problems);
        arena_free(a);
        return model;
}

bool control_checks_itself(const struct control *control)
{
        return control->prober != NULL;
}

struct plan *control_trial_checks(struct control *control, const struct change *changes, size_t count, char *error,
                                  size_t error_size)
{
        struct model *model = model_after(control, changes, count, error, error_size);

        if (!model)
                return NULL;
        struct plan *difference = plan_make(model, health_plan(control->health));
        struct plan *plan = difference ? plan_for_prober(difference, local_prober_name(control->prober)) : plan_new(0);
        plan->is_difference = false;
        plan->gone_count = 0;
        if (difference)
                plan_free(difference);
        model_free(model);
        return plan;
}

struct local_prober *control_trial_prober(struct control *control, const struct plan *plan,
                                          local_prober_reported *reported, void *context, char *error,
                                          size_t error_size)
{
        struct local_prober *p =
                local_prober_start(control->base, &control->prober_options, reported, context, error, error_size);

        if (p)
                local_prober_set_plan(p, plan);
        return p;
}
