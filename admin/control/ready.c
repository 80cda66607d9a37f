/* What the control tells of itself: whether it is ready, and what is not as it should be. */
#include <stdio.h>
#include <string.h>
#include "admin/control/control_private.h"
#include "base/clock.h"

#define LEFT_OUT_SHOWN 10

static void add_geo(struct control *control, struct arena *a, struct doc *out)
{
        struct doc *list = doc_add_list(a, out, "geo");
        struct geo_file file;
        char time[CLOCK_TEXT_MAX];

        for (size_t i = 0; control->geo && geo_file(control->geo, i, &file); i++) {
                struct doc *one = doc_add_map(a, list, NULL);
                doc_add_string(a, one, "path", file.path);
                doc_add_string(a, one, "type", file.type);
                doc_add_string(a, one, "built", clock_format((int64_t)file.build_epoch * 1000, time));
        }
}

static bool is_heard(const struct control *control, const char *prober)
{
        const char *name;
        bool live;

        for (size_t i = 0; (name = health_prober_name(control->health, i, &live)); i++)
                if (!strcmp(name, prober))
                        return true;
        return false;
}

struct doc *control_describe_probers(struct control *control, struct arena *a)
{
        struct doc *list = health_describe_probers(control->health, a, clock_ms());
        const struct model *m = snapshot_current()->model;

        model_each (prober, p, m->probers, m->count[KIND_PROBERS])
                if (p->enabled && !is_heard(control, p->name)) {
                        struct doc *one = doc_add_map(a, list, NULL);
                        doc_add_string(a, one, "name", p->name);
                        doc_add_bool(a, one, "live", false);
                }
        return list;
}

static void ready_add_probers(struct control *control, struct arena *a, struct doc *reasons)
{
        uint64_t now = clock_ms(), until = health_brake_off_until(control->health, now);
        char time[CLOCK_TEXT_MAX];
        const char *name;
        bool live;

        if (until)
                doc_add_format(a, reasons, NULL, "health: the brake on correlated failures holds nothing until %s",
                               clock_format(clock_wall_ms() + (int64_t)(until - now), time));
        for (size_t i = 0; (name = health_prober_name(control->health, i, &live)); i++)
                if (!live)
                        doc_add_format(
                                a, reasons, NULL,
                                "probers: %s has missed %d reports: its word does not count until it reports again",
                                name, HEALTH_MISSED_MAX);
        const struct model *m = snapshot_current()->model;
        model_each (prober, p, m->probers, m->count[KIND_PROBERS])
                if (p->enabled && !is_heard(control, p->name))
                        doc_add_format(a, reasons, NULL,
                                       "probers: %s has not reported since gslbd started: nothing of it counts",
                                       p->name);
}

struct flattening_counts control_flattened(const struct control *control)
{
        return flattening_count(control->flattening);
}

static void add_left_out(const struct problems *p, struct arena *a, struct doc *reasons)
{
        for (size_t i = 0; i < p->count && i < LEFT_OUT_SHOWN; i++)
                doc_add_format(a, reasons, NULL, "configuration: %s: %s; it is left out of what is served",
                               p->list[i].path, p->list[i].message);
        if (p->count > LEFT_OUT_SHOWN)
                doc_add_format(a, reasons, NULL, "configuration: %zu more parts are left out: see the log",
                               p->count + p->dropped - LEFT_OUT_SHOWN);
}

/* Names of tokens are for who may list them. */
static void add_tokens(struct arena *a, struct doc *reasons)
{
        char time[CLOCK_TEXT_MAX];
        int64_t first;
        uint32_t count = tokens_ending(snapshot_current()->model, clock_wall_ms(), &first);

        if (count)
                doc_add_format(a, reasons, NULL,
                               "tokens: %u end within 7 days, the first at %s; `gslbctl tokens` lists them", count,
                               clock_format(first, time));
}

/* Of the revision in force, if none came since. */
static void add_digest(struct control *control, struct arena *a, struct doc *out)
{
        char error[CONTROL_ERROR_MAX], text[DIGEST_TEXT];
        struct store_txn *txn = store_read(control->store, error, sizeof(error));
        struct digest digest;

        if (!txn)
                return;
        if (store_revision(txn) == control->revision && store_digest(txn, &digest))
                doc_add_string(a, out, "digest", digest_text(&digest, text));
        store_end(txn);
}

const char *const control_problem_names[] = {"health",        "probers", "tls",    "geo",     "resolver",
                                             "configuration", "store",   "tokens", "rollout", NULL};

bool control_ready(struct control *control, struct arena *a, struct doc **out)
{
        char time[CLOCK_TEXT_MAX];

        *out = doc_new(a, DOC_MAP);
        doc_add_bool(a, *out, "ready", control->ready);
        doc_add_int(a, *out, "revision", (int64_t)control->revision);
        if (control->revision_time_ms)
                doc_add_string(a, *out, "revision_time", clock_format(control->revision_time_ms, time));
        add_digest(control, a, *out);
        doc_add_bool(a, *out, "building", control->building);
        const struct drain_counts drains = drains_tell(control->drains, clock_wall_ms());
        doc_add_int(a, *out, "drains_in_force", drains.in_force);
        doc_add_int(a, *out, "drains_waiting", drains.waiting);
        doc_add_int(a, *out, "schedules_in_force", schedules_in_force(control->schedules));
        struct doc *held = doc_add_map(a, *out, "holds");
        doc_add_int(a, held, "pools", control_holds_count(control).pools);
        doc_add_int(a, held, "endpoints", control_holds_count(control).endpoints);
        struct doc *reasons = doc_add_list(a, *out, "reasons");
        if (!control->ready)
                doc_add_format(a, reasons, NULL,
                               "the first round of checks is not done yet: services wait for the first verdicts on %u "
                               "endpoints",
                               control->waiting);
        if (control->held)
                doc_add_format(a, reasons, NULL,
                               "health: %u endpoints would go down at once: that is held, they stay up; `gslbctl "
                               "health accept` takes it",
                               control->held);
        ready_add_probers(control, a, reasons);
        if (control->tls_error[0])
                doc_add_format(a, reasons, NULL, "tls: %s; the certificate read before stays in force",
                               control->tls_error);
        if (control->geo_error[0])
                doc_add_format(a, reasons, NULL, "geo: %s; %s", control->geo_error,
                               control->geo ? "the databases loaded before stay in force"
                                            : "clients are located by networks alone");
        struct flattening_counts flattened = flattening_count(control->flattening);
        if (flattened.stale)
                doc_add_format(
                        a, reasons, NULL,
                        "resolver: nobody answers for %zu of %zu flattened host names, such as %s; their last known "
                        "addresses are served",
                        flattened.stale, flattened.names, flattening_stale_name(control->flattening));
        add_left_out(&control->left_out, a, reasons);
        add_left_out(drains_left_out(control->drains), a, reasons);
        if (control->store_error[0])
                doc_add_format(a, reasons, NULL, "store: the last change was not written: %s", control->store_error);
        if (events_problem(control)[0])
                doc_add_format(a, reasons, NULL, "events: %s", events_problem(control));
        add_tokens(a, reasons);
        add_geo(control, a, *out);
        return control->ready;
}
