/* Revisions that go back unless somebody confirms them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/rollout/figures.h"
#include "admin/rollout/rollout_private.h"
#include "admin/rollout/undo.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "zones/config/rollout.h"
#include "zones/config/schemas.h"

/* One that is waited for. All of it lives in its arena, but for `stuck`. */
struct confirming {
        struct arena *arena;
        struct confirm confirm;
        uint64_t number;
        uint64_t deadline_ms;    /* monotonic */
        struct condition *abort; /* NULL: none */
        const char *going;       /* why it goes back; NULL: it does not yet */
        char *stuck;             /* why it could not; NULL: nothing is known against it */
        bool told;               /* that it is stuck */
        uint64_t tried;          /* the revision at which it could not */
};

static const char *target_of(const struct confirming *c)
{
        return arena_printf(c->arena, "confirm/%s", c->confirm.name);
}

static void confirming_free(struct confirming *c)
{
        free(c->stuck);
        arena_free(c->arena);
        free(c);
}

void confirms_free(struct rollouts *r)
{
        const char *key;
        void *value;

        for (size_t at = 0; map_next(r->confirms, &at, &key, &value);)
                confirming_free(value);
        map_free(r->confirms);
}

static int by_number(const void *a, const void *b)
{
        const struct confirming *x = *(struct confirming *const *)a, *y = *(struct confirming *const *)b;

        return x->number < y->number ? -1 : x->number > y->number;
}

/* All of them, the oldest first; the caller frees the list. */
static struct confirming **all(const struct rollouts *r, size_t *count)
{
        struct confirming **list = memory_alloc((map_count(r->confirms) + 1) * sizeof(struct confirming *));
        const char *key;
        void *value;

        *count = 0;
        for (size_t at = 0; map_next(r->confirms, &at, &key, &value);)
                list[(*count)++] = value;
        qsort(list, *count, sizeof(struct confirming *), by_number);
        return list;
}

/* --- from the store --- */

/* false: the document is no confirm. */
static bool put(struct rollouts *r, const char *key, const struct doc *document)
{
        struct problems problems = PROBLEMS_INIT;
        struct arena *a = arena_new(0);
        struct confirming *c = memory_alloc(sizeof(*c));
        char error[CONDITION_ERROR_MAX];

        *c = (struct confirming){.arena = a};
        bool good = schema_decode(&confirm_schema, doc_copy(a, document), a, &c->confirm, &problems);
        problems_free(&problems);
        if (!good || strcmp(c->confirm.name, key)) {
                confirming_free(c);
                return false;
        }
        int64_t left = c->confirm.until_ms - clock_wall_ms();
        c->number = strtoull(key, NULL, 10);
        c->deadline_ms = clock_ms() + (left > 0 ? (uint64_t)left : 0);
        c->abort = c->confirm.abort_if ? condition_parse(a, c->confirm.abort_if, error) : NULL;
        struct confirming *old = map_set(r->confirms, key, c);
        if (old)
                confirming_free(old);
        return true;
}

static bool read_row(void *context, const char *key, const char *json, size_t length)
{
        struct problems problems = PROBLEMS_INIT;
        struct arena *a = arena_new(0);
        struct doc *document = doc_parse(a, json, length, DOC_JSON, &problems);

        if (!document || !put(context, key, document))
                log_error("store", "confirms[%s] is no confirm: it is left alone", key);
        problems_free(&problems);
        arena_free(a);
        return true;
}

bool confirms_read(struct rollouts *r, struct store_txn *txn)
{
        r->confirms = map_new();
        return store_each(txn, KIND_CONFIRMS, NULL, read_row, r);
}

/* It is in the store no more: what became of it. */
static void ended(struct rollouts *r, const struct confirming *c, const struct revision *by)
{
        bool alone = true; /* nothing but the word of somebody */

        for (size_t i = 0; i < by->change_count; i++)
                alone &= by->changes[i].kind == KIND_CONFIRMS;
        const char *who =
                arena_printf(c->arena, "by \"%s\" in revision %llu", by->author, (unsigned long long)by->number);
        if (c->going) {
                r->counts.gone_back++;
                control_event(r->control, target_of(c), "went back", c->going);
        } else if (alone) {
                r->counts.confirmed++;
                control_event(r->control, target_of(c), "confirmed", who);
        } else {
                r->counts.gone_otherwise++;
                control_event(r->control, target_of(c), "taken back", who);
        }
}

void confirms_take(struct rollouts *r, const struct revision *by, const struct change *change)
{
        struct confirming *c = map_get(r->confirms, change->key);

        if (change->document && put(r, change->key, change->document)) {
                c = map_get(r->confirms, change->key);
                control_event(r->control, target_of(c), "waits",
                              arena_printf(c->arena, "until %s", doc_get_string(change->document, "until")));
        } else if (!change->document && c) {
                ended(r, c, by);
                map_remove(r->confirms, change->key);
                confirming_free(c);
        }
}

/* --- going back --- */

struct going {
        struct rollouts *rollouts;
        const char *key;
};

static void is_stuck(struct rollouts *r, struct confirming *c, char *why)
{
        free(c->stuck);
        c->stuck = why;
        c->tried = control_revision(r->control);
        if (!c->told) {
                log_error("rollout", "revision %s was to go back (%s), and cannot: %s", c->confirm.name, c->going, why);
                control_event(r->control, target_of(c), "cannot go back", why);
        }
        c->told = true;
}

static void has_gone(void *context, enum control_result result, const struct problems *problems)
{
        struct going *g = context;
        struct confirming *c = map_get(g->rollouts->confirms, g->key);

        if (c && result == CONTROL_INVALID)
                is_stuck(g->rollouts, c, problems_line(problems));
}

/* The changes that take it back, in the arena. NULL: it is stuck. */
static struct change *changes_back(struct rollouts *r, struct confirming *c, struct arena *a, size_t *count)
{
        struct problems problems = PROBLEMS_INIT;
        char error[STORE_ERROR_MAX];
        struct change *changes = NULL;
        struct store_txn *txn = store_read(control_store(r->control), error, sizeof(error));
        bool good = txn && undo_changes(txn, c->number, a, &changes, count, &problems, error, sizeof(error));

        if (txn)
                store_end(txn);
        if (!good || problems.count)
                is_stuck(r, c, good ? problems_line(&problems) : memory_strdup(error));
        good = good && !problems.count;
        problems_free(&problems);
        return good ? changes : NULL;
}

static void go_back(struct rollouts *r, struct confirming *c)
{
        struct arena *a = arena_new(0);
        struct going *g = ARENA_NEW(a, struct going);
        size_t count;
        struct change *changes = changes_back(r, c, a, &count);

        if (!changes) {
                arena_free(a);
                return;
        }
        *g = (struct going){r, arena_strdup(a, c->confirm.name)};
        changes[count++] = (struct change){KIND_CONFIRMS, g->key, NULL};
        struct act act = {.arena = a,
                          .changes = changes,
                          .count = count,
                          .comment = arena_printf(a, "revision %s goes back: %s", g->key, c->going),
                          .force = true,
                          .reason = arena_strdup(a, c->going),
                          .done = has_gone,
                          .context = g};
        rollout_act(r, &act);
}

/* Why it has to go back; NULL: it has not. In its arena, once. */
static const char *reason_to_go(struct rollouts *r, struct confirming *c, uint64_t now_ms, bool look)
{
        char span[DURATION_TEXT_MAX];

        if (now_ms >= c->deadline_ms)
                return arena_printf(
                        c->arena, "it was not confirmed within %s",
                        duration_format((c->confirm.until_ms - c->confirm.since_ms + 500) / 1000 * 1000, span));
        if (!look || !c->abort || condition_look(c->abort, rollout_figure, r->control, now_ms) != CONDITION_HOLDS)
                return NULL;
        return arena_printf(c->arena, "%s: %s", c->confirm.abort_if, rollout_told(r->control, c->abort, c->arena));
}

void confirms_tick(struct rollouts *r, uint64_t now_ms, bool look)
{
        size_t count;
        struct confirming **list = all(r, &count);

        for (size_t i = count; i--;) { /* the newest first: what it changed may hinder an older one */
                struct confirming *c = list[i];
                if (!c->going)
                        c->going = reason_to_go(r, c, now_ms, look);
                if (!c->going || !rollout_may_act(r) || (c->stuck && c->tried == control_revision(r->control)))
                        continue;
                go_back(r, c);
                break; /* it may be gone */
        }
        free(list);
}

/* --- for others --- */

struct confirm_counts rollouts_count_confirms(const struct rollouts *r)
{
        struct confirm_counts counts = r->counts;
        size_t count;
        struct confirming **list = all(r, &count);

        for (size_t i = 0; i < count; i++)
                *(list[i]->stuck ? &counts.stuck : &counts.waiting) += 1;
        free(list);
        return counts;
}

struct doc *rollouts_confirms(struct rollouts *r, struct arena *a)
{
        struct doc *items = doc_new(a, DOC_LIST);
        size_t count;
        struct confirming **list = all(r, &count);

        for (size_t i = 0; i < count; i++) {
                struct confirming *c = list[i];
                struct doc *one = doc_add(items, NULL, confirm_document(&c->confirm, a));
                int64_t left = (int64_t)c->deadline_ms - (int64_t)clock_ms();
                doc_add_string(a, one, "state", c->stuck ? "stuck" : c->going ? "going back" : "waiting");
                doc_add_int(a, one, "left_ms", c->going || left < 0 ? 0 : left);
                if (c->stuck)
                        doc_add_string(a, one, "why", c->stuck);
                if (c->abort)
                        doc_add_string(a, one, "figures", rollout_told(r->control, c->abort, a));
        }
        free(list);
        return items;
}

void confirms_ready(const struct rollouts *r, struct arena *a, struct doc *reasons)
{
        size_t count;
        struct confirming **list = all(r, &count);

        for (size_t i = 0; i < count; i++)
                if (list[i]->stuck)
                        doc_add_format(a, reasons, NULL,
                                       "rollout: revision %s was to go back, and cannot: %s; it stays until `gslbctl "
                                       "confirm %s`, or until nothing hinders it",
                                       list[i]->confirm.name, list[i]->stuck, list[i]->confirm.name);
        free(list);
}

struct above {
        struct arena *arena;
        uint64_t number;
        struct change *changes;
        size_t count;
};

static bool add_above(void *context, const char *key, const char *json, size_t length)
{
        struct above *x = context;

        if (strtoull(key, NULL, 10) <= x->number)
                return true;
        if (x->changes)
                x->changes[x->count] = (struct change){KIND_CONFIRMS, arena_strdup(x->arena, key), NULL};
        x->count++;
        return true;
}

void confirms_end_above(struct store_txn *txn, uint64_t number, struct arena *a, struct change **changes, size_t *count)
{
        struct above x = {a, number, NULL, 0};

        store_each(txn, KIND_CONFIRMS, NULL, add_above, &x);
        if (!x.count)
                return;
        struct change *more = ARENA_ARRAY(a, struct change, *count + x.count);
        if (*count)
                memcpy(more, *changes, *count * sizeof(*more));
        x = (struct above){a, number, more + *count, 0};
        store_each(txn, KIND_CONFIRMS, NULL, add_above, &x);
        *changes = more;
        *count += x.count;
}
