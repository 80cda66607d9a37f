/* What happened: a line in the log for each change of health and each schedule that begins or ends, and an event in the
 * journal. Entries of the journal are the events as the API tells them, in JSON. Both follow when what changed is
 * answered already. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "admin/control/control_private.h"
#include "admin/views/filter.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#define EVENTS_KEPT  100000 /* also the most that wait to be told: what is older would be forgotten next */
#define TELL_AT_ONCE 64     /* told before the call that brought them ends */
#define TELL_STEP    250    /* about a millisecond */
#define TELL_WAIT_MS 10     /* for the journal's disk */

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

static void tell_on(evutil_socket_t fd, short what, void *context);

void events_open(struct control *control, const char *store_path)
{
        char *path = memory_printf("%s/journal", store_path);
        char *error = control->events_error;
        bool damaged;

        control->untold = untold_new(EVENTS_KEPT);
        control->telling = event_new(control->base, -1, 0, tell_on, control);
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

const char *events_problem(struct control *control)
{
        if (control->journal)
                journal_failing(control->journal, control->events_error, sizeof(control->events_error));
        return control->events_error;
}

/* --- from the queue to log and journal --- */

static const char *schedule_word(const struct flip *f)
{
        return f->kind == FLIP_SCHEDULE_BEGINS ? "begins" : "ends";
}

static void log_flip(const struct flip *f)
{
        char lasted[DURATION_TEXT_MAX];

        if (f->kind == FLIP_ROLLOUT) {
                log_info("rollout", "%s %s%s%s", f->endpoint, f->prober, *f->detail ? ": " : "", f->detail);
                return;
        }
        if (f->kind != FLIP_HEALTH) {
                log_info("schedules", "%s: a schedule %s: %s", f->endpoint, schedule_word(f), f->detail);
                return;
        }
        log_info("health", "%s is %s (%s%s%s; prober %s), after %s %s", f->endpoint, verdict_state_name(f->state),
                 reason_name(f->reason), *f->detail ? ": " : "", f->detail, *f->prober ? f->prober : "none",
                 duration_format((int64_t)f->lasted_ms, lasted), verdict_state_name(f->before));
}

static void describe_schedule(const struct flip *f, struct arena *a, struct doc *one)
{
        char time[CLOCK_TEXT_MAX];

        doc_add_string(a, one, "target", f->endpoint);
        doc_add_string(a, one, "schedule", schedule_word(f));
        doc_add_string(a, one, "detail", f->detail);
        if (f->until_ms)
                doc_add_string(a, one, "until", clock_format(f->until_ms, time));
}

static void describe_rollout(const struct flip *f, struct arena *a, struct doc *one)
{
        doc_add_string(a, one, "target", f->endpoint);
        doc_add_string(a, one, "rollout", f->prober);
        doc_add_string(a, one, "detail", f->detail);
}

static void describe_health(const struct flip *f, struct arena *a, struct doc *one)
{
        doc_add_string(a, one, "endpoint", f->endpoint);
        doc_add_string(a, one, "state", verdict_state_name(f->state));
        doc_add_string(a, one, "before", verdict_state_name(f->before));
        doc_add_int(a, one, "lasted_ms", (int64_t)f->lasted_ms);
        doc_add_string(a, one, "prober", f->prober);
        doc_add_string(a, one, "reason", reason_name(f->reason));
        doc_add_string(a, one, "detail", f->detail);
}

static void keep_flip(struct journal *journal, const struct flip *f, struct arena *a, struct buffer *text)
{
        struct doc *one = doc_new(a, DOC_MAP);
        char time[CLOCK_TEXT_MAX];

        doc_add_string(a, one, "time", clock_format(f->time_ms, time));
        if (f->kind == FLIP_HEALTH)
                describe_health(f, a, one);
        else if (f->kind == FLIP_ROLLOUT)
                describe_rollout(f, a, one);
        else
                describe_schedule(f, a, one);
        buffer_clear(text);
        text->overflow = false;
        doc_write_json(one, text, 0);
        if (!text->overflow)
                journal_append(journal, text->data, text->length);
}

/* Tells at most `most`. false: the journal has no room until more of it is on disk. */
static bool tell(struct control *control, size_t most)
{
        size_t room = control->journal ? journal_room(control->journal) : most;
        struct buffer text = BUFFER_INIT(JOURNAL_ENTRY_MAX);
        struct arena *a = arena_new(0);
        struct flip f;

        for (size_t n = 0; n < most && n < room && untold_take(control->untold, &f); n++) {
                log_flip(&f);
                if (control->journal)
                        keep_flip(control->journal, &f, a, &text);
        }
        buffer_free(&text);
        arena_free(a);
        uint64_t given_up = untold_given_up(control->untold);
        if (given_up)
                log_warning("health", "%llu changes are not told: more than %d waited for it",
                            (unsigned long long)given_up, EVENTS_KEPT);
        return room;
}

static void tell_some(struct control *control, size_t most)
{
        struct timeval soon = {0, tell(control, most) ? 0 : TELL_WAIT_MS * 1000};

        if (untold_count(control->untold))
                event_add(control->telling, &soon);
}

static void tell_on(evutil_socket_t fd, short what, void *context)
{
        tell_some(context, TELL_STEP);
}

void events_add(struct control *control, const struct health_change *change)
{
        untold_add(control->untold, change, clock_wall_ms());
}

static void add_schedule(struct control *control, const struct schedule_turn *turn, const struct schedule *s,
                         bool begins)
{
        char place[SCHEDULE_PLACE_MAX], text[SCHEDULE_TEXT_MAX];

        untold_add_flip(control->untold,
                        &(struct flip){.kind = begins ? FLIP_SCHEDULE_BEGINS : FLIP_SCHEDULE_ENDS,
                                       .time_ms = clock_wall_ms(),
                                       .until_ms = begins ? turn->until_ms : 0,
                                       .endpoint = schedule_place_text(snapshot_current()->model, turn->place, place),
                                       .detail = schedule_text(s, text)});
}

void control_event(struct control *control, const char *target, const char *word, const char *detail)
{
        untold_add_flip(control->untold, &(struct flip){.kind = FLIP_ROLLOUT,
                                                        .time_ms = clock_wall_ms(),
                                                        .endpoint = target,
                                                        .prober = word,
                                                        .detail = detail});
        events_tell(control);
}

void events_add_schedule(struct control *control, const struct schedule_turn *turn)
{
        if (turn->before)
                add_schedule(control, turn, turn->before, false);
        if (turn->now)
                add_schedule(control, turn, turn->now, true);
}

void events_tell(struct control *control)
{
        if (untold_count(control->untold))
                tell_some(control, TELL_AT_ONCE);
}

void events_close(struct control *control)
{
        while (control->untold && untold_count(control->untold))
                if (!tell(control, TELL_STEP))
                        journal_flush(control->journal);
        if (control->telling)
                event_free(control->telling);
        journal_close(control->journal);
        untold_free(control->untold);
}

/* --- reading --- */

#define LOOKS_MOST 5000 /* at events, in one call: about 20 ms */

struct telling {
        const struct event_question *question;
        struct arena *arena;
        struct doc *list;
        bool newest; /* what is older gives way */
        size_t looked, most;
        uint64_t last;
        bool more;
};

static struct doc *event_read(struct arena *a, const void *data, size_t length)
{
        struct problems problems = PROBLEMS_INIT;
        struct doc *kept = doc_parse(a, data, length, DOC_JSON, &problems);

        problems_free(&problems);
        return kept && kept->type == DOC_MAP ? kept : NULL; /* of another format: nothing to tell */
}

static int64_t event_time(const struct doc *event)
{
        const char *time = doc_get_string(event, "time");
        int64_t ms;

        return time && clock_parse(time, &ms) ? ms : 0;
}

static bool event_is_meant(const struct event_question *q, const struct doc *event)
{
        const char *endpoint = doc_get_string(event, "endpoint"), *target = doc_get_string(event, "target"),
                   *state = doc_get_string(event, "state");
        char place[600];

        if (q->since_ms && event_time(event) < q->since_ms)
                return false;
        if (q->state && (!state || strcmp(q->state, state)))
                return false;
        if (!q->filter || (!q->filter->region && !q->filter->pool && !q->filter->label))
                return true;
        if (endpoint)
                snprintf(place, sizeof(place), "endpoint/%s", endpoint);
        return (endpoint || target) && filter_place(q->filter, snapshot_current()->model, endpoint ? place : target);
}

static bool event_tell(void *context, uint64_t number, const void *data, size_t length)
{
        struct telling *t = context;

        t->more = (!t->newest && t->list->count >= t->question->limit) || t->looked++ >= t->most;
        if (t->more)
                return false;
        struct doc *kept = event_read(t->arena, data, length);
        t->last = number;
        if (!kept || !event_is_meant(t->question, kept))
                return true;
        struct doc *one = doc_new(t->arena, DOC_MAP);
        doc_add_int(t->arena, one, "number", (int64_t)number);
        for (struct doc *member = kept->first, *next; member; member = next) {
                next = member->next;
                doc_add(one, member->key, member);
        }
        if (t->list->count >= t->question->limit)
                doc_remove(t->list, t->list->first);
        doc_add(t->list, NULL, one);
        return true;
}

/* The first one behind a number. */
struct first_event {
        struct arena *arena;
        uint64_t number;
        int64_t time_ms;
};

static bool event_first(void *context, uint64_t number, const void *data, size_t length)
{
        struct first_event *f = context;
        struct doc *event = event_read(f->arena, data, length);

        f->number = number;
        f->time_ms = event ? event_time(event) : 0;
        return false;
}

/* The number behind which all happened then or later: times rise with numbers, but for what a clock does that is set.
 */
static uint64_t before_time(struct control *control, struct arena *a, int64_t since_ms)
{
        uint64_t low = 0, high = journal_last(control->journal);
        char error[JOURNAL_ERROR_MAX];

        while (low < high) {
                uint64_t middle = low + (high - low) / 2;
                struct first_event f = {.arena = a};
                journal_each(control->journal, middle, event_first, &f, error, sizeof(error));
                if (f.number && f.time_ms < since_ms)
                        low = f.number;
                else
                        high = middle;
        }
        return low;
}

struct doc *control_events(struct control *control, struct arena *a, const struct event_question *q, uint64_t *next)
{
        struct telling t = {.question = q,
                            .arena = a,
                            .list = doc_new(a, DOC_LIST),
                            .newest = q->after == UINT64_MAX && !q->since_ms,
                            .most = q->limit > LOOKS_MOST ? q->limit : LOOKS_MOST};
        char error[JOURNAL_ERROR_MAX];
        uint64_t after = q->after;

        *next = 0;
        if (!control->journal)
                return t.list;
        if (t.newest)
                after = journal_before_newest(control->journal, q->state || q->filter ? t.most : q->limit);
        else if (after == UINT64_MAX)
                after = before_time(control, a, q->since_ms);
        if (!journal_each(control->journal, after, event_tell, &t, error, sizeof(error)))
                log_error("control", "%s", error);
        *next = t.more ? t.last : 0;
        return t.list;
}
