#include "admin/asking/then.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/asking/health_then.h"
#include "admin/states/drains.h"
#include "base/clock.h"
#include "base/memory.h"
#include "zones/config/hold.h"
#include "zones/config/schemas.h"
#include "zones/load/over.h"
#include "zones/steering/steering_build.h"

#define NAMED_MOST 5                    /* endpoints, in a sentence */
#define THEN_MOST  ((size_t)2048 << 20) /* bytes, of what has changed since */

struct then {
        struct journal *journal;
        struct arena *arena; /* documents of then, while it is made */
        int64_t at_ms, now_ms;
        struct revision_time revision;
        const struct over *over;
        struct drains *drains;
        struct hold *holds;
        size_t hold_count, hold_room;
        struct health_then *health;
        bool *unknown; /* by endpoint number: its health of then */
};

struct then *then_new(struct journal *journal, int64_t wall_ms)
{
        struct then *t = memory_alloc(sizeof(*t));

        *t = (struct then){.journal = journal, .at_ms = wall_ms, .arena = arena_new(THEN_MOST), .drains = drains_new()};
        return t;
}

void then_free(struct then *t)
{
        if (!t)
                return;
        drains_free(t->drains);
        health_then_free(t->health);
        arena_free(t->arena);
        free(t->holds);
        free(t->unknown);
        free(t);
}

/* --- what was stored --- */

static bool find_revision(struct then *t, struct store_txn *txn, struct problems *problems)
{
        struct revision_time oldest;
        char asked[CLOCK_TEXT_MAX], first[CLOCK_TEXT_MAX];

        if (!store_revision_at(txn, t->at_ms, &t->revision, &oldest))
                return false;
        if (t->revision.number)
                return true;
        if (oldest.number)
                problems_add(problems, "at", 0,
                             "expected a time from %s on, when revision %llu was made, the oldest "
                             "that is kept; got %s",
                             clock_format(oldest.time_ms, first), (unsigned long long)oldest.number,
                             clock_format(t->at_ms, asked));
        else
                problems_add(problems, "at", 0, "no revision is kept");
        return false;
}

/* A document of then, stored or of a change. NULL: it is none. */
static const struct doc *document_then(struct then *t, const char *json, size_t length, const struct doc *document)
{
        struct problems problems = PROBLEMS_INIT;

        if (!document)
                document = doc_parse(t->arena, json, length, DOC_JSON, &problems);
        problems_free(&problems);
        return document;
}

static void take_drain(void *context, const char *key, const char *json, size_t length, const struct doc *document)
{
        struct then *t = context;
        const struct change one = {KIND_DRAINS, key, document_then(t, json, length, document)};

        if (one.document)
                drains_take(t->drains, &one);
}

static void take_hold(void *context, const char *key, const char *json, size_t length, const struct doc *document)
{
        struct then *t = context;
        struct problems problems = PROBLEMS_INIT;
        const struct doc *d = document_then(t, json, length, document);
        struct hold hold;

        if (d && schema_decode(&hold_schema, d, t->arena, &hold, &problems)) {
                if (t->hold_count == t->hold_room) {
                        t->hold_room = t->hold_room ? t->hold_room * 2 : 16;
                        t->holds = memory_resize(t->holds, t->hold_room * sizeof(*t->holds));
                }
                t->holds[t->hold_count++] = hold;
        }
        problems_free(&problems);
}

static __attribute__((noinline)) bool look(struct then *t, struct store_txn *txn, struct revision *r,
                                           struct problems *problems)
{
        char error[STORE_ERROR_MAX];

        if (!find_revision(t, txn, problems))
                return false;
        if (!store_rollback_changes(txn, t->revision.number, BACK_STATE, t->arena, &r->changes, &r->change_count, error,
                                    sizeof(error))) {
                problems_add(problems, "at", 0, "%s", error);
                return false;
        }
        r->number = t->revision.number;
        r->time_ms = t->revision.time_ms;
        t->over = over_new(t->arena, r->changes, r->change_count);
        return over_each(t->over, txn, KIND_DRAINS, take_drain, t) && over_each(t->over, txn, KIND_HOLDS, take_hold, t);
}

bool then_looks(void *then, struct store_txn *txn, struct revision *r, struct problems *problems)
{
        struct then *t = then;
        jmp_buf failure;

        if (setjmp(failure)) {
                problems_add(problems, "at", 0, "not enough memory for what has changed since");
                return false;
        }
        arena_on_failure(t->arena, &failure);
        bool good = look(t, txn, r, problems);
        arena_on_failure(t->arena, NULL);
        return good;
}

/* --- what was known --- */

static bool is_there(const struct model *m, uint32_t endpoint)
{
        return endpoint < m->endpoint_count && m->endpoints[endpoint];
}

static enum health health_of_word(enum verdict_state state)
{
        return state == VERDICT_UP ? HEALTH_UP : state == VERDICT_DOWN ? HEALTH_DOWN : HEALTH_UNKNOWN;
}

static void put_health(struct then *t, const struct model *m, const struct model *in_force, const struct endpoint *e,
                       struct endpoint_state *s)
{
        struct health_word word;
        char id[600];

        switch (health_then_of(t->health, endpoint_id(m, e->number, id, sizeof(id)), &word)) {
        case THEN_TOLD:
                s->health = (uint8_t)health_of_word(word.state);
                s->half_open_percent = 0;
                if (word.up_since_ms)
                        s->up_since_ms = t->now_ms - (t->at_ms - word.up_since_ms);
                return;
        case THEN_AS_NOW:
                t->unknown[e->number] = !is_there(in_force, e->number);
                return;
        case THEN_UNKNOWN:
                t->unknown[e->number] = true;
                return;
        }
}

static void put_hold(const struct then *t, struct snapshot *s, const struct hold *hold, struct endpoint_state *states)
{
        const struct model *m = s->model;
        enum drain_scope scope;
        const char *name;
        uint32_t target = drain_key_parse(hold->name, &scope, &name) ? drain_target(m, scope, name) : MODEL_NONE;

        if (target == MODEL_NONE || (hold->until_ms && hold->until_ms <= t->at_ms))
                return;
        if (scope == DRAIN_POOL)
                steering_hold(s->steering, target, t->now_ms - (t->at_ms - hold->since_ms));
        else if (scope == DRAIN_ENDPOINT && endpoint_failback(m, m->endpoints[target])->failback != FAILBACK_AUTO)
                states[target].held_since_s = (uint32_t)(hold->since_ms / 1000);
}

int64_t then_states(void *then, struct snapshot *s, const struct model *in_force, struct endpoint_state *states)
{
        struct then *t = then;
        const struct model *m = s->model;

        t->now_ms = (int64_t)clock_ms();
        t->health = health_then_read(t->journal, t->at_ms);
        t->unknown = memory_alloc((m->endpoint_count + 1) * sizeof(*t->unknown));
        steering_forget_times(s->steering);
        model_each (endpoint, e, m->endpoints, m->endpoint_count) {
                struct endpoint_state *state = &states[e->number];
                state->waiting = false;
                state->held_since_s = 0;
                state->up_since_ms = 0;
                if (e->monitor != MODEL_NONE && endpoint_is_used(e))
                        put_health(t, m, in_force, e, state);
        }
        for (size_t i = 0; i < t->hold_count; i++)
                put_hold(t, s, &t->holds[i], states);
        drains_into(t->drains, m, t->at_ms, states);
        return t->at_ms;
}

/* --- telling --- */

uint64_t then_revision(const struct then *t)
{
        return t->revision.number;
}

int64_t then_now_ms(const struct then *t)
{
        return t->now_ms;
}

static void tell_unknown(const struct then *t, const struct model *m, const char *pool, const struct doc *endpoint,
                         struct doc *list, struct arena *a)
{
        const char *name = doc_get_string(endpoint, "name");
        const char *id = arena_printf(a, "%s/%s", pool, name ? name : "");
        uint32_t number = endpoint_number(m, id);

        if (number == MODEL_NONE || !t->unknown[number])
                return;
        for (const struct doc *one = list->first; one; one = one->next)
                if (!strcmp(one->string, id))
                        return;
        doc_add_string(a, list, NULL, id);
}

/* Of all pools of a part of an explanation, and what is in them. */
static void find_unknown(const struct then *t, const struct model *m, const struct doc *part, struct doc *list,
                         struct arena *a)
{
        static const char *const lists[] = {"pools", "followed"};

        for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
                for (const struct doc *items = doc_get(part, lists[i]), *one = items ? items->first : NULL; one;
                     one = one->next) {
                        const struct doc *endpoints = doc_get(one, "endpoints"), *inner = doc_get(one, "service");
                        const char *name = doc_get_string(one, "name");
                        for (const struct doc *e = endpoints ? endpoints->first : NULL; e && name; e = e->next)
                                tell_unknown(t, m, name, e, list, a);
                        find_unknown(t, m, one, list, a);
                        if (inner)
                                find_unknown(t, m, inner, list, a);
                }
}

static const char *names_text(const struct doc *list, struct arena *a)
{
        const char *text = "";
        uint32_t count = 0;

        for (const struct doc *one = list->first; one && count < NAMED_MOST; one = one->next, count++)
                text = arena_printf(a, "%s%s%s", text, count ? ", " : "", one->string);
        return list->count > count ? arena_printf(a, "%s and %u more", text, list->count - count) : text;
}

void then_tell(const struct then *t, const struct model *m, struct doc *explanation, struct arena *a)
{
        struct doc *story = doc_get(explanation, "story"), *unknown;
        int64_t since_ms = health_then_since(t->health);
        char time[CLOCK_TEXT_MAX];
        const char *since = since_ms ? arena_strdup(a, clock_format(since_ms, time)) : NULL;

        doc_add_string(a, explanation, "at", clock_format(t->at_ms, time));
        doc_add_string(a, explanation, "revision_time", clock_format(t->revision.time_ms, time));
        doc_add_string(a, explanation, "health_since", since);
        unknown = doc_add_list(a, explanation, "health_unknown");
        find_unknown(t, m, explanation, unknown, a);
        if (since)
                doc_add_format(a, story, NULL, "Health of then is told by events, which are kept since %s.", since);
        else
                doc_add_string(a, story, NULL, "No events are kept that tell of health.");
        if (unknown->count)
                doc_add_format(a, story, NULL,
                               "No event tells how these were then, they are taken as they are now: %s.",
                               names_text(unknown, a));
        doc_add_string(a, story, NULL,
                       "GeoIP databases, load figures, round trips and addresses of host names are those of now.");
}
