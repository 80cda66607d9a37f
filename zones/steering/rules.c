#include "zones/steering/rules.h"

#include <stdlib.h>
#include "base/clock.h"
#include "base/memory.h"
#include "zones/config/drain.h"
#include "zones/steering/serving.h"

#define TEXT_MAX 2048

/* --- regions --- */

/* "2 (eu, us)" */
static char *tell_regions(const struct model *m, const bool *serves, uint32_t count)
{
        struct buffer text = {.maximum = TEXT_MAX, .soft = true};
        const char *sep = " (";

        buffer_printf(&text, "%u", count);
        for (uint32_t i = 0; i < m->count[KIND_REGIONS]; i++)
                if (serves[i]) {
                        buffer_printf(&text, "%s%s", sep, m->regions[i]->name);
                        sep = ", ";
                }
        buffer_text(&text, count ? ")" : "");
        return buffer_take(&text);
}

struct rules_before rules_look(const struct rules *rules, const struct steering *steering)
{
        const struct model *m = steering_model(steering);
        struct rules_before b = {0, NULL};

        if (!rules->regions_serving)
                return b;
        bool *serves = memory_alloc(m->count[KIND_REGIONS] + 1);
        b.count = regions_serving(steering, serves);
        b.text = tell_regions(m, serves, b.count);
        free(serves);
        return b;
}

void rules_forget(struct rules_before *b)
{
        free(b->text);
}

bool rules_break_since(const struct rules *rules, const struct rules_before *before, const struct steering *after,
                       struct problems *problems)
{
        struct rules_before is = rules_look(rules, after);
        bool broken = is.text && is.count < rules->regions_serving && is.count < before->count;

        if (broken)
                problems_add(problems, "rules.regions_serving", 0,
                             "at least %lld region%s must serve, and %s would; now it is %s",
                             (long long)rules->regions_serving, rules->regions_serving == 1 ? "" : "s", is.text,
                             before->text);
        rules_forget(&is);
        return broken;
}

bool rules_break_regions(const struct rules *rules, const struct steering *before, const struct steering *after,
                         struct problems *problems)
{
        struct rules_before was = rules_look(rules, before);
        bool broken = rules_break_since(rules, &was, after, problems);

        rules_forget(&was);
        return broken;
}

/* --- drains --- */

/* Whether the change makes a drain that lasts too long; how long, 0: without an end. */
static bool too_long(const struct rules *rules, const struct change *change, int64_t *for_ms)
{
        struct problems none = PROBLEMS_INIT;
        struct arena *a = arena_new(0);
        struct drain drain;
        bool good = change->kind == KIND_DRAINS && change->document &&
                    schema_decode(kind_schema(KIND_DRAINS), change->document, a, &drain, &none);

        *for_ms = good && drain.span.until_ms ? drain.span.until_ms - drain.span.since_ms : 0;
        problems_free(&none);
        arena_free(a);
        return good && (!*for_ms || *for_ms > rules->drains.max_for_ms);
}

bool rules_break_drains(const struct rules *rules, const struct revision *r, struct problems *problems)
{
        char lasts[DURATION_TEXT_MAX], most[DURATION_TEXT_MAX];
        const char *first = NULL;
        int64_t for_ms = 0, this_ms;
        size_t count = 0;

        for (size_t i = 0; rules->drains.max_for_ms && i < r->change_count; i++)
                if (too_long(rules, &r->changes[i], &this_ms) && !count++) {
                        first = r->changes[i].key;
                        for_ms = this_ms;
                }
        if (!count)
                return false;
        problems_add(problems, "rules.drains.max_for", 0, "a drain lasts at most %s, and drains[%s]%s %s%s",
                     duration_format(rules->drains.max_for_ms, most), first, count > 1 ? " (the first of several)" : "",
                     for_ms ? "lasts " : "has no end", for_ms ? duration_format(for_ms, lasts) : "");
        return true;
}

/* --- traffic --- */

bool rules_break_traffic(const struct rules *rules, double moved, struct problems *problems)
{
        if (!rules->max_traffic_moved || moved * 100 <= (double)rules->max_traffic_moved)
                return false;
        problems_add(problems, "rules.max_traffic_moved", 0,
                     "at most %lld%% of all traffic may move at once, and %.1f%% of the last hour's would",
                     (long long)rules->max_traffic_moved, moved * 100);
        return true;
}
