#include "gslbd/limits/buckets.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "base/address.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"

#define WAYS      8
#define OWN       (UINT64_C(1) << 23) /* of a tag */
#define HUGE_PAGE ((size_t)2 << 20)
#define TIME_BITS 40
#define TIME_MASK ((UINT64_C(1) << TIME_BITS) - 1)
#define FAR       (BUCKET_BURST_MS * (BUCKET_SECOND / 1000) * 2) /* further ahead is a time long past */

struct row {
        uint64_t words[WAYS]; /* atomic: 24 bits of the hash, 40 bits of the time at which the bucket is full */
} __attribute__((aligned(64)));

struct buckets {
        uint64_t seeds[2], mask; /* of IPv4 and IPv6 */
        struct row *rows;
};

struct bucket_rate bucket_rate(unsigned per_second, unsigned burst_ms)
{
        struct bucket_rate r = {0, 0};

        if (!per_second)
                return r;
        r.gap = (uint32_t)(BUCKET_SECOND / per_second);
        uint64_t burst = BUCKET_SECOND / 1000 * burst_ms;
        r.ahead = burst > r.gap ? (uint32_t)(burst - r.gap) : 0;
        return r;
}

struct buckets *buckets_new(size_t bytes)
{
        struct buckets *b = memory_alloc(sizeof(*b));
        size_t rows = 1;

        while (rows * 2 * sizeof(struct row) <= bytes)
                rows *= 2;
        b->mask = rows - 1;
        random_bytes(b->seeds, sizeof(b->seeds));
        size_t size = rows * sizeof(struct row);
        b->rows = aligned_alloc(size < HUGE_PAGE ? _Alignof(struct row) : HUGE_PAGE, size);
        if (!b->rows) {
                free(b);
                return NULL;
        }
        madvise(b->rows, size, MADV_HUGEPAGE); /* random rows cost a miss of the cache, and none of the page tables */
        memset(b->rows, 0, rows * sizeof(struct row));
        return b;
}

void buckets_free(struct buckets *b)
{
        if (!b)
                return;
        free(b->rows);
        free(b);
}

uint64_t buckets_owner(const struct buckets *b, uint64_t bits, uint8_t family)
{
        return hash_mix(bits ^ b->seeds[family == ADDRESS_V6]);
}

static inline struct row *row_of(const struct buckets *b, uint64_t owner)
{
        return &b->rows[owner & b->mask];
}

uint64_t buckets_expect(const struct buckets *b, uint64_t bits, uint8_t family)
{
        uint64_t owner = buckets_owner(b, bits, family);

        __builtin_prefetch(row_of(b, owner), 1);
        return owner;
}

/* The upper bits of a word: one says whether it is the owner's own, the others are of the hash. */
static inline uint64_t tag_of(uint64_t owner, uint64_t kind)
{
        if (kind == BUCKET_OWN)
                return OWN | owner >> (TIME_BITS + 1);
        return ((owner ^ kind * UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xd6e8feb86659fd93)) >> (TIME_BITS + 1);
}

/* Ticks until a bucket is full; 0: it is. 40 bits hold 19 hours: for the last two minutes of them a bucket that nobody
 * has touched since seems to lie ahead once more. */
static inline uint64_t ahead_of(uint64_t word, uint64_t now)
{
        uint64_t ahead = (word - now) & TIME_MASK;

        return ahead < FAR ? ahead : 0;
}

/* The bucket with this tag; NULL: there is none. */
static inline uint64_t *find_bucket(struct row *row, uint64_t tag)
{
        for (unsigned i = 0; i < WAYS; i++)
                if (__atomic_load_n(&row->words[i], __ATOMIC_RELAXED) >> TIME_BITS == tag)
                        return &row->words[i];
        return NULL;
}

/* Where a new bucket goes: to what is full, or is soonest. NULL: all others stay. Without a branch: it would be guessed
 * wrong. */
static inline uint64_t *find_place(struct row *row, uint64_t tag, uint64_t now)
{
        const uint64_t own = tag & OWN;
        uint64_t least = UINT64_MAX;

#pragma GCC unroll 8
        for (unsigned i = 0; i < WAYS; i++) {
                uint64_t word = __atomic_load_n(&row->words[i], __ATOMIC_RELAXED), ahead = ahead_of(word, now);
                bool stays = ahead && (word >> TIME_BITS & OWN) > own;
                uint64_t rank = stays ? UINT64_MAX : ahead * WAYS + i;
                least = rank < least ? rank : least;
        }
        return least == UINT64_MAX ? NULL : &row->words[least % WAYS];
}

bool buckets_take(struct buckets *b, uint64_t owner, uint64_t kind, struct bucket_rate rate, uint64_t now)
{
        const uint64_t tag = tag_of(owner, kind);
        struct row *row = row_of(b, owner);
        uint64_t *word = find_bucket(row, tag), ahead = 0;

        if (!rate.gap)
                return true;
        if (word)
                ahead = ahead_of(__atomic_load_n(word, __ATOMIC_RELAXED), now);
        else
                word = find_place(row, tag, now);
        if (ahead > rate.ahead)
                return false;
        if (word)
                __atomic_store_n(word, tag << TIME_BITS | ((now + ahead + rate.gap) & TIME_MASK), __ATOMIC_RELAXED);
        return true;
}

size_t buckets_in_use(const struct buckets *b, uint64_t now)
{
        size_t count = 0;

        for (uint64_t r = 0; r <= b->mask; r++)
                for (unsigned i = 0; i < WAYS; i++)
                        count += ahead_of(__atomic_load_n(&b->rows[r].words[i], __ATOMIC_RELAXED), now) > 0;
        return count;
}
