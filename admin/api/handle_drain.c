/* Taking regions, pools and endpoints out of answers on purpose, and back. */
#include <string.h>
#include "admin/api/handlers.h"
#include "admin/traffic/traffic.h"
#include "base/clock.h"
#include "base/documents/schema.h"
#include "zones/config/schemas.h"

#define AT_MOST_MS       31536000000
#define CLOCKS_DIFFER_MS 60000
#define SAFE_RATE        0.1 /* answers a second that are as good as none: rates are smoothed */

/* When it begins: a time, or a duration from now. */
static void check_at(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        int64_t now = clock_wall_ms(), *time = out, after;

        if (at->type == DOC_STRING && duration_parse(at->string, &after) && after >= 0) {
                *time = now + (after < AT_MOST_MS ? after : AT_MOST_MS + 1);
        } else if (at->type != DOC_STRING || !clock_parse(at->string, time)) {
                doc_problem(problems, at, NULL,
                            "expected a time such as 2026-01-31T22:00:00Z, or a duration from now such as 2h");
                return;
        }
        if (*time < now - CLOCKS_DIFFER_MS || *time > now + AT_MOST_MS)
                doc_problem(problems, at, NULL, "expected a time from now up to a year ahead, got \"%s\"", at->string);
}

static const struct field drain_fields[] = {
        OPTIONAL_DURATION("for", drain_form, for_ms, 1000, 31536000000,
                          "ends by itself so long after it begins; without it, with a restore"),
        OPTIONAL_CUSTOM("at", drain_form, at_ms, int64_t, check_at,
                        "begins then: a time, or a duration from now; without it, now"),
        DURATION("over", drain_form, over_ms, 0, 0, 604800000,
                 "its share of weight falls in ten steps over this time; 0s: at once"),
        BOOL("replace", drain_form, replace, false, "takes the place of a drain of the same that stands already"),
        STRING("reason", drain_form, reason, "", "why", .max = 500),
        {0},
};
static void check_form(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        const struct drain_form *form = out;

        if (form->for_ms && form->for_ms <= form->over_ms)
                doc_problem(problems, at, "for", "expected longer than over: it would end before it is in force");
}

const struct schema drain_form_schema = {
        .name = "drain", .size = sizeof(struct drain_form), .fields = drain_fields, .check = check_form};

struct doc *drain_made(struct call *c, const char *key, const struct drain_form *form)
{
        struct drain_span span = {.since_ms = form->at_ms ? form->at_ms : clock_wall_ms(), .over_ms = form->over_ms};

        if (form->for_ms)
                span.until_ms = span.since_ms + form->for_ms;
        return drain_document(key, &span, form->reason, c->who, c->arena);
}

/* The drain that stands under a key; NULL: none, or one that has ended. */
static struct doc *standing(struct call *c, const char *key, struct drain *drain)
{
        struct problems none = PROBLEMS_INIT;
        struct doc *d = store_get(c->txn, KIND_DRAINS, key, c->arena);
        bool good = d && schema_decode(&drain_schema, d, c->arena, drain, &none);

        problems_free(&none);
        return good && drain_phase(&drain->span, clock_wall_ms()) != DRAIN_ENDED ? d : NULL;
}

bool drains_free_to(struct call *c, const struct drain_form *form, const struct change *changes, size_t count,
                    struct doc *extra)
{
        struct doc *replaced = doc_new(c->arena, DOC_LIST);
        char time[CLOCK_TEXT_MAX];
        struct drain drain;

        if (!call_read(c))
                return false;
        for (size_t i = 0; i < count; i++) {
                struct doc *d = standing(c, changes[i].key, &drain);
                if (!d)
                        continue;
                doc_add(replaced, NULL, d);
                if (!form->replace)
                        problems_add(&c->problems, arena_printf(c->arena, "drains[%s]", changes[i].key), 0,
                                     "is %s already, by %s, until %s%s%s",
                                     drain_phase_name(drain_phase(&drain.span, clock_wall_ms())),
                                     drain.by && *drain.by ? drain.by : "somebody",
                                     drain.span.until_ms ? clock_format(drain.span.until_ms, time) : "it is restored",
                                     drain.reason && *drain.reason ? ": " : "", drain.reason ? drain.reason : "");
        }
        if (!call_read_end(c))
                return false;
        if (c->problems.count)
                reply_problems(c, 409, "a drain stands already: restore ends it, --replace puts this one in its place",
                               &c->problems);
        else if (replaced->count)
                doc_add(extra, "replaced", replaced);
        return !c->problems.count;
}

/* What the path names. */
struct drained_thing {
        enum drain_scope scope;
        const char *name, *key; /* "eu", "region/eu" */
        uint32_t number;        /* in the model */
};

/* Of the services over a pool, and of those that come to it through other services. */
static int64_t largest_ttl_to(const struct model *m, uint32_t pool, int64_t ttl, unsigned depth)
{
        for (const struct reference *r = m->services_over[pool]; r; r = r->next) {
                if (m->services[r->from]->ttl > ttl)
                        ttl = m->services[r->from]->ttl;
                for (const struct reference *around = depth ? m->pools_around[r->from] : NULL; around;
                     around = around->next)
                        ttl = largest_ttl_to(m, around->from, ttl, depth - 1);
        }
        return ttl;
}

static int64_t largest_ttl_over(const struct model *m, uint32_t pool, int64_t ttl)
{
        return m->pools[pool]->endpoints.count ? largest_ttl_to(m, pool, ttl, SERVICE_DEPTH_MAX) : ttl;
}

/* The largest TTL of answers that could carry one of these endpoints, in seconds. */
static int64_t largest_ttl(const struct model *m, const struct drained_thing *t)
{
        int64_t ttl = 0;

        switch (t->scope) {
        case DRAIN_REGION:
                for (uint32_t i = 0; i < m->count[KIND_POOLS]; i++)
                        if (m->region_of[i] == t->number && m->pools[i])
                                ttl = largest_ttl_over(m, i, ttl);
                break;
        case DRAIN_POOL:
                return largest_ttl_over(m, t->number, 0);
        case DRAIN_ENDPOINT:
                return largest_ttl_over(m, m->endpoints[t->number]->pool, 0);
        }
        return ttl;
}

/* Answers a second that carry it now. */
static double rate_of(const struct model *m, const struct drained_thing *t, const struct traffic_sums *sums)
{
        double rate = 0;

        switch (t->scope) {
        case DRAIN_REGION:
                for (uint32_t i = 0; i < m->count[KIND_POOLS]; i++)
                        if (m->region_of[i] == t->number && m->pools[i])
                                rate += sums->pools[i].rate;
                break;
        case DRAIN_POOL:
                return sums->pools[t->number].rate;
        case DRAIN_ENDPOINT:
                return sums->endpoints[t->number].rate;
        }
        return rate;
}

/* When no cache can hold an answer from before that began then; a second more for the clocks. */
static int64_t safe_after(int64_t gone_ms, int64_t ttl_s)
{
        return gone_ms + (ttl_s + 1) * 1000;
}

/* false: 404 was sent. */
static bool find_target(struct call *c, struct drained_thing *t)
{
        const char *word = drain_scope_name(c->route->scope);

        t->scope = c->route->scope;
        t->name = t->scope == DRAIN_ENDPOINT ? call_endpoint_id(c) : c->parts[0];
        t->key = arena_printf(c->arena, "%s/%s", word, t->name);
        t->number = drain_target(snapshot_current()->model, t->scope, t->name);
        if (t->number == MODEL_NONE)
                reply_problem(c, 404, "there is no %s \"%s\"", word, t->name);
        return t->number != MODEL_NONE;
}

/* A pool that contains a service has no endpoints of its own to take out. false: 409 was sent. */
static bool has_endpoints(struct call *c, const struct drained_thing *t)
{
        const struct model *m = snapshot_current()->model;

        if (t->scope != DRAIN_POOL || m->pools[t->number]->service == MODEL_NONE)
                return true;
        reply_problem(c, 409, "pools[%s] contains services[%s]: drain the pools of that service",
                      m->pools[t->number]->name, m->services[m->pools[t->number]->service]->name);
        return false;
}

/* When no cache can hold an answer from before any more, and whether that is before it ends. */
static void add_times(struct call *c, struct doc *extra, const struct drain_form *form, int64_t ttl_s)
{
        int64_t gone_ms = (form->at_ms ? form->at_ms : clock_wall_ms()) + form->over_ms;
        char time[CLOCK_TEXT_MAX], for_time[DURATION_TEXT_MAX];

        doc_add_int(c->arena, extra, "ttl", ttl_s);
        doc_add_string(c->arena, extra, "safe_after", clock_format(safe_after(gone_ms, ttl_s), time));
        if (form->for_ms && form->for_ms - form->over_ms < ttl_s * 1000)
                doc_add_format(c->arena, extra, "warning",
                               "it ends %s after it begins, before all clients have left: answers are kept for %lld s",
                               duration_format(form->for_ms, for_time), (long long)ttl_s);
}

void handle_drain(struct call *c)
{
        struct doc *extra = doc_new(c->arena, DOC_MAP);
        struct drain_form form;
        struct drained_thing target;

        if (!find_target(c, &target) || !has_endpoints(c, &target) || !call_form(c, c->route->form, &form))
                return;
        c->reason = form.reason;
        struct doc *d = drain_made(c, target.key, &form);
        struct change change = {KIND_DRAINS, target.key, d};
        doc_add(extra, "drain", doc_copy(c->arena, d));
        add_times(c, extra, &form, largest_ttl(snapshot_current()->model, &target));
        if (drains_free_to(c, &form, &change, 1, extra))
                reply_change(c, &change, 1, form.reason, 200, extra, NULL);
}

/* --- back --- */

/* The ends of what is held there. */
struct hold_ends {
        struct call *call;
        struct change *changes; /* NULL: they are counted */
        size_t count;
        bool unwritten;
};

static void hold_end(void *context, const struct hold *hold, bool written)
{
        struct hold_ends *e = context;

        e->unwritten |= !written;
        if (e->changes)
                e->changes[e->count] = (struct change){KIND_HOLDS, arena_strdup(e->call->arena, hold->name), NULL};
        e->count++;
}

/* Holds that a full disk keeps out of the store end all the same. */
static void end_unwritten(struct call *c)
{
        struct drained_thing target;

        if (find_target(c, &target))
                control_holds_release(c->control, &(struct hold_cover){target.scope, target.number}, call_author(c));
}

/* What is held there serves again, and with `restore` what is drained under the same key. */
static void bring_back(struct call *c, bool restore, const char *comment)
{
        struct drained_thing target;

        if (!find_target(c, &target))
                return;
        const struct hold_cover cover = {target.scope, target.number};
        const struct change_words w = {.comment = comment, .status = 200, .done = end_unwritten};
        struct hold_ends ends = {.call = c};
        control_holds_each(c->control, &cover, hold_end, &ends);
        if (ends.unwritten) /* a moment old: their end waits until the store has them */
                control_holds_write(c->control);
        struct change *changes = ARENA_ARRAY(c->arena, struct change, ends.count + 1);
        ends = (struct hold_ends){.call = c, .changes = changes + restore};
        changes[0] = (struct change){KIND_DRAINS, target.key, NULL};
        control_holds_each(c->control, &cover, hold_end, &ends);
        reply_change_then(c, changes, ends.count + restore, &w);
}

void handle_restore(struct call *c)
{
        bring_back(c, true, "restored");
}

void handle_failback(struct call *c)
{
        bring_back(c, false, "failback");
}

struct hold_listing {
        struct filter filter;
        struct doc *items;
        struct arena *arena;
        const char *after;
        uint64_t limit;
        bool more;
};

static void list_hold(void *context, const struct hold *hold, bool written)
{
        struct hold_listing *l = context;

        if (l->more || (l->after && strcmp(hold->name, l->after) <= 0) ||
            !filter_place(&l->filter, snapshot_current()->model, hold->name))
                return;
        l->more = l->items->count == l->limit;
        if (l->more)
                return;
        struct doc *one = hold_document(hold, l->arena);
        doc_add_bool(l->arena, one, "written", written);
        doc_add(l->items, NULL, one);
}

void handle_hold_list(struct call *c)
{
        struct doc *d = doc_new(c->arena, DOC_MAP);
        struct hold_listing l = {.items = doc_add_list(c->arena, d, "items"),
                                 .arena = c->arena,
                                 .after = call_text(c, PARAMETER_AFTER),
                                 .limit = call_number(c, PARAMETER_LIMIT, c->route->limit)};

        if (!call_filter(c, KIND_HOLDS, &l.filter))
                return;
        control_holds_each(c->control, NULL, list_hold, &l);
        doc_add_string(c->arena, d, "next", l.more ? doc_get_string(l.items->last, "name") : NULL);
        reply_doc(c, 200, d);
}

struct drain_listing {
        struct filter filter;
        const char *state; /* NULL: any */
        struct doc *items;
        struct arena *arena;
        const struct traffic_sums *sums;
        uint64_t limit, looked;
        const char *last; /* looked at */
        bool more;
};

/* When the machines can go: caches have let go of it, and no answer carries it. */
static void add_tail(const struct drain_listing *l, struct doc *one, const struct drain *drain, int64_t now_ms)
{
        const struct model *m = snapshot_current()->model;
        struct drained_thing t = {.key = drain->name};
        char time[CLOCK_TEXT_MAX];

        if (drain_key_parse(drain->name, &t.scope, &t.name))
                t.number = drain_target(m, t.scope, t.name);
        else
                t.number = MODEL_NONE;
        if (t.number == MODEL_NONE)
                return;
        int64_t ttl_s = largest_ttl(m, &t), after_ms = safe_after(drain->span.since_ms + drain->span.over_ms, ttl_s);
        double rate = rate_of(m, &t, l->sums);
        doc_add_int(l->arena, one, "ttl", ttl_s);
        doc_add_real(l->arena, one, "rate", (double)(int64_t)(rate * 10 + 0.5) / 10);
        doc_add_string(l->arena, one, "safe_after", clock_format(after_ms, time));
        doc_add_bool(l->arena, one, "safe", now_ms >= after_ms && rate < SAFE_RATE);
}

static bool list_drain(void *context, const char *key, const char *json, size_t length)
{
        struct drain_listing *l = context;
        struct drain drain;
        struct problems none = PROBLEMS_INIT;

        l->more = l->items->count == l->limit || l->looked++ == FILTER_LOOKS_MOST;
        if (l->more)
                return false;
        l->last = arena_strdup(l->arena, key);
        if (!filter_place(&l->filter, snapshot_current()->model, key))
                return true;
        struct doc *one = doc_parse(l->arena, json, length, DOC_JSON, &none);
        if (one && schema_decode(&drain_schema, one, l->arena, &drain, &none)) {
                int64_t now = clock_wall_ms();
                enum drain_phase phase = drain_phase(&drain.span, now);
                doc_add_string(l->arena, one, "state", drain_phase_name(phase));
                if (phase == DRAIN_GOING)
                        doc_add_int(l->arena, one, "weight_percent", drain_left(&drain.span, now));
                add_tail(l, one, &drain, now);
                if (!l->state || !strcmp(l->state, drain_phase_name(phase)))
                        doc_add(l->items, NULL, one);
        }
        problems_free(&none);
        return true;
}

/* false: a reply was sent. */
static bool read_phase(struct call *c, const char **state)
{
        *state = call_text(c, PARAMETER_STATE);
        for (int phase = 0; *state && phase < DRAIN_ENDED; phase++)
                if (!strcmp(*state, drain_phase_name((enum drain_phase)phase)))
                        return true;
        if (*state)
                reply_problem(c, 400, "state: expected waiting, going or in force, got \"%s\"", *state);
        return !*state;
}

void handle_drain_list(struct call *c)
{
        struct doc *d = doc_new(c->arena, DOC_MAP);
        struct drain_listing listing = {.items = doc_add_list(c->arena, d, "items"),
                                        .arena = c->arena,
                                        .sums = traffic_sums(control_traffic(c->control)),
                                        .limit = call_number(c, PARAMETER_LIMIT, c->route->limit)};
        struct store_txn *txn = NULL;

        if (read_phase(c, &listing.state) && call_filter(c, KIND_DRAINS, &listing.filter))
                txn = call_read(c);
        if (!txn)
                return;
        store_each(txn, KIND_DRAINS, call_text(c, PARAMETER_AFTER), list_drain, &listing);
        if (!call_read_end(c))
                return;
        doc_add_string(c->arena, d, "next", listing.more ? listing.last : NULL);
        reply_doc(c, 200, d);
}
