#include "base/time_zones/rule.h"

#include <ctype.h>
#include <string.h>
#include "base/time_zones/civil.h"

#define OFFSET_HOURS_MOST 24
#define TURN_HOURS_MOST   167 /* RFC 8536 3.3.1 */
#define TURN_DEFAULT_S    7200
#define NAME_LEAST        3

/* --- reading --- */

/* A number of digits, within bounds. */
static bool read_number(const char **at, unsigned least, unsigned most, unsigned *out)
{
        unsigned value = 0;
        const char *p = *at;

        for (; isdigit((unsigned char)*p) && value <= most; p++)
                value = value * 10 + (unsigned)(*p - '0');
        if (p == *at || value < least || value > most)
                return false;
        *at = p;
        *out = value;
        return true;
}

static bool in_name(unsigned char c, bool quoted)
{
        return isalpha(c) || (quoted && (isdigit(c) || c == '+' || c == '-'));
}

/* A name that nobody needs: letters, or in angle brackets more. */
static bool skip_name(const char **at)
{
        bool quoted = **at == '<';
        const char *start = *at + quoted, *p = start;

        while (in_name((unsigned char)*p, quoted))
                p++;
        if (p - start < NAME_LEAST || (quoted && *p != '>'))
                return false;
        *at = p + quoted;
        return true;
}

/* [+-]hh[:mm[:ss]] */
static bool read_time(const char **at, unsigned hours_most, int32_t *out)
{
        int32_t sign = **at == '-' ? -1 : 1;
        unsigned parts[3] = {0, 0, 0};

        if (**at == '-' || **at == '+')
                ++*at;
        if (!read_number(at, 0, hours_most, &parts[0]))
                return false;
        for (int i = 1; i < 3 && **at == ':'; i++) {
                ++*at;
                if (!read_number(at, 0, 59, &parts[i]))
                        return false;
        }
        *out = sign * (int32_t)(parts[0] * 3600 + parts[1] * 60 + parts[2]);
        return true;
}

static bool read_day(const char **at, struct turn *t)
{
        if (**at == 'M') {
                t->form = TURN_WEEKDAY;
                ++*at;
                if (!read_number(at, 1, 12, &t->month) || *(*at)++ != '.' || !read_number(at, 1, 5, &t->week) ||
                    *(*at)++ != '.')
                        return false;
                return read_number(at, 0, 6, &t->weekday);
        }
        t->form = **at == 'J' ? TURN_DAY_NO_LEAP : TURN_DAY;
        *at += **at == 'J';
        return read_number(at, t->form == TURN_DAY_NO_LEAP, 365, &t->day);
}

static bool read_turn(const char **at, struct turn *t)
{
        *t = (struct turn){.time_s = TURN_DEFAULT_S};
        if (**at != ',')
                return false;
        ++*at;
        if (!read_day(at, t))
                return false;
        if (**at != '/')
                return true;
        ++*at;
        return read_time(at, TURN_HOURS_MOST, &t->time_s);
}

bool time_rule_parse(const char *text, struct time_rule *out, const char **why)
{
        const char *at = text;
        int32_t west;

        *out = (struct time_rule){0};
        *why = "expected the name of its standard time and an offset";
        if (!skip_name(&at) || !read_time(&at, OFFSET_HOURS_MOST, &west))
                return false;
        out->standard_s = -west;
        if (!*at)
                return true;
        out->has_summer = true;
        out->summer_s = out->standard_s + 3600;
        *why = "expected the name of its summer time, and an offset or a comma";
        if (!skip_name(&at))
                return false;
        if (*at != ',') {
                if (!read_time(&at, OFFSET_HOURS_MOST, &west))
                        return false;
                out->summer_s = -west;
        }
        *why = "expected when clocks turn, such as ,M3.5.0,M10.5.0/3";
        return read_turn(&at, &out->to_summer) && read_turn(&at, &out->to_standard) && !*at;
}

/* --- when clocks turn --- */

static int64_t turn_day(const struct turn *t, int64_t year)
{
        switch (t->form) {
        case TURN_WEEKDAY: {
                unsigned length = civil_month_length(year, t->month), wanted = (t->weekday + 6) % 7;
                int64_t first = civil_days(year, t->month, 1);
                unsigned day = (wanted + 7 - civil_weekday(first)) % 7 + 7 * (t->week - 1);
                while (day >= length)
                        day -= 7;
                return first + day;
        }
        case TURN_DAY_NO_LEAP:
                return civil_days(year, 1, 1) + t->day - 1 + (t->day > 59 && civil_is_leap(year));
        case TURN_DAY:
                break;
        }
        return civil_days(year, 1, 1) + t->day;
}

/* The moment, by the clock that goes `offset_s` before. */
static int64_t turn_at(const struct turn *t, int64_t year, int32_t offset_s)
{
        return turn_day(t, year) * DAY_S + t->time_s - offset_s;
}

struct turned {
        int64_t at_s;
        int32_t offset_s; /* from then on */
};

int32_t time_rule_offset(const struct time_rule *r, int64_t at_s, int64_t *until_s)
{
        struct turned turns[6];
        int count = 0;
        int32_t offset_s = r->standard_s;

        *until_s = INT64_MAX;
        if (!r->has_summer)
                return r->standard_s;
        int64_t year = civil_year(civil_day_of(at_s));
        /* In order; of two at once the one to summer counts: so a time zone is told that is in summer all year long. */
        for (int64_t y = year - 1; y <= year + 1; y++) {
                struct turned both[2] = {{turn_at(&r->to_standard, y, r->summer_s), r->standard_s},
                                         {turn_at(&r->to_summer, y, r->standard_s), r->summer_s}};
                for (int i = 0; i < 2; i++) {
                        int place = count++;
                        for (; place && turns[place - 1].at_s > both[i].at_s; place--)
                                turns[place] = turns[place - 1];
                        turns[place] = both[i];
                }
        }
        for (int i = 0; i < count; i++) {
                if (turns[i].at_s > at_s) {
                        *until_s = turns[i].at_s;
                        break;
                }
                offset_s = turns[i].offset_s;
        }
        return offset_s;
}
