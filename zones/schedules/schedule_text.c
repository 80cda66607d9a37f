/* Schedules for people. */
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "zones/schedules/schedule.h"

static const char *const day_names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/* Room for seven ranges is room for all that a set of days can be told as. */
static size_t days_text(uint8_t days, char *out, size_t size)
{
        size_t n = 0;

        if (days == SCHEDULE_DAILY)
                return (size_t)snprintf(out, size, "daily");
        for (unsigned day = 0; day < 7; day++) {
                unsigned last = day;
                if (!(days >> day & 1))
                        continue;
                while (last < 6 && days >> (last + 1) & 1)
                        last++;
                n += (size_t)snprintf(out + n, size - n, "%s%s", n ? "," : "", day_names[day]);
                if (last > day)
                        n += (size_t)snprintf(out + n, size - n, "-%s", day_names[last]);
                day = last;
        }
        return n;
}

char *schedule_text(const struct schedule *s, char out[SCHEDULE_TEXT_MAX])
{
        const size_t size = SCHEDULE_TEXT_MAX;
        size_t n = days_text(s->days, out, size);

        n += (size_t)snprintf(out + n, size - n, " %s-%s %s:", s->from, s->to, s->time_zone_name);
        if (s->has_weight)
                n += (size_t)snprintf(out + n, size - n, " weight %lld", (long long)s->weight);
        if (s->has_enabled)
                snprintf(out + n, size - n, "%s %s", s->has_weight ? "," : "", s->enabled ? "enabled" : "disabled");
        return out;
}

void schedule_describe(const struct schedule_list *list, const struct scheduled *now, struct arena *a, struct doc *d,
                       const char *name)
{
        const struct schedule *s = schedule_in_force(list, now);
        char text[SCHEDULE_TEXT_MAX], time[CLOCK_TEXT_MAX];

        if (!list->count)
                return;
        struct doc *one = doc_add_map(a, d, name);
        doc_add_string(a, one, "in_force", s ? schedule_text(s, text) : NULL);
        doc_add_string(a, one, "until", now->until_s ? clock_format(scheduled_until_ms(now), time) : NULL);
}

const char *schedule_now_text(const struct schedule_list *list, const struct scheduled *now, struct arena *a)
{
        const struct schedule *s = schedule_in_force(list, now);
        char text[SCHEDULE_TEXT_MAX], time[CLOCK_TEXT_MAX];

        if (!s)
                return "";
        schedule_text(s, text);
        return now->until_s ? arena_printf(a, "%s, until %s", text, clock_format(scheduled_until_ms(now), time))
                            : arena_strdup(a, text);
}
