#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECONDS_TEXT (sizeof("2026-01-31T12:00:00") - 1)

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

char *clock_format(int64_t wall_ms, char out[CLOCK_TEXT_MAX])
{
        time_t seconds = (time_t)(wall_ms / 1000);
        int64_t rest = wall_ms % 1000;
        struct tm tm;

        if (rest < 0) {
                rest += 1000;
                seconds--;
        }
        if (!gmtime_r(&seconds, &tm) || tm.tm_year > 8099 || tm.tm_year < -1900)
                return strcpy(out, "-");
        size_t n = strftime(out, CLOCK_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
        snprintf(out + n, CLOCK_TEXT_MAX - n, ".%03dZ", (int)rest);
        return out;
}

bool clock_parse(const char *text, int64_t *wall_ms)
{
        struct tm tm = {0};
        char exact[CLOCK_TEXT_MAX];
        unsigned ms = 0;
        const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

        if (!end)
                return false;
        /* strptime takes short fields, blanks and February 30: what does not read back the same is refused. */
        int64_t seconds = timegm(&tm);
        if (strncmp(text, clock_format(seconds * 1000, exact), SECONDS_TEXT))
                return false;
        if (*end == '.') {
                static const unsigned scale[] = {0, 100, 10, 1};
                size_t digits = strspn(end + 1, "0123456789");
                if (digits < 1 || digits > 3)
                        return false;
                for (size_t i = 0; i < digits; i++)
                        ms = ms * 10 + (unsigned)(end[1 + i] - '0');
                ms *= scale[digits];
                end += 1 + digits;
        }
        if (strcmp(end, "Z"))
                return false;
        *wall_ms = seconds * 1000 + ms;
        return true;
}
