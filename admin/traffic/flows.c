#include "admin/traffic/flows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

#define SLOTS_FIRST (1u << 10)
#define SLOTS_MOST  (1u << 20) /* 56 MiB; three quarters of them are used at most */
#define SMOOTH_S    10.0

void flows_init(struct flows *f)
{
        *f = (struct flows){.slots = memory_alloc(SLOTS_FIRST * sizeof(*f->slots)), .mask = SLOTS_FIRST - 1};
        f->other = (struct flow){.service = FLOW_OTHER, .endpoint = FLOW_NOTHING, .used = true};
}

void flows_end(struct flows *f)
{
        free(f->slots);
}

static struct flow *place(const struct flows *f, uint64_t hash, uint32_t service, uint16_t region, uint32_t endpoint)
{
        for (uint32_t at = (uint32_t)hash & f->mask;; at = (at + 1) & f->mask) {
                struct flow *slot = &f->slots[at];
                if (!slot->used || (slot->service == service && slot->endpoint == endpoint && slot->region == region))
                        return slot;
        }
}

/* All that stay in a table of that many slots. */
static void spread(struct flows *f, uint32_t slots, flow_stays *stays, void *context)
{
        struct flows before = *f;

        f->slots = memory_alloc(slots * sizeof(*f->slots));
        f->mask = slots - 1;
        f->count = 0;
        for (struct flow *one = flows_next(&before, NULL); one; one = flows_next(&before, one)) {
                if (stays && !stays(context, one)) {
                        f->other.total += one->total;
                        f->other.told += one->told;
                        f->other.noted += one->noted;
                        continue;
                }
                *place(f, flow_hash(one->service, one->region, one->endpoint), one->service, one->region,
                       one->endpoint) = *one;
                f->count++;
        }
        free(before.slots);
}

/* The place of one that is new; or that of all else. */
static struct flow *open_place(struct flows *f, struct flow *slot, uint64_t hash, const struct flow *key)
{
        if (f->count >= (f->mask + 1) / 4 * 3) {
                if (f->mask + 1 >= SLOTS_MOST)
                        return &f->other;
                spread(f, 2 * (f->mask + 1), NULL, NULL);
                slot = place(f, hash, key->service, key->region, key->endpoint);
        }
        *slot = *key;
        f->count++;
        return slot;
}

/* Brings what is smoothed up to a second: the first of those that have gone had the fresh ones, the others nothing. */
static float smoothed_at(const struct flow *one, uint32_t second)
{
        double keep = exp(-1 / SMOOTH_S), rate = one->smoothed;

        if (one->second >= second) /* a reader may have looked at the clock before it was counted */
                return one->smoothed;
        rate = rate * keep + one->fresh * (1 - keep);
        return (float)(rate * exp(-(double)(second - one->second - 1) / SMOOTH_S));
}

void flows_count(struct flows *f, uint64_t hash, uint32_t service, uint16_t region, uint32_t endpoint, uint32_t second)
{
        struct flow *one = place(f, hash, service, region, endpoint);

        if (!one->used)
                one = open_place(f, one, hash,
                                 &(struct flow){.service = service,
                                                .endpoint = endpoint,
                                                .region = region,
                                                .used = true,
                                                .second = second});
        if (one->second != second) {
                one->smoothed = smoothed_at(one, second);
                one->second = second;
                one->fresh = 0;
        }
        one->fresh++;
        one->total++;
}

double flow_rate(const struct flow *one, uint32_t second)
{
        double rate = smoothed_at(one, second);

        return rate < 1e-3 ? 0 : rate;
}

struct flow *flows_next(const struct flows *f, const struct flow *one)
{
        for (uint32_t at = one ? (uint32_t)(one - f->slots) + 1 : 0; at <= f->mask; at++)
                if (f->slots[at].used)
                        return &f->slots[at];
        return NULL;
}

void flows_leave(struct flows *f, flow_stays *stays, void *context)
{
        spread(f, f->mask + 1, stays, context);
}
