#include "admin/control/build.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include "admin/control/build_private.h"
#include "admin/control/guard.h"
#include "base/threads/background.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/rcu.h"
#include "zones/steering/steering_build.h"

#define STEP_US         2000 /* of the control thread at a time; what is noted meanwhile takes as long again at most */
#define WEIGHED_AT_ONCE 200  /* services, between two looks at the clock */

/* Something else for its thread. */
struct errand {
        void (*work)(void *context), (*done)(void *context);
        void *context; /* NULL: there is none */
};

struct builds {
        struct background *thread;
        struct event *made;  /* active when the thread is done */
        struct event *go_on; /* the next step, when other work had its turn */
        struct build *now;   /* under way, or NULL */
        struct errand errand;
};

static const struct timeval soon = {0, 0};

struct build_result *build_result(struct build *b)
{
        return &b->result;
}

static bool given_up(const struct build *b)
{
        return b->result.result != CONTROL_OK || b->cancelled;
}

/* --- its end --- */

static void build_free(struct build *b)
{
        snapshot_discard(b->result.snapshot);
        geo_close(b->result.geo);
        problems_free(&b->result.problems);
        problems_free(&b->result.left_out);
        problems_free(&b->known);
        if (b->states)
                rcu_retire(b->states, free); /* it is large */
        if (b->plan)
                plan_free(b->plan);
        drains_free(b->drains);
        schedules_free(b->schedules);
        free(b->flattened);
        free(b->checked);
        free(b);
}

static void build_ends(struct build *b)
{
        struct control *control = b->control;

        if (b->cancelled && b->result.result == CONTROL_OK) {
                b->result.result = CONTROL_FAILED;
                snprintf(b->result.error, sizeof(b->result.error), "gslbd is stopping; nothing was changed");
        }
        if (!b->in_force)
                steering_notes(b->before->steering, false);
        control->builds->now = NULL;
        control->building = control->entering = false;
        b->order.end(b, b->in_force, b->order.context);
        build_free(b);
        if (control->time_zones_waiting)
                control_reload_time_zones(control);
}

/* --- stages --- */

static void frame(void *build)
{
        build_frame(build);
}

static void begin(void *build)
{
        build_begin(build);
}

/* false: there is more to do. */
static bool weigh_some(struct build *b, uint64_t until_us)
{
        const struct revision *r = b->order.revision;
        uint32_t end = r ? b->result.snapshot->model->count[KIND_SERVICES] : 0;

        while (b->at < end && clock_us() < until_us) {
                guard_configuration(b->result.snapshot, b->at, b->at + WEIGHED_AT_ONCE, &b->result.found,
                                    &b->result.problems);
                b->at += WEIGHED_AT_ONCE;
        }
        if (b->at < end)
                return false;
        if (!r && !b->order.tell)
                return true;
        b->control->tell = b->order.tell;
        guard_whole(b->control, r, b->result.snapshot, &b->result.found, &b->result.problems);
        b->control->tell = NULL;
        return true;
}

/* Whether drains come with it, which the guard takes for being in force already. */
static bool supposes(const struct build *b)
{
        const struct revision *r = b->order.revision;

        for (size_t i = 0; r && i < r->change_count; i++)
                if (r->changes[i].kind == KIND_DRAINS)
                        return true;
        return false;
}

static bool step(struct build *b, uint64_t until_us)
{
        switch (b->stage) {
        case BUILD_CARRIES:
                return build_carry_some(b, until_us);
        case BUILD_WEIGHS:
                if (b->order.asked)
                        return b->order.asked->states || build_follow_some(b, until_us);
                return (supposes(b) || build_follow_some(b, until_us)) && weigh_some(b, until_us);
        case BUILD_ENTERS:
                return build_follow_some(b, until_us);
        case BUILD_FRAMES:
        case BUILD_BEGINS:
        case BUILD_WAITS:
        case BUILD_ENDS:
                break;
        }
        return true;
}

static bool is_of_thread(const struct build *b)
{
        return b->stage == BUILD_FRAMES || b->stage == BUILD_BEGINS;
}

static bool is_of_steps(const struct build *b)
{
        return b->stage == BUILD_CARRIES || b->stage == BUILD_WEIGHS || b->stage == BUILD_ENTERS;
}

/* A stage is done: what follows it. */
static void build_advance(struct build *b)
{
        if (given_up(b)) {
                b->stage = BUILD_ENDS;
        } else if (b->stage == BUILD_WEIGHS) {
                b->stage = BUILD_WAITS;
                b->order.made(b, b->order.context); /* may go on from there */
        } else if (b->stage == BUILD_ENTERS) {
                build_enter(b, b->revision);
                b->in_force = true;
                b->stage = BUILD_ENDS;
        } else {
                b->stage++;
        }
        b->at = 0;
}

/* Sees to it that what is next is done; a step, when it is one. */
static void build_go_on(struct build *b)
{
        struct builds *all = b->control->builds;

        if (is_of_steps(b) && (given_up(b) || step(b, clock_us() + STEP_US)))
                build_advance(b);
        if (b->stage == BUILD_ENDS)
                build_ends(b);
        else if (is_of_thread(b))
                background_give(all->thread, b->stage == BUILD_FRAMES ? frame : begin, b);
        else if (is_of_steps(b))
                event_add(all->go_on, &soon); /* a timer, so that others have their turn */
}

static void on_step(evutil_socket_t fd, short what, void *context)
{
        struct control *control = context;
        struct build *b = control->builds->now;

        if (b && !is_of_thread(b)) /* else it is another by now */
                build_go_on(b);
}

static void run_errand(void *errand)
{
        const struct errand *e = errand;

        e->work(e->context);
}

static void errand_is_done(struct builds *all)
{
        const struct errand e = all->errand;

        all->errand = (struct errand){0};
        e.done(e.context);
}

void builds_do(struct control *control, void (*work)(void *context), void (*done)(void *context), void *context)
{
        struct builds *all = control->builds;

        assert(!control->building && !all->errand.context && context);
        all->errand = (struct errand){work, done, context};
        control->building = true;
        background_give(all->thread, run_errand, &all->errand);
}

static void on_made(evutil_socket_t fd, short what, void *context)
{
        struct control *control = context;
        struct builds *all = control->builds;
        void *piece = background_take(all->thread);
        struct build *b = piece;

        if (piece == &all->errand) {
                errand_is_done(all);
                return;
        }
        if (!b)
                return;
        build_advance(b);
        build_go_on(b);
}

/* On the builder's thread. */
static void wake(void *context)
{
        event_active(context, EV_READ, 0);
}

/* --- what others say --- */

void build_publish(struct build *b, const struct revision *r)
{
        assert(b->stage == BUILD_WAITS);
        b->revision = r;
        b->stage = BUILD_ENTERS;
        b->all_again = supposes(b);
        b->control->entering = true;
        if (!b->at_once)
                event_active(b->control->builds->go_on, EV_TIMEOUT, 0);
}

void build_drop(struct build *b)
{
        assert(b->stage == BUILD_WAITS);
        b->stage = BUILD_ENDS;
        if (!b->at_once)
                event_active(b->control->builds->go_on, EV_TIMEOUT, 0);
}

static struct build *build_new(struct control *control, const struct build_order *order)
{
        struct build *b = memory_alloc(sizeof(*b));

        assert(!control->building);
        b->control = control;
        b->order = *order;
        b->before = snapshot_current();
        b->geo = control->geo;
        for (size_t i = 0; i < control->left_out.count; i++)
                problems_add(&b->known, control->left_out.list[i].path, 0, "%s", control->left_out.list[i].message);
        control->builds->now = b;
        control->building = true;
        return b;
}

bool build_is_asked(const struct control *control)
{
        return control->builds->now && control->builds->now->order.asked;
}

void build_start(struct control *control, const struct build_order *order)
{
        struct build *b = build_new(control, order);

        b->cancelled = control->giving_up;
        if (b->cancelled) { /* its end comes later, as all ends */
                b->stage = BUILD_ENDS;
                event_add(control->builds->go_on, &soon);
        } else {
                build_go_on(b);
        }
}

/* Until it has ended, or waits for somebody else. */
static void build_run(struct build *b)
{
        while (b->stage != BUILD_ENDS && b->stage != BUILD_WAITS) {
                if (b->stage == BUILD_FRAMES)
                        build_frame(b);
                else if (b->stage == BUILD_BEGINS)
                        build_begin(b);
                else if (!given_up(b))
                        step(b, UINT64_MAX);
                build_advance(b);
        }
        if (b->stage == BUILD_ENDS)
                build_ends(b);
}

static void stored_made(struct build *b, void *context)
{
        build_publish(b, NULL);
}

static void stored_ends(struct build *b, bool in_force, void *context)
{
        const struct build_result *r = &b->result;

        if (!in_force)
                log_error("store", "the configuration before stays in force until the next change: %s",
                          r->problems.count ? r->problems.list[0].message : r->error);
}

void build_stored_now(struct control *control)
{
        struct arena *a = arena_new(0);
        struct build *b =
                build_new(control, &(struct build_order){.arena = a, .made = stored_made, .end = stored_ends});

        b->at_once = true;
        build_run(b);
        arena_free(a);
}

bool builds_settle(struct control *control)
{
        struct builds *all = control->builds;
        struct build *b = all->now;

        if (all->errand.context) {
                background_wait(all->thread);
                errand_is_done(all);
                return true;
        }
        if (!b || b->stage == BUILD_WAITS)
                return false;
        event_del(all->go_on);
        if (is_of_thread(b)) {
                background_wait(all->thread);
                build_advance(b);
        }
        build_run(b);
        return true;
}

void builds_cancel(struct control *control)
{
        struct build *b = control->builds->now;

        if (b && b->stage < BUILD_WAITS)
                b->cancelled = true;
}

/* --- opening and closing --- */

bool builds_open(struct control *control, char *error, size_t error_size)
{
        struct builds *all = control->builds = memory_alloc(sizeof(*all));

        all->made = event_new(control->base, -1, 0, on_made, control);
        all->go_on = event_new(control->base, -1, 0, on_step, control);
        if (!all->made || !all->go_on) {
                snprintf(error, error_size, "not enough memory for the builder's thread");
                return false;
        }
        all->thread = background_start("the builder", wake, all->made, error, error_size);
        return all->thread != NULL;
}

void builds_close(struct control *control)
{
        struct builds *all = control->builds;

        if (!all)
                return;
        background_stop(all->thread);
        if (all->made)
                event_free(all->made);
        if (all->go_on)
                event_free(all->go_on);
        free(all);
        control->builds = NULL;
}
