/* gslbd/limits/buckets.h: token buckets in a table of fixed size that all workers share without locks.
 *
 * A bucket is one number: the time at which it would be full again, were nothing more taken. That is the generic cell
 * rate algorithm (ITU-T I.371 annex A: "virtual scheduling"; also called a leaky bucket as a meter): taking a token
 * puts the time one gap further, and a bucket that is further ahead than its burst has none. A time that has passed
 * means a full bucket, which is what who has none has too: so a bucket that nobody needs any more is free by
 * itself, nothing ages it, and a flood of those who each come once takes no place from those that come all the time.
 *
 * What is counted is counted for somebody (an owner), in kinds. All buckets of an owner stand in one row, which is one
 * cache line of eight words, each 24 bits of a hash of owner and kind and 40 bits of time: a look-up costs one line,
 * which can be asked for beforehand. In a full row the bucket that is full soonest gives way, and what it stood for
 * starts anew; but those of kind BUCKET_OWN give way only to each other, so that no number of kinds frees an owner from
 * what holds for it in all. Words are read and written relaxed: when two workers meet in one word, one token of the two
 * may not be counted. What is refused writes nothing, so that a flood of one owner does not carry its line from core to
 * core. Two in one row are taken for one with a chance of 2^-23; the hash has a secret seed.
 *
 * Time is passed in. Any thread, answer path. */
#ifndef GSLBD_LIMITS_BUCKETS_H
#define GSLBD_LIMITS_BUCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUCKET_TICKS_US 16                                    /* ticks of a microsecond */
#define BUCKET_SECOND   (UINT64_C(1000000) * BUCKET_TICKS_US) /* and of a second */
#define BUCKET_RATE_MAX 1000000                               /* tokens a second */
#define BUCKET_BURST_MS 60000                                 /* longest burst: far below what 40 bits of time hold */

/* How fast a bucket fills and what it holds. */
struct bucket_rate {
        uint32_t gap;   /* ticks from one token to the next; 0: without bound */
        uint32_t ahead; /* ticks that may be taken in advance: the burst but for one gap */
};

struct buckets;

/* The rate of so many tokens a second (at most BUCKET_RATE_MAX; 0: without bound), of which those of `burst_ms` can be
 * taken at once, at least one. */
struct bucket_rate bucket_rate(unsigned per_second, unsigned burst_ms);

/* A table of about `bytes`, at least one row. NULL without memory. */
struct buckets *buckets_new(size_t bytes);
void buckets_free(struct buckets *);
/* The hash of an owner, with the table's seed. */
uint64_t buckets_owner(const struct buckets *, uint64_t bits, uint8_t family);
/* The same, and asks for the owner's row, to be there when tokens are taken. */
uint64_t buckets_expect(const struct buckets *, uint64_t bits, uint8_t family);
#define BUCKET_OWN 0
/* Takes a token of the owner's bucket of this kind at `now` (ticks of any clock that does not go back). false: there is
 * none. */
bool buckets_take(struct buckets *, uint64_t owner, uint64_t kind, struct bucket_rate, uint64_t now);
/* How many buckets are not full. Walks the table: not for the answer path. */
size_t buckets_in_use(const struct buckets *, uint64_t now);

#endif
