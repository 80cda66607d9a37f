/* --watch: a command again and again. */
#include <stdio.h>
#include "admin/ctl/ctl.h"
#include "admin/ctl/screen/watch.h"
#include "base/clock.h"

#define INTERVAL_MOST_MS 86400000

struct watched {
        const struct ctl *ctl;
        command *run;
};

/* Each look has a memory of its own, and takes its arguments anew. */
static int look(void *context)
{
        const struct watched *w = context;
        struct ctl c = *w->ctl;

        c.arena = arena_new(0);
        int status = w->run(&c);
        arena_free(c.arena);
        return status;
}

bool ctl_interval(const struct ctl *c, int64_t *ms)
{
        *ms = WATCH_INTERVAL_MS;
        if (!c->interval || (duration_parse(c->interval, ms) && *ms >= WATCH_INTERVAL_LEAST && *ms <= INTERVAL_MOST_MS))
                return true;
        fprintf(stderr, "gslbctl: --interval: expected a time from 100ms to 1d, got \"%s\"\n", c->interval);
        return false;
}

/* What was asked: "gslbctl get pools". */
static const char *title_of(struct ctl *c, const char *name)
{
        const char *title = arena_printf(c->arena, "gslbctl %s", name);

        for (int i = 0; i < c->argc; i++)
                title = arena_printf(c->arena, "%s %s", title, c->argv[i]);
        return title;
}

int ctl_watch(struct ctl *c, const char *name, command *run)
{
        struct watched watched = {c, run};
        struct watch watch = {.title = title_of(c, name),
                              .whole = c->output == OUTPUT_JSON || c->output == OUTPUT_YAML,
                              .separator = c->output == OUTPUT_YAML ? "---\n" : ""};

        return ctl_interval(c, &watch.interval_ms) ? watch_run(&watch, look, &watched) : CTL_USAGE;
}
