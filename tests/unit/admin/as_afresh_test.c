/* Changes one after the other that random ones come upon too seldom: after each, a control plane that took it answers
 * and explains like one that was just started on the same store. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/log.h"
#include "tests/unit/afresh.h"
#include "tests/unit/questions.h"
#include "tests/unit/scratch.h"

struct step {
        enum kind kind;
        const char *key, *document; /* NULL: it is deleted */
};

#define STEPS_MOST 14

static const struct script {
        const char *what;
        struct step steps[STEPS_MOST];
} scripts[] = {
        {"services keep what their schedules say when a zone comes and goes around them",
         {{KIND_ZONES, "g.example", "{name: g.example, ns: [ns1.example.net]}"},
          {KIND_SERVICES, "sub.g.example",
           "{name: sub.g.example, ttl: 1, steering: weighted, pools: [{pool: p0, weight: 1, schedules: [{from: "
           "'00:00', "
           "to: '12:00', time_zone: UTC, weight: 9}, {from: '12:00', to: '24:00', time_zone: UTC, weight: 9}]}, {pool: "
           "p1, weight: 1}]}"},
          {KIND_ZONES, "sub.g.example", "{name: sub.g.example, ns: [ns1.example.net]}"},
          {KIND_ZONES, "sub.g.example", NULL}}},
        {"a pool that comes to contain a service has no endpoints of its own any more",
         {{KIND_ZONES, "g.example", "{name: g.example, ns: [ns1.example.net]}"},
          {KIND_SERVICES, "n0.g.example", "{name: n0.g.example, pools: [p0]}"},
          {KIND_POOLS, "p10", "{name: p10, region: eu, endpoints: [{name: e0, address: 192.0.10.1}]}"},
          {KIND_SERVICES, "www.g.example", "{name: www.g.example, pools: [p10, p1]}"},
          {KIND_POOLS, "p10", "{name: p10, region: eu, service: n0.g.example}"},
          {KIND_POOLS, "p10", "{name: p10, region: eu, endpoints: [{name: e0, address: 192.0.10.1}]}"}}},
        {"host names are looked up for a service that comes to contain another",
         {{KIND_ZONES, "g.example", "{name: g.example, ns: [ns1.example.net]}"},
          {KIND_POOLS, "p5", "{name: p5, region: eu, endpoints: [{name: e0, address: two.example.net}]}"},
          {KIND_SERVICES, "n0.g.example", "{name: n0.g.example, pools: [p5]}"},
          {KIND_POOLS, "p10", "{name: p10, region: eu, endpoints: [{name: e0, address: 192.0.10.1}]}"},
          {KIND_SERVICES, "g.example", "{name: g.example, ttl: 1, pools: [p10]}"},
          {KIND_POOLS, "p10", "{name: p10, region: eu, service: n0.g.example}"}}},
        {"what is checked because a schedule switches it on keeps its health when its pool is edited",
         {{KIND_ZONES, "g.example", "{name: g.example, ns: [ns1.example.net]}"},
          {KIND_MONITORS, "m0", "{name: m0, type: tcp, port: 80}"},
          {KIND_POOLS, "p2",
           "{name: p2, region: eu, monitor: m0, endpoints: [{name: e0, address: 192.0.2.1}, {name: e1, address: "
           "192.0.2.2, enabled: false, schedules: [{from: '00:00', to: '12:00', time_zone: UTC, enabled: true}, {from: "
           "'12:00', to: '24:00', time_zone: UTC, enabled: true}]}]}"},
          {KIND_SERVICES, "www.g.example", "{name: www.g.example, pools: [p2]}"},
          {KIND_POOLS, "p2",
           "{name: p2, region: eu, monitor: m0, endpoints: [{name: e0, address: 192.0.2.1, weight: 9}, {name: e1, "
           "address: "
           "192.0.2.2, enabled: false, schedules: [{from: '00:00', to: '12:00', time_zone: UTC, enabled: true}, {from: "
           "'12:00', to: '24:00', time_zone: UTC, enabled: true}]}]}"}}},
        {"host names of a last resort are looked up",
         {{KIND_ZONES, "g.example", "{name: g.example, ns: [ns1.example.net]}"},
          {KIND_POOLS, "p5", "{name: p5, region: eu, endpoints: [{name: e0, address: two.example.net}]}"},
          {KIND_SERVICES, "www.g.example", "{name: www.g.example, pools: [p5]}"},
          {KIND_SERVICES, "g.example",
           "{name: g.example, ttl: 1, pools: [p0], when_all_down: last_resort, last_resort: p5}"}}},
        {"host names are looked up no more that nobody comes to, or that have become others",
         {{KIND_ZONES, "g.example", "{name: g.example, ns: [ns1.example.net]}"},
          {KIND_POOLS, "p5",
           "{name: p5, region: eu, endpoints: [{name: e0, address: two.example.net}, {name: e1, address: "
           "here.example.net}]}"},
          {KIND_SERVICES, "g.example", "{name: g.example, ttl: 1, pools: [p5, p0]}"},
          {KIND_POOLS, "p5",
           "{name: p5, region: eu, endpoints: [{name: e0, address: here.example.net}, {name: e1, address: "
           "192.0.5.1}]}"},
          {KIND_SERVICES, "g.example", "{name: g.example, ttl: 1, pools: [p0]}"},
          {KIND_SERVICES, "g.example", "{name: g.example, ttl: 1, pools: [p0, p5]}"},
          {KIND_SERVICES, "g.example", NULL},
          {KIND_POOLS, "p5", NULL}}},
        {"endpoints are checked as their monitor says now, be it a part of another or laid over",
         {{KIND_MONITORS, "m", "{name: m, type: http, path: /a}"},
          {KIND_MONITORS, "both", "{name: both, type: composite, composite: {of: [m]}}"},
          {KIND_MONITORS, "unused", "{name: unused, type: tcp, port: 1}"},
          {KIND_POOLS, "p0", "{name: p0, region: eu, monitor: m, endpoints: [{name: e0, address: 192.0.0.1}]}"},
          {KIND_POOLS, "p1", "{name: p1, region: us, monitor: both, endpoints: [{name: e0, address: 192.0.1.1}]}"},
          {KIND_MONITORS, "m", "{name: m, type: http, path: /b}"},
          {KIND_MONITORS, "m", "{name: m, type: http, path: /b, probers: ['region:us']}"},
          {KIND_PROBERS, "third", "{name: third, region: us}"},
          {KIND_PROBERS, "third", "{name: third, region: eu}"},
          {KIND_MONITORS, "unused", NULL},
          {KIND_POOLS, "p1",
           "{name: p1, region: us, monitor: {name: m, path: /c}, endpoints: [{name: e0, address: 192.0.1.1}]}"},
          {KIND_MONITORS, "m", "{name: m, type: http, path: /b, interval: 9s}"},
          {KIND_PROBERS, "third", NULL}}},
        {"what schedules say comes, changes and goes with what they stand in",
         {{KIND_ZONES, "g.example", "{name: g.example, ns: [ns1.example.net]}"},
          {KIND_POOLS, "p0",
           "{name: p0, region: eu, endpoints: [{name: e0, address: 192.0.0.1}, {name: e1, address: 192.0.0.2, "
           "schedules: [{from: '00:00', to: '12:00', time_zone: UTC, weight: 9}, {from: '12:00', to: '24:00', "
           "time_zone: UTC, weight: 9}]}]}"},
          {KIND_SERVICES, "www.g.example", "{name: www.g.example, ttl: 1, pools: [p0, p1]}"},
          {KIND_POOLS, "p0",
           "{name: p0, region: eu, endpoints: [{name: e0, address: 192.0.0.1}, {name: e1, address: 192.0.0.2, "
           "schedules: [{from: '00:00', to: '12:00', time_zone: UTC, enabled: false}, {from: '12:00', to: '24:00', "
           "time_zone: UTC, enabled: false}]}]}"},
          {KIND_POOLS, "p0",
           "{name: p0, region: eu, schedules: [{from: '00:00', to: '12:00', time_zone: UTC, enabled: false}, {from: "
           "'12:00', to: '24:00', time_zone: UTC, enabled: false}], endpoints: [{name: e0, address: 192.0.0.1}]}"},
          {KIND_SERVICES, "www.g.example",
           "{name: www.g.example, ttl: 1, steering: weighted, pools: [{pool: p0, weight: 1, schedules: [{from: "
           "'00:00', to: '12:00', time_zone: UTC, weight: 0}, {from: '12:00', to: '24:00', time_zone: UTC, weight: "
           "0}]}, p1]}"},
          {KIND_POOLS, "p0",
           "{name: p0, region: eu, endpoints: [{name: e0, address: 192.0.0.1}, {name: e1, address: 192.0.0.2, "
           "schedules: [{from: '00:00', to: '12:00', time_zone: UTC, weight: 0}, {from: '12:00', to: '24:00', "
           "time_zone: UTC, weight: 0}]}]}"},
          {KIND_SERVICES, "www.g.example",
           "{name: www.g.example, ttl: 1, steering: weighted, pools: [{pool: p1, weight: 1, schedules: [{from: "
           "'00:00', to: '12:00', time_zone: UTC, weight: 3}, {from: '12:00', to: '24:00', time_zone: UTC, weight: "
           "3}]}, {pool: p0, weight: 2, schedules: [{from: '00:00', to: '12:00', time_zone: UTC, weight: 5}, {from: "
           "'12:00', to: '24:00', time_zone: UTC, weight: 5}]}]}"},
          {KIND_SERVICES, "www.g.example", "{name: www.g.example, ttl: 1, pools: [p1]}"},
          {KIND_POOLS, "p0", NULL}}},
        {"host names are looked up for a service that is contained by one that is answered with addresses",
         {{KIND_ZONES, "g.example", "{name: g.example, ns: [ns1.example.net]}"},
          {KIND_POOLS, "p5", "{name: p5, region: eu, endpoints: [{name: e0, address: two.example.net}]}"},
          {KIND_SERVICES, "n0.g.example", "{name: n0.g.example, pools: [p0]}"},
          {KIND_POOLS, "p10", "{name: p10, region: eu, service: n0.g.example}"},
          {KIND_SERVICES, "g.example", "{name: g.example, ttl: 1, pools: [p10]}"},
          {KIND_SERVICES, "n0.g.example", "{name: n0.g.example, pools: [p5]}"}}},
};

static const char beginning[] = "regions: [{name: eu, match: [continent:EU], default: true, fallback: [us]}, {name: "
                                "us, match: [continent:NA]}]\n"
                                "probers: [{name: near, region: eu}, {name: far, region: us}]\n"
                                "pools:\n"
                                "  - {name: p0, region: eu, endpoints: [{name: e0, address: 192.0.0.1}]}\n"
                                "  - {name: p1, region: us, endpoints: [{name: e0, address: 192.0.1.1}]}\n";

static char directory[SCRATCH_PATH], store[140];
static struct afresh *afresh;
static struct plane *plane;
static struct plane_health health;

static void change(struct change *changes, size_t count, const char *what)
{
        struct problems problems = PROBLEMS_INIT;
        enum control_result result = plane_change(plane, changes, &count, false, true, &problems);

        ck_assert_msg(result == CONTROL_OK, "%s: %d: %s", what, result, problems.count ? problems.list[0].message : "");
        problems_free(&problems);
}

static struct doc *document(struct arena *a, const char *yaml)
{
        struct problems problems = PROBLEMS_INIT;
        struct doc *d = doc_parse(a, yaml, strlen(yaml), DOC_YAML, &problems);

        ck_assert_msg(d != NULL, "%s", yaml);
        return d;
}

static void begin(void)
{
        struct arena *a = arena_new(0);
        struct problems problems = PROBLEMS_INIT;
        struct change *changes;
        size_t count;

        ck_assert(document_changes(document(a, beginning), a, &changes, &count, &problems));
        change(changes, count, "the beginning");
        arena_free(a);
}

static void compare(const struct step *step)
{
        struct buffer live = BUFFER_INIT((size_t)1 << 28);
        size_t at = 0;

        plane_say(plane, &health);
        plane_settle(plane);
        plane_tell(plane, 1, &live);
        char *fresh = afresh_tell(afresh, store, &health, 1);
        while (live.data[at] && live.data[at] == fresh[at])
                at++;
        at = at > 300 ? at - 300 : 0;
        ck_assert_msg(!strcmp(live.data, fresh), "after %s:\n live: %.600s\nfresh: %.600s", step->key, live.data + at,
                      fresh + at);
        free(fresh);
        buffer_free(&live);
}

static void take(const struct step *step)
{
        struct arena *a = arena_new(0);
        struct change one = {step->kind, step->key, step->document ? document(a, step->document) : NULL};

        change(&one, 1, step->key);
        compare(step);
        arena_free(a);
}

START_TEST(each_step_comes_to_what_a_fresh_start_comes_to)
{
        for (const struct step *step = scripts[_i].steps; step->key; step++)
                take(step);
}
END_TEST

static void set_up(void)
{
        scratch_remove(store);
        afresh = afresh_start(directory, NULL); /* before there is a second thread */
        plane = plane_open(store, NULL);
        begin();
        plane_say(plane, &health);
        plane_settle(plane);
}

static void tear_down(void)
{
        plane_close(plane);
        afresh_stop(afresh);
}

int main(void)
{
        Suite *suite = suite_create("admin: as afresh");
        TCase *t = tcase_create("scripts");
        tcase_set_timeout(t, 60);
        log_set_level(LOG_LEVEL_ERROR);
        scratch_make(directory, "as-afresh");
        snprintf(store, sizeof(store), "%s/store", directory);
        questions_make();
        tcase_add_checked_fixture(t, set_up, tear_down);
        tcase_add_loop_test(t, each_step_comes_to_what_a_fresh_start_comes_to, 0,
                            (int)(sizeof(scripts) / sizeof(*scripts)));
        suite_add_tcase(suite, t);
        SRunner *runner = srunner_create(suite);
        srunner_set_fork_status(runner, CK_FORK); /* one control plane a process, and it has threads */
        srunner_run_all(runner, CK_NORMAL);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        scratch_remove(directory);
        return failed;
}
