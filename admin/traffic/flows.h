/* admin/traffic/flows.h: how much of what service goes from clients of what region to what endpoint.
 *
 * By number, in bounded memory: what finds no room is counted as other. Pure: seconds are passed in. The lock is the
 * caller's. */
#ifndef ADMIN_TRAFFIC_FLOWS_H
#define ADMIN_TRAFFIC_FLOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOW_NOTHING  UINT32_MAX       /* as endpoint: nothing that is up was there to be answered */
#define FLOW_FALLBACK (UINT32_MAX - 1) /* an address that is no endpoint's */
#define FLOW_OTHER    UINT32_MAX       /* as service: what found no room */

struct flow {
        uint32_t service, endpoint;
        uint16_t region; /* a number of the caller's */
        bool used;
        uint32_t series; /* the caller's: 0 at first */
        uint32_t second; /* up to which it is smoothed */
        uint32_t fresh;  /* answers since */
        float smoothed;  /* answers a second */
        uint64_t total;
        uint64_t told, noted; /* the caller's: how much of the total somebody knows */
};

struct flows {
        struct flow *slots; /* by hash */
        uint32_t mask, count;
        struct flow other;
};

void flows_init(struct flows *);
void flows_end(struct flows *);

static inline uint64_t flow_hash(uint32_t service, uint16_t region, uint32_t endpoint)
{
        uint64_t x = ((uint64_t)service << 32 | endpoint) ^ (uint64_t)region << 52;

        x ^= x >> 32;
        x *= 0xd6e8feb86659fd93u;
        return x ^ x >> 32;
}

static inline void flows_expect(const struct flows *f, uint64_t hash)
{
        __builtin_prefetch(&f->slots[hash & f->mask], 1);
}

/* One more answer, in this second (of a clock that never goes back). */
void flows_count(struct flows *, uint64_t hash, uint32_t service, uint16_t region, uint32_t endpoint, uint32_t second);
/* Answers a second, smoothed over about ten of them. */
double flow_rate(const struct flow *, uint32_t second);

/* All but the other: for (struct flow *f = flows_next(t, NULL); f; f = flows_next(t, f)) */
struct flow *flows_next(const struct flows *, const struct flow *);
/* Leaves those that `stays` says; what the others have counted goes to the other. */
typedef bool flow_stays(void *context, const struct flow *);
void flows_leave(struct flows *, flow_stays *, void *context);

#endif
