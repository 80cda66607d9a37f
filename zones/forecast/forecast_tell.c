/* A forecast as a document. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/arena.h"
#include "base/best.h"
#include "base/documents/doc.h"
#include "base/hash.h"
#include "base/memory.h"
#include "zones/forecast/forecast_private.h"

#define LISTED_MOST 100 /* of each list */

static double rounded(double value, double parts)
{
        return round(value * parts) / parts;
}

/* {share, rate} */
static void tell_answers(struct arena *a, struct doc *d, const char *name, const struct forecast *f, double answers,
                         double all)
{
        struct doc *one = doc_add_map(a, d, name);

        doc_add_real(a, one, "share", all > 0 ? rounded(answers / all, 1e6) : 0);
        doc_add_real(a, one, "rate", rounded(answers / f->question.asked->seconds, 1e3));
}

static void tell_amount(struct arena *a, struct doc *d, const struct forecast *f, const struct amount *amount)
{
        tell_answers(a, d, "before", f, amount->was, f->all.was);
        tell_answers(a, d, "after", f, amount->is, f->all.is);
}

/* --- lists of what changes most --- */

static double change(const struct amount *a)
{
        return fabs(a->is - a->was);
}

/* Those that change most, then those with most. */
static int compare_amounts(const void *a, const void *b)
{
        const struct amount *x = a, *y = b;
        double dx = change(x), dy = change(y);

        if (dx < dy || dx > dy)
                return dx > dy ? -1 : 1;
        if (x->was < y->was || x->was > y->was)
                return x->was > y->was ? -1 : 1;
        return x < y ? -1 : x > y;
}

/* Returns whether there is anything. */
static bool list_add(struct best *list, const struct amount *amount)
{
        if (amount->was <= 0 && amount->is <= 0)
                return false;
        best_add(list, amount);
        return true;
}

/* --- what is told --- */

static void tell_clients(const struct forecast *f, struct arena *a, struct doc *d)
{
        struct doc *list = doc_add_list(a, d, "clients");

        for (uint32_t i = 0; i < f->client_count; i++) {
                if (f->clients[i].answers.was <= 0 && f->clients[i].answers.is <= 0)
                        continue;
                struct doc *one = doc_add_map(a, list, NULL);
                doc_add_string(a, one, "region", *f->clients[i].name ? f->clients[i].name : NULL);
                tell_amount(a, one, f, &f->clients[i].answers);
        }
}

/* Regions that serve: those of the pools. */
static void tell_regions(const struct forecast *f, struct arena *a, struct doc *d)
{
        struct doc *list = doc_add_list(a, d, "regions");
        struct map *by_name = map_new();

        for (uint32_t i = 0; i < f->pool_count; i++) {
                const struct pool_amount *p = &f->pools[i];
                if (!p->named)
                        continue;
                const char *name = targets_region(p->named);
                struct amount *sum = map_get(by_name, name);
                if (!sum) {
                        sum = ARENA_NEW(a, struct amount);
                        *sum = (struct amount){0};
                        map_set(by_name, name, sum);
                }
                sum->was += p->answers.was;
                sum->is += p->answers.is;
        }
        const char *name;
        void *sum;
        for (size_t at = 0; map_next(by_name, &at, &name, &sum);) {
                struct doc *one = doc_add_map(a, list, NULL);
                doc_add_string(a, one, "region", name);
                tell_amount(a, one, f, sum);
        }
        map_free(by_name);
}

static const struct pool_live *pool_after(const struct forecast *f, uint32_t number)
{
        const struct steering *t = f->question.is.steering;

        return number < t->pool_count ? t->pools[number] : NULL;
}

/* How many of a pool's endpoints are up after the change. */
static void tell_up(const struct forecast *f, struct arena *a, struct doc *one, uint32_t number)
{
        const struct pool_live *live = pool_after(f, number);

        if (!live)
                return;
        doc_add_int(a, one, "up", live->healthy);
        doc_add_int(a, one, "of", live->enabled);
}

static size_t tell_pools(const struct forecast *f, struct arena *a, struct doc *d)
{
        struct doc *list = doc_add_list(a, d, "pools");
        struct best best = best_new(LISTED_MOST, compare_amounts);
        size_t all = 0;

        for (uint32_t i = 0; i < f->pool_count; i++)
                all += list_add(&best, &f->pools[i].answers);
        best_sort(&best);
        for (size_t i = 0; i < best.count; i++) {
                const struct pool_amount *p = best.list[i]; /* `answers` comes first */
                struct doc *one = doc_add_map(a, list, NULL);
                doc_add_string(a, one, "pool", targets_pool(p->named));
                doc_add_string(a, one, "region", targets_region(p->named));
                tell_amount(a, one, f, &p->answers);
                tell_up(f, a, one, (uint32_t)(p - f->pools));
        }
        best_free(&best);
        return all - best.count;
}

static void tell_endpoint_name(const struct endpoint_amount *e, struct arena *a, struct doc *one)
{
        doc_add_format(a, one, "endpoint", "%s/%s", targets_pool(e->of), target_name(e->target));
}

static size_t tell_endpoints(const struct forecast *f, struct arena *a, struct doc *d)
{
        struct doc *list = doc_add_list(a, d, "endpoints");
        struct best best = best_new(LISTED_MOST, compare_amounts);
        size_t all = 0;

        for (uint32_t i = 0; i < f->endpoint_count; i++)
                all += list_add(&best, &f->endpoints[i].answers);
        best_sort(&best);
        for (size_t i = 0; i < best.count; i++) {
                const struct endpoint_amount *e = best.list[i]; /* likewise */
                struct doc *one = doc_add_map(a, list, NULL);
                tell_endpoint_name(e, a, one);
                tell_amount(a, one, f, &e->answers);
        }
        best_free(&best);
        return all - best.count;
}

/* Those whose load, were it to grow as their answers do, would be more than their max_load. */
static void tell_loads(const struct forecast *f, struct arena *a, struct doc *d)
{
        const struct steering *t = f->question.is.steering;
        struct doc *list = doc_add_list(a, d, "over_max_load");

        for (uint32_t i = 0; i < f->endpoint_count && list->count < LISTED_MOST; i++) {
                const struct endpoint_amount *e = &f->endpoints[i];
                const struct endpoint *of = i < t->model->endpoint_count ? t->model->endpoints[i] : NULL;
                if (!of || of->max_load <= 0 || e->answers.was <= 0 || e->answers.is <= e->answers.was)
                        continue;
                double load = (double)t->live[i].figures.load, then = load * e->answers.is / e->answers.was;
                if (load < 0 || then <= of->max_load)
                        continue;
                struct doc *one = doc_add_map(a, list, NULL);
                tell_endpoint_name(e, a, one);
                doc_add_real(a, one, "load", rounded(load, 1e3));
                doc_add_real(a, one, "then", rounded(then, 1e3));
                doc_add_real(a, one, "max_load", of->max_load);
        }
}

static const char *service_name(const struct forecast *f, uint32_t service)
{
        const struct forecast_side *sides[] = {&f->question.is, &f->question.was};

        for (int i = 0; i < 2; i++) {
                const struct model *m = sides[i]->steering->model;
                if (service < m->count[KIND_SERVICES] && m->services[service])
                        return m->services[service]->name;
        }
        return f->question.edit ? steering_edit_service_gone(f->question.edit, service) : NULL;
}

static void tell_pool(const struct forecast *f, struct arena *a, struct doc *one, const char *name, uint32_t pool)
{
        bool named = pool < f->pool_count && f->pools[pool].named;

        doc_add_string(a, one, name, named ? targets_pool(f->pools[pool].named) : NULL);
}

static size_t tell_moves(const struct forecast *f, struct arena *a, struct doc *d)
{
        struct doc *list = doc_add_list(a, d, "moves");
        size_t told = f->move_count < LISTED_MOST ? f->move_count : LISTED_MOST;

        for (size_t i = 0; i < told; i++) {
                const struct move *m = &f->moves[i];
                struct doc *one = doc_add_map(a, list, NULL);
                doc_add_string(a, one, "service", service_name(f, m->service));
                doc_add_string(a, one, "clients", *f->clients[m->region].name ? f->clients[m->region].name : NULL);
                tell_pool(f, a, one, "from", m->from);
                tell_pool(f, a, one, "to", m->to);
                doc_add_bool(a, one, "answered", m->to != POOL_NONE);
                doc_add_real(a, one, "rate", rounded(m->answers / f->question.asked->seconds, 1e3));
                doc_add_real(a, one, "share", f->all.was > 0 ? rounded(m->answers / f->all.was, 1e6) : 0);
        }
        return f->move_count - told;
}

struct doc *forecast_describe(const struct forecast *f, struct arena *a)
{
        struct doc *d = doc_new(a, DOC_MAP), *both;
        double left_out = f->question.asked->left_out;

        doc_add_int(a, d, "seconds", (int64_t)f->question.asked->seconds);
        doc_add_int(a, d, "answers", (int64_t)f->all.was);
        doc_add_real(a, d, "rate", rounded(f->all.was / f->question.asked->seconds, 1e3));
        doc_add_int(a, d, "unknown", (int64_t)left_out);
        tell_answers(a, d, "moved", f, f->moved, f->all.was);
        both = doc_add_map(a, d, "nobody");
        tell_amount(a, both, f, &f->nobody);
        both = doc_add_map(a, d, "fallback");
        tell_amount(a, both, f, &f->fallback);
        tell_clients(f, a, d);
        tell_regions(f, a, d);
        size_t pools = tell_pools(f, a, d), endpoints = tell_endpoints(f, a, d), moves = tell_moves(f, a, d);
        tell_loads(f, a, d);
        struct doc *more = doc_add_map(a, d, "left_out");
        doc_add_int(a, more, "pools", (int64_t)pools);
        doc_add_int(a, more, "endpoints", (int64_t)endpoints);
        doc_add_int(a, more, "moves", (int64_t)moves);
        return d;
}
