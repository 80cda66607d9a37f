/* The plan that a node keeps, told by differences over the wire to engines that miss some of them: what they come to is
 * what they are told whole. */
#include <event2/event.h>
#include <event2/thread.h>
#include <stdio.h>
#include <string.h>
#include "base/random.h"
#include "probes/prober/engine.h"
#include "probes/prober/roster.h"
#include "tests/unit/monitors.h"
#include "tests/unit/suite.h"

#define IDS     40
#define PROBERS 3
#define STEPS   2000

static const char *const names[PROBERS] = {"paris", "rome", "oslo"};
static const char *const monitors[] = {
        "type: tcp, port: 1, interval: 1h",
        "type: tcp, port: 1, interval: 1h, rise: 5",
        "type: http, interval: 1h, path: /x, headers: {X-A: '1'}, expect: {status: [200-204], body_regex: ^p}",
        "type: dns, interval: 1h, dns: {name: a.example, type: MX, answers: [10 b.example.]}",
        "type: metrics, interval: 1h, metrics: {load: a, cpu: {select: b, scale: 0.1}}",
        "type: external, external: {when_silent: down}",
        "type: tcp, port: 1, interval: 1h, quorum: 70%, enabled: false",
};

static void no_matter(void *context, const struct verdict *v)
{
        (void)context;
        (void)v;
}

static struct check draw_check(struct random *r, struct arena *a)
{
        static const char *const some[] = {"paris"}, *const others[] = {"oslo", "paris"}, *const nobody[] = {""};
        static const char *const *const who[] = {NULL, NULL, some, others, nobody};
        static const uint32_t count[] = {0, 0, 1, 2, 1};
        unsigned w = random_below(r, 5);
        struct check c = {.id = arena_printf(a, "pool/e%u", random_below(r, IDS)),
                          .probers = who[w],
                          .prober_count = count[w],
                          .port = (uint16_t)(1 + random_below(r, 3)),
                          .number = random_below(r, 1000)};

        c.monitor = monitor_make(a, monitors[random_below(r, sizeof(monitors) / sizeof(*monitors))]);
        if (random_below(r, 3))
                ck_assert(address_parse("192.0.2.1", &c.address));
        else
                c.host_name = "host.example.net";
        return c;
}

static void change(struct roster *roster, struct random *r)
{
        struct arena *a = arena_new(0);
        struct check c = draw_check(r, a);
        uint32_t place = roster_find(roster, c.id);

        roster_begin(roster, 1 + random_below(r, 1000));
        if (place != ROSTER_NONE && !random_below(r, 3)) {
                roster_remove(roster, place);
                ck_assert_uint_eq(roster_find(roster, c.id), ROSTER_NONE);
        } else {
                uint32_t at = roster_put(roster, &c);
                ck_assert(place == ROSTER_NONE || place == at);
                ck_assert_uint_eq(roster_find(roster, c.id), at);
                ck_assert(roster_has(roster, at, &c));
                c.port++;
                ck_assert(!roster_has(roster, at, &c));
        }
        arena_free(a);
}

static void carry(struct engine *e, const struct plan *p)
{
        struct arena *a = arena_new(0);
        struct buffer text = BUFFER_INIT(1 << 22);
        struct problems problems = PROBLEMS_INIT;

        doc_write_json(plan_to_doc(p, a), &text, 0);
        struct plan *read = plan_from_doc(doc_parse(a, text.data, text.length, DOC_JSON, &problems), &problems);
        ck_assert_msg(read != NULL, "%s", text.data);
        engine_set_plan(e, read);
        arena_free(a);
        buffer_free(&text);
}

/* The engine is told what it misses; returns how many checks that was. */
static uint32_t tell(const struct roster *roster, const char *name, struct engine *e)
{
        struct plan *p = roster_since(roster, name, engine_plan_digest(e));
        uint32_t count;

        if (!p)
                p = roster_plan(roster, name);
        carry(e, p);
        count = p->count + p->gone_count;
        plan_free(p);
        ck_assert(plan_digest_equal(engine_plan_digest(e), roster_digest(roster, name)));
        return count;
}

static void compare_with_whole(const struct roster *roster, const char *name, const struct engine *e)
{
        struct plan *p = roster_plan(roster, name);
        uint32_t count;
        const struct verdict *v = engine_verdicts(e, &count);

        ck_assert_uint_eq(count, p->count);
        for (uint32_t i = 0; i < count; i++)
                ck_assert_str_eq(v[i].id, p->checks[i].id);
        plan_free(p);
}

START_TEST(differences_come_to_what_the_whole_plan_is)
{
        struct event_base *base = event_base_new();
        struct roster *roster = roster_new();
        struct engine *engines[PROBERS];
        struct random r;

        random_seed(&r, (uint64_t)_i + 1);
        for (int i = 0; i < PROBERS; i++)
                engines[i] = engine_new(base, NULL, no_matter, NULL);
        for (int step = 0; step < STEPS; step++) {
                int who = (int)random_below(&r, PROBERS);
                change(roster, &r);
                if (random_below(&r, 4))
                        continue;
                tell(roster, names[who], engines[who]);
                compare_with_whole(roster, names[who], engines[who]);
                ck_assert_uint_eq(tell(roster, names[who], engines[who]), 0);
        }
        for (int i = 0; i < PROBERS; i++)
                engine_free(engines[i]);
        roster_free(roster);
        event_base_free(base);
}
END_TEST

START_TEST(what_is_long_ago_is_told_whole)
{
        struct event_base *base = event_base_new();
        struct roster *roster = roster_new();
        struct engine *e = engine_new(base, NULL, no_matter, NULL);
        struct arena *a = arena_new(0);
        struct check c = {
                .id = "p/stays", .monitor = monitor_make(a, "type: tcp, interval: 1h"), .host_name = "h.example"};

        roster_put(roster, &c);
        tell(roster, "paris", e);
        const struct plan_digest before = engine_plan_digest(e);
        c.id = "p/changes";
        for (uint32_t i = 0; i < ROSTER_HISTORY; i++) {
                c.port = (uint16_t)(i + 1);
                roster_put(roster, &c);
        }
        struct plan *p = roster_since(roster, "paris", before);
        ck_assert_ptr_nonnull(p);
        ck_assert_uint_eq(p->count, 1); /* once, as it is now */
        plan_free(p);
        c.port = 1;
        roster_put(roster, &c);
        ck_assert_ptr_null(roster_since(roster, "paris", before));
        ck_assert_ptr_null(roster_since(roster, "paris", (struct plan_digest){1, 2}));
        tell(roster, "paris", e);
        engine_free(e);
        roster_free(roster);
        arena_free(a);
        event_base_free(base);
}
END_TEST

START_TEST(external_checks_are_told_to_nobody)
{
        struct roster *roster = roster_new();
        struct arena *a = arena_new(0);
        struct check c = {.id = "p/e", .monitor = monitor_make(a, "type: external"), .host_name = "h.example"};
        const struct plan_digest none = {0, 0};

        roster_put(roster, &c);
        ck_assert(plan_digest_equal(roster_digest(roster, "paris"), none));
        struct plan *p = roster_plan(roster, "paris");
        ck_assert_uint_eq(p->count, 0);
        plan_free(p);
        roster_free(roster);
        arena_free(a);
}
END_TEST

START_TEST(a_tag_is_read_as_it_was_written_and_nothing_else_is)
{
        static const char *const others[] = {"",
                                             "\"\"",
                                             "d1-",
                                             "\"00000000000000010000000000000002\"",
                                             "\"d1-1\"",
                                             "\"d1-000000000000000100000000000000020\"",
                                             "\"d2-00000000000000010000000000000002\"",
                                             "\"d1-0000000000000001000000000000000G\""};
        struct plan_digest d = {1, 0xfedcba9876543210u}, again;
        char tag[PLAN_TAG_MAX];

        ck_assert(digest_read(digest_write(d, tag), &again));
        ck_assert(plan_digest_equal(d, again));
        for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
                ck_assert_msg(!digest_read(others[i], &again), "%s", others[i]);
}
END_TEST

int main(void)
{
        evthread_use_pthreads();
        Suite *s = suite_create("roster");
        TCase *t = tcase_create("roster");

        tcase_set_timeout(t, 60);
        tcase_add_loop_test(t, differences_come_to_what_the_whole_plan_is, 0, 3);
        tcase_add_test(t, what_is_long_ago_is_told_whole);
        tcase_add_test(t, external_checks_are_told_to_nobody);
        tcase_add_test(t, a_tag_is_read_as_it_was_written_and_nothing_else_is);
        suite_add_tcase(s, t);
        return run_suite(s);
}
