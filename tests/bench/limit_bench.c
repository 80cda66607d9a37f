/* What limits cost a query: both verdicts, of the query and of its answer, by how many networks ask. Prints; never
 * fails.
 *
 * limit_bench [ROUNDS] */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "gslbd/limits/limits.h"

#define TABLE ((size_t)2 << 20) /* as gslbd.yaml has it by default */
#define BATCH 64u               /* of messages that are received at once */

/* Of the processor, so that others on the machine do not count. */
static double spent_ns(void)
{
        struct timespec now;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
        return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Of as many networks, in no order; they stand side by side, as in messages that were just received. */
static struct address *addresses;

static void make_addresses(unsigned networks)
{
        for (unsigned i = 0; i < networks; i++) {
                unsigned n = (unsigned)((uint64_t)i * 7919 % networks);
                addresses[i] = (struct address){ADDRESS_V4, {(uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n, 53}};
        }
}

static void measure(const char *what, struct limit_settings settings, unsigned networks, unsigned rounds)
{
        static struct counters counters;
        struct random random;
        struct limits *limits = limits_new(TABLE, 1);
        struct limiter *limiter = limiter_new(limits, &counters, &random);
        const struct answered answered = {.kind = ANSWERED_RECORDS, .of = &counters};
        struct limited c[BATCH];
        unsigned passed = 0;

        random_seed(&random, 1);
        double start = spent_ns();
        for (unsigned i = 0, at = 0; i < rounds; i += BATCH) {
                limiter_at(limiter, &settings, limits_clock());
                for (unsigned k = 0; k < BATCH; k++) {
                        limiter_expect(limiter, &addresses[at], &c[k]);
                        at = at + 1 < networks ? at + 1 : 0;
                }
                for (unsigned k = 0; k < BATCH; k++)
                        if (limiter_query(limiter, &c[k]) && limiter_answer(limiter, &c[k], &answered))
                                passed++;
                        else
                                limiter_hold(limiter, &c[k]);
        }
        printf("%-22s %8u networks %6.1f ns a query  %3.0f%% pass\n", what, networks, (spent_ns() - start) / rounds,
               100.0 * passed / rounds);
        limits_free(limits);
}

int main(int argc, char **argv)
{
        const unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 20000000, most = 1000000;
        struct limit_settings within = {.mode = LIMITS_ON, .v4_length = 24, .v6_length = 56, .slip = 1};
        struct limit_settings over = within;

        within.queries = within.answers[ANSWERED_RECORDS] = bucket_rate(BUCKET_RATE_MAX, BUCKET_BURST_MS);
        over.queries = over.answers[ANSWERED_RECORDS] = bucket_rate(5, 1000);
        addresses = calloc(most, sizeof(*addresses));
        if (!addresses)
                return 1;
        for (unsigned networks = 1; networks <= most; networks *= networks < 100 ? 100 : 10) {
                make_addresses(networks);
                measure("within their rates", within, networks, rounds);
                measure("over their rates", over, networks, rounds);
        }
        free(addresses);
        return 0;
}
