/* Addresses of host-name endpoints, for services that cannot or shall not answer with a CNAME. The resolver finds them
 * (admin/control/flattening.h), workers read them when such an endpoint is picked. */
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "base/rcu.h"
#include "zones/dns/name.h"
#include "zones/steering/steering_tables.h"

bool service_flattens(const struct model *m, const struct service *s)
{
        return s->flatten || (s->zone != MODEL_NONE && name_equal(s->wire, m->zones[s->zone]->wire));
}

/* Marks the host names that a service leads to, through the services inside its pools. */
static void want_pool(struct steering *t, const struct pool *p, unsigned depth)
{
        const struct endpoint *endpoints = p->endpoints.items;

        for (uint32_t i = 0; i < p->endpoints.count; i++)
                t->flattened[endpoints[i].number] |= endpoints[i].type == ENDPOINT_CNAME;
        if (p->service == MODEL_NONE || depth >= SERVICE_DEPTH_MAX)
                return;
        const struct service *inner = t->model->services[p->service];
        const struct service_pool *pools = inner->pools.items;
        for (uint32_t i = 0; i < inner->pools.count; i++)
                want_pool(t, t->model->pools[pools[i].pool], depth + 1);
        if (inner->last_resort != MODEL_NONE)
                want_pool(t, t->model->pools[inner->last_resort], depth + 1);
}

void addresses_build(struct steering *t)
{
        const struct model *m = t->model;

        model_each (service, s, m->services, m->count[KIND_SERVICES]) {
                const struct service_pool *pools = s->pools.items;
                if (!s->enabled || !service_flattens(m, s))
                        continue;
                if (!t->flattened) {
                        t->flattened = ARENA_ARRAY(t->arena, bool, m->endpoint_count);
                        t->addresses = ARENA_ARRAY(t->arena, const struct address_set *, m->endpoint_count);
                }
                for (uint32_t j = 0; j < s->pools.count; j++)
                        want_pool(t, m->pools[pools[j].pool], 1);
                if (s->last_resort != MODEL_NONE)
                        want_pool(t, m->pools[s->last_resort], 1);
        }
}

static const struct address_set *copy_of(const struct address_set *set)
{
        struct address_set *copy = memory_alloc(sizeof(*copy));

        *copy = *set;
        return copy;
}

void addresses_carry(struct steering *t, const struct steering *old, uint32_t number)
{
        if (t->flattened && t->flattened[number] && old->flattened && old->addresses[number])
                t->addresses[number] = copy_of(old->addresses[number]);
}

void addresses_free(struct steering *t)
{
        for (uint32_t i = 0; t->addresses && i < t->model->endpoint_count; i++)
                free((void *)t->addresses[i]);
}

bool steering_flattens(const struct steering *t, uint32_t endpoint)
{
        return t->flattened && t->flattened[endpoint];
}

const struct address_set *steering_addresses(const struct steering *t, uint32_t endpoint)
{
        return t->addresses ? rcu_get(t->addresses[endpoint]) : NULL;
}

size_t steering_set_addresses(struct steering *t, uint32_t endpoint, const struct address_set *set)
{
        if (!steering_flattens(t, endpoint))
                return 0;
        const struct address_set *old = t->addresses[endpoint];
        rcu_put(t->addresses[endpoint], set ? copy_of(set) : NULL);
        if (old)
                rcu_retire((void *)old, free);
        if (!old == !set)
                return 0;
        steering_mark_pool(t, t->model->endpoints[endpoint]->pool); /* without addresses it is passed over */
        steering_watch(t, t->model->endpoints[endpoint]->pool);
        return steering_settle(t);
}
