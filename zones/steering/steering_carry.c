/* What outlives a whole build: figures, shed shares and pools held back, by number. Control thread. */
#include <string.h>
#include "base/memory.h"
#include "zones/steering/steering_build.h"
#include "zones/steering/steering_tables.h"

static void find_regions(struct steering *t, const struct steering *old)
{
        t->regions_were = memory_alloc((t->regions + 1) * sizeof(*t->regions_were));
        for (uint32_t r = 0; r < t->regions; r++)
                t->regions_were[r] = model_find(old->model, KIND_REGIONS, t->model->regions[r]->name);
        t->regions_were[t->regions] = old->regions; /* as all see them */
}

static void carry_round_trips(struct steering *t, const struct steering *old, uint32_t endpoint)
{
        for (uint32_t r = 0; r < t->regions; r++)
                if (t->regions_were[r] != MODEL_NONE)
                        t->round_trips[(size_t)endpoint * t->regions + r] =
                                old->round_trips[(size_t)endpoint * old->regions + t->regions_were[r]];
}

static void carry_shown(struct steering *t, const struct steering *old, uint32_t pool)
{
        for (uint32_t r = 0; r <= t->regions; r++)
                if (t->regions_were[r] != MODEL_NONE)
                        t->round_trips_shown[(size_t)pool * (t->regions + 1) + r] =
                                old->round_trips_shown[(size_t)pool * (old->regions + 1) + t->regions_were[r]];
}

static void carry_addresses(struct steering *t, struct pool_live *live, const struct pool_live *was, uint32_t endpoint)
{
        const struct target *target = targets_find(pool_face(was)->targets, endpoint);
        const struct address_set *set = target ? target_addresses(target) : NULL;

        if (live->flattening && was->flattening && (set || t->live[endpoint].resolved))
                addresses_put(t, live, endpoint, set ? address_set_copy(set) : NULL);
}

/* An endpoint that has become another host starts anew. */
static void carry_endpoint(struct steering *t, const struct steering *old, struct pool_live *live,
                           const struct endpoint *e)
{
        uint32_t number = e->number;
        const struct endpoint *was = number < old->endpoint_count ? old->model->endpoints[number] : NULL;
        bool flattened = t->live[number].flattened, resolved = t->live[number].resolved;

        if (!was || strcmp(was->address_text, e->address_text))
                return;
        t->live[number] = figures_now(old, number);
        t->live[number].flattened = flattened;
        t->live[number].resolved = resolved;
        if (!live->pool->slow_start_ms)
                t->live[number].ramp = 1;
        if (e->max_load <= 0)
                t->live[number].kept = t->live[number].kept_was = 1;
        if (t->round_trips && old->round_trips)
                carry_round_trips(t, old, number);
        if (e->type == ENDPOINT_CNAME)
                carry_addresses(t, live, old->pools[was->pool], number);
}

static void carry_pool(struct steering *t, const struct steering *old, struct pool_live *live,
                       const struct pool_live *was)
{
        const struct pool *p = live->pool;

        live->down = was->down;
        live->released = was->released;
        live->back_ms = was->back_ms;
        if (p->max_load > 0) {
                live->load_kept = was->load_kept;
                live->load_kept_was = was->load_kept_was;
        }
        for (uint32_t i = 0; i < p->endpoints.count; i++)
                carry_endpoint(t, old, live, &p->endpoints.items[i]);
        if (t->round_trips_shown && old->round_trips_shown)
                carry_shown(t, old, p->number);
}

void steering_carry(struct steering *t, const struct steering *old, uint32_t pool)
{
        struct pool_live *live = pool < t->pool_count ? t->pools[pool] : NULL;
        const struct pool_live *was = pool < old->pool_count ? old->pools[pool] : NULL;

        if (!t->regions_were && t->round_trips && old->round_trips)
                find_regions(t, old);
        t->now_ms = old->now_ms;
        t->round_trips_known = old->round_trips_known;
        if (!live || !was)
                return;
        carry_pool(t, old, live, was);
        if (t->building)
                return;
        steering_mark_pool(t, live);
        steering_mark_routes(t, live);
        steering_watch(t, live);
        steering_watch_release(t, live);
        steering_turn(t, live);
}

void steering_forget_times(struct steering *t)
{
        for (uint32_t i = 0; i < t->pool_count; i++)
                if (t->pools[i]) {
                        t->pools[i]->down = t->pools[i]->released = false;
                        t->pools[i]->back_ms = FAILBACK_NOT_HELD;
                }
        for (uint32_t i = 0; i < t->endpoint_count; i++)
                t->live[i].ramp = 1;
}

/* --- what is to be carried over again --- */

void steering_notes(struct steering *t, bool on)
{
        while (t->noted.count)
                pool_list_remove(&t->noted, t->noted.count - 1, &t->noted.items[t->noted.count - 1]->noted);
        t->noting = on;
}

bool steering_noted(struct steering *t, uint32_t *pool)
{
        if (!t->noted.count)
                return false;
        struct pool_live *live = t->noted.items[t->noted.count - 1];
        *pool = live->number;
        pool_list_remove(&t->noted, t->noted.count - 1, &live->noted);
        return true;
}
