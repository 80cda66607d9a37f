/* Explanations tell what the tables do: each policy and option by its name. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "base/buffer.h"
#include "base/log.h"
#include "tests/unit/world.h"
#include "zones/explain/explain.h"

static const char yaml[] =
        "regions:\n"
        "  - {name: eu, match: ['continent:EU'], location: [50.1, 8.7], fallback: [us]}\n"
        "  - {name: us, location: [39.0, -77.5], fallback: [eu], default: true}\n"
        "networks: [{cidr: 10.1.0.0/16, region: eu}]\n"
        "zones: [{name: g.example, ns: [ns1.example.net]}]\n"
        "monitors: [{name: m, type: tcp, port: 1}]\n"
        "pools:\n"
        "  - {name: peu, region: eu, min_healthy: 2, slow_start: 100s, endpoints: [\n"
        "      {name: a, address: 192.0.2.1, weight: 30, max_load: 50}, {name: b, address: 192.0.2.2, weight: 10},\n"
        "      {name: c, address: 192.0.2.3, weight: 0}, {name: d, address: 192.0.2.4, backup: true}]}\n"
        "  - {name: pus, region: us, balance: failover, endpoints: [{name: a, address: 192.0.2.11, priority: 3}]}\n"
        "  - {name: phash, region: us, monitor: m, balance: hash, hash: {prefix_v4: 20, salt: x}, answers: 2, "
        "max_load: 80,\n"
        "     min_healthy: 50%, endpoints: [192.0.2.12, 192.0.2.13]}\n"
        "  - {name: pscore, region: us, balance: score, score: {load: 2, cpu: 0.5}, endpoints: [192.0.2.14]}\n"
        "  - {name: deep, region: us, service: www.g.example}\n"
        "services:\n"
        "  - {name: www.g.example, pools: [peu, pus]}\n"
        "  - {name: over.g.example, when_all_down: servfail, fence: true, pools: [peu, pus],\n"
        "     overrides: [{networks: [10.1.9.0/24], regions: [us]}]}\n"
        "  - {name: near.g.example, steering: proximity, pools: [pus, peu]}\n"
        "  - {name: fast.g.example, steering: latency, pools: [pus, peu]}\n"
        "  - {name: nested.g.example, steering: failover, pools: [deep]}\n"
        "  - {name: split.g.example, steering: weighted, pools: [{pool: peu, weight: 3}, {pool: pus, weight: 1}]}\n"
        "  - {name: hash.g.example, pools: [phash]}\n"
        "  - {name: score.g.example, pools: [pscore]}\n"
        "  - {name: off.g.example, enabled: false, pools: [peu]}\n";

static struct world *w;

static void setup(void)
{
        w = world_new(yaml, NULL);
}

static void teardown(void)
{
        world_free(w);
}

static struct doc *explained(const char *name, const char *client_text, struct arena *arena)
{
        struct problems problems = PROBLEMS_INIT;
        struct prefix client;

        ck_assert(prefix_parse(client_text, &client));
        const struct explain_question q = explain_now(name, "A", &client, w->snapshot->revision);
        struct doc *d = explain_answer(w->snapshot, NULL, &q, arena, &problems);
        ck_assert_ptr_nonnull(d);
        return d;
}

/* What a client in region eu is told of how far a pool is; -1: nothing. */
static double farness(const char *name, const char *pool, const char *member)
{
        struct arena *arena = arena_new(0);
        double far = -1;

        doc_each (one, doc_get(explained(name, "10.1.2.3", arena), "pools"))
                if (!strcmp(doc_get_string(one, "name"), pool) && doc_get(one, member))
                        far = doc_get(one, member)->real;
        arena_free(arena);
        return far;
}

/* The story as one text; owned by the caller. */
static char *story(const char *name, const char *client_text)
{
        struct arena *arena = arena_new(0);
        struct buffer text = BUFFER_INIT(1 << 20);
        const struct doc *d = explained(name, client_text, arena);

        doc_each (one, doc_get(d, "story"))
                buffer_printf(&text, "%s\n", one->string);
        arena_free(arena);
        return buffer_take(&text);
}

static void ck_tells(const char *name, const char *client, const char *wanted)
{
        char *text = story(name, client);

        ck_assert_msg(strstr(text, wanted) != NULL, "not told: %s\nin:\n%s", wanted, text);
        free(text);
}

#define W "www.g.example"

START_TEST(story_tells_where_the_client_is_and_why)
{
        ck_tells(W, "10.1.2.3",
                 "Client 10.1.2.3/32 is in the operator's network 10.1.0.0/16, so it belongs to region eu.");
        ck_tells(W, "198.51.100.1", "it belongs to the default region us.");
        ck_tells(W, "10.1.2.3",
                 "Steering geo orders its pools region eu, then its fallbacks us, then the rest as listed.");
        ck_tells("near.g.example", "10.1.2.3",
                 "Steering proximity orders its pools by distance, nearest first: eu 0 km, us 6555 km.");
        ck_tells("over.g.example", "10.1.9.1", "override 1 of the service (10.1.9.0/24): us");
}
END_TEST

START_TEST(story_tells_why_each_pool_and_endpoint_serves_or_not)
{
        ck_tells(W, "10.1.2.3", "Pool peu (region eu, balance weighted): used: the first usable pool of the order.");
        ck_tells(W, "10.1.2.3", "a (192.0.2.1), weight 30, max_load 50: serves, 75.0% of this pool's answers.");
        ck_tells(W, "10.1.2.3", "c (192.0.2.3), weight 0: weight 0: serves when all with a weight are down.");
        ck_tells(W, "10.1.2.3", "d (192.0.2.4), weight 1: backup: serves when all others are down.");
        ck_tells(W, "10.1.2.3",
                 "Pool pus (region us, balance failover): not used: usable, but a pool before it serves.");
        ck_tells("split.g.example", "10.1.2.3", "serves 75% of the answers (steering weighted)");
        ck_tells("nested.g.example", "10.1.2.3", "Pool deep (region us, balance weighted): used");
        ck_tells("nested.g.example", "10.1.2.3", "Pool peu (region eu, balance weighted): used");
        world_drain(w, "peu/a", true);
        world_health(w, "peu/b", HEALTH_DOWN);
        world_health(w, "peu/c", HEALTH_DOWN);
        ck_tells(W, "10.1.2.3",
                 "Pool peu (region eu, balance weighted): not used: 1 of 4 endpoints are up, below its min_healthy of "
                 "2.");
        ck_tells(W, "10.1.2.3", "a (192.0.2.1), weight 30, max_load 50: drained.");
        ck_tells(W, "10.1.2.3", "b (192.0.2.2), weight 10: down.");
        ck_tells(W, "10.1.2.3", "Answer this time: 192.0.2.11, for 30 seconds, true for the client's /21.");
}
END_TEST

START_TEST(story_tells_the_options_of_a_pool_by_name)
{
        ck_tells(W, "10.1.2.3", "Options: min_healthy 2, slow_start 100s.");
        ck_tells(W, "10.1.2.3", "a (192.0.2.11), weight 1, priority 3:");
        ck_tells("hash.g.example", "10.1.2.3",
                 "Options: answers 2, min_healthy 50%, max_load 80, hash over the client's /20 (IPv6 /56) and a salt.");
        world_health(w, "phash/192.0.2.12", HEALTH_DOWN);
        ck_tells("hash.g.example", "10.1.2.3", "192.0.2.12 (192.0.2.12), weight 1: down (monitor m).");
        ck_tells("score.g.example", "10.1.2.3",
                 "Options: score 1 x response_time + 2 x load + 10 x errors + 0.5 x cpu.");
        w->states[world_endpoint(w, "pscore/192.0.2.14")].figures.load = 5;
        world_update(w);
        ck_tells("score.g.example", "10.1.2.3", "192.0.2.14 (192.0.2.14), weight 1, load 5, cost 10: serves");
}
END_TEST

START_TEST(pools_tell_what_their_order_goes_by)
{
        ck_assert_double_eq(farness("near.g.example", "peu", "distance_km"), 0);
        ck_assert_double_eq_tol(farness("near.g.example", "pus", "distance_km"), 6555, 1);
        ck_assert_double_eq(farness(W, "pus", "distance_km"), -1);
        ck_tells("fast.g.example", "10.1.2.3",
                 "by round trips as seen from all probers: pus not measured, peu not measured.");
        ck_assert_double_eq(farness("fast.g.example", "peu", "round_trip_ms"), -1);
        for (int64_t at = 1000000; at < 1100000; at += 1000) { /* only pus is measured */
                w->states[world_endpoint(w, "pus/a")].rtt_us = 80000;
                world_update(w);
                steering_tick(w->snapshot->steering, at);
        }
        ck_tells("fast.g.example", "10.1.2.3",
                 "by round trips as seen from all probers: pus 80.0 ms, peu not measured.");
        ck_assert_double_eq_tol(farness("fast.g.example", "pus", "round_trip_ms"), 80, 0.1);
        ck_assert_double_eq(farness("fast.g.example", "peu", "round_trip_ms"), -1);
        ck_assert_double_eq(farness("near.g.example", "pus", "round_trip_ms"), -1);
}
END_TEST

START_TEST(story_tells_slow_start_and_shedding)
{
        steering_tick(w->snapshot->steering, 1000000);
        w->states[world_endpoint(w, "peu/b")].up_since_ms = 950000;
        w->states[world_endpoint(w, "peu/a")].figures.load = 100;
        world_update(w);
        ck_tells(W, "10.1.2.3", "b (192.0.2.2), weight 10: slow start: 50% of its weight");
        steering_tick(w->snapshot->steering, 1001000);
        ck_tells(W, "10.1.2.3",
                 "a (192.0.2.1), weight 30, load 100, max_load 50: above max_load: keeps 98% of its weight");
}
END_TEST

START_TEST(story_of_a_drained_pool_sends_nobody_there)
{
        char *text;

        for (const char *const *id = (const char *const[]){"peu/a", "peu/b", "peu/c", "peu/d", NULL}; *id; id++)
                world_drain(w, *id, true);
        world_health(w, "peu/a", HEALTH_DOWN);
        ck_tells(W, "10.1.2.3", "Pool peu (region eu, balance weighted): not used: drained.");
        ck_tells(W, "10.1.2.3", "a (192.0.2.1), weight 30, max_load 50: drained and down.");
        ck_tells(W, "10.1.2.3", "b (192.0.2.2), weight 10: drained.");
        text = story(W, "10.1.2.3");
        ck_assert_ptr_null(strstr(text, "served all the same"));
        free(text);
}
END_TEST

START_TEST(story_tells_what_happens_when_all_is_down)
{
        for (uint32_t i = 0; i < w->snapshot->model->endpoint_count; i++)
                w->states[i].health = HEALTH_DOWN;
        world_update(w);
        ck_tells(W, "10.1.2.3", "nothing is up anywhere, so all of it is served (when_all_down serve_all)");
        ck_tells(W, "10.1.2.3", "a (192.0.2.1), weight 30, max_load 50: down, served all the same");
        world_drain(w, "peu/b", true);
        world_health(w, "peu/b", HEALTH_UP);
        ck_tells(W, "10.1.2.3", "so drained endpoints that are up serve (when_all_down serve_all)");
        ck_tells(W, "10.1.2.3", "b (192.0.2.2), weight 10: drained, served all the same");
        ck_tells("over.g.example", "10.1.2.3", "the answer is SERVFAIL (when_all_down servfail)");
        ck_tells("over.g.example", "10.1.2.3", "outside the fence");
        ck_tells("off.g.example", "10.1.2.3", "the service is disabled");
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("explain");
        TCase *t = tcase_create("explain");

        log_set_level(LOG_LEVEL_ERROR);
        tcase_add_checked_fixture(t, setup, teardown);
        tcase_add_test(t, story_tells_where_the_client_is_and_why);
        tcase_add_test(t, story_tells_why_each_pool_and_endpoint_serves_or_not);
        tcase_add_test(t, story_tells_the_options_of_a_pool_by_name);
        tcase_add_test(t, pools_tell_what_their_order_goes_by);
        tcase_add_test(t, story_tells_slow_start_and_shedding);
        tcase_add_test(t, story_of_a_drained_pool_sends_nobody_there);
        tcase_add_test(t, story_tells_what_happens_when_all_is_down);
        suite_add_tcase(suite, t);
        return world_run(suite);
}
