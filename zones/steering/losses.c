#include "zones/steering/losses.h"

#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "zones/steering/steering_edit_private.h"

static const enum family families[] = {FAMILY_A, FAMILY_AAAA}; /* a host name stands in both */
static const char *const types[] = {"A", "AAAA"};

/* A route of one steering. */
struct side {
        const struct steering *steering;
        const struct route *route; /* NULL: none */
};

/* Whose clients lose, by family. */
struct lost {
        bool any, all;
        bool *regions; /* of the model after */
};

/* --- who is served --- */

static bool has_nested(const struct side *s)
{
        for (uint32_t i = 0; i < s->route->pool_count; i++)
                if (pool_face(pool_live_at(s->steering, s->route->pools[i].live))->nested)
                        return true;
        return false;
}

static bool serves_everyone(const struct side *s, enum family family)
{
        if (has_nested(s))
                return false; /* to be looked at more closely */
        for (uint32_t slot = 0; slot < route_face(s->route)->view->slot_count; slot++)
                if (!route_serves(s->steering, s->route, slot, family))
                        return false;
        return true;
}

/* By class; the caller frees it. */
static bool *served_classes(const struct side *s, enum family family)
{
        uint32_t count = classes_count(s->steering->classes);
        bool *served = memory_alloc(count + 1);

        if (s->route && has_nested(s)) {
                for (uint32_t c = 0; c < count; c++)
                        served[c] = route_serves_class(s->steering, s->route, c, family);
        } else if (s->route) {
                const struct view *v = route_face(s->route)->view;
                bool *slots = memory_alloc(v->slot_count + 1);
                for (uint32_t slot = 0; slot < v->slot_count; slot++)
                        slots[slot] = route_serves(s->steering, s->route, slot, family);
                for (uint32_t c = 0; c < count; c++)
                        served[c] = slots[v->slot_of[c]];
                free(slots);
        }
        return served;
}

/* --- before and after --- */

static bool region_served(const struct side *s, const bool *served, uint32_t region)
{
        uint32_t count = classes_count(s->steering->classes);

        for (uint32_t c = 0; c < count; c++)
                if (!served[c] && (region == MODEL_NONE || classes_get(s->steering->classes, c)->region == region))
                        return false;
        return true;
}

/* Where classes are others, those of a region stand for its clients; a new region's clients were anyone's. */
static bool was_served(const struct side *before, const bool *served, const struct side *after, uint32_t class)
{
        const struct model *m = after->steering->model;
        uint32_t region;

        if (before->steering->classes == after->steering->classes)
                return served[class];
        region = classes_get(after->steering->classes, class)->region;
        if (region != MODEL_NONE)
                region = model_find(before->steering->model, KIND_REGIONS, m->regions[region]->name);
        return region_served(before, served, region);
}

static void look_closely(const struct side *before, const struct side *after, enum family family, struct lost *lost)
{
        const struct steering *t = after->steering;
        bool *was = served_classes(before, family), *is = served_classes(after, family);

        lost->all = true;
        for (uint32_t c = 0; c < classes_count(t->classes); c++) {
                uint32_t region = classes_get(t->classes, c)->region;
                if (is[c] || !was_served(before, was, after, c)) {
                        lost->all = false;
                        continue;
                }
                lost->any = true;
                if (region != MODEL_NONE)
                        lost->regions[region] = true;
        }
        free(was);
        free(is);
}

/* Where the endpoints of one type are taken away altogether, and the other's serve, NODATA is the answer that was asked
 * for. */
static bool asked_for(const struct side *after, enum family family)
{
        const struct reach *reach = after->route->reach;

        return !reach[family].has && reach[family == FAMILY_A ? FAMILY_AAAA : FAMILY_A].has;
}

/* `lost` is by family, with room for the regions. */
static bool compare(const struct side *before, const struct side *after, struct lost *lost)
{
        bool any = false;

        for (int i = 0; i < 2; i++) {
                memset(lost[i].regions, 0, after->steering->regions);
                lost[i].any = lost[i].all = false;
                if (before->route->reach[families[i]].has && !asked_for(after, families[i]) &&
                    !serves_everyone(after, families[i]))
                        look_closely(before, after, families[i], &lost[i]);
                any |= lost[i].any;
        }
        return any;
}

/* --- telling --- */

/* Whether some of those clients are served in the other family. */
static bool served_on(const struct side *after, enum family other, const struct lost *lost)
{
        const struct classes *classes = after->steering->classes;
        bool *served = served_classes(after, other), any = false;

        for (uint32_t c = 0; c < classes_count(classes); c++) {
                uint32_t region = classes_get(classes, c)->region;
                any |= served[c] && (region == MODEL_NONE || lost->regions[region]);
        }
        free(served);
        return any;
}

static void losses_tell(const struct side *after, const struct service *service, const struct lost *lost,
                        loss_visit *visit, void *context)
{
        struct loss loss = {.service = service};
        bool both = lost[0].any && lost[1].any, all = both ? lost[0].all && lost[1].all : lost[0].all || lost[1].all;
        uint32_t *regions = memory_alloc((after->steering->regions + 1) * sizeof(*regions));

        if (!both && served_on(after, families[lost[0].any ? 1 : 0], lost[0].any ? &lost[0] : &lost[1]))
                loss.type = types[lost[0].any ? 0 : 1];
        for (uint32_t r = 0; r < after->steering->regions; r++)
                if (lost[0].regions[r] || lost[1].regions[r])
                        regions[loss.region_count++] = r;
        if (!all && loss.region_count)
                loss.regions = regions;
        visit(context, &loss);
        free(regions);
}

struct comparing {
        struct lost lost[2];
};

static struct comparing comparing_new(const struct steering *after)
{
        struct comparing c;

        for (int i = 0; i < 2; i++)
                c.lost[i] = (struct lost){.regions = memory_alloc(after->regions + 1)};
        return c;
}

static void comparing_free(struct comparing *c)
{
        for (int i = 0; i < 2; i++)
                free(c->lost[i].regions);
}

/* --- routes that may lose --- */

/* Those looked at, each once; their services are told of at last. */
struct looking {
        const struct steering *before, *after;
        const struct steering_edit *edit; /* whose services are told of by themselves; or NULL */
        struct comparing comparing;
        struct route_list looked;
        bool any; /* one of them loses */
};

static struct looking looking_new(const struct steering *before, const struct steering *after)
{
        return (struct looking){.before = before, .after = after, .comparing = comparing_new(after)};
}

static bool route_loses(struct looking *l, const struct route *r)
{
        struct side was = {l->before, route_at(l->before, r)}, is = {l->after, route_at(l->after, r)};

        return compare(&was, &is, l->comparing.lost);
}

static void look_at(struct looking *l, struct route *r)
{
        if (r->looked)
                return;
        r->looked = true;
        r->losing = route_loses(l, r);
        l->any |= r->losing;
        route_push(&l->looked, r);
}

static bool edited(const struct steering_edit *e, uint32_t service)
{
        for (size_t i = 0; e && i < e->service_count; i++)
                if (e->services[i].number == service)
                        return e->services[i].before != e->services[i].after;
        return false;
}

static void tell_of(struct looking *l, uint32_t service, loss_visit *visit, void *context)
{
        struct side is = {l->after, l->after->route_of_service[service]};

        losses_tell(&is, l->after->model->services[service], l->comparing.lost, visit, context);
}

/* Tells of all services of routes that lose, and forgets. Returns how many. */
static size_t looking_end(struct looking *l, loss_visit *visit, void *context)
{
        const struct steering *t = l->after;
        size_t count = 0;

        for (uint32_t i = 0; l->any && i < t->service_count; i++) {
                const struct route *r = t->route_of_service[i];
                if (!r || !r->losing || edited(l->edit, i))
                        continue;
                route_loses(l, r);
                tell_of(l, i, visit, context);
                count++;
        }
        for (uint32_t i = 0; i < l->looked.count; i++)
                l->looked.items[i]->looked = l->looked.items[i]->losing = false;
        free(l->looked.items);
        comparing_free(&l->comparing);
        return count;
}

/* --- states --- */

size_t losses_supposed(const struct steering *t, const struct supposition *first, const struct supposition *then,
                       loss_visit *visit, void *context)
{
        struct looking l = looking_new(first ? supposed_steering(first) : t, supposed_steering(then));
        const struct supposed *s = l.after->supposed;

        for (uint32_t i = 0; i < s->pool_count; i++)
                for (uint32_t r = 0; r < s->at[i]->routes.count; r++)
                        look_at(&l, routes_over_items(&s->at[i]->routes)[r]);
        return looking_end(&l, visit, context);
}

/* --- configurations --- */

static struct side side_of(const struct steering *t, uint32_t service)
{
        return (struct side){t, service < t->service_count ? t->route_of_service[service] : NULL};
}

size_t losses_configured(const struct steering *before, const struct steering *after, uint32_t from, uint32_t to,
                         loss_visit *visit, void *context)
{
        const struct model *m = after->model;
        struct comparing c = comparing_new(after);
        size_t count = 0;

        model_each (service, s, m->services + from,
                    (to < m->count[KIND_SERVICES] ? to : m->count[KIND_SERVICES]) - from) {
                struct side is = side_of(after, s->number), was = side_of(before, s->number);
                if (!is.route || !was.route || !compare(&was, &is, c.lost))
                        continue;
                losses_tell(&is, s, c.lost, visit, context);
                count++;
        }
        comparing_free(&c);
        return count;
}

/* --- edits --- */

/* A route, and those that lead to it through pools. */
static void look_above(struct looking *l, struct route *r)
{
        if (r->looked)
                return;
        if (!r->fresh && r->services)
                look_at(l, r);
        for (struct pool_live *live = r->containers; live; live = live->in_next)
                for (uint32_t i = 0; i < live->routes.count; i++)
                        look_above(l, routes_over_items(&live->routes)[i]);
}

/* A route may go on with the same choices and lose for all that: while it waits, or through what its pools contain. */
static bool stands_alike(const struct pool_live *live)
{
        const struct pool_live *was = live->was;

        return !memcmp(live->reach, was->reach, sizeof(live->reach)) && live->enough == was->enough &&
               live->released == was->released && live->back_ms == was->back_ms &&
               pool_face(live)->nested == was->face.nested;
}

static void look_over(struct looking *l, const struct pool_live *live)
{
        for (uint32_t i = 0; i < live->routes.count; i++)
                look_above(l, routes_over_items(&live->routes)[i]);
}

static size_t services_lose(struct looking *l, const struct steering_edit *e, loss_visit *visit, void *context)
{
        size_t count = 0;

        for (size_t i = 0; i < e->service_count; i++) {
                const struct edited_service *s = &e->services[i];
                if (!s->before || !s->after || s->before == s->after)
                        continue;
                struct side was = {l->before, route_at(l->before, s->before)}, is = {l->after, s->after};
                if (!compare(&was, &is, l->comparing.lost))
                        continue;
                tell_of(l, s->number, visit, context);
                count++;
        }
        return count;
}

size_t losses_edited(const struct steering *t, const struct steering_edit *e, loss_visit *visit, void *context)
{
        struct steering before = *t;
        struct looking l = looking_new(&before, t);

        before.before = true;
        l.edit = e;
        size_t count = services_lose(&l, e, visit, context);
        for (uint32_t i = 0; i < e->pools.count; i++)
                if (!stands_alike(e->pools.items[i]))
                        look_over(&l, e->pools.items[i]);
        for (uint32_t i = 0; i < e->routes.count; i++)
                look_above(&l, e->routes.items[i]);
        for (uint32_t i = 0; i < e->fresh_routes.count; i++)
                look_above(&l, e->fresh_routes.items[i]);
        return count + looking_end(&l, visit, context);
}
