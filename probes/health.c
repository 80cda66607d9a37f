#include "probes/health.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"

#define PROBERS_MAX 256

/* A vantage point that has reported. */
struct prober_state {
        char name[104];
        uint64_t epoch, sequence, plan_revision;
        uint64_t last_ms; /* monotonic: when its last report came */
        bool live;
        struct map *verdicts; /* by check id: struct verdict *, owned */
};

/* One check: what is in force and why. */
struct entry {
        char *id;
        enum verdict_state state;
        int64_t since_ms; /* wall */
        uint64_t changes;
        uint64_t lost_ms; /* monotonic: since when no live prober knows it; 0: one does */
        struct verdict because;
        char prober[104];
};

struct health_table {
        health_changed *changed;
        void *context;
        struct map *entries; /* by id */
        struct prober_state *probers[PROBERS_MAX];
        size_t prober_count;
};

struct health_table *health_new(health_changed *changed, void *context)
{
        struct health_table *h = memory_alloc(sizeof(*h));

        h->changed = changed;
        h->context = context;
        h->entries = map_new();
        return h;
}

static void verdicts_free(struct map *verdicts)
{
        const char *key;
        void *value;

        for (size_t at = 0; map_next(verdicts, &at, &key, &value);)
                free(value);
        map_free(verdicts);
}

static void prober_free(struct prober_state *p)
{
        verdicts_free(p->verdicts);
        free(p);
}

static void entry_free(struct entry *e)
{
        free(e->id);
        free(e);
}

void health_free(struct health_table *h)
{
        const char *key;
        void *value;

        if (!h)
                return;
        for (size_t at = 0; map_next(h->entries, &at, &key, &value);)
                entry_free(value);
        map_free(h->entries);
        for (size_t i = 0; i < h->prober_count; i++)
                prober_free(h->probers[i]);
        free(h);
}

/* --- deciding --- */

struct count {
        unsigned up, down;
        const struct verdict *last_up, *last_down;
        const char *up_prober, *down_prober;
};

static struct count count_verdicts(const struct health_table *h, const char *id)
{
        struct count c = {0};

        for (size_t i = 0; i < h->prober_count; i++) {
                const struct prober_state *p = h->probers[i];
                const struct verdict *v = p->live ? map_get(p->verdicts, id) : NULL;
                if (v && v->state == VERDICT_UP) {
                        c.up++;
                        c.last_up = v;
                        c.up_prober = p->name;
                } else if (v && v->state == VERDICT_DOWN) {
                        c.down++;
                        c.last_down = v;
                        c.down_prober = p->name;
                }
        }
        return c;
}

static void set_state(struct health_table *h, struct entry *e, enum verdict_state state, const struct verdict *because,
                      const char *prober)
{
        if (e->state == state)
                return;
        if (e->state != VERDICT_UNKNOWN)
                e->changes++;
        e->state = state;
        e->since_ms = clock_wall_ms();
        e->because = because ? *because : (struct verdict){.reason = REASON_NOT_YET};
        e->because.id = NULL;
        snprintf(e->prober, sizeof(e->prober), "%s", prober ? prober : "");
        h->changed(h->context, e->id, state, because, prober);
}

/* Majority of the live probers that know it; a tie is up. With none, the last state holds for a while. */
static void decide(struct health_table *h, struct entry *e, uint64_t now_ms)
{
        struct count c = count_verdicts(h, e->id);

        if (c.up + c.down) {
                e->lost_ms = 0;
                if (c.down > c.up)
                        set_state(h, e, VERDICT_DOWN, c.last_down, c.down_prober);
                else
                        set_state(h, e, VERDICT_UP, c.last_up, c.up_prober);
                return;
        }
        if (!e->lost_ms)
                e->lost_ms = now_ms ? now_ms : 1;
        if (now_ms - e->lost_ms >= HEALTH_STALE_AFTER_MS)
                set_state(h, e, VERDICT_UNKNOWN, NULL, NULL);
}

static void decide_all(struct health_table *h, uint64_t now_ms)
{
        const char *key;
        void *value;

        for (size_t at = 0; map_next(h->entries, &at, &key, &value);)
                decide(h, value, now_ms);
}

/* --- plans --- */

void health_set_plan(struct health_table *h, const struct plan *plan, uint64_t now_ms)
{
        struct map *entries = map_new();
        const char *key;
        void *value;

        for (uint32_t i = 0; i < plan->count; i++) {
                struct entry *e = map_remove(h->entries, plan->checks[i].id);
                if (!e) {
                        e = memory_alloc(sizeof(*e));
                        e->id = memory_strdup(plan->checks[i].id);
                        e->since_ms = clock_wall_ms();
                        e->because.reason = REASON_NOT_YET;
                }
                map_set(entries, e->id, e);
        }
        for (size_t at = 0; map_next(h->entries, &at, &key, &value);)
                entry_free(value);
        map_free(h->entries);
        h->entries = entries;
        decide_all(h, now_ms);
}

/* --- reports --- */

static struct prober_state *find_prober(struct health_table *h, const char *name, bool make)
{
        for (size_t i = 0; i < h->prober_count; i++)
                if (!strcmp(h->probers[i]->name, name))
                        return h->probers[i];
        if (!make || h->prober_count == PROBERS_MAX)
                return NULL;
        struct prober_state *p = memory_alloc(sizeof(*p));
        snprintf(p->name, sizeof(p->name), "%s", name);
        p->verdicts = map_new();
        h->probers[h->prober_count++] = p;
        return p;
}

static void take_verdicts(struct prober_state *p, const struct report *r)
{
        struct map *verdicts = map_new();

        for (uint32_t i = 0; i < r->count; i++) {
                struct verdict *v = memory_alloc(sizeof(*v));
                *v = r->verdicts[i];
                v->id = NULL;
                free(map_set(verdicts, r->verdicts[i].id, v));
        }
        verdicts_free(p->verdicts);
        p->verdicts = verdicts;
}

bool health_report(struct health_table *h, const struct report *r, uint64_t now_ms)
{
        struct prober_state *p = find_prober(h, r->prober, true);

        if (!p || r->epoch < p->epoch || (r->epoch == p->epoch && r->sequence <= p->sequence))
                return false;
        p->epoch = r->epoch;
        p->sequence = r->sequence;
        p->plan_revision = r->plan_revision;
        p->last_ms = now_ms;
        p->live = true;
        take_verdicts(p, r);
        decide_all(h, now_ms);
        return true;
}

void health_tick(struct health_table *h, uint64_t now_ms)
{
        for (size_t i = 0; i < h->prober_count; i++)
                if (now_ms - h->probers[i]->last_ms >= HEALTH_STALE_AFTER_MS)
                        h->probers[i]->live = false;
        decide_all(h, now_ms);
}

void health_forget_prober(struct health_table *h, const char *name, uint64_t now_ms)
{
        for (size_t i = 0; i < h->prober_count; i++)
                if (!strcmp(h->probers[i]->name, name)) {
                        prober_free(h->probers[i]);
                        h->probers[i] = h->probers[--h->prober_count];
                        decide_all(h, now_ms);
                        return;
                }
}

/* --- telling --- */

enum verdict_state health_of(const struct health_table *h, const char *id)
{
        const struct entry *e = map_get(h->entries, id);
        return e ? e->state : VERDICT_UNKNOWN;
}

bool health_complete(const struct health_table *h)
{
        const char *key;
        void *value;

        for (size_t at = 0; map_next(h->entries, &at, &key, &value);)
                if (((struct entry *)value)->state == VERDICT_UNKNOWN)
                        return false;
        return true;
}

static void describe_verdict(const struct prober_state *p, const struct verdict *v, struct doc *list, struct arena *a)
{
        struct doc *one = doc_add_map(a, list, NULL);
        char time[CLOCK_TEXT_MAX];

        doc_add_string(a, one, "prober", p->name);
        doc_add_string(a, one, "state", verdict_state_name((enum verdict_state)v->state));
        doc_add_string(a, one, "reason", reason_name((enum reason)v->reason));
        doc_add_string(a, one, "detail", v->detail);
        doc_add_real(a, one, "rtt_ms", (double)v->rtt_us / 1000);
        doc_add_string(a, one, "since", clock_format(v->since_ms, time));
        doc_add_bool(a, one, "live", p->live);
}

struct doc *health_describe(const struct health_table *h, const char *id, struct arena *a, uint64_t now_ms)
{
        const struct entry *e = map_get(h->entries, id);
        char time[CLOCK_TEXT_MAX];

        if (!e)
                return NULL;
        struct doc *d = doc_new(a, DOC_MAP);
        doc_add_string(a, d, "id", e->id);
        doc_add_string(a, d, "state", verdict_state_name(e->state));
        doc_add_string(a, d, "since", clock_format(e->since_ms, time));
        doc_add_string(a, d, "reason", reason_name((enum reason)e->because.reason));
        doc_add_string(a, d, "detail", e->because.detail);
        doc_add_string(a, d, "prober", e->prober);
        doc_add_int(a, d, "changes", (int64_t)e->changes);
        struct doc *list = doc_add_list(a, d, "verdicts");
        for (size_t i = 0; i < h->prober_count; i++) {
                const struct verdict *v = map_get(h->probers[i]->verdicts, id);
                if (v)
                        describe_verdict(h->probers[i], v, list, a);
        }
        return d;
}

struct doc *health_describe_probers(const struct health_table *h, struct arena *a, uint64_t now_ms)
{
        struct doc *list = doc_new(a, DOC_LIST);

        for (size_t i = 0; i < h->prober_count; i++) {
                const struct prober_state *p = h->probers[i];
                struct doc *one = doc_add_map(a, list, NULL);
                int64_t counts[3] = {0};
                const char *key;
                void *value;
                for (size_t at = 0; map_next(p->verdicts, &at, &key, &value);)
                        counts[((struct verdict *)value)->state]++;
                doc_add_string(a, one, "name", p->name);
                doc_add_bool(a, one, "live", p->live);
                doc_add_int(a, one, "last_report_ms_ago", (int64_t)(now_ms - p->last_ms));
                doc_add_int(a, one, "sequence", (int64_t)p->sequence);
                doc_add_int(a, one, "plan_revision", (int64_t)p->plan_revision);
                doc_add_int(a, one, "up", counts[VERDICT_UP]);
                doc_add_int(a, one, "down", counts[VERDICT_DOWN]);
                doc_add_int(a, one, "unknown", counts[VERDICT_UNKNOWN]);
        }
        return list;
}
