#include "admin/control/guard.h"

#include <stdio.h>
#include "admin/control/control_private.h"
#include "base/buffer.h"
#include "zones/dns/name.h"
#include "zones/steering/losses.h"

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

static void tell(void *context, const struct loss *l)
{
        const struct telling *t = context;
        struct buffer text = {.maximum = TEXT_MAX, .soft = true};

        if (!l->regions)
                buffer_text(&text, "all");
        for (uint32_t i = 0; l->regions && i < l->region_count; i++)
                buffer_printf(&text, "%s%s", i ? ", " : "", t->model->regions[l->regions[i]].name);
        char path[NAME_TEXT_MAX + 16];
        snprintf(path, sizeof(path), "services[%s]", l->service->name);
        problems_add(t->problems, path, 0, "%s clients%s%s -> %s%s", text.data ? text.data : "",
                     l->type ? " asking for " : "", l->type ? l->type : "", instead(l->service),
                     l->service->fence ? "  fence: true" : "");
        buffer_free(&text);
}

/* --- operations --- */

struct drawing {
        const struct control *control;
        struct supposition *supposition;
};

static void suppose_drained(void *context, uint32_t endpoint)
{
        struct drawing *d = context;
        struct endpoint_state state = *supposed_state(d->supposition, endpoint);

        state.drained = state.drained_by_operator = true;
        suppose_state(d->supposition, endpoint, &state);
}

static void suppose_drain(struct supposition *s, const struct model *m, const char *key)
{
        struct drawing d = {.supposition = s};
        enum drain_scope scope;
        const char *name;

        if (!drain_key_parse(key, &scope, &name))
                return;
        uint32_t target = drain_target(m, scope, name);
        if (target != MODEL_NONE)
                drain_each(m, scope, target, suppose_drained, &d);
}

size_t guard_operations(struct control *control, const struct revision *r, struct problems *problems)
{
        const struct snapshot *snapshot = snapshot_current();
        struct supposition *after = suppose_new(snapshot->steering);
        struct telling t = {snapshot->model, problems};

        for (size_t i = 0; i < r->change_count; i++)
                if (r->changes[i].document)
                        suppose_drain(after, snapshot->model, r->changes[i].key);
        suppose_settle(after);
        size_t count = losses_supposed(snapshot->steering, NULL, after, tell, &t);
        suppose_free(after);
        return count;
}

/* --- configurations --- */

size_t guard_configuration(struct control *control, const struct revision *r, struct snapshot *snapshot,
                           struct problems *problems)
{
        struct telling t = {snapshot->model, problems};

        control_suppose(control, r, snapshot);
        return losses_configured(snapshot_current()->steering, snapshot->steering, tell, &t);
}
