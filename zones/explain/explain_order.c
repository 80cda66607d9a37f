/* Why a client gets the pools in this order, and how far from it they are. */
#include <string.h>
#include "zones/clients/distance.h"
#include "zones/explain/explain_private.h"

static const struct override *override_of(const struct telling *t, const struct service *s)
{
        const struct override *overrides = s->overrides.items;

        for (uint32_t i = 0; i < s->overrides.count; i++)
                if (classes_override_met(t->steering->classes, t->class, &overrides[i]))
                        return &overrides[i];
        return NULL;
}

static const char *override_text(struct telling *t, const struct service *s, const struct override *o)
{
        const struct match *matches = o->match.items;
        const struct prefix *networks = o->networks.items;
        const char *const *regions = o->regions.items;
        const char *text =
                arena_printf(t->arena, "override %u of the service (", (unsigned)(o - s->overrides.items) + 1);
        char prefix[PREFIX_TEXT_MAX];

        for (uint32_t i = 0; i < o->match.count; i++)
                text = arena_printf(t->arena, "%s%s%s", text, i ? ", " : "", match_text(t->arena, &matches[i]));
        for (uint32_t i = 0; i < o->networks.count; i++)
                text = arena_printf(t->arena, "%s%s%s", text, i || o->match.count ? ", " : "",
                                    prefix_format(&networks[i], prefix));
        text = arena_printf(t->arena, "%s):", text);
        for (uint32_t i = 0; i < o->regions.count; i++)
                text = arena_printf(t->arena, "%s%s %s", text, i ? "," : "", regions[i]);
        return text;
}

static const char *region_order_text(struct telling *t)
{
        if (t->class->region == MODEL_NONE)
                return "as listed: there are no regions";
        const struct region *r = t->model->regions[t->class->region];
        const char *const *names = r->fallback.items;
        const char *text = arena_printf(t->arena, "region %s", r->name);

        for (uint32_t i = 0; i < r->fallback.count; i++)
                text = arena_printf(t->arena, "%s, %s%s", text, i ? "" : "then its fallbacks ", names[i]);
        return arena_printf(t->arena, "%s, then the rest as listed", text);
}

/* From where distances count: the client's place by GeoIP, else that of its region; as classes are made. */
static bool place_of_client(const struct telling *t, double *latitude, double *longitude)
{
        const struct doc *located = t->located, *place = located ? doc_get(located, "location") : NULL;
        const char *by = located ? doc_get_string(located, "by") : NULL;
        const struct region *r = t->class->region == MODEL_NONE ? NULL : t->model->regions[t->class->region];

        if (place && place->count == 2 && by && strcmp(by, "network")) {
                *latitude = place->first->real;
                *longitude = place->last->real;
                return true;
        }
        if (!r || !r->has_location)
                return false;
        *latitude = r->latitude;
        *longitude = r->longitude;
        return true;
}

static const char *distance_text(struct telling *t)
{
        double latitude, longitude;
        bool known = place_of_client(t, &latitude, &longitude);
        uint32_t count = 0;
        const uint16_t *nearest = classes_nearest(t->steering->classes, t->class->nearest, &count);
        const char *text = "by distance, nearest first:";

        for (uint32_t i = 0; i < count; i++) {
                const struct region *r = t->model->regions[nearest[i]];
                text = arena_printf(t->arena, "%s%s %s", text, i ? "," : "", r->name);
                if (known)
                        text = arena_printf(t->arena, "%s %.0f km", text,
                                            great_circle_km(latitude, longitude, r->latitude, r->longitude));
                if (r->bias)
                        text = arena_printf(t->arena, "%s (bias %d)", text, (int)r->bias);
        }
        return text;
}

static const char *round_trip_text(struct telling *t, const struct route *r, uint32_t row)
{
        const char *text = arena_printf(t->arena, "by round trips as seen from %s:",
                                        row == t->steering->regions ? "all probers" : t->model->regions[row]->name);

        for (uint32_t i = 0; i < r->pool_count; i++) {
                float us = round_trip_shown(t->steering, row, r->pools[i].live->number);
                text = us < 0 ? arena_printf(t->arena, "%s%s %s not measured", text, i ? "," : "",
                                             r->pools[i].live->pool->name)
                              : arena_printf(t->arena, "%s%s %s %.1f ms", text, i ? "," : "",
                                             r->pools[i].live->pool->name, (double)us / 1000);
        }
        return text;
}

static uint32_t row_of(const struct telling *t, const struct route *r)
{
        const struct view *view = route_face(r)->view;

        return view->slots[view->slot_of[t->client.class]].row;
}

const char *order_text(struct telling *t, const struct service *s, const struct route *r)
{
        const struct override *o = override_of(t, s);

        if (o)
                return override_text(t, s, o);
        switch (view_basis_of(s)) {
        case VIEW_LISTED:
                break;
        case VIEW_REGIONS:
                return region_order_text(t);
        case VIEW_PROXIMITY:
                return t->class->nearest ? distance_text(t) : region_order_text(t);
        case VIEW_LATENCY:
                return row_of(t, r) == MODEL_NONE ? region_order_text(t) : round_trip_text(t, r, row_of(t, r));
        }
        return "as listed";
}

void tell_farness(struct telling *t, const struct service *s, const struct route *r, uint32_t position, struct doc *d)
{
        const struct pool *p = r->pools[position].live->pool;
        const struct region *region = p->region == MODEL_NONE ? NULL : t->model->regions[p->region];
        enum view_basis basis = override_of(t, s) ? VIEW_REGIONS : view_basis_of(s);
        double latitude, longitude;

        if (basis == VIEW_PROXIMITY && region && region->has_location && place_of_client(t, &latitude, &longitude))
                doc_add_real(t->arena, d, "distance_km",
                             great_circle_km(latitude, longitude, region->latitude, region->longitude));
        if (basis != VIEW_LATENCY || row_of(t, r) == MODEL_NONE)
                return;
        float us = round_trip_shown(t->steering, row_of(t, r), p->number);
        if (us >= 0)
                doc_add_real(t->arena, d, "round_trip_ms", (double)us / 1000);
}
