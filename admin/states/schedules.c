#include "admin/states/schedules.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/hash.h"
#include "base/memory.h"

#define BACK_MOST_MS  1000       /* less is no jump: what has turned stays turned */
#define LOOK_AGAIN_MS 86400000LL /* at what never turns, as far as can be seen */

/* A list of schedules that is not empty. */
struct entry {
        struct schedule_place place;
        struct scheduled now;
        int64_t look_ms;  /* when it is to be looked at */
        uint32_t heap_at; /* its place in the heap */
};

struct schedules {
        struct entry *entries;
        uint32_t *heap;       /* of entries: the earliest is the first */
        struct map *by_place; /* index of an entry + 1 */
        uint32_t count, room, in_force;
        int64_t latest_ms; /* of the moments looked at */
};

struct schedules *schedules_new(void)
{
        struct schedules *s = memory_alloc(sizeof(*s));

        s->by_place = map_new();
        return s;
}

static void forget_all(struct schedules *s)
{
        free(s->entries);
        free(s->heap);
        map_free(s->by_place);
        *s = (struct schedules){.by_place = map_new()};
}

void schedules_free(struct schedules *s)
{
        if (!s)
                return;
        free(s->entries);
        free(s->heap);
        map_free(s->by_place);
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

uint32_t schedules_count(const struct schedules *s)
{
        return s->count;
}

const struct schedule_place *schedules_place(const struct schedules *s, uint32_t index)
{
        assert(index < s->count);
        return &s->entries[index].place;
}

const struct scheduled *schedules_now(const struct schedules *s, uint32_t index)
{
        assert(index < s->count);
        return &s->entries[index].now;
}

/* --- the heap --- */

static void heap_put(struct schedules *s, uint32_t at, uint32_t index)
{
        s->heap[at] = index;
        s->entries[index].heap_at = at;
}

static int64_t look_of(const struct schedules *s, uint32_t at)
{
        return s->entries[s->heap[at]].look_ms;
}

static void heap_sink(struct schedules *s, uint32_t at)
{
        for (;;) {
                uint32_t least = at, index = s->heap[at];
                for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < s->count; child++)
                        if (look_of(s, child) < look_of(s, least))
                                least = child;
                if (least == at)
                        return;
                heap_put(s, at, s->heap[least]);
                heap_put(s, least, index);
                at = least;
        }
}

static void heap_rise(struct schedules *s, uint32_t at)
{
        for (uint32_t index = s->heap[at]; at && look_of(s, at) < look_of(s, (at - 1) / 2); at = (at - 1) / 2) {
                heap_put(s, at, s->heap[(at - 1) / 2]);
                heap_put(s, (at - 1) / 2, index);
        }
}

static int64_t look_at(const struct scheduled *now, int64_t wall_ms)
{
        return now->until_s ? scheduled_until_ms(now) : wall_ms + LOOK_AGAIN_MS;
}

/* --- entries --- */

static const char *place_key(const struct schedule_place *place, char out[64])
{
        snprintf(out, 64, "%d %u %u", place->of, place->number, place->position);
        return out;
}

static void schedule_count(struct schedules *s, uint32_t index, const struct scheduled *now)
{
        s->in_force += (now->number != 0) - (s->entries[index].now.number != 0);
        s->entries[index].now = *now;
}

static void entry_add(struct schedules *s, const struct schedule_place *place, const struct scheduled *now,
                      int64_t wall_ms)
{
        uint32_t index = s->count++;
        char key[64];

        if (s->count > s->room) {
                s->room = s->room ? s->room * 2 : 16;
                s->entries = memory_resize(s->entries, s->room * sizeof(*s->entries));
                s->heap = memory_resize(s->heap, s->room * sizeof(*s->heap));
        }
        s->entries[index] = (struct entry){.place = *place, .look_ms = look_at(now, wall_ms)};
        schedule_count(s, index, now);
        map_set(s->by_place, place_key(place, key), (void *)(uintptr_t)(index + 1));
        heap_put(s, index, index);
        heap_rise(s, index);
}

static void entry_remove(struct schedules *s, const struct schedule_place *place)
{
        char key[64];
        uint32_t index = (uint32_t)(uintptr_t)map_remove(s->by_place, place_key(place, key)), last = s->count - 1;

        assert(index); /* its list was not empty when it came */
        uint32_t at = s->entries[--index].heap_at;
        s->in_force -= s->entries[index].now.number != 0;
        heap_put(s, at, s->heap[last]);
        s->count--;
        if (at < s->count) {
                uint32_t moved = s->heap[at];
                heap_sink(s, at);
                heap_rise(s, s->entries[moved].heap_at);
        }
        if (index == last)
                return;
        s->entries[index] = s->entries[last];
        s->heap[s->entries[index].heap_at] = index;
        map_set(s->by_place, place_key(&s->entries[index].place, key), (void *)(uintptr_t)(index + 1));
}

/* --- where lists stand --- */

typedef void visit_list(void *context, const struct schedule_place *, const struct schedule_list *);

static void each_of_pool(const struct pool *p, visit_list *visit, void *context)
{
        visit(context, &(struct schedule_place){SCHEDULE_OF_POOL, p->number, 0}, &p->schedules);
        for (uint32_t i = 0; i < p->endpoints.count; i++)
                visit(context, &(struct schedule_place){SCHEDULE_OF_ENDPOINT, p->endpoints.items[i].number, 0},
                      &p->endpoints.items[i].schedules);
}

static void each_of_service(const struct service *s, visit_list *visit, void *context)
{
        for (uint32_t i = 0; i < s->pools.count; i++)
                visit(context, &(struct schedule_place){SCHEDULE_OF_MEMBER, s->number, i},
                      &s->pools.items[i].schedules);
}

static void each_of_item(enum kind kind, const void *item, visit_list *visit, void *context)
{
        if (item && kind == KIND_POOLS)
                each_of_pool(item, visit, context);
        else if (item && kind == KIND_SERVICES)
                each_of_service(item, visit, context);
}

static void each_of_model(const struct model *m, visit_list *visit, void *context)
{
        model_each (pool, p, m->pools, m->count[KIND_POOLS])
                each_of_pool(p, visit, context);
        model_each (service, s, m->services, m->count[KIND_SERVICES])
                each_of_service(s, visit, context);
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

struct putting {
        struct schedules *schedules; /* NULL: it may come into force, and is not waited for */
        const struct scheduling *on;
        int64_t wall_ms;
};

static void put_list(void *context, const struct schedule_place *place, const struct schedule_list *list)
{
        const struct putting *p = context;

        if (!list->count)
                return;
        struct scheduled now = schedules_at(list, p->wall_ms);
        schedule_put(p->on, place, &now);
        if (p->schedules)
                entry_add(p->schedules, place, &now, p->wall_ms);
}

void schedules_take(struct schedules *s, const struct scheduling *on, int64_t wall_ms)
{
        forget_all(s);
        s->latest_ms = wall_ms;
        each_of_model(on->model, put_list, &(struct putting){s, on, wall_ms});
}

/* --- edits --- */

static void remove_list(void *context, const struct schedule_place *place, const struct schedule_list *list)
{
        const struct putting *p = context;

        if (!list->count)
                return;
        if (p->schedules)
                entry_remove(p->schedules, place);
        if (place->of == SCHEDULE_OF_ENDPOINT)
                p->on->states[place->number].scheduled = (struct scheduled){0};
}

/* What holds of a list that stays as it was is as it was: the newest moment that was looked at counts. */
static void put_items(struct schedules *taking, int64_t latest_ms, const struct scheduling *on,
                      const struct edited *items, size_t count, int64_t wall_ms)
{
        struct putting p = {taking, on, latest_ms == INT64_MAX ? wall_ms : latest_ms};

        for (size_t i = 0; i < count; i++)
                each_of_item(items[i].kind, items[i].before, remove_list, &p);
        for (size_t i = 0; i < count; i++)
                each_of_item(items[i].kind, items[i].after, put_list, &p);
}

void schedules_suppose_edit(const struct schedules *s, const struct scheduling *on, const struct edited *items,
                            size_t count, int64_t wall_ms)
{
        put_items(NULL, s->latest_ms, on, items, count, wall_ms);
}

void schedules_edit(struct schedules *s, const struct scheduling *on, const struct edited *items, size_t count,
                    int64_t wall_ms)
{
        put_items(s, s->latest_ms, on, items, count, wall_ms);
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
        const struct schedule_place *place = &s->entries[index].place;
        const struct schedule_list *list = model_schedules(m, place);
        struct scheduled before = s->entries[index].now, now = schedules_at(list, t->wall_ms);
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
                                                     .until_ms = scheduled_until_ms(&now)});
}

void schedules_turn(struct schedules *s, const struct scheduling *on, int64_t wall_ms, int64_t now_ms,
                    schedules_visit *visit, void *context)
{
        const struct turning t = {on, wall_ms, now_ms, visit, context};
        bool back = wall_ms < s->latest_ms - BACK_MOST_MS;

        if (back || wall_ms > s->latest_ms)
                s->latest_ms = wall_ms;
        for (uint32_t i = 0; back && i < s->count; i++)
                s->entries[i].look_ms = wall_ms;
        while (s->count && look_of(s, 0) <= wall_ms) {
                struct entry *e = &s->entries[s->heap[0]];
                schedule_turn(s, &t, s->heap[0]);
                e->look_ms = look_at(&e->now, wall_ms);
                heap_sink(s, 0);
        }
}
