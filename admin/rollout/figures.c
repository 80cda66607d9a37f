#include "admin/rollout/figures.h"

#include <stdio.h>
#include <string.h>
#include "admin/control/control.h"
#include "admin/traffic/traffic.h"
#include "zones/answers/snapshot.h"
#include "base/clock.h"
#include "zones/dns/name.h"
#include "zones/steering/steering.h"

#define TEXT_MAX 600
#define TOLD_MAX 2000

/* --- what a name means --- */

static uint32_t find(const struct model *m, enum measure_kind kind, const char *name)
{
        char key[NAME_TEXT_MAX];

        switch (kind) {
        case MEASURE_ENDPOINT:
                return endpoint_number(m, name);
        case MEASURE_POOL:
                return model_find(m, KIND_POOLS, name);
        case MEASURE_SERVICE:
                return kind_key_canonical(KIND_SERVICES, name, key, sizeof(key)) ? model_find(m, KIND_SERVICES, key)
                                                                                 : MODEL_NONE;
        case MEASURE_REGION:
                return model_find(m, KIND_REGIONS, name);
        case MEASURE_BY_NAME:
                break;
        }
        return MODEL_NONE;
}

/* Without a word, the first kind that has the name. */
static uint32_t resolve(const struct model *m, const struct measure *f, enum measure_kind *kind)
{
        static const enum measure_kind order[] = {MEASURE_POOL, MEASURE_SERVICE, MEASURE_ENDPOINT, MEASURE_REGION};
        uint32_t number = MODEL_NONE;

        *kind = f->kind;
        if (f->kind != MEASURE_BY_NAME)
                return find(m, f->kind, f->name);
        for (size_t i = 0; i < sizeof(order) / sizeof(*order) && number == MODEL_NONE; i++) {
                *kind = order[i];
                number = find(m, *kind, f->name);
        }
        return number;
}

/* --- health --- */

struct tally {
        const struct model *model;
        const struct endpoint_state *states;
        double down, all;
};

static void count_endpoint(struct tally *t, const struct endpoint *e)
{
        if (!endpoint_is_used(e))
                return;
        t->all++;
        t->down += t->states[e->number].health == HEALTH_DOWN;
}

static void count_service(struct tally *t, const struct service *s, unsigned depth);

static void count_pool(struct tally *t, const struct pool *p, unsigned depth)
{
        for (uint32_t i = 0; i < p->endpoints.count; i++)
                count_endpoint(t, &p->endpoints.items[i]);
        if (p->service != MODEL_NONE && depth < SERVICE_DEPTH_MAX)
                count_service(t, t->model->services[p->service], depth + 1);
}

static void count_service(struct tally *t, const struct service *s, unsigned depth)
{
        for (uint32_t i = 0; i < s->pools.count; i++)
                count_pool(t, t->model->pools[s->pools.items[i].pool], depth);
}

static void count_all(struct tally *t, enum measure_kind kind, uint32_t number)
{
        const struct model *m = t->model;

        switch (kind) {
        case MEASURE_ENDPOINT:
                count_endpoint(t, m->endpoints[number]);
                return;
        case MEASURE_POOL:
                count_pool(t, m->pools[number], 0);
                return;
        case MEASURE_SERVICE:
                count_service(t, m->services[number], 0);
                return;
        case MEASURE_REGION:
                model_each (pool, p, m->pools, m->count[KIND_POOLS])
                        if (p->region == number)
                                count_pool(t, p, SERVICE_DEPTH_MAX);
                return;
        case MEASURE_BY_NAME:
                break;
        }
        model_each (endpoint, e, m->endpoints, m->endpoint_count)
                count_endpoint(t, e);
}

/* --- traffic --- */

static double rate_of(const struct traffic_sums *sums, enum measure_kind kind, uint32_t number)
{
        switch (kind) {
        case MEASURE_ENDPOINT:
                return sums->endpoints[number].rate;
        case MEASURE_POOL:
                return sums->pools[number].rate;
        case MEASURE_SERVICE:
                return sums->services[number].rate;
        case MEASURE_REGION:
                return sums->regions[number].rate;
        case MEASURE_BY_NAME:
                break;
        }
        return sums->all.rate;
}

/* --- all --- */

bool rollout_figure(void *context, const struct measure *f, struct measure_value *v)
{
        const struct snapshot *s = snapshot_current();
        struct tally t = {.model = s->model, .states = steering_states(s->steering)};
        enum measure_kind kind = MEASURE_BY_NAME;
        uint32_t number = f->name ? resolve(s->model, f, &kind) : MODEL_NONE;

        if (f->name && number == MODEL_NONE)
                return false;
        switch (f->word) {
        case MEASURE_RATE:
                *v = (struct measure_value){rate_of(traffic_sums(control_traffic(context)), kind, number), 0};
                return true;
        case MEASURE_ERRORS: {
                const struct traffic_sums *sums = traffic_sums(control_traffic(context));
                *v = (struct measure_value){sums->nothing.rate, sums->all.rate};
                return true;
        }
        case MEASURE_DOWN:
        case MEASURE_HEALTHY:
                break;
        }
        count_all(&t, kind, number);
        *v = (struct measure_value){f->word == MEASURE_DOWN ? t.down : t.all - t.down, t.all};
        return true;
}

const char *rollout_told(struct control *control, struct condition *c, struct arena *a)
{
        struct buffer told = BUFFER_INIT(TOLD_MAX);

        condition_look(c, rollout_figure, control, clock_ms());
        condition_tell(c, &told);
        const char *text = arena_strdup(a, told.data ? told.data : "");
        buffer_free(&told);
        return text;
}

/* --- names --- */

static bool makes(const struct change *change, enum measure_kind kind, const char *name)
{
        char key[NAME_TEXT_MAX];
        size_t pool = strcspn(name, "/");

        if (!change->document)
                return false;
        switch (kind) {
        case MEASURE_ENDPOINT: /* of a pool that it makes or changes: which ones it has shows when it is in force */
                return change->kind == KIND_POOLS && name[pool] && strlen(change->key) == pool &&
                       !strncmp(change->key, name, pool);
        case MEASURE_POOL:
                return change->kind == KIND_POOLS && !strcmp(change->key, name);
        case MEASURE_SERVICE:
                return change->kind == KIND_SERVICES && kind_key_canonical(KIND_SERVICES, name, key, sizeof(key)) &&
                       !strcmp(change->key, key);
        case MEASURE_REGION:
                return change->kind == KIND_REGIONS && !strcmp(change->key, name);
        case MEASURE_BY_NAME:
                break;
        }
        for (int k = MEASURE_ENDPOINT; k < MEASURE_BY_NAME; k++)
                if (makes(change, (enum measure_kind)k, name))
                        return true;
        return false;
}

struct knowing {
        const struct change *changes;
        size_t count;
        const char *place;
        struct problems *problems;
};

static void know(void *context, const struct measure *f)
{
        struct knowing *k = context;
        enum measure_kind kind;
        char text[TEXT_MAX];

        if (f->word == MEASURE_ERRORS && f->name) {
                problems_add(k->problems, k->place, 0, "column %u: errors are counted of everything: expected errors()",
                             f->column);
                return;
        }
        if (!f->name || resolve(snapshot_current()->model, f, &kind) != MODEL_NONE)
                return;
        for (size_t i = 0; i < k->count; i++)
                if (makes(&k->changes[i], f->kind, f->name))
                        return;
        snprintf(text, sizeof(text), "%s",
                 f->kind == MEASURE_BY_NAME ? "pool, service, endpoint or region" : measure_kind_names[f->kind]);
        problems_add(k->problems, k->place, 0, "column %u: there is no %s \"%s\"", f->column, text, f->name);
}

bool figures_known(const struct condition *c, const struct change *changes, size_t count, const char *place,
                   struct problems *problems)
{
        struct knowing k = {changes, count, place, problems};
        size_t before = problems->count;

        condition_figures(c, know, &k);
        return problems->count == before;
}
