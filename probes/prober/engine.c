#include "probes/prober/engine.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "probes/checks/check_run.h"
#include "probes/checks/exec.h"
#include "probes/checks/state.h"
#include "probes/checks/timing.h"

#define TRIES_APART_MS  1000 /* of one check that is asked for again and again */
#define FIRST_SPREAD_MS 1000 /* the first round is done within this and a timeout */

/* What was asked for of a check. */
struct forced {
        uint64_t asked, running; /* numbers: the newest; that of the run under way, 0: it has none */
        uint64_t began_us;       /* that run */
        uint64_t may_ms;         /* the next one not before */
        struct tried last;
};

/* A check of the plan at work. */
struct checking {
        struct engine *engine;
        struct check_subject subject; /* its check is kept by the engine */
        struct event *timer;
        struct check_run *run; /* under way, or NULL */
        struct check_state state;
        uint64_t hash;         /* gives its phase */
        uint64_t started_ms;   /* of the newest run */
        uint32_t tries;        /* of the run: how many retries are done */
        uint32_t place;        /* among all */
        struct forced *forced; /* NULL: nobody has asked for it */
};

struct engine {
        struct kept *kept;
        struct plan_digest digest; /* of the plan */
        uint64_t revision;         /* likewise */
        struct checker checker;
        struct checking **checkings; /* in the order of ids */
        struct verdict *verdicts;    /* likewise */
        uint32_t count;
        struct random random;
        engine_changed *changed;
        engine_tried_call *tried;
        void *context;
};

struct engine *engine_new(struct event_base *base, const struct resolver_options *o, engine_changed *changed,
                          void *context)
{
        const struct resolver_options of_system = {.hosts = true};
        char error[100];
        struct resolver *resolver = resolver_new(base, o ? o : &of_system, error, sizeof(error));
        struct engine *e = resolver ? memory_alloc(sizeof(*e)) : NULL;

        if (!e)
                return NULL;
        random_seed_system(&e->random);
        e->checker = (struct checker){.base = base, .resolver = resolver, .transfers = http_transfers_new(base)};
        e->kept = kept_new();
        e->changed = changed;
        e->context = context;
        return e;
}

void engine_allow_programs(struct engine *e, const struct exec_settings *settings)
{
        e->checker.execs = execs_new(e->checker.base, settings);
}

void engine_when_tried(struct engine *e, engine_tried_call *tried)
{
        e->tried = tried;
}

static void cancel(struct checking *w)
{
        if (!w->run)
                return;
        check_driver_of(w->subject.check)->cancel(w->run);
        w->run = NULL;
}

static void take_check(struct checking *w, const struct check *c)
{
        w->subject.check = kept_take(w->engine->kept, c);
        digest_add(&w->engine->digest, kept_digest(w->subject.check));
}

static void release_check(struct checking *w)
{
        digest_subtract(&w->engine->digest, kept_digest(w->subject.check));
        kept_release(w->engine->kept, w->subject.check);
}

static void checking_free(struct checking *w)
{
        cancel(w);
        if (w->timer)
                event_free(w->timer);
        release_check(w);
        free(w->subject.memory);
        free(w->forced);
        free(w);
}

void engine_free(struct engine *e)
{
        for (uint32_t i = 0; i < e->count; i++)
                checking_free(e->checkings[i]);
        http_transfers_free(e->checker.transfers);
        resolver_free(e->checker.resolver);
        execs_free(e->checker.execs);
        kept_free(e->kept);
        free(e->checkings);
        free(e->verdicts);
        free(e);
}

/* --- results --- */

static struct verdict *verdict_of(struct checking *w)
{
        return &w->engine->verdicts[w->place];
}

/* What is told takes the place of what was told before; what an agent does not mention stays. */
static void take_figures(struct verdict *v, const struct check_result *result)
{
        if (result->tells && !v->has_figures)
                v->figures = VERDICT_FIGURES_UNKNOWN;
        v->has_figures |= result->tells != 0;
        if (result->tells & TELLS_FIGURES)
                v->figures.figures = result->figures.figures;
        if (result->tells & TELLS_WEIGHT)
                v->figures.weight_percent = result->figures.weight_percent;
        if (result->tells & TELLS_ADMIN)
                v->figures.admin = result->figures.admin;
}

static void take_result(struct checking *w, const struct check_result *result)
{
        const struct monitor *m = w->subject.check->monitor;
        struct verdict *v = verdict_of(w);
        enum verdict_state before = w->state.state;
        enum reason reason = result->reason;

        take_figures(v, result);
        bool maintenance = reason == REASON_OK && v->has_figures && v->figures.admin == ADMIN_MAINT;
        if (maintenance)
                reason = REASON_MAINTENANCE;
        bool passed = reason == REASON_OK, certain = result->certain || maintenance;
        w->state = check_state_next(w->state, passed, certain ? 1 : (uint32_t)m->rise, certain ? 1 : (uint32_t)m->fall);
        v->reason = (uint8_t)reason;
        memcpy(v->detail, result->detail, sizeof(v->detail));
        if (passed)
                v->rtt_us = result->rtt_us;
        if (w->state.state == before)
                return;
        v->state = (uint8_t)w->state.state;
        v->since_ms = clock_wall_ms();
        w->engine->changed(w->engine->context, v);
}

/* --- time --- */

static void engine_set_timer(struct checking *w, uint64_t at_ms)
{
        uint64_t now = clock_ms(), wait = at_ms > now ? at_ms - now : 0;
        const struct timeval left = {(time_t)(wait / 1000), (suseconds_t)(wait % 1000 * 1000)};

        event_add(w->timer, &left);
}

/* --- what is asked for --- */

/* What waits is run soon. */
static bool set_forced(struct checking *w)
{
        const struct forced *f = w->forced;

        if (!f || f->asked == f->last.number)
                return false;
        engine_set_timer(w, f->may_ms);
        return true;
}

/* A run begins: it answers what was asked for until now. */
static void begin_forced(struct forced *f)
{
        if (!f || f->asked == f->last.number)
                return;
        f->running = f->asked;
        f->began_us = clock_us();
        f->may_ms = clock_ms() + TRIES_APART_MS;
}

static void end_forced(struct checking *w)
{
        struct forced *f = w->forced;
        const struct verdict *v = verdict_of(w);
        uint64_t took_us = f ? clock_us() - f->began_us : 0;

        if (!f || !f->running)
                return;
        f->last = (struct tried){.number = f->running,
                                 .done = true,
                                 .reason = v->reason,
                                 .took_us = took_us < UINT32_MAX ? (uint32_t)took_us : UINT32_MAX};
        memcpy(f->last.detail, v->detail, sizeof(f->last.detail));
        f->running = 0;
        if (w->engine->tried)
                w->engine->tried(w->engine->context);
}

static struct checking *checking_of(const struct engine *e, const char *id)
{
        uint32_t from = 0, to = e->count;

        while (from < to) {
                uint32_t middle = from + (to - from) / 2;
                int order = strcmp(e->checkings[middle]->subject.check->id, id);
                if (!order)
                        return e->checkings[middle];
                if (order < 0)
                        from = middle + 1;
                else
                        to = middle;
        }
        return NULL;
}

void engine_try(struct engine *e, const char *id, uint64_t number)
{
        struct checking *w = checking_of(e, id);

        if (!w || !check_is_active(w->subject.check->monitor) || (w->forced && w->forced->asked == number))
                return;
        if (!w->forced)
                w->forced = memory_alloc(sizeof(*w->forced));
        w->forced->asked = number;
        if (!w->run && !w->tries)
                set_forced(w);
}

struct tried engine_tried(const struct engine *e, const char *id, uint64_t number)
{
        const struct checking *w = checking_of(e, id);
        struct tried t = {.reason = REASON_NOT_YET};

        if (w && w->forced && w->forced->last.number == number)
                t = w->forced->last;
        t.id = id;
        t.number = number;
        return t;
}

/* --- runs --- */

/* One try is over: the next one at once, or its result counts and the next run is set. */
static void end_run(struct checking *w, const struct check_result *result)
{
        if (result->reason != REASON_OK && w->tries < w->subject.check->monitor->retries) {
                w->tries++;
                engine_set_timer(w, 0);
                return;
        }
        w->tries = 0;
        take_result(w, result);
        end_forced(w);
        if (!set_forced(w))
                engine_set_timer(w, timing_next_ms(w->subject.check->monitor, w->state, w->hash, w->started_ms,
                                                   (uint32_t)random_next(&w->engine->random)));
}

static void on_done(void *context, const struct check_result *result)
{
        struct checking *w = context;

        w->run = NULL;
        end_run(w, result);
}

static void on_time(evutil_socket_t fd, short what, void *context)
{
        struct checking *w = context;
        struct check_result result;

        if (!w->tries) {
                w->started_ms = clock_ms();
                begin_forced(w->forced);
        }
        w->run = check_driver_of(w->subject.check)->start(&w->engine->checker, &w->subject, on_done, w, &result);
        if (!w->run)
                end_run(w, &result);
}

static struct checking *checking_new(struct engine *e, const struct check *c)
{
        struct checking *w = memory_alloc(sizeof(*w));
        uint64_t hash = hash_bytes(c->id, strlen(c->id), 0), interval = (uint64_t)c->monitor->interval_ms;

        w->engine = e;
        take_check(w, c);
        if (check_memories(c))
                w->subject.memory = memory_alloc(check_memories(c) * sizeof(*w->subject.memory));
        w->hash = hash;
        w->timer = evtimer_new(e->checker.base, on_time, w);
        if (check_is_active(c->monitor))
                engine_set_timer(w, clock_ms() + hash % (interval < FIRST_SPREAD_MS ? interval : FIRST_SPREAD_MS));
        return w;
}

/* --- plans --- */

/* The plan that is to come: the checks of the one before, in order, and what the given one makes of them. */
struct change {
        struct engine *engine;
        struct checking **checkings;
        struct verdict *verdicts;
        uint32_t count;
};

static struct verdict *change_add(struct change *to, struct checking *w, const struct verdict *v)
{
        struct verdict *verdict = &to->verdicts[to->count];

        *verdict = *v;
        verdict->id = w->subject.check->id;
        to->checkings[to->count] = w;
        w->place = to->count++;
        return verdict;
}

static void start(struct change *to, const struct check *c)
{
        const struct verdict first = {.reason = c->monitor->enabled ? REASON_NOT_YET : REASON_PAUSED,
                                      .since_ms = clock_wall_ms()};

        change_add(to, checking_new(to->engine, c), &first);
}

/* One that is checked as before goes on: its state, its time, what is under way. */
static void go_on(struct change *to, struct checking *w, const struct check *c)
{
        const struct verdict verdict = *verdict_of(w);

        if (!check_equal(w->subject.check, c)) {
                checking_free(w);
                start(to, c);
                return;
        }
        release_check(w);
        take_check(w, c);
        change_add(to, w, &verdict);
}

/* Whether the plan takes it away without a word of it. */
static bool goes(const struct plan *plan, const struct checking *w, uint32_t *gone)
{
        const char *id = w->subject.check->id;

        while (*gone < plan->gone_count && strcmp(plan->gone[*gone], id) < 0)
                ++*gone;
        return !plan->is_difference || (*gone < plan->gone_count && !strcmp(plan->gone[*gone], id));
}

static void merge(struct change *to, const struct plan *plan)
{
        struct engine *e = to->engine;
        uint32_t old = 0, new = 0, gone = 0;

        while (old < e->count || new < plan->count) {
                struct checking *w = old < e->count ? e->checkings[old] : NULL;
                const struct check *c = new < plan->count ? &plan->checks[new] : NULL;
                int order = !w ? 1 : !c ? -1 : strcmp(w->subject.check->id, c->id);
                old += order <= 0;
                new += order >= 0;
                if (order > 0)
                        start(to, c);
                else if (!order)
                        go_on(to, w, c);
                else if (goes(plan, w, &gone))
                        checking_free(w);
                else
                        change_add(to, w, &e->verdicts[old - 1]);
        }
}

void engine_set_plan(struct engine *e, struct plan *plan)
{
        struct change to = {.engine = e};
        size_t room = (size_t)e->count + plan->count + 1;

        to.checkings = memory_alloc(room * sizeof(*to.checkings));
        to.verdicts = memory_alloc(room * sizeof(*to.verdicts));
        kept_forget(e->kept);
        merge(&to, plan);
        free(e->checkings);
        free(e->verdicts);
        e->checkings = to.checkings;
        e->verdicts = to.verdicts;
        e->count = to.count;
        e->revision = plan->revision;
        plan_free(plan);
}

const struct verdict *engine_verdicts(const struct engine *e, uint32_t *count)
{
        *count = e->count;
        return e->verdicts;
}

uint64_t engine_plan_revision(const struct engine *e)
{
        return e->revision;
}

struct plan_digest engine_plan_digest(const struct engine *e)
{
        return e->digest;
}
