/* What was: revisions, events; and going back. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "admin/ctl/ctl.h"
#include "base/clock.h"
#include "base/documents/doc_differ.h"
#include "base/time_zones/when.h"
#include "zones/store/kind.h"

/* --- revisions --- */

/* In a table of what was forced only the places stand. Whether there was something. */
static bool name_forced(struct ctl *c, struct doc *revisions)
{
        bool any = false;

        for (struct doc *one = revisions ? revisions->first : NULL; one; one = one->next) {
                struct doc *list = doc_get(one, "forced");
                if (!list || list->type != DOC_LIST)
                        continue;
                struct doc *places = doc_new(c->arena, DOC_LIST);
                doc_each (text, list)
                        if (text->type == DOC_STRING)
                                doc_add_format(c->arena, places, NULL, "%.*s", (int)strcspn(text->string, ":"),
                                               text->string);
                doc_set(one, "forced", places);
                any = true;
        }
        return any;
}

const char *ctl_time(struct ctl *c, const char *option, const char *text)
{
        char time[CLOCK_TEXT_MAX];
        int64_t ms;

        if (when_parse(text, clock_wall_ms(), &ms))
                return arena_strdup(c->arena, clock_format(ms, time));
        fprintf(stderr, "gslbctl: --%s: expected %s, got \"%s\"\n", option, WHEN_EXPECTED, text);
        return NULL;
}

/* What --since says, as a parameter. false: a message was printed. */
static bool read_since(struct ctl *c, const char **out)
{
        const char *time = c->since ? ctl_time(c, "since", c->since) : NULL;

        *out = time ? arena_printf(c->arena, "&since=%s", ctl_escape(c, time)) : "";
        return time || !c->since;
}

/* What --limit says; `fallback` without it. false: a message was printed. */
static bool read_limit(const struct ctl *c, unsigned long fallback, unsigned long *out)
{
        char *end = NULL;

        *out = c->limit ? strtoul(c->limit, &end, 10) : fallback;
        if (!c->limit || (*c->limit >= '1' && *c->limit <= '9' && !*end))
                return true;
        fprintf(stderr, "gslbctl: --limit: expected a number from 1 on, got \"%s\"\n", c->limit);
        return false;
}

static void show_revision(struct ctl *c, struct doc *d);

int ctl_revisions(struct ctl *c)
{
        static const char *const columns[] = {"REVISION=number", "TIME=time",       "AUTHOR=author",
                                              "CHANGES=count",   "COMMENT=comment", NULL};
        static const char *const forced[] = {"REVISION=number", "TIME=time",     "AUTHOR=author",   "CHANGES=count",
                                             "FORCED=forced",   "REASON=reason", "COMMENT=comment", NULL};
        const char *since;
        unsigned long most;
        struct doc *d;

        if (!read_since(c, &since) || !read_limit(c, c->since ? ULONG_MAX : 20, &most))
                return CTL_USAGE;
        const char *path = arena_printf(c->arena, "revisions?limit=%lu%s%s%s%s%s%s", most < 200 ? most : 200, since,
                                        c->author ? "&author=" : "", c->author ? ctl_escape(c, c->author) : "",
                                        c->kinds ? "&kinds=" : "", c->kinds ? ctl_escape(c, c->kinds) : "",
                                        c->changes ? "&changes=true" : "");
        int status = ctl_pages_until(c, path, "before", most, &d);
        if (status || ctl_show_as_document(c, d))
                return status;
        struct doc *items = doc_get(d, "items");
        if (!c->changes)
                ctl_table(c, items, name_forced(c, items) ? forced : columns);
        else
                for (struct doc *one = items && items->type == DOC_LIST ? items->first : NULL; one; one = one->next)
                        show_revision(c, one);
        return CTL_OK;
}

/* Of a kind that has one document. */
static bool is_only(const struct doc *change)
{
        const char *name = doc_get_string(change, "kind");
        enum kind kind;

        return name && kind_parse(name, &kind) && kind_only_key(kind);
}

/* The changes as a reply to a change has them: with what differs by name. */
static void name_fields(struct ctl *c, struct doc *changes)
{
        for (struct doc *one = changes && changes->type == DOC_LIST ? changes->first : NULL; one; one = one->next) {
                const struct doc *old = doc_get(one, "old"), *new = doc_get(one, "new");
                const struct doc *nothing = doc_new(c->arena, DOC_MAP);
                bool update = doc_get(one, "fields") != NULL;
                if (update || is_only(one))
                        doc_set(one, "fields", doc_differ(c->arena, old ? old : nothing, new ? new : nothing));
                doc_set(one, "action", doc_string(c->arena, update ? "update" : new ? "create" : "delete"));
        }
}

static void show_revision(struct ctl *c, struct doc *d)
{
        char number[30], time[60], author[200], comment[600];

        ctl_member(d, "comment", comment, sizeof(comment));
        printf("revision %s, %s by %s%s%s\n", ctl_member(d, "number", number, sizeof(number)),
               ctl_member(d, "time", time, sizeof(time)), ctl_member(d, "author", author, sizeof(author)),
               *comment ? ": " : "", comment);
        name_fields(c, doc_get(d, "changes"));
        ctl_show_changes(doc_get(d, "changes"));
        ctl_show_forced(d);
}

int ctl_revision(struct ctl *c)
{
        struct doc *d;
        int status = ctl_call(c, "GET", arena_printf(c->arena, "revisions/%s", ctl_escape(c, c->argv[0])), NULL, &d);

        if (status || ctl_show_as_document(c, d))
                return status;
        show_revision(c, d);
        return CTL_OK;
}

int ctl_rollback(struct ctl *c)
{
        const char *how = c->with_drains ? "?with_drains=true" : "";

        return ctl_change_asking(c, "POST",
                                 arena_printf(c->arena, "revisions/%s/rollback%s", ctl_escape(c, c->argv[0]), how),
                                 &(struct ctl_body){0});
}

int ctl_revert(struct ctl *c)
{
        return ctl_change_asking(c, "POST", arena_printf(c->arena, "revisions/%s/revert", ctl_escape(c, c->argv[0])),
                                 &(struct ctl_body){0});
}

/* Schedules and rollouts stand in the columns of changes of health. */
static void tell_other_events(struct ctl *c, struct doc *items)
{
        for (struct doc *one = items && items->type == DOC_LIST ? items->first : NULL; one; one = one->next) {
                const char *schedule = doc_get_string(one, "schedule"), *target = doc_get_string(one, "target");
                const char *rollout = doc_get_string(one, "rollout");
                if (!target || (!schedule && !rollout))
                        continue;
                doc_set(one, "endpoint", doc_string(c->arena, target));
                doc_set(one, "state",
                        doc_string(c->arena, schedule ? arena_printf(c->arena, "schedule %s", schedule) : rollout));
        }
}

/* --- what comes and goes --- */

#define FLAPPING_LEAST 3 /* times down */

/* An endpoint's, summed up. */
struct flaps {
        const char *endpoint, *state, *time;
        uint64_t down, changes;
};

static int by_endpoint(const void *a, const void *b)
{
        return strcmp(((const struct flaps *)a)->endpoint, ((const struct flaps *)b)->endpoint);
}

static int by_times(const void *a, const void *b)
{
        const struct flaps *one = a, *other = b;

        return one->down != other->down ? (one->down < other->down ? 1 : -1) : strcmp(one->endpoint, other->endpoint);
}

/* Endpoints that were down three times or more, the most first: [{endpoint, down, changes, state, time}]. */
static struct doc *flapping(struct ctl *c, const struct doc *events)
{
        struct flaps *list = ARENA_ARRAY(c->arena, struct flaps, events->count + 1);
        struct doc *out = doc_new(c->arena, DOC_LIST);
        size_t count = 0, kept = 0;

        doc_each (one, events) {
                const char *endpoint = doc_get_string(one, "endpoint"), *state = doc_get_string(one, "state"),
                           *time = doc_get_string(one, "time");
                if (endpoint && state && time)
                        list[count++] = (struct flaps){endpoint, state, time, !strcmp(state, "down"), 1};
        }
        qsort(list, count, sizeof(*list), by_endpoint); /* the same one behind the other, in any order: */
        for (size_t i = 0; i < count; i++) {
                struct flaps *sum = kept ? &list[kept - 1] : NULL;
                if (!sum || strcmp(sum->endpoint, list[i].endpoint)) {
                        list[kept++] = list[i];
                        continue;
                }
                if (strcmp(list[i].time, sum->time) >= 0) {
                        sum->time = list[i].time;
                        sum->state = list[i].state;
                }
                sum->down += list[i].down;
                sum->changes++;
        }
        qsort(list, kept, sizeof(*list), by_times);
        for (size_t i = 0; i < kept && list[i].down >= FLAPPING_LEAST; i++) {
                struct doc *one = doc_add_map(c->arena, out, NULL);
                doc_add_string(c->arena, one, "endpoint", list[i].endpoint);
                doc_add_int(c->arena, one, "down", (int64_t)list[i].down);
                doc_add_int(c->arena, one, "changes", (int64_t)list[i].changes);
                doc_add_string(c->arena, one, "state", list[i].state);
                doc_add_string(c->arena, one, "time", list[i].time);
        }
        return out;
}

static int show_flapping(struct ctl *c, const char *path)
{
        static const char *const columns[] = {"ENDPOINT=endpoint", "TIMES DOWN=down", "CHANGES=changes",
                                              "STATE=state",       "SINCE=time",      NULL};
        struct doc *d;
        int status = ctl_pages_until(c, path, "after", ULONG_MAX, &d);
        const struct doc *items = status ? NULL : doc_get(d, "items");

        if (status)
                return status;
        if (items && items->type == DOC_LIST)
                doc_set(d, "items", flapping(c, items));
        if (!ctl_show_as_document(c, d))
                ctl_table(c, doc_get(d, "items"), columns);
        return CTL_OK;
}

/* --- events --- */

static const char *const event_columns[] = {"=number",       "TIME=time",     "ENDPOINT=endpoint",
                                            "STATE=state",   "PROBER=prober", "AFTER MS=lasted_ms",
                                            "REASON=reason", "DETAIL=detail", NULL};

static void show_events(struct ctl *c, struct doc *d)
{
        struct doc *items = doc_get(d, "items");

        if (ctl_show_as_document(c, d))
                return;
        tell_other_events(c, items);
        ctl_table(c, items, event_columns);
}

/* From now on, as they come. */
static int follow_events(struct ctl *c, const char *filters, struct doc *d)
{
        char number[30] = "0";

        for (;;) {
                const struct doc *items = doc_get(d, "items");
                if (items && items->type == DOC_LIST && items->count) {
                        ctl_member(items->last, "number", number, sizeof(number));
                        show_events(c, d);
                }
                fflush(stdout);
                sleep(1);
                int status = ctl_call(c, "GET", arena_printf(c->arena, "events?after=%s%s", number, filters), NULL, &d);
                if (status)
                        return status;
        }
}

int ctl_events(struct ctl *c)
{
        const char *since, *filters = ctl_filters(c);
        unsigned long most;
        struct doc *d;

        if (!read_since(c, &since) || !read_limit(c, c->since ? ULONG_MAX : 50, &most))
                return CTL_USAGE;
        if (c->flapping)
                return show_flapping(
                        c, arena_printf(c->arena, "events?limit=5000%s%s", filters, *since ? since : "&after=0"));
        const char *path = arena_printf(c->arena, "events?limit=%lu%s%s", most < 5000 ? most : 5000, since, filters);
        /* The newest stand in one page; those since a time in many. */
        int status = c->since ? ctl_pages_until(c, path, "after", most, &d) : ctl_call(c, "GET", path, NULL, &d);
        if (status)
                return status;
        if (c->follow)
                return follow_events(c, filters, d);
        show_events(c, d);
        return CTL_OK;
}
