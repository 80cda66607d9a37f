/* admin/control/control.h: the control plane of one gslbd: the one writer of everything that is answered.
 *
 * Owns the store, the GeoIP databases, the health table and the published snapshot. Everything here runs on the control
 * thread (the one that runs `base`), except the built-in prober, which has a thread of its own and hands over its
 * reports. */
#ifndef ADMIN_CONTROL_CONTROL_H
#define ADMIN_CONTROL_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "admin/plans/local_prober.h"
#include "admin/plans/plan_offer.h"
#include "admin/plans/tries_tell.h"
#include "admin/states/flattening.h"
#include "admin/states/hold_list.h"
#include "admin/control/terms.h"
#include "base/arena.h"
#include "base/documents/doc.h"
#include "base/documents/problems.h"
#include "geo/mmdb.h"
#include "probes/health/health.h"
#include "zones/config/hold.h"
#include "zones/load/load.h"
#include "zones/answers/snapshot.h"
#include "zones/steering/steering.h"
#include "zones/store/store.h"

struct backup;
struct event_base;
struct filter;
struct stays;
struct journal;
struct schedules;
struct told_figures;
struct control;

struct traffic;

struct control_options {
        struct resolver_options resolver; /* for host names that are flattened */
        int64_t stale_for_ms;             /* how long their addresses are served when nobody answers any more */
        const char *store_path;
        const char *const *geo_paths;
        size_t geo_path_count;
        uint64_t geo_watch_ms; /* how often the files are looked at; 0: never */
        bool prober_enabled;
        struct local_prober_options prober;
        uint32_t max_down_share; /* percent; see health_set_brake */
        uint64_t brake_window_ms;
        const struct stays *stays;    /* base/event_thread.h: of the thread that runs it; NULL: nobody looks */
        void (*ready)(void *context); /* once: no service waits any more for the first verdicts on its endpoints */
        void *context;
};

/* Opens the store, loads the configuration, publishes the first snapshot, starts the built-in prober. NULL with
 * `error`. */
struct control *control_open(struct event_base *base, const struct control_options *, char *error, size_t error_size);
void control_close(struct control *);

/* The longest that its thread worked at one go, within the last minute or two. */
uint64_t control_longest_us(const struct control *);
struct store *control_store(struct control *);
struct journal *control_journal(struct control *); /* NULL: no events are kept */
uint64_t control_revision(const struct control *); /* that is in force, operations too */
const struct geo *control_geo(struct control *);
struct flattening_counts control_flattened(const struct control *);
struct health_table *control_health(struct control *);
/* All that report or did, as health_describe_probers, and those that are configured and never did: name and live. */
struct doc *control_describe_probers(struct control *, struct arena *);
/* What is answered, counted (admin/traffic/traffic.h). */
struct traffic *control_traffic(struct control *);
const struct schedules *control_schedules(const struct control *); /* admin/states/schedules.h */
/* What a prober fetches; valid during the call of the API. */
const struct plan_text *control_plan_text(struct control *, const char *prober, const char *since);

/* Rises whenever tokens are, or may be, others than before. */
uint64_t control_tokens_version(const struct control *);
/* That a call came with this token, and when the last did (wall time, 0: none). */
void control_token_used(struct control *, const struct token *);
int64_t control_token_last_used(const struct control *, const struct token *);

/* The one road: validates, applies, commits and publishes one revision. Reduces `changes` in place to those that change
 * something (*count). After CONTROL_OK and CONTROL_STARTED problems say what was forced; after CONTROL_STARTED they,
 * and the changes, are there until `done` of the terms is called, which may say more. */
enum control_result control_change(struct control *, struct change *changes, size_t *count, const struct change_terms *,
                                   struct change_outcome *, struct problems *);
/* Finds out beside other work what a change comes to: `make` runs on the builder's thread, and may look at the store
 * and at the model in force. The configuration does not change until `made` is called, later, on the control thread,
 * which can make the change at once; operations go on. false: not now, as CONTROL_LATER. */
bool control_prepare(struct control *, void (*make)(void *context), void (*made)(void *context), void *context);
/* A change is being written: another would be CONTROL_LATER. */
bool control_busy(const struct control *);
/* One is about to be: others may still join it, unless they look at more than they change. */
bool control_gathers(const struct control *);
/* `call` (NULL: nobody) is called each time that this has ended. */
void control_when_free(struct control *, void (*call)(void *context), void *context);
/* `changed` (NULL: nobody) is called with each revision that is in the store; its configuration is in force when the
 * call that brought it ends. */
typedef void control_changed(void *context, const struct revision *);
void control_when_changed(struct control *, control_changed *, void *context);
/* The configuration is being built: only operations go on meanwhile, all else would be CONTROL_LATER. */
bool control_building(const struct control *);
/* What was built but to be asked (admin/asking/) has ended: what waited for that goes on. */
void control_go_on(struct control *);
/* Waits until what was started is done. */
void control_settle(struct control *);
/* Gives up what is being built, but for what is being written: CONTROL_FAILED. */
void control_cancel(struct control *);

/* Whether the built-in prober runs. */
bool control_checks_itself(const struct control *);
/* The checks that these changes would bring, or make others, of those that the built-in prober would run; the caller
 * frees it. Loads the configuration as it would be. NULL with `error`. */
struct plan *control_trial_checks(struct control *, const struct change *, size_t count, char *error,
                                  size_t error_size);
/* A prober of its own that runs them and tells nobody else. */
struct local_prober *control_trial_prober(struct control *, const struct plan *, local_prober_reported *, void *context,
                                          char *error, size_t error_size);

/* What is held: pools and endpoints that were down and are back (admin/control/holds.h). */
struct hold_counts control_holds_count(const struct control *);
/* Where: in a region, of a pool and its endpoints, of an endpoint. */
struct hold_cover {
        enum drain_scope scope;
        uint32_t target; /* see drain_target */
};
typedef void hold_visit(void *context, const struct hold *, bool written);
void control_holds_each(struct control *, const struct hold_cover *, hold_visit *, void *context); /* NULL: all */
/* Starts to write what is not in the store yet, but while that takes nothing. */
void control_holds_write(struct control *);
/* Ends what is held there, on somebody's word. What is in the store is taken out of it later. */
void control_holds_release(struct control *, const struct hold_cover *, const char *who);

/* Why the certificate of DNS over TLS in force is not the newest, for `ready`; "": it is. */
void control_tls_error(struct control *, const char *error);
/* Takes what the brake on health holds, and holds nothing for so long. Returns how many were held; with none it does
 * nothing. */
uint32_t control_health_accept(struct control *, int64_t for_ms, const char *who, const char *reason);
/* A verdict on an endpoint "pool/name" that an external monitor checks, in force at once. false: another monitor checks
 * it, or none. */
bool control_say(struct control *, const char *id, enum verdict_state, const char *detail, const char *who,
                 int64_t ttl_ms);
/* Load figures of an endpoint "pool/name", in force at once. */
void control_figures(struct control *, const char *id, const struct told_figures *);

/* Something that is told among the events: what it is of, as "confirm/42", a word for what happened, and more. */
void control_event(struct control *, const char *target, const char *word, const char *detail);

/* A prober's report. false: refused as old. */
bool control_report(struct control *, const struct report *);
/* Checks that are to be tried at once, and among whom. */
struct tries *control_tries(struct control *);
struct tries_scene control_tries_scene(const struct control *);
/* What this prober is to try, as the reply to its report says it. */
uint32_t control_tries_of(struct control *, const char *prober, struct try_asked list[TRIES_MOST]);
/* Tells the built-in prober what has been asked for. */
void control_tries_local(struct control *);

/* Opens the databases again and builds the tables of clients anew, beside other work; on failure the old stay in force
 * and readiness says so. A dry run looks whether they are good, and what they would do to traffic. `done` (NULL:
 * nobody) is called later: `error` NULL: it is so; `traffic` of a dry run, NULL: not known. false: there are none, and
 * nothing is done. */
typedef void control_geo_done(void *context, const char *error, const struct doc *traffic);
bool control_reload_geo(struct control *, bool dry_run, control_geo_done *, void *context);
/* Reads the files of the time zones that schedules use again; what cannot be read stays as it was. */
void control_reload_time_zones(struct control *);

/* {ready, revision, reasons: [...], geo: [...], ...}; true when ready. */
bool control_ready(struct control *, struct arena *, struct doc **out);
/* What a reason may begin with, before its colon; ends with NULL. */
extern const char *const control_problem_names[];

/* Which changes of health, and what else happened, are asked for. */
struct event_question {
        uint64_t after;   /* those behind this number; UINT64_MAX: the newest `limit` */
        int64_t since_ms; /* wall time; 0: any */
        size_t limit;
        const char *state;           /* NULL: any */
        const struct filter *filter; /* NULL: all; else those of endpoints that are meant */
};
/* Oldest first. `next`: the number to go on after, 0 when there are no more. A look at a bounded number of events.
 * [{number, time, endpoint, state, before, lasted_ms, prober, reason, detail}] */
struct doc *control_events(struct control *, struct arena *, const struct event_question *, uint64_t *next);

/* What would become of traffic if these died: "region/eu", "pool/web-eu", "endpoint/web-eu/eu1". NULL with problems. */
struct doc *control_plan_down(struct control *, const char *const *targets, size_t count, struct arena *,
                              struct problems *);

#endif
