/* What counts of one endpoint: its family, and whether it can serve. Control thread. */
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

bool endpoint_alive(const struct steering *t, const struct endpoint *e, uint32_t number)
{
        if (t->flattened && t->flattened[number] && !t->addresses[number]) /* nothing to answer with yet */
                return false;
        return e->enabled && state_at(t, number)->health != HEALTH_DOWN;
}

bool endpoint_up(const struct steering *t, const struct endpoint *e, uint32_t number)
{
        return endpoint_alive(t, e, number) && !state_at(t, number)->drained;
}
