/* probes/health/health.h: what all live probers' verdicts amount to. Control thread only; time is passed in, so it can
 * be simulated.
 *
 * Health of a check is decided over the probers that are live (have not missed three reports), trusted and know it, by
 * its quorum; a tie is a majority for up. When none counts, its health holds for the `stale_after` of its monitor and
 * then becomes unknown.
 *
 * A prober that sees everything down (DISTRUST_LEAST checks or more) while others see at least half of that up is not
 * trusted: it is cut off, not they. A check that changed too often is in quarantine: down until it was calm for a
 * while. A paused check keeps its state.
 *
 * At rest it costs nothing, a report what it changes (and a walk over its own length). */
#ifndef PROBES_HEALTH_HEALTH_H
#define PROBES_HEALTH_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/documents/doc.h"
#include "probes/checks/verdict.h"
#include "probes/prober/roster.h"

#define HEALTH_PROBERS_MAX 256
#define DISTRUST_LEAST     3
#define HEALTH_BRAKE_LEAST 10  /* checks; with fewer one death is a large share */
#define HEALTH_MISSED_MAX  3   /* reports that a prober may miss */
#define HEALTH_LATE_MS     500 /* that the next one may come late */
#define HEALTH_NOWHERE     UINT32_MAX

struct health_table;

struct health_table *health_new(void);
void health_free(struct health_table *);

/* --- what changes it --- */

/* The checks that exist now, or how they differ from those before; what is known of those that stay is kept. Takes the
 * plan. Costs what is in it. */
void health_set_plan(struct health_table *, struct plan *, uint64_t now_ms);
struct roster *health_plan(const struct health_table *);

/* The probers that exist now, and the number of the region where each stands or HEALTH_NOWHERE: others are forgotten
 * and not heard. Until the first call all are heard. */
struct health_prober {
        const char *name;
        uint32_t region;
};
void health_set_probers(struct health_table *, const struct health_prober *, size_t count, uint64_t now_ms);

/* Takes a report. false when it is old (its sequence is not greater, or its prober has been started again since) or of
 * somebody unknown; nothing changes then. Only what the plan asks of the prober is taken. */
bool health_report(struct health_table *, const struct report *, uint64_t now_ms);
/* Looks for probers that fell silent and for what is due. Call several times a second: longer gaps are ours, not the
 * probers' silence. */
void health_tick(struct health_table *, uint64_t now_ms);
/* What somebody says of a check whose monitor is external, good until then. false: there is no such check, or it is
 * not. */
bool health_say(struct health_table *, const char *id, enum verdict_state, const char *detail, const char *who,
                uint64_t until_ms, uint64_t now_ms);
/* When more than `share` percent of all checks (of at least HEALTH_BRAKE_LEAST) would go down within `window_ms`, those
 * changes are held: what probers see is likely the network, not that many deaths. 100: never. */
void health_set_brake(struct health_table *, uint32_t share, uint64_t window_ms);
/* Takes what is held, and holds nothing until then. Returns how many were held; with none it does nothing. */
uint32_t health_accept(struct health_table *, uint64_t until_ms, uint64_t now_ms);

/* --- what has changed --- */

struct health_change {
        const struct check *check;
        enum verdict_state state, before; /* in force now, and until now; alike: its share alone has changed */
        enum reason reason;
        const char *detail, *prober; /* "": none */
        uint64_t lasted_ms;          /* how long the state before was in force */
        uint32_t share;              /* the percentage of its weight that the endpoint is worth */
};
/* All that has changed since the call before, in order; valid until the next call that changes something. A new plan
 * drops what was not asked for. */
const struct health_change *health_changes(struct health_table *, size_t *count);

/* Tells the round trips that may be others since the call before: the median of the probers that count and see the
 * endpoint up, of all (HEALTH_NOWHERE) and of each region. */
typedef void health_round_trip(void *context, const struct check *, uint32_t region, uint32_t rtt_us);
void health_round_trips(struct health_table *, health_round_trip *, void *context);

/* --- what it is --- */

uint32_t health_held(const struct health_table *); /* how many the brake holds */
/* Until when the brake holds nothing because somebody said so; 0: it is on. */
uint64_t health_brake_off_until(const struct health_table *, uint64_t now_ms);
enum verdict_state health_of(const struct health_table *, const char *id); /* VERDICT_UNKNOWN when none */
uint32_t health_share(const struct health_table *, const char *id);        /* 100 when none */
/* The same by place in the roster. */
enum verdict_state health_state_at(const struct health_table *, uint32_t place);
uint32_t health_share_at(const struct health_table *, uint32_t place);
/* Whether the prober is known, live and not distrusted. */
bool health_counts(const struct health_table *, const char *prober);
/* Probers that have reported, in no order: NULL at the end. */
const char *health_prober_name(const struct health_table *, size_t index, bool *live);
/* One that has begun to report or fallen silent since it was last told; NULL: none. */
const char *health_prober_turned(struct health_table *, bool *live);

/* What was counted since the check came into the plan. false: there is no such check. Time in force as down counts
 * until now. */
bool health_counters(const struct health_table *, const char *id, uint64_t now_ms, uint64_t *changes,
                     uint64_t *downtime_ms);

/* One endpoint: {id, state, since, reason, detail, prober, changes, downtime_ms, paused, quarantined, quorum: {rule,
 * up, down}, verdicts: [{prober, state, reason, detail, rtt_ms, since, live, trusted}]} or NULL. */
struct doc *health_describe(const struct health_table *, const char *id, struct arena *, uint64_t now_ms);
/* [{name, live, trusted, last_report_ms_ago, sequence, plan_revision, up, down, unknown}] */
struct doc *health_describe_probers(const struct health_table *, struct arena *, uint64_t now_ms);

#endif
