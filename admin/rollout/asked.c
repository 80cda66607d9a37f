#include "admin/rollout/asked.h"

#include "admin/rollout/figures.h"
#include "base/clock.h"
#include "zones/config/rollout.h"

#define WITHIN_LEAST_MS 1000
#define WITHIN_MOST_MS  604800000

bool condition_asked(struct control *control, const char *text, const char *place, const struct change *changes,
                     size_t count, struct arena *a, struct problems *problems, struct refusal *refusal)
{
        char error[CONDITION_ERROR_MAX];
        struct condition *condition = condition_parse(a, text, error);

        *refusal = (struct refusal){400, "the condition is not valid, nothing was changed"};
        if (!condition)
                problems_add(problems, place, 0, "%s", error);
        if (!condition || !figures_known(condition, changes, count, place, problems))
                return false;
        if (condition_look(condition, rollout_figure, control, clock_ms()) != CONDITION_HOLDS)
                return true;
        *refusal = (struct refusal){409, arena_printf(a, "%s holds already, nothing was changed: %s", place,
                                                      rollout_told(control, condition, a))};
        return false;
}

static bool read_within(const char *within, int64_t *ms, struct arena *a, struct refusal *refusal)
{
        if (within && duration_parse(within, ms) && *ms >= WITHIN_LEAST_MS && *ms <= WITHIN_MOST_MS)
                return true;
        *refusal = (struct refusal){
                400,
                within ? arena_printf(a, "confirm_within: expected a time from 1s to 7d such as 5m, got \"%s\"", within)
                       : "abort_if goes with confirm_within"};
        return false;
}

bool confirm_asked(struct control *control, const struct confirm_asked *asked, struct change *changes, size_t *count,
                   struct arena *a, struct doc **confirm, struct problems *problems, struct refusal *refusal)
{
        bool any = false;
        int64_t ms;

        *confirm = NULL;
        if (!asked->abort_if && !asked->within)
                return true;
        if (!read_within(asked->within, &ms, a, refusal) ||
            (asked->abort_if &&
             !condition_asked(control, asked->abort_if, "abort_if", changes, *count, a, problems, refusal)))
                return false;
        for (size_t i = 0; i < *count; i++)
                any |= kind_class(changes[i].kind) == CLASS_CONFIGURATION;
        if (!any) /* nothing that could go back */
                return true;
        const char *number = arena_printf(a, "%llu", (unsigned long long)control_revision(control) + 1);
        int64_t now = clock_wall_ms();
        *confirm = confirm_document(&(struct confirm){number, now, now + ms, asked->abort_if, asked->by}, a);
        changes[(*count)++] = (struct change){KIND_CONFIRMS, number, *confirm};
        return true;
}
