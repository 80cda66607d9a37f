#include "admin/control/control.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/control/control_private.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#define STORE_RETRIES           40   /* each doubles the store's map */
#define READY_WITHOUT_PROBER_MS 5000 /* how long verdicts of other probers are waited for at the start */

struct store *control_store(struct control *control)
{
        return control->store;
}

const struct geo *control_geo(struct control *control)
{
        return control->geo;
}

struct health_table *control_health(struct control *control)
{
        return control->health;
}

void control_tls_error(struct control *control, const char *error)
{
        snprintf(control->tls_error, sizeof(control->tls_error), "%s", error);
}

const struct plan *control_plan(struct control *control)
{
        return health_plan(control->health);
}

/* --- publishing --- */

static void publish(struct control *control, struct snapshot *snapshot)
{
        control_health_plan(control, snapshot->model);
        control_states_make(control, snapshot);
        flattening_watch(control->flattening, snapshot);
        snapshot_publish(snapshot);
        control_health_take(control);
        control_states_flush(control);
}

/* --- becoming ready --- */

static uint64_t first_round_bound(const struct plan *plan, bool prober)
{
        uint64_t longest = prober ? 0 : READY_WITHOUT_PROBER_MS;

        for (uint32_t i = 0; i < plan->count; i++)
                if ((uint64_t)plan->checks[i].monitor->timeout_ms > longest)
                        longest = (uint64_t)plan->checks[i].monitor->timeout_ms;
        return longest + 2000; /* the first checks are spread over at most a second; one more for slow machines */
}

static void become_ready(struct control *control, const char *why)
{
        if (control->ready)
                return;
        control->ready = true;
        control_health_round_trips(control);
        control_states_flush(control);
        log_info("control", "ready at revision %llu: %s", (unsigned long long)snapshot_current()->revision, why);
        if (control->ready_call)
                control->ready_call(control->ready_context);
}

static void look_ready(struct control *control)
{
        bool checked = control->prober ? control->first_round : health_complete(control->health);

        if (!control->ready && checked && flattening_settled(control->flattening))
                become_ready(control,
                             control->prober ? "the first round of checks is done" : "every check has a verdict");
}

static void prober_reported(void *context, const struct report *report, bool first_round)
{
        struct control *control = context;

        control_report(control, report);
        control->first_round |= first_round && report->plan_revision >= control->first_plan_revision;
        look_ready(control);
}

/* --- the clock --- */

static void delete_expired_drains(struct control *control)
{
        const struct model *m = snapshot_current()->model;
        struct change *changes = memory_alloc((m->count[KIND_DRAINS] + 1) * sizeof(*changes));
        char **keys = memory_alloc((m->count[KIND_DRAINS] + 1) * sizeof(*keys));
        struct problems problems = PROBLEMS_INIT;
        size_t count = 0;
        uint64_t revision;
        int64_t now = clock_wall_ms();

        for (uint32_t i = 0; i < m->count[KIND_DRAINS]; i++) {
                const struct drain *d = &m->drains[i];
                if (d->target != MODEL_NONE && (d->until_ms == 0 || d->until_ms > now))
                        continue;
                keys[count] = memory_strdup(d->name);
                changes[count] = (struct change){KIND_DRAINS, keys[count], NULL};
                count++;
        }
        size_t made = count;
        if (control_change(control, changes, &count, "gslbd", "drain ended", false, &revision, &problems) ==
            CONTROL_FAILED)
                log_error("control", "ended drains are out of force but not yet out of the store: %s",
                          control->store_error);
        for (size_t i = 0; i < made; i++)
                free(keys[i]);
        free(keys);
        free(changes);
        problems_free(&problems);
}

static void tick(evutil_socket_t fd, short what, void *context)
{
        struct control *control = context;
        uint64_t now = clock_ms();

        control_health_tick(control, now);
        control_states_figures(control);
        if (control_states_drains(control, clock_wall_ms()))
                delete_expired_drains(control);
        control_states_flush(control);
        steering_tick(snapshot_current()->steering, (int64_t)now);
        look_ready(control);
        if (!control->ready && now >= control->ready_deadline_ms)
                become_ready(control, "the time for the first round of checks is over");
}

/* --- GeoIP --- */

static struct geo *geo_open_all(struct control *control, char *error, size_t error_size)
{
        return geo_open((const char *const *)control->geo_paths, control->geo_path_count, error, error_size);
}

bool control_reload_geo(struct control *control, char *error, size_t error_size)
{
        if (!control->geo_path_count)
                return true;
        struct geo *opened = geo_open_all(control, control->geo_error, sizeof(control->geo_error));
        struct problems problems = PROBLEMS_INIT;
        struct snapshot *snapshot = NULL;

        if (opened) {
                struct store_txn *txn = store_read(control->store, control->geo_error, sizeof(control->geo_error));
                struct model *model = txn ? model_load(txn, &problems) : NULL;
                if (txn)
                        store_end(txn);
                snapshot = model ? snapshot_build(model, opened, snapshot_current(), &problems) : NULL;
                if (!snapshot && problems.count)
                        snprintf(control->geo_error, sizeof(control->geo_error), "%s", problems.list[0].message);
        }
        problems_free(&problems);
        if (!snapshot) {
                geo_close(opened);
                snprintf(error, error_size, "%s", control->geo_error);
                log_error("geo", "reload failed, the databases loaded before stay in force: %s", error);
                return false;
        }
        publish(control, snapshot);
        geo_close(control->geo);
        control->geo = opened;
        control->geo_error[0] = '\0';
        log_info("geo", "databases reloaded");
        return true;
}

/* --- opening and closing --- */

static struct snapshot *first_snapshot(struct control *control, char *error, size_t error_size)
{
        struct problems problems = PROBLEMS_INIT;
        struct store_txn *txn = store_read(control->store, error, error_size);
        if (!txn)
                return NULL;
        struct model *model = model_load(txn, &problems);
        store_end(txn);
        struct snapshot *snapshot = model ? snapshot_build(model, control->geo, NULL, &problems) : NULL;
        if (!snapshot) {
                char *text = problems_text(&problems);
                snprintf(error, error_size, "the stored configuration cannot be loaded: %s", text);
                free(text);
        }
        problems_free(&problems);
        return snapshot;
}

static bool start(struct control *control, const struct control_options *o, char *error, size_t error_size)
{
        const struct timeval interval = {CONTROL_TICK_MS / 1000, CONTROL_TICK_MS % 1000 * 1000};

        control->store = store_open(o->store_path, false, error, error_size);
        if (!control->store)
                return false;
        if (control->geo_path_count) {
                control->geo = geo_open_all(control, control->geo_error, sizeof(control->geo_error));
                if (!control->geo)
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
        if (o->prober_enabled) {
                control->prober =
                        local_prober_start(control->base, &o->prober, prober_reported, control, error, error_size);
                if (!control->prober) {
                        snapshot_free(snapshot);
                        return false;
                }
        }
        publish(control, snapshot);
        control->first_plan_revision = control_plan(control)->revision;
        control->ready_deadline_ms = clock_ms() + first_round_bound(control_plan(control), control->prober != NULL);
        control->tick = event_new(control->base, -1, EV_PERSIST, tick, control);
        event_add(control->tick, &interval);
        return true;
}

struct control *control_open(struct event_base *base, const struct control_options *o, char *error, size_t error_size)
{
        struct control *control = memory_alloc(sizeof(*control));

        control->base = base;
        control->figures = figures_new();
        control->ready_call = o->ready;
        control->ready_context = o->context;
        control->events = memory_alloc(CONTROL_EVENTS_MAX * sizeof(*control->events));
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
        local_prober_stop(control->prober);
        if (control->tick)
                event_free(control->tick);
        flattening_free(control->flattening);
        snapshot_publish(NULL);
        health_free(control->health);
        geo_close(control->geo);
        store_close(control->store);
        for (size_t i = 0; i < control->geo_path_count; i++)
                free(control->geo_paths[i]);
        free(control->geo_paths);
        figures_free(control->figures);
        free(control->states);
        control_events_free(control);
        free(control);
}

/* --- the one road for change --- */

static enum control_result fail(struct control *control, struct problems *problems, const char *error)
{
        snprintf(control->store_error, sizeof(control->store_error), "%s", error);
        problems_add(problems, "", 0, "the change could not be written, nothing was changed: %s", error);
        log_error("store", "%s", error);
        return CONTROL_FAILED;
}

/* Opens a write transaction with the changes applied in it. Sets *count to those that change something; with none left
 * the transaction is open and unchanged. NULL with `error`. */
static struct store_txn *apply_changes(struct control *control, struct revision *revision, char *error,
                                       size_t error_size)
{
        for (int attempt = 0; attempt < STORE_RETRIES; attempt++) {
                bool retry = false;
                struct store_txn *txn = store_write(control->store, error, error_size);
                if (!txn)
                        return NULL;
                revision->change_count = changes_reduce(txn, revision->changes, revision->change_count);
                revision->number = store_revision(txn) + 1;
                if (!revision->change_count || store_apply(txn, revision, &retry, error, error_size))
                        return txn;
                store_end(txn);
                if (!retry)
                        return NULL;
        }
        return NULL;
}

enum control_result control_change(struct control *control, struct change *changes, size_t *count, const char *author,
                                   const char *comment, bool dry_run, uint64_t *number, struct problems *problems)
{
        char error[CONTROL_ERROR_MAX] = "the store's map could not grow";
        struct revision revision = {.time_ms = clock_wall_ms(),
                                    .author = author,
                                    .comment = comment,
                                    .changes = changes,
                                    .change_count = *count};
        struct store_txn *txn = apply_changes(control, &revision, error, sizeof(error));

        *number = snapshot_current()->revision;
        if (!txn)
                return fail(control, problems, error);
        *count = revision.change_count;
        if (!*count) {
                store_end(txn);
                return CONTROL_UNCHANGED;
        }
        struct model *model = model_load(txn, problems);
        struct snapshot *snapshot = model ? snapshot_build(model, control->geo, snapshot_current(), problems) : NULL;
        if (!snapshot || dry_run) {
                store_end(txn);
                snapshot_free(snapshot);
                return snapshot ? CONTROL_OK : CONTROL_INVALID;
        }
        if (!store_commit(txn, error, sizeof(error))) {
                snapshot_free(snapshot);
                return fail(control, problems, error);
        }
        control->store_error[0] = '\0';
        *number = revision.number;
        publish(control, snapshot);
        log_info("control", "revision %llu by %s: %zu change%s", (unsigned long long)*number, author, *count,
                 *count == 1 ? "" : "s");
        return CONTROL_OK;
}
