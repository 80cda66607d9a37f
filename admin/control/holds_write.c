/* What is held, and is held no more, into the store. */
#include "admin/control/control_private.h"
#include "base/clock.h"

#define WAIT_FIRST_MS 1000 /* how long a store that took nothing is left alone: twice as long each time */
#define WAIT_MOST_MS  60000
#define AUTHOR        "gslbd"

struct hold_writing {
        struct control *control;
        struct arena *arena;
};

static void holds_wait_longer(struct holds *h)
{
        uint64_t wait = h->wait_ms * 2;

        h->wait_ms = wait < WAIT_FIRST_MS ? WAIT_FIRST_MS : wait > WAIT_MOST_MS ? WAIT_MOST_MS : wait;
        h->again_ms = clock_ms() + h->wait_ms;
}

static void holds_written(void *context, enum control_result result, const struct change_outcome *outcome)
{
        struct hold_writing *w = context;
        struct holds *h = w->control->holds;
        struct holding *e;

        h->writing = false;
        if (result == CONTROL_OK)
                h->wait_ms = 0;
        else
                holds_wait_longer(h);
        TAILQ_FOREACH(e, &h->list.unwritten, link)
        e->deleting = false;
        arena_free(w->arena);
}

void control_holds_write(struct control *control)
{
        struct holds *h = control->holds;
        struct problems problems = PROBLEMS_INIT;
        struct change_outcome outcome;

        if (h->writing || TAILQ_EMPTY(&h->list.unwritten) || control_busy(control) || control_gathers(control) ||
            clock_ms() < h->again_ms)
                return;
        struct arena *a = arena_new(0);
        struct hold_writing *w = ARENA_NEW(a, struct hold_writing);
        *w = (struct hold_writing){control, a};
        const struct change_terms terms = {
                .author = AUTHOR, .comment = "what is held", .done = holds_written, .context = w};
        size_t n;
        struct change *changes = hold_list_changes(&h->list, a, &n);
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
