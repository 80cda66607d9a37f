#include "admin/traffic/traffic.h"

#include <stdlib.h>
#include <string.h>
#include "admin/traffic/crowds.h"
#include "admin/traffic/traffic_private.h"
#include "base/best.h"
#include "base/clock.h"
#include "base/memory.h"
#include "zones/clients/classes.h"
#include "zones/steering/steering.h"

#define MINUTE_MS 60000

/* --- opening and closing --- */

struct traffic *traffic_open(const char *store_path)
{
        struct traffic *t = memory_alloc(sizeof(*t));
        char *path = store_path ? memory_printf("%s/traffic", store_path) : NULL;

        t->began = t->minute = (uint32_t)(clock_wall_ms() / MINUTE_MS);
        t->history = history_open(path, t->minute);
        free(path);
        flows_init(&t->flows);
        clients_init(&t->clients, taking_second());
        t->regions = memory_alloc(sizeof(*t->regions));
        taking_start(t);
        return t;
}

static void sums_free(struct traffic_sums *s)
{
        free(s->services);
        free(s->pools);
        free(s->endpoints);
        free(s->regions);
}

static void end_minute(struct traffic *t);

void traffic_close(struct traffic *t)
{
        if (!t)
                return;
        taking_stop(t);
        if (snapshot_current()) /* nobody else is there any more */
                end_minute(t);
        history_close(t->history);
        series_free(&t->series);
        flows_end(&t->flows);
        clients_end(&t->clients);
        sums_free(&t->sums);
        for (uint32_t i = 1; i <= t->region_count; i++)
                free(t->regions[i]);
        free(t->regions);
        free(t->region_of);
        free(t->gone_services.list);
        free(t->gone_endpoints.list);
        free(t);
}

/* --- what is in force --- */

static uint16_t region_named(struct traffic *t, const char *name)
{
        for (uint32_t i = 1; i <= t->region_count; i++)
                if (!strcmp(t->regions[i], name))
                        return (uint16_t)i;
        if (t->region_count == UINT16_MAX)
                return 0;
        t->regions = memory_resize(t->regions, (t->region_count + 2) * sizeof(*t->regions));
        t->regions[++t->region_count] = memory_strdup(name);
        return (uint16_t)t->region_count;
}

static uint16_t *regions_of(struct traffic *t, const struct model *m, const struct classes *classes)
{
        uint32_t count = classes_count(classes);
        uint16_t *of = memory_alloc((count + 1) * sizeof(*of)),
                 *known = memory_alloc((m->count[KIND_REGIONS] + 1) * sizeof(*known));

        for (uint32_t r = 0; r < m->count[KIND_REGIONS]; r++)
                known[r] = region_named(t, m->regions[r]->name);
        for (uint32_t c = 0; c < count; c++) {
                uint32_t region = classes_get(classes, c)->region;
                of[c] = region == MODEL_NONE ? 0 : known[region];
        }
        free(known);
        return of;
}

static void numbers_add(struct numbers *n, uint32_t number)
{
        if (n->count == n->room) {
                n->room = n->room ? 2 * n->room : 64;
                n->list = memory_resize(n->list, n->room * sizeof(*n->list));
        }
        n->list[n->count++] = number;
}

static void follow_numbers(struct traffic *t, const struct model *before, const struct model *after)
{
        model_each (service, s, before->services, before->count[KIND_SERVICES])
                if (s->number >= after->count[KIND_SERVICES] || !after->services[s->number])
                        numbers_add(&t->gone_services, s->number);
        model_each (endpoint, e, before->endpoints, before->endpoint_count)
                if (e->number >= after->endpoint_count || !after->endpoints[e->number])
                        numbers_add(&t->gone_endpoints, e->number);
}

void traffic_follow(struct traffic *t, const struct snapshot *next)
{
        const struct snapshot *now = snapshot_current();
        const struct classes *classes = steering_classes(next->steering);

        if (!t)
                return;
        pthread_mutex_lock(&t->lock);
        taking_forget(t); /* their numbers may be others' from now on */
        if (now)
                follow_numbers(t, now->model, next->model);
        if (t->classes != next->classes) {
                taking_all(t); /* what is of the classes before */
                if (now)
                        clients_move(&t->clients, now->locator, next->locator);
                free(t->region_of);
                t->region_of = regions_of(t, next->model, classes);
                t->class_count = classes_count(classes);
                t->classes = next->classes;
        }
        pthread_mutex_unlock(&t->lock);
        t->series.stale = true;
        sums_forget(t);
}

static bool has_endpoint(const struct pool *p, uint32_t number)
{
        for (uint32_t i = 0; p && i < p->endpoints.count; i++)
                if (p->endpoints.items[i].number == number)
                        return true;
        return false;
}

static void follow_pool(struct traffic *t, const struct pool *before, const struct pool *after)
{
        for (uint32_t i = 0; before && i < before->endpoints.count; i++)
                if (!has_endpoint(after, before->endpoints.items[i].number))
                        numbers_add(&t->gone_endpoints, before->endpoints.items[i].number);
}

void traffic_follow_items(struct traffic *t, const struct edited *items, size_t count)
{
        if (!t)
                return;
        pthread_mutex_lock(&t->lock);
        taking_forget(t);
        for (size_t i = 0; i < count; i++)
                if (items[i].kind == KIND_SERVICES && !items[i].after)
                        numbers_add(&t->gone_services, items[i].number);
                else if (items[i].kind == KIND_POOLS)
                        follow_pool(t, items[i].before, items[i].after);
        if (t->gone_services.count || t->gone_endpoints.count)
                t->series.stale = true;
        pthread_mutex_unlock(&t->lock);
        sums_forget(t);
}

/* --- minutes --- */

static uint64_t not_noted(const struct flow *f)
{
        return f->total - f->noted;
}

/* Those that have had most since the last minute ended. */
static int compare_not_noted(const void *a, const void *b)
{
        const struct flow *x = a, *y = b;

        if (not_noted(x) != not_noted(y))
                return not_noted(x) > not_noted(y) ? -1 : 1;
        return x < y ? -1 : x > y;
}

static struct went went_of(const struct traffic *t, const struct flow *f)
{
        const struct flow_items items = flow_items(f);

        return (struct went){items.service ? items.service->name : NULL, f->region ? t->regions[f->region] : NULL,
                             flow_pool_name(f), items.endpoint ? items.endpoint->name : NULL, not_noted(f)};
}

/* With the lock. */
static void end_minute(struct traffic *t)
{
        struct best busiest = best_new(HISTORY_BUSIEST, compare_not_noted);
        struct went *list = memory_alloc((HISTORY_BUSIEST + 1) * sizeof(*list));
        struct went others = {.answers = not_noted(&t->flows.other)};
        size_t count = 0;

        for (struct flow *f = flows_next(&t->flows, NULL); f; f = flows_next(&t->flows, f))
                if (not_noted(f))
                        best_add(&busiest, f);
        best_sort(&busiest);
        series_choose(t, (const struct flow *const *)busiest.list, busiest.count);
        for (size_t i = 0; i < busiest.count; i++) {
                list[count++] = went_of(t, busiest.list[i]);
                others.answers -= list[i].answers;
        }
        for (struct flow *f = flows_next(&t->flows, NULL); f; f = flows_next(&t->flows, f)) {
                others.answers += not_noted(f);
                f->noted = f->total;
        }
        t->flows.other.noted = t->flows.other.total;
        if (others.answers)
                list[count++] = others;
        if (count)
                history_add(t->history, t->minute, list, count);
        free(list);
        best_free(&busiest);
}

void traffic_tick(struct traffic *t, int64_t wall_ms)
{
        uint32_t minute = (uint32_t)(wall_ms / MINUTE_MS);

        if (!t || minute == t->minute)
                return;
        pthread_mutex_lock(&t->lock);
        end_minute(t);
        t->minute = minute;
        pthread_mutex_unlock(&t->lock);
}

void traffic_metrics(struct traffic *t, struct buffer *b)
{
        pthread_mutex_lock(&t->lock);
        taking_all(t);
        series_add(t);
        pthread_mutex_unlock(&t->lock);
        series_write(&t->series, b);
}
