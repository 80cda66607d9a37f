/* Which schedule holds at a moment, and until when: moments are passed in. */
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/time_zones/time_zones.h"
#include "tests/unit/suite.h"
#include "zones/schedules/schedule.h"

static struct arena *arena;

struct owner {
        struct schedule_list schedules;
};

static const struct field owner_fields[] = {SCHEDULES(owner, endpoint_schedule_schema, ""), {0}};
static const struct schema owner_schema = {.name = "owner", .size = sizeof(struct owner), .fields = owner_fields};

/* The list as YAML; the first problem, or NULL. */
static const char *decode(const char *yaml, struct owner *out)
{
        struct problems problems = PROBLEMS_INIT;
        const struct doc *d = doc_parse(arena, yaml, strlen(yaml), DOC_YAML, &problems);
        const char *said = NULL;

        ck_assert_msg(d != NULL, "%s: %s", yaml, problems.count ? problems.list[0].message : "");
        if (!schema_decode(&owner_schema, d, arena, out, &problems))
                said = arena_printf(arena, "%s: %s", problems.list[0].path, problems.list[0].message);
        problems_free(&problems);
        return said;
}

static struct schedule_list list_of(const char *yaml)
{
        struct owner o;
        const char *said = decode(yaml, &o);

        ck_assert_msg(!said, "%s", said);
        return o.schedules;
}

static int64_t at(const char *text)
{
        int64_t wall_ms;

        ck_assert_msg(clock_parse(text, &wall_ms), "%s", text);
        return wall_ms;
}

/* `until` "" is never. Also a moment before and at the end. */
static void ck_holds(const struct schedule_list *list, const char *time, uint32_t number, const char *until)
{
        struct scheduled now = schedules_at(list, at(time));
        char text[CLOCK_TEXT_MAX];

        ck_assert_msg(now.number == number, "at %s: %u holds", time, now.number);
        if (!*until) {
                ck_assert_int_eq(scheduled_until_ms(&now), 0);
                return;
        }
        ck_assert_msg(scheduled_until_ms(&now) == at(until), "at %s: until %s", time,
                      clock_format(scheduled_until_ms(&now), text));
        ck_assert_uint_eq(schedules_at(list, scheduled_until_ms(&now) - 1).number, number);
        ck_assert_uint_ne(schedules_at(list, scheduled_until_ms(&now)).number, number);
}

START_TEST(a_span_over_midnight_belongs_to_the_day_it_begins_on)
{
        struct schedule_list list = list_of("schedules: [{days: [mon-fri], from: \"22:00\", to: \"06:00\", "
                                            "time_zone: Europe/Berlin, weight: 10}]");

        ck_holds(&list, "2026-01-05T20:59:59.999Z", 0, "2026-01-05T21:00:00Z"); /* a Monday */
        ck_holds(&list, "2026-01-05T21:00:00Z", 1, "2026-01-06T05:00:00Z");
        ck_holds(&list, "2026-01-10T04:59:59Z", 1, "2026-01-10T05:00:00Z"); /* Friday's, on Saturday */
        ck_holds(&list, "2026-01-10T05:00:00Z", 0, "2026-01-12T21:00:00Z");
        ck_holds(&list, "2026-01-12T04:00:00Z", 0, "2026-01-12T21:00:00Z"); /* Sunday has none that goes on */
}
END_TEST

START_TEST(days_without_times_last_from_midnight_to_midnight)
{
        struct schedule_list sunday = list_of("schedules: [{days: [sun], time_zone: Europe/Berlin, enabled: false}]");
        struct schedule_list week = list_of("schedules: [{days: [sat-mon, wed], time_zone: UTC, weight: 1}]");
        struct schedule_list always = list_of("schedules: [{time_zone: UTC, weight: 1}]");

        ck_holds(&sunday, "2026-01-03T22:59:59Z", 0, "2026-01-03T23:00:00Z");
        ck_holds(&sunday, "2026-01-03T23:00:00Z", 1, "2026-01-04T23:00:00Z");
        ck_holds(&sunday, "2026-03-28T23:00:00Z", 1, "2026-03-29T22:00:00Z"); /* of 23 hours */
        ck_holds(&sunday, "2026-10-24T22:00:00Z", 1, "2026-10-25T23:00:00Z"); /* of 25 */
        ck_holds(&week, "2026-01-03T00:00:00Z", 1, "2026-01-06T00:00:00Z");   /* days that follow are one */
        ck_holds(&week, "2026-01-06T00:00:00Z", 0, "2026-01-07T00:00:00Z");
        ck_holds(&always, "2026-01-06T00:00:00Z", 1, "");
}
END_TEST

START_TEST(the_first_that_holds_counts)
{
        struct schedule_list list =
                list_of("schedules: [{days: [wed], from: \"12:00\", to: \"13:00\", time_zone: UTC, weight: 3},"
                        " {from: \"10:00\", to: \"18:00\", time_zone: UTC, weight: 2},"
                        " {days: [wed], time_zone: UTC, enabled: false}]");

        ck_holds(&list, "2026-01-07T00:00:00Z", 3, "2026-01-07T10:00:00Z"); /* a Wednesday */
        ck_holds(&list, "2026-01-07T10:00:00Z", 2, "2026-01-07T12:00:00Z");
        ck_holds(&list, "2026-01-07T12:00:00Z", 1, "2026-01-07T13:00:00Z");
        ck_holds(&list, "2026-01-07T13:00:00Z", 2, "2026-01-07T18:00:00Z");
        ck_holds(&list, "2026-01-07T18:00:00Z", 3, "2026-01-08T00:00:00Z");
        ck_holds(&list, "2026-01-08T00:00:00Z", 0, "2026-01-08T10:00:00Z");
}
END_TEST

START_TEST(in_the_night_that_clocks_are_put_on_a_time_left_out_is_when_they_are)
{
        struct schedule_list begins =
                list_of("schedules: [{from: \"02:30\", to: \"05:00\", time_zone: Europe/Berlin, weight: 1}]");
        struct schedule_list ends =
                list_of("schedules: [{from: \"01:00\", to: \"02:30\", time_zone: Europe/Berlin, weight: 1}]");
        struct schedule_list within =
                list_of("schedules: [{from: \"02:15\", to: \"02:45\", time_zone: Europe/Berlin, weight: 1}]");

        ck_holds(&begins, "2026-03-28T12:00:00Z", 0, "2026-03-29T01:00:00Z");
        ck_holds(&begins, "2026-03-29T01:00:00Z", 1, "2026-03-29T03:00:00Z");
        ck_holds(&ends, "2026-03-29T00:30:00Z", 1, "2026-03-29T01:00:00Z");
        ck_holds(&within, "2026-03-28T12:00:00Z", 0, "2026-03-30T00:15:00Z"); /* not at all that night */
}
END_TEST

START_TEST(in_the_night_that_clocks_are_put_back_a_time_that_is_twice_is_the_first)
{
        struct schedule_list begins =
                list_of("schedules: [{from: \"02:30\", to: \"05:00\", time_zone: Europe/Berlin, weight: 1}]");
        struct schedule_list ends =
                list_of("schedules: [{from: \"01:00\", to: \"02:30\", time_zone: Europe/Berlin, weight: 1}]");
        struct schedule_list hour =
                list_of("schedules: [{from: \"02:00\", to: \"03:00\", time_zone: Europe/Berlin, weight: 1}]");

        ck_holds(&begins, "2026-10-24T12:00:00Z", 0, "2026-10-25T00:30:00Z");
        ck_holds(&begins, "2026-10-25T00:30:00Z", 1, "2026-10-25T04:00:00Z"); /* and not again an hour later */
        ck_holds(&ends, "2026-10-24T23:00:00Z", 1, "2026-10-25T00:30:00Z");
        ck_holds(&hour, "2026-10-25T00:00:00Z", 1, "2026-10-25T02:00:00Z"); /* two hours by any other clock */
}
END_TEST

START_TEST(a_day_that_a_place_leaves_out_has_no_schedule)
{
        struct schedule_list list = list_of("schedules: [{days: [fri], time_zone: Pacific/Apia, weight: 1}]");

        ck_holds(&list, "2011-12-29T00:00:00Z", 0, "2012-01-05T10:00:00Z"); /* 2011-12-30 is not */
}
END_TEST

/* Against what a clock on the wall shows; its hours lie beside those in which clocks are put on and back. */
START_TEST(all_through_a_year_it_holds_where_the_clock_shows_its_hours)
{
        static const char *const zones[] = {"Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"};

        for (size_t z = 0; z < sizeof(zones) / sizeof(*zones); z++) {
                char yaml[200], error[300];
                snprintf(yaml, sizeof(yaml),
                         "schedules: [{days: [tue-sun], from: \"06:00\", to: \"23:00\", time_zone: %s, weight: 1}]",
                         zones[z]);
                struct schedule_list list = list_of(yaml);
                const struct time_zone *zone = time_zones_find(zones[z], error, sizeof(error));
                struct scheduled now = {0};
                int64_t until = 0, unused;
                for (int64_t t = at("2026-01-01T00:00:00Z") / 1000; t < at("2027-01-01T00:00:00Z") / 1000; t += 420) {
                        int64_t clock = t + time_zone_offset(zone, t, &unused), day = clock / 86400;
                        bool shown = clock % 86400 >= 6 * 3600 && clock % 86400 < 23 * 3600 && (day + 3) % 7 != 0;
                        if (t * 1000 >= until) {
                                now = schedules_at(&list, t * 1000);
                                until = scheduled_until_ms(&now);
                        }
                        if ((now.number == 1) != shown)
                                ck_abort_msg("%s at %lld", zones[z], (long long)t);
                }
        }
}
END_TEST

START_TEST(what_is_in_force_is_what_the_schedule_says_or_else_what_is_configured)
{
        struct schedule_list list = list_of("schedules: [{from: \"10:00\", to: \"11:00\", time_zone: UTC, weight: 0},"
                                            "{from: \"11:00\", to: \"12:00\", time_zone: UTC, enabled: true}]");
        const struct scheduled none = {0}, weight = {.number = 1}, enabled = {.number = 2}, gone = {.number = 3};

        ck_assert_int_eq(schedule_weight(&list, &none, 60), 60);
        ck_assert_int_eq(schedule_weight(&list, &weight, 60), 0);
        ck_assert_int_eq(schedule_weight(&list, &enabled, 60), 60);
        ck_assert(!schedule_enabled(&list, &none, false));
        ck_assert(!schedule_enabled(&list, &weight, false));
        ck_assert(schedule_enabled(&list, &enabled, false));
        ck_assert(!schedule_enabled(&list, &gone, false)); /* of a list that was longer */
        ck_assert(schedules_enable(&list, false));
        ck_assert(!schedules_enable(&(struct schedule_list){0}, false));
}
END_TEST

START_TEST(schedules_are_told_as_they_are_meant)
{
        static const char *const cases[][2] = {
                {"{days: [fri-mon, wed], from: \"22:00\", to: \"06:00\", time_zone: Europe/Berlin, weight: 10}",
                 "mon,wed,fri-sun 22:00-06:00 Europe/Berlin: weight 10"},
                {"{time_zone: UTC, weight: 0, enabled: true}", "daily 00:00-24:00 UTC: weight 0, enabled"},
                {"{days: [sun], time_zone: UTC, enabled: false}", "sun 00:00-24:00 UTC: disabled"}};
        char yaml[300], text[SCHEDULE_TEXT_MAX];

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                snprintf(yaml, sizeof(yaml), "schedules: [%s]", cases[i][0]);
                ck_assert_str_eq(schedule_text(&list_of(yaml).items[0], text), cases[i][1]);
        }
}
END_TEST

START_TEST(what_is_no_schedule_is_refused_and_the_place_is_named)
{
        static const char *const cases[][2] = {
                {"{time_zone: Europe/Atlantis, weight: 1}",
                 "schedules[0].time_zone: there is no time zone \"Europe/Atlantis\"; expected a name such as "
                 "Europe/Berlin or UTC"},
                {"{weight: 1}", "schedules[0]: required field \"time_zone\" is missing"},
                {"{time_zone: UTC}", "schedules[0]: expected `weight` or `enabled`, or it says nothing"},
                {"{time_zone: UTC, weight: 1, days: [monday]}",
                 "schedules[0].days[0]: expected a day such as mon or days such as mon-fri, got \"monday\""},
                {"{time_zone: UTC, weight: 1, days: [mon, fri-]}",
                 "schedules[0].days[1]: expected a day such as mon or days such as mon-fri, got \"fri-\""},
                {"{time_zone: UTC, weight: 1, from: \"24:00\"}",
                 "schedules[0].from: expected a time from \"00:00\" to \"23:59\", got \"24:00\""},
                {"{time_zone: UTC, weight: 1, to: \"7:00\"}",
                 "schedules[0].to: expected a time from \"00:00\" to \"24:00\", got \"7:00\""},
                {"{time_zone: UTC, weight: 1, to: \"24:01\"}",
                 "schedules[0].to: expected a time from \"00:00\" to \"24:00\", got \"24:01\""},
                {"{time_zone: UTC, weight: 1, from: \"08:60\"}",
                 "schedules[0].from: expected a time from \"00:00\" to \"23:59\", got \"08:60\""},
                {"{time_zone: UTC, weight: 1, from: \"08:00\", to: \"08:00\"}",
                 "schedules[0].to: expected another time than `from`; without both it lasts all day"},
                {"{time_zone: UTC, weight: 70000}",
                 "schedules[0].weight: expected an integer from 0 to 65535, got 70000"},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                struct owner o;
                const char *said = decode(arena_printf(arena, "schedules: [%s]", cases[i][0]), &o);
                ck_assert_msg(said != NULL, "%s is taken", cases[i][0]);
                ck_assert_str_eq(said, cases[i][1]);
        }
}
END_TEST

static void set_up(void)
{
        arena = arena_new(0);
}

static void tear_down(void)
{
        arena_free(arena);
        time_zones_free();
}

int main(void)
{
        Suite *s = suite_create("schedule");
        TCase *c = tcase_create("schedule");

        tcase_add_checked_fixture(c, set_up, tear_down);
        tcase_add_test(c, a_span_over_midnight_belongs_to_the_day_it_begins_on);
        tcase_add_test(c, days_without_times_last_from_midnight_to_midnight);
        tcase_add_test(c, the_first_that_holds_counts);
        tcase_add_test(c, in_the_night_that_clocks_are_put_on_a_time_left_out_is_when_they_are);
        tcase_add_test(c, in_the_night_that_clocks_are_put_back_a_time_that_is_twice_is_the_first);
        tcase_add_test(c, a_day_that_a_place_leaves_out_has_no_schedule);
        tcase_add_test(c, all_through_a_year_it_holds_where_the_clock_shows_its_hours);
        tcase_add_test(c, what_is_in_force_is_what_the_schedule_says_or_else_what_is_configured);
        tcase_add_test(c, schedules_are_told_as_they_are_meant);
        tcase_add_test(c, what_is_no_schedule_is_refused_and_the_place_is_named);
        suite_add_tcase(s, c);
        return run_suite(s);
}
