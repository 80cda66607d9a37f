#include "zones/steering/losses.h"

#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "zones/steering/steering_tables.h"

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
                if (s->steering->pools[s->route->pools[i].pool].nested)
                        return true;
        return false;
}

static bool serves_everyone(const struct side *s, enum family family)
{
        if (has_nested(s))
                return false; /* to be looked at more closely */
        for (uint32_t slot = 0; slot < s->route->view->slot_count; slot++)
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
                const struct view *v = s->route->view;
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

/* --- states --- */

/* Marks routes over what is supposed that lose; returns whether there is one. */
static bool mark_routes(const struct steering *before, const struct steering *after, struct comparing *c,
                        uint8_t *marks)
{
        const struct supposed *s = after->supposed;
        bool any = false;

        for (uint32_t i = 0; i < s->pool_count; i++) {
                uint32_t pool = s->numbers[i];
                for (uint32_t r = after->routes_of_pool.first[pool]; r < after->routes_of_pool.first[pool + 1]; r++) {
                        uint32_t route = after->routes_of_pool.list[r];
                        if (marks[route])
                                continue;
                        struct side was = {before, before->routes[route]}, is = {after, after->routes[route]};
                        marks[route] = compare(&was, &is, c->lost) ? 2 : 1;
                        any |= marks[route] == 2;
                }
        }
        return any;
}

size_t losses_supposed(const struct steering *t, const struct supposition *first, const struct supposition *then,
                       loss_visit *visit, void *context)
{
        const struct steering *before = first ? supposed_steering(first) : t, *after = supposed_steering(then);
        uint8_t *marks = memory_alloc(t->route_count + 1);
        struct comparing c = comparing_new(after);
        size_t count = 0;

        bool any = mark_routes(before, after, &c, marks);
        model_each (service, s, t->model->services, any ? t->model->count[KIND_SERVICES] : 0) {
                uint32_t route = t->route_of_service[s->number];
                if (route == MODEL_NONE || marks[route] != 2)
                        continue;
                struct side was = {before, before->routes[route]}, is = {after, after->routes[route]};
                compare(&was, &is, c.lost);
                losses_tell(&is, s, c.lost, visit, context);
                count++;
        }
        comparing_free(&c);
        free(marks);
        return count;
}

/* --- configurations --- */

static struct side side_of(const struct steering *t, uint32_t service)
{
        uint32_t route = service < t->model->count[KIND_SERVICES] ? t->route_of_service[service] : MODEL_NONE;

        return (struct side){t, route == MODEL_NONE ? NULL : t->routes[route]};
}

size_t losses_configured(const struct steering *before, const struct steering *after, loss_visit *visit, void *context)
{
        const struct model *m = after->model;
        struct comparing c = comparing_new(after);
        size_t count = 0;

        model_each (service, s, m->services, m->count[KIND_SERVICES]) {
                struct side is = side_of(after, s->number), was;
                if (!is.route)
                        continue;
                was = side_of(before, s->number);
                if (!was.route || !compare(&was, &is, c.lost))
                        continue;
                losses_tell(&is, s, c.lost, visit, context);
                count++;
        }
        comparing_free(&c);
        return count;
}
