#include "admin/plans/plan_make.h"

#include <string.h>
#include "zones/dns/name.h"

/* Names of probers; those of a region are looked up now. */
static void plan_set_probers(struct arena *a, const struct model *model, struct check *c)
{
        const struct strings *probers = &c->monitor->probers;
        const char *const *from = probers->items;
        const char **names =
                ARENA_ARRAY(a, const char *, probers->count + model->present[KIND_PROBERS] * probers->count);

        for (uint32_t i = 0; i < probers->count; i++) {
                bool region = !strncmp(from[i], "region:", 7);
                if (!region)
                        names[c->prober_count++] = from[i];
                model_each (prober, p, model->probers, region ? model->count[KIND_PROBERS] : 0)
                        if (p->region_name && !strcmp(p->region_name, from[i] + 7))
                                names[c->prober_count++] = arena_strdup(a, p->name);
        }
        if (probers->count && !c->prober_count) /* a region without probers is not the same as no list */
                names[c->prober_count++] = "";
        c->probers = names;
}

/* How the endpoint is checked by this monitor, and by the parts of it. */
static void plan_set_target(struct plan *plan, const struct model *model, const struct endpoint *e, uint32_t monitor,
                            bool is_part, struct check *c)
{
        const struct monitor *m = model->monitors[monitor];

        c->monitor = plan_monitor(plan, m);
        c->port = monitor_port(m, e->port, is_part);
        if (m->address.family != ADDRESS_NONE) {
                c->address = m->address;
        } else if (e->type == ENDPOINT_CNAME) {
                char host[NAME_TEXT_MAX];
                c->host_name = arena_strdup(plan->arena, name_format(e->cname, host));
        } else {
                c->address = e->address;
        }
        if (m->type != MONITOR_COMPOSITE)
                return;
        struct check *parts = ARENA_ARRAY(plan->arena, struct check, m->composite.of.count);
        for (uint32_t i = 0; i < m->composite.of.count; i++) {
                parts[i].id = c->id;
                plan_set_target(plan, model, e, m->composite.parts[i], true, &parts[i]);
        }
        c->parts = parts;
        c->part_count = m->composite.of.count;
}

static void check_make(struct plan *plan, const struct model *model, const struct endpoint *e, struct check *c)
{
        char id[512];

        c->id = arena_strdup(plan->arena, endpoint_id(model, e->number, id, sizeof(id)));
        c->number = e->number;
        plan_set_target(plan, model, e, e->monitor, false, c);
        plan_set_probers(plan->arena, model, c);
}

struct plan *plan_make(const struct model *model)
{
        struct plan *plan = plan_new(model->revision);
        struct check *checks = ARENA_ARRAY(plan->arena, struct check, model->endpoints_present);
        uint32_t count = 0;

        model_each (endpoint, e, model->endpoints, model->endpoint_count)
                if (e->monitor != MODEL_NONE && endpoint_is_used(e))
                        check_make(plan, model, e, &checks[count++]);
        plan_set(plan, checks, count);
        return plan;
}
