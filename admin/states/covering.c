#include "admin/states/covering.h"

#include <stdlib.h>
#include "base/clock.h"
#include "base/memory.h"
#include "zones/load/references.h"

struct numbers {
        uint32_t *items, count, capacity;
};

struct covering {
        char **keys;
        uint32_t count, at;    /* of keys */
        uint32_t region, pool; /* of the key at hand, when it is a region's: the pool that is next */
        bool begun;
        uint8_t *pools, *services; /* by number: gone through already */
        struct numbers pools_next, services_next;
};

/* What a step is about. */
struct covering_step {
        struct covering *covering;
        struct drains *drains;
        const struct model *model;
        struct endpoint_state *states;
        struct steering *steering;
        int64_t wall_ms;
};

struct covering *covering_new(void)
{
        return memory_alloc(sizeof(struct covering));
}

void covering_free(struct covering *c)
{
        if (!c)
                return;
        for (uint32_t i = 0; i < c->count; i++)
                free(c->keys[i]);
        free(c->keys);
        free(c->pools);
        free(c->services);
        free(c->pools_next.items);
        free(c->services_next.items);
        free(c);
}

void covering_add(struct covering *c, const char *key)
{
        c->keys = memory_resize(c->keys, (c->count + 1) * sizeof(*c->keys));
        c->keys[c->count++] = memory_strdup(key);
}

/* --- what goes together --- */

/* Once each. */
static void push(struct numbers *n, uint8_t *seen, uint32_t number)
{
        if (seen[number])
                return;
        seen[number] = 1;
        if (n->count == n->capacity) {
                n->capacity = n->capacity ? 2 * n->capacity : 64;
                n->items = memory_resize(n->items, n->capacity * sizeof(*n->items));
        }
        n->items[n->count++] = number;
}

/* What is covered, and what leads on to other services. */
static void push_pool(struct covering *c, const struct model *m, uint32_t pool)
{
        if (pool != MODEL_NONE && (m->region_of[pool] == c->region || m->pools[pool]->service != MODEL_NONE))
                push(&c->pools_next, c->pools, pool);
}

static void take_pool(const struct covering_step *s, uint32_t pool)
{
        struct covering *c = s->covering;
        const struct pool *p = s->model->pools[pool];

        if (p->service != MODEL_NONE)
                push(&c->services_next, c->services, p->service);
        if (p->region == c->region)
                drains_into_pool(s->drains, p, s->model, s->wall_ms, s->states, s->steering);
        references_each (r, s->model->services_over, pool)
                push(&c->services_next, c->services, r->from);
}

static void take_service(const struct covering_step *s, uint32_t service)
{
        const struct service *of = s->model->services[service];

        for (uint32_t i = 0; i < of->pools.count; i++)
                push_pool(s->covering, s->model, of->pools.items[i].pool);
        push_pool(s->covering, s->model, of->last_resort);
        references_each (r, s->model->pools_around, service)
                push_pool(s->covering, s->model, r->from);
}

/* A pool, and all that is to go with it. */
static void take_together(const struct covering_step *s, uint32_t pool)
{
        struct covering *c = s->covering;

        push_pool(c, s->model, pool);
        while (c->pools_next.count || c->services_next.count)
                if (c->pools_next.count)
                        take_pool(s, c->pools_next.items[--c->pools_next.count]);
                else
                        take_service(s, c->services_next.items[--c->services_next.count]);
}

/* --- step by step --- */

/* Another region has other pools. */
static void begin_region(struct covering *c, const struct model *m, uint32_t region)
{
        c->region = region;
        c->pool = 0;
        free(c->pools);
        free(c->services);
        c->pools = memory_alloc(m->count[KIND_POOLS] + 1);
        c->services = memory_alloc(m->count[KIND_SERVICES] + 1);
        c->begun = true;
}

/* false: there is more of its pools. */
static bool cover_region(const struct covering_step *s, uint64_t until_us)
{
        struct covering *c = s->covering;

        for (uint32_t taken = 0; c->pool < s->model->count[KIND_POOLS]; c->pool++) {
                if (s->model->region_of[c->pool] != c->region || !s->model->pools[c->pool] || c->pools[c->pool])
                        continue;
                if (taken++ && clock_us() >= until_us)
                        return false;
                take_together(s, c->pool);
        }
        c->begun = false;
        return true;
}

/* false: there is more of it. */
static bool cover_key(const struct covering_step *s, const char *key, uint64_t until_us)
{
        struct covering *c = s->covering;
        enum drain_scope scope;
        const char *name;

        if (!c->begun) {
                uint32_t region = drain_key_parse(key, &scope, &name) && scope == DRAIN_REGION
                                          ? drain_target(s->model, scope, name)
                                          : MODEL_NONE;
                if (region == MODEL_NONE) {
                        drains_into_covered(s->drains, key, s->model, s->wall_ms, s->states, s->steering);
                        return true;
                }
                drains_see(s->drains, key, s->wall_ms);
                begin_region(c, s->model, region);
        }
        return cover_region(s, until_us);
}

bool covering_step(struct covering *c, struct drains *d, const struct model *m, struct endpoint_state *states,
                   struct steering *steering, uint64_t until_us)
{
        const struct covering_step s = {c, d, m, states, steering, clock_wall_ms()};

        while (c->at < c->count && cover_key(&s, c->keys[c->at], until_us))
                c->at++;
        steering_publish(steering);
        return c->at == c->count;
}
