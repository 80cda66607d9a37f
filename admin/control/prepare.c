/* What a large change comes to is found out on the builder's thread, before it is made. */
#include <stdlib.h>
#include "admin/control/build.h"
#include "admin/control/commit.h"
#include "admin/control/control_private.h"
#include "base/memory.h"

struct preparation {
        struct control *control;
        void (*make)(void *context), (*made)(void *context);
        void *context;
        bool is_made;
        bool cancelled;
};

/* Operations that are being written come first: what is made of it is made at once, or not at all. */
static bool take_turn(struct control *control)
{
        struct preparation *p = control->preparation;

        if (!p || !p->is_made || control_busy(control) || control_gathers(control))
                return false;
        control->preparation = NULL;
        control->building = false;
        control->giving_up = p->cancelled;
        p->made(p->context);
        control->giving_up = false;
        free(p);
        geo_reload_go_on(control);
        if (control->time_zones_waiting)
                control_reload_time_zones(control);
        commit_tell_free(control);
        return true;
}

/* On the builder's thread. */
static void make(void *preparation)
{
        const struct preparation *p = preparation;

        p->make(p->context);
}

static void is_made(void *preparation)
{
        struct preparation *p = preparation;

        p->is_made = true;
        take_turn(p->control);
}

bool control_prepare(struct control *control, void (*work)(void *context), void (*made)(void *context), void *context)
{
        struct preparation *p;

        if (control->building || control_busy(control) || control_gathers(control))
                return false;
        p = control->preparation = memory_alloc(sizeof(*p));
        *p = (struct preparation){.control = control, .make = work, .made = made, .context = context};
        commit_when_free_first(control, take_turn);
        builds_do(control, make, is_made, p);
        return true;
}

void preparation_cancel(struct control *control)
{
        if (control->preparation)
                control->preparation->cancelled = true;
}
