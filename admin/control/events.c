/* The history of health, in the journal: entries are the events as the API tells them, in JSON. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "admin/control/control_private.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#define EVENTS_KEPT 100000

/* A journal that cannot be read is put aside: what happened before is worth less than a start. */
static void put_aside(const char *path)
{
        char *aside = memory_printf("%s.%lld.damaged", path, (long long)(clock_wall_ms() / 1000));

        if (rename(path, aside))
                log_error("control", "cannot move %s to %s: %s", path, aside, strerror(errno));
        else
                log_error("control", "the journal is begun anew; the damaged one is kept as %s", aside);
        free(aside);
}

void events_open(struct control *control, const char *store_path)
{
        char *path = memory_printf("%s/journal", store_path);
        char *error = control->events_error;
        bool damaged;

        control->journal = journal_open(path, EVENTS_KEPT, &damaged, error, sizeof(control->events_error));
        if (damaged) {
                log_error("control", "%s", error);
                put_aside(path);
                control->journal = journal_open(path, EVENTS_KEPT, &damaged, error, sizeof(control->events_error));
        }
        if (control->journal)
                error[0] = '\0';
        else
                log_error("control", "no events are kept: %s", error);
        free(path);
}

void events_close(struct control *control)
{
        journal_close(control->journal);
}

const char *events_problem(struct control *control)
{
        if (control->journal)
                journal_failing(control->journal, control->events_error, sizeof(control->events_error));
        return control->events_error;
}

void events_add(struct control *control, const struct health_change *change)
{
        struct buffer text = BUFFER_INIT(JOURNAL_ENTRY_MAX);
        struct arena *a = arena_new(0);
        struct doc *one = doc_new(a, DOC_MAP);
        char time[CLOCK_TEXT_MAX];

        doc_add_string(a, one, "time", clock_format(clock_wall_ms(), time));
        doc_add_string(a, one, "endpoint", change->check->id);
        doc_add_string(a, one, "state", verdict_state_name(change->state));
        doc_add_string(a, one, "before", verdict_state_name(change->before));
        doc_add_int(a, one, "lasted_ms", (int64_t)change->lasted_ms);
        doc_add_string(a, one, "prober", change->prober);
        doc_add_string(a, one, "reason", reason_name(change->reason));
        doc_add_string(a, one, "detail", change->detail);
        doc_write_json(one, &text, 0);
        if (control->journal && !text.overflow)
                journal_append(control->journal, text.data, text.length);
        buffer_free(&text);
        arena_free(a);
}

/* --- telling --- */

struct telling {
        struct arena *arena;
        struct doc *list;
        size_t limit;
        uint64_t last;
        bool more;
};

static bool event_tell(void *context, uint64_t number, const void *data, size_t length)
{
        struct telling *t = context;
        struct problems problems = PROBLEMS_INIT;

        if (t->list->count >= t->limit) {
                t->more = true;
                return false;
        }
        struct doc *kept = doc_parse(t->arena, data, length, DOC_JSON, &problems);
        problems_free(&problems);
        t->last = number;
        if (!kept || kept->type != DOC_MAP)
                return true; /* of another format: nothing to tell */
        struct doc *one = doc_new(t->arena, DOC_MAP);
        doc_add_int(t->arena, one, "number", (int64_t)number);
        for (struct doc *member = kept->first, *next; member; member = next) {
                next = member->next;
                doc_add(one, member->key, member);
        }
        doc_add(t->list, NULL, one);
        return true;
}

struct doc *control_events(struct control *control, struct arena *a, uint64_t after, size_t limit, uint64_t *next)
{
        struct telling t = {.arena = a, .list = doc_new(a, DOC_LIST), .limit = limit};
        char error[JOURNAL_ERROR_MAX];

        *next = 0;
        if (!control->journal)
                return t.list;
        if (after == UINT64_MAX)
                after = journal_before_newest(control->journal, limit);
        if (!journal_each(control->journal, after, event_tell, &t, error, sizeof(error)))
                log_error("control", "%s", error);
        *next = t.more ? t.last : 0;
        return t.list;
}
