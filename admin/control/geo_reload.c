/* New GeoIP databases while running. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include "admin/control/build.h"
#include "admin/control/commit.h"
#include "admin/control/control_private.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "geo/watch.h"

struct geo_waiter {
        TAILQ_ENTRY(geo_waiter) link;
        bool dry_run;
        control_geo_done *done;
        void *context;
};

TAILQ_HEAD(geo_waiter_list, geo_waiter);

/* Those who asked since the databases were opened last, and those whose turn it is. */
struct geo_reloads {
        struct geo_waiter_list waiting, served;
        struct arena *arena;
};

void geo_log_files(const struct geo *geo)
{
        struct geo_file file;
        char time[CLOCK_TEXT_MAX];

        for (size_t i = 0; geo_file(geo, i, &file); i++)
                log_debug("geo", "%s: %s, built %s", file.path, file.type,
                          clock_format((int64_t)file.build_epoch * 1000, time));
}

static bool all_dry(const struct geo_waiter_list *list)
{
        const struct geo_waiter *w;

        TAILQ_FOREACH(w, list, link)
        if (!w->dry_run)
                return false;
        return true;
}

static void geo_tell(struct geo_waiter_list *list, const char *error, const struct doc *traffic)
{
        for (struct geo_waiter *w; (w = TAILQ_FIRST(list));) {
                TAILQ_REMOVE(list, w, link);
                if (w->done)
                        w->done(w->context, error, w->dry_run ? traffic : NULL);
                free(w);
        }
}

static void geo_is_made(struct build *b, void *context)
{
        struct control *control = context;

        if (all_dry(&control->geo_reloads->served))
                build_drop(b);
        else
                build_publish(b, NULL);
}

static void geo_take(struct control *control, struct build_result *r)
{
        geo_log_files(r->geo);
        geo_close(control->geo);
        control->geo = r->geo;
        r->geo = NULL;
        control->geo_error[0] = '\0';
        log_info("geo", "databases reloaded");
}

static void geo_ends(struct build *b, bool in_force, void *context)
{
        struct control *control = context;
        struct geo_reloads *g = control->geo_reloads;
        struct build_result *r = build_result(b);
        const char *error = NULL;

        if (in_force)
                geo_take(control, r);
        else if (r->result != CONTROL_OK)
                error = r->problems.count ? r->problems.list[0].message : r->error;
        if (error && !all_dry(&g->served)) {
                snprintf(control->geo_error, sizeof(control->geo_error), "%s", error);
                log_error("geo", "reload failed, the databases loaded before stay in force: %s", error);
        }
        geo_tell(&g->served, error, r->found.traffic);
        arena_free(g->arena);
        g->arena = NULL;
        geo_reload_go_on(control);
        commit_tell_free(control);
}

void geo_reload_go_on(struct control *control)
{
        struct geo_reloads *g = control->geo_reloads;

        if (control->building || TAILQ_EMPTY(&g->waiting))
                return;
        commits_settle(control); /* what is being written is made for what is in force now */
        if (control->building || TAILQ_EMPTY(&g->waiting))
                return;
        TAILQ_CONCAT(&g->served, &g->waiting, link);
        g->arena = arena_new(0);
        if (!all_dry(&g->served))
                geo_watch_opening(control->geo_watch);
        const struct build_order order = {.geo_paths = control->geo_paths,
                                          .geo_path_count = control->geo_path_count,
                                          .arena = g->arena,
                                          .tell = all_dry(&g->served) ? g->arena : NULL,
                                          .made = geo_is_made,
                                          .end = geo_ends,
                                          .context = control};
        build_start(control, &order);
}

bool control_reload_geo(struct control *control, bool dry_run, control_geo_done *done, void *context)
{
        struct geo_waiter *w;

        if (!control->geo_path_count)
                return false;
        w = memory_alloc(sizeof(*w));
        *w = (struct geo_waiter){.dry_run = dry_run, .done = done, .context = context};
        TAILQ_INSERT_TAIL(&control->geo_reloads->waiting, w, link);
        geo_reload_go_on(control);
        return true;
}

void geo_reload_tick(struct control *control, uint64_t now_ms)
{
        if (!geo_watch_changed(control->geo_watch, now_ms) || !TAILQ_EMPTY(&control->geo_reloads->waiting))
                return;
        log_info("geo", "a database is another than before");
        control_reload_geo(control, false, NULL, NULL);
}

void geo_reloads_open(struct control *control)
{
        control->geo_reloads = memory_alloc(sizeof(*control->geo_reloads));
        TAILQ_INIT(&control->geo_reloads->waiting);
        TAILQ_INIT(&control->geo_reloads->served);
}

void geo_reloads_close(struct control *control)
{
        if (control->geo_reloads)
                geo_tell(&control->geo_reloads->waiting, "gslbd is stopping", NULL);
        free(control->geo_reloads);
        control->geo_reloads = NULL;
}
