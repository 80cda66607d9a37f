/* base/counters.h: statistics without atomics: each thread counts in its own block, readers add them up.
 *
 * A block has one writer, the thread it belongs to; `counters_sum` reads all blocks from any thread with relaxed loads.
 */
#ifndef BASE_COUNTERS_H
#define BASE_COUNTERS_H

#include <stdint.h>

/* name in metrics (gslbd_<name>_total), help */
#define COUNTERS(X)                                                                                                    \
        X(UDP_QUERIES, "udp_queries", "Queries received over UDP")                                                     \
        X(TCP_QUERIES, "tcp_queries", "Queries received over TCP")                                                     \
        X(TLS_QUERIES, "tls_queries", "Queries received over TLS")                                                     \
        X(TRANSFERS, "transfers", "Zone transfers asked for")                                                          \
        X(TRANSFERS_CUT, "transfers_cut", "Zone transfers ended because too much of them waited for slow readers")     \
        X(TLS_HANDSHAKES, "tls_handshakes", "TLS handshakes of DNS clients that were done")                            \
        X(TLS_FAILURES, "tls_failures", "TLS handshakes of DNS clients that failed")                                   \
        X(PROXY_REFUSED, "proxy_refused", "Connections of a proxy without a valid header")                             \
        X(UDP_DROPPED, "udp_dropped", "UDP messages that got no reply (too short, a response, ...)")                   \
        X(UDP_SOURCE_REFUSED, "udp_source_refused", "UDP messages from port 0 or from where we listen ourselves")      \
        X(LIMITED, "limited", "Queries and answers over a limit of their network, held back or not (log_only)")        \
        X(LIMITED_SLIPPED, "limited_slipped", "Limited ones that got an empty reply with TC")                          \
        X(LIMITED_DROPPED, "limited_dropped", "Limited ones that got no reply")                                        \
        X(UDP_SEND_ERRORS, "udp_send_errors", "Replies the kernel did not take")                                       \
        X(TCP_ACCEPTED, "tcp_accepted", "TCP connections accepted")                                                    \
        X(TCP_REFUSED, "tcp_refused", "TCP connections refused by a limit")                                            \
        X(TCP_MEMORY_CUT, "tcp_memory_cut", "TCP connections closed because too much waited in all of them")           \
        X(TLS_REFUSED, "tls_refused", "TLS connections refused because of too many handshakes")                        \
        X(TCP_TIMEOUTS, "tcp_timeouts", "TCP connections closed by a timeout")                                         \
        X(REPLIES_NOERROR, "replies_noerror", "Replies with records")                                                  \
        X(REPLIES_NODATA, "replies_nodata", "NOERROR replies without answer")                                          \
        X(REPLIES_NXDOMAIN, "replies_nxdomain", "NXDOMAIN replies")                                                    \
        X(REPLIES_REFUSED, "replies_refused", "REFUSED replies")                                                       \
        X(REPLIES_FORMERR, "replies_formerr", "FORMERR replies")                                                       \
        X(REPLIES_NOTIMP, "replies_notimp", "NOTIMP replies")                                                          \
        X(REPLIES_SERVFAIL, "replies_servfail", "SERVFAIL replies")                                                    \
        X(REPLIES_OTHER, "replies_other", "Replies with another code")                                                 \
        X(REPLIES_TRUNCATED, "replies_truncated", "Replies with TC set")                                               \
        X(REPLIES_SERVICE, "replies_service", "Replies chosen by a service")                                           \
        X(EDNS_QUERIES, "edns_queries", "Queries with EDNS")                                                           \
        X(ECS_QUERIES, "ecs_queries", "Queries with EDNS Client Subnet")                                               \
        X(COOKIE_GOOD, "cookie_good", "Queries with a valid server cookie")                                            \
        X(COOKIE_BAD, "cookie_bad", "Queries with an invalid server cookie")

#define COUNTERS_ENUM(id, name, help) COUNTER_##id,
enum counter { COUNTERS(COUNTERS_ENUM) COUNTER_COUNT };

struct counters {
        uint64_t values[COUNTER_COUNT];
        struct counters *next;
} __attribute__((aligned(64)));

/* A block for the calling thread; lives until exit, so sums never go back. */
struct counters *counters_register(void);
void counters_sum(uint64_t out[COUNTER_COUNT]);
const char *counter_name(enum counter);
const char *counter_help(enum counter);

static inline void counter_add(struct counters *c, enum counter which, uint64_t n)
{
        __atomic_store_n(&c->values[which], c->values[which] + n, __ATOMIC_RELAXED);
}

#endif
