#include <arpa/inet.h>
#include <event2/event.h>
#include <event2/thread.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "probes/prober/engine.h"
#include "probes/health/health.h"
#include "probes/prober/plan.h"
#include "probes/checks/state.h"
#include "probes/checks/verdict.h"
#include "tests/unit/monitors.h"
#include "tests/unit/suite.h"

/* --- rise and fall --- */

START_TEST(rise_and_fall_follow_the_table)
{
        /* events: + passed, - failed; states after each: u unknown, U up, D down; rise 2, fall 3 */
        static const struct {
                const char *events, *states;
        } cases[] = {{"+", "U"},   {"-", "D"},     {"+--+--", "UUUUUU"}, {"+---", "UUUD"},
                     {"-+", "DD"}, {"-++", "DDU"}, {"-+-++", "DDDDU"},   {"+---++---", "UUUDDUUUD"}};
        static const enum verdict_state letters[256] = {['U'] = VERDICT_UP, ['D'] = VERDICT_DOWN};

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                struct check_state s = {VERDICT_UNKNOWN, 0};
                for (size_t n = 0; cases[i].events[n]; n++) {
                        s = check_state_next(s, cases[i].events[n] == '+', 2, 3);
                        ck_assert_msg(s.state == letters[(unsigned char)cases[i].states[n]], "%s at %zu",
                                      cases[i].events, n);
                }
        }
}
END_TEST

/* --- health over probers --- */

static struct plan *plan_of(const char *const *ids, uint32_t count)
{
        struct plan *p = plan_new(1);
        struct check *checks = ARENA_ARRAY(p->arena, struct check, count);
        const struct monitor *m = monitor_make(p->arena, "type: tcp, fall: 2");

        for (uint32_t i = 0; i < count; i++) {
                checks[i] = (struct check){.id = ids[i], .monitor = m, .port = 1};
                ck_assert(address_parse("127.0.0.1", &checks[i].address));
        }
        plan_set(p, checks, count);
        return p;
}

static bool report(struct health_table *h, const char *prober, uint64_t boot, uint64_t sequence,
                   enum verdict_state state, uint64_t now)
{
        const struct verdict v = {
                .id = "p/e", .state = (uint8_t)state, .reason = state == VERDICT_DOWN ? REASON_TIMEOUT : REASON_OK};
        const struct report r = {prober, boot, sequence, 1, &v, 1};

        return health_report(h, &r, now);
}

static struct health_table *table(void)
{
        static const char *const ids[] = {"p/e"};
        struct health_table *h = health_new();
        struct plan *p = plan_of(ids, 1);

        health_set_plan(h, p, 1);
        return h;
}

START_TEST(the_majority_of_live_probers_decides_and_a_tie_is_up)
{
        struct health_table *h = table();

        ck_assert(report(h, "a", 1, 1, VERDICT_DOWN, 10));
        ck_assert_int_eq(health_of(h, "p/e"), VERDICT_DOWN);
        ck_assert(report(h, "b", 1, 1, VERDICT_UP, 20));
        ck_assert_int_eq(health_of(h, "p/e"), VERDICT_UP);
        ck_assert(report(h, "c", 1, 1, VERDICT_DOWN, 30));
        ck_assert_int_eq(health_of(h, "p/e"), VERDICT_DOWN);
        size_t count;
        health_changes(h, &count);
        ck_assert_uint_eq(count, 3);
        health_free(h);
}
END_TEST

START_TEST(old_and_repeated_reports_are_refused_and_a_restart_is_taken)
{
        struct health_table *h = table();

        ck_assert(report(h, "a", 5, 7, VERDICT_UP, 1));
        ck_assert(!report(h, "a", 5, 7, VERDICT_DOWN, 2));
        ck_assert(!report(h, "a", 5, 6, VERDICT_DOWN, 3));
        ck_assert_int_eq(health_of(h, "p/e"), VERDICT_UP);
        ck_assert(report(h, "a", 3, 1, VERDICT_DOWN, 5)); /* its clock was set back: a start is a start */
        ck_assert_int_eq(health_of(h, "p/e"), VERDICT_DOWN);
        ck_assert(!report(h, "a", 5, 8, VERDICT_UP, 6)); /* from before the restart, late */
        ck_assert_int_eq(health_of(h, "p/e"), VERDICT_DOWN);
        health_free(h);
}
END_TEST

START_TEST(plans_and_reports_survive_the_wire)
{
        static const char *const ids[] = {"p/b", "p/a"};
        struct arena *a = arena_new(0);
        struct problems problems = PROBLEMS_INIT;
        struct plan *p = plan_of(ids, 2), *again = plan_from_doc(plan_to_doc(p, a), &problems);

        ck_assert_ptr_nonnull(again);
        ck_assert_str_eq(again->checks[0].id, "p/a");
        for (uint32_t i = 0; i < 2; i++)
                ck_assert(check_equal(&p->checks[i], &again->checks[i]));
        plan_free(p);
        plan_free(again);
        const struct verdict v = {.id = "p/a",
                                  .state = VERDICT_DOWN,
                                  .reason = REASON_STATUS,
                                  .rtt_us = 7,
                                  .since_ms = 1769860800123,
                                  .detail = "503",
                                  .has_figures = true,
                                  .figures = {.figures.load = FIGURE_MOST, .weight_percent = 1000}};
        const struct report r = {"paris", 1, 2, 3, &v, 1};
        struct report *copy = report_from_doc(report_to_doc(&r, a), a, &problems);
        ck_assert_ptr_nonnull(copy);
        ck_assert_str_eq(copy->verdicts[0].detail, "503");
        ck_assert_int_eq(copy->verdicts[0].since_ms, v.since_ms);
        ck_assert_float_eq(copy->verdicts[0].figures.figures.load, (float)FIGURE_MOST);
        ck_assert_ptr_null(plan_from_doc(doc_new(a, DOC_MAP), &problems));
        ck_assert_uint_gt(problems.count, 0);
        problems_free(&problems);
        arena_free(a);
}
END_TEST

/* --- the engine, with real sockets --- */

static uint16_t listen_somewhere(int *fd)
{
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t size = sizeof(at);

        *fd = socket(AF_INET, SOCK_STREAM, 0);
        ck_assert(!bind(*fd, (struct sockaddr *)&at, size) && !listen(*fd, 16) &&
                  !getsockname(*fd, (struct sockaddr *)&at, &size));
        return ntohs(at.sin_port);
}

struct watch {
        struct event_base *base;
        enum verdict_state wanted;
        unsigned changes;
};

static void on_verdict(void *context, const struct verdict *v)
{
        struct watch *w = context;

        w->changes++;
        if (v->state == w->wanted)
                event_base_loopbreak(w->base);
}

static void run_until(struct watch *w, enum verdict_state wanted)
{
        const struct timeval limit = {10, 0};

        w->wanted = wanted;
        event_base_loopexit(w->base, &limit);
        event_base_dispatch(w->base);
}

static struct plan *tcp_plan(uint16_t port, uint64_t revision)
{
        struct plan *p = plan_new(revision);
        struct check *c = ARENA_NEW(p->arena, struct check);

        *c = (struct check){.id = "p/e", .port = port};
        c->monitor = monitor_make(p->arena, "type: tcp, interval: 100ms, timeout: 80ms, fall: 2");
        ck_assert(address_parse("127.0.0.1", &c->address));
        plan_set(p, c, 1);
        return p;
}

START_TEST(a_listener_is_up_and_goes_down_when_it_closes)
{
        struct watch w = {.base = event_base_new()};
        struct engine *e = engine_new(w.base, NULL, on_verdict, &w);
        const struct verdict *v;
        uint32_t count;
        int fd;

        engine_set_plan(e, tcp_plan(listen_somewhere(&fd), 1));
        run_until(&w, VERDICT_UP);
        v = engine_verdicts(e, &count);
        ck_assert_uint_eq(count, 1);
        ck_assert_int_eq(v->state, VERDICT_UP);
        ck_assert_uint_gt(v->rtt_us, 0);
        close(fd);
        run_until(&w, VERDICT_DOWN);
        v = engine_verdicts(e, &count);
        ck_assert_int_eq(v->state, VERDICT_DOWN);
        ck_assert_int_eq(v->reason, REASON_CONNECT_REFUSED);
        engine_free(e);
        event_base_free(w.base);
}
END_TEST

START_TEST(an_unchanged_check_keeps_its_verdict_in_a_new_plan)
{
        struct watch w = {.base = event_base_new()};
        struct engine *e = engine_new(w.base, NULL, on_verdict, &w);
        uint32_t count;
        int fd;
        uint16_t port = listen_somewhere(&fd);

        engine_set_plan(e, tcp_plan(port, 1));
        run_until(&w, VERDICT_UP);
        engine_set_plan(e, tcp_plan(port, 2));
        ck_assert_int_eq(engine_verdicts(e, &count)->state, VERDICT_UP);
        ck_assert_uint_eq(engine_plan_revision(e), 2);
        engine_set_plan(e, tcp_plan((uint16_t)(port ^ 1), 3));
        ck_assert_int_eq(engine_verdicts(e, &count)->state, VERDICT_UNKNOWN);
        engine_set_plan(e, plan_new(4));
        engine_verdicts(e, &count);
        ck_assert_uint_eq(count, 0);
        close(fd);
        engine_free(e);
        event_base_free(w.base);
}
END_TEST

int main(void)
{
        evthread_use_pthreads();
        Suite *s = suite_create("probes");
        TCase *t = tcase_create("probes");

        tcase_set_timeout(t, 60);
        tcase_add_test(t, rise_and_fall_follow_the_table);
        tcase_add_test(t, the_majority_of_live_probers_decides_and_a_tie_is_up);
        tcase_add_test(t, old_and_repeated_reports_are_refused_and_a_restart_is_taken);
        tcase_add_test(t, plans_and_reports_survive_the_wire);
        tcase_add_test(t, a_listener_is_up_and_goes_down_when_it_closes);
        tcase_add_test(t, an_unchanged_check_keeps_its_verdict_in_a_new_plan);
        suite_add_tcase(s, t);
        return run_suite(s);
}
