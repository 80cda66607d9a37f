/* Lists of what is to be looked at: by steering_settle because it has changed, by ticks because it moves. Control
 * thread. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "zones/steering/steering_tables.h"

#define LIST_LEAST 16

void pool_push(struct pool_list *list, struct pool_live *live)
{
        if (list->count == list->capacity) {
                list->capacity = list->capacity ? list->capacity * 2 : LIST_LEAST;
                list->items = memory_resize(list->items, list->capacity * sizeof(struct pool_live *));
        }
        list->items[list->count++] = live;
}

void route_push(struct route_list *list, struct route *r)
{
        if (list->count == list->capacity) {
                list->capacity = list->capacity ? list->capacity * 2 : LIST_LEAST;
                list->items = memory_resize(list->items, list->capacity * sizeof(struct route *));
        }
        list->items[list->count++] = r;
}

/* --- for steering_settle --- */

void steering_mark_pool(struct steering *t, struct pool_live *live)
{
        if (live->marked)
                return;
        live->marked = true;
        pool_push(&t->dirty_pools, live);
}

void steering_mark_route(struct steering *t, struct route *r)
{
        if (r->marked)
                return;
        r->marked = true;
        route_push(&t->dirty_routes, r);
}

void steering_mark_routes(struct steering *t, const struct pool_live *live)
{
        struct route *const *over = routes_over_items(&live->routes);

        for (uint32_t i = 0; i < live->routes.count; i++)
                steering_mark_route(t, over[i]);
}

/* --- for ticks --- */

void pool_list_add(struct pool_list *list, struct pool_live *live, bool *listed)
{
        if (*listed)
                return;
        *listed = true;
        pool_push(list, live);
}

/* The last takes its place. */
void pool_list_remove(struct pool_list *list, uint32_t at, bool *listed)
{
        *listed = false;
        list->items[at] = list->items[--list->count];
}

static void list_forget(struct pool_list *list, const struct pool_live *live, bool *listed)
{
        for (uint32_t i = 0; *listed && i < list->count; i++)
                if (list->items[i] == live)
                        pool_list_remove(list, i, listed);
}

void steering_forget(struct steering *t, struct pool_live *live)
{
        list_forget(&t->moving, live, &live->moving);
        list_forget(&t->timed, live, &live->timed);
        list_forget(&t->delayed, live, &live->delayed);
        list_forget(&t->turned, live, &live->turned);
        list_forget(&t->noted, live, &live->noted);
        list_forget(&t->dirty_pools, live, &live->marked);
}

void steering_watch(struct steering *t, struct pool_live *live)
{
        if (live->by_load || live->by_round_trip || live->by_cost || live->pool->slow_start_ms)
                pool_list_add(&t->moving, live, &live->moving);
        if (live->timing)
                pool_list_add(&t->timed, live, &live->timed);
}

void steering_turn(struct steering *t, struct pool_live *live)
{
        pool_list_add(&t->turned, live, &live->turned);
}

/* --- for another steering that is to take over --- */

void steering_note(struct steering *t, struct pool_live *live)
{
        if (t->noting)
                pool_list_add(&t->noted, live, &live->noted);
}

/* --- routes over a pool --- */

void routes_over_add(struct routes_over *r, struct route *route)
{
        if (!r->count) {
                r->one = route;
        } else if (r->count == 1) {
                struct route **many = memory_alloc(2 * sizeof(struct route *));
                many[0] = r->one;
                many[1] = route;
                r->many = many;
        } else {
                if (!(r->count & (r->count - 1)))
                        r->many = memory_resize(r->many, 2 * (size_t)r->count * sizeof(struct route *));
                r->many[r->count] = route;
        }
        r->count++;
}

void routes_over_remove(struct routes_over *r, struct route *route)
{
        struct route *const *items = routes_over_items(r);
        uint32_t at = 0;

        while (items[at] != route) {
                at++;
                assert(at < r->count); /* it was added */
        }
        if (r->count > 1)
                r->many[at] = r->many[r->count - 1];
        r->count--;
        if (r->count == 1) {
                struct route *left = r->many[0];
                free(r->many);
                r->one = left;
        } else if (r->count > 1 && !(r->count & (r->count - 1))) {
                r->many = memory_resize(r->many, (size_t)r->count * sizeof(struct route *));
        }
}
