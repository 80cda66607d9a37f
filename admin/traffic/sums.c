/* Sums of flows, by number and by name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/traffic/traffic_private.h"
#include "base/arena.h"
#include "base/best.h"
#include "base/clock.h"
#include "base/documents/doc.h"
#include "base/hash.h"
#include "base/memory.h"

#define SUMS_LAST_MS 1000
#define MINUTE_MS    60000

const char *const traffic_by_names[] = {"service", "region", "pool", "endpoint", NULL};

struct flow_items flow_items(const struct flow *f)
{
        const struct model *m = snapshot_current()->model;
        struct flow_items items = {0};

        if (f->service < m->count[KIND_SERVICES])
                items.service = m->services[f->service];
        if (f->endpoint < m->endpoint_count)
                items.endpoint = m->endpoints[f->endpoint];
        if (items.endpoint)
                items.pool = m->pools[items.endpoint->pool];
        return items;
}

const char *flow_pool_name(const struct flow *f)
{
        const struct flow_items items = flow_items(f);

        return items.pool ? items.pool->name : f->endpoint == FLOW_FALLBACK ? FALLBACK_NAME : "";
}

uint32_t region_number(const struct traffic *t, uint16_t region)
{
        return region ? model_find(snapshot_current()->model, KIND_REGIONS, t->regions[region]) : MODEL_NONE;
}

/* --- by number --- */

void sums_forget(struct traffic *t)
{
        t->sums_ms = 0;
}

static void add(struct traffic_sum *sum, double rate, uint64_t total)
{
        sum->rate += rate;
        sum->total += total;
}

static void add_flow(struct traffic_sums *s, const struct flow *f, uint32_t region, uint32_t second)
{
        const struct flow_items items = flow_items(f);
        double rate = flow_rate(f, second);

        add(&s->all, rate, f->total);
        if (f->endpoint == FLOW_NOTHING && f->service != FLOW_OTHER)
                add(&s->nothing, rate, f->total);
        if (!items.service) {
                add(&s->other, rate, f->total);
                return;
        }
        add(&s->services[f->service], rate, f->total);
        if (region != MODEL_NONE)
                add(&s->regions[region], rate, f->total);
        if (items.endpoint) {
                add(&s->endpoints[f->endpoint], rate, f->total);
                add(&s->pools[items.endpoint->pool], rate, f->total);
        }
}

static uint32_t *region_numbers(const struct traffic *t)
{
        uint32_t *numbers = memory_alloc((t->region_count + 1) * sizeof(*numbers));

        for (uint32_t i = 0; i <= t->region_count; i++)
                numbers[i] = region_number(t, (uint16_t)i);
        return numbers;
}

static void sums_resize(struct traffic_sums *s, const struct model *m)
{
        free(s->services);
        free(s->pools);
        free(s->endpoints);
        free(s->regions);
        *s = (struct traffic_sums){
                .services = memory_alloc((m->count[KIND_SERVICES] + 1) * sizeof(*s->services)),
                .pools = memory_alloc((m->count[KIND_POOLS] + 1) * sizeof(*s->pools)),
                .endpoints = memory_alloc((m->endpoint_count + 1) * sizeof(*s->endpoints)),
                .regions = memory_alloc((m->count[KIND_REGIONS] + 1) * sizeof(*s->regions)),
        };
}

const struct traffic_sums *traffic_sums(struct traffic *t)
{
        uint64_t now = clock_ms();
        uint32_t second = taking_second(), *regions;

        if (t->sums_ms && now < t->sums_ms + SUMS_LAST_MS)
                return &t->sums;
        t->sums_ms = now;
        sums_resize(&t->sums, snapshot_current()->model);
        regions = region_numbers(t);
        pthread_mutex_lock(&t->lock);
        taking_all(t);
        for (const struct flow *f = flows_next(&t->flows, NULL); f; f = flows_next(&t->flows, f))
                add_flow(&t->sums, f, regions[f->region], second);
        add_flow(&t->sums, &t->flows.other, MODEL_NONE, second);
        pthread_mutex_unlock(&t->lock);
        free(regions);
        return &t->sums;
}

/* --- by name --- */

struct group {
        uint64_t answers;
        double rate;
        const char *name; /* in the arena; of an endpoint "pool/name", "": none; NULL: by `number` */
        uint32_t number;
};

struct grouping {
        const struct traffic *traffic;
        const struct traffic_question *question;
        struct arena *arena;
        struct map *by_name;     /* what the history knows, and what has no number */
        struct group *by_number; /* of services, pools, endpoints, or regions of traffic */
        uint32_t count;
        struct group all;
};

static bool fits(const char *asked, const char *name)
{
        return !asked || (name && !strcmp(asked, name));
}

static struct group *group_named(struct grouping *g, const char *name)
{
        struct group *group = map_get(g->by_name, name);

        if (!group) {
                group = ARENA_NEW(g->arena, struct group);
                *group = (struct group){.name = arena_strdup(g->arena, name)};
                map_set(g->by_name, name, group);
        }
        return group;
}

static void add_to_group(struct group *group, uint64_t answers, double rate)
{
        group->answers += answers;
        group->rate += rate;
}

/* Of the history. */
static void add_went(void *context, const struct went *w)
{
        struct grouping *g = context;
        const struct traffic_question *q = g->question;
        const char *const names[] = {w->service, w->region, w->pool, w->endpoint};
        const char *name = names[q->by] ? names[q->by] : "";

        if (!fits(q->service, w->service) || !fits(q->region, w->region) || !fits(q->pool, w->pool))
                return;
        if (q->by == TRAFFIC_BY_ENDPOINT && *name)
                name = arena_printf(g->arena, "%s/%s", w->pool, name);
        add_to_group(group_named(g, name), w->answers, 0);
        add_to_group(&g->all, w->answers, 0);
}

static uint32_t number_of(const struct grouping *g, const struct flow *f, const struct flow_items *items)
{
        switch (g->question->by) {
        case TRAFFIC_BY_SERVICE:
                return items->service ? f->service : MODEL_NONE;
        case TRAFFIC_BY_REGION:
                return f->region ? f->region : MODEL_NONE;
        case TRAFFIC_BY_POOL:
                return items->pool ? items->pool->number : MODEL_NONE;
        case TRAFFIC_BY_ENDPOINT:
                break;
        }
        return items->endpoint ? f->endpoint : MODEL_NONE;
}

static uint32_t numbers_end(const struct traffic *t, enum traffic_by by)
{
        const struct model *m = snapshot_current()->model;

        return by == TRAFFIC_BY_SERVICE  ? m->count[KIND_SERVICES]
               : by == TRAFFIC_BY_REGION ? t->region_count + 1
               : by == TRAFFIC_BY_POOL   ? m->count[KIND_POOLS]
                                         : m->endpoint_count;
}

static const char *name_of(const struct grouping *g, uint32_t number)
{
        const struct model *m = snapshot_current()->model;

        switch (g->question->by) {
        case TRAFFIC_BY_SERVICE:
                return m->services[number]->name;
        case TRAFFIC_BY_REGION:
                return g->traffic->regions[number];
        case TRAFFIC_BY_POOL:
                return m->pools[number]->name;
        case TRAFFIC_BY_ENDPOINT:
                break;
        }
        const struct endpoint *e = m->endpoints[number];
        return arena_printf(g->arena, "%s/%s", m->pools[e->pool]->name, e->name);
}

/* Whether a flow is what the question is about; names are looked at only where one is asked for. */
static bool is_asked(const struct grouping *g, const struct flow *f, const struct flow_items *items)
{
        const struct traffic_question *q = g->question;

        return (!q->service || fits(q->service, items->service ? items->service->name : "")) &&
               (!q->region || fits(q->region, f->region ? g->traffic->regions[f->region] : "")) &&
               (!q->pool || fits(q->pool, flow_pool_name(f)));
}

/* What is not in the history yet, and how much it is now. */
static void add_now(struct grouping *g, const struct flow *f, uint32_t second)
{
        const struct flow_items items = flow_items(f);
        uint64_t answers = f->total - f->noted;
        double rate = flow_rate(f, second);
        uint32_t number = number_of(g, f, &items);

        if ((!answers && rate <= 0) || !is_asked(g, f, &items))
                return;
        add_to_group(&g->all, answers, rate);
        if (number != MODEL_NONE)
                add_to_group(&g->by_number[number], answers, rate);
        else
                add_to_group(group_named(g, g->question->by == TRAFFIC_BY_POOL ? flow_pool_name(f) : ""), answers,
                             rate);
}

static int compare_groups(const void *a, const void *b)
{
        const struct group *x = a, *y = b;

        if (x->answers != y->answers)
                return x->answers > y->answers ? -1 : 1;
        if (x->rate < y->rate || x->rate > y->rate)
                return x->rate > y->rate ? -1 : 1;
        return x->name && y->name ? strcmp(x->name, y->name) : x < y ? -1 : x > y;
}

/* The busiest: those known by name take what their numbers have. Returns how many there are. */
static size_t choose(struct grouping *g, struct best *best)
{
        const char *name;
        size_t all = 0;
        void *known;

        for (uint32_t i = 0; i < g->count; i++) {
                struct group *one = &g->by_number[i];
                if (!one->answers && one->rate <= 0)
                        continue;
                one->number = i;
                known = map_count(g->by_name) ? map_get(g->by_name, name_of(g, i)) : NULL;
                if (known)
                        add_to_group(known, one->answers, one->rate);
                else
                        best_add(best, one);
                all += !known;
        }
        for (size_t at = 0; map_next(g->by_name, &at, &name, &known); all++)
                best_add(best, known);
        best_sort(best);
        return all;
}

static double rounded(double rate)
{
        return (double)(int64_t)(rate * 1000 + 0.5) / 1000;
}

static void tell_group(struct arena *a, struct doc *items, const struct grouping *g, const struct group *one)
{
        const char *name = one->name ? one->name : name_of(g, one->number);
        struct doc *d = doc_add_map(a, items, NULL);

        doc_add_string(a, d, traffic_by_names[g->question->by], *name ? name : NULL);
        doc_add_int(a, d, "answers", (int64_t)one->answers);
        doc_add_real(a, d, "rate", rounded(one->rate));
        doc_add_real(a, d, "share", g->all.answers ? (double)one->answers / (double)g->all.answers : 0);
}

struct doc *traffic_describe(struct traffic *t, const struct traffic_question *q, struct arena *a)
{
        struct grouping g = {.traffic = t, .question = q, .arena = a, .by_name = map_new()};
        struct best best = best_new(q->most, compare_groups);
        struct doc *d = doc_new(a, DOC_MAP), *items = doc_add_list(a, d, "items");
        uint32_t since = (uint32_t)(q->since_ms / MINUTE_MS), second = taking_second(), first;
        char time[CLOCK_TEXT_MAX];

        g.count = numbers_end(t, q->by);
        g.by_number = memory_alloc((g.count + 1) * sizeof(*g.by_number));
        pthread_mutex_lock(&t->lock);
        taking_all(t);
        history_each(t->history, since, add_went, &g);
        for (const struct flow *f = flows_next(&t->flows, NULL); f; f = flows_next(&t->flows, f))
                add_now(&g, f, second);
        add_now(&g, &t->flows.other, second);
        uint64_t dropped = t->dropped;
        pthread_mutex_unlock(&t->lock);
        size_t all = choose(&g, &best);
        for (size_t i = 0; i < best.count; i++)
                tell_group(a, items, &g, best.list[i]);
        first = history_first(t->history);
        if (!first)
                first = t->began;
        if (first < since)
                first = since;
        doc_add_int(a, d, "answers", (int64_t)g.all.answers);
        doc_add_real(a, d, "rate", rounded(g.all.rate));
        doc_add_string(a, d, "since", clock_format((int64_t)first * MINUTE_MS, time));
        doc_add_int(a, d, "left_out", (int64_t)(all - best.count));
        doc_add_int(a, d, "dropped", (int64_t)dropped);
        map_free(g.by_name);
        free(g.by_number);
        best_free(&best);
        return d;
}
