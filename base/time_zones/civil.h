/* base/time_zones/civil.h: days of the Gregorian calendar, which is thought on in both directions. Pure. */
#ifndef BASE_TIME_ZONES_CIVIL_H
#define BASE_TIME_ZONES_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#define DAY_S 86400

/* Days since 1970-01-01. `month` 1..12, `day` from 1. */
int64_t civil_days(int64_t year, unsigned month, unsigned day);
int64_t civil_year(int64_t days);
bool civil_is_leap(int64_t year);
unsigned civil_month_length(int64_t year, unsigned month);
unsigned civil_weekday(int64_t days); /* 0: Monday */
int64_t civil_day_of(int64_t time_s); /* the day that a second lies in */

#endif
