/* The history of health: a ring of the newest changes. */
#include <stdlib.h>
#include "admin/control/control_private.h"
#include "base/clock.h"
#include "base/memory.h"

static void replace(char **text, const char *with)
{
        free(*text);
        *text = memory_strdup(with);
}

void events_add(struct control *control, const struct health_change *change)
{
        struct control_event *e = &control->events[control->event_count++ % CONTROL_EVENTS_MAX];

        e->time_ms = clock_wall_ms();
        e->lasted_ms = (int64_t)change->lasted_ms;
        e->state = change->state;
        e->before = change->before;
        e->reason = change->reason;
        replace(&e->endpoint, change->check->id);
        replace(&e->prober, change->prober);
        replace(&e->detail, change->detail);
}

void events_free(struct control *control)
{
        for (size_t i = 0; i < CONTROL_EVENTS_MAX; i++) {
                free(control->events[i].endpoint);
                free(control->events[i].prober);
                free(control->events[i].detail);
        }
        free(control->events);
}

struct doc *control_events(struct control *control, struct arena *a, uint64_t after, size_t limit, uint64_t *next)
{
        struct doc *list = doc_new(a, DOC_LIST);
        uint64_t kept = control->event_count < CONTROL_EVENTS_MAX ? control->event_count : CONTROL_EVENTS_MAX;
        uint64_t first = control->event_count - kept, end = control->event_count;
        char time[CLOCK_TEXT_MAX];

        if (after == UINT64_MAX)
                first = end - first > limit ? end - limit : first;
        else if (after > first)
                first = after < end ? after : end;
        if (end - first > limit)
                end = first + limit;
        for (uint64_t i = first; i < end; i++) {
                const struct control_event *e = &control->events[i % CONTROL_EVENTS_MAX];
                struct doc *one = doc_add_map(a, list, NULL);
                doc_add_int(a, one, "number", (int64_t)i + 1);
                doc_add_string(a, one, "time", clock_format(e->time_ms, time));
                doc_add_string(a, one, "endpoint", e->endpoint);
                doc_add_string(a, one, "state", verdict_state_name(e->state));
                doc_add_string(a, one, "before", verdict_state_name(e->before));
                doc_add_int(a, one, "lasted_ms", e->lasted_ms);
                doc_add_string(a, one, "prober", e->prober);
                doc_add_string(a, one, "reason", reason_name(e->reason));
                doc_add_string(a, one, "detail", e->detail);
        }
        *next = end < control->event_count ? end : 0;
        return list;
}
