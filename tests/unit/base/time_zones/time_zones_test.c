/* Clocks of other places: rules, files that are somebody else's, and the machine's own against the C library. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/random.h"
#include "base/time_zones/civil.h"
#include "base/time_zones/rule.h"
#include "base/time_zones/time_zones.h"
#include "tests/unit/suite.h"

static const struct time_zone *zone(const char *name)
{
        char error[300] = "";
        const struct time_zone *z = time_zones_find(name, error, sizeof(error));

        ck_assert_msg(z != NULL, "%s", error);
        return z;
}

static int64_t at(const char *text)
{
        int64_t wall_ms;

        ck_assert_msg(clock_parse(text, &wall_ms), "%s", text);
        return wall_ms / 1000;
}

static void ck_reached(const char *name, const char *clock, const char *expected)
{
        char text[CLOCK_TEXT_MAX];
        int64_t reached = time_zone_reached(zone(name), at(clock));

        ck_assert_msg(reached == at(expected), "%s in %s: %s, not %s", clock, name, clock_format(reached * 1000, text),
                      expected);
}

/* --- days --- */

START_TEST(days_years_and_weekdays_belong_together)
{
        ck_assert_int_eq(civil_days(1970, 1, 1), 0);
        ck_assert_int_eq(civil_days(2000, 3, 1), 11017);
        ck_assert_int_eq(civil_days(1600, 1, 1), -135140);
        ck_assert_uint_eq(civil_weekday(civil_days(2026, 1, 31)), 5);
        ck_assert_uint_eq(civil_weekday(civil_days(1969, 12, 29)), 0);
        for (int64_t year = -401; year < 2500; year++) {
                ck_assert_int_eq(civil_days(year + 1, 1, 1) - civil_days(year, 1, 1), civil_is_leap(year) ? 366 : 365);
                ck_assert_int_eq(civil_days(year, 3, 1) - civil_days(year, 2, 1), civil_month_length(year, 2));
                ck_assert_int_eq(civil_year(civil_days(year, 1, 1)), year);
                ck_assert_int_eq(civil_year(civil_days(year, 12, 31)), year);
        }
        ck_assert_int_eq(civil_day_of(-1), -1);
}
END_TEST

/* --- rules --- */

START_TEST(rules_say_when_clocks_turn)
{
        static const struct {
                const char *rule, *at;
                int32_t offset_s;
                const char *until; /* NULL: never */
        } cases[] = {
                {"UTC0", "2026-07-01T00:00:00Z", 0, NULL},
                {"<+0545>-5:45", "2026-07-01T00:00:00Z", 20700, NULL},
                {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T00:59:59Z", 3600, "2026-03-29T01:00:00Z"},
                {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 7200, "2026-10-25T01:00:00Z"},
                {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:00:00Z", 3600, "2027-03-28T01:00:00Z"},
                {"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-01T00:00:00Z", 0, "2026-03-29T01:00:00Z"}, /* below zero */
                {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01T00:00:00Z", 39600, "2026-04-04T16:00:00Z"}, /* south */
                {"IST-2IDT,M3.4.4/26,M10.5.0", "2026-03-27T00:00:00Z", 10800, "2026-10-24T23:00:00Z"},   /* days off */
                {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200, "2026-03-29T01:00:00Z"},
                {"XXX3YYY,J60,J300", "2024-03-01T05:00:00Z", -7200, "2024-10-27T04:00:00Z"}, /* J60 is March 1 */
                {"XXX3YYY,59,300/0", "2024-02-29T05:00:00Z", -7200, "2024-10-27T02:00:00Z"}, /* the 60th day */
                {"XXX3EDT4,0/0,J365/23", "2026-01-01T03:00:00Z", -14400, NULL},              /* all year in summer */
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                struct time_rule r;
                const char *why;
                int64_t until;
                ck_assert_msg(time_rule_parse(cases[i].rule, &r, &why), "%s: %s", cases[i].rule, why);
                int32_t offset = time_rule_offset(&r, at(cases[i].at), &until);
                ck_assert_msg(offset == cases[i].offset_s, "case %zu: %d", i, offset);
                if (cases[i].until)
                        ck_assert_msg(until == at(cases[i].until), "case %zu: %lld", i, (long long)until);
                if (!strcmp(cases[i].rule, "XXX3EDT4,0/0,J365/23")) /* where it turns it stays as it is */
                        ck_assert_int_eq(time_rule_offset(&r, until, &until), -14400);
        }
}
END_TEST

START_TEST(what_is_no_rule_is_refused)
{
        static const char *const bad[] = {"",
                                          "CET",
                                          "C-1",
                                          "CET-25",
                                          "CET-1CEST",
                                          "CET-1CEST,M3.5.0",
                                          "<CET-1",
                                          "CET-1:60",
                                          "CET-1,M3.5.0",
                                          "CET-1CEST,M13.5.0,M10.5.0",
                                          "CET-1CEST,M3.6.0,M10.5.0",
                                          "CET-1CEST,M3.0.0,M10.5.0",
                                          "CET-1CEST,M3.5.7,M10.5.0",
                                          "CET-1CEST,J0,J300",
                                          "CET-1CEST,366,1",
                                          "CET-1CEST,M3.5.0,M10.5.0/168",
                                          "CET-1CEST,M3.5.0,M10.5.0/3x",
                                          "CET-1CEST,M3.5.0/,M10.5.0",
                                          "CET-1CEST,M3.5,M10.5.0",
                                          "CET--1",
                                          "CET-1CEST,M99999999999.5.0,M10.5.0"};
        struct time_rule r;
        const char *why;

        for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
                ck_assert_msg(!time_rule_parse(bad[i], &r, &why) && *why, "%s", bad[i]);
}
END_TEST

/* --- clocks that are put on and off --- */

START_TEST(a_time_that_does_not_exist_is_reached_when_clocks_are_put_on)
{
        ck_reached("Europe/Berlin", "2026-03-29T01:59:59Z", "2026-03-29T00:59:59Z");
        ck_reached("Europe/Berlin", "2026-03-29T02:00:00Z", "2026-03-29T01:00:00Z");
        ck_reached("Europe/Berlin", "2026-03-29T02:30:00Z", "2026-03-29T01:00:00Z");
        ck_reached("Europe/Berlin", "2026-03-29T03:00:00Z", "2026-03-29T01:00:00Z");
        ck_reached("Europe/Berlin", "2026-03-29T03:00:01Z", "2026-03-29T01:00:01Z");
        ck_reached("Pacific/Apia", "2011-12-30T12:00:00Z", "2011-12-30T10:00:00Z"); /* a whole day */
}
END_TEST

START_TEST(a_time_that_is_twice_is_reached_the_first_time)
{
        ck_reached("Europe/Berlin", "2026-10-25T02:00:00Z", "2026-10-25T00:00:00Z");
        ck_reached("Europe/Berlin", "2026-10-25T02:59:59Z", "2026-10-25T00:59:59Z");
        ck_reached("Europe/Berlin", "2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z"); /* this one is once */
        ck_reached("Australia/Lord_Howe", "2026-04-05T01:30:00Z", "2026-04-04T14:30:00Z");
}
END_TEST

/* --- the machine's --- */

static void compare_with_libc(const char *name, struct random *random)
{
        const struct time_zone *z = zone(name);

        setenv("TZ", name, 1);
        tzset();
        for (int i = 0; i < 40; i++) {
                int64_t moment = (int64_t)(random_next(random) % 8000000000u) - 3000000000, until, reached, unused;
                time_t t = moment;
                struct tm tm;
                localtime_r(&t, &tm);
                int32_t offset = time_zone_offset(z, moment, &until);
                ck_assert_msg(offset == tm.tm_gmtoff, "%s at %lld: %d, libc %ld", name, (long long)moment, offset,
                              tm.tm_gmtoff);
                if (until != INT64_MAX) {
                        t = until - 1;
                        localtime_r(&t, &tm);
                        ck_assert_msg(offset == tm.tm_gmtoff, "%s until %lld", name, (long long)until);
                }
                reached = time_zone_reached(z, moment);
                ck_assert_int_ge(reached + time_zone_offset(z, reached, &unused), moment);
                ck_assert_int_lt(reached - 1 + time_zone_offset(z, reached - 1, &unused), moment);
        }
}

START_TEST(every_time_zone_of_this_machine_goes_as_the_c_library_has_it)
{
        FILE *f = fopen("/usr/share/zoneinfo/tzdata.zi", "r");
        struct random random;
        char line[300], kind, name[100], other[100];
        unsigned count = 0;

        random_seed(&random, 1);
        ck_assert_ptr_nonnull(f);
        while (fgets(line, sizeof(line), f)) {
                if (sscanf(line, "%c %99s %99s", &kind, name, other) != 3 || (kind != 'Z' && kind != 'L'))
                        continue;
                compare_with_libc(kind == 'Z' ? name : other, &random);
                count++;
        }
        fclose(f);
        ck_assert_uint_gt(count, 400);
}
END_TEST

START_TEST(no_name_leads_out_of_the_directory_or_to_what_is_no_time_zone)
{
        static const char *const bad[] = {"",
                                          "Europe",
                                          "Europe/",
                                          "/etc/passwd",
                                          "../zoneinfo/UTC",
                                          "Europe/../UTC",
                                          "Europe//Berlin",
                                          ".",
                                          "tzdata.zi",
                                          "zone.tab",
                                          "leapseconds",
                                          "Europe/Atlantis",
                                          "UTC/x",
                                          "right/Europe/Berlin",
                                          "Europe/Berlin\n",
                                          "EuropeEuropeEuropeEuropeEuropeEuropeEuropeEuropeEuropeEuropeEurope"};
        char error[300];

        for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
                *error = '\0';
                ck_assert_msg(!time_zones_find(bad[i], error, sizeof(error)) && *error, "%s", bad[i]);
        }
        time_zones_find("Europe/Atlantis", error, sizeof(error));
        ck_assert_str_eq(error,
                         "there is no time zone \"Europe/Atlantis\"; expected a name such as Europe/Berlin or UTC");
}
END_TEST

/* --- files --- */

static size_t read_file(const char *path, uint8_t *bytes, size_t size)
{
        FILE *f = fopen(path, "rb");

        ck_assert_msg(f != NULL, "%s", path);
        size_t length = fread(bytes, 1, size, f);
        fclose(f);
        return length;
}

START_TEST(a_file_that_is_cut_or_changed_is_refused_or_read_within_its_bounds)
{
        static const char *const files[] = {"Europe/Berlin", "America/New_York", "UTC", "Pacific/Apia"};
        struct random random;

        random_seed(&random, 2);
        for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
                uint8_t whole[TIME_ZONE_FILE_MAX];
                char path[200];
                const char *why;
                snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", files[i]);
                size_t length = read_file(path, whole, sizeof(whole));
                for (size_t cut = 0; cut < length; cut++) {
                        uint8_t *exact = malloc(cut + 1); /* so that a read beyond is seen */
                        memcpy(exact, whole, cut);
                        ck_assert_msg(!time_zone_read(exact, cut, &why) && *why, "%s cut at %zu", files[i], cut);
                        free(exact);
                }
                for (int n = 0; n < 5000; n++) {
                        uint8_t changed[TIME_ZONE_FILE_MAX];
                        int64_t until;
                        memcpy(changed, whole, length);
                        for (int k = 0; k < 1 + n % 4; k++)
                                changed[random_next(&random) % length] = (uint8_t)random_next(&random);
                        struct time_zone *z = time_zone_read(changed, length, &why);
                        for (int64_t t = -4000000000; z && t < 8000000000; t += 700000001) {
                                time_zone_offset(z, t, &until);
                                ck_assert_int_gt(until, t);
                                time_zone_reached(z, t);
                        }
                        time_zone_free(z);
                }
        }
}
END_TEST

static void write_file(const char *directory, const char *name, const uint8_t *bytes, size_t length)
{
        char path[300], new[320];

        snprintf(path, sizeof(path), "%s/%s", directory, name);
        snprintf(new, sizeof(new), "%s.new", path);
        FILE *f = fopen(new, "wb");
        ck_assert_ptr_nonnull(f);
        fwrite(bytes, 1, length, f);
        fclose(f);
        ck_assert_int_eq(rename(new, path), 0);
}

static char told[600];

static void tell(void *context, const char *name, const char *error)
{
        snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s:%s;", name, error ? "kept" : "taken");
}

START_TEST(a_file_that_changes_is_taken_by_a_reload_and_one_that_is_spoilt_or_gone_is_not)
{
        char directory[] = "/tmp/gslbd-zones.XXXXXX", error[300], path[100];
        uint8_t berlin[TIME_ZONE_FILE_MAX], tokyo[TIME_ZONE_FILE_MAX];
        size_t berlin_length = read_file("/usr/share/zoneinfo/Europe/Berlin", berlin, sizeof(berlin));
        size_t tokyo_length = read_file("/usr/share/zoneinfo/Asia/Tokyo", tokyo, sizeof(tokyo));
        int64_t until;

        ck_assert_ptr_nonnull(mkdtemp(directory));
        setenv("TZDIR", directory, 1);
        ck_assert(!time_zones_find("Here", error, sizeof(error)));
        ck_assert_ptr_nonnull(strstr(error, "install the package tzdata"));
        write_file(directory, "Here", berlin, berlin_length);
        const struct time_zone *here = zone("Here");
        ck_assert_int_eq(time_zone_offset(here, 0, &until), 3600);
        ck_assert_uint_eq(time_zones_reload(tell, NULL), 0);
        ck_assert_str_eq(told, "");
        write_file(directory, "Here", tokyo, tokyo_length);
        ck_assert_int_eq(time_zone_offset(here, 0, &until), 3600); /* not by itself */
        ck_assert_uint_eq(time_zones_reload(tell, NULL), 1);
        ck_assert_int_eq(time_zone_offset(here, 0, &until), 32400);
        ck_assert_ptr_eq(zone("Here"), here);
        write_file(directory, "Here", berlin, berlin_length - 5);
        ck_assert_uint_eq(time_zones_reload(tell, NULL), 0);
        snprintf(path, sizeof(path), "%s/Here", directory);
        unlink(path);
        ck_assert_uint_eq(time_zones_reload(tell, NULL), 0);
        ck_assert_int_eq(time_zone_offset(here, 0, &until), 32400);
        ck_assert_str_eq(told, "Here:taken;Here:kept;Here:kept;");
        rmdir(directory);
}
END_TEST

static void forget(void)
{
        unsetenv("TZDIR");
        time_zones_free();
}

int main(void)
{
        Suite *s = suite_create("time zones");
        TCase *c = tcase_create("time zones");

        tcase_add_checked_fixture(c, NULL, forget);
        tcase_add_test(c, days_years_and_weekdays_belong_together);
        tcase_add_test(c, rules_say_when_clocks_turn);
        tcase_add_test(c, what_is_no_rule_is_refused);
        tcase_add_test(c, a_time_that_does_not_exist_is_reached_when_clocks_are_put_on);
        tcase_add_test(c, a_time_that_is_twice_is_reached_the_first_time);
        tcase_add_test(c, every_time_zone_of_this_machine_goes_as_the_c_library_has_it);
        tcase_add_test(c, no_name_leads_out_of_the_directory_or_to_what_is_no_time_zone);
        tcase_add_test(c, a_file_that_is_cut_or_changed_is_refused_or_read_within_its_bounds);
        tcase_add_test(c, a_file_that_changes_is_taken_by_a_reload_and_one_that_is_spoilt_or_gone_is_not);
        suite_add_tcase(s, c);
        return run_suite(s);
}
