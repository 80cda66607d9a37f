#include "tests/unit/plane.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/states/figures.h"
#include "admin/states/schedules.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"
#include "tests/unit/must.h"
#include "tests/unit/name_server.h"
#include "tests/unit/questions.h"
#include "zones/explain/explain.h"

#define ENDPOINTS_MOST    (PLANE_POOLS_MOST * RANDOM_ENDPOINTS)
#define SETTLES_WITHIN_MS 20000

static const char *const probers[] = {"near", "far", "third"};

static void is_ready(void *ready)
{
        *(bool *)ready = true;
}

struct plane *plane_open(const char *directory, const char *geo)
{
        struct plane *p = memory_alloc(sizeof(*p));
        char error[600] = "";

        p->base = event_base_new();
        p->names = name_server_start(p->base);
        const char *const servers[] = {p->names->address};
        const struct control_options options = {.resolver = {servers, 1, .hosts = false},
                                                .stale_for_ms = 3600000,
                                                .store_path = directory,
                                                .geo_paths = &geo,
                                                .geo_path_count = geo != NULL,
                                                .max_down_share = 100,
                                                .brake_window_ms = 1000,
                                                .ready = is_ready,
                                                .context = &p->ready};
        p->control = control_open(p->base, &options, error, sizeof(error));
        must(p->control != NULL, "%s", error);
        return p;
}

void plane_close(struct plane *p)
{
        control_close(p->control);
        name_server_stop(p->names);
        event_base_free(p->base);
        rcu_drain();
        free(p);
}

struct done {
        bool called;
        enum control_result result;
        struct problems *problems;
};

static void is_done(void *context, enum control_result result, const struct change_outcome *outcome)
{
        struct done *d = context;

        d->called = true;
        d->result = result;
        if (result == CONTROL_FAILED)
                problems_add(d->problems, "", 0, "%s", outcome->error);
}

enum control_result plane_change(struct plane *p, struct change *changes, size_t *count, bool dry_run, bool force,
                                 struct problems *problems)
{
        struct done done = {.problems = problems};
        const struct change_terms terms = {.author = "test",
                                           .comment = "",
                                           .dry_run = dry_run,
                                           .force = force,
                                           .reason = "test",
                                           .done = is_done,
                                           .context = &done};
        struct change_outcome outcome;

        control_settle(p->control); /* what it does by itself: drains that end */
        enum control_result result = control_change(p->control, changes, count, &terms, &outcome, problems);
        if (result != CONTROL_STARTED)
                return result;
        control_settle(p->control);
        must_hold(done.called);
        return done.result;
}

struct reloaded {
        bool good;
        char *error;
        size_t error_size;
};

static void geo_is_reloaded(void *context, const char *error, const struct doc *traffic)
{
        struct reloaded *r = context;

        r->good = !error;
        if (error)
                snprintf(r->error, r->error_size, "%s", error);
}

bool plane_reload_geo(struct plane *p, char *error, size_t error_size)
{
        struct reloaded r = {false, error, error_size};

        must_hold(control_reload_geo(p->control, false, geo_is_reloaded, &r));
        control_settle(p->control);
        return r.good;
}

struct timers {
        struct event *list[16];
        unsigned count;
};

static int find_timer(const struct event_base *base, const struct event *e, void *context)
{
        struct timers *t = context;

        if (event_get_fd(e) < 0 && event_get_events(e) & EV_PERSIST && t->count < COUNT_OF(t->list))
                t->list[t->count++] = (struct event *)(uintptr_t)e;
        return 0;
}

void plane_tick(struct plane *p)
{
        struct timers timers = {.count = 0};

        event_base_foreach_event(p->base, find_timer, &timers);
        for (unsigned i = 0; i < timers.count; i++)
                event_active(timers.list[i], EV_TIMEOUT, 1);
        event_base_loop(p->base, EVLOOP_NONBLOCK);
        control_settle(p->control);
}

/* --- what there is --- */

struct endpoints {
        struct arena *arena;
        unsigned count;
        struct {
                const char *id;
                unsigned pool, number; /* number: RANDOM_ENDPOINTS for those of other names */
                bool enabled;
        } list[ENDPOINTS_MOST];
};

static bool add_pool(void *context, const char *key, const char *json, size_t length)
{
        struct endpoints *all = context;
        struct problems problems = PROBLEMS_INIT;
        const struct doc *d = doc_parse(all->arena, json, length, DOC_JSON, &problems);
        const struct doc *endpoints = d ? doc_get(d, "endpoints") : NULL;
        unsigned pool = (unsigned)strtoul(key + 1, NULL, 10);

        must_hold(pool < PLANE_POOLS_MOST);
        if (!endpoints)
                return true;
        doc_each (e, endpoints) {
                const char *name = doc_get_string(e, "name");
                const struct doc *enabled = doc_get(e, "enabled");
                must_hold(all->count < ENDPOINTS_MOST);
                all->list[all->count].id = arena_printf(all->arena, "%s/%s", key, name);
                all->list[all->count].pool = pool;
                all->list[all->count].number = (unsigned)strtoul(name + 1, NULL, 10);
                all->list[all->count++].enabled = !enabled || enabled->boolean;
        }
        return true;
}

static void find_endpoints(struct plane *p, struct arena *a, struct endpoints *all)
{
        char error[STORE_ERROR_MAX];
        struct store_txn *txn = store_read(control_store(p->control), error, sizeof(error));

        must(txn != NULL, "%s", error);
        all->arena = a;
        all->count = 0;
        must_hold(store_each(txn, KIND_POOLS, NULL, add_pool, all));
        store_end(txn);
}

/* --- health --- */

/* Round trips have a history: averages, and what is shown of a pool follows them at a distance. So those of a pool are
 * always measured alike, by one of the two probers that never go. */
static void report(struct plane *p, const struct endpoints *all, unsigned prober, const struct plane_health *health)
{
        static struct verdict verdicts[ENDPOINTS_MOST];
        const struct report r = {.prober = probers[prober],
                                 .boot = 1,
                                 .sequence = ++p->sequence,
                                 .verdicts = verdicts,
                                 .count = all->count};

        for (unsigned i = 0; i < all->count; i++) {
                unsigned pool = all->list[i].pool;
                uint8_t bits = health ? health->down[pool] : 0;
                if (health && prober == 2)
                        bits |= health->third[pool];
                bool down = bits & 1u << all->list[i].number;
                verdicts[i] = (struct verdict){.id = all->list[i].id,
                                               .state = down ? VERDICT_DOWN : VERDICT_UP,
                                               .reason = down ? REASON_TIMEOUT : REASON_OK,
                                               .rtt_us = down || prober != pool % 2 ? 0 : (1 + 7 * pool % 11) * 9000,
                                               .since_ms = 1700000000000};
        }
        control_report(p->control, &r);
}

static void tell_external(struct plane *p, const struct endpoints *all, const struct plane_health *health)
{
        for (unsigned i = 0; i < all->count; i++) {
                bool down = health && health->down[all->list[i].pool] & 1u << all->list[i].number;
                if (RANDOM_POOL_TOLD(all->list[i].pool))
                        control_say(p->control, all->list[i].id, down ? VERDICT_DOWN : VERDICT_UP, "", "test", 3600000);
        }
}

static void tell_figures(struct plane *p, const struct endpoints *all)
{
        for (unsigned i = 0; i < all->count; i++) {
                struct told_figures told = {.figures = FIGURES_UNKNOWN, .until_ms = clock_ms() + 3600000};
                told.figures.load = 10 + 7 * (float)all->list[i].number;
                if (RANDOM_POOL_FIGURED(all->list[i].pool))
                        control_figures(p->control, all->list[i].id, &told);
        }
}

void plane_say(struct plane *p, struct plane_health *health)
{
        struct arena *a = arena_new(0);
        struct endpoints all;
        struct plane_health may = {0};
        bool first = !p->sequence;

        find_endpoints(p, a, &all);
        for (unsigned i = 0; i < all.count; i++)
                if (all.list[i].enabled)
                        may.down[all.list[i].pool] |= (uint8_t)(1u << all.list[i].number);
        for (unsigned i = 0; i < PLANE_POOLS_MOST; i++) {
                health->down[i] &= may.down[i];
                health->third[i] &= may.down[i];
        }
        for (unsigned prober = 0; first && prober < 3; prober++)
                report(p, &all, prober, NULL);
        if (first) {
                tell_external(p, &all, NULL);
                plane_tick(p);
        }
        for (unsigned prober = 0; prober < 3; prober++)
                report(p, &all, prober, health);
        tell_external(p, &all, health);
        tell_figures(p, &all);
        arena_free(a);
}

void plane_flip(struct random *r, struct plane_health *health)
{
        unsigned pool = random_below(r, PLANE_POOLS_MOST), bits = 1u << random_below(r, RANDOM_ENDPOINTS);

        if (chance(r, 20)) /* all of a pool */
                bits = 0xff;
        if (chance(r, 20))
                health->third[pool] ^= (uint8_t)bits;
        else if (bits == 0xff)
                health->down[pool] = chance(r, 50) ? 0xff : 0;
        else
                health->down[pool] ^= (uint8_t)bits;
}

static void look_for_unwritten(void *context, const struct hold *hold, bool written)
{
        *(bool *)context |= !written;
}

static bool count_one(void *context, const char *key, const char *json, size_t length)
{
        ++*(size_t *)context;
        return true;
}

static size_t holds_stored(struct plane *p)
{
        char error[STORE_ERROR_MAX];
        struct store_txn *txn = store_read(control_store(p->control), error, sizeof(error));
        size_t count = 0;

        must(txn, "%s", error);
        must_hold(store_each(txn, KIND_HOLDS, NULL, count_one, &count));
        store_end(txn);
        return count;
}

/* What is held, and nothing else, is in the store, for who is started on it. */
static void settle_holds(struct plane *p)
{
        const uint64_t end = clock_ms() + SETTLES_WITHIN_MS;
        bool unwritten;

        do {
                plane_tick(p);
                unwritten = false;
                control_holds_each(p->control, NULL, look_for_unwritten, &unwritten);
                const struct hold_counts now = control_holds_count(p->control);
                unwritten |= holds_stored(p) != now.pools + now.endpoints;
        } while (unwritten && clock_ms() < end);
        must(!unwritten, "what is held is not in the store");
}

void plane_settle(struct plane *p)
{
        static const struct timeval soon = {0, 2000};
        uint64_t end = clock_ms() + SETTLES_WITHIN_MS;

        plane_tick(p);
        do {
                event_base_loopexit(p->base, &soon);
                event_base_dispatch(p->base);
        } while ((!p->ready || control_flattened(p->control).unknown) && clock_ms() < end);
        plane_tick(p);
        settle_holds(p);
}

/* --- what is seen --- */

static void tell_answers(unsigned step, struct buffer *out)
{
        static const char digits[] = "0123456789abcdef";
        struct questioner *q = questioner_new();
        static char hex[2 * ANSWER_REPLY_MAX];

        for (unsigned n = 0; n < questions_count(); n += step) {
                question_ask(q, n, snapshot_current());
                for (size_t i = 0; i < q->length; i++) {
                        hex[2 * i] = digits[q->reply[i] >> 4];
                        hex[2 * i + 1] = digits[q->reply[i] & 15];
                }
                buffer_printf(out, "%s: ", question_text(n));
                buffer_bytes(out, hex, 2 * q->length);
                buffer_text(out, "\n");
        }
        free(q);
}

/* What depends on when something was seen. */
static void leave_out_times(struct doc *d)
{
        static const char *const times[] = {"since",    "changes",      "downtime_ms", "last_report_ms_ago",
                                            "sequence", "plan_revision"};

        for (size_t i = 0; d->type == DOC_MAP && i < COUNT_OF(times); i++) {
                struct doc *member = doc_get(d, times[i]);
                if (member)
                        doc_remove(d, member);
        }
        if (d->type == DOC_MAP || d->type == DOC_LIST)
                doc_each (child, d)
                        leave_out_times(child);
}

static void tell_document(const char *what, const char *of, struct doc *d, struct buffer *out)
{
        leave_out_times(d);
        buffer_printf(out, "%s %s: ", what, of);
        doc_write_json(d, out, 0);
        buffer_text(out, "\n");
}

/* What was once measured of endpoints that are switched off now. */
static void leave_out_disabled(struct doc *d)
{
        static const char *const figures[] = {"round_trip_ms", "cost"};
        struct doc *enabled = doc_get(d, "enabled");

        for (size_t i = 0; enabled && !enabled->boolean && i < COUNT_OF(figures); i++)
                if (doc_get(d, figures[i]))
                        doc_remove(d, doc_get(d, figures[i]));
        if (d->type == DOC_MAP || d->type == DOC_LIST)
                doc_each (child, d)
                        leave_out_disabled(child);
        if (!d->key || strcmp(d->key, "story"))
                return;
        for (struct doc *line = d->first, *next; line; line = next) {
                next = line->next;
                if (strstr(line->string, ": disabled"))
                        doc_remove(d, line);
        }
}

/* Explain picks at random each time: from there on its story is another. */
static void leave_out_pick(struct doc *d)
{
        static const char *const picked[] = {"answer", "rcode", "ttl", "scope", "extended_error", "followed"};
        struct doc *story = doc_get(d, "story"), *line = story->first;

        while (line && !strstr(line->string, "this time") && !strstr(line->string, "Flattened from"))
                line = line->next;
        for (size_t i = 0; line && i < COUNT_OF(picked); i++)
                if (doc_get(d, picked[i]))
                        doc_remove(d, doc_get(d, picked[i]));
        for (struct doc *next; line; line = next) {
                next = line->next;
                doc_remove(story, line);
        }
}

static void tell_explanations(struct arena *a, struct buffer *out)
{
        static const char *const from[] = {"10.1.2.0/24", "203.0.113.7", "2001:db8:1::7"};
        static const char *const types[] = {"A", "AAAA", "HTTPS"};
        struct problems problems = PROBLEMS_INIT;
        struct prefix client;

        for (unsigned n = 0; question_name(n); n++) {
                must_hold(prefix_parse(from[n % 3], &client));
                const struct explain_question q = explain_now(question_name(n), types[n / 3 % 3], &client, 1);
                struct doc *d = explain_answer(snapshot_current(), NULL, &q, a, &problems);
                if (!d)
                        continue;
                leave_out_pick(d);
                leave_out_disabled(d);
                size_t before = out->length;
                tell_document("explain", question_name(n), d, out);
                if (strstr(out->data + before, "round trips as seen from")) /* those of what is drained are a memory */
                        out->data[out->length = before] = '\0';
        }
        problems_free(&problems);
}

static int compare_lines(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What a prober is to check, in whatever order. */
static void tell_plan(struct plane *p, const char *prober, struct arena *a, struct buffer *out)
{
        const struct plan_text *text = control_plan_text(p->control, prober, NULL);
        struct problems problems = PROBLEMS_INIT;
        struct doc *d = doc_parse(a, text->text, text->length, DOC_JSON, &problems),
                   *checks = d ? doc_get(d, "checks") : NULL;
        const char **lines = arena_alloc(a, ((checks ? checks->count : 0) + 1) * sizeof(*lines));
        unsigned count = 0;

        must(checks != NULL, "%s", text->text);
        doc_each (check, checks) {
                struct buffer line = BUFFER_INIT(1 << 16);
                int64_t place = 0;
                must_hold(doc_get_int(check, "monitor", &place));
                struct doc *monitor = doc_get(d, "monitors")->first;
                while (place--)
                        monitor = monitor->next;
                doc_set(check, "monitor", doc_copy(a, monitor));
                doc_write_json(check, &line, 0);
                lines[count++] = arena_strdup(a, line.data);
                buffer_free(&line);
        }
        qsort(lines, count, sizeof(*lines), compare_lines);
        for (unsigned i = 0; i < count; i++)
                buffer_printf(out, "plan of %s: %s\n", prober, lines[i]);
}

struct told_holds {
        struct arena *arena;
        const char *lines[ENDPOINTS_MOST + PLANE_POOLS_MOST];
        unsigned count;
};

static void add_hold(void *context, const struct hold *hold, bool written)
{
        struct told_holds *t = context;

        must_hold(t->count < COUNT_OF(t->lines));
        t->lines[t->count++] =
                arena_printf(t->arena, "%s, %s", hold->name, hold->until_ms ? "for a while" : "until somebody says so");
}

static void tell_holds(struct plane *p, struct arena *a, struct buffer *out)
{
        struct told_holds told = {.arena = a};

        control_holds_each(p->control, NULL, add_hold, &told);
        qsort(told.lines, told.count, sizeof(*told.lines), compare_lines);
        for (unsigned i = 0; i < told.count; i++)
                buffer_printf(out, "held: %s\n", told.lines[i]);
}

void plane_tell(struct plane *p, unsigned step, struct buffer *out)
{
        struct arena *a = arena_new(0);
        struct endpoints all;

        tell_explanations(a, out);
        tell_answers(step, out);
        find_endpoints(p, a, &all);
        for (unsigned i = 0; i < all.count; i++) {
                struct doc *d = health_describe(control_health(p->control), all.list[i].id, a, clock_ms());
                if (d)
                        tell_document("health", all.list[i].id, d, out);
        }
        for (unsigned i = 0; i < COUNT_OF(probers); i++)
                tell_plan(p, probers[i], a, out);
        tell_holds(p, a, out);
        buffer_printf(out, "host names %zu, schedules %u, in force %u\n", control_flattened(p->control).names,
                      schedules_count(control_schedules(p->control)),
                      schedules_in_force(control_schedules(p->control)));
        arena_free(a);
}
