/* Services whose traffic goes to one of their pools step by step: what gslbd does about them. */
#include "admin/rollout/shift_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/rollout/figures.h"
#include "admin/rollout/rollout_private.h"
#include "admin/rollout/weights.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "zones/config/schemas.h"

/* One that is there. All of it lives in its arena. */
struct shifting {
        struct arena *arena;
        struct shift shift;
        uint64_t due_ms;         /* monotonic: the next step, while it runs */
        struct condition *abort; /* NULL: none */
        const char *going;       /* why it goes back; NULL: it does not */
        bool suspect;            /* the service may be another than its step made it */
        uint64_t tried;          /* the revision at which it could not act */
};

static void shifting_free(struct shifting *s)
{
        arena_free(s->arena);
        free(s);
}

void shifts_free(struct rollouts *r)
{
        const char *key;
        void *value;

        for (size_t at = 0; map_next(r->shifts, &at, &key, &value);)
                shifting_free(value);
        map_free(r->shifts);
}

static int by_name(const void *a, const void *b)
{
        return strcmp((*(struct shifting *const *)a)->shift.name, (*(struct shifting *const *)b)->shift.name);
}

/* All of them by name; the caller frees the list. */
static struct shifting **all(const struct rollouts *r, size_t *count)
{
        struct shifting **list = memory_alloc((map_count(r->shifts) + 1) * sizeof(struct shifting *));
        const char *key;
        void *value;

        *count = 0;
        for (size_t at = 0; map_next(r->shifts, &at, &key, &value);)
                list[(*count)++] = value;
        qsort(list, *count, sizeof(struct shifting *), by_name);
        return list;
}

static int64_t share_of(const struct shift *s)
{
        return s->steps.items[s->step - 1];
}

static void tell(struct rollouts *r, const struct shift *s, const char *word, const char *detail)
{
        char target[300];

        snprintf(target, sizeof(target), "shift/%s", s->name);
        control_event(r->control, target, word, detail ? detail : "");
}

/* --- from the store --- */

static struct shifting *shifting_new(const char *key, const struct doc *document)
{
        struct problems problems = PROBLEMS_INIT;
        struct arena *a = arena_new(0);
        struct shifting *s = memory_alloc(sizeof(*s));
        char error[CONDITION_ERROR_MAX];

        *s = (struct shifting){.arena = a, .suspect = true};
        bool good = schema_decode(&shift_schema, doc_copy(a, document), a, &s->shift, &problems);
        problems_free(&problems);
        if (!good || strcmp(s->shift.name, key)) {
                shifting_free(s);
                return NULL;
        }
        int64_t left = s->shift.next_ms - clock_wall_ms();
        s->due_ms = clock_ms() + (left > 0 ? (uint64_t)left : 0);
        s->abort = s->shift.abort_if ? condition_parse(a, s->shift.abort_if, error) : NULL;
        return s;
}

static bool read_row(void *context, const char *key, const char *json, size_t length)
{
        struct rollouts *r = context;
        struct problems problems = PROBLEMS_INIT;
        struct arena *a = arena_new(0);
        struct doc *document = doc_parse(a, json, length, DOC_JSON, &problems);
        struct shifting *s = document ? shifting_new(key, document) : NULL;

        if (s)
                map_set(r->shifts, key, s);
        else
                log_error("store", "shifts[%s] is no shift: it is left alone", key);
        problems_free(&problems);
        arena_free(a);
        return true;
}

bool shifts_read(struct rollouts *r, struct store_txn *txn)
{
        r->shifts = map_new();
        return store_each(txn, KIND_SHIFTS, NULL, read_row, r);
}

/* It is in the store no more: what became of it. */
static void ended(struct rollouts *r, const struct shifting *s, const struct revision *by)
{
        if (s->going) {
                r->shift_counts.gone_back++;
                tell(r, &s->shift, "went back", s->going);
        } else if (s->shift.step == s->shift.steps.count && s->shift.state == SHIFT_RUNNING &&
                   !strcmp(by->author, ROLLOUT_AUTHOR)) {
                r->shift_counts.done++;
                tell(r, &s->shift, "done",
                     arena_printf(s->arena, "%s has %lld%%", s->shift.to, (long long)share_of(&s->shift)));
        } else {
                r->shift_counts.aborted++;
                tell(r, &s->shift, "aborted", arena_printf(s->arena, "by \"%s\"", by->author));
        }
}

/* What another document says of it. */
static void went_on(struct rollouts *r, const struct shifting *before, const struct shifting *s)
{
        const char *share =
                arena_printf(s->arena, "%s has %lld%%, step %lld of %u", s->shift.to, (long long)share_of(&s->shift),
                             (long long)s->shift.step, s->shift.steps.count);

        if (before)
                r->shift_counts.steps += before->shift.step != s->shift.step;
        if (!before)
                tell(r, &s->shift, "begins", share);
        else if (before->shift.step != s->shift.step)
                tell(r, &s->shift, "step", share);
        else if (s->shift.state == SHIFT_RUNNING)
                tell(r, &s->shift, "goes on", share);
        else
                tell(r, &s->shift, shift_state_names[s->shift.state], s->shift.why);
}

void shifts_take(struct rollouts *r, const struct revision *by, const struct change *change)
{
        struct shifting *before = map_get(r->shifts, change->key), *s = NULL;

        if (change->document && !(s = shifting_new(change->key, change->document)))
                return;
        if (s) {
                s->suspect = false; /* the same revision made the service */
                went_on(r, before, s);
                map_set(r->shifts, change->key, s);
        } else if (before) {
                ended(r, before, by);
                map_remove(r->shifts, change->key);
        }
        if (before)
                shifting_free(before);
}

void shifts_suspect(struct rollouts *r, const char *service)
{
        struct shifting *s = map_get(r->shifts, service);

        if (s)
                s->suspect = true;
}

/* --- acting --- */

struct doing {
        struct rollouts *rollouts;
        const char *name;
};

static void is_done(void *context, enum control_result result, const struct problems *problems)
{
        struct doing *d = context;
        struct shifting *s = map_get(d->rollouts->shifts, d->name);

        if (!s || (result != CONTROL_INVALID && result != CONTROL_REFUSED))
                return;
        s->tried = control_revision(d->rollouts->control);
        char *why = problems_line(problems);
        s->shift.why = arena_strdup(s->arena, why);
        free(why);
}

/* Makes a revision of these changes of the shift. */
static void act(struct rollouts *r, struct shifting *s, struct arena *a, struct change *changes, size_t count,
                const char *comment, const char *reason)
{
        struct doing *d = ARENA_NEW(a, struct doing);

        *d = (struct doing){r, arena_strdup(a, s->shift.name)};
        for (size_t i = 0; i < count; i++)
                changes[i].key = d->name;
        struct act act = {.arena = a,
                          .changes = changes,
                          .count = count,
                          .comment = comment,
                          .force = reason != NULL,
                          .reason = reason,
                          .done = is_done,
                          .context = d};
        rollout_act(r, &act);
}

/* What stands against it keeps it from going on: it waits for somebody. */
static void hindered(struct rollouts *r, struct shifting *s, enum shift_state state, const char *why)
{
        struct arena *a = arena_new(0);
        struct change *change = ARENA_NEW(a, struct change);
        struct shift next = s->shift;

        next.state = state;
        next.why = why;
        next.next_ms = 0;
        *change = (struct change){KIND_SHIFTS, NULL, shift_document(&next, a)};
        act(r, s, a, change, 1, arena_printf(a, "the shift of %s is %s", next.name, shift_state_names[state]), NULL);
}

/* Who changed the service since its last step. */
static const char *who_else(struct store_txn *txn, const struct shifting *s, const struct doc *service, struct arena *a)
{
        struct touch touch;

        if (store_touched(txn, KIND_SERVICES, s->shift.name, 0, NULL, a, &touch) && *touch.author)
                return arena_printf(a, "\"%s\" %s the service in revision %llu", touch.author,
                                    service ? "changed the pools of" : "deleted", (unsigned long long)touch.revision);
        return "something else changed the service";
}

static void step(struct rollouts *r, struct shifting *s, const struct doc *service, struct arena *a)
{
        struct change *changes = ARENA_ARRAY(a, struct change, SHIFT_CHANGES);
        struct shift next = s->shift;

        if (s->shift.step == s->shift.steps.count) {
                changes[0] = (struct change){KIND_SHIFTS, NULL, NULL};
                act(r, s, a, changes, 1, arena_printf(a, "the shift of %s to %s is done", next.name, next.to), NULL);
                return;
        }
        next.step++;
        next.next_ms = clock_wall_ms() + next.every_ms;
        changes[0] =
                (struct change){KIND_SERVICES, NULL,
                                shift_service(service, weights_shifted(next.began, next.to, share_of(&next), a), a)};
        changes[1] = (struct change){KIND_SHIFTS, NULL, shift_document(&next, a)};
        act(r, s, a, changes, 2,
            arena_printf(a, "shift of %s to %s: step %lld of %u, %lld%%", next.name, next.to, (long long)next.step,
                         next.steps.count, (long long)share_of(&next)),
            NULL);
}

static void go_back(struct rollouts *r, struct shifting *s, const struct doc *service, struct arena *a)
{
        struct change *changes = ARENA_ARRAY(a, struct change, SHIFT_CHANGES);

        changes[0] = (struct change){KIND_SERVICES, NULL, shift_service(service, s->shift.began, a)};
        changes[1] = (struct change){KIND_SHIFTS, NULL, NULL};
        act(r, s, a, changes, 2,
            arena_printf(a, "the shift of %s to %s goes back: %s", s->shift.name, s->shift.to, s->going),
            arena_strdup(a, s->going));
}

/* What has to be done of it now, with one revision. */
static void act_on(struct rollouts *r, struct shifting *s, bool due)
{
        struct arena *a = arena_new(0);
        char error[STORE_ERROR_MAX];
        struct store_txn *txn = store_read(control_store(r->control), error, sizeof(error));
        const struct doc *service = txn ? store_get(txn, KIND_SERVICES, s->shift.name, a) : NULL;
        bool whole = txn && store_is_whole(txn, error, sizeof(error));
        bool stands = whole && shift_stands(&s->shift, service, a);
        const char *who = whole && !stands ? who_else(txn, s, service, a) : NULL;

        if (txn)
                store_end(txn);
        if (whole)
                s->suspect = false;
        if (who)
                hindered(r, s, SHIFT_STOPPED, who);
        else if (stands && s->going) {
                go_back(r, s, service, a);
                return; /* the arena went with it */
        } else if (stands && due && s->tried && s->tried == control_revision(r->control)) {
                hindered(r, s, SHIFT_PAUSED, s->shift.why ? s->shift.why : "");
        } else if (stands && due) {
                step(r, s, service, a);
                return;
        }
        arena_free(a);
}

static void look_at(struct rollouts *r, struct shifting *s, uint64_t now_ms)
{
        if (!s->abort || s->going || condition_look(s->abort, rollout_figure, r->control, now_ms) != CONDITION_HOLDS)
                return;
        s->going = arena_printf(s->arena, "%s: %s", s->shift.abort_if, rollout_told(r->control, s->abort, s->arena));
}

void shifts_tick(struct rollouts *r, uint64_t now_ms, bool look)
{
        size_t count;
        struct shifting **list = all(r, &count);

        for (size_t i = 0; i < count; i++) {
                struct shifting *s = list[i];
                bool running = s->shift.state == SHIFT_RUNNING;
                if (look && s->shift.state != SHIFT_STOPPED)
                        look_at(r, s, now_ms);
                bool due = running && now_ms >= s->due_ms;
                if (s->shift.state == SHIFT_STOPPED || !(due || s->going || s->suspect) || !rollout_may_act(r))
                        continue;
                act_on(r, s, due);
                break; /* it may be gone */
        }
        free(list);
}

/* --- for others --- */

struct shift_counts rollouts_count_shifts(const struct rollouts *r)
{
        struct shift_counts counts = r->shift_counts;
        size_t count;
        struct shifting **list = all(r, &count);

        for (size_t i = 0; i < count; i++)
                counts.state[list[i]->shift.state]++;
        free(list);
        return counts;
}

struct doc *rollouts_shifts(struct rollouts *r, struct arena *a)
{
        struct doc *items = doc_new(a, DOC_LIST);
        size_t count;
        struct shifting **list = all(r, &count);

        for (size_t i = 0; i < count; i++) {
                struct shifting *s = list[i];
                struct doc *one = doc_add(items, NULL, shift_document(&s->shift, a));
                int64_t left = (int64_t)s->due_ms - (int64_t)clock_ms();
                doc_add_int(a, one, "percent", share_of(&s->shift));
                if (s->shift.state == SHIFT_RUNNING)
                        doc_add_int(a, one, "left_ms", left < 0 ? 0 : left);
                if (s->abort)
                        doc_add_string(a, one, "figures", rollout_told(r->control, s->abort, a));
        }
        free(list);
        return items;
}

void shifts_ready(const struct rollouts *r, struct arena *a, struct doc *reasons)
{
        size_t count;
        struct shifting **list = all(r, &count);

        for (size_t i = 0; i < count; i++)
                if (list[i]->shift.state == SHIFT_STOPPED)
                        doc_add_format(
                                a, reasons, NULL,
                                "rollout: the shift of %s has stopped at %lld%%: %s; `gslbctl shift abort %s` ends it",
                                list[i]->shift.name, (long long)share_of(&list[i]->shift), list[i]->shift.why,
                                list[i]->shift.name);
        free(list);
}
