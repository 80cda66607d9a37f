/* gslbd/limits/limits.h: how much one network may get of us: response rate limiting and limits on queries.
 *
 * Whoever sends UDP can say to be anybody, and have us send to others what they did not ask for. Response rate limiting
 * (RRL) bounds what one network gets, kind of answer by kind of answer, so that a forged flood is not passed on while
 * other answers to the same network go on. P. Vixie, V. Schryver: "DNS Response Rate Limiting (DNS RRL)",
 * ISC-TN-2012-1; what BIND (rate-limit), NSD (rrl-*) and Knot DNS (mod-rrl) do. Here as there:
 *
 *   - clients are counted by prefix, since a victim is a network: /24 and /56;
 *   - answers are counted by kind: records by the name that they are of (random names under a wildcard are the
 *     wildcard's), negative ones by zone (so that random names are one kind), errors all together;
 *   - what is over its rate slips: each slip-th comes as an empty reply with TC, from which a real client learns to ask
 *     over TCP, and others get nothing for it: the reply is as long as the query. The others are dropped. With slip 1,
 *     as Knot DNS has it, all slip: a dropped reply gives who forges *answers* more time to be first;
 *   - a client with a valid cookie (RFC 7873 5.2.3) has proven its address; its answers are not limited.
 *
 * Beside it each prefix has a rate of queries, whatever they get, looked at before there is an answer: so a flood costs
 * little. Clients with a valid cookie that are over their network's rate have one for their address alone.
 *
 * Rates are token buckets (buckets.h) that all workers share; who asks most is counted by each worker (busiest.h). The
 * settings come with each call: they can be replaced at any time. */
#ifndef GSLBD_LIMITS_LIMITS_H
#define GSLBD_LIMITS_LIMITS_H

#include "base/address.h"
#include "base/counters.h"
#include "base/random.h"
#include "gslbd/answer/answered.h"
#include "gslbd/limits/buckets.h"
#include "gslbd/limits/busiest.h"

enum limits_mode { LIMITS_OFF, LIMITS_LOG_ONLY, LIMITS_ON };
extern const char *const limits_mode_names[]; /* ends with NULL */

struct limit_settings {
        enum limits_mode mode; /* LIMITS_LOG_ONLY: all is counted, nothing held back */
        uint8_t v4_length, v6_length;
        struct bucket_rate queries, answers[ANSWERED_KINDS];
        struct bucket_rate handshakes, handshakes_in_all; /* of TLS; in any mode */
        unsigned slip;                                    /* 0: nothing slips */
        const struct prefix *allow;                       /* allow_count networks without limits */
        unsigned allow_count;
};

enum limit_verdict { LIMIT_PASS, LIMIT_SLIP, LIMIT_DROP };

/* What workers share. */
struct limits;
/* `bytes` of buckets, for at most that many workers. NULL without memory. */
struct limits *limits_new(size_t bytes, unsigned workers);
void limits_free(struct limits *);

/* One worker's share; it belongs to its thread, and to `limits`, which must outlive it. */
struct limiter;
struct limiter *limiter_new(struct limits *, struct counters *, struct random *);
/* The time of all limits, in ticks of buckets.h: monotonic, some milliseconds coarse, without a system call. */
uint64_t limits_clock(void);
/* Settings and time of what follows. Worker, within the QSBR section in which it got the settings.
 */
void limiter_at(struct limiter *, const struct limit_settings *, uint64_t now);

/* A client, looked up once for all that follows. */
struct limited {
        struct client_prefix prefix;
        uint64_t owner; /* in buckets.h */
        const struct address *address;
};

/* Of a query that comes soon: memory is asked for what the rest looks at. */
void limiter_expect(struct limiter *, const struct address *, struct limited *);
/* Counts a query. false: its network is over its rate. */
bool limiter_query(struct limiter *, const struct limited *);
/* Whether a query that is over its network's rate may go on since its address is no forgery. */
bool limiter_proven(struct limiter *, const struct limited *);
/* Counts an answer. false: the network is over its rate of such answers. */
bool limiter_answer(struct limiter *, const struct limited *, const struct answered *);
/* What becomes of the reply to what is over a rate; counts that. */
enum limit_verdict limiter_hold(struct limiter *, const struct limited *);

/* Whether there may be one more TLS handshake with this client. Any thread with a limiter of its own. */
bool limiter_handshake(struct limiter *, const struct address *);
/* Whether no limit is for this address. */
bool limits_allow(const struct limit_settings *, const struct address *);
struct client_prefix limits_prefix(const struct limit_settings *, const struct address *);

/* Who asked most lately, over all workers; at most `most`, returns how many. Any thread. */
size_t limits_busiest(const struct limits *, uint64_t now, struct busy *, size_t most);
size_t limits_in_use(const struct limits *, uint64_t now); /* prefixes and kinds that have a bucket at work */

#endif
