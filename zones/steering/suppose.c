#include "zones/steering/suppose.h"

#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "zones/steering/steering_tables.h"

struct supposition {
        struct supposed at;
        struct steering steering;
        uint32_t state_capacity, pool_capacity;
};

struct supposition *suppose_new(const struct steering *t)
{
        struct supposition *s = memory_alloc(sizeof(*s));

        /* Zeroed pages that nobody touches cost nothing. */
        s->at.state_of = memory_alloc((t->endpoint_count + 1) * sizeof(*s->at.state_of));
        s->at.pool_of = memory_alloc((t->pool_count + 1) * sizeof(*s->at.pool_of));
        s->steering = *t;
        s->steering.supposed = &s->at;
        return s;
}

void suppose_free(struct supposition *s)
{
        if (!s)
                return;
        free(s->at.state_of);
        free(s->at.pool_of);
        free(s->at.states);
        free(s->at.pools);
        free(s->at.at);
        free(s);
}

const struct steering *supposed_steering(const struct supposition *s)
{
        return &s->steering;
}

const struct endpoint_state *supposed_state(const struct supposition *s, uint32_t endpoint)
{
        return state_at(&s->steering, endpoint);
}

/* The pool's copy that may differ from what is in force. */
static struct pool_live *pool_apart(struct supposition *s, struct pool_live *live)
{
        struct supposed *at = &s->at;

        if (!at->pool_of[live->number]) {
                if (at->pool_count == s->pool_capacity) {
                        s->pool_capacity = s->pool_capacity ? s->pool_capacity * 2 : 16;
                        at->pools = memory_resize(at->pools, s->pool_capacity * sizeof(*at->pools));
                        at->at = memory_resize(at->at, s->pool_capacity * sizeof(*at->at));
                }
                at->pools[at->pool_count] = *live;
                at->at[at->pool_count] = live;
                at->pool_of[live->number] = ++at->pool_count;
        }
        return &at->pools[at->pool_of[live->number] - 1];
}

void suppose_state(struct supposition *s, uint32_t endpoint, const struct endpoint_state *state)
{
        struct supposed *at = &s->at;

        if (!at->state_of[endpoint]) {
                if (at->state_count == s->state_capacity) {
                        s->state_capacity = s->state_capacity ? s->state_capacity * 2 : 16;
                        at->states = memory_resize(at->states, s->state_capacity * sizeof(*at->states));
                }
                at->state_of[endpoint] = ++at->state_count;
        }
        at->states[at->state_of[endpoint] - 1] = *state;
        pool_apart(s, s->steering.pools[s->steering.model->endpoints[endpoint]->pool]);
}

/* A pool that contains the service of a route has what that can give. */
static void settle_above(struct supposition *s, const struct route *r)
{
        const struct steering *t = &s->steering;

        for (struct pool_live *live = r->containers; live; live = live->in_next) {
                if (!pool_enabled(pool_live_at(t, live)))
                        continue;
                for (enum family f = 0; f < FAMILY_COUNT; f++)
                        pool_apart(s, live)->reach[f] = route_reach(t, r, f);
        }
}

void suppose_settle(struct supposition *s)
{
        const struct steering *t = &s->steering;

        for (uint32_t i = 0; i < s->at.pool_count; i++)
                if (!pool_face(&s->at.pools[i])->nested)
                        pool_count(t, &s->at.pools[i]);
        /* Those that are added on the way stand behind, and come to their turn; one level that changes late is looked
         * at again. */
        for (unsigned level = 0; level < SERVICE_DEPTH_MAX; level++)
                for (uint32_t i = 0; i < s->at.pool_count; i++) {
                        const struct routes_over *over = &s->at.at[i]->routes;
                        for (uint32_t r = 0; r < over->count; r++)
                                settle_above(s, routes_over_items(over)[r]);
                }
}

void suppose_each(const struct supposition *s, suppose_visit *visit, void *context)
{
        for (uint32_t i = 0; i < s->steering.endpoint_count; i++)
                if (s->at.state_of[i])
                        visit(context, i, &s->at.states[s->at.state_of[i] - 1]);
}
