#include "admin/control/control.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/control/build.h"
#include "admin/control/commit.h"
#include "admin/control/control_private.h"
#include "base/clock.h"
#include "base/event_thread.h"
#include "base/log.h"
#include "base/memory.h"
#include "geo/watch.h"

struct journal *control_journal(struct control *control)
{
        return control->journal;
}

uint64_t control_longest_us(const struct control *control)
{
        return control->stays ? stays_longest_us(control->stays) : 0;
}

struct store *control_store(struct control *control)
{
        return control->store;
}

uint64_t control_tokens_version(const struct control *control)
{
        return control->tokens_version;
}

uint64_t control_revision(const struct control *control)
{
        return control->revision;
}

const struct geo *control_geo(struct control *control)
{
        return control->geo;
}

struct health_table *control_health(struct control *control)
{
        return control->health;
}

struct traffic *control_traffic(struct control *control)
{
        return control->traffic;
}

const struct schedules *control_schedules(const struct control *control)
{
        return control->schedules;
}

bool control_building(const struct control *control)
{
        return control->building;
}

void control_settle(struct control *control)
{
        while (commits_settle(control) || builds_settle(control))
                ;
}

void control_cancel(struct control *control)
{
        preparation_cancel(control);
        builds_cancel(control);
}

void control_tls_error(struct control *control, const char *error)
{
        snprintf(control->tls_error, sizeof(control->tls_error), "%s", error);
}

const struct plan_text *control_plan_text(struct control *control, const char *prober, const char *since)
{
        return plan_offer(control->offers, health_plan(control->health), prober, since);
}

void control_token_used(struct control *control, const struct token *t)
{
        token_uses_take(control->token_uses, t, clock_wall_ms());
}

int64_t control_token_last_used(const struct control *control, const struct token *t)
{
        return token_uses_last(control->token_uses, t);
}

/* --- reports --- */

static void prober_reported(void *control, const struct report *report)
{
        control_report(control, report);
        control_tries_local(control);
}

/* --- the clock --- */

static void tick(evutil_socket_t fd, short what, void *context)
{
        struct control *control = context;
        uint64_t now = clock_ms();

        control_health_tick(control, now);
        control_states_figures(control);
        change_end_drains(control, now);
        holds_tick(control);
        control_states_schedules(control);
        token_uses_tick(control->token_uses, snapshot_current()->model, clock_wall_ms());
        control_states_flush(control);
        control_health_tell(control);
        steering_tick(snapshot_current()->steering, (int64_t)now);
        control_start_look(control);
        traffic_tick(control->traffic, clock_wall_ms());
        geo_reload_tick(control, now);
}

/* --- opening and closing --- */

static void log_left_out(const struct problems *p)
{
        for (size_t i = 0; i < p->count; i++)
                log_error("store", "%s: %s: it is left out of what is served", p->list[i].path, p->list[i].message);
}

static struct snapshot *first_snapshot(struct control *control, char *error, size_t error_size)
{
        struct problems problems = PROBLEMS_INIT;
        struct store_txn *txn = store_read(control->store, error, error_size);
        if (!txn)
                return NULL;
        struct model *model = model_load_rest(txn, NULL, NULL, &control->left_out, &problems);
        if (model && (!drains_read(control->drains, txn) || !holds_read(control->holds, txn))) {
                store_is_whole(txn, error, error_size);
                problems_add(&problems, "", 0, "%s", error);
                model_free(model);
                model = NULL;
        }
        store_end(txn);
        struct snapshot *snapshot = model ? snapshot_frame(model, control->geo, NULL, &problems) : NULL;
        if (!snapshot) {
                char *text = problems_text(&problems);
                snprintf(error, error_size, "the stored configuration cannot be loaded: %s", text);
                free(text);
        }
        log_left_out(&control->left_out);
        log_left_out(drains_left_out(control->drains));
        problems_free(&problems);
        return snapshot;
}

/* The first one, which is framed, comes into force. false with `error`. */
static bool publish_first(struct control *control, struct snapshot *snapshot, char *error, size_t error_size)
{
        const struct model *m = snapshot->model;
        struct endpoint_state *states = memory_alloc((m->endpoint_count + 1) * sizeof(*states));
        struct problems problems = PROBLEMS_INIT;
        int64_t now = clock_wall_ms();
        uint32_t wanted_count;

        for (uint32_t i = 0; i < m->endpoint_count; i++)
                states[i].figures = FIGURES_UNKNOWN;
        control_health_plan(control, m);
        control_health_into(control, states);
        control_start_wait(control, snapshot, states);
        steering_tick(snapshot->steering, (int64_t)clock_ms()); /* what time it is */
        holds_begin(control, snapshot, states);
        control->states = states;
        control->state_room = m->endpoint_count;
        drains_into(control->drains, m, now, states);
        schedules_take(control->schedules, &(struct scheduling){m, states, snapshot->steering}, now);
        bool good = snapshot_begin(snapshot, states, &problems);
        if (!good)
                snprintf(error, error_size, "%s", problems.list[0].message);
        problems_free(&problems);
        if (!good)
                return false;
        uint32_t *wanted = flattening_wanted(snapshot, &wanted_count);
        flattening_watch(control->flattening, snapshot, wanted, wanted_count);
        free(wanted);
        traffic_follow(control->traffic, snapshot);
        snapshot_publish(snapshot);
        control->tokens_version++;
        holds_follow(control);
        control_health_take(control);
        control_states_flush(control);
        control_health_tell(control);
        return true;
}

static void note(void *control, const char *name, int64_t time_ms)
{
        commit_note(control, name, time_ms);
}

static bool start(struct control *control, const struct control_options *o, char *error, size_t error_size)
{
        const struct timeval interval = {CONTROL_TICK_MS / 1000, CONTROL_TICK_MS % 1000 * 1000};

        control->store = store_open(o->store_path, false, error, error_size);
        if (!control->store)
                return false;
        geo_reloads_open(control);
        if (!commits_open(control, error, error_size) || !builds_open(control, error, error_size))
                return false;
        control->token_uses = token_uses_open(control->store, note, control);
        events_open(control, o->store_path);
        control->traffic = traffic_open(o->store_path);
        control->geo_watch =
                geo_watch_new((const char *const *)control->geo_paths, control->geo_path_count, o->geo_watch_ms);
        geo_watch_opening(control->geo_watch);
        if (control->geo_path_count) {
                control->geo = geo_open((const char *const *)control->geo_paths, control->geo_path_count,
                                        control->geo_error, sizeof(control->geo_error));
                if (control->geo)
                        geo_log_files(control->geo);
                else
                        log_error("geo", "starting without GeoIP, clients are located by networks alone: %s",
                                  control->geo_error);
        }
        struct snapshot *snapshot = first_snapshot(control, error, error_size);
        if (!snapshot)
                return false;
        control->flattening = flattening_new(control->base, &o->resolver, o->stale_for_ms, error, error_size);
        if (!control->flattening) {
                snapshot_free(snapshot);
                return false;
        }
        control->health = health_new();
        health_set_brake(control->health, o->max_down_share, o->brake_window_ms);
        control->prober_options = o->prober; /* what it points to outlives the control */
        if (o->prober_enabled) {
                control->prober =
                        local_prober_start(control->base, &o->prober, prober_reported, control, error, error_size);
                if (!control->prober) {
                        snapshot_free(snapshot);
                        return false;
                }
        }
        control->revision = snapshot->revision;
        control->revision_time_ms = snapshot->model->revision_time_ms;
        control->started_ms = clock_ms();
        if (!publish_first(control, snapshot, error, error_size)) {
                snapshot_free(snapshot);
                return false;
        }
        control->tick = event_new(control->base, -1, EV_PERSIST, tick, control);
        event_add(control->tick, &interval);
        return true;
}

struct control *control_open(struct event_base *base, const struct control_options *o, char *error, size_t error_size)
{
        struct control *control = memory_alloc(sizeof(*control));

        control->base = base;
        control->stays = o->stays;
        control->drains = drains_new();
        control->holds = holds_new();
        control->schedules = schedules_new();
        control->figures = figures_new();
        control->offers = plan_offers_new();
        control->tries = tries_new();
        control->ready_call = o->ready;
        control->ready_context = o->context;
        control->geo_paths = memory_alloc((o->geo_path_count + 1) * sizeof(*control->geo_paths));
        for (size_t i = 0; i < o->geo_path_count; i++)
                control->geo_paths[i] = memory_strdup(o->geo_paths[i]);
        control->geo_path_count = o->geo_path_count;
        if (!start(control, o, error, error_size)) {
                control_close(control);
                return NULL;
        }
        return control;
}

void control_close(struct control *control)
{
        if (!control)
                return;
        token_uses_close(control->token_uses);
        if (control->builds) {
                control_cancel(control);
                control_settle(control);
        }
        builds_close(control);
        commits_close(control);
        geo_reloads_close(control);
        local_prober_stop(control->prober);
        if (control->tick)
                event_free(control->tick);
        traffic_close(control->traffic);
        flattening_free(control->flattening);
        snapshot_publish(NULL);
        health_free(control->health);
        geo_close(control->geo);
        store_close(control->store);
        geo_watch_free(control->geo_watch);
        for (size_t i = 0; i < control->geo_path_count; i++)
                free(control->geo_paths[i]);
        free(control->geo_paths);
        problems_free(&control->left_out);
        drains_free(control->drains);
        holds_free(control->holds);
        schedules_free(control->schedules);
        figures_free(control->figures);
        free(control->states);
        plan_offers_free(control->offers);
        tries_free(control->tries);
        events_close(control);
        free(control);
}
