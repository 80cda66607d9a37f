#include "admin/control/commit.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include "admin/control/build.h"
#include "admin/control/control_private.h"
#include "admin/control/edit.h"
#include "admin/states/covering.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "zones/store/writer.h"

#define COVER_US                                                                                                       \
        800 /* of pools that are drained, at a time: to decide anew about them takes two or three times as long */
#define FORCED_LOGGED 10
#define COMPARED_MAX  100000 /* pairs of changes, looking for the same item in two revisions */

/* A change that was accepted. */
struct accepted {
        TAILQ_ENTRY(accepted) link;
        struct revision revision;
        struct change_outcome outcome;
        struct edit *edit; /* NULL: of operations, or built */
        bool built;
        const struct serial_change *serials; /* when built */
        size_t serial_count;
        struct arena *arena;
        control_done *done;
        void *context;
};

TAILQ_HEAD(accepted_list, accepted);

struct commits {
        struct store_writer *writer;
        struct event *give;        /* what was gathered goes with the next turn of the event loop */
        struct event *written;     /* active when the writer is done */
        struct event *cover;       /* the next step of what is covered */
        struct covering *covering; /* what the batch that is written drains; NULL: nothing any more */
        struct accepted_list gathered, under_way;
        struct store_batch batch;
        struct arena *note_arena, *written_notes; /* of those that wait, and of those under way; NULL: none */
        struct note_change *notes;
        size_t note_count, note_capacity;
        bool busy;
        bool (*first)(struct control *);
        void (*when_free)(void *context);
        void *context;
        control_changed *changed;
        void *changed_context;
};

/* --- in force --- */

void commit_failed(struct control *control, const char *error)
{
        if (strcmp(control->store_error, error)) /* one line for a disk that stays full */
                log_error("store", "%s", error);
        snprintf(control->store_error, sizeof(control->store_error), "%s", error);
}

static void put_holds_in_force(struct control *control, const struct revision *r)
{
        for (size_t i = 0; i < r->change_count; i++)
                if (r->changes[i].kind == KIND_HOLDS)
                        holds_take(control, &r->changes[i]);
        steering_publish(snapshot_current()->steering);
}

static void log_change(const struct revision *r)
{
        const struct doc *forced = r->forced ? r->forced->first : NULL;

        for (size_t i = 0; i < r->change_count; i++)
                log_debug("control", "revision %llu: %s[%s] %s", (unsigned long long)r->number,
                          kind_name(r->changes[i].kind), r->changes[i].key,
                          r->changes[i].document ? "is set" : "is deleted");
        log_info("audit", "revision %llu by \"%s\": %zu change%s%s%s", (unsigned long long)r->number, r->author,
                 r->change_count, r->change_count == 1 ? "" : "s", r->comment && *r->comment ? ": " : "",
                 r->comment ? r->comment : "");
        for (int i = 0; forced && i < FORCED_LOGGED; forced = forced->next, i++)
                log_warning("audit", "revision %llu by \"%s\" was forced%s%s: %s", (unsigned long long)r->number,
                            r->author, *r->reason ? ", for " : "", r->reason, forced->string);
}

static void is_newest(struct control *control, const struct revision *r)
{
        control->store_error[0] = '\0';
        control->revision = r->number;
        control->revision_time_ms = r->time_ms;
        for (size_t i = 0; i < r->change_count; i++)
                control->tokens_version += r->changes[i].kind == KIND_TOKENS;
        log_change(r);
        if (control->commits->changed)
                control->commits->changed(control->commits->changed_context, r);
}

void commit_take_drains(struct control *control, const struct revision *r)
{
        for (size_t i = 0; i < r->change_count; i++)
                if (r->changes[i].kind == KIND_DRAINS)
                        drains_take(control->drains, &r->changes[i]);
}

void commit_is_newest(struct control *control, const struct revision *r)
{
        put_holds_in_force(control, r);
        is_newest(control, r);
}

/* --- to the store's thread --- */

static const struct serial_change *serials_made(const struct accepted *a, size_t *count)
{
        *count = a->serial_count;
        return a->edit ? edit_serials(a->edit, count) : a->serials;
}

/* What is made of zones' serials, in order; the last word on one counts. */
static struct serial_change *serials_of(const struct accepted_list *list, size_t *count)
{
        struct serial_change *all = NULL;
        const struct accepted *a;
        size_t n;

        *count = 0;
        TAILQ_FOREACH(a, list, link)
        {
                const struct serial_change *s = serials_made(a, &n);
                if (!n)
                        continue;
                all = memory_resize(all, (*count + n) * sizeof(*all));
                memcpy(all + *count, s, n * sizeof(*all));
                *count += n;
        }
        return all;
}

static void give(evutil_socket_t fd, short what, void *context)
{
        struct control *control = context;
        struct commits *c = control->commits;
        const struct revision **revisions;
        uint64_t newest = control->revision;
        struct accepted *a;
        size_t count = 0;

        if (c->busy || (TAILQ_EMPTY(&c->gathered) && !c->note_count))
                return;
        TAILQ_CONCAT(&c->under_way, &c->gathered, link);
        TAILQ_FOREACH(a, &c->under_way, link)
        count++;
        revisions = memory_alloc((count + 1) * sizeof(*revisions));
        c->batch = (struct store_batch){.revisions = revisions, .notes = c->notes, .note_count = c->note_count};
        c->written_notes = c->note_arena;
        c->note_arena = NULL;
        c->notes = NULL;
        c->note_count = c->note_capacity = 0;
        TAILQ_FOREACH(a, &c->under_way, link)
        {
                if (a->built && a->revision.number <= newest) /* a backup's may be above */
                        a->revision.number = newest + 1;
                newest = a->outcome.revision = a->revision.number;
                revisions[c->batch.count++] = &a->revision;
        }
        c->batch.serials = serials_of(&c->under_way, &c->batch.serial_count);
        c->busy = true;
        store_writer_give(c->writer, &c->batch);
}

bool control_busy(const struct control *control)
{
        return control->commits->busy || control->entering;
}

bool control_gathers(const struct control *control)
{
        return !TAILQ_EMPTY(&control->commits->gathered);
}

static bool same_item(const struct revision *a, const struct revision *b)
{
        for (size_t i = 0; i < a->change_count; i++)
                for (size_t n = 0; n < b->change_count; n++)
                        if (a->changes[i].kind == b->changes[n].kind && !strcmp(a->changes[i].key, b->changes[n].key))
                                return true;
        return false;
}

bool commit_joins(const struct control *control, const struct revision *r)
{
        const struct accepted *a;

        TAILQ_FOREACH(a, &control->commits->gathered, link)
        if (!a->edit || a->revision.change_count * r->change_count > COMPARED_MAX || same_item(&a->revision, r))
                return false;
        return true;
}

static struct edit **edits_of(const struct accepted_list *list, size_t *count)
{
        struct edit **edits;
        const struct accepted *a;

        *count = 0;
        TAILQ_FOREACH(a, list, link)
        *count += a->edit != NULL;
        edits = memory_alloc((*count + 1) * sizeof(struct edit *));
        *count = 0;
        TAILQ_FOREACH(a, list, link)
        if (a->edit)
                edits[(*count)++] = a->edit;
        return edits;
}

struct edit **commit_edits(const struct control *control, size_t *count)
{
        return edits_of(&control->commits->gathered, count);
}

/* Takes it as the next one. */
static void add(struct control *control, const struct accepted *made)
{
        struct commits *c = control->commits;
        struct accepted *a = memory_alloc(sizeof(*a));

        *a = *made;
        a->outcome.revision = a->revision.number;
        TAILQ_INSERT_TAIL(&c->gathered, a, link);
        event_active(c->give, EV_TIMEOUT, 0);
}

void commit_add(struct control *control, struct revision *r, struct edit *edit, const struct change_terms *terms,
                const struct change_outcome *outcome, struct arena *arena)
{
        const struct accepted *last = TAILQ_LAST(&control->commits->gathered, accepted_list);

        r->number = (last ? last->revision.number : control->revision) + 1;
        add(control, &(struct accepted){.revision = *r,
                                        .outcome = *outcome,
                                        .edit = edit,
                                        .arena = arena,
                                        .done = terms->done,
                                        .context = terms->context});
}

void commit_add_built(struct control *control, const struct revision *r, const struct serial_change *serials,
                      size_t count, control_done *done, void *context)
{
        add(control, &(struct accepted){.revision = *r,
                                        .built = true,
                                        .serials = serials,
                                        .serial_count = count,
                                        .done = done,
                                        .context = context});
}

void commit_note(struct control *control, const char *name, int64_t time_ms)
{
        struct commits *c = control->commits;

        if (c->note_count == c->note_capacity) {
                c->note_capacity = c->note_capacity ? c->note_capacity * 2 : 16;
                c->notes = memory_resize(c->notes, c->note_capacity * sizeof(*c->notes));
        }
        if (!c->note_arena)
                c->note_arena = arena_new(0);
        c->notes[c->note_count++] = (struct note_change){arena_strdup(c->note_arena, name), time_ms};
        event_active(c->give, EV_TIMEOUT, 0);
}

/* --- and back --- */

/* All of a batch that is on disk. */
static void put_batch_in_force(struct control *control, const struct accepted_list *list)
{
        const struct accepted *a, *last = TAILQ_LAST(list, accepted_list);
        size_t count;
        struct edit **edits = edits_of(list, &count);

        TAILQ_FOREACH(a, list, link)
        {
                if (a->built)
                        continue;
                if (!a->edit) /* its drains are */
                        put_holds_in_force(control, &a->revision);
                is_newest(control, &a->revision);
        }
        if (count && !edits_put_in_force(control, edits, count, &last->revision))
                build_stored_now(control);
        free(edits);
}

static void drop_batch(struct control *control, const struct store_batch *b, const struct accepted_list *list)
{
        struct accepted *a;

        if (b->count)
                commit_failed(control, b->error);
        else
                log_warning("store", "when tokens were used last is not noted: %s", b->error);
        TAILQ_FOREACH_REVERSE(a, list, accepted_list, link)
        if (a->edit)
                edit_drop(control, a->edit);
}

void commit_when_free_first(struct control *control, bool (*call)(struct control *))
{
        control->commits->first = call;
}

void commit_tell_free(struct control *control)
{
        if (control->commits->first && control->commits->first(control)) /* tells again behind that */
                return;
        if (control->commits->when_free)
                control->commits->when_free(control->commits->context);
}

/* All is in force, or nothing is written. */
static void end_batch(struct control *control)
{
        struct commits *c = control->commits;
        const struct store_batch *b = &c->batch;
        struct accepted_list list = TAILQ_HEAD_INITIALIZER(list);
        struct accepted *a;

        TAILQ_CONCAT(&list, &c->under_way, link);
        c->busy = false;
        free((void *)b->revisions);
        free((void *)b->serials);
        free((void *)b->notes);
        arena_free(c->written_notes);
        c->written_notes = NULL;
        if (!b->good)
                drop_batch(control, b, &list);
        else if (!TAILQ_EMPTY(&list))
                put_batch_in_force(control, &list);
        while ((a = TAILQ_FIRST(&list))) {
                TAILQ_REMOVE(&list, a, link);
                a->outcome.error = b->good ? NULL : b->error;
                if (a->done)
                        a->done(a->context, b->good ? CONTROL_OK : CONTROL_FAILED, &a->outcome);
                arena_free(a->arena);
                free(a);
        }
        if (c->note_count || !TAILQ_EMPTY(&c->gathered))
                event_active(c->give, EV_TIMEOUT, 0);
        commit_tell_free(control);
}

/* --- drains --- */

/* What is covered until then; behind the last of it the batch ends. */
static void cover(struct control *control, uint64_t until_us)
{
        static const struct timeval soon = {0, 0};
        struct commits *c = control->commits;
        const struct snapshot *now = snapshot_current();

        if (!covering_step(c->covering, control->drains, now->model, control->states, now->steering, until_us)) {
                event_add(c->cover, &soon); /* a timer, so that others have their turn */
                return;
        }
        event_del(c->cover);
        covering_free(c->covering);
        c->covering = NULL;
        end_batch(control);
}

static void on_cover(evutil_socket_t fd, short what, void *context)
{
        cover(context, clock_us() + COVER_US);
}

/* It is on disk, or could not be written: what its operations drain, or do no longer, comes first. */
static void finish(struct control *control)
{
        struct commits *c = control->commits;
        const struct accepted *a;

        c->covering = covering_new();
        TAILQ_FOREACH(a, &c->under_way, link)
        {
                if (!c->batch.good || a->edit || a->built)
                        continue;
                commit_take_drains(control, &a->revision);
                for (size_t i = 0; i < a->revision.change_count; i++)
                        if (a->revision.changes[i].kind == KIND_DRAINS)
                                covering_add(c->covering, a->revision.changes[i].key);
        }
        cover(control, clock_us() + COVER_US);
}

static void on_written(evutil_socket_t fd, short what, void *context)
{
        struct control *control = context;

        if (store_writer_take(control->commits->writer))
                finish(control);
}

/* On the writer's thread. */
static void wake(void *context)
{
        event_active(context, EV_READ, 0);
}

bool commits_settle(struct control *control)
{
        struct commits *c = control->commits;
        bool any = false;

        for (; c->busy || !TAILQ_EMPTY(&c->gathered) || c->note_count; any = true) {
                give(-1, 0, control);
                if (!c->covering) {
                        store_writer_wait(c->writer);
                        finish(control);
                }
                if (c->covering)
                        cover(control, UINT64_MAX);
        }
        return any;
}

void control_when_free(struct control *control, void (*call)(void *context), void *context)
{
        control->commits->when_free = call;
        control->commits->context = context;
}

void control_when_changed(struct control *control, control_changed *changed, void *context)
{
        control->commits->changed = changed;
        control->commits->changed_context = context;
}

/* --- opening and closing --- */

bool commits_open(struct control *control, char *error, size_t error_size)
{
        struct commits *c = control->commits = memory_alloc(sizeof(*c));

        TAILQ_INIT(&c->gathered);
        TAILQ_INIT(&c->under_way);
        c->give = event_new(control->base, -1, 0, give, control);
        c->written = event_new(control->base, -1, 0, on_written, control);
        c->cover = event_new(control->base, -1, 0, on_cover, control);
        if (!c->give || !c->written || !c->cover) {
                snprintf(error, error_size, "not enough memory for the store's thread");
                return false;
        }
        c->writer = store_writer_start(control->store, wake, c->written, error, error_size);
        return c->writer != NULL;
}

void commits_close(struct control *control)
{
        struct commits *c = control->commits;

        if (!c)
                return;
        if (c->writer)
                commits_settle(control);
        store_writer_stop(c->writer);
        if (c->give)
                event_free(c->give);
        if (c->written)
                event_free(c->written);
        if (c->cover)
                event_free(c->cover);
        free(c);
        control->commits = NULL;
}
