#include "zones/steering.h"

#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/memory.h"
#include "base/rcu.h"
#include "zones/name.h"
#include "zones/steering_private.h"

#define EDE_STALE 3 /* RFC 8914 4.4 Stale Answer: what is served is not known to be up */

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_AAAA = 28 };

/* --- the readers' side --- */

void route_pick(const struct route *r, uint16_t type, const struct client *client, struct picker_state *state,
                struct pick *pick)
{
        enum family family = type == TYPE_AAAA ? FAMILY_AAAA : FAMILY_A;
        uint32_t slot = r->slots > 1 ? client->class : 0;
        const struct choice *c = rcu_get(r->choices[slot * FAMILY_COUNT + family]);

        pick->count = 0;
        pick->rcode = 0;
        pick->ede = 0;
        pick->scope = r->slots > 1 ? client->scope : 0;
        if (!c->picker)
                return;
        if (c->all_down)
                pick->ede = EDE_STALE + 1;
        picker_pick(c->picker, state, pick);
        if (type == TYPE_CNAME && pick->targets[0]->type != TYPE_CNAME)
                pick->count = 0;
}

/* --- building --- */

static void make_targets(struct steering_tables *t)
{
        static const uint16_t types[] = {
                [ENDPOINT_A] = TYPE_A, [ENDPOINT_AAAA] = TYPE_AAAA, [ENDPOINT_CNAME] = TYPE_CNAME};
        const struct model *m = t->snapshot->model;

        for (uint32_t i = 0; i < m->endpoint_count; i++) {
                const struct endpoint *e = m->endpoints[i];
                bool name = e->type == ENDPOINT_CNAME;
                t->targets[i] = (struct target){
                        .type = types[e->type],
                        .rdata_length = (uint16_t)(name                    ? name_length(e->cname)
                                                   : e->type == ENDPOINT_A ? 4
                                                                           : 16),
                        .rdata = name ? e->cname : e->address.bytes,
                        .endpoint = i,
                };
        }
}

static bool same_policy(const struct service *a, const struct service *b)
{
        const struct service_pool *x = a->pools.items, *y = b->pools.items;

        if (a->steering != b->steering || a->when_all_down != b->when_all_down || a->enabled != b->enabled ||
            a->pools.count != b->pools.count)
                return false;
        for (uint32_t i = 0; i < a->pools.count; i++)
                if (x[i].pool != y[i].pool || x[i].weight != y[i].weight)
                        return false;
        return true;
}

static uint64_t policy_hash(const struct service *s)
{
        const struct service_pool *pools = s->pools.items;
        uint64_t h = hash_mix((uint64_t)s->steering << 32 | (uint64_t)s->when_all_down << 8 | s->enabled);

        for (uint32_t i = 0; i < s->pools.count; i++)
                h = hash_mix(h + pools[i].pool * 65537u + (uint64_t)pools[i].weight);
        return h;
}

/* Whether clients of different regions may get different pools. */
static bool depends_on_client(const struct service *s)
{
        return s->pools.count > 1 && s->steering == STEERING_GEO;
}

/* Gives every service its route in `of_service`; services with the same policy get the same one. */
static void make_routes(struct steering_tables *t, uint32_t *of_service)
{
        const struct model *m = t->snapshot->model;
        uint32_t count = m->count[KIND_SERVICES];
        size_t size = 16;

        while (size < (size_t)count * 2)
                size *= 2;
        uint32_t *slots = memory_alloc(size * sizeof(*slots));
        const struct service **policies = memory_alloc((count + 1) * sizeof(*policies));
        for (uint32_t i = 0; i < count; i++) {
                size_t at = policy_hash(&m->services[i]) & (size - 1);
                while (slots[at] && !same_policy(policies[slots[at] - 1], &m->services[i]))
                        at = (at + 1) & (size - 1);
                if (!slots[at]) {
                        policies[t->route_count] = &m->services[i];
                        slots[at] = ++t->route_count;
                }
                of_service[i] = slots[at] - 1;
        }
        t->routes = ARENA_ARRAY(t->snapshot->arena, struct route, t->route_count);
        for (uint32_t i = 0; i < t->route_count; i++) {
                struct route *r = &t->routes[i];
                uint32_t regions = m->count[KIND_REGIONS];
                *r = (struct route){policies[i], i, depends_on_client(policies[i]) && regions ? regions : 1, NULL};
                r->choices = ARENA_ARRAY(t->snapshot->arena, struct choice *, r->slots * FAMILY_COUNT);
        }
        free(policies);
        free(slots);
}

/* From a pool to the routes that have it. */
static void make_reverse(struct steering_tables *t)
{
        const struct model *m = t->snapshot->model;
        uint32_t pools = m->count[KIND_POOLS], total = 0;

        t->pool_routes_from = ARENA_ARRAY(t->snapshot->arena, uint32_t, pools + 2);
        for (uint32_t i = 0; i < t->route_count; i++) {
                const struct service_pool *p = t->routes[i].policy->pools.items;
                for (uint32_t k = 0; k < t->routes[i].policy->pools.count; k++, total++)
                        t->pool_routes_from[p[k].pool + 2]++;
        }
        for (uint32_t i = 2; i < pools + 2; i++)
                t->pool_routes_from[i] += t->pool_routes_from[i - 1];
        t->pool_routes = ARENA_ARRAY(t->snapshot->arena, uint32_t, total);
        for (uint32_t i = 0; i < t->route_count; i++) {
                const struct service_pool *p = t->routes[i].policy->pools.items;
                for (uint32_t k = 0; k < t->routes[i].policy->pools.count; k++)
                        t->pool_routes[t->pool_routes_from[p[k].pool + 1]++] = i;
        }
}

static void release_choice(void *c)
{
        free(c);
}

static void release_picker(void *p)
{
        picker_free(p);
}

static void route_choose(struct steering_tables *t, struct route *r)
{
        for (uint32_t slot = 0; slot < r->slots; slot++)
                for (int f = 0; f < FAMILY_COUNT; f++) {
                        struct choice **at = &r->choices[slot * FAMILY_COUNT + (uint32_t)f], *old = *at;
                        rcu_put(*at, choice_make(t, r, slot, (enum family)f));
                        if (old)
                                rcu_retire(old, release_choice);
                }
}

struct steering_tables *steering_build(struct snapshot *s, const struct route **of_service)
{
        const struct model *m = s->model;
        struct steering_tables *t = ARENA_NEW(s->arena, struct steering_tables);
        uint32_t *routes = memory_alloc((m->count[KIND_SERVICES] + 1) * sizeof(*routes));

        t->snapshot = s;
        t->targets = ARENA_ARRAY(s->arena, struct target, m->endpoint_count);
        t->states = ARENA_ARRAY(s->arena, struct endpoint_state, m->endpoint_count);
        t->pools = ARENA_ARRAY(s->arena, struct pool_tables, m->count[KIND_POOLS]);
        make_targets(t);
        make_routes(t, routes);
        make_reverse(t);
        for (uint32_t i = 0; i < m->count[KIND_SERVICES]; i++)
                of_service[i] = &t->routes[routes[i]];
        free(routes);
        for (uint32_t i = 0; i < m->count[KIND_POOLS]; i++)
                pool_tables_make(t, i, &t->pools[i]);
        for (uint32_t i = 0; i < t->route_count; i++)
                route_choose(t, &t->routes[i]);
        return t;
}

void steering_free(struct steering_tables *t)
{
        if (!t)
                return;
        for (uint32_t i = 0; i < t->snapshot->model->count[KIND_POOLS]; i++)
                for (int f = 0; f < FAMILY_COUNT; f++) {
                        picker_free(t->pools[i].usable[f]);
                        picker_free(t->pools[i].all[f]);
                }
        for (uint32_t i = 0; i < t->route_count; i++)
                for (uint32_t k = 0; k < t->routes[i].slots * FAMILY_COUNT; k++)
                        free(t->routes[i].choices[k]);
}

/* --- the writer's side --- */

static bool state_equal(const struct endpoint_state *a, const struct endpoint_state *b)
{
        return a->health == b->health && a->drained == b->drained;
}

/* Retired after the choices that point to them: the grace period is the same or a later one. */
static void retire_tables(struct pool_tables *old)
{
        for (int f = 0; f < FAMILY_COUNT; f++) {
                if (old->usable[f])
                        rcu_retire(old->usable[f], release_picker);
                if (old->all[f])
                        rcu_retire(old->all[f], release_picker);
        }
}

size_t steering_update(struct snapshot *s, const struct endpoint_state *states)
{
        struct steering_tables *t = s->steering;
        const struct model *m = s->model;
        uint8_t *dirty_routes = memory_alloc(t->route_count + 1);
        struct pool_tables *old = memory_alloc((m->count[KIND_POOLS] + 1) * sizeof(*old));
        size_t recomputed = 0, replaced = 0;

        for (uint32_t p = 0; p < m->count[KIND_POOLS]; p++) {
                bool changed = false;
                for (uint32_t i = 0; i < m->pools[p].endpoints.count; i++) {
                        uint32_t e = m->pools[p].first_endpoint + i;
                        changed |= !state_equal(&t->states[e], &states[e]);
                        t->states[e] = states[e];
                }
                if (!changed)
                        continue;
                old[replaced++] = t->pools[p];
                pool_tables_make(t, p, &t->pools[p]);
                for (uint32_t i = t->pool_routes_from[p]; i < t->pool_routes_from[p + 1]; i++)
                        dirty_routes[t->pool_routes[i]] = 1;
        }
        for (uint32_t i = 0; replaced && i < t->route_count; i++)
                if (dirty_routes[i]) {
                        route_choose(t, &t->routes[i]);
                        recomputed += t->routes[i].slots * FAMILY_COUNT;
                }
        for (size_t i = 0; i < replaced; i++)
                retire_tables(&old[i]);
        free(old);
        free(dirty_routes);
        return recomputed;
}

const struct endpoint_state *steering_states(const struct snapshot *s)
{
        return s->steering->states;
}
