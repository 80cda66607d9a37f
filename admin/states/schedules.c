#include "admin/states/schedules.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

#define BACK_MOST_MS  1000       /* less is no jump: what has turned stays turned */
#define LOOK_AGAIN_MS 86400000LL /* at what never turns, as far as can be seen */

/* A list of schedules, and when it is to be looked at. */
struct due {
        int64_t look_ms;
        uint32_t index; /* in the model's list */
};

struct schedules {
        struct due *heap;      /* the earliest is the first */
        struct scheduled *now; /* by index */
        uint32_t count, in_force;
        int64_t latest_ms; /* of the moments looked at */
};

struct schedules *schedules_new(void)
{
        return memory_alloc(sizeof(struct schedules));
}

void schedules_free(struct schedules *s)
{
        if (!s)
                return;
        free(s->heap);
        free(s->now);
        free(s);
}

uint32_t schedules_in_force(const struct schedules *s)
{
        return s->in_force;
}

void schedules_look_anew(struct schedules *s)
{
        s->latest_ms = INT64_MAX;
}

const struct scheduled *schedules_now(const struct schedules *s, uint32_t index)
{
        assert(index < s->count);
        return &s->now[index];
}

/* --- the heap --- */

static void heap_swap(struct due *a, struct due *b)
{
        struct due was = *a;

        *a = *b;
        *b = was;
}

static void heap_sink(struct schedules *s, uint32_t at)
{
        for (;;) {
                uint32_t least = at;
                for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < s->count; child++)
                        if (s->heap[child].look_ms < s->heap[least].look_ms)
                                least = child;
                if (least == at)
                        return;
                heap_swap(&s->heap[at], &s->heap[least]);
                at = least;
        }
}

static void heap_build(struct schedules *s)
{
        for (uint32_t i = s->count / 2; i-- > 0;)
                heap_sink(s, i);
}

static int64_t look_at(const struct scheduled *now, int64_t wall_ms)
{
        return now->until_ms ? now->until_ms : wall_ms + LOOK_AGAIN_MS;
}

/* --- putting in force --- */

static void schedule_put(const struct scheduling *on, const struct schedule_place *place, const struct scheduled *now)
{
        switch (place->of) {
        case SCHEDULE_OF_ENDPOINT:
                on->states[place->number].scheduled = *now;
                steering_set(on->steering, place->number, &on->states[place->number]);
                break;
        case SCHEDULE_OF_POOL:
                steering_schedule_pool(on->steering, place->number, now);
                break;
        case SCHEDULE_OF_MEMBER:
                steering_schedule_member(on->steering, place->number, place->position, now);
                break;
        }
}

static struct scheduled schedule_find(const struct model *m, uint32_t index, int64_t wall_ms)
{
        return schedules_at(model_schedules(m, &m->scheduled.items[index]), wall_ms);
}

void schedules_suppose(const struct scheduling *on, int64_t wall_ms)
{
        for (uint32_t i = 0; i < on->model->scheduled.count; i++) {
                struct scheduled now = schedule_find(on->model, i, wall_ms);
                schedule_put(on, &on->model->scheduled.items[i], &now);
        }
}

static void schedule_count(struct schedules *s, uint32_t index, const struct scheduled *now)
{
        s->in_force += (now->number != 0) - (s->now[index].number != 0);
        s->now[index] = *now;
}

void schedules_take(struct schedules *s, const struct scheduling *on, int64_t wall_ms)
{
        free(s->heap);
        free(s->now);
        *s = (struct schedules){.count = on->model->scheduled.count, .latest_ms = wall_ms};
        s->heap = memory_alloc((s->count + 1) * sizeof(*s->heap));
        s->now = memory_alloc((s->count + 1) * sizeof(*s->now));
        for (uint32_t i = 0; i < s->count; i++) {
                struct scheduled now = schedule_find(on->model, i, wall_ms);
                schedule_count(s, i, &now);
                s->heap[i] = (struct due){look_at(&now, wall_ms), i};
                schedule_put(on, &on->model->scheduled.items[i], &now);
        }
        heap_build(s);
}

/* --- turns --- */

struct turning {
        const struct scheduling *on;
        int64_t wall_ms, now_ms;
        schedules_visit *visit;
        void *context;
};

static bool is_configured(const struct model *m, const struct schedule_place *place)
{
        switch (place->of) {
        case SCHEDULE_OF_ENDPOINT:
                return m->endpoints[place->number]->enabled;
        case SCHEDULE_OF_POOL:
                return m->pools[place->number]->enabled;
        case SCHEDULE_OF_MEMBER:
                break;
        }
        return true;
}

static void endpoint_begin_gently(const struct turning *t, uint32_t endpoint)
{
        t->on->states[endpoint].up_since_ms = t->now_ms;
        steering_set(t->on->steering, endpoint, &t->on->states[endpoint]);
}

/* What comes back by the clock begins gently, as what comes back by itself does. */
static void begin_gently(const struct turning *t, const struct schedule_place *place)
{
        if (place->of == SCHEDULE_OF_ENDPOINT) {
                endpoint_begin_gently(t, place->number);
                return;
        }
        const struct pool *p = t->on->model->pools[place->number];
        for (uint32_t i = 0; i < p->endpoints.count; i++)
                endpoint_begin_gently(t, p->endpoints.items[i].number);
}

static void schedule_turn(struct schedules *s, const struct turning *t, uint32_t index)
{
        const struct model *m = t->on->model;
        const struct schedule_place *place = &m->scheduled.items[index];
        const struct schedule_list *list = model_schedules(m, place);
        struct scheduled before = s->now[index], now = schedule_find(m, index, t->wall_ms);
        bool configured = is_configured(m, place);

        if (scheduled_equal(&before, &now))
                return;
        schedule_count(s, index, &now);
        schedule_put(t->on, place, &now);
        if (before.number == now.number)
                return;
        if (schedule_enabled(list, &now, configured) && !schedule_enabled(list, &before, configured))
                begin_gently(t, place);
        t->visit(t->context, &(struct schedule_turn){.place = place,
                                                     .before = schedule_in_force(list, &before),
                                                     .now = schedule_in_force(list, &now),
                                                     .until_ms = now.until_ms});
}

void schedules_turn(struct schedules *s, const struct scheduling *on, int64_t wall_ms, int64_t now_ms,
                    schedules_visit *visit, void *context)
{
        const struct turning t = {on, wall_ms, now_ms, visit, context};
        bool back = wall_ms < s->latest_ms - BACK_MOST_MS;

        assert(s->count == on->model->scheduled.count);
        if (back || wall_ms > s->latest_ms)
                s->latest_ms = wall_ms;
        for (uint32_t i = 0; back && i < s->count; i++)
                s->heap[i].look_ms = wall_ms;
        while (s->count && s->heap[0].look_ms <= wall_ms) {
                schedule_turn(s, &t, s->heap[0].index);
                s->heap[0].look_ms = look_at(&s->now[s->heap[0].index], wall_ms);
                heap_sink(s, 0);
        }
}
