/* The thread that empties the taps. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "admin/traffic/traffic_private.h"
#include "base/clock.h"
#include "base/tap.h"

#define REST_LEAST_MS 5
#define REST_MOST_MS  100
#define AHEAD         16 /* answers whose places are on their way from memory */

uint32_t taking_second(void)
{
        return (uint32_t)(clock_ms() / 1000);
}

/* Where an answer counts. */
struct counted {
        uint64_t flow, crowd; /* hashes */
        uint32_t endpoint;
        uint16_t region;
        bool known; /* its class is one of those in force */
};

static struct counted counted_of(const struct traffic *t, const struct tapped *a)
{
        struct counted c = {.endpoint = a->outcome == TAP_NOTHING ? FLOW_NOTHING
                                        : a->endpoint == TAP_NONE ? FLOW_FALLBACK
                                                                  : a->endpoint,
                            .known = a->classes == t->classes && a->class < t->class_count};

        c.region = c.known ? t->region_of[a->class] : 0;
        c.flow = flow_hash(a->service, c.region, c.endpoint);
        c.crowd = crowd_hash(a->service, a->class, a->asked);
        return c;
}

static void take_answers(struct traffic *t, const struct tapped *list, size_t count, uint32_t second)
{
        struct counted ahead[AHEAD];

        for (size_t i = 0; i < count + AHEAD; i++) {
                struct counted *c = &ahead[i % AHEAD];
                if (i >= AHEAD) {
                        const struct tapped *a = &list[i - AHEAD];
                        if (a->outcome != TAP_NO_TYPE)
                                flows_count(&t->flows, c->flow, a->service, c->region, c->endpoint, second);
                        if (c->known)
                                clients_count(&t->clients, c->crowd, a->service, a->class, a->asked, 1);
                }
                if (i < count) {
                        *c = counted_of(t, &list[i]);
                        flows_expect(&t->flows, c->flow);
                        clients_expect(&t->clients, c->crowd);
                }
        }
}

static size_t take_one(struct traffic *t, struct tap *tap, uint32_t second)
{
        const struct tapped *answers;
        const struct tapped_client *clients;
        size_t total = 0, count;

        for (int piece = 0; piece < 2; piece++) { /* the ring's end, and its beginning */
                count = tap_answers(tap, &answers);
                take_answers(t, answers, count, second);
                tap_take_answers(tap, count);
                total += count;
                count = tap_clients(tap, &clients);
                for (size_t i = 0; i < count; i++)
                        clients_sample(&t->clients, &clients[i]);
                tap_take_clients(tap, count);
        }
        tap_want(tap, t->clients.level);
        return total;
}

size_t taking_all(struct traffic *t)
{
        uint32_t second = taking_second();
        uint64_t dropped = 0;
        size_t most = 0;

        clients_turn(&t->clients, second);
        for (struct tap *tap = tap_first(); tap; tap = tap->next) {
                size_t count = take_one(t, tap, second);
                most = count > most ? count : most;
                dropped += tap_dropped(tap);
        }
        t->dropped = dropped;
        return most;
}

/* --- what is gone --- */

static int compare_numbers(const void *a, const void *b)
{
        uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

        return x < y ? -1 : x > y;
}

static bool stands_in(const struct numbers *n, uint32_t number)
{
        return n->count && bsearch(&number, n->list, n->count, sizeof(number), compare_numbers);
}

static bool flow_is_not_gone(void *context, const struct flow *f)
{
        const struct traffic *t = context;

        return !stands_in(&t->gone_services, f->service) && !stands_in(&t->gone_endpoints, f->endpoint);
}

static bool service_is_not_gone(void *context, uint32_t service)
{
        const struct traffic *t = context;

        return !stands_in(&t->gone_services, service);
}

static void sort(struct numbers *n)
{
        if (n->count)
                qsort(n->list, n->count, sizeof(*n->list), compare_numbers);
}

void taking_forget(struct traffic *t)
{
        if (!t->gone_services.count && !t->gone_endpoints.count)
                return;
        taking_all(t);
        sort(&t->gone_services);
        sort(&t->gone_endpoints);
        flows_leave(&t->flows, flow_is_not_gone, t);
        clients_leave(&t->clients, service_is_not_gone, t);
        t->gone_services.count = t->gone_endpoints.count = 0;
}

/* --- the thread --- */

/* Sleeps; `wake` ends it. With the lock. */
static void rest(struct traffic *t, uint64_t ms)
{
        struct timespec until;

        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += (long)ms * 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        while (!t->closing && pthread_cond_timedwait(&t->wake, &t->lock, &until) != ETIMEDOUT)
                ;
}

static void *take_on(void *traffic)
{
        struct traffic *t = traffic;
        uint64_t ms = REST_MOST_MS;

        pthread_mutex_lock(&t->lock);
        while (!t->closing) {
                rest(t, ms);
                size_t most = taking_all(t);
                taking_forget(t);
                if (most > TAP_ANSWERS / 4)
                        ms = ms / 2 > REST_LEAST_MS ? ms / 2 : REST_LEAST_MS;
                else if (most < TAP_ANSWERS / 16)
                        ms = ms * 2 < REST_MOST_MS ? ms * 2 : REST_MOST_MS;
        }
        pthread_mutex_unlock(&t->lock);
        return NULL;
}

bool taking_start(struct traffic *t)
{
        pthread_condattr_t monotonic;

        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_mutex_init(&t->lock, NULL);
        pthread_cond_init(&t->wake, &monotonic);
        pthread_condattr_destroy(&monotonic);
        t->running = !pthread_create(&t->thread, NULL, take_on, t);
        return t->running;
}

void taking_stop(struct traffic *t)
{
        pthread_mutex_lock(&t->lock);
        t->closing = true;
        pthread_cond_signal(&t->wake);
        pthread_mutex_unlock(&t->lock);
        if (t->running)
                pthread_join(t->thread, NULL);
        pthread_cond_destroy(&t->wake);
        pthread_mutex_destroy(&t->lock);
}
