#include "gslbd/serve/client_counts.h"

#include <assert.h>
#include <stdlib.h>
#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"

#define SLOTS (1u << 16)

struct client_counts {
        uint32_t limit;
        uint64_t seed;         /* so that nobody can aim at a slot */
        uint32_t taken[SLOTS]; /* atomic */
};

struct client_counts *client_counts_new(uint32_t limit)
{
        struct client_counts *c = memory_alloc(sizeof(*c));

        c->limit = limit;
        random_bytes(&c->seed, sizeof(c->seed));
        return c;
}

void client_counts_free(struct client_counts *c)
{
        free(c);
}

bool client_counts_take(struct client_counts *c, const struct client_prefix *p, unsigned *slot)
{
        *slot = (unsigned)(hash_mix(hash_mix(p->bits ^ c->seed) + p->family) % SLOTS);
        if (__atomic_add_fetch(&c->taken[*slot], 1, __ATOMIC_RELAXED) <= c->limit)
                return true;
        client_counts_give(c, *slot);
        return false;
}

void client_counts_give(struct client_counts *c, unsigned slot)
{
        uint32_t before = __atomic_fetch_sub(&c->taken[slot], 1, __ATOMIC_RELAXED);

        assert(before);
        (void)before;
}
