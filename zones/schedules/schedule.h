/* zones/schedules/schedule.h: schedules: other values for something by day and hour of a place.
 *
 * A list of them stands with what they are for: an endpoint, a pool, a pool of a service. While one holds, what it says
 * stands in the place of what is configured; of several that hold at once the first of the list does. What holds
 * depends on the list and the moment alone: pure, moments are passed in. */
#ifndef ZONES_SCHEDULES_SCHEDULE_H
#define ZONES_SCHEDULES_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/documents/schema.h"
#include "base/time_zones/time_zone.h"

#define SCHEDULES_MAX  50 /* in a list */
#define SCHEDULE_DAILY 0x7f

/* Monday is 0; a range may go on into the next week. */
struct day_range {
        uint8_t first, last;
};

struct schedule {
        LIST(struct day_range) day_ranges;
        uint8_t days;          /* bit by day: on which it begins */
        const char *from, *to; /* "22:00" */
        int32_t from_s, to_s;  /* since midnight; to_s is larger, over midnight by a day */
        const char *time_zone_name;
        const struct time_zone *time_zone;
        bool has_weight, has_enabled; /* what it says */
        int64_t weight;
        bool enabled;
};

struct schedule_list {
        struct schedule *items;
        uint32_t count;
};

/* What holds of a list. */
struct scheduled {
        uint32_t number;  /* from 1; 0: none */
        uint32_t until_s; /* wall time at which another does, or none; 0: never */
};

static inline int64_t scheduled_until_ms(const struct scheduled *s)
{
        return s->until_s * INT64_C(1000);
}

bool scheduled_equal(const struct scheduled *, const struct scheduled *);
struct scheduled schedules_at(const struct schedule_list *, int64_t wall_ms);
/* The schedule that holds; NULL: none. */
const struct schedule *schedule_in_force(const struct schedule_list *, const struct scheduled *);

/* What is in force: the schedule's word, or else what is configured. */
bool schedule_enabled(const struct schedule_list *, const struct scheduled *, bool configured);
int64_t schedule_weight(const struct schedule_list *, const struct scheduled *, int64_t configured);
/* Whether it could be enabled at some time. */
bool schedules_enable(const struct schedule_list *, bool configured);

bool schedules_equal(const struct schedule_list *, const struct schedule_list *);

/* schedule_text.c: "mon-fri 22:00-06:00 Europe/Berlin: weight 10" */
#define SCHEDULE_TEXT_MAX 256
char *schedule_text(const struct schedule *, char out[SCHEDULE_TEXT_MAX]);
/* The schedule that holds, and until when; "" when none does. */
const char *schedule_now_text(const struct schedule_list *, const struct scheduled *, struct arena *);
/* Adds {in_force, until}, unless the list is empty. */
void schedule_describe(const struct schedule_list *, const struct scheduled *, struct arena *, struct doc *,
                       const char *name);

/* schema_schedules.c: tables of lists for an endpoint (weight and enabled), a pool (enabled) and a pool of a service
 * (weight). */
extern const struct schema endpoint_schedule_schema, pool_schedule_schema, member_schedule_schema;
/* The line of a table whose structure has the list as `schedules`. */
#define SCHEDULES(of, table, about)                                                                                    \
        {                                                                                                              \
                .name = "schedules", .type = FIELD_LIST, .offset = LIST_AT(of, schedules, struct schedule),            \
                .has_default = true, .item = &(table), .max = SCHEDULES_MAX, .help = (about)                           \
        }

#endif
