/* Revisions that gslbd makes by itself. */
#include <string.h>
#include "admin/rollout/rollout_private.h"
#include "base/clock.h"

struct acting {
        struct rollouts *rollouts;
        struct arena *arena;
        acted *done;
        void *context;
        struct problems problems; /* filled until it is done */
};

bool rollout_may_act(const struct rollouts *r)
{
        return !r->acting && !control_busy(r->control) && !control_gathers(r->control) &&
               !control_building(r->control) && retry_may(&r->retry, clock_ms());
}

static void is_written(void *context, enum control_result result, const struct change_outcome *outcome)
{
        struct acting *a = context;
        struct rollouts *r = a->rollouts;

        r->acting = false;
        if (result == CONTROL_FAILED)
                retry_failed(&r->retry, clock_ms());
        else
                retry_went_well(&r->retry);
        a->done(a->context, result, &a->problems);
        problems_free(&a->problems);
        arena_free(a->arena);
}

bool rollout_act(struct rollouts *r, const struct act *act)
{
        struct acting *a = ARENA_NEW(act->arena, struct acting);
        struct change_outcome outcome;
        size_t count = act->count;

        *a = (struct acting){r, act->arena, act->done, act->context, PROBLEMS_INIT};
        const struct change_terms terms = {.author = ROLLOUT_AUTHOR,
                                           .comment = act->comment,
                                           .force = act->force,
                                           .reason = act->reason,
                                           .alone = true,
                                           .done = is_written,
                                           .context = a};
        r->acting = true;
        enum control_result result = control_change(r->control, act->changes, &count, &terms, &outcome, &a->problems);
        if (result == CONTROL_LATER) {
                r->acting = false;
                problems_free(&a->problems);
                arena_free(act->arena);
        } else if (result != CONTROL_STARTED) {
                is_written(a, result, &outcome);
        }
        return result != CONTROL_LATER;
}

char *problems_line(const struct problems *p)
{
        char *text = problems_text(p);

        for (char *at = text; (at = strchr(at, '\n'));)
                *at = at[1] ? ';' : '\0';
        return text;
}
