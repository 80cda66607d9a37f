#include "admin/control/change_whole.h"

#include <string.h>
#include "admin/control/build.h"
#include "admin/control/commit.h"
#include "admin/control/control_private.h"
#include "admin/control/guard.h"
#include "base/clock.h"

struct whole {
        struct control *control;
        struct build *build;
        struct revision revision;
        struct change_terms terms;
        struct change_outcome outcome;
        struct problems *problems; /* the caller's */
        struct arena *arena;       /* it lies there */
        bool written;
};

/* It is on disk, or could not be written. */
static void whole_written(void *context, enum control_result result, const struct change_outcome *outcome)
{
        struct whole *w = context;

        w->written = result == CONTROL_OK;
        if (w->written) {
                w->outcome.revision = w->revision.number = outcome->revision;
                commit_take_drains(w->control, &w->revision);
                build_publish(w->build, &w->revision);
                return;
        }
        struct build_result *r = build_result(w->build);
        r->result = result;
        w->outcome.error = arena_strdup(w->arena, outcome->error);
        build_drop(w->build);
}

static void whole_made(struct build *b, void *context)
{
        struct whole *w = context;
        struct build_result *r = build_result(b);

        w->build = b;
        w->outcome.found = r->found;
        w->outcome.raised = r->raised;
        if (!guard_permits(&w->revision, &r->found, &w->terms, w->arena, &r->problems)) {
                r->result = CONTROL_REFUSED;
                build_drop(b);
        } else if (w->terms.dry_run) {
                build_drop(b);
        } else {
                w->revision.time_ms = clock_wall_ms();
                commit_add_built(w->control, &w->revision, r->serials, r->serial_count, whole_written, w);
        }
}

static void give_problems(struct whole *w, const struct build_result *r)
{
        for (size_t i = 0; i < r->problems.count; i++)
                problems_add(w->problems, r->problems.list[i].path, r->problems.list[i].line, "%s",
                             r->problems.list[i].message);
        w->problems->dropped += r->problems.dropped;
}

static void whole_ends(struct build *b, bool in_force, void *context)
{
        struct whole *w = context;
        struct build_result *r = build_result(b);
        struct control *control = w->control;

        if (in_force) {
                problems_free(&control->left_out);
                control->left_out = r->left_out;
                r->left_out = PROBLEMS_INIT;
                commit_is_newest(control, &w->revision);
        }
        if (r->result == CONTROL_FAILED && !w->outcome.error) {
                w->outcome.error = arena_strdup(w->arena, r->error);
                commit_failed(control, r->error);
        }
        if (r->result != CONTROL_FAILED)
                give_problems(w, r);
        if (r->result != CONTROL_OK || w->terms.dry_run)
                w->outcome.revision = control->revision;
        if (w->terms.done)
                w->terms.done(w->terms.context, r->result, &w->outcome);
        arena_free(w->arena);
        geo_reload_go_on(control);
        commit_tell_free(control);
}

/* Whether they are reduced, and still so when it is built: operations go on meanwhile. */
static bool stays_reduced(const struct revision *r, const struct change_terms *terms)
{
        for (size_t i = 0; terms->reduced && i < r->change_count; i++)
                if (kind_class(r->changes[i].kind) == CLASS_OPERATION)
                        return false;
        return terms->reduced;
}

void change_whole(struct control *control, const struct revision *r, const struct change_terms *terms,
                  const struct change_outcome *outcome, struct arena *arena, struct problems *problems)
{
        struct whole *w = ARENA_NEW(arena, struct whole);

        *w = (struct whole){.control = control,
                            .revision = *r,
                            .terms = *terms,
                            .outcome = *outcome,
                            .problems = problems,
                            .arena = arena};
        const struct build_order order = {.revision = &w->revision,
                                          .reduced = stays_reduced(&w->revision, terms),
                                          .backup = terms->backup,
                                          .arena = arena,
                                          .tell = terms->dry_run ? terms->tell : NULL,
                                          .made = whole_made,
                                          .end = whole_ends,
                                          .context = w};
        build_start(control, &order);
}
