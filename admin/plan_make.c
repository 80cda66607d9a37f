#include "admin/plan_make.h"

#include <string.h>
#include "zones/name.h"

static uint16_t check_port(const struct monitor *m, const struct endpoint *e)
{
        if (e->port)
                return (uint16_t)e->port;
        if (m->port)
                return (uint16_t)m->port;
        return monitor_default_port(m);
}

/* Names of probers; those of a region are looked up now. */
static void set_probers(struct arena *a, const struct model *model, struct check *c)
{
        const struct list *probers = &c->monitor->probers;
        const char *const *from = probers->items;
        const char **names = ARENA_ARRAY(a, const char *, probers->count + model->count[KIND_PROBERS] * probers->count);

        for (uint32_t i = 0; i < probers->count; i++) {
                bool region = !strncmp(from[i], "region:", 7);
                if (!region)
                        names[c->prober_count++] = from[i];
                for (uint32_t n = 0; region && n < model->count[KIND_PROBERS]; n++) {
                        const struct prober *p = &model->probers[n];
                        if (p->region_name && !strcmp(p->region_name, from[i] + 7))
                                names[c->prober_count++] = arena_strdup(a, p->name);
                }
        }
        if (probers->count && !c->prober_count) /* a region without probers is not the same as no list */
                names[c->prober_count++] = "";
        c->probers = names;
}

static void check_make(struct plan *plan, const struct model *model, uint32_t number, struct check *c)
{
        const struct endpoint *e = model->endpoints[number];
        char id[512];

        c->id = arena_strdup(plan->arena, endpoint_id(model, number, id, sizeof(id)));
        c->monitor = plan_monitor(plan, &model->monitors[e->monitor]);
        if (e->type == ENDPOINT_CNAME) {
                char host[NAME_TEXT_MAX];
                c->host_name = arena_strdup(plan->arena, name_format(e->cname, host));
        } else {
                c->address = e->address;
        }
        c->port = check_port(c->monitor, e);
        set_probers(plan->arena, model, c);
}

struct plan *plan_make(const struct model *model)
{
        struct plan *plan = plan_new(model->revision);
        struct check *checks = ARENA_ARRAY(plan->arena, struct check, model->endpoint_count);
        uint32_t count = 0;

        for (uint32_t i = 0; i < model->endpoint_count; i++)
                if (model->endpoints[i]->monitor != MODEL_NONE && model->endpoints[i]->enabled)
                        check_make(plan, model, i, &checks[count++]);
        plan_set(plan, checks, count);
        return plan;
}
