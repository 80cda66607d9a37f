#include "zones/schedules/schedule.h"

#include "base/time_zones/civil.h"

#define DAYS_AHEAD 16  /* in which each weekday comes twice, should clocks leave a day out once */
#define TURNS_MOST 200 /* to look at until another schedule holds */

/* --- one schedule --- */

/* Whether it holds, and until when that stays so. */
struct holding {
        bool holds;
        int64_t until_s;
};

static bool is_always(const struct schedule *s)
{
        return s->days == SCHEDULE_DAILY && s->from_s == 0 && s->to_s == DAY_S;
}

/* Spans of a schedule follow each other, so that the first which is not over yet is the one that counts. */
static struct holding schedule_at(const struct schedule *s, int64_t at_s)
{
        int64_t unused;
        int64_t today = civil_day_of(at_s + time_zone_offset(s->time_zone, at_s, &unused));

        if (is_always(s))
                return (struct holding){true, INT64_MAX};
        /* A span of the day before yesterday is not over when clocks were put off by a day since. */
        for (int64_t day = today - 2; day <= today + DAYS_AHEAD; day++) {
                if (!(s->days >> civil_weekday(day) & 1))
                        continue;
                int64_t end_s = time_zone_reached(s->time_zone, day * DAY_S + s->to_s);
                if (end_s <= at_s)
                        continue;
                int64_t begin_s = time_zone_reached(s->time_zone, day * DAY_S + s->from_s);
                if (begin_s == end_s) /* clocks leave all of it out */
                        continue;
                return begin_s <= at_s ? (struct holding){true, end_s} : (struct holding){false, begin_s};
        }
        return (struct holding){false, at_s + DAYS_AHEAD * (int64_t)DAY_S};
}

/* --- a list --- */

/* The first that holds, from 1, and until when nothing changes that: those behind it do not. */
static uint32_t list_at(const struct schedule_list *list, int64_t at_s, int64_t *until_s)
{
        *until_s = INT64_MAX;
        for (uint32_t i = 0; i < list->count; i++) {
                struct holding h = schedule_at(&list->items[i], at_s);
                if (h.until_s < *until_s)
                        *until_s = h.until_s;
                if (h.holds)
                        return i + 1;
        }
        return 0;
}

struct scheduled schedules_at(const struct schedule_list *list, int64_t wall_ms)
{
        int64_t until_s, at_s = wall_ms / 1000 - (wall_ms % 1000 < 0);
        struct scheduled now = {.number = list_at(list, at_s, &until_s)};

        if (!list->count)
                return now;
        /* The end of one span may be the beginning of the next. */
        for (int i = 0; i < TURNS_MOST && until_s != INT64_MAX; i++) {
                at_s = until_s;
                now.until_s = at_s <= UINT32_MAX ? (uint32_t)at_s : 0;
                if (list_at(list, at_s, &until_s) != now.number)
                        return now;
        }
        if (until_s == INT64_MAX)
                now.until_s = 0;
        return now;
}

bool scheduled_equal(const struct scheduled *a, const struct scheduled *b)
{
        return a->number == b->number && a->until_s == b->until_s;
}

const struct schedule *schedule_in_force(const struct schedule_list *list, const struct scheduled *now)
{
        return now->number && now->number <= list->count ? &list->items[now->number - 1] : NULL;
}

bool schedule_enabled(const struct schedule_list *list, const struct scheduled *now, bool configured)
{
        const struct schedule *s = schedule_in_force(list, now);

        return s && s->has_enabled ? s->enabled : configured;
}

int64_t schedule_weight(const struct schedule_list *list, const struct scheduled *now, int64_t configured)
{
        const struct schedule *s = schedule_in_force(list, now);

        return s && s->has_weight ? s->weight : configured;
}

bool schedules_enable(const struct schedule_list *list, bool configured)
{
        for (uint32_t i = 0; i < list->count && !configured; i++)
                configured = list->items[i].has_enabled && list->items[i].enabled;
        return configured;
}

/* --- as they are written --- */

bool schedules_equal(const struct schedule_list *a, const struct schedule_list *b)
{
        if (a->count != b->count)
                return false;
        for (uint32_t i = 0; i < a->count; i++) {
                const struct schedule *x = &a->items[i], *y = &b->items[i];
                if (x->days != y->days || x->from_s != y->from_s || x->to_s != y->to_s ||
                    x->time_zone != y->time_zone || x->has_weight != y->has_weight ||
                    x->has_enabled != y->has_enabled || x->weight != y->weight || x->enabled != y->enabled)
                        return false;
        }
        return true;
}
