/* Sums of flows, by number and by name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/traffic/traffic_private.h"
#include "base/arena.h"
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
        const char *name; /* in the arena; of an endpoint "pool/name", "": none */
        uint64_t answers;
        double rate;
};

struct grouping {
        const struct traffic_question *question;
        struct arena *arena;
        struct map *by_name;
        uint64_t answers;
        double rate;
};

static bool fits(const char *asked, const char *name)
{
        return !asked || (name && !strcmp(asked, name));
}

/* What a question is about goes to its group. */
static void add_to_group(struct grouping *g, const struct went *w, double rate)
{
        const struct traffic_question *q = g->question;
        const char *name = q->by == TRAFFIC_BY_SERVICE  ? w->service
                           : q->by == TRAFFIC_BY_REGION ? w->region
                           : q->by == TRAFFIC_BY_POOL   ? w->pool
                                                        : w->endpoint;
        char id[1024];

        if (!fits(q->service, w->service) || !fits(q->region, w->region) || !fits(q->pool, w->pool))
                return;
        if (q->by == TRAFFIC_BY_ENDPOINT && name && *name) {
                snprintf(id, sizeof(id), "%s/%s", w->pool, name);
                name = id;
        }
        name = name ? name : "";
        struct group *group = map_get(g->by_name, name);
        if (!group) {
                group = ARENA_NEW(g->arena, struct group);
                *group = (struct group){.name = arena_strdup(g->arena, name)};
                map_set(g->by_name, name, group);
        }
        group->answers += w->answers;
        group->rate += rate;
        g->answers += w->answers;
        g->rate += rate;
}

static void add_went(void *context, const struct went *w)
{
        add_to_group(context, w, 0);
}

/* What is not in the history yet, and how much it is now. */
static void add_now(const struct traffic *t, struct grouping *g, const struct flow *f, uint32_t second)
{
        const struct flow_items items = flow_items(f);
        double rate = flow_rate(f, second);
        const struct went w = {.service = items.service ? items.service->name : "",
                               .region = f->region ? t->regions[f->region] : "",
                               .pool = flow_pool_name(f),
                               .endpoint = items.endpoint ? items.endpoint->name : "",
                               .answers = f->total - f->noted};

        if (w.answers || rate > 0)
                add_to_group(g, &w, rate);
}

static int compare_groups(const void *a, const void *b)
{
        const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;

        if (x->answers != y->answers)
                return x->answers > y->answers ? -1 : 1;
        if (x->rate != y->rate)
                return x->rate > y->rate ? -1 : 1;
        return strcmp(x->name, y->name);
}

static struct group **sorted(const struct grouping *g, size_t *count)
{
        struct group **list = ARENA_ARRAY(g->arena, struct group *, map_count(g->by_name) + 1);
        const char *name;
        void *value;

        *count = 0;
        for (size_t at = 0; map_next(g->by_name, &at, &name, &value);)
                list[(*count)++] = value;
        qsort(list, *count, sizeof(*list), compare_groups);
        return list;
}

static double rounded(double rate)
{
        return (double)(int64_t)(rate * 1000 + 0.5) / 1000;
}

static void tell_group(struct arena *a, struct doc *items, const struct grouping *g, const struct group *one)
{
        struct doc *d = doc_add_map(a, items, NULL);

        doc_add_string(a, d, traffic_by_names[g->question->by], *one->name ? one->name : NULL);
        doc_add_int(a, d, "answers", (int64_t)one->answers);
        doc_add_real(a, d, "rate", rounded(one->rate));
        doc_add_real(a, d, "share", g->answers ? (double)one->answers / (double)g->answers : 0);
}

struct doc *traffic_describe(struct traffic *t, const struct traffic_question *q, struct arena *a)
{
        struct grouping g = {.question = q, .arena = a, .by_name = map_new()};
        struct doc *d = doc_new(a, DOC_MAP), *items = doc_add_list(a, d, "items");
        uint32_t since = (uint32_t)(q->since_ms / MINUTE_MS), second = taking_second(), first;
        char time[CLOCK_TEXT_MAX];
        size_t count;

        pthread_mutex_lock(&t->lock);
        taking_all(t);
        history_each(t->history, since, add_went, &g);
        for (const struct flow *f = flows_next(&t->flows, NULL); f; f = flows_next(&t->flows, f))
                add_now(t, &g, f, second);
        add_now(t, &g, &t->flows.other, second);
        uint64_t dropped = t->dropped;
        pthread_mutex_unlock(&t->lock);
        struct group **list = sorted(&g, &count);
        for (size_t i = 0; i < count && i < q->most; i++)
                tell_group(a, items, &g, list[i]);
        first = history_first(t->history);
        if (!first)
                first = t->began;
        if (first < since)
                first = since;
        doc_add_int(a, d, "answers", (int64_t)g.answers);
        doc_add_real(a, d, "rate", rounded(g.rate));
        doc_add_string(a, d, "since", clock_format((int64_t)first * MINUTE_MS, time));
        doc_add_int(a, d, "left_out", (int64_t)(count > q->most ? count - q->most : 0));
        doc_add_int(a, d, "dropped", (int64_t)dropped);
        map_free(g.by_name);
        return d;
}
