#include "admin/asking/asking.h"

#include <string.h>
#include "admin/asking/then.h"
#include "admin/control/build.h"
#include "admin/control/control.h"
#include "base/clock.h"

struct asking {
        struct control *control;
        struct asking_order order;
        struct revision revision;
        struct build_asked asked;
        struct arena *arena; /* it lies there */
        struct then *then;   /* NULL: it is of now */
        bool told;
};

static void tell(struct asking *s, const struct asked *asked)
{
        s->told = true;
        s->order.done(s->order.context, asked);
}

static void asking_is_made(struct build *b, void *context)
{
        struct asking *s = context;

        tell(s, &(struct asked){.result = CONTROL_OK, .snapshot = build_result(b)->snapshot, .then = s->then});
        build_drop(b);
}

static void asking_ends(struct build *b, bool in_force, void *context)
{
        struct asking *s = context;
        struct control *control = s->control;
        const struct build_result *r = build_result(b);

        if (!s->told)
                tell(s, &(struct asked){.result = r->result, .problems = &r->problems, .error = r->error});
        then_free(s->then);
        arena_free(s->arena);
        control_go_on(control);
}

enum asking_begun asking_begin(struct control *control, const struct asking_order *order)
{
        if (build_is_asked(control))
                return ASKING_BUSY;
        if (control_busy(control) || control_gathers(control) || control_building(control))
                return ASKING_LATER;
        struct arena *a = arena_new(0);
        struct asking *s = ARENA_NEW(a, struct asking);
        *s = (struct asking){.control = control,
                             .order = *order,
                             .revision = {.time_ms = clock_wall_ms(),
                                          .author = "",
                                          .changes = order->changes,
                                          .change_count = order->count},
                             .arena = a};
        if (order->at_ms) {
                s->then = then_new(control_journal(control), order->at_ms);
                s->asked = (struct build_asked){then_looks, then_states, s->then};
        }
        const struct build_order build = {.revision = &s->revision,
                                          .arena = a,
                                          .asked = &s->asked,
                                          .made = asking_is_made,
                                          .end = asking_ends,
                                          .context = s};
        build_start(control, &build);
        return ASKING_BEGUN;
}
