#include "base/random.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"

void random_seed(struct random *r, uint64_t seed)
{
        /* Weyl sequence through a mixer, so that near seeds give far states and none is all zero. */
        for (int i = 0; i < 4; i++) {
                seed += 0x9e3779b97f4a7c15u;
                r->s[i] = hash_mix(seed) | (uint64_t)(i == 0);
        }
}

void random_seed_system(struct random *r)
{
        uint64_t seed;
        random_bytes(&seed, sizeof(seed));
        random_seed(r, seed);
}

void random_bytes(void *out, size_t size)
{
        char *at = out;

        while (size) {
                ssize_t n = getrandom(at, size, 0);
                if (n < 0 && errno != EINTR) {
                        log_error("random", "the kernel gives no random bytes");
                        abort();
                }
                if (n > 0) {
                        at += n;
                        size -= (size_t)n;
                }
        }
}

void alias_build(const double *weights, uint32_t count, struct alias *table)
{
        double total = 0, *scaled = memory_alloc((count + 1) * sizeof(*scaled));
        uint32_t *small = memory_alloc((count + 1) * sizeof(*small)), *large = small + count, smalls = 0, larges = 0;

        for (uint32_t i = 0; i < count; i++)
                total += weights[i];
        assert(total > 0 || !count); /* shares are parts of it */
        for (uint32_t i = count; i-- > 0;) {
                scaled[i] = weights[i] * count / total;
                table[i] = (struct alias){UINT32_MAX, i};
                if (scaled[i] < 1)
                        small[smalls++] = i;
                else
                        *(large - larges++) = i;
        }
        while (smalls && larges) {
                uint32_t s = small[--smalls], l = *(large - --larges);
                table[s] = (struct alias){(uint32_t)(scaled[s] * 4294967295.0), l};
                scaled[l] -= 1 - scaled[s];
                if (scaled[l] < 1)
                        small[smalls++] = l;
                else
                        *(large - larges++) = l;
        }
        free(scaled);
        free(small);
}
