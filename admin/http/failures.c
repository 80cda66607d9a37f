#include "admin/http/failures.h"

#include <stdlib.h>
#include "base/memory.h"
#include "base/random.h"

#define SETS 512
#define WAYS 4

/* The generic cell rate algorithm: when all that was done will have been paid for. */
struct failing {
        uint64_t who; /* a hash with a seed of ours */
        uint64_t paid_ms;
};

struct failures {
        uint64_t seed;
        struct failing sets[SETS][WAYS];
};

struct failures *failures_new(void)
{
        struct failures *f = memory_alloc(sizeof(*f));

        random_bytes(&f->seed, sizeof(f->seed));
        return f;
}

void failures_free(struct failures *f)
{
        free(f);
}

bool failures_add(struct failures *f, const struct peer *peer, uint64_t now_ms)
{
        uint64_t who = peer_hash(peer, f->seed);
        struct failing *set = f->sets[who % SETS], *one = set;

        for (int i = 0; i < WAYS; i++) {
                if (set[i].who == who) {
                        one = &set[i];
                        break;
                }
                if (set[i].paid_ms < one->paid_ms)
                        one = &set[i];
        }
        if (one->who != who || one->paid_ms < now_ms)
                *one = (struct failing){who, now_ms};
        if (one->paid_ms - now_ms > (uint64_t)(FAILURES_FREE - 1) * FAILURES_EACH_MS)
                return true;
        one->paid_ms += FAILURES_EACH_MS;
        return false;
}
