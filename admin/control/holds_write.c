/* What is held, and is held no more, into the store. */
#include "admin/control/control_private.h"
#include "base/clock.h"

#define AUTHOR "gslbd"

struct hold_writing {
        struct control *control;
        struct arena *arena;
        const char **keys; /* of what is being written */
        size_t count;
};

static void holds_written(void *context, enum control_result result, const struct change_outcome *outcome)
{
        struct hold_writing *w = context;
        struct holds *h = w->control->holds;

        h->writing = false;
        if (result == CONTROL_OK)
                retry_went_well(&h->retry);
        else
                retry_failed(&h->retry, clock_ms());
        for (size_t i = 0; i < w->count; i++)
                hold_list_wrote(&h->list, w->keys[i]);
        arena_free(w->arena);
}

void control_holds_write(struct control *control)
{
        struct holds *h = control->holds;
        struct problems problems = PROBLEMS_INIT;
        struct change_outcome outcome;

        if (h->writing || TAILQ_EMPTY(&h->list.unwritten) || control_busy(control) || control_gathers(control) ||
            !retry_may(&h->retry, clock_ms()))
                return;
        struct arena *a = arena_new(0);
        struct hold_writing *w = ARENA_NEW(a, struct hold_writing);
        const struct change_terms terms = {
                .author = AUTHOR, .comment = "what is held", .done = holds_written, .context = w};
        size_t n;
        struct change *changes = hold_list_changes(&h->list, a, &n);
        *w = (struct hold_writing){control, a, ARENA_ARRAY(a, const char *, n), n};
        for (size_t i = 0; i < n; i++)
                w->keys[i] = changes[i].key;
        h->writing = true;
        enum control_result result = control_change(control, changes, &n, &terms, &outcome, &problems);
        if (result != CONTROL_STARTED)
                holds_written(w, result, &outcome);
        problems_free(&problems);
}

void holds_tick(struct control *control)
{
        holds_look(control);
        holds_end_due(control);
        control_holds_write(control);
}
