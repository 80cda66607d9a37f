/* What is foretold is what is picked: the forecast of many configurations, held against picks of the code that answers.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "tests/unit/world.h"
#include "zones/forecast/forecast_private.h"

#define PICKS 20000
#define NEAR  0.02 /* of all answers: five times what chance does */

#define HEAD                                                                                                           \
        "regions: [{name: eu, fallback: [us]}, {name: us, fallback: [eu], default: true}]\n"                           \
        "networks: [{cidr: 10.1.0.0/16, region: eu}, {cidr: 10.2.0.0/16, region: us}]\n"                               \
        "zones: [{name: g.example, ns: [ns1.example.net]}]\n"

static const char *const clients[] = {"10.1.0.0/24", "10.1.1.0/24", "10.1.9.0/24",
                                      "10.2.0.0/24", "10.2.7.0/24", "10.3.0.0/24"};
#define CLIENTS (sizeof(clients) / sizeof(*clients))

static uint16_t class_of(const struct world *w, const struct prefix *p)
{
        uint8_t scope;

        return (uint16_t)locator_find(w->snapshot->locator, p, &scope);
}

/* Each client asks the service once. */
static struct asked everyone(const struct world *was, const struct world *is, uint8_t type)
{
        struct asked a = {.clients = memory_alloc(CLIENTS * sizeof(*a.clients)),
                          .crowds = memory_alloc(CLIENTS * sizeof(*a.crowds)),
                          .count = CLIENTS,
                          .client_count = CLIENTS,
                          .seconds = 1};
        uint32_t service = node_service(world_node(is, WORLD_SERVICE))->number;

        for (size_t i = 0; i < CLIENTS; i++) {
                struct asked_client *c = &a.clients[i];
                *c = (struct asked_client){.service = service, .asked = type, .weight = 1};
                ck_assert(prefix_parse(clients[i], &c->client));
                c->was = class_of(was, &c->client);
                c->is = class_of(is, &c->client);
        }
        qsort(a.clients, CLIENTS, sizeof(*a.clients), asked_compare);
        for (size_t i = 0, n = 0; i < CLIENTS; i++) {
                const struct asked_client *c = &a.clients[i];
                if (!i || asked_compare(c - 1, c))
                        a.crowds[n++] = (struct asked_crowd){service, c->was, c->is, type, 0};
                a.crowds[n - 1].answers++;
                a.count = n;
        }
        return a;
}

/* How often the first endpoint of answers is this one; behind them: a fallback, nothing. */
static double *picked(struct world *w, uint16_t type)
{
        uint32_t count = w->snapshot->model->endpoint_count;
        double *of = memory_alloc((count + 2) * sizeof(*of));

        for (unsigned i = 0; i < PICKS; i++) {
                struct pick p = world_pick(w, WORLD_SERVICE, type, clients[i % CLIENTS]);
                if (p.count)
                        of[p.targets[0]->endpoint == MODEL_NONE ? count : p.targets[0]->endpoint] += 1.0 / PICKS;
                else if (p.ede)
                        of[count + 1] += 1.0 / PICKS;
        }
        return of;
}

static void compare(struct world *w, const struct forecast *f, bool after, uint16_t type)
{
        double *of = picked(w, type);
        uint32_t count = w->snapshot->model->endpoint_count;

        for (uint32_t i = 0; i < count; i++) {
                double said = (after ? f->endpoints[i].answers.is : f->endpoints[i].answers.was) / CLIENTS;
                ck_assert_msg(fabs(said - of[i]) < NEAR, "endpoint %u: foretold %f, picked %f", i, said, of[i]);
        }
        double fallback = (after ? f->fallback.is : f->fallback.was) / CLIENTS;
        ck_assert_msg(fabs(fallback - of[count]) < NEAR, "fallback: foretold %f, picked %f", fallback, of[count]);
        double all = (after ? f->all.is : f->all.was) / CLIENTS, answered = 0;
        for (uint32_t i = 0; i < count + 2; i++)
                answered += of[i];
        ck_assert_msg(fabs(all - answered) < NEAR, "all: foretold %f, picked %f", all, answered);
        free(of);
}

static struct forecast *foretell(const struct world *was, const struct world *is, struct asked *asked, uint8_t type)
{
        *asked = everyone(was, is, type);
        return forecast_new(&(struct forecast_question){.asked = asked,
                                                        .was = {was->snapshot->steering, CLIENT_NEWEST},
                                                        .is = {is->snapshot->steering, CLIENT_NEWEST}});
}

static void end(struct forecast *f, struct asked *asked)
{
        forecast_free(f);
        free(asked->clients);
        free(asked->crowds);
}

static const char *const configurations[] = {
        "pools: [{name: p, region: eu, endpoints: [" WORLD_FOUR "]}]\nservices: [{name: www.g.example, pools: [p]}]\n",
        "pools: [{name: p, region: eu, balance: hash, endpoints: [" WORLD_FOUR "]}]\n"
        "services: [{name: www.g.example, pools: [p]}]\n",
        "pools: [{name: p, region: eu, balance: round_robin, endpoints: [{name: a, address: 192.0.2.1}, {name: b, "
        "address: 192.0.2.2}, {name: c, address: '2001:db8::1'}]}]\nservices: [{name: www.g.example, pools: [p]}]\n",
        "pools: [{name: p, region: eu, balance: failover, answers: 2, endpoints: [" WORLD_FOUR "]}]\n"
        "services: [{name: www.g.example, pools: [p]}]\n",
        "pools: [{name: p, region: eu, balance: all, endpoints: [" WORLD_FOUR "]}]\n"
        "services: [{name: www.g.example, pools: [p]}]\n",
        "pools: [{name: p, region: eu, endpoints: [{name: a, address: 192.0.2.1}]}, {name: q, region: us, endpoints: "
        "[{name: b, address: 192.0.2.2, weight: 1}, {name: c, address: 192.0.2.3, weight: 3}]}]\n"
        "services: [{name: www.g.example, pools: [p, q]}]\n",
        "pools: [{name: p, region: eu, endpoints: [{name: a, address: 192.0.2.1}]}, {name: q, region: us, endpoints: "
        "[{name: b, address: 192.0.2.2}]}]\n"
        "services: [{name: www.g.example, steering: weighted, pools: [{pool: p, weight: 70}, {pool: q, weight: "
        "30}]}]\n",
        "pools: [{name: p, region: eu, endpoints: [{name: a, address: 192.0.2.1}]}, {name: q, region: us, endpoints: "
        "[{name: b, address: 192.0.2.2}]}]\nservices: [{name: www.g.example, steering: round_robin, pools: [p, q]}]\n",
        /* Pools in a service in a pool. */
        "pools: [{name: p, region: eu, endpoints: [{name: a, address: 192.0.2.1, weight: 1}, {name: b, address: "
        "192.0.2.2, weight: 2}]}, {name: r, region: us, endpoints: [{name: c, address: 192.0.2.3}]}, {name: q, region: "
        "us, service: in.g.example}]\n"
        "services:\n  - {name: in.g.example, steering: weighted, pools: [{pool: p, weight: 25}, {pool: r, weight: "
        "75}]}\n  - {name: www.g.example, steering: weighted, pools: [{pool: r, weight: 50}, {pool: q, weight: 50}]}\n",
        "pools: [{name: p, region: eu, endpoints: [{name: a, address: 192.0.2.1}]}]\nservices: [{name: www.g.example, "
        "pools: [p], when_all_down: fallback_address, fallback_address: [203.0.113.1]}]\n",
        "pools: [{name: p, region: eu, endpoints: [{name: a, address: 192.0.2.1}]}]\n"
        "services: [{name: www.g.example, pools: [p], when_all_down: nodata}]\n",
        "pools: [{name: p, region: eu, endpoints: [{name: a, address: host.example.net}]}]\n"
        "services: [{name: www.g.example, pools: [p]}]\n",
};
#define CONFIGURATIONS (sizeof(configurations) / sizeof(*configurations))

static struct world *world_at(size_t i, const struct world *before)
{
        char yaml[4096];

        snprintf(yaml, sizeof(yaml), "%s%s", HEAD, configurations[i]);
        return world_new(yaml, before);
}

START_TEST(what_is_foretold_is_what_is_picked)
{
        struct world *w = world_at((size_t)_i, NULL);
        static const uint16_t types[] = {TYPE_A, TYPE_AAAA, TYPE_CNAME};
        struct asked asked;

        for (uint8_t t = 0; t < 3; t++) {
                struct forecast *f = foretell(w, w, &asked, t);
                compare(w, f, false, types[t]);
                compare(w, f, true, types[t]);
                ck_assert_double_eq_tol(f->moved, 0, 1e-9);
                end(f, &asked);
        }
        world_free(w);
}
END_TEST

START_TEST(what_is_foretold_of_endpoints_that_are_down_is_what_is_picked)
{
        struct world *w = world_at((size_t)_i, NULL);
        struct asked asked;

        world_health(w, "p/a", HEALTH_DOWN);
        struct forecast *f = foretell(w, w, &asked, TAP_A);
        compare(w, f, true, TYPE_A);
        end(f, &asked);
        for (uint32_t i = 0; i < w->snapshot->model->endpoint_count; i++)
                if (w->snapshot->model->endpoints[i])
                        w->states[i].health = HEALTH_DOWN;
        world_update(w);
        f = foretell(w, w, &asked, TAP_A);
        compare(w, f, true, TYPE_A);
        ck_assert_double_eq_tol(f->nobody.is, f->all.is, 1e-9);
        end(f, &asked);
        world_free(w);
}
END_TEST

START_TEST(each_side_is_asked_apart)
{
        struct world *was = world_at((size_t)_i, NULL);
        struct world *is = world_at(((size_t)_i + 3) % CONFIGURATIONS, was);
        struct asked asked;
        struct forecast *f = foretell(was, is, &asked, TAP_A);

        compare(was, f, false, TYPE_A);
        compare(is, f, true, TYPE_A);
        end(f, &asked);
        world_free(is);
        world_free(was);
}
END_TEST

static struct world *weights(const char *endpoints, const struct world *before)
{
        char yaml[4096];

        snprintf(yaml, sizeof(yaml),
                 HEAD
                 "pools: [{name: p, region: eu, endpoints: [%s]}]\nservices: [{name: www.g.example, pools: [p]}]\n",
                 endpoints);
        return world_new(yaml, before);
}

START_TEST(moved_is_what_would_go_elsewhere)
{
        struct world *was = weights(WORLD_FOUR, NULL);
        struct world *is = weights("{name: a, address: 192.0.2.1, weight: 40}, {name: b, address: 192.0.2.2, weight: "
                                   "30}, {name: c, address: 192.0.2.3, weight: 20}, {name: d, address: 192.0.2.4, "
                                   "weight: 10}",
                                   was);
        struct asked asked;
        struct forecast *f = foretell(was, is, &asked, TAP_A);

        ck_assert_double_eq_tol(forecast_moved(f), 0.4, 1e-4);
        double sum = 0;
        for (size_t i = 0; i < f->move_count; i++) {
                ck_assert_uint_eq(f->moves[i].from, f->moves[i].to); /* within the pool */
                sum += f->moves[i].answers;
        }
        ck_assert_double_eq_tol(sum, f->moved, 1e-6);
        end(f, &asked);
        world_free(is);
        world_free(was);
}
END_TEST

START_TEST(moves_say_from_where_to_where)
{
        struct world *was = world_at(5, NULL);
        struct world *is = world_new(HEAD "pools: [{name: p, region: eu, endpoints: [{name: a, address: 192.0.2.1}]}, "
                                          "{name: q, region: us, endpoints: [{name: b, address: 192.0.2.2, weight: 1}, "
                                          "{name: c, address: 192.0.2.3, weight: 3}]}]\n"
                                          "services: [{name: www.g.example, pools: [q]}]\n",
                                     was);
        struct asked asked;
        struct forecast *f = foretell(was, is, &asked, TAP_A);

        ck_assert_uint_eq(f->move_count, 1);
        ck_assert_uint_eq(f->moves[0].from, world_pool(was, "p"));
        ck_assert_uint_eq(f->moves[0].to, world_pool(is, "q"));
        ck_assert_double_eq_tol(f->moves[0].answers, 3, 1e-9); /* the three clients of eu */
        end(f, &asked);
        world_free(is);
        world_free(was);
}
END_TEST

/* An edit under way, in which an endpoint is drained: the version before is asked of the same tables. */
START_TEST(states_are_tried_in_an_edit_and_leave_nothing_behind)
{
        struct world *w = world_at(5, NULL);
        struct steering *t = w->snapshot->steering;
        bool whole;
        struct asked asked = everyone(w, w, TAP_A);
        struct steering_edit *e = steering_edit_new(t, NULL, 0, w->snapshot->version + 1, &whole);

        ck_assert_ptr_nonnull(e);
        struct endpoint_state state = steering_states(t)[world_endpoint(w, "p/a")];
        state.drained = state.drained_by_operator = true;
        steering_set(t, world_endpoint(w, "p/a"), &state);
        steering_publish(t);
        struct forecast *f = forecast_new(&(struct forecast_question){
                .asked = &asked, .was = {t, w->snapshot->version}, .is = {t, CLIENT_NEWEST}, .edit = e});
        steering_edit_drop(t, e);
        ck_assert_double_eq_tol(f->endpoints[world_endpoint(w, "p/a")].answers.was, 3, 1e-9);
        ck_assert_double_eq_tol(f->endpoints[world_endpoint(w, "p/a")].answers.is, 0, 1e-9);
        ck_assert_double_eq_tol(forecast_moved(f), 0.5, 1e-9);
        compare(w, f, false, TYPE_A); /* all is as it was */
        end(f, &asked);
        world_free(w);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("forecast");
        TCase *c = tcase_create("forecast");

        tcase_add_loop_test(c, what_is_foretold_is_what_is_picked, 0, CONFIGURATIONS);
        tcase_add_loop_test(c, what_is_foretold_of_endpoints_that_are_down_is_what_is_picked, 0, CONFIGURATIONS);
        tcase_add_loop_test(c, each_side_is_asked_apart, 0, CONFIGURATIONS);
        tcase_add_test(c, moved_is_what_would_go_elsewhere);
        tcase_add_test(c, moves_say_from_where_to_where);
        tcase_add_test(c, states_are_tried_in_an_edit_and_leave_nothing_behind);
        suite_add_tcase(s, c);
        return world_run(s);
}
