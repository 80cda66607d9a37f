#include <stdio.h>
#include <string.h>
#include "base/hash.h"
#include "base/random.h"
#include "probes/health/due.h"
#include "probes/health/health.h"
#include "probes/checks/timing.h"
#include "tests/unit/monitors.h"
#include "tests/unit/suite.h"

/* How many have changed state since the last call. */
static unsigned flips(struct health_table *h)
{
        size_t count;
        const struct health_change *changes = health_changes(h, &count);
        unsigned n = 0;

        for (size_t i = 0; i < count; i++)
                n += changes[i].state != changes[i].before;
        return n;
}

#define CHECKS 4

static uint64_t sequence; /* of reports, whoever makes them */

/* All checks with one monitor, given by its fields; `probers` as the node makes them. */
static struct plan *plan_with(const char *fields, const char *const *probers, uint32_t prober_count)
{
        static const char *const ids[CHECKS] = {"p/a", "p/b", "p/c", "p/d"};
        struct plan *p = plan_new(1);
        struct check *checks = ARENA_ARRAY(p->arena, struct check, CHECKS);
        const struct monitor *m = monitor_make(p->arena, arena_printf(p->arena, "type: tcp, %s", fields));

        for (int i = 0; i < CHECKS; i++)
                checks[i] =
                        (struct check){.id = ids[i], .monitor = m, .probers = probers, .prober_count = prober_count};
        plan_set(p, checks, CHECKS);
        return p;
}

static struct health_table *table_of(struct plan *p)
{
        struct health_table *h = health_new();

        health_set_plan(h, p, 1);
        return h;
}

static struct health_table *table(const char *fields)
{
        return table_of(plan_with(fields, NULL, 0));
}

/* A word for each check: U up, D down, anything else none. */
static void say(struct health_table *h, const char *prober, const char *words, uint64_t now)
{
        static const char *const ids[CHECKS] = {"p/a", "p/b", "p/c", "p/d"};
        struct verdict v[CHECKS];
        uint32_t count = 0;

        for (int i = 0; words[i]; i++)
                if (words[i] == 'U' || words[i] == 'D')
                        v[count++] = (struct verdict){.id = ids[i],
                                                      .state = words[i] == 'U' ? VERDICT_UP : VERDICT_DOWN,
                                                      .reason = words[i] == 'U' ? REASON_OK : REASON_TIMEOUT};
        const struct report r = {prober, 1, ++sequence, 1, v, count};
        ck_assert(health_report(h, &r, now));
}

START_TEST(each_quorum_counts_as_its_name_says)
{
        /* five probers; how many must say up */
        static const struct {
                const char *fields;
                unsigned least;
        } cases[] = {{"quorum: majority", 3}, {"quorum: any", 1}, {"quorum: all", 5},
                     {"quorum: 2", 2},        {"quorum: 9", 5},   {"quorum: 80%", 4}};
        static const char *const names[] = {"1", "2", "3", "4", "5"};

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
                for (unsigned up = 0; up <= 5; up++) {
                        struct health_table *h = table(cases[i].fields);
                        for (unsigned p = 0; p < 5; p++)
                                say(h, names[p], p < up ? "U" : "D", 10);
                        ck_assert_msg((health_of(h, "p/a") == VERDICT_UP) == (up >= cases[i].least), "case %zu, %u up",
                                      i, up);
                        health_free(h);
                }
}
END_TEST

START_TEST(only_named_probers_have_a_word)
{
        static const char *const names[] = {"paris"};
        struct health_table *h = table_of(plan_with("", names, 1));

        say(h, "rome", "D", 10);
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_UNKNOWN);
        say(h, "paris", "U", 20);
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_UP);
        health_free(h);
}
END_TEST

/* Time passes as a running program sees it. */
static void pass(struct health_table *h, uint64_t from, uint64_t to)
{
        for (; from < to; from += 250)
                health_tick(h, from);
        health_tick(h, to);
}

START_TEST(who_has_missed_three_reports_counts_no_more_until_it_reports_again)
{
        struct health_table *h = table("quorum: all");
        bool live;

        say(h, "dead", "D", 1000);
        say(h, "a", "U", 1000);
        for (uint64_t now = 1000; now < 4000; now += 1000) {
                pass(h, now, now + 1000);
                say(h, "a", "U", now + 1000);
        }
        pass(h, 4000, 4499); /* the third may be late */
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_DOWN);
        ck_assert_str_eq(health_prober_turned(h, &live), "dead"); /* it has reported */
        ck_assert_str_eq(health_prober_turned(h, &live), "a");
        ck_assert_ptr_null(health_prober_turned(h, &live));
        health_tick(h, 4500);
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_UP);
        ck_assert_str_eq(health_prober_turned(h, &live), "dead");
        ck_assert(!live);
        ck_assert(!health_counts(h, "dead"));
        say(h, "dead", "D", 4600);
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_DOWN);
        ck_assert_str_eq(health_prober_turned(h, &live), "dead");
        ck_assert(live);
        health_free(h);
}
END_TEST

START_TEST(a_prober_that_reports_slowly_is_given_the_time_that_it_takes)
{
        struct health_table *h = table("");

        for (uint64_t now = 3000; now <= 60000; now += 3000) { /* a link so bad that a report takes three seconds */
                say(h, "far", "U", now);
                pass(h, now, now + 3000);
        }
        pass(h, 63000, 68000);
        ck_assert(health_counts(h, "far"));
        pass(h, 68000, 73000);
        ck_assert(!health_counts(h, "far"));
        health_free(h);
}
END_TEST

START_TEST(while_we_do_not_listen_nobody_is_silent)
{
        struct health_table *h = table("quorum: all");

        say(h, "a", "D", 1000);
        say(h, "b", "U", 1000);
        health_tick(h, 9000); /* something else took eight seconds; reports wait */
        say(h, "b", "U", 9000);
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_DOWN);
        health_free(h);
}
END_TEST

START_TEST(silence_of_all_holds_health_for_the_stale_after_of_each_check)
{
        struct health_table *h = table("stale_after: 2s");

        say(h, "a", "D", 1000);
        pass(h, 1000, 4500 + 1999);
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_DOWN);
        health_tick(h, 4500 + 2000);
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_UNKNOWN);
        health_free(h);
}
END_TEST

START_TEST(a_prober_that_is_gone_from_the_configuration_is_forgotten)
{
        struct health_table *h = table("quorum: all");
        struct arena *a = arena_new(0);
        char name[16];

        for (int i = 0; i < 2 * HEALTH_PROBERS_MAX; i++) { /* more names in time than at once */
                snprintf(name, sizeof(name), "p%d", i);
                const struct health_prober probers[] = {{name, 0}, {"stays", 1}};
                health_set_probers(h, probers, 2, 10);
                say(h, name, "D", 10);
                say(h, "stays", "U", 10);
                ck_assert_int_eq(health_of(h, "p/a"), VERDICT_DOWN);
                ck_assert_uint_eq(health_describe_probers(h, a, 10)->count, 2);
        }
        const struct health_prober last = {"stays", 1};
        health_set_probers(h, &last, 1, 10);
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_UP); /* its word is gone with it */
        const struct report unknown = {name, 1, 1, 1, NULL, 0};
        ck_assert(!health_report(h, &unknown, 10));
        arena_free(a);
        health_free(h);
}
END_TEST

static uint32_t heard[3]; /* anywhere, region 0, region 1 */

static void on_round_trip(void *context, const struct check *c, uint32_t region, uint32_t rtt_us)
{
        ck_assert_str_eq(c->id, "p/a");
        heard[region == HEALTH_NOWHERE ? 0 : region + 1] = rtt_us;
}

static void measure(struct health_table *h, const char *prober, uint32_t rtt_us, uint64_t now)
{
        const struct verdict v = {.id = "p/a", .state = VERDICT_UP, .rtt_us = rtt_us};
        const struct report r = {prober, 1, ++sequence, 1, &v, 1};

        ck_assert(health_report(h, &r, now));
        heard[0] = heard[1] = heard[2] = 0;
        health_round_trips(h, on_round_trip, NULL);
}

START_TEST(an_endpoints_round_trip_is_the_median_of_the_probers_that_count)
{
        struct health_table *h = table("");
        const struct health_prober probers[] = {{"a", 0}, {"b", 0}, {"c", 1}, {"d", HEALTH_NOWHERE}};

        health_set_probers(h, probers, 4, 1);
        measure(h, "a", 100, 10);
        ck_assert_uint_eq(heard[0], 100);
        measure(h, "b", 300, 10);
        measure(h, "c", 900000, 10); /* one that spoke last and is far away */
        ck_assert_uint_eq(heard[0], 300);
        ck_assert_uint_eq(heard[1], 100);
        ck_assert_uint_eq(heard[2], 900000);
        measure(h, "c", 900000, 20); /* nothing new */
        ck_assert_uint_eq(heard[0], 0);
        say(h, "b", "D", 30); /* who sees it down has measured nothing */
        measure(h, "d", 200, 40);
        ck_assert_uint_eq(heard[0], 200);
        health_free(h);
}
END_TEST

START_TEST(what_a_plan_does_not_ask_of_a_prober_is_not_taken)
{
        static const char *const names[] = {"paris"};
        struct health_table *h = table_of(plan_with("", names, 1));

        measure(h, "rome", 5, 10);
        ck_assert_uint_eq(heard[0], 0);
        measure(h, "paris", 7, 10);
        ck_assert_uint_eq(heard[0], 7);
        health_free(h);
}
END_TEST

START_TEST(before_the_first_word_it_is_what_the_monitor_says)
{
        static const enum verdict_state is[] = {VERDICT_UNKNOWN, VERDICT_UP, VERDICT_DOWN};
        static const char *const fields[] = {"before_first_check: wait", "before_first_check: up",
                                             "before_first_check: down"};

        for (int i = 0; i < 3; i++) {
                struct health_table *h = table(fields[i]);
                ck_assert_int_eq(health_of(h, "p/a"), is[i]);
                say(h, "a", "UDUD", 10);
                ck_assert_int_eq(health_of(h, "p/a"), VERDICT_UP);
                ck_assert_int_eq(health_of(h, "p/b"), VERDICT_DOWN);
                health_free(h);
        }
}
END_TEST

START_TEST(a_paused_check_keeps_its_last_state_and_says_so)
{
        struct health_table *h = table("");
        struct plan *paused = plan_with("enabled: false", NULL, 0);
        struct arena *a = arena_new(0);

        say(h, "a", "DU", 10);
        health_set_plan(h, paused, 20);
        say(h, "a", "", 30);
        health_tick(h, 10000000);
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_DOWN);
        ck_assert_int_eq(health_of(h, "p/b"), VERDICT_UP);
        ck_assert_str_eq(doc_get_string(health_describe(h, "p/a", a, 30), "reason"), "paused");
        arena_free(a);
        health_free(h);
}
END_TEST

START_TEST(a_prober_that_alone_sees_everything_down_is_distrusted_until_it_sees_again)
{
        struct health_table *h = table("quorum: all");
        struct arena *a = arena_new(0);

        say(h, "a", "UUUU", 10);
        say(h, "cut", "UUUU", 10);
        flips(h);
        say(h, "cut", "DDDD", 20);
        ck_assert_uint_eq(flips(h), 0);
        struct doc *probers = health_describe_probers(h, a, 20);
        ck_assert(doc_get(probers->first, "trusted")->boolean);
        ck_assert(!doc_get(probers->last, "trusted")->boolean);
        say(h, "a", "DDUU", 30); /* half of it is down for others too: still alone with the rest */
        ck_assert_int_eq(health_of(h, "p/c"), VERDICT_UP);
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_DOWN);
        say(h, "a", "DDDU", 40); /* most of it is: it was right */
        ck_assert_int_eq(health_of(h, "p/d"), VERDICT_DOWN);
        say(h, "a", "UUUU", 50);
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_UP);
        say(h, "cut", "DUUU", 60); /* sees something: its word counts again */
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_DOWN);
        arena_free(a);
        health_free(h);
}
END_TEST

START_TEST(few_checks_down_are_no_ground_for_distrust)
{
        struct health_table *h = table("quorum: all");

        say(h, "a", "UU", 10);
        say(h, "b", "DD", 10);
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_DOWN);
        health_free(h);
}
END_TEST

START_TEST(what_flaps_is_in_quarantine_until_it_was_calm_for_a_while)
{
        struct health_table *h = table("quarantine: {changes: 4, window: 10s, for: 5s}");
        struct arena *a = arena_new(0);

        say(h, "a", "UU", 1000);
        say(h, "a", "DU", 2000);
        say(h, "a", "UU", 3000);
        say(h, "a", "DU", 4000);
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_DOWN);
        say(h, "a", "UU", 5000); /* the fourth change */
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_DOWN);
        struct doc *d = health_describe(h, "p/a", a, 5000);
        ck_assert(doc_get(d, "quarantined")->boolean);
        ck_assert_int_eq(health_of(h, "p/b"), VERDICT_UP);
        health_tick(h, 9999);
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_DOWN);
        health_tick(h, 10000);
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_UP);
        say(h, "a", "DU", 11000); /* one more change is not flapping */
        say(h, "a", "UU", 12000);
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_UP);
        arena_free(a);
        health_free(h);
}
END_TEST

START_TEST(the_reason_is_what_is_said_now_and_not_what_was_said_first)
{
        struct health_table *h = table("");
        struct arena *a = arena_new(0);
        const struct verdict first = {.id = "p/a", .state = VERDICT_DOWN, .reason = REASON_TIMEOUT},
                             then = {.id = "p/a", .state = VERDICT_DOWN, .reason = REASON_STATUS, .detail = "503"};
        const struct report reports[] = {{"a", 1, 1000001, 1, &first, 1}, {"a", 1, 1000002, 1, &then, 1}};

        ck_assert(health_report(h, &reports[0], 10) && health_report(h, &reports[1], 20));
        struct doc *d = health_describe(h, "p/a", a, 20);
        ck_assert_str_eq(doc_get_string(d, "reason"), "status");
        ck_assert_str_eq(doc_get_string(d, "detail"), "503");
        arena_free(a);
        health_free(h);
}
END_TEST

START_TEST(slow_changes_are_not_flapping)
{
        struct health_table *h = table("quarantine: {changes: 3, window: 10s, for: 5s}");

        for (uint64_t i = 0; i < 20; i++)
                say(h, "a", i % 2 ? "D" : "U", 1000 + i * 6000);
        say(h, "a", "U", 1000 + 20 * 6000);
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_UP);
        health_free(h);
}
END_TEST

START_TEST(changes_and_downtime_are_counted)
{
        struct health_table *h = table("");
        uint64_t changes, downtime;

        say(h, "a", "U", 1000);
        say(h, "a", "D", 5000);
        ck_assert(health_counters(h, "p/a", 7000, &changes, &downtime));
        ck_assert_uint_eq(changes, 1);
        ck_assert_uint_eq(downtime, 2000);
        say(h, "a", "U", 8000);
        ck_assert(health_counters(h, "p/a", 20000, &changes, &downtime));
        ck_assert_uint_eq(changes, 2);
        ck_assert_uint_eq(downtime, 3000);
        ck_assert(!health_counters(h, "p/none", 1, &changes, &downtime));
        health_free(h);
}
END_TEST

START_TEST(what_is_known_of_a_check_moves_with_it_into_a_new_plan)
{
        struct health_table *h = table("");
        struct plan *p = plan_new(2);
        struct check *checks = ARENA_ARRAY(p->arena, struct check, 2);

        say(h, "a", "UDUD", 10);
        checks[0].id = "p/d";
        checks[1].id = "a/new";
        checks[0].monitor = checks[1].monitor = monitor_make(p->arena, "type: tcp");
        plan_set(p, checks, 2);
        health_set_plan(h, p, 20);
        ck_assert_int_eq(health_of(h, "p/d"), VERDICT_DOWN);
        ck_assert_int_eq(health_of(h, "a/new"), VERDICT_UNKNOWN);
        ck_assert_int_eq(health_of(h, "p/a"), VERDICT_UNKNOWN);
        health_free(h);
}
END_TEST

/* A difference with one check, or without one (NULL). */
static struct plan *difference(const char *id, const char *gone, const char *const *probers, uint32_t prober_count)
{
        struct plan *p = plan_new(2);
        struct check *c = ARENA_NEW(p->arena, struct check);

        *c = (struct check){.id = id, .probers = probers, .prober_count = prober_count};
        c->monitor = monitor_make(p->arena, "type: tcp");
        plan_set(p, c, id ? 1 : 0);
        plan_set_gone(p, gone ? arena_memdup(p->arena, &gone, sizeof(gone)) : NULL, gone ? 1 : 0);
        return p;
}

START_TEST(a_difference_changes_what_it_names_and_forgets_what_is_gone)
{
        static const char *const paris[] = {"paris"};
        struct health_table *h = table("quorum: all");
        uint64_t changes, downtime;

        say(h, "paris", "UDUD", 10);
        say(h, "rome", "UUUD", 20);
        ck_assert_int_eq(health_of(h, "p/b"), VERDICT_DOWN);
        health_set_plan(h, difference(NULL, "p/d", NULL, 0), 30);
        ck_assert_int_eq(health_of(h, "p/d"), VERDICT_UNKNOWN);
        ck_assert(!health_counters(h, "p/d", 30, &changes, &downtime));
        ck_assert_int_eq(health_of(h, "p/b"), VERDICT_DOWN);
        health_set_plan(h, difference("p/new", NULL, NULL, 0), 40); /* where the other was */
        ck_assert_int_eq(health_of(h, "p/new"), VERDICT_UNKNOWN);
        ck_assert(health_counters(h, "p/new", 40, &changes, &downtime));
        ck_assert_uint_eq(changes, 0);
        health_set_plan(h, difference("p/b", NULL, paris, 1), 50); /* rome has no word on it any more */
        struct arena *a = arena_new(0);
        ck_assert_uint_eq(doc_get(health_describe(h, "p/b", a, 50), "verdicts")->count, 1);
        ck_assert_int_eq(health_of(h, "p/b"), VERDICT_DOWN);
        health_set_plan(h, difference("p/b", NULL, NULL, 0), 60);
        say(h, "paris", "UUUU", 70);
        say(h, "rome", "UUUU", 80);
        ck_assert_int_eq(health_of(h, "p/b"), VERDICT_UP);
        ck_assert_int_eq(health_of(h, "p/d"), VERDICT_UNKNOWN);
        arena_free(a);
        health_free(h);
}
END_TEST

START_TEST(what_comes_by_many_differences_is_as_what_comes_at_once)
{
        struct health_table *h = table("");
        char id[16];

        say(h, "paris", "UDUD", 10);
        for (unsigned i = 0; i < 500; i++) { /* tables grow on the way */
                snprintf(id, sizeof(id), "q/%u", i % 300);
                health_set_plan(h, difference(i < 300 || i % 2 ? id : NULL, i < 300 || i % 2 ? NULL : id, NULL, 0), 20);
        }
        for (unsigned i = 0; i < 300; i++) {
                snprintf(id, sizeof(id), "q/%u", i);
                const struct verdict v = {.id = id, .state = VERDICT_DOWN, .reason = REASON_TIMEOUT};
                const struct report r = {"paris", 1, ++sequence, 1, &v, 1};
                ck_assert(health_report(h, &r, 30));
                ck_assert_int_eq(health_of(h, id), i < 200 && i % 2 == 0 ? VERDICT_UNKNOWN : VERDICT_DOWN);
        }
        health_free(h);
}
END_TEST

START_TEST(what_is_due_comes_out_in_order_whatever_was_set_before)
{
        enum { SLOTS = 200 };
        uint64_t at[SLOTS];
        struct due *d = due_new(SLOTS);
        struct random r;

        random_seed(&r, 7);
        for (int i = 0; i < SLOTS; i++)
                at[i] = UINT64_MAX;
        for (uint64_t now = 1; now < 3000; now++) {
                for (int n = 0; n < 3; n++) {
                        uint32_t slot = random_below(&r, SLOTS);
                        at[slot] = random_below(&r, 4) ? now + random_below(&r, 500) : UINT64_MAX;
                        due_set(d, slot, at[slot]);
                }
                for (uint32_t slot; (slot = due_take(d, now)) != DUE_NONE;) {
                        ck_assert_uint_le(at[slot], now);
                        at[slot] = UINT64_MAX;
                }
                for (int i = 0; i < SLOTS; i++)
                        ck_assert_msg(at[i] > now, "slot %d was due at %llu and has not come by %llu", i,
                                      (unsigned long long)at[i], (unsigned long long)now);
        }
        due_free(d);
}
END_TEST

/* --- timing --- */

START_TEST(checks_run_at_their_phase_and_faster_in_doubt)
{
        struct monitor m = {.interval_ms = 5000, .fast_interval_ms = 500, .down_interval_ms = 20000};
        const struct check_state calm = {VERDICT_UP, 0}, doubt = {VERDICT_UP, 1}, down = {VERDICT_DOWN, 0};
        uint64_t hash = 1234567, at = 100000;

        at = timing_next_ms(&m, calm, hash, at, 0);
        ck_assert_uint_eq(at % 5000, hash % 5000);
        for (int i = 0; i < 5; i++) {
                uint64_t next = timing_next_ms(&m, calm, hash, at, 0);
                ck_assert_uint_eq(next - at, 5000);
                ck_assert_uint_eq(timing_next_ms(&m, calm, hash, at - 1, 0), next); /* an early timer */
                at = next;
        }
        ck_assert_uint_eq(timing_next_ms(&m, doubt, hash, at + 7, 0), at + 507);
        uint64_t slow = timing_next_ms(&m, down, hash, at, 0);
        ck_assert_uint_eq(timing_next_ms(&m, down, hash, slow, 0), slow + 20000);
        m.jitter_percent = 10;
        ck_assert_uint_eq(timing_next_ms(&m, calm, hash, at, 499), at + 5000 + 499);
        ck_assert_uint_eq(timing_next_ms(&m, calm, hash, at, 501), at + 5000);
        ck_assert_uint_eq(timing_next_ms(&m, calm, hash, at + 499, 0), at + 5000); /* jitter does not add up */
}
END_TEST

START_TEST(twenty_thousand_checks_are_spread_evenly_over_their_interval)
{
        const struct monitor m = {.interval_ms = 5000};
        const struct check_state calm = {VERDICT_UP, 0};
        uint32_t seconds[5] = {0};

        for (uint32_t i = 0; i < 20000; i++) {
                char id[32];
                int length = snprintf(id, sizeof(id), "p%u/e%u", i / 20, i);
                uint64_t at = timing_next_ms(&m, calm, hash_bytes(id, (size_t)length, 0), 1000000, 0);
                seconds[at % 5000 / 1000]++;
        }
        for (int i = 0; i < 5; i++)
                ck_assert_msg(seconds[i] < 4000 * 1.2 && seconds[i] > 4000 * 0.8, "second %d has %u", i, seconds[i]);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("health");
        TCase *t = tcase_create("health");

        tcase_set_timeout(t, 120);
        tcase_add_test(t, each_quorum_counts_as_its_name_says);
        tcase_add_test(t, only_named_probers_have_a_word);
        tcase_add_test(t, who_has_missed_three_reports_counts_no_more_until_it_reports_again);
        tcase_add_test(t, a_prober_that_reports_slowly_is_given_the_time_that_it_takes);
        tcase_add_test(t, while_we_do_not_listen_nobody_is_silent);
        tcase_add_test(t, silence_of_all_holds_health_for_the_stale_after_of_each_check);
        tcase_add_test(t, a_prober_that_is_gone_from_the_configuration_is_forgotten);
        tcase_add_test(t, an_endpoints_round_trip_is_the_median_of_the_probers_that_count);
        tcase_add_test(t, what_a_plan_does_not_ask_of_a_prober_is_not_taken);
        tcase_add_test(t, before_the_first_word_it_is_what_the_monitor_says);
        tcase_add_test(t, a_paused_check_keeps_its_last_state_and_says_so);
        tcase_add_test(t, a_prober_that_alone_sees_everything_down_is_distrusted_until_it_sees_again);
        tcase_add_test(t, few_checks_down_are_no_ground_for_distrust);
        tcase_add_test(t, what_flaps_is_in_quarantine_until_it_was_calm_for_a_while);
        tcase_add_test(t, the_reason_is_what_is_said_now_and_not_what_was_said_first);
        tcase_add_test(t, slow_changes_are_not_flapping);
        tcase_add_test(t, changes_and_downtime_are_counted);
        tcase_add_test(t, what_is_due_comes_out_in_order_whatever_was_set_before);
        tcase_add_test(t, what_is_known_of_a_check_moves_with_it_into_a_new_plan);
        tcase_add_test(t, a_difference_changes_what_it_names_and_forgets_what_is_gone);
        tcase_add_test(t, what_comes_by_many_differences_is_as_what_comes_at_once);
        tcase_add_test(t, twenty_thousand_checks_are_spread_evenly_over_their_interval);
        tcase_add_test(t, checks_run_at_their_phase_and_faster_in_doubt);
        suite_add_tcase(s, t);
        return run_suite(s);
}
