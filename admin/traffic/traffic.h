/* admin/traffic/traffic.h: how much goes where: what the workers' taps (base/tap.h) say, counted.
 *
 * A thread of its own empties the taps, so that none runs over while the control thread is busy. All calls below are
 * the control thread's. An answer counts for its first endpoint. */
#ifndef ADMIN_TRAFFIC_TRAFFIC_H
#define ADMIN_TRAFFIC_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "zones/answers/snapshot.h"
#include "zones/config/edited.h"

struct arena;
struct buffer;
struct doc;
struct traffic;

/* The store's path; NULL: nothing is kept over a restart. */
struct traffic *traffic_open(const char *store_path);
void traffic_close(struct traffic *);

/* A snapshot that was built whole is about to be published in place of the current one (or as the first): its classes
 * of clients may be others, and some of its numbers are nobody's any more. */
void traffic_follow(struct traffic *, const struct snapshot *next);
/* Items of the model have changed. */
void traffic_follow_items(struct traffic *, const struct edited *, size_t count);
/* Ends minutes. */
void traffic_tick(struct traffic *, int64_t wall_ms);

/* --- looking --- */

/* Answers a second, smoothed over about ten of them, and all since the start. */
struct traffic_sum {
        double rate;
        uint64_t total;
};

/* Sums by number in the model in force. */
struct traffic_sums {
        struct traffic_sum all;
        struct traffic_sum nothing; /* of it: nothing that is up was there to be answered */
        struct traffic_sum other;   /* of it: of what is not known, for there was no room, or it is gone */
        struct traffic_sum *services, *pools, *endpoints;
        struct traffic_sum *regions; /* of the clients */
};

/* A second old at most; good until the control thread does something else. */
const struct traffic_sums *traffic_sums(struct traffic *);

enum traffic_by { TRAFFIC_BY_SERVICE, TRAFFIC_BY_REGION, TRAFFIC_BY_POOL, TRAFFIC_BY_ENDPOINT };
extern const char *const traffic_by_names[]; /* ends with NULL */

/* What is asked for; NULL: all. */
struct traffic_question {
        const char *service, *region, *pool;
        enum traffic_by by;
        int64_t since_ms; /* wall time; whole minutes are counted */
        uint32_t most;    /* the busiest */
};

/* {items: [{service, region, pool or endpoint, answers, rate, share}], answers, rate, since, dropped}. Share: of all
 * that the question is about. Answers of nothing have no pool and no endpoint. */
struct doc *traffic_describe(struct traffic *, const struct traffic_question *, struct arena *);
/* gslbd_answers_total and gslbd_endpoint_answers_total, of the busiest. */
void traffic_metrics(struct traffic *, struct buffer *);

#endif
