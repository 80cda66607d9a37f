#include <event2/event.h>
#include <event2/thread.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "probes/prober/engine.h"
#include "tests/unit/canned.h"
#include "tests/unit/monitors.h"
#include "tests/unit/suite.h"

#define BUSY "HTTP/1.1 503 Busy\r\nConnection: close\r\n\r\n"

static struct plan *plan_with(const char *fields, uint16_t port)
{
        struct plan *p = plan_new(1);
        struct check *c = ARENA_NEW(p->arena, struct check);

        *c = (struct check){.id = "p/e", .port = port};
        c->monitor = monitor_make(p->arena, arena_printf(p->arena, "type: http, interval: 60s, rise: 1, %s", fields));
        ck_assert(address_parse("127.0.0.1", &c->address));
        plan_set(p, c, 1);
        return p;
}

static struct plan *plan_of(const char *fields, uint16_t port)
{
        char all[200];

        snprintf(all, sizeof(all), "timeout: 3s, fall: 1, %s", fields);
        return plan_with(all, port);
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

/* --- what is asked for --- */

static unsigned ended;

static void on_tried(void *context)
{
        ended++;
        event_base_loopbreak(context);
}

/* Until so many tries have ended, or for ten seconds. */
static void run_tries(struct event_base *base, unsigned count)
{
        ended = 0;
        for (int i = 0; i < 200 && ended < count; i++)
                run(base, 50);
        ck_assert_uint_eq(ended, count);
}

START_TEST(a_try_runs_at_once_tells_what_came_of_it_and_counts_as_any_other)
{
        struct event_base *base = event_base_new();
        struct engine *e = engine_new(base, NULL, on_verdict, base);
        struct canned *s = canned_start("\r\n\r\n", BUSY, strlen(BUSY), false);
        uint32_t count;

        engine_when_tried(e, on_tried);
        engine_set_plan(e, plan_with("expect: {status: [503]}, fall: 2", s->port));
        run(base, 10000);
        ck_assert_int_eq(engine_verdicts(e, &count)->state, VERDICT_UP);
        ck_assert_uint_eq(s->served, 1);
        ck_assert(!engine_tried(e, "p/e", 7).done);
        engine_try(e, "p/other", 7);
        engine_try(e, "p/e", 7);
        engine_try(e, "p/e", 7);
        run_tries(base, 1);
        ck_assert_uint_eq(s->served, 2);
        struct tried t = engine_tried(e, "p/e", 7);
        ck_assert(t.done && t.reason == REASON_OK && t.took_us);
        ck_assert_str_eq(t.id, "p/e");
        ck_assert(!engine_tried(e, "p/e", 6).done && !engine_tried(e, "p/other", 7).done);
        engine_try(e, "p/e", 7); /* is done */
        run(base, 1300);
        ck_assert_uint_eq(s->served, 2);
        canned_stop(s); /* nobody is there any more: it takes two to believe it */
        engine_try(e, "p/e", 8);
        run_tries(base, 1);
        ck_assert_int_eq(engine_tried(e, "p/e", 8).reason, REASON_CONNECT_REFUSED);
        ck_assert_int_eq(engine_verdicts(e, &count)->state, VERDICT_UP);
        engine_try(e, "p/e", 9);
        run_tries(base, 1);
        ck_assert_int_eq(engine_verdicts(e, &count)->state, VERDICT_DOWN);
        engine_free(e);
        event_base_free(base);
}
END_TEST

START_TEST(one_check_is_tried_once_a_second_however_often_it_is_asked_for)
{
        struct event_base *base = event_base_new();
        struct engine *e = engine_new(base, NULL, on_verdict, base);
        struct canned *s = canned_start("\r\n\r\n", BUSY, strlen(BUSY), false);

        engine_when_tried(e, on_tried);
        engine_set_plan(e, plan_of("", s->port));
        run(base, 10000);
        uint64_t begin = clock_ms();
        for (uint64_t number = 1; number <= 300 && s->served < 4; number++) {
                engine_try(e, "p/e", number);
                run(base, 20);
        }
        ck_assert_uint_eq(s->served, 4); /* the first by itself; then at 0, 1 and 2 s */
        ck_assert_uint_ge(clock_ms() - begin, 2000);
        engine_free(e);
        canned_stop(s);
        event_base_free(base);
}
END_TEST

/* What began before it was asked for is no answer. */
START_TEST(a_try_begins_behind_a_run_that_is_under_way)
{
        struct event_base *base = event_base_new();
        struct engine *e = engine_new(base, NULL, on_verdict, base);
        struct canned *s = canned_start("\r\n\r\n", "", 0, true);

        engine_when_tried(e, on_tried);
        engine_set_plan(e, plan_with("fall: 1, timeout: 500ms", s->port));
        for (int i = 0; i < 200 && !canned_was_asked(s, "GET"); i++)
                run(base, 20);
        ck_assert_uint_eq(s->served, 1);
        engine_try(e, "p/e", 1);
        run_tries(base, 1);
        ck_assert_uint_eq(s->served, 2);
        ck_assert_int_eq(engine_tried(e, "p/e", 1).reason, REASON_TIMEOUT);
        ck_assert_uint_ge(engine_tried(e, "p/e", 1).took_us, 400000);
        engine_set_plan(e, plan_of("expect: {body: other}", s->port)); /* another check: asked for anew */
        ck_assert(!engine_tried(e, "p/e", 1).done);
        engine_try(e, "p/e", 1);
        engine_free(e); /* in the middle of it */
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
        tcase_add_test(t, a_try_runs_at_once_tells_what_came_of_it_and_counts_as_any_other);
        tcase_add_test(t, one_check_is_tried_once_a_second_however_often_it_is_asked_for);
        tcase_add_test(t, a_try_begins_behind_a_run_that_is_under_way);
        suite_add_tcase(s, t);
        return run_suite(s);
}
