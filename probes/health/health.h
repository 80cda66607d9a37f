/* probes/health/health.h: what all live probers' verdicts amount to. Control thread only; time is passed in, so it can be simulated.
 *
 * Health of a check is decided over the probers that are live (reported within its `stale_after`), trusted and know it, by its quorum;
 * a tie is a majority for up. When no prober is live for a check, its health holds for `stale_after` and then becomes unknown.
 *
 * A prober that sees everything down (DISTRUST_LEAST checks or more) while others see at least half of that up is not trusted: it is
 * cut off, not they. A check that changed too often is in quarantine: down until it was calm for a while. A paused check keeps its state. */
#ifndef PROBES_HEALTH_HEALTH_H
#define PROBES_HEALTH_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/documents/doc.h"
#include "probes/prober/plan.h"
#include "probes/checks/verdict.h"

#define HEALTH_STALE_AFTER_MS 30000 /* where a prober is looked at apart from any check */
#define HEALTH_PROBERS_MAX    256
#define HEALTH_CHANGES_MAX    16 /* remembered per check, for quarantine */
#define DISTRUST_LEAST        3
#define HEALTH_BRAKE_LEAST    10 /* checks; with fewer one death is a large share */
#define HEALTH_BREAKER_MOST   16 /* times its `for` that an endpoint waits at most */

struct health_table;

struct health_change {
        const char *id; /* the check's */
        enum verdict_state state, before; /* in force now, and until now */
        const struct verdict *because;    /* NULL: nobody says anything any more */
        const char *prober;               /* NULL: none */
        uint64_t lasted_ms;               /* how long the state before was in force */
};
typedef void health_changed(void *context, const struct health_change *);
/* The percentage of its weight that the check's endpoint is worth has changed. */
typedef void health_shared(void *context, const char *id, uint32_t percent);

struct health_table *health_new(health_changed *, health_shared *, void *context); /* either may be NULL */
void health_free(struct health_table *);

/* The checks that exist now; what is known of those that stay is kept. Copies what it needs. */
void health_set_plan(struct health_table *, const struct plan *, uint64_t now_ms);
/* Takes a report. false when it is old (its sequence is not greater, or its prober has been started
 * again since); nothing changes then. */
bool health_report(struct health_table *, const struct report *, uint64_t now_ms);
/* Looks for probers that fell silent and for what is stale. Call about once a second. */
void health_tick(struct health_table *, uint64_t now_ms);
/* A prober was removed from the configuration. */
void health_forget_prober(struct health_table *, const char *prober, uint64_t now_ms);

/* Whether the prober is known and not distrusted. */
bool health_trusts(const struct health_table *, const char *prober);
/* What somebody says of a check whose monitor is external, good until then (monotonic). false: there is no such check, or it is not. */
bool health_say(struct health_table *, const char *id, enum verdict_state, const char *detail, const char *who, uint64_t until_ms,
                uint64_t now_ms);

/* When more than `share` percent of all checks (of at least HEALTH_BRAKE_LEAST) would go down within `window_ms`, those changes are held:
 * what probers see is likely the network, not that many deaths. 100: never. */
void health_brake(struct health_table *, uint32_t share, uint64_t window_ms);
/* Takes what is held, and holds nothing until then (monotonic). */
void health_accept(struct health_table *, uint64_t until_ms, uint64_t now_ms);
uint32_t health_held(const struct health_table *); /* how many are */
/* 100, or less while it is half open after coming back. */
uint32_t health_share(const struct health_table *, const char *id);

enum verdict_state health_of(const struct health_table *, const char *id); /* VERDICT_UNKNOWN when none */
/* Whether every check has a word from at least one prober. */
bool health_complete(const struct health_table *);

/* What was counted since the check came into the plan. false: there is no such check. Time in force as down counts until now. */
bool health_counters(const struct health_table *, const char *id, uint64_t now_ms, uint64_t *changes, uint64_t *downtime_ms);

/* One endpoint: {id, state, since, reason, detail, prober, changes, downtime_ms, paused, quarantined, quorum: {rule, up, down},
 * verdicts: [{prober, state, reason, detail, rtt_ms, since, live, trusted}]} or NULL. */
struct doc *health_describe(const struct health_table *, const char *id, struct arena *, uint64_t now_ms);
/* [{name, live, trusted, last_report_ms_ago, sequence, plan_revision, up, down, unknown}] */
struct doc *health_describe_probers(const struct health_table *, struct arena *, uint64_t now_ms);

#endif
