/* Who would have nothing healthy any more: told before it is done, by the code that decides. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/memory.h"
#include "tests/unit/world.h"
#include "zones/steering/losses.h"

#define REGIONS                                                                                                        \
        "regions:\n"                                                                                                   \
        "  - {name: eu, fallback: [us]}\n"                                                                             \
        "  - {name: us, fallback: [eu], default: true}\n"                                                              \
        "networks: [{cidr: 10.1.0.0/16, region: eu}, {cidr: 10.2.0.0/16, region: us}]\n"                               \
        "zones: [{name: g.example, ns: [ns1.example.net]}]\n"
#define POOLS                                                                                                          \
        "pools:\n"                                                                                                     \
        "  - {name: peu, region: eu, endpoints: [{name: a, address: 192.0.2.1}, {name: b, address: 192.0.2.2}]}\n"     \
        "  - {name: pus, region: us, endpoints: [{name: a, address: 192.0.2.11}, {name: v6, address: "                 \
        "'2001:db8::11'}]}\n"

/* What is told, a line a loss: "www.g.example eu". */
static char told[2000];

static void note(void *context, const struct loss *l)
{
        const struct model *m = context;
        size_t n = strlen(told);

        n += (size_t)snprintf(told + n, sizeof(told) - n, "%s", l->service->name);
        for (uint32_t i = 0; l->regions && i < l->region_count; i++)
                n += (size_t)snprintf(told + n, sizeof(told) - n, " %s", m->regions[l->regions[i]]->name);
        snprintf(told + n, sizeof(told) - n, "%s%s%s\n", l->regions ? "" : " all", l->type ? " " : "",
                 l->type ? l->type : "");
}

static const char *drained(const struct world *w, const char *first, ...)
{
        const struct steering *t = w->snapshot->steering;
        struct supposition *s = suppose_new(t);
        va_list ids;

        va_start(ids, first);
        for (const char *id = first; id; id = va_arg(ids, const char *)) {
                uint32_t endpoint = endpoint_number(w->snapshot->model, id);
                struct endpoint_state state = steering_states(t)[endpoint];
                state.drained = true;
                suppose_state(s, endpoint, &state);
        }
        va_end(ids);
        suppose_settle(s);
        told[0] = '\0';
        losses_supposed(t, NULL, s, note, (void *)w->snapshot->model);
        suppose_free(s);
        return told;
}

static struct world *of(const char *services)
{
        char yaml[8192];

        snprintf(yaml, sizeof(yaml), "%s%sservices:\n%s", REGIONS, POOLS, services);
        return world_new(yaml, NULL);
}

START_TEST(the_last_that_is_healthy_is_missed_and_no_other)
{
        struct world *w = of("  - {name: www.g.example, pools: [peu, pus]}\n  - {name: eu.g.example, pools: [peu]}\n");

        ck_assert_str_eq(drained(w, "peu/a", NULL), "");
        ck_assert_str_eq(drained(w, "peu/a", "peu/b", NULL), "eu.g.example all\n");
        world_health(w, "peu/b", HEALTH_DOWN);
        ck_assert_str_eq(drained(w, "peu/a", NULL), "eu.g.example all\n");
        world_health(w, "peu/a", HEALTH_DOWN);
        ck_assert_str_eq(drained(w, "peu/a", "peu/b", NULL), ""); /* it had nothing before */
        world_free(w);
}
END_TEST

START_TEST(a_fence_loses_the_clients_of_its_region_alone)
{
        struct world *w = of("  - {name: pay.g.example, fence: true, pools: [peu, pus]}\n  - {name: www.g.example, "
                             "pools: [peu, pus]}\n");

        ck_assert_str_eq(drained(w, "peu/a", "peu/b", NULL), "pay.g.example eu\n");
        world_drain(w, "pus/a", true);
        ck_assert_str_eq(drained(w, "peu/a", "peu/b", NULL), "pay.g.example eu\nwww.g.example all A\n");
        world_free(w);
}
END_TEST

START_TEST(each_family_counts_where_the_service_has_it)
{
        struct world *w = of("  - {name: www.g.example, pools: [peu, pus]}\n");

        ck_assert_str_eq(drained(w, "pus/v6", NULL), "www.g.example all AAAA\n");
        ck_assert_str_eq(drained(w, "pus/a", NULL), "");
        ck_assert_str_eq(drained(w, "pus/a", "pus/v6", "peu/a", "peu/b", NULL), "www.g.example all\n");
        world_free(w);
}
END_TEST

START_TEST(what_lies_within_is_missed_through_what_contains_it)
{
        struct world *w = world_new(REGIONS "pools:\n"
                                            "  - {name: peu, region: eu, endpoints: [{name: a, address: 192.0.2.1}]}\n"
                                            "  - {name: pus, region: us, endpoints: [{name: a, address: 192.0.2.11}]}\n"
                                            "  - {name: inner, region: eu, service: in.g.example}\n"
                                            "  - {name: middle, region: eu, service: mid.g.example}\n"
                                            "services:\n"
                                            "  - {name: in.g.example, fence: true, pools: [peu, pus]}\n"
                                            "  - {name: mid.g.example, pools: [inner]}\n"
                                            "  - {name: out.g.example, pools: [middle]}\n",
                                    NULL);

        /* The fence within holds for the clients of whatever contains it. */
        ck_assert_str_eq(drained(w, "peu/a", NULL), "in.g.example eu\nmid.g.example eu\nout.g.example eu\n");
        ck_assert_str_eq(drained(w, "peu/a", "pus/a", NULL),
                         "in.g.example all\nmid.g.example all\nout.g.example all\n");
        world_free(w);
}
END_TEST

static const char *changed(const char *before, const char *after)
{
        struct world *w = world_new(before, NULL), *next = world_new(after, w);

        told[0] = '\0';
        losses_configured(w->snapshot->steering, next->snapshot->steering, 0, UINT32_MAX, note,
                          (void *)next->snapshot->model);
        world_free(next);
        world_free(w);
        return told;
}

#define ONE_SERVICE "services: [{name: www.g.example, pools: [peu, pus]}]\n"
#define PEU(more)   "pools:\n  - {name: peu, region: eu, " more "endpoints: [{name: a, address: 192.0.2.1}]}\n"
#define PUS(more)   "  - {name: pus, region: us, " more "endpoints: [{name: a, address: 192.0.2.11}]}\n"

START_TEST(a_configuration_is_compared_with_the_one_before_it)
{
        const char *good = REGIONS PEU("") PUS("") ONE_SERVICE;

        ck_assert_str_eq(changed(good, good), "");
        ck_assert_str_eq(changed(good, REGIONS PEU("enabled: false, ") PUS("") ONE_SERVICE), "");
        ck_assert_str_eq(changed(good, REGIONS PEU("enabled: false, ") PUS("enabled: false, ") ONE_SERVICE),
                         "www.g.example all\n");
        ck_assert_str_eq(changed(REGIONS PEU("enabled: false, ") PUS("enabled: false, ") ONE_SERVICE,
                                 REGIONS PEU("enabled: false, ") PUS("enabled: false, ") ONE_SERVICE),
                         "");
        ck_assert_str_eq(changed(good, REGIONS PEU("") PUS(
                                               "") "services: [{name: www.g.example, enabled: false, pools: [peu]}]\n"),
                         "");
        ck_assert_str_eq(changed(good, REGIONS PEU("") PUS("")), "");
        /* A fence where the pool of the region is switched off. */
        ck_assert_str_eq(changed(REGIONS PEU("")
                                         PUS("") "services: [{name: www.g.example, fence: true, pools: [peu, pus]}]\n",
                                 REGIONS PEU("enabled: false, ")
                                         PUS("") "services: [{name: www.g.example, fence: true, pools: [peu, pus]}]\n"),
                         "www.g.example eu\n");
        /* Others classes: a network moves from one region to another, behind a fence that has nothing there. */
        ck_assert_str_eq(
                changed(REGIONS PEU("enabled: false, ")
                                PUS("") "services: [{name: www.g.example, fence: true, pools: [peu, pus]}]\n",
                        "regions: [{name: eu}, {name: us, default: true}]\nnetworks: [{cidr: 10.0.0.0/8, region: eu}]\n"
                        "zones: [{name: g.example, ns: [ns1.example.net]}]\n" PEU("enabled: false, ")
                                PUS("") "services: [{name: www.g.example, fence: true, pools: [peu, pus]}]\n"),
                "");
}
END_TEST

/* Against the steering itself: whatever is supposed, what is told is what a client then gets. */
START_TEST(it_tells_what_clients_then_get)
{
        static const char *const ids[] = {"peu/a", "peu/b", "pus/a"};
        static const char *const clients[] = {"10.1.2.3", "10.2.2.3"}, *const regions[] = {" eu", " us"};
        struct world *w = of(
                "  - {name: pay.g.example, fence: true, when_all_down: nodata, pools: [{pool: peu}, {pool: pus}]}\n");

        for (unsigned down = 0; down < 8; down++)
                for (unsigned take = 1; take < 8; take++) {
                        struct supposition *s = suppose_new(w->snapshot->steering);
                        bool was[2], lost[2];
                        for (unsigned i = 0; i < 3; i++) {
                                world_drain(w, ids[i], false);
                                world_health(w, ids[i], down & 1u << i ? HEALTH_DOWN : HEALTH_UP);
                        }
                        for (unsigned i = 0; i < 3; i++) {
                                uint32_t endpoint = endpoint_number(w->snapshot->model, ids[i]);
                                struct endpoint_state state = steering_states(w->snapshot->steering)[endpoint];
                                state.drained = true;
                                if (take & 1u << i)
                                        suppose_state(s, endpoint, &state);
                        }
                        for (int c = 0; c < 2; c++)
                                was[c] = *world_answer(w, "pay.g.example", clients[c]);
                        suppose_settle(s);
                        told[0] = '\0';
                        losses_supposed(w->snapshot->steering, NULL, s, note, (void *)w->snapshot->model);
                        suppose_free(s);
                        for (unsigned i = 0; i < 3; i++)
                                if (take & 1u << i)
                                        world_drain(w, ids[i], true);
                        for (int c = 0; c < 2; c++)
                                lost[c] = was[c] && !*world_answer(w, "pay.g.example", clients[c]);
                        for (int c = 0; c < 2; c++) {
                                bool said = strstr(told, regions[c]) || strstr(told, " all");
                                ck_assert_msg(said ? !*world_answer(w, "pay.g.example", clients[c]) : !lost[c],
                                              "down %u, taken %u, client %s: told \"%s\"", down, take, clients[c],
                                              told);
                        }
                        ck_assert_int_eq(lost[0] || lost[1], *told != '\0');
                }
        world_free(w);
}
END_TEST

/* What this thread has worked: others on the machine count for nothing. */
static uint64_t processor_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

START_TEST(a_drain_of_one_among_a_hundred_thousand_services_costs_what_it_touches)
{
        enum { COUNT = 100000 };
        size_t size = (size_t)COUNT * 160 + 1000, n;
        char *yaml = memory_alloc(size);

        n = (size_t)snprintf(yaml, size, "%spools:\n", REGIONS);
        for (int i = 0; i < COUNT; i++)
                n += (size_t)snprintf(yaml + n, size - n,
                                      "- {name: p%d, region: eu, endpoints: [{name: a, address: 192.0.2.1}]}\n", i);
        n += (size_t)snprintf(yaml + n, size - n, "services:\n");
        for (int i = 0; i < COUNT; i++)
                n += (size_t)snprintf(yaml + n, size - n, "- {name: s%d.g.example, pools: [p%d]}\n", i, i);
        uint64_t start = processor_us();
        struct world *w = world_new(yaml, NULL);
        uint64_t whole = processor_us() - start, least = UINT64_MAX;
        for (int i = 0; i < 5; i++) {
                start = processor_us();
                ck_assert_str_eq(drained(w, "p777/a", NULL), "s777.g.example all\n");
                uint64_t took = processor_us() - start;
                least = took < least ? took : least;
        }
        ck_assert_uint_lt(least * 20, whole);
        world_free(w);
        free(yaml);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("losses");
        TCase *c = tcase_create("losses");

        tcase_set_timeout(c, 120);
        tcase_add_test(c, the_last_that_is_healthy_is_missed_and_no_other);
        tcase_add_test(c, a_fence_loses_the_clients_of_its_region_alone);
        tcase_add_test(c, each_family_counts_where_the_service_has_it);
        tcase_add_test(c, what_lies_within_is_missed_through_what_contains_it);
        tcase_add_test(c, a_configuration_is_compared_with_the_one_before_it);
        tcase_add_test(c, it_tells_what_clients_then_get);
        tcase_add_test(c, a_drain_of_one_among_a_hundred_thousand_services_costs_what_it_touches);
        suite_add_tcase(s, c);
        return world_run(s);
}
