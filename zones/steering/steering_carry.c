/* What outlives a whole build: figures, shed shares and pools held back, by number. Control thread. */
#include <string.h>
#include "zones/steering/steering_tables.h"

static uint32_t old_region(const struct steering *t, const struct steering *old, uint32_t region)
{
        return region == t->regions ? old->regions
                                    : model_find(old->model, KIND_REGIONS, t->model->regions[region]->name);
}

static void carry_round_trips(struct steering *t, const struct steering *old, uint32_t endpoint)
{
        for (uint32_t r = 0; r < t->regions; r++) {
                uint32_t was = old_region(t, old, r);
                if (was != MODEL_NONE)
                        t->round_trips[(size_t)endpoint * t->regions + r] =
                                old->round_trips[(size_t)endpoint * old->regions + was];
        }
}

static void carry_shown(struct steering *t, const struct steering *old, uint32_t pool)
{
        for (uint32_t r = 0; r <= t->regions; r++) {
                uint32_t was = old_region(t, old, r);
                if (was != MODEL_NONE)
                        t->round_trips_shown[(size_t)pool * (t->regions + 1) + r] =
                                old->round_trips_shown[(size_t)pool * (old->regions + 1) + was];
        }
}

/* An endpoint that has become another host starts anew. */
static void carry_endpoint(struct steering *t, const struct steering *old, const struct pool *p,
                           const struct endpoint *e)
{
        uint32_t number = e->number;
        const struct endpoint *was = number < old->endpoint_count ? old->model->endpoints[number] : NULL;
        bool flattened = t->live[number].flattened;

        if (!was || strcmp(was->address_text, e->address_text))
                return;
        t->live[number] = figures_now(old, number);
        t->live[number].flattened = flattened;
        t->live[number].resolved = flattened && old->live[number].flattened && old->live[number].resolved;
        if (!p->slow_start_ms)
                t->live[number].ramp = 1;
        if (e->max_load <= 0)
                t->live[number].kept = t->live[number].kept_was = 1;
        if (t->round_trips && old->round_trips)
                carry_round_trips(t, old, number);
}

void steering_carry(struct steering *t, const struct steering *old)
{
        t->now_ms = old->now_ms;
        t->round_trips_known = old->round_trips_known;
        model_each (pool, p, t->model->pools, t->model->count[KIND_POOLS]) {
                struct pool_live *live = t->pools[p->number];
                const struct pool_live *was = p->number < old->pool_count ? old->pools[p->number] : NULL;
                if (!was)
                        continue;
                live->down = was->down;
                live->released = was->released;
                live->back_ms = was->back_ms;
                if (p->max_load > 0) {
                        live->load_kept = was->load_kept;
                        live->load_kept_was = was->load_kept_was;
                }
                for (uint32_t i = 0; i < p->endpoints.count; i++)
                        carry_endpoint(t, old, p, &p->endpoints.items[i]);
                if (live->flattening && was->flattening)
                        targets_carry(live->face.targets, pool_face(was)->targets);
                if (t->round_trips_shown && old->round_trips_shown)
                        carry_shown(t, old, p->number);
        }
}
