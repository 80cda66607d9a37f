/* base/random.h: a per-thread generator for picks (fast, not for secrets), and system randomness for secrets. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* xoshiro256** state; one per thread. */
struct random {
        uint64_t s[4];
};

void random_seed(struct random *, uint64_t seed); /* any seed, also 0 */
void random_seed_system(struct random *);

static inline uint64_t random_rotate(uint64_t x, int k)
{
        return (x << k) | (x >> (64 - k));
}

static inline uint64_t random_next(struct random *r)
{
        uint64_t *s = r->s, result = random_rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = random_rotate(s[3], 45);
        return result;
}

/* Evenly from 0 to n-1; n > 0. */
static inline uint32_t random_below(struct random *r, uint32_t n)
{
        return (uint32_t)(((random_next(r) >> 32) * n) >> 32);
}

/* Bytes from the kernel; aborts if it has none. */
void random_bytes(void *, size_t);

/* Alias tables (Vose): one random number draws an index by weight. */
struct alias {
        uint32_t threshold; /* of 2^32: below it the slot's own index */
        uint32_t other;
};
void alias_build(const double *weights, uint32_t count, struct alias *);
static inline uint32_t alias_draw(const struct alias *table, uint32_t count, struct random *random)
{
        uint64_t r = random_next(random);
        uint32_t i = (uint32_t)(((r >> 32) * count) >> 32);
        return (uint32_t)r < table[i].threshold ? i : table[i].other;
}

#endif
