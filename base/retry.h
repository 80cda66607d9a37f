/* base/retry.h: what failed is tried again later, and later still while it goes on failing. Times are monotonic and
 * passed in; all zero: it may be tried at once. */
#ifndef BASE_RETRY_H
#define BASE_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#define RETRY_FIRST_MS 1000 /* how long it is left alone then: twice as long each time */
#define RETRY_MOST_MS  60000

struct retry {
        uint64_t at_ms, wait_ms;
};

static inline bool retry_may(const struct retry *r, uint64_t now_ms)
{
        return now_ms >= r->at_ms;
}

static inline void retry_failed(struct retry *r, uint64_t now_ms)
{
        uint64_t wait = r->wait_ms * 2;

        r->wait_ms = wait < RETRY_FIRST_MS ? RETRY_FIRST_MS : wait > RETRY_MOST_MS ? RETRY_MOST_MS : wait;
        r->at_ms = now_ms + r->wait_ms;
}

static inline void retry_went_well(struct retry *r)
{
        *r = (struct retry){0, 0};
}

#endif
