#include <event2/event.h>
#include <event2/thread.h>
#include <string.h>
#include "probes/prober/engine.h"
#include "tests/unit/canned.h"
#include "tests/unit/monitors.h"
#include "tests/unit/suite.h"

#define BUSY "HTTP/1.1 503 Busy\r\nConnection: close\r\n\r\n"

static struct plan *plan_of(const char *fields, uint16_t port)
{
        struct plan *p = plan_new(1);
        struct check *c = ARENA_NEW(p->arena, struct check);

        *c = (struct check){.id = "p/e", .port = port};
        c->monitor = monitor_make(
                p->arena,
                arena_printf(p->arena, "type: http, interval: 60s, timeout: 3s, rise: 1, fall: 1, %s", fields));
        ck_assert(address_parse("127.0.0.1", &c->address));
        plan_set(p, c, 1);
        return p;
}

static void on_verdict(void *context, const struct verdict *v)
{
        event_base_loopbreak(context);
}

static void run(struct event_base *base, int ms)
{
        const struct timeval limit = {ms / 1000, ms % 1000 * 1000};

        event_base_loopexit(base, &limit);
        event_base_dispatch(base);
}

START_TEST(a_failed_check_is_repeated_at_once_before_it_counts)
{
        struct event_base *base = event_base_new();
        struct engine *e = engine_new(base, NULL, on_verdict, base);
        struct canned *s = canned_start("\r\n\r\n", BUSY, strlen(BUSY), false);
        uint32_t count;

        engine_set_plan(e, plan_of("retries: 2", s->port));
        run(base, 10000);
        const struct verdict *v = engine_verdicts(e, &count);
        ck_assert_int_eq(v->state, VERDICT_DOWN);
        ck_assert_int_eq(v->reason, REASON_STATUS);
        ck_assert_uint_eq(s->served, 3);
        engine_free(e);
        canned_stop(s);
        event_base_free(base);
}
END_TEST

START_TEST(a_paused_check_does_not_run)
{
        struct event_base *base = event_base_new();
        struct engine *e = engine_new(base, NULL, on_verdict, base);
        struct canned *s = canned_start("\r\n\r\n", BUSY, strlen(BUSY), false);
        uint32_t count;

        engine_set_plan(e, plan_of("enabled: false", s->port));
        run(base, 1300); /* the first round would be over */
        ck_assert_uint_eq(s->served, 0);
        ck_assert_int_eq(engine_verdicts(e, &count)->reason, REASON_PAUSED);
        engine_set_plan(e, plan_of("", s->port));
        run(base, 10000);
        ck_assert_int_eq(engine_verdicts(e, &count)->state, VERDICT_DOWN);
        engine_free(e);
        canned_stop(s);
        event_base_free(base);
}
END_TEST

START_TEST(a_new_plan_does_not_disturb_a_check_under_way)
{
        struct event_base *base = event_base_new();
        struct engine *e = engine_new(base, NULL, on_verdict, base);
        struct canned *s = canned_start("\r\n\r\n", "", 0, true);
        uint32_t count;

        engine_set_plan(e, plan_of("expect: {body: x}", s->port));
        for (int i = 0; i < 100 && !canned_was_asked(s, "GET"); i++)
                run(base, 50);
        ck_assert_uint_eq(s->served, 1);
        engine_set_plan(e, plan_of("expect: {body: x}", s->port)); /* the old one is freed */
        run(base, 10000);
        ck_assert_int_eq(engine_verdicts(e, &count)->reason, REASON_TIMEOUT);
        engine_free(e);
        canned_stop(s);
        event_base_free(base);
}
END_TEST

/* What a difference names changes; all else goes on, what is under way too. */
START_TEST(a_difference_touches_what_it_names)
{
        struct event_base *base = event_base_new();
        struct engine *e = engine_new(base, NULL, on_verdict, base);
        struct canned *s = canned_start("\r\n\r\n", "", 0, true);
        const char *gone[] = {"p/f", "p/unknown"};
        uint32_t count;

        engine_set_plan(e, plan_of("expect: {body: x}", s->port));
        for (int i = 0; i < 100 && !canned_was_asked(s, "GET"); i++)
                run(base, 50);
        struct plan *more = plan_of("enabled: false", s->port);
        struct check *c = (struct check *)more->checks;
        c->id = "p/f";
        plan_set_gone(more, NULL, 0);
        engine_set_plan(e, more);
        const struct verdict *v = engine_verdicts(e, &count);
        ck_assert_uint_eq(count, 2);
        ck_assert_str_eq(v[0].id, "p/e");
        ck_assert_int_eq(v[1].reason, REASON_PAUSED);
        struct plan *less = plan_new(9);
        plan_set_gone(less, arena_memdup(less->arena, gone, sizeof(gone)), 2);
        engine_set_plan(e, less);
        run(base, 10000);
        ck_assert_uint_eq(s->served, 1); /* the one from the beginning */
        v = engine_verdicts(e, &count);
        ck_assert_uint_eq(count, 1);
        ck_assert_int_eq(v->reason, REASON_TIMEOUT);
        ck_assert_uint_eq(engine_plan_revision(e), 9);
        engine_free(e);
        canned_stop(s);
        event_base_free(base);
}
END_TEST

int main(void)
{
        evthread_use_pthreads();
        Suite *s = suite_create("engine");
        TCase *t = tcase_create("engine");

        tcase_set_timeout(t, 60);
        tcase_add_test(t, a_failed_check_is_repeated_at_once_before_it_counts);
        tcase_add_test(t, a_paused_check_does_not_run);
        tcase_add_test(t, a_new_plan_does_not_disturb_a_check_under_way);
        tcase_add_test(t, a_difference_touches_what_it_names);
        suite_add_tcase(s, t);
        return run_suite(s);
}
