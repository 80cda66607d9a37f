/* What outlives a revision: figures, shed shares and pools held back, by number. Control thread. */
#include <string.h>
#include "zones/steering/steering_tables.h"

/* An endpoint that has become another host starts anew. */
static void carry_endpoint(struct steering *t, const struct steering *old, const struct pool *p,
                           const struct endpoint *e)
{
        uint32_t number = e->number;
        const struct endpoint *was = number < old->model->endpoint_count ? old->model->endpoints[number] : NULL;

        if (!was || strcmp(was->address_text, e->address_text))
                return;
        t->live[number] = old->live[number];
        addresses_carry(t, old, number);
        if (!p->slow_start_ms)
                t->live[number].ramp = 1;
        if (e->max_load <= 0)
                t->live[number].kept = t->live[number].kept_was = 1;
        if (!t->round_trips || !old->round_trips)
                return;
        for (uint32_t r = 0; r < t->regions; r++) {
                uint32_t old_r = model_find(old->model, KIND_REGIONS, t->model->regions[r]->name);
                if (old_r != MODEL_NONE)
                        t->round_trips[(size_t)r * t->model->endpoint_count + number] =
                                old->round_trips[(size_t)old_r * old->model->endpoint_count + number];
        }
}

static void carry_shown(struct steering *t, const struct steering *old, uint32_t pool)
{
        for (uint32_t r = 0; r <= t->regions; r++) {
                uint32_t old_r = r == t->regions ? old->regions
                                                 : model_find(old->model, KIND_REGIONS, t->model->regions[r]->name);
                if (old_r != MODEL_NONE)
                        t->round_trips_shown[(size_t)r * t->model->count[KIND_POOLS] + pool] =
                                old->round_trips_shown[(size_t)old_r * old->model->count[KIND_POOLS] + pool];
        }
}

void steering_carry(struct steering *t, const struct steering *old)
{
        t->now_ms = old->now_ms;
        t->round_trips_known = old->round_trips_known;
        model_each (pool, p, t->model->pools, t->model->count[KIND_POOLS]) {
                if (p->number >= old->model->count[KIND_POOLS] || !old->model->pools[p->number])
                        continue;
                struct pool_live *live = &t->pools[p->number];
                const struct pool_live *was = &old->pools[p->number];
                live->down = was->down;
                live->released = was->released;
                live->back_ms = was->back_ms;
                if (p->max_load > 0) {
                        live->load_kept = was->load_kept;
                        live->load_kept_was = was->load_kept_was;
                }
                for (uint32_t i = 0; i < p->endpoints.count; i++)
                        carry_endpoint(t, old, p, &p->endpoints.items[i]);
                if (t->round_trips_shown && old->round_trips_shown)
                        carry_shown(t, old, p->number);
        }
}
