#include "gslbd/limits/limits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/hash.h"
#include "base/memory.h"

/* Kinds of buckets besides those of answers, whose numbers these are not. */
enum { BUCKET_QUERIES = BUCKET_OWN, BUCKET_HANDSHAKES = ANSWERED_KINDS };

const char *const limits_mode_names[] = {
        [LIMITS_OFF] = "off", [LIMITS_LOG_ONLY] = "log_only", [LIMITS_ON] = "on", NULL};

struct limits {
        struct buckets *buckets;
        struct limiter *limiters;
        struct busiest **tables; /* of the limiters */
        size_t count, most;
};

struct limiter {
        struct buckets *buckets;
        struct busiest *busiest;
        struct counters *counters;
        struct random *random;
        const struct limit_settings *settings;
        uint64_t now;
        uint32_t unsampled;     /* queries until the next that the busiest are counted by */
} __attribute__((aligned(64))); /* no worker writes into another's line */

struct limits *limits_new(size_t bytes, unsigned workers)
{
        struct limits *l = memory_alloc(sizeof(*l));

        l->buckets = buckets_new(bytes);
        if (!l->buckets) {
                free(l);
                return NULL;
        }
        l->most = workers;
        l->limiters = aligned_alloc(_Alignof(struct limiter), workers * sizeof(*l->limiters));
        if (!l->limiters)
                memory_failed();
        l->tables = memory_alloc(workers * sizeof(struct busiest *));
        return l;
}

void limits_free(struct limits *l)
{
        if (!l)
                return;
        for (size_t i = 0; i < l->count; i++)
                busiest_free(l->tables[i]);
        free(l->tables);
        free(l->limiters);
        buckets_free(l->buckets);
        free(l);
}

struct limiter *limiter_new(struct limits *l, struct counters *counters, struct random *random)
{
        assert(l->count < l->most);
        struct limiter *one = &l->limiters[l->count];
        l->tables[l->count] = busiest_new();
        *one = (struct limiter){
                .buckets = l->buckets, .busiest = l->tables[l->count], .counters = counters, .random = random};
        l->count++;
        return one;
}

uint64_t limits_clock(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC_COARSE, &now); /* vDSO */
        return (uint64_t)now.tv_sec * BUCKET_SECOND + (uint64_t)now.tv_nsec * BUCKET_TICKS_US / 1000;
}

void limiter_at(struct limiter *l, const struct limit_settings *settings, uint64_t now)
{
        l->settings = settings;
        l->now = now;
}

/* --- clients --- */

struct client_prefix limits_prefix(const struct limit_settings *s, const struct address *a)
{
        return client_prefix_of(a, s->v4_length, s->v6_length);
}

bool limits_allow(const struct limit_settings *s, const struct address *a)
{
        for (unsigned i = 0; i < s->allow_count; i++)
                if (prefix_contains(&s->allow[i], a))
                        return true;
        return false;
}

/* --- verdicts --- */

/* One that is over its rate is looked up in the allow list only then: most never are. */
static inline bool within(struct limiter *l, const struct limited *c, uint64_t kind, struct bucket_rate rate)
{
        return buckets_take(l->buckets, c->owner, kind, rate, l->now) || limits_allow(l->settings, c->address);
}

static inline uint32_t second_of(const struct limiter *l)
{
        return (uint32_t)(l->now / BUCKET_SECOND);
}

void limiter_expect(struct limiter *l, const struct address *a, struct limited *c)
{
        c->prefix = limits_prefix(l->settings, a);
        c->owner = buckets_expect(l->buckets, c->prefix.bits, c->prefix.family);
        c->address = a;
}

bool limiter_query(struct limiter *l, const struct limited *c)
{
        if (!l->unsampled--) {
                l->unsampled = random_below(l->random, 2 * BUSIEST_SAMPLE - 1);
                busiest_asked(l->busiest, &c->prefix, c->owner, second_of(l));
        }
        return within(l, c, BUCKET_QUERIES, l->settings->queries);
}

bool limiter_proven(struct limiter *l, const struct limited *c)
{
        uint64_t words[2];

        memcpy(words, c->address->bytes, sizeof(words));
        uint64_t own = hash_mix(buckets_owner(l->buckets, words[0], c->address->family) ^ words[1]);
        return buckets_take(l->buckets, own, BUCKET_OWN, l->settings->queries, l->now);
}

bool limiter_answer(struct limiter *l, const struct limited *c, const struct answered *answered)
{
        if (answered->proven || answered->kind == ANSWERED_NOTHING)
                return true;
        return within(l, c, (uintptr_t)answered->of << 4 | answered->kind, l->settings->answers[answered->kind]);
}

enum limit_verdict limiter_hold(struct limiter *l, const struct limited *c)
{
        const struct limit_settings *s = l->settings;
        bool slips = s->slip && (s->slip == 1 || !random_below(l->random, s->slip));

        counter_add(l->counters, COUNTER_LIMITED, 1);
        busiest_limited(l->busiest, &c->prefix, c->owner, second_of(l));
        if (s->mode != LIMITS_ON)
                return LIMIT_PASS;
        counter_add(l->counters, slips ? COUNTER_LIMITED_SLIPPED : COUNTER_LIMITED_DROPPED, 1);
        return slips ? LIMIT_SLIP : LIMIT_DROP;
}

bool limiter_handshake(struct limiter *l, const struct address *a)
{
        struct limited c;

        limiter_expect(l, a, &c);
        return within(l, &c, BUCKET_HANDSHAKES, l->settings->handshakes) &&
               buckets_take(l->buckets, buckets_owner(l->buckets, 0, ADDRESS_NONE), BUCKET_OWN,
                            l->settings->handshakes_in_all, l->now);
}

/* --- looking --- */

size_t limits_busiest(const struct limits *l, uint64_t now, struct busy *out, size_t most)
{
        return busiest_list(l->tables, l->count, (uint32_t)(now / BUCKET_SECOND), out, most);
}

size_t limits_in_use(const struct limits *l, uint64_t now)
{
        return buckets_in_use(l->buckets, now);
}
