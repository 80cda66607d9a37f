/* Checks of host names: the addresses come from a name server on the same event base. */
#include <dirent.h>
#include <event2/event.h>
#include <event2/thread.h>
#include <string.h>
#include "base/clock.h"
#include "probes/prober/engine.h"
#include "tests/unit/canned.h"
#include "tests/unit/monitors.h"
#include "tests/unit/name_server.h"
#include "tests/unit/suite.h"

#define FINE "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"

static struct event_base *base;
static struct name_server *server;
static struct engine *engine;

static void on_verdict(void *context, const struct verdict *v)
{
}

static void setup(void)
{
        base = event_base_new();
        server = name_server_start(base);
        const char *const servers[] = {server->address};
        const struct resolver_options o = {servers, 1, true};
        engine = engine_new(base, &o, on_verdict, NULL);
}

static void teardown(void)
{
        engine_free(engine);
        name_server_stop(server);
        event_base_free(base);
}

/* `count` checks of the host names "LABEL.example", "LABEL1.example" and so on. */
static struct plan *plan_of(const char *fields, const char *label, uint32_t count, uint16_t port)
{
        struct plan *p = plan_new(1);
        struct check *c = ARENA_ARRAY(p->arena, struct check, count);
        const struct monitor *m = monitor_make(p->arena, fields);

        for (uint32_t i = 0; i < count; i++) {
                c[i] = (struct check){.id = arena_printf(p->arena, "p/e%04u", i), .monitor = m, .port = port};
                c[i].host_name = i ? arena_printf(p->arena, "%s%u.example", label, i)
                                   : arena_printf(p->arena, "%s.example", label);
        }
        plan_set(p, c, count);
        return p;
}

static void turn(int ms)
{
        const struct timeval limit = {ms / 1000, ms % 1000 * 1000};

        event_base_loopexit(base, &limit);
        event_base_dispatch(base);
}

static const struct verdict *first_verdict(void)
{
        uint64_t end = clock_ms() + 10000;
        uint32_t count;

        while (engine_verdicts(engine, &count)->state == VERDICT_UNKNOWN && clock_ms() < end)
                turn(20);
        return engine_verdicts(engine, &count);
}

static unsigned entries(const char *path)
{
        DIR *d = opendir(path);
        unsigned n = 0;

        while (readdir(d))
                n++;
        closedir(d);
        return n;
}

START_TEST(two_thousand_host_names_at_a_silent_resolver_make_no_thread)
{
        static const char *const types[] = {"type: tcp", "type: http"};
        unsigned threads = entries("/proc/self/task"), descriptors = entries("/proc/self/fd"), most_threads = 0,
                 most_descriptors = 0;

        server->silent = true;
        engine_set_plan(engine, plan_of(types[_i], "dead", 2000, 9));
        for (uint64_t end = clock_ms() + 4000; clock_ms() < end;) {
                turn(20);
                unsigned n = entries("/proc/self/task"), d = entries("/proc/self/fd");
                most_threads = n > most_threads ? n : most_threads;
                most_descriptors = d > most_descriptors ? d : most_descriptors;
        }
        ck_assert_uint_gt(server->over_udp, 2 * RESOLVER_LOOKUPS_MAX);
        ck_assert_uint_eq(most_threads, threads);
        ck_assert_uint_le(most_descriptors, descriptors + 2 * RESOLVER_LOOKUPS_MAX + 20);
        ck_assert_int_eq(first_verdict()->reason, REASON_RESOLVE);
}
END_TEST

START_TEST(a_host_that_listens_on_one_family_only_is_up)
{
        static const char *const types[] = {"type: tcp, timeout: 4s", "type: http, timeout: 4s"};
        struct canned *s = canned_start(_i ? "\r\n\r\n" : NULL, FINE, strlen(FINE), false); /* 127.0.0.1, not ::1 */

        engine_set_plan(engine, plan_of(types[_i], "here", 1, s->port));
        const struct verdict *v = first_verdict();
        ck_assert_msg(v->state == VERDICT_UP, "%s %s", reason_name(v->reason), v->detail);
        canned_stop(s);
}
END_TEST

START_TEST(a_name_that_does_not_exist_is_down)
{
        static const char *const types[] = {"type: tcp", "type: http"};

        engine_set_plan(engine, plan_of(types[_i], "gone", 1, 9));
        ck_assert_int_eq(first_verdict()->reason, REASON_RESOLVE);
}
END_TEST

START_TEST(the_hosts_file_counts)
{
        struct canned *s = canned_start("\r\n\r\n", FINE, strlen(FINE), false);
        struct plan *p = plan_of("type: http, timeout: 4s, host: www.example.com", "here", 1, s->port);

        ((struct check *)p->checks)->host_name = "localhost";
        engine_set_plan(engine, p);
        ck_assert_int_eq(first_verdict()->state, VERDICT_UP);
        ck_assert(canned_was_asked(s, "Host: www.example.com\r\n"));
        ck_assert_uint_eq(server->over_udp, 0);
        canned_stop(s);
}
END_TEST

int main(void)
{
        evthread_use_pthreads();
        Suite *s = suite_create("engine and names");
        TCase *t = tcase_create("engine and names");

        tcase_set_timeout(t, 60);
        tcase_add_checked_fixture(t, setup, teardown);
        tcase_add_loop_test(t, two_thousand_host_names_at_a_silent_resolver_make_no_thread, 0, 2);
        tcase_add_loop_test(t, a_host_that_listens_on_one_family_only_is_up, 0, 2);
        tcase_add_loop_test(t, a_name_that_does_not_exist_is_down, 0, 2);
        tcase_add_test(t, the_hosts_file_counts);
        suite_add_tcase(s, t);
        return run_suite(s);
}
