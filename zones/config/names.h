/* zones/config/names.h: the choices that a configuration offers, and their names: for the schemas, explain and replies.
 */
#ifndef ZONES_CONFIG_NAMES_H
#define ZONES_CONFIG_NAMES_H

#include "base/named.h"

/* What is told of a client, from the widest to the narrowest. */
#define MATCH_KINDS(X)                                                                                                 \
        X(MATCH_CONTINENT, "continent")                                                                                \
        X(MATCH_COUNTRY, "country")                                                                                    \
        X(MATCH_SUBDIVISION, "subdivision")                                                                            \
        X(MATCH_ASN, "asn")
enum match_kind { MATCH_KINDS(NAMED_VALUE) };

/* How a pool picks among its endpoints. */
#define BALANCES(X)                                                                                                    \
        X(BALANCE_WEIGHTED, "weighted")                                                                                \
        X(BALANCE_ROUND_ROBIN, "round_robin")                                                                          \
        X(BALANCE_FAILOVER, "failover")                                                                                \
        X(BALANCE_RANDOM, "random")                                                                                    \
        X(BALANCE_HASH, "hash")                                                                                        \
        X(BALANCE_LEAST_LOAD, "least_load")                                                                            \
        X(BALANCE_FASTEST, "fastest")                                                                                  \
        X(BALANCE_SCORE, "score")                                                                                      \
        X(BALANCE_ALL, "all")
enum balance { BALANCES(NAMED_VALUE) };

/* How a service orders its pools for a client. */
#define STEERING_POLICIES(X)                                                                                           \
        X(STEERING_GEO, "geo")                                                                                         \
        X(STEERING_PROXIMITY, "proximity")                                                                             \
        X(STEERING_LATENCY, "latency")                                                                                 \
        X(STEERING_FAILOVER, "failover")                                                                               \
        X(STEERING_WEIGHTED, "weighted")                                                                               \
        X(STEERING_ROUND_ROBIN, "round_robin")                                                                         \
        X(STEERING_RANDOM, "random")
enum steering_policy { STEERING_POLICIES(NAMED_VALUE) };

#define ALL_DOWN_CHOICES(X)                                                                                            \
        X(WHEN_ALL_DOWN_SERVE_ALL, "serve_all")                                                                        \
        X(WHEN_ALL_DOWN_LAST_RESORT, "last_resort")                                                                    \
        X(WHEN_ALL_DOWN_FALLBACK_ADDRESS, "fallback_address")                                                          \
        X(WHEN_ALL_DOWN_NODATA, "nodata")                                                                              \
        X(WHEN_ALL_DOWN_SERVFAIL, "servfail")
enum when_all_down { ALL_DOWN_CHOICES(NAMED_VALUE) };

/* When a pool that was down serves first again. */
#define FAILBACKS(X)                                                                                                   \
        X(FAILBACK_AUTO, "auto")                                                                                       \
        X(FAILBACK_DELAYED, "delayed")                                                                                 \
        X(FAILBACK_MANUAL, "manual")
enum failback { FAILBACKS(NAMED_VALUE) };

/* What a token may do; each of the first four may do what those before it may. */
#define ROLES(X)                                                                                                       \
        X(ROLE_READ, "read")                                                                                           \
        X(ROLE_OPERATE, "operate")                                                                                     \
        X(ROLE_EDIT, "edit")                                                                                           \
        X(ROLE_ADMIN, "admin")                                                                                         \
        X(ROLE_PROBER, "prober")
enum role { ROLES(NAMED_VALUE) };

/* By value; NULL stands behind the last. */
extern const char *const match_kind_names[],
        *const balance_names[], *const steering_policy_names[], *const when_all_down_names[],
                                                                        *const failback_names[], *const role_names[];

#endif
