/* Views: what one shape of service makes of the classes. */
#include "zones/steering/views.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/memory.h"

#define VIEW_KEY_MAX (256u << 10)

struct views {
        const struct model *model;
        const struct classes *classes;
        struct arena *arena;
        struct map *by_shape;
        struct buffer key;
        bool *measured; /* by region: whether a prober stands in it */
};

struct views *views_new(const struct model *model, const struct classes *classes, struct arena *arena)
{
        struct views *v = memory_alloc(sizeof(*v));

        *v = (struct views){.model = model, .classes = classes, .arena = arena, .by_shape = map_new()};
        v->key = BUFFER_INIT(VIEW_KEY_MAX);
        v->measured = memory_alloc(model->count[KIND_REGIONS] + 1);
        model_each (prober, p, model->probers, model->count[KIND_PROBERS])
                if (p->enabled && p->region != MODEL_NONE)
                        v->measured[p->region] = true;
        return v;
}

void views_free(struct views *v)
{
        if (!v)
                return;
        map_free(v->by_shape);
        buffer_free(&v->key);
        free(v->measured);
        free(v);
}

static bool in_reserve(const struct service_pool *p)
{
        bool any = p->weight == 0;

        for (uint32_t i = 0; i < p->schedules.count; i++)
                any |= p->schedules.items[i].weight == 0;
        return any;
}

/* Whether more than one region stands in reserve, be it at times: then who gets which depends on the client. */
static bool reserve_by_region(const struct service *s)
{
        const struct service_pool *pools = s->pools.items;
        unsigned reserve = 0;

        for (uint32_t i = 0; i < s->pools.count; i++)
                reserve += in_reserve(&pools[i]);
        return reserve > 1;
}

enum view_basis view_basis_of(const struct service *s)
{
        switch ((enum steering_policy)s->steering) {
        case STEERING_GEO:
                return VIEW_REGIONS;
        case STEERING_PROXIMITY:
                return VIEW_PROXIMITY;
        case STEERING_LATENCY:
                return VIEW_LATENCY;
        case STEERING_FAILOVER:
                break;
        case STEERING_WEIGHTED:
        case STEERING_ROUND_ROBIN:
        case STEERING_RANDOM:
                return reserve_by_region(s) ? VIEW_REGIONS : VIEW_LISTED;
        }
        return VIEW_LISTED;
}

/* --- the order of one class --- */

struct ordering {
        const struct model *model;
        const struct service *service;
        uint16_t *order;
        uint32_t count; /* pools in the order so far */
        uint16_t limit; /* pools of the first region that has any */
};

static uint32_t pool_region(const struct ordering *o, uint32_t position)
{
        const struct service_pool *pools = o->service->pools.items;
        return o->model->pools[pools[position].pool]->region;
}

static bool ordered_already(const struct ordering *o, uint32_t position)
{
        for (uint32_t i = 0; i < o->count; i++)
                if (o->order[i] == position)
                        return true;
        return false;
}

static void order_region(struct ordering *o, uint32_t region)
{
        for (uint32_t i = 0; i < o->service->pools.count; i++)
                if (pool_region(o, i) == region && !ordered_already(o, i))
                        o->order[o->count++] = (uint16_t)i;
        if (!o->limit)
                o->limit = (uint16_t)o->count;
}

static void order_client_region(struct ordering *o, uint32_t region)
{
        if (region == MODEL_NONE)
                return;
        const struct region *r = o->model->regions[region];
        order_region(o, region);
        for (uint32_t i = 0; i < r->fallback.count; i++)
                order_region(o, r->fallback_regions[i]);
}

static void order_rest(struct ordering *o)
{
        for (uint32_t i = 0; i < o->service->pools.count; i++)
                if (!ordered_already(o, i))
                        o->order[o->count++] = (uint16_t)i;
        if (!o->service->fence || !o->limit)
                o->limit = (uint16_t)o->count;
}

/* Where a class's order comes from: an override, the order by distance, or the region. */
struct source {
        const struct override *override;
        uint32_t nearest, region;
};

static void order_make(const struct views *v, struct ordering *o, enum view_basis basis, const struct source *from)
{
        uint32_t near_count = 0;
        const uint16_t *nearest = from->nearest ? classes_nearest(v->classes, from->nearest, &near_count) : NULL;

        if (from->override)
                for (uint32_t i = 0; i < from->override->regions.count; i++)
                        order_region(o, from->override->region_indexes[i]);
        for (uint32_t i = 0; i < near_count; i++)
                order_region(o, nearest[i]);
        if (!from->override && !nearest && basis != VIEW_LISTED)
                order_client_region(o, from->region);
        order_rest(o);
}

/* --- slots --- */

struct slots {
        struct view_slot *list;
        uint32_t count, capacity;
};

static bool slot_equal(const struct view_slot *a, const struct view_slot *b, uint32_t pools)
{
        return a->limit == b->limit && a->row == b->row && !memcmp(a->order, b->order, pools * sizeof(*a->order));
}

static uint16_t slot_intern(struct views *v, struct slots *slots, const struct view_slot *wanted, uint32_t pools)
{
        for (uint32_t i = 0; i < slots->count; i++)
                if (slot_equal(&slots->list[i], wanted, pools))
                        return (uint16_t)i;
        if (slots->count == slots->capacity) {
                slots->capacity = slots->capacity ? slots->capacity * 2 : 8;
                slots->list = memory_resize(slots->list, slots->capacity * sizeof(*slots->list));
        }
        slots->list[slots->count] = *wanted;
        slots->list[slots->count].order = arena_memdup(v->arena, wanted->order, pools * sizeof(*wanted->order));
        assert(slots->count <= UINT16_MAX); /* no more than classes, whose numbers are of 16 bits too */
        return (uint16_t)slots->count++;
}

static struct source source_of(const struct views *v, const struct service *s, enum view_basis basis,
                               const struct class *c)
{
        const struct override *overrides = s->overrides.items;

        for (uint32_t i = 0; i < s->overrides.count; i++)
                if (classes_override_met(v->classes, c, &overrides[i]))
                        return (struct source){.override = &overrides[i], .region = MODEL_NONE};
        return (struct source){.nearest = basis == VIEW_PROXIMITY ? c->nearest : 0, .region = c->region};
}

/* A number for each source, so that its order is made once. */
static uint32_t source_number(const struct views *v, const struct service *s, const struct source *from)
{
        uint32_t overrides = s->overrides.count, nearest = classes_nearest_count(v->classes);

        if (from->override)
                return (uint32_t)(from->override - s->overrides.items);
        if (from->nearest)
                return overrides + from->nearest - 1;
        return overrides + nearest + (from->region == MODEL_NONE ? v->model->count[KIND_REGIONS] : from->region);
}

static uint16_t slot_of_source(struct views *v, const struct service *s, enum view_basis basis,
                               const struct source *from, struct slots *slots, uint16_t *order)
{
        struct ordering o = {.model = v->model, .service = s, .order = order};
        struct view_slot slot = {.order = order, .row = MODEL_NONE};

        order_make(v, &o, basis, from);
        assert(o.count == s->pools.count && o.limit <= o.count); /* every pool has a place, and one only */
        slot.limit = o.limit;
        if (basis == VIEW_LATENCY && !from->override) {
                bool measured = from->region != MODEL_NONE && v->measured[from->region];
                slot.row = measured ? from->region : v->model->count[KIND_REGIONS];
        }
        return slot_intern(v, slots, &slot, s->pools.count);
}

static const struct view *view_make(struct views *v, const struct service *s)
{
        enum view_basis basis = view_basis_of(s);
        uint32_t classes = classes_count(v->classes), pools = s->pools.count;
        assert(pools <= SERVICE_POOLS_MAX); /* positions go into 16 bits */
        uint32_t sources = s->overrides.count + classes_nearest_count(v->classes) + v->model->count[KIND_REGIONS] + 1;
        uint32_t *memo = memory_alloc(sources * sizeof(*memo));
        uint16_t *order = memory_alloc((pools + 1) * sizeof(*order));
        uint16_t *slot_of = ARENA_ARRAY(v->arena, uint16_t, classes);
        struct view *view = ARENA_NEW(v->arena, struct view);
        struct slots slots = {0};

        for (uint32_t i = 0; i < classes; i++) {
                struct source from = source_of(v, s, basis, classes_get(v->classes, i));
                uint32_t number = source_number(v, s, &from);
                assert(number < sources);
                if (!memo[number])
                        memo[number] = 1u + slot_of_source(v, s, basis, &from, &slots, order);
                slot_of[i] = (uint16_t)(memo[number] - 1);
        }
        view->slot_count = slots.count;
        view->slots = arena_memdup(v->arena, slots.list, slots.count * sizeof(*slots.list));
        view->slot_of = slot_of;
        free(slots.list);
        free(order);
        free(memo);
        return view;
}

/* --- shapes --- */

static void shape_override(struct buffer *key, const struct override *o)
{
        const struct match *matches = o->match.items;
        const struct prefix *networks = o->networks.items;
        char text[PREFIX_TEXT_MAX];

        for (uint32_t i = 0; i < o->match.count; i++)
                buffer_printf(key, "m%d:%s:%u,", (int)matches[i].kind, matches[i].value, matches[i].asn);
        for (uint32_t i = 0; i < o->networks.count; i++)
                buffer_printf(key, "n%s,", prefix_format(&networks[i], text));
        for (uint32_t i = 0; i < o->regions.count; i++)
                buffer_printf(key, "r%u,", o->region_indexes[i]);
        buffer_text(key, ";");
}

static void shape_make(struct views *v, const struct service *s, enum view_basis basis)
{
        const struct override *overrides = s->overrides.items;
        const struct service_pool *pools = s->pools.items;
        char number[8 + 2];

        buffer_clear(&v->key);
        number[0] = (char)('a' + (int)basis);
        number[1] = s->fence ? 'f' : ' ';
        buffer_bytes(&v->key, number, 2);
        for (uint32_t i = 0; i < s->overrides.count; i++)
                shape_override(&v->key, &overrides[i]);
        buffer_text(&v->key, "|");
        for (uint32_t i = 0; i < s->pools.count; i++) {
                uint32_t region = v->model->pools[pools[i].pool]->region;
                for (unsigned digit = 0; digit < 8; digit++, region >>= 4)
                        number[digit] = (char)('a' + (region & 15));
                buffer_bytes(&v->key, number, 8);
        }
}

const struct view *views_get(struct views *v, const struct service *s)
{
        shape_make(v, s, view_basis_of(s));
        if (v->key.overflow) /* too long to be kept: a view of its own */
                return view_make(v, s);
        struct view *view = map_get(v->by_shape, v->key.data);
        if (!view) {
                view = (struct view *)view_make(v, s);
                map_set(v->by_shape, v->key.data, view);
        }
        return view;
}
