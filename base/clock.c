#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

uint64_t clock_us(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t clock_ms(void)
{
        return clock_us() / 1000;
}

uint64_t clock_processor_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

int64_t clock_wall_ms(void)
{
        struct timespec t;
        clock_gettime(CLOCK_REALTIME, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static const struct {
        const char *name;
        int64_t ms;
} units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

bool duration_parse(const char *text, int64_t *ms)
{
        int64_t value = 0;
        size_t digits = strspn(text, "0123456789");

        if (!digits || digits > 12)
                return false;
        for (size_t i = 0; i < digits; i++)
                value = value * 10 + (text[i] - '0');
        for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
                if (!strcmp(text + digits, units[i].name))
                        return !__builtin_mul_overflow(value, units[i].ms, ms);
        return false;
}

char *duration_format(int64_t ms, char out[DURATION_TEXT_MAX])
{
        size_t i = ms ? 0 : 3; /* nothing is "0s" */
        while (ms % units[i].ms)
                i++;
        snprintf(out, DURATION_TEXT_MAX, "%lld%s", (long long)(ms / units[i].ms), units[i].name);
        return out;
}

/* --- dates: the Gregorian calendar from year 0 to 9999, in UTC --- */

#define DAY_S      86400
#define YEARS_MOST 9999
#define DAYS_1970  719528 /* from 1 January of year 0 */

static const int days_before_month[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

static bool is_leap(int year)
{
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* From 1 January of year 0, which is a leap year, to that of this one. */
static int days_before_year(int year)
{
        return year * 365 + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
}

/* With this many days before it; month 12 is the next year's first. */
static int days_before(int year, int month)
{
        return days_before_year(year) + days_before_month[month] + (month > 1 && is_leap(year));
}

static char *put_digits(char *at, unsigned value, int digits, char behind)
{
        for (int i = digits; i-- > 0; value /= 10)
                at[i] = (char)('0' + value % 10);
        at[digits] = behind;
        return at + digits + 1;
}

char *clock_format(int64_t wall_ms, char out[CLOCK_TEXT_MAX])
{
        int64_t first_ms = (int64_t)-DAYS_1970 * DAY_S * 1000, end_day = days_before_year(YEARS_MOST + 1);

        if (wall_ms < first_ms || wall_ms >= first_ms + end_day * DAY_S * 1000)
                return strcpy(out, "-");
        uint64_t ms = (uint64_t)(wall_ms - first_ms);
        int days = (int)(ms / 1000 / DAY_S), year = days / 366, month = 0; /* no later than that */
        unsigned second = (unsigned)(ms / 1000 % DAY_S);
        while (days >= days_before_year(year + 1))
                year++;
        while (days >= days_before(year, month + 1))
                month++;
        char *at = put_digits(out, (unsigned)year, 4, '-');
        at = put_digits(at, (unsigned)month + 1, 2, '-');
        at = put_digits(at, (unsigned)(days - days_before(year, month) + 1), 2, 'T');
        at = put_digits(at, second / 3600, 2, ':');
        at = put_digits(at, second / 60 % 60, 2, ':');
        at = put_digits(at, second % 60, 2, '.');
        at = put_digits(at, (unsigned)(ms % 1000), 3, 'Z');
        *at = '\0';
        return out;
}

/* Takes so many digits, a number up to `most`, and what stands behind them unless it is NUL. */
static bool take_digits(const char **text, int digits, int most, char behind, int *value)
{
        const char *at = *text;

        *value = 0;
        for (int i = 0; i < digits; i++, at++) {
                if (*at < '0' || *at > '9')
                        return false;
                *value = *value * 10 + (*at - '0');
        }
        if (*value > most || (behind && *at != behind))
                return false;
        *text = at + (behind != '\0');
        return true;
}

bool clock_parse(const char *text, int64_t *wall_ms)
{
        static const int scale[] = {0, 100, 10, 1};
        int year, month, day, hour, minute, second, ms = 0;

        if (!take_digits(&text, 4, YEARS_MOST, '-', &year) || !take_digits(&text, 2, 12, '-', &month) ||
            !take_digits(&text, 2, 31, 'T', &day) || !take_digits(&text, 2, 23, ':', &hour) ||
            !take_digits(&text, 2, 59, ':', &minute) || !take_digits(&text, 2, 59, '\0', &second))
                return false;
        if (!month || !day || day > days_before(year, month) - days_before(year, month - 1))
                return false;
        if (*text == '.') {
                size_t digits = strspn(++text, "0123456789");
                if (digits < 1 || digits > 3 || !take_digits(&text, (int)digits, 999, '\0', &ms))
                        return false;
                ms *= scale[digits];
        }
        if (strcmp(text, "Z"))
                return false;
        int64_t days = days_before(year, month - 1) + day - 1 - DAYS_1970;
        *wall_ms = ((days * 24 + hour) * 3600 + minute * 60 + second) * 1000 + ms;
        return true;
}
