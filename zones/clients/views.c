/* Views: what one rule makes of the classes. */
#include "zones/clients/views.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/memory.h"

#define BUCKETS_LEAST 64

/* What is kept while somebody uses it, found by its hash: the head of rules and of views. */
struct kept {
        struct kept *same_bucket;
        uint64_t hash;
        uint32_t uses;
        bool allocated; /* on the heap */
};

struct view_rule {
        struct kept kept;
        uint8_t basis; /* enum view_basis */
        bool fence;
        uint32_t override_count;
        uint32_t word_count;
        uint32_t words[]; /* of each override: how many conditions, these; how many regions, these */
};

struct placed_view {
        struct kept kept;
        const struct view_rule *rule;
        struct view view;
        uint32_t pool_count;
        uint32_t regions[]; /* of the pools; then slots, slot_of and orders */
};

struct table {
        struct kept **buckets;
        uint32_t mask, count;
};

struct views {
        const struct model *model;
        const struct classes *classes;
        struct table rules, views;
        bool *measured; /* by region: whether a prober stands in it */
};

/* --- tables --- */

static struct table table_new(void)
{
        return (struct table){.buckets = memory_alloc(BUCKETS_LEAST * sizeof(struct kept *)),
                              .mask = BUCKETS_LEAST - 1};
}

static void table_put(struct table *t, struct kept *k)
{
        struct kept **bucket = &t->buckets[k->hash & t->mask];

        k->same_bucket = *bucket;
        *bucket = k;
}

static void table_grow(struct table *t)
{
        struct table larger = {.mask = t->mask * 2 + 1, .count = t->count};

        larger.buckets = memory_alloc((larger.mask + 1) * sizeof(struct kept *));
        for (uint32_t i = 0; i <= t->mask; i++)
                for (struct kept *k = t->buckets[i], *next; k; k = next) {
                        next = k->same_bucket;
                        table_put(&larger, k);
                }
        free(t->buckets);
        *t = larger;
}

static void table_add(struct table *t, struct kept *k, uint64_t hash, bool allocated)
{
        if (t->count > t->mask)
                table_grow(t);
        k->hash = hash;
        k->allocated = allocated;
        k->uses = 1;
        t->count++;
        table_put(t, k);
}

/* A use less; the last one takes it away. */
static void table_drop(struct table *t, struct kept *k)
{
        struct kept **at = &t->buckets[k->hash & t->mask];

        assert(k->uses);
        if (--k->uses)
                return;
        while (*at != k)
                at = &(*at)->same_bucket;
        *at = k->same_bucket;
        t->count--;
        if (k->allocated)
                free(k);
}

static void table_free(struct table *t)
{
        for (uint32_t i = 0; i <= t->mask; i++)
                for (struct kept *k = t->buckets[i], *next; k; k = next) {
                        next = k->same_bucket;
                        if (k->allocated)
                                free(k);
                }
        free(t->buckets);
}

/* --- the whole --- */

static bool *measured_regions(const struct model *model)
{
        bool *measured = memory_alloc(model->count[KIND_REGIONS] + 1);

        model_each (prober, p, model->probers, model->count[KIND_PROBERS])
                if (p->enabled && p->region != MODEL_NONE)
                        measured[p->region] = true;
        return measured;
}

bool views_measured_alike(const struct views *v, const struct model *model)
{
        bool *measured = measured_regions(model);
        bool alike = !memcmp(measured, v->measured, model->count[KIND_REGIONS]);

        free(measured);
        return alike;
}

struct views *views_new(const struct model *model, const struct classes *classes)
{
        struct views *v = memory_alloc(sizeof(*v));

        *v = (struct views){.model = model, .classes = classes, .rules = table_new(), .views = table_new()};
        v->measured = measured_regions(model);
        return v;
}

void views_free(struct views *v)
{
        if (!v)
                return;
        table_free(&v->rules);
        table_free(&v->views);
        free(v->measured);
        free(v);
}

uint32_t views_count(const struct views *v)
{
        return v->rules.count + v->views.count;
}

/* --- rules --- */

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

static struct view_rule *rule_make(const struct views *v, const struct service *s)
{
        const struct override *overrides = s->overrides.items;
        uint32_t words = 0;

        for (uint32_t i = 0; i < s->overrides.count; i++)
                words += 2 + override_condition_count(&overrides[i]) + overrides[i].regions.count;
        struct view_rule *r = memory_alloc(sizeof(*r) + words * sizeof(*r->words));
        uint32_t *out = r->words;
        r->basis = (uint8_t)view_basis_of(s);
        r->fence = s->fence;
        r->override_count = s->overrides.count;
        r->word_count = words;
        for (uint32_t i = 0; i < s->overrides.count; i++) {
                const struct override *o = &overrides[i];
                *out++ = override_condition_count(o);
                classes_conditions(v->classes, o, out);
                out += override_condition_count(o);
                *out++ = o->regions.count;
                for (uint32_t j = 0; j < o->regions.count; j++)
                        *out++ = o->region_indexes[j];
        }
        return r;
}

static bool rule_equal(const struct view_rule *a, const struct view_rule *b)
{
        return a->basis == b->basis && a->fence == b->fence && a->override_count == b->override_count &&
               a->word_count == b->word_count && !memcmp(a->words, b->words, a->word_count * sizeof(*a->words));
}

const struct view_rule *views_rule(struct views *v, const struct service *s)
{
        struct view_rule *made = rule_make(v, s);
        uint64_t hash = hash_bytes(made->words, made->word_count * sizeof(*made->words),
                                   (uint64_t)made->basis << 1 | made->fence);

        for (struct kept *k = v->rules.buckets[hash & v->rules.mask]; k; k = k->same_bucket)
                if (k->hash == hash && rule_equal((struct view_rule *)k, made)) {
                        free(made);
                        k->uses++;
                        return (struct view_rule *)k;
                }
        table_add(&v->rules, &made->kept, hash, true);
        return made;
}

void view_rule_drop(struct views *v, const struct view_rule *r)
{
        table_drop(&v->rules, (struct kept *)(uintptr_t)r);
}

/* --- the order of one class --- */

struct ordering {
        const struct model *model;
        const struct view_rule *rule;
        const uint32_t *regions; /* of the pools */
        uint32_t pools;
        uint16_t *order;
        uint32_t count; /* pools in the order so far */
        uint16_t limit; /* pools of the first region that has any */
};

static bool ordered_already(const struct ordering *o, uint32_t position)
{
        for (uint32_t i = 0; i < o->count; i++)
                if (o->order[i] == position)
                        return true;
        return false;
}

static void order_region(struct ordering *o, uint32_t region)
{
        for (uint32_t i = 0; i < o->pools; i++)
                if (o->regions[i] == region && !ordered_already(o, i))
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
        for (uint32_t i = 0; i < o->pools; i++)
                if (!ordered_already(o, i))
                        o->order[o->count++] = (uint16_t)i;
        if (!o->rule->fence || !o->limit)
                o->limit = (uint16_t)o->count;
}

/* Where a class's order comes from: an override, the order by distance, or the region. */
struct source {
        const uint32_t *override; /* its regions: how many, these; or NULL */
        uint32_t number;          /* of the override */
        uint32_t nearest, region;
};

static void order_make(const struct views *v, struct ordering *o, const struct source *from)
{
        uint32_t near_count = 0;
        const uint16_t *nearest = from->nearest ? classes_nearest(v->classes, from->nearest, &near_count) : NULL;

        for (uint32_t i = 0; from->override && i < from->override[0]; i++)
                order_region(o, from->override[1 + i]);
        for (uint32_t i = 0; i < near_count; i++)
                order_region(o, nearest[i]);
        if (!from->override && !nearest && o->rule->basis != VIEW_LISTED)
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

static uint16_t slot_intern(struct slots *slots, const struct view_slot *wanted, uint32_t pools)
{
        for (uint32_t i = 0; i < slots->count; i++)
                if (slot_equal(&slots->list[i], wanted, pools))
                        return (uint16_t)i;
        if (slots->count == slots->capacity) {
                slots->capacity = slots->capacity ? slots->capacity * 2 : 8;
                slots->list = memory_resize(slots->list, slots->capacity * sizeof(*slots->list));
        }
        uint16_t *order = memory_alloc((pools + 1) * sizeof(*order));
        memcpy(order, wanted->order, pools * sizeof(*order));
        slots->list[slots->count] = *wanted;
        slots->list[slots->count].order = order;
        assert(slots->count <= UINT16_MAX); /* no more than classes, whose numbers are of 16 bits too */
        return (uint16_t)slots->count++;
}

static void slots_free(struct slots *slots)
{
        for (uint32_t i = 0; i < slots->count; i++)
                free((void *)slots->list[i].order);
        free(slots->list);
}

static bool any_met(const struct class *c, const uint32_t *conditions, uint32_t count)
{
        for (uint32_t i = 0; i < count; i++)
                if (conditions[i] != MODEL_NONE && class_meets(c, conditions[i]))
                        return true;
        return false;
}

static struct source source_of(const struct view_rule *r, const struct class *c)
{
        const uint32_t *at = r->words;

        for (uint32_t i = 0; i < r->override_count; i++) {
                const uint32_t *regions = at + 1 + at[0];
                if (any_met(c, at + 1, at[0]))
                        return (struct source){.override = regions, .number = i, .region = MODEL_NONE};
                at = regions + 1 + regions[0];
        }
        return (struct source){.nearest = r->basis == VIEW_PROXIMITY ? c->nearest : 0, .region = c->region};
}

/* A number for each source, so that its order is made once. */
static uint32_t source_number(const struct views *v, const struct view_rule *r, const struct source *from)
{
        uint32_t nearest = classes_nearest_count(v->classes);

        if (from->override)
                return from->number;
        if (from->nearest)
                return r->override_count + from->nearest - 1;
        return r->override_count + nearest +
               (from->region == MODEL_NONE ? v->model->count[KIND_REGIONS] : from->region);
}

static uint16_t slot_of_source(const struct views *v, struct ordering o, const struct source *from, struct slots *slots)
{
        struct view_slot slot = {.order = o.order, .row = MODEL_NONE};

        order_make(v, &o, from);
        assert(o.count == o.pools && o.limit <= o.count); /* every pool has a place, and one only */
        slot.limit = o.limit;
        if (o.rule->basis == VIEW_LATENCY && !from->override) {
                bool measured = from->region != MODEL_NONE && v->measured[from->region];
                slot.row = measured ? from->region : v->model->count[KIND_REGIONS];
        }
        return slot_intern(slots, &slot, o.pools);
}

/* By class, into slot_of. */
static void slots_make(const struct views *v, const struct ordering *o, struct slots *slots, uint16_t *slot_of)
{
        uint32_t sources =
                o->rule->override_count + classes_nearest_count(v->classes) + v->model->count[KIND_REGIONS] + 1;
        uint32_t *memo = memory_alloc(sources * sizeof(*memo));

        for (uint32_t i = 0; i < classes_count(v->classes); i++) {
                struct source from = source_of(o->rule, classes_get(v->classes, i));
                uint32_t number = source_number(v, o->rule, &from);
                assert(number < sources);
                if (!memo[number])
                        memo[number] = 1u + slot_of_source(v, *o, &from, slots);
                slot_of[i] = (uint16_t)(memo[number] - 1);
        }
        free(memo);
}

/* --- views --- */

static size_t aligned(size_t n)
{
        return (n + 7) & ~(size_t)7;
}

/* All in one block. */
static struct placed_view *view_place(const struct views *v, const struct ordering *o, const struct slots *slots,
                                      const uint16_t *slot_of, struct arena *arena)
{
        uint32_t classes = classes_count(v->classes);
        size_t list = aligned(sizeof(struct placed_view) + o->pools * sizeof(uint32_t));
        size_t of = list + slots->count * sizeof(struct view_slot), orders = of + aligned(classes * sizeof(uint16_t));
        size_t size = orders + (size_t)slots->count * o->pools * sizeof(uint16_t);
        char *block = arena ? arena_alloc(arena, size) : memory_alloc(size);
        struct placed_view *p = (struct placed_view *)(void *)block;
        struct view_slot *to = (struct view_slot *)(void *)(block + list);
        uint16_t *order = (uint16_t *)(void *)(block + orders);

        p->rule = o->rule;
        p->pool_count = o->pools;
        memcpy(p->regions, o->regions, o->pools * sizeof(*p->regions));
        p->view = (struct view){slots->count, to, memcpy(block + of, slot_of, classes * sizeof(*slot_of))};
        for (uint32_t i = 0; i < slots->count; i++, order += o->pools) {
                to[i] = slots->list[i];
                to[i].order = memcpy(order, slots->list[i].order, o->pools * sizeof(*order));
        }
        return p;
}

static struct placed_view *view_make(const struct views *v, const struct view_rule *r, const uint32_t *regions,
                                     uint32_t pools, struct arena *arena)
{
        assert(pools <= SERVICE_POOLS_MAX); /* positions go into 16 bits */
        uint16_t order[SERVICE_POOLS_MAX];
        struct ordering o = {.model = v->model, .rule = r, .regions = regions, .pools = pools, .order = order};
        uint16_t *slot_of = memory_alloc((classes_count(v->classes) + 1) * sizeof(*slot_of));
        struct slots slots = {0};

        slots_make(v, &o, &slots, slot_of);
        struct placed_view *p = view_place(v, &o, &slots, slot_of, arena);
        slots_free(&slots);
        free(slot_of);
        return p;
}

const struct view *views_get(struct views *v, const struct view_rule *r, const uint32_t *regions, uint32_t pool_count,
                             struct arena *arena)
{
        uint64_t hash = hash_bytes(regions, pool_count * sizeof(*regions), r->kept.hash);

        for (struct kept *k = v->views.buckets[hash & v->views.mask]; k; k = k->same_bucket) {
                struct placed_view *p = (struct placed_view *)k;
                if (k->hash != hash || p->rule != r || p->pool_count != pool_count ||
                    memcmp(p->regions, regions, pool_count * sizeof(*regions)) != 0)
                        continue;
                k->uses++;
                return &p->view;
        }
        struct placed_view *made = view_make(v, r, regions, pool_count, arena);
        table_add(&v->views, &made->kept, hash, !arena);
        return &made->view;
}

void view_drop(struct views *v, const struct view *view)
{
        table_drop(&v->views, (struct kept *)(void *)((uintptr_t)view - offsetof(struct placed_view, view)));
}
