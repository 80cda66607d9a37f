#include "base/time_zones/when.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include "base/clock.h"

/* --- the clock here --- */

static struct tm clock_here(int64_t ms)
{
        time_t t = (time_t)(ms / 1000);
        struct tm tm;

        localtime_r(&t, &tm);
        return tm;
}

/* -1, 0, 1: as the first is before, at or behind the second. */
static int compare(const struct tm *a, const struct tm *b)
{
        const int x[] = {a->tm_year, a->tm_mon, a->tm_mday, a->tm_hour, a->tm_min, a->tm_sec};
        const int y[] = {b->tm_year, b->tm_mon, b->tm_mday, b->tm_hour, b->tm_min, b->tm_sec};

        for (int i = 0; i < 6; i++)
                if (x[i] != y[i])
                        return x[i] < y[i] ? -1 : 1;
        return 0;
}

/* The first moment at which the clock shows this or a later time. */
static int64_t moment_of(const struct tm *wanted)
{
        struct tm tm = *wanted;

        tm.tm_isdst = -1;
        int64_t about_s = (int64_t)mktime(&tm), low = about_s - 86400, high = about_s + 86400;
        struct tm plain = *wanted; /* a 32nd of a month is the next month's first */
        plain.tm_isdst = 0;
        timegm(&plain);
        while (low + 1 < high) { /* where a clock is put back it shows times twice: the first is looked for below */
                int64_t middle = low + (high - low) / 2;
                struct tm shown = clock_here(middle * 1000);
                if (compare(&shown, &plain) < 0)
                        low = middle;
                else
                        high = middle;
        }
        for (int64_t back = 900; back <= 3 * 3600; back += 900) { /* clocks are put back by such steps */
                struct tm shown = clock_here((high - back) * 1000);
                if (!compare(&shown, &plain)) {
                        high -= back;
                        break;
                }
        }
        return high * 1000;
}

/* --- parts of a text --- */

/* "22:00", "22:00:30" */
static bool read_clock(const char *text, struct tm *tm)
{
        int hour, minute, second = 0, n = 0;

        if (!isdigit((unsigned char)*text))
                return false;
        if (sscanf(text, "%2d:%2d%n", &hour, &minute, &n) != 2 || n < 4)
                return false;
        if (text[n] && (sscanf(text + n, ":%2d%n", &second, &n) != 1 || text[strlen(text) - 1] == ':'))
                return false;
        const char *end = text + strspn(text, "0123456789:");
        if (*end || hour > 23 || minute > 59 || second > 59 || strlen(text) > 8 || minute < 0 || second < 0)
                return false;
        tm->tm_hour = hour;
        tm->tm_min = minute;
        tm->tm_sec = second;
        return true;
}

/* "yesterday", "monday", "2026-01-31": the day, at its beginning. Returns how much of the text that is. */
static size_t read_day(const char *text, int64_t now_ms, struct tm *tm)
{
        static const char *const days[] = {"sunday",   "monday", "tuesday", "wednesday",
                                           "thursday", "friday", "saturday"};
        struct tm now = clock_here(now_ms);
        int year, month, day, n = 0;

        *tm = (struct tm){.tm_year = now.tm_year, .tm_mon = now.tm_mon, .tm_mday = now.tm_mday};
        if (!strncasecmp(text, "today", 5))
                return 5;
        if (!strncasecmp(text, "yesterday", 9)) {
                tm->tm_mday--;
                return 9;
        }
        for (int i = 0; i < 7; i++)
                if (!strncasecmp(text, days[i], strlen(days[i]))) {
                        tm->tm_mday -= (now.tm_wday - i + 6) % 7 + 1; /* today's name is a week ago */
                        return strlen(days[i]);
                }
        if (strspn(text, "0123456789") != 4 || sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &n) != 3 || n != 10)
                return 0;
        *tm = (struct tm){.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
        struct tm same = *tm;
        if (timegm(&same) == -1 || same.tm_mday != day || same.tm_mon != month - 1)
                return 0;
        return 10;
}

/* --- offsets --- */

/* "2026-01-31T22:00:00+01:00" */
static bool read_offset(const char *text, int64_t *wall_ms)
{
        const char *sign = strlen(text) > 6 ? text + strlen(text) - 6 : text;
        char plain[40];
        int hours, minutes, n = 0;

        if ((*sign != '+' && *sign != '-') || sscanf(sign + 1, "%2d:%2d%n", &hours, &minutes, &n) != 2 || n != 5 ||
            hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
                return false;
        snprintf(plain, sizeof(plain), "%.*sZ", (int)(sign - text), text);
        if (sign - text > 30 || !clock_parse(plain, wall_ms))
                return false;
        *wall_ms -= (*sign == '+' ? 1 : -1) * ((int64_t)hours * 60 + minutes) * 60000;
        return true;
}

bool when_parse(const char *text, int64_t now_ms, int64_t *wall_ms)
{
        int64_t ago;
        struct tm tm;

        if (!strcasecmp(text, "now")) {
                *wall_ms = now_ms;
                return true;
        }
        if (duration_parse(text, &ago)) {
                *wall_ms = now_ms - ago;
                return ago <= now_ms;
        }
        if (clock_parse(text, wall_ms) || read_offset(text, wall_ms))
                return true;
        size_t n = read_day(text, now_ms, &tm);
        const char *rest = text + n;
        if (n && *rest && (*rest == ' ' || *rest == 'T')) {
                if (!read_clock(rest + 1, &tm))
                        return false;
        } else if (n ? *rest != '\0' : !read_clock(text, &tm)) {
                return false;
        }
        *wall_ms = moment_of(&tm);
        if (!n && *wall_ms > now_ms) { /* not yet today: it was yesterday */
                tm.tm_mday--;
                *wall_ms = moment_of(&tm);
        }
        return true;
}
