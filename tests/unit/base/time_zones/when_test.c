#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "base/time_zones/when.h"
#include "tests/unit/suite.h"

/* What a text says, read in Berlin on Wednesday, 2026-04-01 at 12:00 (10:00 UTC). */
static const char *read_at(const char *now, const char *text)
{
        static char out[CLOCK_TEXT_MAX];
        int64_t now_ms, ms;

        setenv("TZ", "Europe/Berlin", 1);
        tzset();
        ck_assert(clock_parse(now, &now_ms));
        return when_parse(text, now_ms, &ms) ? clock_format(ms, out) : "none";
}

#define NOON "2026-04-01T10:00:00.000Z"

START_TEST(times_are_read_as_people_write_them)
{
        static const char *const texts[][2] = {
                {"now", "2026-04-01T10:00:00.000Z"},
                {"2h", "2026-04-01T08:00:00.000Z"},
                {"90s", "2026-04-01T09:58:30.000Z"},
                {"11:30", "2026-04-01T09:30:00.000Z"},
                {"12:00", "2026-04-01T10:00:00.000Z"},
                {"22:00", "2026-03-31T20:00:00.000Z"},
                {"9:05", "2026-04-01T07:05:00.000Z"},
                {"22:00:30", "2026-03-31T20:00:30.000Z"},
                {"today", "2026-03-31T22:00:00.000Z"},
                {"yesterday", "2026-03-30T22:00:00.000Z"},
                {"Yesterday 22:00", "2026-03-31T20:00:00.000Z"},
                {"monday", "2026-03-29T22:00:00.000Z"},
                {"tuesday 08:00", "2026-03-31T06:00:00.000Z"},
                {"wednesday", "2026-03-24T23:00:00.000Z"},
                {"2026-01-31", "2026-01-30T23:00:00.000Z"},
                {"2026-01-31 22:00", "2026-01-31T21:00:00.000Z"},
                {"2026-07-31T22:00:01", "2026-07-31T20:00:01.000Z"},
                {"2026-01-31T22:00:00Z", "2026-01-31T22:00:00.000Z"},
                {"2026-01-31T22:00:00+01:00", "2026-01-31T21:00:00.000Z"},
                {"2026-01-31T22:00:00-02:30", "2026-02-01T00:30:00.000Z"},
        };

        for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
                ck_assert_str_eq(read_at(NOON, texts[i][0]), texts[i][1]);
}
END_TEST

START_TEST(clocks_are_put_on_and_back)
{
        /* 29 March 2026: 02:00 becomes 03:00. 25 October 2026: 03:00 becomes 02:00. */
        ck_assert_str_eq(read_at(NOON, "2026-03-29 01:59:59"), "2026-03-29T00:59:59.000Z");
        ck_assert_str_eq(read_at(NOON, "2026-03-29 02:00"), "2026-03-29T01:00:00.000Z");
        ck_assert_str_eq(read_at(NOON, "2026-03-29 02:30"), "2026-03-29T01:00:00.000Z");
        ck_assert_str_eq(read_at(NOON, "2026-03-29 03:00"), "2026-03-29T01:00:00.000Z");
        ck_assert_str_eq(read_at(NOON, "2026-03-29 03:00:01"), "2026-03-29T01:00:01.000Z");
        ck_assert_str_eq(read_at(NOON, "2026-10-25 01:59:59"), "2026-10-24T23:59:59.000Z");
        ck_assert_str_eq(read_at(NOON, "2026-10-25 02:00"), "2026-10-25T00:00:00.000Z");
        ck_assert_str_eq(read_at(NOON, "2026-10-25 02:30"), "2026-10-25T00:30:00.000Z");
        ck_assert_str_eq(read_at(NOON, "2026-10-25 03:00"), "2026-10-25T02:00:00.000Z");
        ck_assert_str_eq(read_at(NOON, "2026-10-25 03:30"), "2026-10-25T02:30:00.000Z");
        /* A day has 23 hours, and 25. */
        ck_assert_str_eq(read_at("2026-03-30T00:30:00.000Z", "yesterday"), "2026-03-28T23:00:00.000Z");
        ck_assert_str_eq(read_at("2026-03-30T00:30:00.000Z", "24h"), "2026-03-29T00:30:00.000Z");
        ck_assert_str_eq(read_at("2026-10-26T12:00:00.000Z", "yesterday"), "2026-10-24T22:00:00.000Z");
        ck_assert_str_eq(read_at("2026-10-25T00:15:00.000Z", "02:30"), "2026-10-24T00:30:00.000Z");
        ck_assert_str_eq(read_at("2026-10-25T01:15:00.000Z", "02:30"), "2026-10-25T00:30:00.000Z");
}
END_TEST

START_TEST(what_is_no_time_is_none)
{
        static const char *const texts[] = {"",
                                            "x",
                                            "25:00",
                                            "12:60",
                                            "12",
                                            "12:",
                                            "12:3x",
                                            "12:00:",
                                            "-2h",
                                            "2 h",
                                            "today12:00",
                                            "today 12",
                                            "2026-02-30",
                                            "2026-13-01",
                                            "yesterday ",
                                            "monday12",
                                            "2026-01-31 22",
                                            "2026-01-31T22:00:00+1",
                                            "2026-1-31",
                                            "1:2:3:4",
                                            "99999999999d"};

        for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
                ck_assert_msg(!strcmp(read_at(NOON, texts[i]), "none"), "\"%s\" is %s", texts[i],
                              read_at(NOON, texts[i]));
}
END_TEST

int main(void)
{
        Suite *s = suite_create("when");
        TCase *t = tcase_create("when");

        tcase_add_test(t, times_are_read_as_people_write_them);
        tcase_add_test(t, clocks_are_put_on_and_back);
        tcase_add_test(t, what_is_no_time_is_none);
        suite_add_tcase(s, t);
        return run_suite(s);
}
