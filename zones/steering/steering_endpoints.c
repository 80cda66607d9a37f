/* What counts of one endpoint, pool or entry of a service: its family, whether it can serve, its weight. Control
 * thread. */
#include "zones/steering/steering_tables.h"

bool endpoint_has_family(const struct endpoint *e, enum family family)
{
        switch ((enum endpoint_type)e->type) {
        case ENDPOINT_A:
                return family == FAMILY_A;
        case ENDPOINT_AAAA:
                return family == FAMILY_AAAA;
        case ENDPOINT_CNAME:
                break;
        }
        return true;
}

bool endpoint_enabled(const struct steering *t, const struct endpoint *e, uint32_t number)
{
        return schedule_enabled(&e->schedules, &state_at(t, number)->scheduled, e->enabled);
}

int64_t endpoint_weight(const struct steering *t, const struct endpoint *e, uint32_t number)
{
        return schedule_weight(&e->schedules, &state_at(t, number)->scheduled, e->weight);
}

bool pool_enabled(const struct pool_live *p)
{
        return schedule_enabled(&p->pool->schedules, &p->scheduled, p->pool->enabled);
}

int64_t member_weight(const struct route *r, uint32_t position)
{
        const struct service_pool *p = &r->pools[position];

        return schedule_weight(&p->schedules, &r->scheduled[position], p->weight);
}

bool endpoint_alive(const struct steering *t, const struct endpoint *e, uint32_t number)
{
        if (t->flattened && t->flattened[number] && !t->addresses[number]) /* nothing to answer with yet */
                return false;
        return endpoint_enabled(t, e, number) && state_at(t, number)->health != HEALTH_DOWN;
}

bool endpoint_up(const struct steering *t, const struct endpoint *e, uint32_t number)
{
        return endpoint_alive(t, e, number) && !state_at(t, number)->drained;
}
