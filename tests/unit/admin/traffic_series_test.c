/* What goes where by name: sums, metrics that never go back, and clients that are of other classes from now on. */
#include <stdio.h>
#include <string.h>
#include "admin/traffic/foretell.h"
#include "admin/traffic/traffic.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/documents/doc.h"
#include "base/tap.h"
#include "tests/unit/world.h"
#include "zones/clients/classes.h"

#define HEAD                                                                                                           \
        "regions: [{name: eu, fallback: [us]}, {name: us, fallback: [eu], default: true}]\n"                           \
        "zones: [{name: g.example, ns: [ns1.example.net]}]\n"                                                          \
        "pools: [{name: p, region: eu, endpoints: [{name: a, address: 192.0.2.1}]}, {name: q, region: us, endpoints: " \
        "[{name: b, address: 192.0.2.2}]}]\n"                                                                          \
        "services: [{name: www.g.example, pools: [p, q]}]\n"
#define NETWORKS       "networks: [{cidr: 10.1.0.0/16, region: eu}]\n"
#define OTHER_NETWORKS "networks: [{cidr: 10.1.0.0/17, region: eu}]\n"

static struct world *world;
static struct traffic *traffic;
static struct tap *tap;

static void publish(struct world *w)
{
        traffic_follow(traffic, w->snapshot);
        snapshot_publish(w->snapshot);
}

static void setup(void)
{
        tap = tap_register();
        traffic = traffic_open(NULL);
        world = world_new(HEAD NETWORKS, NULL);
        publish(world);
}

static void teardown(void)
{
        traffic_close(traffic);
        snapshot_publish(NULL);
        rcu_drain();
        free(world->states);
        free(world);
}

/* As a worker does it: where is the client, what does it get. */
static void ask(struct world *w, const char *network, unsigned times)
{
        const struct node_service *s = node_service(world_node(w, WORLD_SERVICE));
        struct client client = {.version = CLIENT_NEWEST};
        struct pick pick;

        ck_assert(prefix_parse(network, &client.prefix));
        client_locate(w->snapshot->locator, &client);
        tap_begin(tap);
        while (times--) {
                route_pick(s->route, TYPE_A, &client, &w->picker, &pick);
                tap_put(tap,
                        &(struct tapped){.service = s->number,
                                         .endpoint = pick.targets[0]->endpoint,
                                         .classes = w->snapshot->classes,
                                         .class = (uint16_t)client.class},
                        &client.prefix);
        }
        tap_end(tap);
}

/* The value of a series, -1: there is none. */
static long long series(const char *labels)
{
        struct buffer b = BUFFER_INIT(1 << 20);
        char line[300];

        traffic_metrics(traffic, &b);
        snprintf(line, sizeof(line), "\ngslbd_%s ", labels);
        const char *at = strstr(b.data, line);
        long long value = at ? strtoll(at + strlen(line), NULL, 10) : -1;
        buffer_free(&b);
        return value;
}

#define OTHER "answers_total{service=\"other\",region=\"other\",pool=\"other\"}"
#define OWN   "answers_total{service=\"www.g.example\",region=\"eu\",pool=\"p\"}"

START_TEST(what_gets_a_series_of_its_own_begins_at_0_and_other_stays)
{
        ask(world, "10.1.0.0/24", 100);
        ck_assert_int_eq(series(OTHER), 100);
        ck_assert_int_eq(series(OWN), -1);
        traffic_tick(traffic, clock_wall_ms() + 60000);
        ck_assert_int_eq(series(OTHER), 100);
        ck_assert_int_eq(series(OWN), 0);
        ask(world, "10.1.0.0/24", 30);
        ck_assert_int_eq(series(OTHER), 100);
        ck_assert_int_eq(series(OWN), 30);
        ck_assert_int_eq(series("endpoint_answers_total{pool=\"p\",endpoint=\"a\"}"), 30);
        ck_assert_int_eq(series("endpoint_answers_total{pool=\"other\",endpoint=\"other\"}"), 100);
}
END_TEST

START_TEST(sums_are_by_number)
{
        ask(world, "10.1.0.0/24", 70);
        ask(world, "10.2.0.0/24", 30);
        const struct traffic_sums *s = traffic_sums(traffic);
        ck_assert_uint_eq(s->all.total, 100);
        ck_assert_uint_eq(s->services[0].total, 100);
        ck_assert_uint_eq(s->pools[world_pool(world, "p")].total, 70);
        ck_assert_uint_eq(s->endpoints[world_endpoint(world, "q/b")].total, 30);
        ck_assert_uint_eq(s->regions[model_find(world->snapshot->model, KIND_REGIONS, "eu")].total, 70);
        ck_assert_uint_eq(s->other.total + s->nothing.total, 0);
}
END_TEST

static double share(struct foretold *f, const char *list, const char *name, const char *when)
{
        struct arena *a = arena_new(0);
        double share = -1;

        doc_each (one, doc_get(foretold_describe(f, a), list))
                if (!strcmp(one->first->string, name))
                        share = doc_get(doc_get(one, when), "share")->real;
        arena_free(a);
        return share;
}

/* A table of clients comes in the place of another: who asked before is known by the classes of the new one. */
START_TEST(clients_move_with_their_classes)
{
        ask(world, "10.1.0.0/24", 300);
        ask(world, "10.1.200.0/24", 100);
        struct world *next = world_new(HEAD OTHER_NETWORKS, world);
        struct foretold *f = traffic_foretell(traffic, next->snapshot->steering, NULL);
        ck_assert_double_eq_tol(foretold_moved(f), 0.25, 0.001);
        ck_assert_double_eq_tol(share(f, "pools", "q", "before"), 0, 0.001);
        ck_assert_double_eq_tol(share(f, "pools", "q", "after"), 0.25, 0.001);
        foretold_free(f);
        publish(next);
        free(world->states);
        free(world);
        world = next;
        ask(world, "10.1.200.0/24", 400); /* of the new classes */
        f = traffic_foretell(traffic, world->snapshot->steering, NULL);
        ck_assert_double_eq_tol(foretold_moved(f), 0, 1e-9);
        ck_assert_double_eq_tol(share(f, "pools", "p", "before"), 300.0 / 800, 0.001);
        ck_assert_double_eq_tol(share(f, "clients", "us", "before"), 500.0 / 800, 0.001);
        foretold_free(f);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("traffic series");
        TCase *c = tcase_create("traffic series");

        tcase_add_checked_fixture(c, setup, teardown);
        tcase_add_test(c, what_gets_a_series_of_its_own_begins_at_0_and_other_stays);
        tcase_add_test(c, sums_are_by_number);
        tcase_add_test(c, clients_move_with_their_classes);
        suite_add_tcase(s, c);
        return world_run(s);
}
