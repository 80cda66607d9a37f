/* Routes by shape: services with the same pools and policy share one. Control thread. */
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/memory.h"
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"
#include "zones/steering/steering_tables.h"

/* --- shapes --- */

bool service_flattens(const struct model *m, const struct service *s)
{
        return s->flatten || (s->zone != MODEL_NONE && name_equal(s->wire, m->zones[s->zone]->wire));
}

static uint64_t shape_hash(const struct service *s, const struct view_rule *rule)
{
        const struct service_pool *pools = s->pools.items;
        uint64_t h = hash_mix((uint64_t)(uintptr_t)rule ^ (uint64_t)s->steering << 56);

        for (uint32_t i = 0; i < s->pools.count; i++)
                h = hash_mix(h ^ ((uint64_t)pools[i].pool << 32 | (uint64_t)pools[i].weight));
        return h;
}

static bool fallback_equal(const struct fallback *f, const struct service *s)
{
        const struct address *addresses = s->fallback_addresses.items;
        uint32_t count = s->when_all_down == WHEN_ALL_DOWN_FALLBACK_ADDRESS ? s->fallback_addresses.count : 0;

        if (!f)
                return s->when_all_down != WHEN_ALL_DOWN_FALLBACK_ADDRESS;
        if (f->targets->count != count)
                return false;
        const struct target *target = targets_first(f->targets);
        for (uint32_t i = 0; i < count; i++, target = target_next(target))
                if (target->type != (addresses[i].family == ADDRESS_V4 ? TYPE_A : TYPE_AAAA) ||
                    memcmp(target->rdata, addresses[i].bytes, target->rdata_length) != 0)
                        return false;
        return true;
}

static const struct pool_live *last_resort_of(const struct steering *t, const struct service *s)
{
        return s->when_all_down == WHEN_ALL_DOWN_LAST_RESORT && s->last_resort != MODEL_NONE ? t->pools[s->last_resort]
                                                                                             : NULL;
}

/* The rule stands for steering's basis, fence and overrides. */
static bool shape_equal(const struct steering *t, const struct route *r, const struct service *s,
                        const struct view_rule *rule)
{
        const struct service_pool *pools = s->pools.items;
        const struct schedule_list none = {0};

        if (r->rule != rule || r->steering != s->steering || r->when_all_down != s->when_all_down ||
            r->last_resort != last_resort_of(t, s) || r->failback != s->failback ||
            r->failback_delay_ms != s->failback_delay_ms || r->flatten != service_flattens(t->model, s) ||
            r->pool_count != s->pools.count || !fallback_equal(r->fallback, s))
                return false;
        for (uint32_t i = 0; i < r->pool_count; i++)
                if (r->pools[i].live->number != pools[i].pool || r->pools[i].weight != (uint32_t)pools[i].weight ||
                    !schedules_equal(r->schedules ? &r->schedules[i].list : &none, &pools[i].schedules))
                        return false;
        return true;
}

/* --- making --- */

static struct fallback *fallback_make(struct arena *arena, const struct service *s)
{
        uint32_t n = s->fallback_addresses.count;
        struct fallback *fallback = arena ? ARENA_NEW(arena, struct fallback) : memory_alloc(sizeof(*fallback));
        struct picker_member *members = memory_alloc((n + 1) * sizeof(*members));

        fallback->targets = targets_of_addresses(arena, &s->fallback_addresses);
        for (enum family f = 0; f < FAMILY_COUNT; f++) {
                struct picker_plan plan = {.mode = PICKER_ALL, .answers = ANSWERS_MAX, .members = members};
                const struct target *target = targets_first(fallback->targets);
                for (uint32_t i = 0; i < n; i++, target = target_next(target))
                        if ((f == FAMILY_A && target->type == TYPE_A) ||
                            (f == FAMILY_AAAA && target->type == TYPE_AAAA))
                                members[plan.count++] = (struct picker_member){.target = target, .weight = 1};
                fallback->choices[f] = (struct choice){.kind = CHOICE_PICKER, .why = ALL_DOWN_FALLBACK};
                if (plan.count)
                        fallback->choices[f].picker = picker_new(&plan);
        }
        free(members);
        return fallback;
}

/* All in one block; the texts stay behind. */
static struct member_schedules *schedules_make(struct arena *arena, const struct service *s)
{
        const struct service_pool *pools = s->pools.items;
        size_t lists = s->pools.count * sizeof(struct member_schedules);
        uint32_t count = 0;

        for (uint32_t i = 0; i < s->pools.count; i++)
                count += pools[i].schedules.count;
        if (!count)
                return NULL;
        size_t size = lists + count * sizeof(struct schedule);
        struct member_schedules *made = arena ? arena_alloc(arena, size) : memory_alloc(size);
        struct schedule *to = (struct schedule *)(made + s->pools.count);
        for (uint32_t i = 0; i < s->pools.count; i++) {
                made[i].list = (struct schedule_list){to, pools[i].schedules.count};
                for (uint32_t j = 0; j < pools[i].schedules.count; j++, to++) {
                        *to = pools[i].schedules.items[j];
                        to->from = to->to = to->time_zone_name = NULL;
                        memset(&to->day_ranges, 0, sizeof(to->day_ranges));
                }
        }
        return made;
}

static struct route *route_make(struct steering *t, const struct service *s, const struct view_rule *rule,
                                bool allocated)
{
        const struct service_pool *pools = s->pools.items;
        size_t size = sizeof(struct route) + s->pools.count * sizeof(struct route_pool);
        struct arena *arena = allocated ? NULL : t->arena;
        struct route *r = arena ? arena_alloc(arena, size) : memory_alloc(size);

        r->rule = rule;
        r->steering = (uint8_t)s->steering;
        r->when_all_down = (uint8_t)s->when_all_down;
        r->failback = (uint8_t)s->failback;
        r->failback_delay_ms = s->failback_delay_ms;
        r->flatten = service_flattens(t->model, s);
        r->last_resort = (struct pool_live *)last_resort_of(t, s);
        r->hash = shape_hash(s, rule);
        r->allocated = allocated;
        r->pool_count = s->pools.count;
        for (uint32_t i = 0; i < s->pools.count; i++)
                r->pools[i] = (struct route_pool){t->pools[pools[i].pool], (uint32_t)pools[i].weight};
        r->schedules = schedules_make(arena, s);
        r->face.view = route_view(t, r, allocated);
        r->face.rotor = ROTOR_COUNT / 2 + t->routes_made++ % (ROTOR_COUNT / 2);
        r->face.scoped = r->face.view->slot_count > 1;
        if (s->when_all_down == WHEN_ALL_DOWN_FALLBACK_ADDRESS)
                r->fallback = fallback_make(arena, s);
        return r;
}

struct route *route_take(struct steering *t, const struct service *s, bool allocated)
{
        const struct view_rule *rule = views_rule(t->views, s);
        uint64_t hash = shape_hash(s, rule);

        for (struct route *r = t->shapes ? t->shapes[hash & t->shape_mask] : NULL; r; r = r->same_bucket)
                if (r->hash == hash && shape_equal(t, r, s, rule)) {
                        view_rule_drop(t->views, rule);
                        r->services++;
                        return r;
                }
        struct route *made = route_make(t, s, rule, allocated);
        made->services = 1;
        route_attach(t, made);
        return made;
}

const struct view *route_view(struct steering *t, const struct route *r, bool allocated)
{
        uint32_t regions[SERVICE_POOLS_MAX];

        for (uint32_t i = 0; i < r->pool_count; i++)
                regions[i] = r->pools[i].live->pool->region;
        return views_get(t->views, r->rule, regions, r->pool_count, allocated ? NULL : t->arena);
}
