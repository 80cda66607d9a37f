#include "base/random.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include "base/hash.h"
#include "base/log.h"

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
