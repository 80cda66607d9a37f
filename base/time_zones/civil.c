#include "base/time_zones/civil.h"

#define ERA_YEARS 400
#define ERA_DAYS  146097

/* Rounded down, also below 0. */
static int64_t floor_divide(int64_t a, int64_t b)
{
        return a / b - (a % b < 0);
}

bool civil_is_leap(int64_t year)
{
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

unsigned civil_month_length(int64_t year, unsigned month)
{
        static const unsigned char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

        return month == 2 && civil_is_leap(year) ? 29 : lengths[month - 1];
}

int64_t civil_days(int64_t year, unsigned month, unsigned day)
{
        static const unsigned short before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
        int64_t era = floor_divide(year, ERA_YEARS), y = year - era * ERA_YEARS;
        int64_t leap_days = y ? (y - 1) / 4 - (y - 1) / 100 + 1 : 0; /* the era's first year is one */

        if (month > 2 && civil_is_leap(year))
                day++;
        return era * ERA_DAYS + y * 365 + leap_days + before[month - 1] + day - 1 - 719528;
}

int64_t civil_year(int64_t days)
{
        int64_t year = 1970 + floor_divide(days * ERA_YEARS, ERA_DAYS);

        while (civil_days(year, 1, 1) > days)
                year--;
        while (civil_days(year + 1, 1, 1) <= days)
                year++;
        return year;
}

unsigned civil_weekday(int64_t days)
{
        int64_t since = (days + 3) % 7; /* 1970-01-01 was a Thursday */

        return (unsigned)(since < 0 ? since + 7 : since);
}

int64_t civil_day_of(int64_t time_s)
{
        return floor_divide(time_s, DAY_S);
}
