#include "admin/node.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/node_private.h"
#include "admin/plan_make.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#define STORE_RETRIES        40   /* each doubles the store's map */
#define READY_WITHOUT_PROBER_MS 5000 /* how long verdicts of other probers are waited for at the start */

struct store *node_store(struct node *node)
{
        return node->store;
}

const struct geo *node_geo(struct node *node)
{
        return node->geo;
}

struct health_table *node_health(struct node *node)
{
        return node->health;
}

const struct plan *node_plan(struct node *node)
{
        return node->plan;
}

/* --- publishing --- */

static void plan_renew(struct node *node, const struct model *model)
{
        plan_free(node->plan);
        node->plan = plan_make(model);
        health_set_plan(node->health, node->plan, clock_ms());
        if (node->prober)
                local_prober_set_plan(node->prober, plan_make(model));
}

static void publish(struct node *node, struct snapshot *snapshot)
{
        plan_renew(node, snapshot->model);
        node_states_make(node, snapshot);
        snapshot_publish(snapshot);
}

/* --- becoming ready --- */

static uint64_t first_round_bound(const struct plan *plan, bool prober)
{
        uint64_t longest = prober ? 0 : READY_WITHOUT_PROBER_MS;

        for (uint32_t i = 0; i < plan->count; i++)
                if ((uint64_t)plan->checks[i].timeout_ms > longest)
                        longest = (uint64_t)plan->checks[i].timeout_ms;
        return longest + 2000; /* the first checks are spread over at most a second; one more for slow machines */
}

static void become_ready(struct node *node, const char *why)
{
        if (node->ready)
                return;
        node->ready = true;
        node_states_flush(node);
        log_info("node", "ready at revision %llu: %s", (unsigned long long)snapshot_current()->revision, why);
        if (node->ready_call)
                node->ready_call(node->ready_context);
}

static void prober_reported(void *context, const struct report *report, bool first_round)
{
        struct node *node = context;

        node_report(node, report);
        if (!node->ready && first_round && report->plan_revision >= node->first_plan_revision)
                become_ready(node, "the first round of checks is done");
}

bool node_report(struct node *node, const struct report *report)
{
        bool taken = health_report(node->health, report, clock_ms());
        node_states_flush(node);
        return taken;
}

/* --- the clock --- */

static void delete_expired_drains(struct node *node)
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
        if (node_change(node, changes, &count, "gslbd", "drain ended", false, &revision, &problems) == NODE_FAILED)
                log_error("node", "ended drains are out of force but not yet out of the store: %s", node->store_error);
        for (size_t i = 0; i < made; i++)
                free(keys[i]);
        free(keys);
        free(changes);
        problems_free(&problems);
}

static void tick(evutil_socket_t fd, short what, void *context)
{
        struct node *node = context;
        uint64_t now = clock_ms();

        health_tick(node->health, now);
        if (node_states_drains(node, clock_wall_ms()))
                delete_expired_drains(node);
        node_states_flush(node);
        if (!node->ready && !node->prober && health_complete(node->health))
                become_ready(node, "every check has a verdict");
        if (!node->ready && now >= node->ready_deadline_ms)
                become_ready(node, "the time for the first round of checks is over");
}

/* --- GeoIP --- */

static struct geo *geo_open_all(struct node *node, char *error, size_t error_size)
{
        return geo_open((const char *const *)node->geo_paths, node->geo_path_count, error, error_size);
}

bool node_reload_geo(struct node *node, char *error, size_t error_size)
{
        if (!node->geo_path_count)
                return true;
        struct geo *opened = geo_open_all(node, node->geo_error, sizeof(node->geo_error));
        struct problems problems = PROBLEMS_INIT;
        struct snapshot *snapshot = NULL;

        if (opened) {
                struct store_txn *txn = store_read(node->store, node->geo_error, sizeof(node->geo_error));
                struct model *model = txn ? model_load(txn, &problems) : NULL;
                if (txn)
                        store_end(txn);
                snapshot = model ? snapshot_build(model, opened, snapshot_current(), &problems) : NULL;
                if (!snapshot && problems.count)
                        snprintf(node->geo_error, sizeof(node->geo_error), "%s", problems.list[0].message);
        }
        problems_free(&problems);
        if (!snapshot) {
                geo_close(opened);
                snprintf(error, error_size, "%s", node->geo_error);
                log_error("geo", "reload failed, the databases loaded before stay in force: %s", error);
                return false;
        }
        publish(node, snapshot);
        geo_close(node->geo);
        node->geo = opened;
        node->geo_error[0] = '\0';
        log_info("geo", "databases reloaded");
        return true;
}

/* --- opening and closing --- */

static struct snapshot *first_snapshot(struct node *node, char *error, size_t error_size)
{
        struct problems problems = PROBLEMS_INIT;
        struct store_txn *txn = store_read(node->store, error, error_size);
        if (!txn)
                return NULL;
        struct model *model = model_load(txn, &problems);
        store_end(txn);
        struct snapshot *snapshot = model ? snapshot_build(model, node->geo, NULL, &problems) : NULL;
        if (!snapshot) {
                char *text = problems_text(&problems);
                snprintf(error, error_size, "the stored configuration cannot be loaded: %s", text);
                free(text);
        }
        problems_free(&problems);
        return snapshot;
}

static bool start(struct node *node, const struct node_options *o, char *error, size_t error_size)
{
        const struct timeval interval = {NODE_TICK_MS / 1000, NODE_TICK_MS % 1000 * 1000};

        node->store = store_open(o->store_path, false, error, error_size);
        if (!node->store)
                return false;
        if (node->geo_path_count) {
                node->geo = geo_open_all(node, node->geo_error, sizeof(node->geo_error));
                if (!node->geo)
                        log_error("geo", "starting without GeoIP, clients are located by networks alone: %s", node->geo_error);
        }
        struct snapshot *snapshot = first_snapshot(node, error, error_size);
        if (!snapshot)
                return false;
        node->health = health_new(node_health_changed, node);
        if (o->prober_enabled) {
                node->prober = local_prober_start(node->base, o->prober_name, prober_reported, node, error, error_size);
                if (!node->prober) {
                        snapshot_free(snapshot);
                        return false;
                }
        }
        publish(node, snapshot);
        node->first_plan_revision = node->plan->revision;
        node->ready_deadline_ms = clock_ms() + first_round_bound(node->plan, node->prober != NULL);
        node->tick = event_new(node->base, -1, EV_PERSIST, tick, node);
        event_add(node->tick, &interval);
        return true;
}

struct node *node_open(struct event_base *base, const struct node_options *o, char *error, size_t error_size)
{
        struct node *node = memory_alloc(sizeof(*node));

        node->base = base;
        node->ready_call = o->ready;
        node->ready_context = o->context;
        node->events = memory_alloc(NODE_EVENTS_MAX * sizeof(*node->events));
        node->geo_paths = memory_alloc((o->geo_path_count + 1) * sizeof(*node->geo_paths));
        for (size_t i = 0; i < o->geo_path_count; i++)
                node->geo_paths[i] = memory_strdup(o->geo_paths[i]);
        node->geo_path_count = o->geo_path_count;
        if (!start(node, o, error, error_size)) {
                node_close(node);
                return NULL;
        }
        return node;
}

void node_close(struct node *node)
{
        if (!node)
                return;
        local_prober_stop(node->prober);
        if (node->tick)
                event_free(node->tick);
        snapshot_publish(NULL);
        health_free(node->health);
        plan_free(node->plan);
        geo_close(node->geo);
        store_close(node->store);
        for (size_t i = 0; i < node->geo_path_count; i++)
                free(node->geo_paths[i]);
        free(node->geo_paths);
        free(node->states);
        free(node->events);
        free(node);
}

/* --- the one road for change --- */

static enum node_result fail(struct node *node, struct problems *problems, const char *error)
{
        snprintf(node->store_error, sizeof(node->store_error), "%s", error);
        problems_add(problems, "", 0, "the change could not be written, nothing was changed: %s", error);
        log_error("store", "%s", error);
        return NODE_FAILED;
}

/* Opens a write transaction with the changes applied in it. Sets *count to those that change something; with none left
 * the transaction is open and unchanged. NULL with `error`. */
static struct store_txn *apply_changes(struct node *node, struct revision *revision, char *error, size_t error_size)
{
        for (int attempt = 0; attempt < STORE_RETRIES; attempt++) {
                bool retry = false;
                struct store_txn *txn = store_write(node->store, error, error_size);
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

enum node_result node_change(struct node *node, struct change *changes, size_t *count, const char *author, const char *comment,
                             bool dry_run, uint64_t *number, struct problems *problems)
{
        char error[NODE_ERROR_MAX] = "the store's map could not grow";
        struct revision revision = {
                .time_ms = clock_wall_ms(), .author = author, .comment = comment, .changes = changes, .change_count = *count};
        struct store_txn *txn = apply_changes(node, &revision, error, sizeof(error));

        *number = snapshot_current()->revision;
        if (!txn)
                return fail(node, problems, error);
        *count = revision.change_count;
        if (!*count) {
                store_end(txn);
                return NODE_UNCHANGED;
        }
        struct model *model = model_load(txn, problems);
        struct snapshot *snapshot = model ? snapshot_build(model, node->geo, snapshot_current(), problems) : NULL;
        if (!snapshot || dry_run) {
                store_end(txn);
                snapshot_free(snapshot);
                return snapshot ? NODE_OK : NODE_INVALID;
        }
        if (!store_commit(txn, error, sizeof(error))) {
                snapshot_free(snapshot);
                return fail(node, problems, error);
        }
        node->store_error[0] = '\0';
        *number = revision.number;
        publish(node, snapshot);
        log_info("node", "revision %llu by %s: %zu change%s", (unsigned long long)*number, author, *count, *count == 1 ? "" : "s");
        return NODE_OK;
}
