#include "admin/states/hold_list.h"

#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "zones/config/schemas.h"

#define BY     "gslbd"
#define REASON "it was down, and is back"

void hold_list_init(struct hold_list *h)
{
        *h = (struct hold_list){.by_key = map_new(), .end_ms = INT64_MAX};
        TAILQ_INIT(&h->unwritten);
}

static void holding_free(struct holding *e)
{
        free(e->key);
        free(e);
}

void hold_list_free(struct hold_list *h)
{
        const char *key;
        void *value;

        for (size_t at = 0; map_next(h->by_key, &at, &key, &value);)
                holding_free(value);
        map_free(h->by_key);
}

/* --- one of them --- */

struct holding *hold_list_find(const struct hold_list *h, const char *key)
{
        return map_get(h->by_key, key);
}

struct holding *hold_list_get(struct hold_list *h, const char *key)
{
        struct holding *e = map_get(h->by_key, key);

        if (e)
                return e;
        e = memory_alloc(sizeof(*e));
        *e = (struct holding){.key = memory_strdup(key)};
        drain_key_parse(e->key, &e->scope, &e->target);
        map_set(h->by_key, key, e);
        return e;
}

bool holding_is_written(const struct holding *e)
{
        return e->in_force ? e->stored && e->stored_since_ms == e->since_ms && e->stored_until_ms == e->until_ms
                           : !e->stored;
}

void hold_list_settle(struct hold_list *h, struct holding *e)
{
        bool list = !holding_is_written(e);

        if (list && !e->listed)
                TAILQ_INSERT_TAIL(&h->unwritten, e, link);
        else if (!list && e->listed)
                TAILQ_REMOVE(&h->unwritten, e, link);
        e->listed = list;
        if (e->in_force || e->stored || e->writing)
                return;
        map_remove(h->by_key, e->key);
        holding_free(e);
}

static void hold_list_count(struct hold_list *h, const struct holding *e, uint32_t by)
{
        *(e->scope == DRAIN_POOL ? &h->counts.pools : &h->counts.endpoints) += by;
}

void hold_list_put(struct hold_list *h, struct holding *e, int64_t since_ms, int64_t until_ms)
{
        if (!e->in_force)
                hold_list_count(h, e, 1);
        e->in_force = true;
        e->since_ms = since_ms;
        e->until_ms = until_ms;
        if (e->scope == DRAIN_ENDPOINT && until_ms && until_ms < h->end_ms)
                h->end_ms = until_ms;
}

void hold_list_lift(struct hold_list *h, struct holding *e)
{
        if (e->in_force)
                hold_list_count(h, e, UINT32_MAX);
        e->in_force = false;
}

struct hold holding_tell(const struct holding *e)
{
        return (struct hold){e->key, (int)e->scope, e->since_ms, e->until_ms, REASON, BY};
}

/* --- from the store --- */

bool hold_list_stored(struct holding *e, const struct doc *document)
{
        struct problems problems = PROBLEMS_INIT;
        struct arena *a = arena_new(0);
        struct hold hold;
        bool good =
                document && schema_decode(&hold_schema, document, a, &hold, &problems) && !strcmp(hold.name, e->key);

        e->stored = document != NULL;
        e->stored_since_ms = good ? hold.since_ms : 0;
        e->stored_until_ms = good ? hold.until_ms : 0;
        problems_free(&problems);
        arena_free(a);
        return good;
}

static bool hold_list_read_row(void *context, const char *key, const char *json, size_t length)
{
        struct hold_list *h = context;
        struct problems problems = PROBLEMS_INIT;
        struct arena *a = arena_new(0);
        struct doc *document = doc_parse(a, json, length, DOC_JSON, &problems);
        struct holding *e = hold_list_get(h, key);

        if (document && hold_list_stored(e, document))
                hold_list_put(h, e, e->stored_since_ms, e->stored_until_ms);
        else
                log_error("store", "holds[%s] is no hold: it is taken out", key);
        e->stored = true;
        hold_list_settle(h, e);
        problems_free(&problems);
        arena_free(a);
        return true;
}

bool hold_list_read(struct hold_list *h, struct store_txn *txn)
{
        return store_each(txn, KIND_HOLDS, NULL, hold_list_read_row, h);
}

/* --- many --- */

static int holding_by_key(const void *a, const void *b)
{
        return strcmp((*(struct holding *const *)a)->key, (*(struct holding *const *)b)->key);
}

struct holding **hold_list_in_force(const struct hold_list *h, size_t *count)
{
        struct holding **list = memory_alloc((map_count(h->by_key) + 1) * sizeof(struct holding *));
        const char *key;
        void *value;

        *count = 0;
        for (size_t at = 0; map_next(h->by_key, &at, &key, &value);)
                if (((struct holding *)value)->in_force)
                        list[(*count)++] = value;
        qsort(list, *count, sizeof(struct holding *), holding_by_key);
        return list;
}

struct change *hold_list_changes(struct hold_list *h, struct arena *a, size_t *count)
{
        struct holding *e;
        size_t n = 0;

        TAILQ_FOREACH(e, &h->unwritten, link)
        n++;
        struct change *changes = ARENA_ARRAY(a, struct change, n);
        *count = 0;
        TAILQ_FOREACH(e, &h->unwritten, link)
        {
                const struct hold hold = holding_tell(e);
                e->writing = true;
                e->deleting = !e->in_force;
                changes[(*count)++] = (struct change){KIND_HOLDS, arena_strdup(a, e->key),
                                                      e->in_force ? hold_document(&hold, a) : NULL};
        }
        return changes;
}

void hold_list_wrote(struct hold_list *h, const char *key)
{
        struct holding *e = hold_list_find(h, key);

        if (!e)
                return;
        e->writing = e->deleting = false;
        hold_list_settle(h, e);
}
