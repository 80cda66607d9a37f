#include "admin/control/guard.h"

#include <stdio.h>
#include <string.h>
#include "admin/control/control_private.h"
#include "admin/control/foresee.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "zones/dns/name.h"
#include "zones/steering/losses.h"
#include "zones/steering/rules.h"
#include "zones/steering/steering_edit.h"

#define TEXT_MAX 4096

/* --- telling --- */

struct telling {
        const struct model *model;
        struct problems *problems;
};

/* Whom they get instead of what is healthy. */
static const char *instead(const struct service *s)
{
        switch ((enum when_all_down)s->when_all_down) {
        case WHEN_ALL_DOWN_LAST_RESORT:
                return "the last resort";
        case WHEN_ALL_DOWN_FALLBACK_ADDRESS:
                return "the fallback addresses";
        case WHEN_ALL_DOWN_SERVE_ALL:
        case WHEN_ALL_DOWN_NODATA:
        case WHEN_ALL_DOWN_SERVFAIL:
                break;
        }
        return "NOBODY";
}

static void guard_tell(void *context, const struct loss *l)
{
        const struct telling *t = context;
        struct buffer text = {.maximum = TEXT_MAX, .soft = true};

        if (!l->regions)
                buffer_text(&text, "all");
        for (uint32_t i = 0; l->regions && i < l->region_count; i++)
                buffer_printf(&text, "%s%s", i ? ", " : "", t->model->regions[l->regions[i]]->name);
        char path[NAME_TEXT_MAX + 16];
        snprintf(path, sizeof(path), "services[%s]", l->service->name);
        problems_add(t->problems, path, 0, "%s clients%s%s -> %s%s", text.data ? text.data : "",
                     l->type ? " asking for " : "", l->type ? l->type : "", instead(l->service),
                     l->service->fence ? "  fence: true" : "");
        buffer_free(&text);
}

/* --- operations --- */

struct supposing {
        struct supposition *supposition;
        const struct drains *drains;
        const struct drain_span *span;
        const struct revision *revision;
};

static void suppose_drained(void *context, uint32_t endpoint)
{
        const struct supposing *s = context;
        struct endpoint_state state = *supposed_state(s->supposition, endpoint);

        state.drained = state.drained_by_operator = true;
        suppose_state(s->supposition, endpoint, &state);
}

/* What is said anew takes the place of what was said. */
static bool said_anew(const void *context, const char *key)
{
        const struct revision *r = context;

        for (size_t i = 0; i < r->change_count; i++)
                if (r->changes[i].kind == KIND_DRAINS && !strcmp(r->changes[i].key, key))
                        return true;
        return false;
}

/* What one drain leaves, another may take. */
static void suppose_restored(void *context, uint32_t endpoint)
{
        const struct supposing *s = context;
        struct endpoint_state state = *supposed_state(s->supposition, endpoint);

        state.drained_by_operator =
                drains_take_out(s->drains, snapshot_current()->model, endpoint, s->span, said_anew, s->revision);
        state.drain_percent = 0;
        state.drained = state.drained_by_operator || state.drained_by_agent;
        suppose_state(s->supposition, endpoint, &state);
}

static void suppose_drain(struct supposing *s, const char *key, drain_visit *visit)
{
        const struct model *m = snapshot_current()->model;
        enum drain_scope scope;
        const char *name;

        if (!drain_key_parse(key, &scope, &name))
                return;
        uint32_t target = drain_target(m, scope, name);
        if (target != MODEL_NONE)
                drain_each(m, scope, target, visit, s);
}

static void suppose_beside(void *context, const char *key, bool beside, bool as_now)
{
        const struct supposing *s = context;

        if (beside && said_anew(s->revision, key))
                beside = as_now = false;
        if (!as_now)
                suppose_drain(context, key, beside ? suppose_drained : suppose_restored);
}

/* As it is while a drain lasts, but for that: what will have ended before it begins takes nothing, what begins before
 * it ends takes all. */
static struct supposition *suppose_time(const struct control *control, const struct revision *r,
                                        const struct drain_span *span)
{
        struct supposing s = {suppose_new(snapshot_current()->steering), control->drains, span, r};

        drains_each_beside(control->drains, span, suppose_beside, &s);
        return s.supposition;
}

static void suppose_drains(struct supposition *supposition, const struct revision *r)
{
        struct supposing s = {.supposition = supposition};

        for (size_t i = 0; i < r->change_count; i++)
                if (r->changes[i].kind == KIND_DRAINS && r->changes[i].document)
                        suppose_drain(&s, r->changes[i].key, suppose_drained);
}

/* When the drains of a revision last: they are one operator's word. false: it is none. */
static bool span_of(const struct revision *r, struct drain_span *span)
{
        struct problems none = PROBLEMS_INIT;
        struct arena *a = arena_new(0);
        bool found = false;

        for (size_t i = 0; i < r->change_count && !found; i++) {
                struct drain drain;
                found = r->changes[i].kind == KIND_DRAINS && r->changes[i].document &&
                        schema_decode(kind_schema(KIND_DRAINS), r->changes[i].document, a, &drain, &none);
                if (found)
                        *span = drain.span;
        }
        problems_free(&none);
        arena_free(a);
        return found;
}

/* What ends takes nothing from anybody, and no rule stands against it; but it moves traffic, which is told. */
static void foresee_restored(struct control *control, const struct revision *r, struct findings *f)
{
        struct problems ignored = PROBLEMS_INIT;
        struct findings found = {0};
        int64_t now = clock_wall_ms();

        if (!control->tell)
                return;
        struct supposition *s = suppose_time(control, r, &(struct drain_span){.since_ms = now, .until_ms = now + 1});

        suppose_settle(s);
        foresee_states(control, s, &found, &ignored);
        f->traffic = found.traffic;
        problems_free(&ignored);
        suppose_free(s);
}

struct findings guard_operations(struct control *control, const struct revision *r, struct problems *problems)
{
        const struct snapshot *snapshot = snapshot_current();
        const struct rules *rules = model_rules(snapshot->model);
        struct telling t = {snapshot->model, problems};
        struct findings f = {0};
        struct drain_span span;

        if (!span_of(r, &span)) {
                foresee_restored(control, r, &f);
                return f;
        }
        struct supposition *before = suppose_time(control, r, &span), *after = suppose_time(control, r, &span);
        suppose_drains(after, r);
        suppose_settle(before);
        suppose_settle(after);
        f.broken = (size_t)rules_break_regions(rules, supposed_steering(before), supposed_steering(after), problems) +
                   rules_break_drains(rules, r, problems);
        f.losing = losses_supposed(snapshot->steering, before, after, guard_tell, &t);
        foresee_states(control, after, &f, problems);
        suppose_free(before);
        suppose_free(after);
        return f;
}

/* --- configurations --- */

void guard_configuration(const struct snapshot *snapshot, uint32_t from, uint32_t to, struct findings *f,
                         struct problems *problems)
{
        const struct steering *before = snapshot_current()->steering;
        struct telling t = {snapshot->model, problems};

        f->losing += losses_configured(before, snapshot->steering, from, to, guard_tell, &t);
}

void guard_whole(struct control *control, const struct revision *r, const struct snapshot *snapshot, struct findings *f,
                 struct problems *problems)
{
        const struct rules *rules = model_rules(snapshot_current()->model);

        if (r)
                f->broken =
                        (size_t)rules_break_regions(rules, snapshot_current()->steering, snapshot->steering, problems) +
                        rules_break_drains(rules, r, problems);
        foresee_steering(control, snapshot->steering, f, problems);
}

struct findings guard_edit(struct control *control, const struct rules_before *before, const struct revision *r,
                           const struct steering_edit *e, struct problems *problems)
{
        const struct snapshot *snapshot = snapshot_current();
        const struct rules *rules = model_rules(snapshot->model);
        struct telling t = {snapshot->model, problems};
        struct findings f = {0};

        f.broken = (size_t)rules_break_since(rules, before, snapshot->steering, problems) +
                   rules_break_drains(rules, r, problems);
        f.losing = losses_edited(snapshot->steering, e, guard_tell, &t);
        foresee_edit(control, e, &f, problems);
        return f;
}

/* --- the verdict --- */

/* What stands against it, for the history; in the arena. */
static const struct doc *forced_of(struct arena *a, const struct problems *problems)
{
        struct doc *forced = doc_new(a, DOC_LIST);

        for (size_t i = 0; i < problems->count; i++)
                doc_add_format(a, forced, NULL, "%s: %s", problems->list[i].path, problems->list[i].message);
        return forced;
}

bool guard_permits(struct revision *r, const struct findings *f, const struct change_terms *terms, struct arena *a,
                   const struct problems *problems)
{
        if (!f->losing && !f->broken)
                return true;
        r->reason = terms->reason ? terms->reason : "";
        r->forced = forced_of(a, problems);
        return terms->force && (!f->broken || *r->reason);
}
