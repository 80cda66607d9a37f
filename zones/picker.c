#include "zones/picker.h"

#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

#define TYPE_CNAME 5
#define TRIES      8 /* random draws for a further distinct endpoint before they are taken in turn */

/* Vose's alias method: an even draw of an entry, then one comparison, gives the weighted draw. */
struct entry {
        const struct target *target;
        uint32_t threshold; /* of 2^32: below it this entry, else `alias` */
        uint32_t alias;
        double share;
};

struct picker {
        uint8_t balance, answers;
        uint32_t rotor, count;
        struct entry entries[];
};

static void fill_alias(struct picker *p)
{
        uint32_t *small = memory_alloc(p->count * sizeof(*small)), *large = memory_alloc(p->count * sizeof(*large));
        double *scaled = memory_alloc(p->count * sizeof(*scaled));
        uint32_t smalls = 0, larges = 0;

        for (uint32_t i = 0; i < p->count; i++) {
                scaled[i] = p->entries[i].share * p->count;
                if (scaled[i] < 1)
                        small[smalls++] = i;
                else
                        large[larges++] = i;
        }
        while (smalls && larges) {
                uint32_t s = small[--smalls], l = large[--larges];
                p->entries[s].threshold = (uint32_t)(scaled[s] * 4294967296.0);
                p->entries[s].alias = l;
                scaled[l] -= 1 - scaled[s];
                if (scaled[l] < 1)
                        small[smalls++] = l;
                else
                        large[larges++] = l;
        }
        while (larges || smalls) { /* what rounding left over: always themselves */
                uint32_t i = larges ? large[--larges] : small[--smalls];
                p->entries[i].threshold = UINT32_MAX;
                p->entries[i].alias = i;
        }
        free(small);
        free(large);
        free(scaled);
}

struct picker *picker_make(enum balance balance, unsigned answers, uint32_t rotor, const struct candidate *candidates,
                           uint32_t count)
{
        uint64_t sum = 0;
        uint32_t weighted = 0;

        for (uint32_t i = 0; i < count; i++) {
                sum += candidates[i].weight;
                weighted += candidates[i].weight > 0;
        }
        if (!count)
                return NULL;
        struct picker *p = memory_alloc(sizeof(*p) + (weighted ? weighted : count) * sizeof(struct entry));
        p->balance = (uint8_t)balance;
        p->answers = (uint8_t)answers;
        p->rotor = rotor % ROTOR_COUNT;
        for (uint32_t i = 0; i < count; i++) {
                if (weighted && !candidates[i].weight)
                        continue;
                p->entries[p->count++] = (struct entry){
                        .target = candidates[i].target,
                        .share = !weighted || balance == BALANCE_ROUND_ROBIN
                                         ? 1.0 / (weighted ? weighted : count)
                                         : (double)candidates[i].weight / (double)sum,
                };
        }
        fill_alias(p);
        return p;
}

void picker_free(struct picker *p)
{
        free(p);
}

static inline uint32_t draw(const struct picker *p, struct picker_state *state)
{
        uint64_t r = random_next(&state->random);
        uint32_t i = (uint32_t)(((r >> 32) * p->count) >> 32);

        return (uint32_t)r < p->entries[i].threshold ? i : p->entries[i].alias;
}

static bool taken(const struct pick *pick, const struct target *target)
{
        for (unsigned i = 0; i < pick->count; i++)
                if (pick->targets[i] == target)
                        return true;
        return false;
}

/* Further distinct endpoints behind the first. A CNAME stands alone, so they are addresses. */
static void pick_more(const struct picker *p, struct picker_state *state, struct pick *pick, uint32_t first,
                      unsigned wanted)
{
        for (unsigned tries = 0;
             pick->count < wanted && wanted < p->count && p->balance != BALANCE_ROUND_ROBIN && tries < TRIES; tries++) {
                const struct target *t = p->entries[draw(p, state)].target;
                if (t->type != TYPE_CNAME && !taken(pick, t))
                        pick->targets[pick->count++] = t;
        }
        for (uint32_t i = 1; pick->count < wanted && i < p->count; i++) {
                const struct target *t = p->entries[(first + i) % p->count].target;
                if (t->type != TYPE_CNAME && !taken(pick, t))
                        pick->targets[pick->count++] = t;
        }
}

void picker_pick(const struct picker *p, struct picker_state *state, struct pick *pick)
{
        uint32_t first = 0;

        if (p->balance == BALANCE_ROUND_ROBIN)
                first = state->rotors[p->rotor]++ % p->count;
        else if (p->count > 1)
                first = draw(p, state);
        pick->targets[pick->count++] = p->entries[first].target;
        if (p->answers > 1 && pick->targets[0]->type != TYPE_CNAME)
                pick_more(p, state, pick, first, p->answers < ANSWERS_MAX ? p->answers : ANSWERS_MAX);
}

double picker_share(const struct picker *p, uint32_t endpoint)
{
        for (uint32_t i = 0; p && i < p->count; i++)
                if (p->entries[i].target->endpoint == endpoint)
                        return p->entries[i].share;
        return 0;
}
