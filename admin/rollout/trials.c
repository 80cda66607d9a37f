#include "admin/rollout/trials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/rollout/rollout_private.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"

#define WITHIN_MS       120000
#define WITHIN_LEAST_MS 1000
#define WITHIN_MOST_MS  3600000
#define UNDER_WAY_MOST  8
#define KEPT_MOST       32 /* with those that have ended */
#define FAILED_TOLD     5

enum trial_state { TRIAL_CHECKING, TRIAL_COMMITTING, TRIAL_COMMITTED, TRIAL_NOT_COMMITTED };
static const char *const state_texts[] = {"checking", "committing", "committed", "not committed"};

struct trial_check {
        const char *id;
        enum verdict_state state;
        enum reason reason;
        char detail[80];
};

struct trial {
        TAILQ_ENTRY(trial) link;
        struct rollouts *rollouts;
        struct arena *arena;
        char id[40];
        enum trial_state state;
        struct trial_asked asked;
        struct change *changes;      /* with room for one more */
        struct local_prober *prober; /* NULL: none runs, or not any more */
        struct trial_check *checks;
        struct map *by_id; /* of them */
        uint32_t count;
        int64_t since_ms, until_ms; /* wall time */
        uint64_t deadline_ms;       /* monotonic */
        uint64_t base;              /* the revision that it was made from */
        uint64_t revision;          /* that it made */
        const char *why;
        struct problems problems; /* of the commit, filled until it is done */
};

void trials_open(struct rollouts *r)
{
        TAILQ_INIT(&r->trials);
}

static void trial_free(struct trial *t)
{
        local_prober_stop(t->prober);
        TAILQ_REMOVE(&t->rollouts->trials, t, link);
        t->rollouts->trial_count--;
        problems_free(&t->problems);
        map_free(t->by_id);
        arena_free(t->arena);
        free(t);
}

void trials_close(struct rollouts *r)
{
        struct trial *t;

        TAILQ_FOREACH(t, &r->trials, link)
        if (t->prober)
                local_prober_stop_soon(t->prober);
        while (!TAILQ_EMPTY(&r->trials))
                trial_free(TAILQ_FIRST(&r->trials));
}

/* Also one that has ended, while its prober's thread is not over. */
static bool under_way(const struct trial *t)
{
        return t->state == TRIAL_CHECKING || t->state == TRIAL_COMMITTING || t->prober;
}

static uint32_t passed(const struct trial *t)
{
        uint32_t n = 0;

        for (uint32_t i = 0; i < t->count; i++)
                n += t->checks[i].state == VERDICT_UP;
        return n;
}

static void finish(struct trial *t, const char *why)
{
        char target[60];

        t->state = why ? TRIAL_NOT_COMMITTED : TRIAL_COMMITTED;
        t->why = why;
        if (t->prober)
                local_prober_stop_soon(t->prober);
        snprintf(target, sizeof(target), "trial/%s", t->id);
        control_event(t->rollouts->control, target, state_texts[t->state],
                      why ? why : arena_printf(t->arena, "revision %llu", (unsigned long long)t->revision));
}

/* --- beginning --- */

static void reported(void *context, const struct report *report)
{
        struct trial *t = context;

        for (uint32_t i = 0; i < report->count; i++) {
                const struct verdict *v = &report->verdicts[i];
                struct trial_check *check = map_get(t->by_id, v->id);
                if (!check)
                        continue;
                check->state = (enum verdict_state)v->state;
                check->reason = (enum reason)v->reason;
                memcpy(check->detail, v->detail, sizeof(check->detail));
        }
}

static const char *kept(struct arena *a, const char *text)
{
        return text ? arena_strdup(a, text) : NULL;
}

static struct trial *trial_new(struct rollouts *r, const struct trial_asked *asked, int64_t within_ms)
{
        struct trial *t = memory_alloc(sizeof(*t));
        struct arena *a = arena_new(0);

        *t = (struct trial){
                .rollouts = r, .arena = a, .asked = *asked, .by_id = map_new(), .since_ms = clock_wall_ms()};
        snprintf(t->id, sizeof(t->id), "%llx", (unsigned long long)report_boot());
        t->until_ms = t->since_ms + within_ms;
        t->deadline_ms = clock_ms() + (uint64_t)within_ms;
        t->base = control_revision(r->control);
        t->changes = ARENA_ARRAY(a, struct change, asked->count + 1);
        for (size_t i = 0; i < asked->count; i++)
                t->changes[i] =
                        (struct change){asked->changes[i].kind, arena_strdup(a, asked->changes[i].key),
                                        asked->changes[i].document ? doc_copy(a, asked->changes[i].document) : NULL};
        t->asked.author = kept(a, asked->author);
        t->asked.comment = kept(a, asked->comment);
        t->asked.reason = kept(a, asked->reason);
        t->asked.confirm = (struct confirm_asked){kept(a, asked->confirm.within), kept(a, asked->confirm.abort_if),
                                                  kept(a, asked->confirm.by)};
        TAILQ_INSERT_TAIL(&r->trials, t, link);
        r->trial_count++;
        return t;
}

static void take_checks(struct trial *t, const struct plan *plan)
{
        t->count = plan->count;
        t->checks = ARENA_ARRAY(t->arena, struct trial_check, plan->count);
        for (uint32_t i = 0; i < plan->count; i++) {
                t->checks[i].id = arena_strdup(t->arena, plan->checks[i].id);
                t->checks[i].state = VERDICT_UNKNOWN;
                map_set(t->by_id, t->checks[i].id, &t->checks[i]);
        }
}

/* false: as many are under way as may be. What has ended makes room. */
static bool make_room(struct rollouts *r)
{
        struct trial *t, *next;
        unsigned busy = 0;

        TAILQ_FOREACH(t, &r->trials, link)
        busy += under_way(t);
        for (t = TAILQ_FIRST(&r->trials); t && r->trial_count >= KEPT_MOST; t = next) {
                next = TAILQ_NEXT(t, link);
                if (!under_way(t))
                        trial_free(t);
        }
        return busy < UNDER_WAY_MOST;
}

static bool refuse(struct refusal *r, int status, const char *detail)
{
        *r = (struct refusal){status, detail};
        return false;
}

bool trial_begin(struct rollouts *r, const struct trial_asked *asked, struct arena *a, struct doc **told,
                 struct refusal *refusal)
{
        int64_t within_ms = WITHIN_MS;
        char error[STORE_ERROR_MAX] = "";

        if (asked->within &&
            (!duration_parse(asked->within, &within_ms) || within_ms < WITHIN_LEAST_MS || within_ms > WITHIN_MOST_MS))
                return refuse(refusal, 400,
                              arena_printf(a, "check_within: expected a time from 1s to 1h such as 2m, got \"%s\"",
                                           asked->within));
        if (!control_checks_itself(r->control))
                return refuse(refusal, 409, "check_first: this gslbd checks nothing itself: probes.enabled is false");
        if (!make_room(r))
                return refuse(refusal, 409,
                              "check_first: as many changes wait for their checks as may; `gslbctl trials`");
        struct trial *t = trial_new(r, asked, within_ms);
        struct plan *plan = control_trial_checks(r->control, t->changes, asked->count, error, sizeof(error));
        if (plan) {
                take_checks(t, plan);
                if (plan->count)
                        t->prober = control_trial_prober(r->control, plan, reported, t, error, sizeof(error));
        }
        bool good = plan && (t->prober || !plan->count);
        if (plan)
                plan_free(plan);
        if (!good) {
                trial_free(t);
                return refuse(refusal, 500, arena_strdup(a, error));
        }
        log_info("rollout", "trial %s by \"%s\": %u checks have to pass first", t->id, t->asked.author, t->count);
        *told = trial_tell(r, t->id, a);
        return true;
}

/* --- committing --- */

/* Whether somebody else changed the same meanwhile. */
static const char *touched_since(struct trial *t)
{
        char error[STORE_ERROR_MAX];
        struct store_txn *txn = store_read(control_store(t->rollouts->control), error, sizeof(error));
        const char *why = txn ? NULL : arena_strdup(t->arena, error);
        struct touch touch;

        for (size_t i = 0; txn && i < t->asked.count && !why; i++)
                if (store_touched(txn, t->changes[i].kind, t->changes[i].key, t->base, NULL, t->arena, &touch))
                        why = arena_printf(t->arena, "%s[%s] was changed by \"%s\" meanwhile, in revision %llu",
                                           kind_name(t->changes[i].kind), t->changes[i].key, touch.author,
                                           (unsigned long long)touch.revision);
        if (txn)
                store_end(txn);
        return why;
}

static void is_written(void *context, enum control_result result, const struct change_outcome *outcome)
{
        struct trial *t = context;

        t->rollouts->acting = false;
        t->revision = outcome->revision;
        if (result == CONTROL_OK || result == CONTROL_UNCHANGED) {
                finish(t, NULL);
                return;
        }
        char *line = problems_line(&t->problems);
        finish(t, arena_strdup(t->arena, *line ? line : outcome->error ? outcome->error : "it could not be written"));
        free(line);
}

static void commit(struct trial *t)
{
        struct rollouts *r = t->rollouts;
        struct change_outcome outcome = {0};
        struct refusal refusal;
        struct doc *confirm;
        size_t count = t->asked.count;
        const char *why = touched_since(t);

        if (!why && !confirm_asked(r->control, &t->asked.confirm, t->changes, &count, t->arena, &confirm, &t->problems,
                                   &refusal))
                why = refusal.detail;
        if (why) {
                finish(t, why);
                return;
        }
        const struct change_terms terms = {.author = t->asked.author,
                                           .comment = t->asked.comment,
                                           .force = t->asked.force,
                                           .reason = t->asked.reason,
                                           .alone = true,
                                           .done = is_written,
                                           .context = t};
        t->state = TRIAL_COMMITTING;
        r->acting = true;
        enum control_result result = control_change(r->control, t->changes, &count, &terms, &outcome, &t->problems);
        if (result == CONTROL_LATER) {
                t->state = TRIAL_CHECKING; /* once more */
                r->acting = false;
        } else if (result != CONTROL_STARTED) {
                is_written(t, result, &outcome);
        }
}

/* Which checks have not passed, a few by name. */
static const char *failing(struct trial *t)
{
        const char *text = arena_printf(t->arena, "%u of %u checks did not pass:", t->count - passed(t), t->count);
        unsigned told = 0;

        for (uint32_t i = 0; i < t->count; i++) {
                const struct trial_check *c = &t->checks[i];
                if (c->state != VERDICT_UP && told++ < FAILED_TOLD)
                        text = arena_printf(t->arena, "%s%s %s is %s%s%s%s%s", text, told > 1 ? "," : "", c->id,
                                            verdict_state_name(c->state), c->state == VERDICT_DOWN ? " (" : "",
                                            c->state == VERDICT_DOWN ? reason_name(c->reason) : "",
                                            c->state == VERDICT_DOWN && *c->detail ? ": " : "",
                                            c->state == VERDICT_DOWN ? c->detail : "");
                if (c->state == VERDICT_DOWN && told <= FAILED_TOLD)
                        text = arena_printf(t->arena, "%s)", text);
        }
        return told > FAILED_TOLD ? arena_printf(t->arena, "%s, and %u more", text, told - FAILED_TOLD) : text;
}

/* Of a trial that has ended, when that takes no waiting. */
static void drop_prober(struct trial *t)
{
        if (!t->prober || t->state == TRIAL_COMMITTING || !local_prober_is_over(t->prober))
                return;
        local_prober_stop(t->prober);
        t->prober = NULL;
}

void trials_tick(struct rollouts *r, uint64_t now_ms)
{
        struct trial *t;

        TAILQ_FOREACH(t, &r->trials, link)
        {
                if (t->state != TRIAL_CHECKING) {
                        drop_prober(t);
                        continue;
                }
                if (passed(t) == t->count && rollout_may_act(r))
                        commit(t);
                else if (passed(t) < t->count && now_ms >= t->deadline_ms)
                        finish(t, failing(t));
        }
}

/* --- for others --- */

static struct trial *find(const struct rollouts *r, const char *id)
{
        struct trial *t;

        TAILQ_FOREACH(t, &r->trials, link)
        if (!strcmp(t->id, id))
                return t;
        return NULL;
}

static struct doc *describe(const struct trial *t, struct arena *a)
{
        struct doc *d = doc_new(a, DOC_MAP), *checks;
        char time[CLOCK_TEXT_MAX];

        doc_add_string(a, d, "id", t->id);
        doc_add_string(a, d, "state", state_texts[t->state]);
        doc_add_string(a, d, "by", t->asked.author);
        if (t->asked.comment)
                doc_add_string(a, d, "comment", t->asked.comment);
        doc_add_string(a, d, "since", clock_format(t->since_ms, time));
        doc_add_string(a, d, "until", clock_format(t->until_ms, time));
        doc_add_int(a, d, "count", t->count);
        doc_add_int(a, d, "passed", passed(t));
        checks = doc_add_list(a, d, "checks");
        for (uint32_t i = 0; i < t->count; i++) {
                struct doc *one = doc_add_map(a, checks, NULL);
                doc_add_string(a, one, "id", t->checks[i].id);
                doc_add_string(a, one, "state", verdict_state_name(t->checks[i].state));
                doc_add_string(a, one, "reason", reason_name(t->checks[i].reason));
                doc_add_string(a, one, "detail", t->checks[i].detail);
        }
        if (t->state == TRIAL_COMMITTED)
                doc_add_int(a, d, "revision", (int64_t)t->revision);
        if (t->why)
                doc_add_string(a, d, "why", t->why);
        return d;
}

struct doc *trials_tell(const struct rollouts *r, struct arena *a)
{
        struct doc *list = doc_new(a, DOC_LIST);
        const struct trial *t;

        TAILQ_FOREACH(t, &r->trials, link)
        doc_add(list, NULL, describe(t, a));
        return list;
}

struct doc *trial_tell(const struct rollouts *r, const char *id, struct arena *a)
{
        const struct trial *t = find(r, id);

        return t ? describe(t, a) : NULL;
}

bool trial_may_end(const struct rollouts *r, const char *id)
{
        const struct trial *t = find(r, id);

        return t && t->state == TRIAL_CHECKING;
}

void trial_end(struct rollouts *r, const char *id, const char *by)
{
        struct trial *t = find(r, id);

        finish(t, arena_printf(t->arena, "ended by \"%s\"", by));
}
