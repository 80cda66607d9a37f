/* What outlives a revision: figures, shed shares and pools held back, found again by name. Control thread. */
#include <string.h>
#include "zones/steering/steering_tables.h"

static const struct endpoint *endpoint_named(const struct pool *p, const char *name, uint32_t likely)
{
        const struct endpoint *endpoints = p->endpoints.items;

        if (likely < p->endpoints.count && !strcmp(endpoints[likely].name, name))
                return &endpoints[likely];
        for (uint32_t i = 0; i < p->endpoints.count; i++)
                if (!strcmp(endpoints[i].name, name))
                        return &endpoints[i];
        return NULL;
}

/* An endpoint that has become another host starts anew. */
static void carry_endpoint(struct steering *t, const struct steering *old, const struct pool *p,
                           const struct pool *before, uint32_t i)
{
        const struct endpoint *e = &p->endpoints.items[i];
        const struct endpoint *was = endpoint_named(before, e->name, i);

        if (!was || strcmp(was->address_text, e->address_text))
                return;
        uint32_t number = p->first_endpoint + i;
        uint32_t old_number = before->first_endpoint + (uint32_t)(was - before->endpoints.items);
        t->live[number] = old->live[old_number];
        addresses_carry(t, number, old, old_number);
        if (!p->slow_start_ms)
                t->live[number].ramp = 1;
        if (e->max_load <= 0)
                t->live[number].kept = t->live[number].kept_was = 1;
        if (!t->round_trips || !old->round_trips)
                return;
        for (uint32_t r = 0; r < t->regions; r++) {
                uint32_t old_r = model_find(old->model, KIND_REGIONS, t->model->regions[r].name);
                if (old_r != MODEL_NONE)
                        t->round_trips[(size_t)r * t->model->endpoint_count + number] =
                                old->round_trips[(size_t)old_r * old->model->endpoint_count + old_number];
        }
}

static void carry_shown(struct steering *t, const struct steering *old, uint32_t pool, uint32_t was)
{
        for (uint32_t r = 0; r <= t->regions; r++) {
                uint32_t old_r = r == t->regions ? old->regions
                                                 : model_find(old->model, KIND_REGIONS, t->model->regions[r].name);
                if (old_r != MODEL_NONE)
                        t->round_trips_shown[(size_t)r * t->model->count[KIND_POOLS] + pool] =
                                old->round_trips_shown[(size_t)old_r * old->model->count[KIND_POOLS] + was];
        }
}

void steering_carry(struct steering *t, const struct steering *old)
{
        t->now_ms = old->now_ms;
        t->round_trips_known = old->round_trips_known;
        for (uint32_t i = 0; i < t->model->count[KIND_POOLS]; i++) {
                uint32_t was = model_find(old->model, KIND_POOLS, t->model->pools[i].name);
                if (was == MODEL_NONE)
                        continue;
                t->pools[i].down = old->pools[was].down;
                t->pools[i].released = old->pools[was].released;
                t->pools[i].back_ms = old->pools[was].back_ms;
                if (t->model->pools[i].max_load > 0) {
                        t->pools[i].load_kept = old->pools[was].load_kept;
                        t->pools[i].load_kept_was = old->pools[was].load_kept_was;
                }
                for (uint32_t e = 0; e < t->model->pools[i].endpoints.count; e++)
                        carry_endpoint(t, old, &t->model->pools[i], &old->model->pools[was], e);
                if (t->round_trips_shown && old->round_trips_shown)
                        carry_shown(t, old, i, was);
        }
}
