#include "admin/plans/tries_tell.h"

#include <string.h>
#include "base/clock.h"
#include "base/named.h"

#define SLACK_MS     5000 /* for reports, and for a plan that is fetched */
#define OPEN_MOST_MS 600000
#define DEAF_REPORTS 3 /* that say nothing of it: they are those of a prober that cannot */

#define ANSWERS(X)                                                                                                     \
        X(ANSWER_PASSED, "passed")                                                                                     \
        X(ANSWER_FAILED, "failed")                                                                                     \
        X(ANSWER_WAITING, "waiting")                                                                                   \
        X(ANSWER_LATE, "late")                                                                                         \
        X(ANSWER_SILENT, "silent")                                                                                     \
        X(ANSWER_OLDER, "older")                                                                                       \
        X(ANSWER_GONE, "gone")                                                                                         \
        X(ANSWER_NOT_ASKED, "not asked")
enum answer { ANSWERS(NAMED_VALUE) };
static const char *const answer_names[] = {ANSWERS(NAMED_TEXT) NULL};

static const struct check *check_of_id(const struct tries_scene *s, const char *id)
{
        const struct roster *plan = health_plan(s->health);
        uint32_t place = roster_find(plan, id);

        return place == ROSTER_NONE ? NULL : roster_at(plan, place);
}

bool tries_does_check(void *scene, const char *prober, const char *id)
{
        const struct check *c = check_of_id(scene, id);

        return c && check_is_active(c->monitor) && check_is_sent(c, prober);
}

uint64_t tries_open_ms(const struct check *c)
{
        uint64_t run = (uint64_t)c->monitor->timeout_ms * (uint64_t)(c->monitor->retries + 1);
        uint64_t ms = 2 * run + SLACK_MS; /* one may be under way */

        return ms < OPEN_MOST_MS ? ms : OPEN_MOST_MS;
}

/* --- one prober --- */

/* What is being told. */
struct telling {
        const struct tries_scene *scene;
        const char *id;
        const struct try *t;
        const struct doc *probers, *verdicts; /* as health tells of them */
        uint64_t now_ms;
        struct doc *list;
        struct arena *arena;
        uint32_t count[sizeof(answer_names) / sizeof(*answer_names)];
};

/* The item of a list of maps in which `member` is this text. */
static const struct doc *item_with(const struct doc *list, const char *member, const char *text)
{
        for (const struct doc *one = list ? list->first : NULL; one; one = one->next)
                if (doc_get_string(one, member) && !strcmp(doc_get_string(one, member), text))
                        return one;
        return NULL;
}

static const struct try_answer *answer_by(const struct try *t, const char *prober)
{
        for (uint32_t i = 0; t && i < t->count; i++)
                if (!strcmp(t->answers[i].prober, prober))
                        return &t->answers[i];
        return NULL;
}

/* Why nothing has come of it; *why: more of that. */
static enum answer without_result(const struct telling *w, const char *prober, bool there, const struct try_answer *a,
                                  const char **why)
{
        const struct doc *heard = item_with(w->probers, "name", prober);
        char span[DURATION_TEXT_MAX];

        if (!there) {
                *why = "it is not configured any more, or is disabled";
                return ANSWER_GONE;
        }
        if (!tries_does_check((void *)w->scene, prober, w->id)) {
                *why = "it does not check this endpoint";
                return ANSWER_NOT_ASKED;
        }
        if (!heard || !doc_get(heard, "live")->boolean) {
                uint64_t ago_ms = heard ? (uint64_t)doc_get(heard, "last_report_ms_ago")->integer : 0;
                *why = heard ? arena_printf(w->arena, "it has not reported for %s",
                                            duration_format((int64_t)(ago_ms / 1000 * 1000), span))
                             : "it has never reported";
                return ANSWER_SILENT;
        }
        if (a && !a->heard && a->deaf >= DEAF_REPORTS) {
                *why = "it reports, but knows of no tries: an older gslb-prober";
                return ANSWER_OLDER;
        }
        if (!w->t || (w->now_ms < w->t->until_ms && !w->t->over))
                return ANSWER_WAITING;
        *why = arena_printf(w->arena, "no result within %s",
                            duration_format((int64_t)(w->t->until_ms - w->t->asked_ms), span));
        return ANSWER_LATE;
}

static void tell_prober(struct telling *w, const char *prober, bool there)
{
        const struct try_answer *a = answer_by(w->t, prober);
        const struct doc *verdict = item_with(w->verdicts, "prober", prober);
        const char *why = NULL;
        bool done = a && a->of.done;
        enum answer answer = !done                       ? without_result(w, prober, there, a, &why)
                             : a->of.reason == REASON_OK ? ANSWER_PASSED
                                                         : ANSWER_FAILED;
        struct doc *one = doc_add_map(w->arena, w->list, NULL);

        w->count[answer]++;
        doc_add_string(w->arena, one, "prober", prober);
        doc_add_string(w->arena, one, "answer", answer_names[answer]);
        if (done) {
                doc_add_string(w->arena, one, "reason", reason_name((enum reason)a->of.reason));
                doc_add_string(w->arena, one, "detail", a->of.detail);
                doc_add_real(w->arena, one, "took_ms", (double)a->of.took_us / 1000);
        }
        if (verdict && answer != ANSWER_NOT_ASKED) {
                doc_add_string(w->arena, one, "state", doc_get_string(verdict, "state"));
                doc_add_string(w->arena, one, "since", doc_get_string(verdict, "since"));
        }
        if (why)
                doc_add_string(w->arena, one, "why", why);
}

/* --- all --- */

static void tell_probers(struct telling *w)
{
        const struct tries_scene *s = w->scene;
        const struct model *m = s->model;

        if (s->local)
                tell_prober(w, s->local, true);
        model_each (prober, p, m->probers, m->count[KIND_PROBERS])
                if (p->enabled && !(s->local && !strcmp(p->name, s->local)))
                        tell_prober(w, p->name, true);
        for (uint32_t i = 0; w->t && i < w->t->count; i++)
                if (!item_with(w->list, "prober", w->t->answers[i].prober))
                        tell_prober(w, w->t->answers[i].prober, false);
}

struct doc *try_describe(const struct tries_scene *s, const char *id, const struct try *t, uint64_t now_ms,
                         uint32_t *waiting, struct arena *a)
{
        struct telling w = {.scene = s, .id = id, .t = t, .now_ms = now_ms, .list = doc_new(a, DOC_LIST), .arena = a};
        const struct check *c = check_of_id(s, id);
        struct doc *d = doc_new(a, DOC_MAP), *health = health_describe(s->health, id, a, now_ms);
        char time[CLOCK_TEXT_MAX];

        w.probers = health_describe_probers(s->health, a, now_ms);
        w.verdicts = health ? doc_get(health, "verdicts") : NULL;
        tell_probers(&w);
        doc_add_string(a, d, "id", id);
        if (t)
                doc_add_format(a, d, "number", "%llu", (unsigned long long)t->number);
        doc_add_string(a, d, "monitor", c ? c->monitor->name : NULL);
        if (t) {
                doc_add_string(a, d, "since", clock_format(t->since_ms, time));
                doc_add_string(a, d, "until", clock_format(t->since_ms + (int64_t)(t->until_ms - t->asked_ms), time));
        }
        doc_add_int(a, d, "passed", w.count[ANSWER_PASSED]);
        doc_add_int(a, d, "failed", w.count[ANSWER_FAILED]);
        doc_add_int(a, d, "waiting", w.count[ANSWER_WAITING]);
        if (health) /* what all of them amount to */
                doc_add_string(a, d, "state", doc_get_string(health, "state"));
        doc_add(d, "probers", w.list);
        *waiting = w.count[ANSWER_WAITING];
        return d;
}
