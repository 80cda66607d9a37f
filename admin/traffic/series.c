#include "admin/traffic/series.h"

#include <stdlib.h>
#include <string.h>
#include "admin/traffic/traffic_private.h"
#include "base/buffer.h"
#include "base/hash.h"
#include "base/memory.h"

#define SLOTS 4096u /* of the table by key */

void series_free(struct series_table *t)
{
        for (int k = 0; k < SERIES_KINDS; k++) {
                for (uint32_t i = 0; i <= SERIES_MOST; i++)
                        free(t->of[k][i].labels);
                free(t->slots[k]);
        }
}

/* --- keys --- */

static uint32_t pool_of(const struct flow *f)
{
        const struct flow_items items = flow_items(f);

        return items.pool ? items.pool->number : f->endpoint;
}

static struct series_key key_of(enum series_of kind, const struct flow *f)
{
        if (kind == SERIES_OF_ENDPOINTS)
                return (struct series_key){.what = f->endpoint};
        return (struct series_key){f->service, pool_of(f), f->region};
}

static bool same_key(const struct series_key *a, const struct series_key *b)
{
        return a->service == b->service && a->what == b->what && a->region == b->region;
}

/* Where a key stands, or would. */
static uint32_t *slot_of(struct series_table *t, enum series_of kind, const struct series_key *key)
{
        uint64_t hash = hash_mix(((uint64_t)key->service << 32 | key->what) ^ (uint64_t)key->region << 52);

        for (uint32_t at = (uint32_t)hash % SLOTS;; at = (at + 1) % SLOTS) {
                uint32_t *slot = &t->slots[kind][at];
                if (!*slot || same_key(&t->of[kind][*slot].key, key))
                        return slot;
        }
}

static void index_keys(struct series_table *t, enum series_of kind)
{
        free(t->slots[kind]);
        t->slots[kind] = memory_alloc(SLOTS * sizeof(*t->slots[kind]));
        for (uint32_t i = 1; i <= SERIES_MOST; i++)
                if (t->of[kind][i].labels)
                        *slot_of(t, kind, &t->of[kind][i].key) = i;
}

/* --- labels --- */

/* NULL: it is of something that is gone. The caller frees it. */
static char *labels_of(const struct traffic *t, enum series_of kind, const struct series_key *key)
{
        const struct flow f = {.service = key->service, .endpoint = key->what};
        const struct model *m = snapshot_current()->model;
        const struct pool *pool =
                kind == SERIES_OF_POOLS && key->what < m->count[KIND_POOLS] ? m->pools[key->what] : NULL;
        const struct flow_items items = flow_items(&f);

        if (kind == SERIES_OF_ENDPOINTS)
                return items.endpoint
                               ? memory_printf("pool=\"%s\",endpoint=\"%s\"", items.pool->name, items.endpoint->name)
                               : NULL;
        if (!items.service || (!pool && key->what != FLOW_NOTHING && key->what != FLOW_FALLBACK))
                return NULL;
        return memory_printf("service=\"%s\",region=\"%s\",pool=\"%s\"", items.service->name,
                             key->region ? t->regions[key->region] : "",
                             pool                         ? pool->name
                             : key->what == FLOW_FALLBACK ? FALLBACK_NAME
                                                          : "");
}

/* Ends series whose keys are another's by now. */
static void end_stale(struct traffic *t)
{
        for (int k = 0; k < SERIES_KINDS; k++) {
                for (uint32_t i = 1; i <= SERIES_MOST; i++) {
                        struct series *s = &t->series.of[k][i];
                        char *labels = s->labels ? labels_of(t, (enum series_of)k, &s->key) : NULL;
                        if (s->labels && (!labels || strcmp(labels, s->labels) != 0)) {
                                free(s->labels);
                                *s = (struct series){0};
                        }
                        free(labels);
                }
                index_keys(&t->series, (enum series_of)k);
        }
        t->series.stale = false;
}

/* --- counting --- */

/* Its series among endpoints is found anew each time: many flows lead to one endpoint. */
static void add_flow(struct series_table *t, struct flow *f)
{
        uint64_t more = f->total - f->told;
        const struct series_key key = key_of(SERIES_OF_ENDPOINTS, f);

        if (!more)
                return;
        f->told = f->total;
        t->of[SERIES_OF_POOLS][f->series].value += more;
        t->of[SERIES_OF_POOLS][f->series].minute += more;
        if (f->endpoint == FLOW_NOTHING || f->endpoint == FLOW_FALLBACK)
                return;
        uint32_t at = *slot_of(t, SERIES_OF_ENDPOINTS, &key);
        t->of[SERIES_OF_ENDPOINTS][at].value += more;
        t->of[SERIES_OF_ENDPOINTS][at].minute += more;
}

static void find_series(struct series_table *t, struct flow *f)
{
        const struct series_key key = key_of(SERIES_OF_POOLS, f);

        f->series = *slot_of(t, SERIES_OF_POOLS, &key);
}

void series_add(struct traffic *t)
{
        bool stale = t->series.stale || !t->series.slots[0];

        if (stale)
                end_stale(t);
        for (struct flow *f = flows_next(&t->flows, NULL); f; f = flows_next(&t->flows, f)) {
                if (stale)
                        find_series(&t->series, f);
                add_flow(&t->series, f);
        }
        add_flow(&t->series, &t->flows.other);
}

/* --- choosing --- */

/* A free one, or that of much less. 0: there is none. */
static uint32_t room_for(struct series_table *t, enum series_of kind, uint64_t answers)
{
        uint32_t least = 0;

        for (uint32_t i = 1; i <= SERIES_MOST; i++) {
                struct series *s = &t->of[kind][i];
                if (!s->labels)
                        return i;
                if (!least || s->minute < t->of[kind][least].minute)
                        least = i;
        }
        return t->of[kind][least].minute < answers / 2 ? least : 0;
}

static void choose(struct traffic *t, enum series_of kind, const struct flow *f)
{
        const struct series_key key = key_of(kind, f);
        uint64_t answers = f->total - f->noted;
        char *labels;
        uint32_t at;

        if (*slot_of(&t->series, kind, &key) || !(at = room_for(&t->series, kind, answers)) ||
            !(labels = labels_of(t, kind, &key)))
                return;
        free(t->series.of[kind][at].labels);
        t->series.of[kind][at] = (struct series){.labels = labels, .key = key, .minute = answers};
        index_keys(&t->series, kind);
}

void series_choose(struct traffic *t, const struct flow *const *busiest, size_t count)
{
        series_add(t);
        for (int k = 0; k < SERIES_KINDS; k++) {
                for (size_t i = 0; i < count; i++)
                        choose(t, (enum series_of)k, busiest[i]);
                for (uint32_t i = 0; i <= SERIES_MOST; i++)
                        t->series.of[k][i].minute = 0;
        }
        for (struct flow *f = flows_next(&t->flows, NULL); f; f = flows_next(&t->flows, f))
                find_series(&t->series, f);
}

/* --- telling --- */

void series_write(const struct series_table *t, struct buffer *b)
{
        static const char *const names[] = {"answers_total", "endpoint_answers_total"};
        static const char *const helps[] = {"Answers of services by region of the client and pool of the first "
                                            "endpoint, \"\": none; of the busiest",
                                            "Answers by their first endpoint; of the busiest"};
        static const char *const others[] = {"service=\"other\",region=\"other\",pool=\"other\"",
                                             "pool=\"other\",endpoint=\"other\""};

        for (int k = 0; k < SERIES_KINDS; k++) {
                buffer_printf(b, "# HELP gslbd_%s %s\n# TYPE gslbd_%s counter\n", names[k], helps[k], names[k]);
                for (uint32_t i = 0; i <= SERIES_MOST; i++)
                        if (!i || t->of[k][i].labels)
                                buffer_printf(b, "gslbd_%s{%s} %llu\n", names[k], i ? t->of[k][i].labels : others[k],
                                              (unsigned long long)t->of[k][i].value);
        }
}
