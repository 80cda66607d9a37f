#include "zones/forecast/forecast.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "zones/forecast/forecast_private.h"
#include "zones/forecast/spread.h"

/* --- sides --- */

static void take_service_before(void *context, uint32_t service, const struct route *before)
{
        struct forecast *f = context;

        if (service < f->services_was)
                f->routes_was[service] = before;
}

/* Routes of services before, which an edit has replaced in the table. */
static void take_routes(struct forecast *f)
{
        const struct steering *t = f->question.was.steering;

        f->services_was = t->service_count;
        f->routes_was = memory_alloc((t->service_count + 1) * sizeof(struct route *));
        if (t->service_count)
                memcpy(f->routes_was, t->route_of_service, t->service_count * sizeof(struct route *));
        if (f->question.edit)
                steering_edit_services_before(f->question.edit, take_service_before, f);
}

static const struct route *route_was(const struct forecast *f, uint32_t service)
{
        return service < f->services_was ? f->routes_was[service] : NULL;
}

static const struct route *route_is(const struct forecast *f, uint32_t service)
{
        const struct steering *t = f->question.is.steering;

        return service < t->service_count ? t->route_of_service[service] : NULL;
}

static uint32_t region_named(struct forecast *f, const char *name)
{
        for (uint32_t i = 0; i < f->client_count; i++)
                if (!strcmp(f->clients[i].name, name))
                        return i;
        f->clients[f->client_count] = (struct region_amount){.name = name};
        return f->client_count++;
}

/* By class of a side: whose clients they are, by name. */
static uint32_t *take_regions(struct forecast *f, const struct steering *t)
{
        uint32_t count = classes_count(t->classes), *of = memory_alloc((count + 1) * sizeof(*of));
        uint32_t regions = t->model->count[KIND_REGIONS], *known = memory_alloc((regions + 1) * sizeof(*known));

        for (uint32_t r = 0; r < regions; r++)
                known[r] = region_named(f, t->model->regions[r]->name);
        known[regions] = region_named(f, "");
        for (uint32_t c = 0; c < count; c++) {
                uint32_t region = classes_get(t->classes, c)->region;
                of[c] = known[region == MODEL_NONE ? regions : region];
        }
        free(known);
        return of;
}

/* --- crowds --- */

struct counting {
        struct forecast *forecast;
        struct leaves was, is;
        struct spread *spread;
        enum family family;
        uint32_t service, region;
};

static bool same_leaves(const struct leaves *a, const struct leaves *b)
{
        if (a->count != b->count || a->hashed || b->hashed)
                return false;
        for (size_t i = 0; i < a->count; i++)
                if (a->list[i].pool != b->list[i].pool || a->list[i].picker != b->list[i].picker ||
                    a->list[i].stand_in != b->list[i].stand_in || fabs(a->list[i].share - b->list[i].share) > 1e-12)
                        return false;
        return true;
}

static void add_move(struct forecast *f, const struct counting *c, uint32_t from, uint32_t to, double answers)
{
        if (answers <= 0)
                return;
        if (f->move_count == f->move_room) {
                f->move_room = f->move_room ? 2 * f->move_room : 256;
                f->moves = memory_resize(f->moves, f->move_room * sizeof(*f->moves));
        }
        f->moves[f->move_count++] = (struct move){c->service, c->region, from, to, answers};
}

static void add_move_of(void *context, uint32_t from, uint32_t to, double share)
{
        struct counting *c = context;

        add_move(c->forecast, c, from, to, share);
}

/* Answers of one crowd, or of one client of it: `client` NULL, or whose prefix decides. */
static void count(struct counting *c, const struct client *client, double answers)
{
        struct forecast *f = c->forecast;
        struct spread_sum sum = spread_compare(c->spread, &c->was, &c->is, c->family, client, answers);

        f->all.was += sum.all.was;
        f->all.is += sum.all.is;
        f->nobody.was += sum.nobody.was;
        f->nobody.is += sum.nobody.is;
        f->fallback.was += sum.fallback.was;
        f->fallback.is += sum.fallback.is;
        f->moved += sum.moved;
        spread_moves(c->spread, add_move_of, c);
}

/* What the same was picked from goes on. */
static void count_same(struct counting *c, double answers)
{
        struct forecast *f = c->forecast;

        for (size_t i = 0; i < c->was.count; i++) {
                double part = answers * c->was.list[i].share;
                f->all.was += part;
                f->all.is += part;
                if (c->was.list[i].stand_in) {
                        f->nobody.was += part;
                        f->nobody.is += part;
                }
                spread_add_same(c->spread, &c->was.list[i], c->family, part);
        }
}

static void count_clients(struct counting *c, const struct asked_crowd *crowd)
{
        const struct asked *asked = c->forecast->question.asked;
        size_t first, end;
        double total = 0;

        asked_clients_of(asked, crowd, &first, &end);
        for (size_t i = first; i < end; i++)
                total += asked->clients[i].weight;
        for (size_t i = first; i < end; i++) {
                struct client client = {.prefix = asked->clients[i].client, .version = CLIENT_NEWEST};
                count(c, &client, crowd->answers * asked->clients[i].weight / total);
        }
        if (first == end)
                count(c, NULL, crowd->answers);
}

static void count_crowd(struct counting *c, const struct asked_crowd *crowd)
{
        static const enum family families[] = {
                [TAP_A] = FAMILY_A, [TAP_AAAA] = FAMILY_AAAA, [TAP_CNAME] = FAMILY_CNAME};
        struct forecast *f = c->forecast;

        c->service = crowd->service;
        c->region = f->region_was[crowd->was];
        c->family = families[crowd->asked];
        leaves_find(&f->question.was, route_was(f, crowd->service), c->family, crowd->was, &c->was);
        leaves_find(&f->question.is, route_is(f, crowd->service), c->family, crowd->is, &c->is);
        if (c->was.count)
                f->clients[c->region].answers.was += crowd->answers;
        if (c->is.count)
                f->clients[f->region_is[crowd->is]].answers.is += crowd->answers;
        if (same_leaves(&c->was, &c->is))
                count_same(c, crowd->answers);
        else if (c->was.hashed || c->is.hashed)
                count_clients(c, crowd);
        else
                count(c, NULL, crowd->answers);
}

/* --- moves --- */

static int compare_moves(const void *a, const void *b)
{
        const struct move *x = a, *y = b;

        if (x->service != y->service)
                return x->service < y->service ? -1 : 1;
        if (x->region != y->region)
                return x->region < y->region ? -1 : 1;
        if (x->from != y->from)
                return x->from < y->from ? -1 : 1;
        return x->to < y->to ? -1 : x->to > y->to;
}

static int compare_by_answers(const void *a, const void *b)
{
        const struct move *x = a, *y = b;

        if (x->answers < y->answers || x->answers > y->answers)
                return x->answers > y->answers ? -1 : 1;
        return compare_moves(a, b);
}

/* One for each way, the largest first. */
static void join_moves(struct forecast *f)
{
        size_t kept = 0;

        if (!f->move_count)
                return;
        qsort(f->moves, f->move_count, sizeof(*f->moves), compare_moves);
        for (size_t i = 1; i < f->move_count; i++) {
                if (!compare_moves(&f->moves[kept], &f->moves[i]))
                        f->moves[kept].answers += f->moves[i].answers;
                else
                        f->moves[++kept] = f->moves[i];
        }
        f->move_count = kept + 1;
        qsort(f->moves, f->move_count, sizeof(*f->moves), compare_by_answers);
}

/* --- the whole --- */

/* Crowds in the order of services, as what they are asked of lies in memory. The caller frees it. */
static const struct asked_crowd **in_order(const struct asked *asked)
{
        const struct asked_crowd **list = memory_alloc((asked->count + 1) * sizeof(struct asked_crowd *));
        uint32_t end = 0;

        for (size_t i = 0; i < asked->count; i++)
                end = asked->crowds[i].service >= end ? asked->crowds[i].service + 1 : end;
        uint32_t *at = memory_alloc((end + (size_t)1) * sizeof(*at));
        for (size_t i = 0; i < asked->count; i++)
                at[asked->crowds[i].service + 1]++;
        for (uint32_t s = 0; s < end; s++)
                at[s + 1] += at[s];
        for (size_t i = 0; i < asked->count; i++)
                list[at[asked->crowds[i].service]++] = &asked->crowds[i];
        free(at);
        return list;
}

struct forecast *forecast_new(const struct forecast_question *q)
{
        struct forecast *f = memory_alloc(sizeof(*f));
        const struct steering *was = q->was.steering, *is = q->is.steering;
        struct counting c = {.forecast = f};

        f->question = *q;
        take_routes(f);
        f->clients = memory_alloc((was->model->count[KIND_REGIONS] + is->model->count[KIND_REGIONS] + 2) *
                                  sizeof(*f->clients));
        f->region_was = take_regions(f, was);
        f->region_is = take_regions(f, is);
        f->pool_count = was->pool_count > is->pool_count ? was->pool_count : is->pool_count;
        f->endpoint_count = was->endpoint_count > is->endpoint_count ? was->endpoint_count : is->endpoint_count;
        f->pools = memory_alloc((f->pool_count + 1) * sizeof(*f->pools));
        f->endpoints = memory_alloc((f->endpoint_count + 1) * sizeof(*f->endpoints));
        c.spread = spread_new(f);
        const struct asked_crowd **crowds = in_order(q->asked);
        for (size_t i = 0; i < q->asked->count; i++)
                count_crowd(&c, crowds[i]);
        free(crowds);
        spread_end(c.spread);
        free(c.was.list);
        free(c.is.list);
        join_moves(f);
        return f;
}

void forecast_free(struct forecast *f)
{
        if (!f)
                return;
        free(f->routes_was);
        free(f->clients);
        free(f->region_was);
        free(f->region_is);
        free(f->pools);
        free(f->endpoints);
        free(f->moves);
        free(f);
}

double forecast_moved(const struct forecast *f)
{
        return f->all.was > 0 ? f->moved / f->all.was : 0;
}
