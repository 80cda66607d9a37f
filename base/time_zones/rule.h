/* base/time_zones/rule.h: the rule by which clocks of a time zone go on: a POSIX TZ string as it ends a TZif file
 * (RFC 8536 3.3), "CET-1CEST,M3.5.0,M10.5.0/3". Pure. */
#ifndef BASE_TIME_ZONES_RULE_H
#define BASE_TIME_ZONES_RULE_H

#include <stdbool.h>
#include <stdint.h>

enum turn_form { TURN_WEEKDAY, TURN_DAY_NO_LEAP, TURN_DAY };

/* When the clocks turn each year. */
struct turn {
        enum turn_form form;
        unsigned month, week, weekday; /* TURN_WEEKDAY: Mm.w.d; week 5: the last; weekday 0: Sunday */
        unsigned day;                  /* TURN_DAY_NO_LEAP: Jn, from 1; TURN_DAY: n, from 0 */
        int32_t time_s;                /* on the clock before the turn; may lie days off */
};

struct time_rule {
        int32_t standard_s, summer_s; /* east of UTC */
        bool has_summer;
        struct turn to_summer, to_standard;
};

/* false: `why` says what is wrong, a static text. */
bool time_rule_parse(const char *text, struct time_rule *, const char **why);
/* Seconds east of UTC at a time. until: when that may be another; INT64_MAX: never. */
int32_t time_rule_offset(const struct time_rule *, int64_t at_s, int64_t *until_s);

#endif
