/* admin/control/control_private.h: what the files of the control share among themselves; nobody else includes it.
 * Control thread. */
#ifndef ADMIN_CONTROL_CONTROL_PRIVATE_H
#define ADMIN_CONTROL_CONTROL_PRIVATE_H

#include <event2/event.h>
#include "admin/plans/local_prober.h"
#include "admin/control/control.h"
#include "admin/states/drains.h"
#include "admin/states/figures.h"
#include "admin/states/flattening.h"
#include "admin/states/schedules.h"
#include "admin/control/holds.h"
#include "admin/traffic/traffic.h"
#include "admin/states/token_uses.h"
#include "admin/states/untold.h"
#include "base/retry.h"
#include "zones/store/journal.h"

#define CONTROL_ERROR_MAX 512
#define CONTROL_TICK_MS   250

struct control {
        struct event_base *base;
        const struct stays *stays;
        struct store *store;
        struct geo *geo;
        char **geo_paths;
        size_t geo_path_count;
        struct geo_watch *geo_watch;
        char geo_error[CONTROL_ERROR_MAX];   /* why the databases in force are not the newest; "" when they are */
        char tls_error[CONTROL_ERROR_MAX];   /* why the certificate in force is not the newest */
        char store_error[CONTROL_ERROR_MAX]; /* why the last change was not written; "" when it was */
        uint64_t tokens_version;             /* counts changes of tokens */
        struct health_table *health;
        uint32_t held; /* changes of health that the brake held when last looked at */
        struct flattening *flattening;
        struct local_prober *prober; /* NULL: switched off */
        struct local_prober_options prober_options;
        struct event *tick;

        struct commits *commits;
        struct builds *builds;
        struct preparation *preparation; /* NULL: none is under way */
        bool giving_up;                  /* what begins now is not built */
        bool building;                   /* the model in force is not edited */
        bool entering;           /* what was built is on disk, and about to be in force: nothing else may change */
        bool time_zones_waiting; /* to be read again then, for what is built looks at them */
        struct geo_reloads *geo_reloads;
        bool ending_drains; /* the end of some is being written */

        struct problems left_out; /* of the configuration, for it is not valid; named in `ready` */
        struct drains *drains;
        struct holds *holds;
        struct schedules *schedules;
        struct token_uses *token_uses;
        struct retry end_drains;   /* of a store that did not take it */
        _Atomic uint64_t revision; /* the newest in the store, which others may look at; the snapshot's is the newest of
                                      the configuration */
        int64_t revision_time_ms;  /* wall time */

        struct traffic *traffic;
        struct arena
                *tell; /* while a change is looked at: where it is told what that does to traffic; NULL: nobody asks */
        struct plan_offers *offers;
        struct tries *tries;
        bool local_tries; /* the built-in prober was told of some */
        struct figures_table *figures;
        struct endpoint_state *states; /* by number; those that no endpoint has are unknown */
        uint32_t state_room;
        bool states_changed; /* of many endpoints at once: all are compared */

        bool ready;
        uint64_t started_ms; /* monotonic */
        uint32_t waiting;    /* endpoints whose first verdict is waited for */
        bool timed_out;      /* one of them was waited for in vain */
        void (*ready_call)(void *context);
        void *ready_context;

        struct journal *journal; /* NULL: no events are kept, see events_error */
        char events_error[JOURNAL_ERROR_MAX];
        struct untold *untold;
        struct event *telling; /* goes on with what is untold */
};

/* change.c */
/* Lets drains go on; takes those that have ended out of force, and then out of the store, at longer intervals while
 * that fails. */
void change_end_drains(struct control *, uint64_t now_ms);

/* prepare.c */
void preparation_cancel(struct control *); /* what it leads to is not built */

/* geo_reload.c */
void geo_reloads_open(struct control *);
void geo_reloads_close(struct control *); /* whoever waits is told */
void geo_log_files(const struct geo *);
/* Does what was asked for while something else was built. */
void geo_reload_go_on(struct control *);
void geo_reload_tick(struct control *, uint64_t now_ms); /* takes files that changed */

/* events.c: changes of health and turns of schedules in the log and in the journal */
void events_open(struct control *, const char *store_path);
void events_close(struct control *); /* tells what is left */
/* Remembers a change that is to be told when it is in force. */
void events_add(struct control *, const struct health_change *);
void events_add_schedule(struct control *, const struct schedule_turn *);
/* Tells a few of those added; when there are more, goes on step by step while other work is done. */
void events_tell(struct control *);
const char *events_problem(struct control *); /* why events are not on disk; "": they are */

/* states.c: what is known of endpoints, and how it reaches the steering tables */

/* Takes the load figures that are told and still good. */
void control_states_figures(struct control *);
/* Gives one endpoint's state to the published snapshot's tables. */
void control_states_set(struct control *, uint32_t endpoint);
/* Lets schedules turn whose time has come, and tells of it; to be flushed then. */
void control_states_schedules(struct control *);
/* Puts what was given, or all when states_changed, in force. */
void control_states_flush(struct control *);

/* Puts what health says of one endpoint, and its share of the weight in percent, into its state. */
void control_state_of_health(struct endpoint_state *, enum verdict_state, uint32_t share);
/* Puts all of health into states for the model of the newest plan. */
void control_health_into(const struct control *, struct endpoint_state *states);
/* The same of one endpoint, which may not be checked. */
void control_health_of(const struct control *, const struct model *, uint32_t endpoint, struct endpoint_state *);
/* Takes round trips that have changed. */
void control_health_round_trips(struct control *);

/* start.c: services wait for the first verdicts on their own endpoints */

/* Marks the endpoints of the first snapshot that have to be checked or looked up first. */
void control_start_wait(struct control *, const struct snapshot *, struct endpoint_state *states);
/* Lets those go that are known by now, or whose time is over; ready when none waits. */
void control_start_look(struct control *);

/* health.c: from health to states, log and events */

/* Probers and checks as the model has them; the same with a plan of it that is made already, which is taken. */
void control_health_plan(struct control *, const struct model *);
void control_health_plan_put(struct control *, const struct model *, struct plan *);
/* The same when the model became another by these items. Returns whether a check has changed; what came of it is in
 * health, to be taken. */
bool control_health_plan_edit(struct control *, const struct model *, const struct edited *, size_t count);
/* Takes what has changed into states. After every call that may change health; what follows is control_states_flush
 * and, because it is in force then, control_health_tell: log and events. */
void control_health_take(struct control *);
void control_health_tell(struct control *);
void control_health_tick(struct control *, uint64_t now_ms);

#endif
