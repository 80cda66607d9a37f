/* A service that a pool contains loses all it has, and gets it back: who comes to it through that pool is never told
 * that there is nothing, for another pool has something before and after, also who is on the way in just then. */
#include <check.h>
#include <pthread.h>
#include "base/rcu.h"
#include "tests/unit/world.h"
#include "zones/dns/numbers.h"

#define TURNS_LEAST 30000
#define ASKED_LEAST 300000

static const char world_text[] = "regions: [{name: eu, default: true}]\n"
                                 "pools:\n"
                                 "  - {name: inner, region: eu, endpoints: [{name: e, address: 192.0.2.1}]}\n"
                                 "  - {name: deep, region: eu, service: n0.g.example}\n"
                                 "  - {name: around, region: eu, service: n1.g.example}\n"
                                 "  - {name: other, region: eu, endpoints: [{name: e, address: 192.0.2.2}]}\n"
                                 "zones: [{name: g.example, ns: [ns.example.net]}]\n"
                                 "services:\n"
                                 "  - {name: n0.g.example, pools: [inner], when_all_down: nodata}\n"
                                 "  - {name: n1.g.example, pools: [deep], when_all_down: servfail}\n"
                                 "  - {name: www.g.example, steering: failover, pools: [around, other]}\n";

static struct world *world;
static unsigned long asked, nothing; /* atomic */
static bool stopping;                /* atomic */

static void *ask(void *context)
{
        const struct route *route = node_route(world_node(world, "www.g.example"));
        const struct client client = {.version = CLIENT_NEWEST};
        static struct picker_state state;
        struct pick pick;

        random_seed(&state.random, 1);
        rcu_join();
        while (!__atomic_load_n(&stopping, __ATOMIC_ACQUIRE)) {
                for (int i = 0; i < 100; i++) {
                        route_pick(route, TYPE_A, &client, &state, &pick);
                        if (!pick.count)
                                __atomic_fetch_add(&nothing, 1, __ATOMIC_RELAXED);
                }
                __atomic_fetch_add(&asked, 100, __ATOMIC_RELAXED);
                rcu_quiet();
        }
        rcu_leave();
        return NULL;
}

START_TEST(nobody_sees_an_inner_service_give_up_before_those_around_it_have_looked_elsewhere)
{
        pthread_t reader;

        world = world_new(world_text, NULL);
        world_health(world, "inner/e", HEALTH_UP);
        world_health(world, "other/e", HEALTH_UP);
        ck_assert_int_eq(pthread_create(&reader, NULL, ask, NULL), 0);
        for (unsigned turn = 0; turn < TURNS_LEAST || __atomic_load_n(&asked, __ATOMIC_RELAXED) < ASKED_LEAST; turn++)
                world_drain(world, "inner/e", turn % 2 == 0);
        __atomic_store_n(&stopping, true, __ATOMIC_RELEASE);
        pthread_join(reader, NULL);
        ck_assert_msg(!nothing, "%lu of %lu answers gave nothing", nothing, asked);
        world_free(world);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("nested services");
        TCase *t = tcase_create("nested services");

        tcase_add_test(t, nobody_sees_an_inner_service_give_up_before_those_around_it_have_looked_elsewhere);
        suite_add_tcase(suite, t);
        return world_run(suite);
}
