/* admin/node.h: the control plane of one gslbd: the one writer of everything that is answered.
 *
 * Owns the store, the GeoIP databases, the health table and the published snapshot. Everything here runs on the control thread (the one that runs
 * `base`), except the built-in prober, which has a thread of its own and hands over its reports. */
#ifndef ADMIN_NODE_H
#define ADMIN_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/doc.h"
#include "base/problems.h"
#include "geo/mmdb.h"
#include "probes/health.h"
#include "zones/load.h"
#include "zones/snapshot.h"
#include "zones/store.h"

struct event_base;
struct node;

struct node_options {
        const char *store_path;
        const char *const *geo_paths;
        size_t geo_path_count;
        bool prober_enabled;
        const char *prober_name;
        void (*ready)(void *context); /* once: the first round of checks is done (or its time is up) */
        void *context;
};

/* Opens the store, loads the configuration, publishes the first snapshot, starts the built-in prober. NULL with `error`. */
struct node *node_open(struct event_base *base, const struct node_options *, char *error, size_t error_size);
void node_close(struct node *);

struct store *node_store(struct node *);
const struct geo *node_geo(struct node *);
struct health_table *node_health(struct node *);
const struct plan *node_plan(struct node *);

enum node_result {
        NODE_OK,
        NODE_UNCHANGED, /* the changes changed nothing; no revision was made */
        NODE_INVALID,   /* problems say why */
        NODE_FAILED,    /* the disk or memory: problems[0] says why; nothing changed */
};

/* The one road: validates, applies, commits and publishes one revision. `dry_run` stops before the commit. *revision gets its number
 * (or the current one). Reduces `changes` in place to those that change something (*count). */
enum node_result node_change(struct node *, struct change *changes, size_t *count, const char *author, const char *comment,
                             bool dry_run, uint64_t *revision, struct problems *);

/* A prober's report. false: refused as old. */
bool node_report(struct node *, const struct report *);

/* Opens the databases again and rebuilds; on failure the old stay in force, `error` says why and readiness says so. */
bool node_reload_geo(struct node *, char *error, size_t error_size);

/* {ready, revision, reasons: [...], geo: [...], ...}; true when ready. */
bool node_ready(struct node *, struct arena *, struct doc **out);

/* Events since the start, newest last, for health history: {time, endpoint, state, prober, reason, detail} */
struct doc *node_events(struct node *, struct arena *, size_t limit);

#endif
