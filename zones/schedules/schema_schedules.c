/* Tables of schedules, and what is checked of each. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "base/time_zones/civil.h"
#include "base/time_zones/time_zones.h"
#include "zones/schedules/schedule.h"

/* --- days --- */

static bool day_parse(const char *text, size_t length, uint8_t *day)
{
        static const char names[] = "montuewedthufrisatsun";

        for (uint8_t i = 0; i < 7; i++)
                if (length == 3 && !strncmp(names + 3 * (size_t)i, text, 3)) {
                        *day = i;
                        return true;
                }
        return false;
}

static bool day_range_parse(const char *text, struct day_range *out)
{
        size_t length = strcspn(text, "-");

        if (!day_parse(text, length, &out->first))
                return false;
        out->last = out->first;
        return !text[length] || day_parse(text + length + 1, strlen(text + length + 1), &out->last);
}

static void check_days(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        const struct strings texts = strings_of(out);
        struct day_range *ranges = ARENA_ARRAY(a, struct day_range, texts.count);

        doc_each (one, at)
                if (!day_range_parse(texts.items[one->index], &ranges[one->index]))
                        doc_problem(problems, one, NULL,
                                    "expected a day such as mon or days such as mon-fri, got \"%s\"",
                                    texts.items[one->index]);
        list_put(out, ranges, texts.count);
}

static void set_days(struct schedule *s)
{
        if (!s->day_ranges.count)
                s->days = SCHEDULE_DAILY;
        for (uint32_t i = 0; i < s->day_ranges.count; i++) {
                const struct day_range *r = &s->day_ranges.items[i];
                for (uint8_t day = r->first;; day = (uint8_t)((day + 1) % 7)) {
                        s->days |= (uint8_t)(1 << day);
                        if (day == r->last)
                                break;
                }
        }
}

/* --- hours --- */

/* "00:00" to "24:00". */
static bool time_parse(const char *text, int32_t *out)
{
        static const char form[] = "00:00";

        for (size_t i = 0; i < sizeof(form); i++)
                if (form[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
                        return false;
        int32_t hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';
        *out = hour * 3600 + minute * 60;
        return minute < 60 && *out <= DAY_S;
}

static void set_hours(const struct doc *at, struct schedule *s, struct problems *problems)
{
        bool good = true;

        if (!time_parse(s->from, &s->from_s) || s->from_s == DAY_S) {
                doc_problem(problems, at, "from", "expected a time from \"00:00\" to \"23:59\", got \"%s\"", s->from);
                good = false;
        }
        if (!time_parse(s->to, &s->to_s)) {
                doc_problem(problems, at, "to", "expected a time from \"00:00\" to \"24:00\", got \"%s\"", s->to);
                good = false;
        }
        if (good && s->from_s == s->to_s)
                doc_problem(problems, at, "to", "expected another time than `from`; without both it lasts all day");
        if (good && s->to_s < s->from_s)
                s->to_s += DAY_S;
}

/* --- the whole --- */

static void check_schedule(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct schedule *s = out;
        char error[300];

        set_days(s);
        if (s->from && s->to)
                set_hours(at, s, problems);
        if (s->time_zone_name && !(s->time_zone = time_zones_find(s->time_zone_name, error, sizeof(error))))
                doc_problem(problems, at, "time_zone", "%s", error);
        s->has_weight = doc_get(at, "weight") != NULL;
        s->has_enabled = doc_get(at, "enabled") != NULL;
}

static void check_endpoint_schedule(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        const struct schedule *s = out;

        check_schedule(at, a, out, problems);
        if (!s->has_weight && !s->has_enabled)
                doc_problem(problems, at, NULL, "expected `weight` or `enabled`, or it says nothing");
}

#define SPAN_FIELDS                                                                                                    \
        STRINGS_AS("days", schedule, day_ranges, struct day_range, check_days,                                         \
                   "days on which it begins: mon, tue, wed, thu, fri, sat, sun or ranges such as mon-fri; all "        \
                   "when not given",                                                                                   \
                   .max = 7),                                                                                          \
                STRING("from", schedule, from, "00:00", "time of day at which it begins, there"),                      \
                STRING("to", schedule, to, "24:00",                                                                    \
                       "time of day at which it ends, there; before `from`: the next day"),                            \
                REQUIRED_STRING("time_zone", schedule, time_zone_name,                                                 \
                                "whose days and times these are: Europe/Berlin, UTC (package tzdata)")

#define WEIGHT_FIELD(make)  make("weight", schedule, weight, 0, 65535, "the weight while it holds")
#define ENABLED_FIELD(make) make("enabled", schedule, enabled, "whether it serves while it holds")

static const struct field endpoint_schedule_fields[] = {
        SPAN_FIELDS, WEIGHT_FIELD(OPTIONAL_INT), ENABLED_FIELD(OPTIONAL_BOOL), {0}};
static const struct field pool_schedule_fields[] = {SPAN_FIELDS, ENABLED_FIELD(REQUIRED_BOOL), {0}};
static const struct field member_schedule_fields[] = {SPAN_FIELDS, WEIGHT_FIELD(REQUIRED_INT), {0}};

#define SCHEDULE_SCHEMA(of, table, reader)                                                                             \
        {                                                                                                              \
                .name = (of), .size = sizeof(struct schedule), .fields = (table), .check = (reader)                    \
        }
const struct schema endpoint_schedule_schema =
        SCHEDULE_SCHEMA("endpoint schedule", endpoint_schedule_fields, check_endpoint_schedule);
const struct schema pool_schedule_schema = SCHEDULE_SCHEMA("pool schedule", pool_schedule_fields, check_schedule);
const struct schema member_schedule_schema = SCHEDULE_SCHEMA("weight schedule", member_schedule_fields, check_schedule);
