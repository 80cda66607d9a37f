#include "admin/plans/plan_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
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
static void plan_set_target(struct arena *a, const struct model *model, const struct endpoint *e, uint32_t monitor,
                            bool is_part, struct check *c)
{
        const struct monitor *m = model->monitors[monitor];

        c->monitor = m;
        c->port = monitor_port(m, e->port, is_part);
        if (m->address.family != ADDRESS_NONE) {
                c->address = m->address;
        } else if (e->type == ENDPOINT_CNAME) {
                char host[NAME_TEXT_MAX];
                c->host_name = arena_strdup(a, name_format(e->cname, host));
        } else {
                c->address = e->address;
        }
        if (m->type != MONITOR_COMPOSITE)
                return;
        struct check *parts = ARENA_ARRAY(a, struct check, m->composite.of.count);
        for (uint32_t i = 0; i < m->composite.of.count; i++) {
                parts[i].id = c->id;
                plan_set_target(a, model, e, m->composite.parts[i], true, &parts[i]);
        }
        c->parts = parts;
        c->part_count = m->composite.of.count;
}

static void check_make(struct arena *a, const struct model *model, const struct endpoint *e, const char *id,
                       struct check *c)
{
        *c = (struct check){.id = arena_strdup(a, id), .number = e->number};
        plan_set_target(a, model, e, e->monitor, false, c);
        plan_set_probers(a, model, c);
}

static bool is_checked(const struct endpoint *e)
{
        return e->monitor != MODEL_NONE && endpoint_is_used(e);
}

/* --- the difference --- */

struct making {
        const struct model *model;
        struct roster *roster;
        struct plan *plan;
        struct arena *scratch; /* of a check that may be as it was */
        struct check *checks;
        const char **gone;
        uint32_t count, room, gone_count, gone_room;
};

static void making_begin(struct making *m, const struct model *model, struct roster *roster)
{
        *m = (struct making){
                .model = model, .roster = roster, .plan = plan_new(model->revision), .scratch = arena_new(0)};
        roster_compare(roster);
}

/* Returns the place that its check has, or ROSTER_NONE. */
static uint32_t look_at(struct making *m, const struct endpoint *e)
{
        char id[512];
        uint32_t place = roster_find(m->roster, endpoint_id(m->model, e->number, id, sizeof(id)));
        struct check c;

        if (place != ROSTER_NONE) {
                arena_reset(m->scratch);
                check_make(m->scratch, m->model, e, id, &c);
                if (roster_has(m->roster, place, &c))
                        return place;
        }
        if (m->count == m->room) {
                m->room = m->room ? m->room * 2 : 16;
                m->checks = memory_resize(m->checks, m->room * sizeof(*m->checks));
        }
        check_make(m->plan->arena, m->model, e, id, &m->checks[m->count++]);
        return place;
}

static void is_gone(struct making *m, const char *id)
{
        if (m->gone_count == m->gone_room) {
                m->gone_room = m->gone_room ? m->gone_room * 2 : 16;
                m->gone = memory_resize(m->gone, m->gone_room * sizeof(*m->gone));
        }
        m->gone[m->gone_count++] = arena_strdup(m->plan->arena, id);
}

static struct plan *making_end(struct making *m)
{
        struct plan *p = m->plan;

        if (m->count)
                plan_set(p, arena_memdup(p->arena, m->checks, m->count * sizeof(*m->checks)), m->count);
        plan_set_gone(p, m->gone_count ? arena_memdup(p->arena, m->gone, m->gone_count * sizeof(*m->gone)) : NULL,
                      m->gone_count);
        if (!m->count && !m->gone_count) {
                plan_free(p);
                p = NULL;
        }
        arena_free(m->scratch);
        free(m->checks);
        free(m->gone);
        return p;
}

struct plan *plan_make(const struct model *model, struct roster *roster)
{
        struct making m;
        uint32_t end = roster_end(roster);
        bool *stays = memory_alloc(end + 1);

        making_begin(&m, model, roster);
        model_each (endpoint, e, model->endpoints, model->endpoint_count) {
                uint32_t place = is_checked(e) ? look_at(&m, e) : ROSTER_NONE;
                if (place != ROSTER_NONE)
                        stays[place] = true;
        }
        for (uint32_t i = 0; i < end; i++)
                if (roster_at(roster, i) && !stays[i])
                        is_gone(&m, roster_at(roster, i)->id);
        free(stays);
        return making_end(&m);
}

/* --- of an edit --- */

/* An endpoint of a pool keeps its number as long as its name. */
static void look_at_pool(struct making *m, uint32_t number, const struct pool *before, const struct pool *after)
{
        char id[512];

        for (uint32_t i = 0; after && i < after->endpoints.count; i++)
                if (is_checked(&after->endpoints.items[i]))
                        look_at(m, &after->endpoints.items[i]);
        for (uint32_t i = 0; before && i < before->endpoints.count; i++) {
                const struct endpoint *was = &before->endpoints.items[i], *is = m->model->endpoints[was->number];
                if (!is_checked(was) || (is && is->pool == number && is_checked(is)))
                        continue;
                snprintf(id, sizeof(id), "%s/%s", before->name, was->name);
                if (roster_find(m->roster, id) != ROSTER_NONE)
                        is_gone(m, id);
        }
}

static bool any_prober_by_region(const struct model *model)
{
        model_each (monitor, one, model->monitors, model->count[KIND_MONITORS])
                for (uint32_t i = 0; i < one->probers.count; i++)
                        if (!strncmp(one->probers.items[i], "region:", 7))
                                return true;
        return false;
}

/* Whether it is one of those, or is made of one. */
static bool checks_by(const struct model *model, const struct monitor *m, const bool *monitors)
{
        if (monitors[m->number])
                return true;
        for (uint32_t i = 0; m->type == MONITOR_COMPOSITE && i < m->composite.of.count; i++)
                if (checks_by(model, model->monitors[m->composite.parts[i]], monitors))
                        return true;
        return false;
}

static void look_at_checked_by(struct making *m, const bool *monitors)
{
        const struct model *model = m->model;
        bool *by = memory_alloc(model->count[KIND_MONITORS] + 1);

        model_each (monitor, one, model->monitors, model->count[KIND_MONITORS])
                by[one->number] = checks_by(model, one, monitors);
        for (uint32_t i = 0; i < model->endpoint_count; i++)
                if (model->monitor_of[i] != MODEL_NONE && by[model->monitor_of[i]] && model->endpoints[i] &&
                    is_checked(model->endpoints[i]))
                        look_at(m, model->endpoints[i]);
        free(by);
}

/* The endpoints that are checked by monitors which are others now. */
static void look_at_monitored(struct making *m, const struct edited *items, size_t count)
{
        bool *monitors = NULL;

        for (size_t i = 0; i < count; i++) {
                if (items[i].kind != KIND_MONITORS || !items[i].before || !items[i].after)
                        continue;
                if (!monitors)
                        monitors = memory_alloc(m->model->count[KIND_MONITORS] + 1);
                monitors[items[i].number] = true;
        }
        if (monitors)
                look_at_checked_by(m, monitors);
        free(monitors);
}

/* Whether checks of all pools may be others. */
static bool reaches_further(const struct model *model, const struct edited *items, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (items[i].kind == KIND_PROBERS && any_prober_by_region(model))
                        return true;
        return false;
}

struct plan *plan_make_edit(const struct model *model, struct roster *roster, const struct edited *items, size_t count)
{
        struct making m;

        if (reaches_further(model, items, count))
                return plan_make(model, roster);
        making_begin(&m, model, roster);
        look_at_monitored(&m, items, count);
        for (size_t i = 0; i < count; i++)
                if (items[i].kind == KIND_POOLS)
                        look_at_pool(&m, items[i].number, items[i].before, items[i].after);
        return making_end(&m);
}
