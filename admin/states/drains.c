#include "admin/states/drains.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/memory.h"
#include "zones/config/schemas.h"

#define PLACE_MAX 700

struct entry {
        enum drain_scope scope;
        const char *target; /* within the key */
        char *key;
        struct drain_span span;
        unsigned left; /* percent of the weight, as it is in force */
};

struct drains {
        struct map *by_key;       /* struct entry *, owned */
        size_t of_scope[3];       /* how many there are, by enum drain_scope */
        int64_t end_ms;           /* wall time at which the next could end; INT64_MAX: none */
        int64_t turn_ms;          /* wall time at which what the next leaves is another; likewise */
        bool target_gone;         /* of one of them, when last looked at */
        uint64_t changes;         /* of what they take, so far */
        struct problems left_out; /* what is stored and is no drain */
};

struct drains *drains_new(void)
{
        struct drains *d = memory_alloc(sizeof(*d));

        *d = (struct drains){.by_key = map_new(), .end_ms = INT64_MAX, .turn_ms = INT64_MAX};
        return d;
}

static void drains_entry_free(struct entry *e)
{
        if (e)
                free(e->key);
        free(e);
}

void drains_free(struct drains *d)
{
        const char *key;
        void *entry;

        if (!d)
                return;
        for (size_t at = 0; map_next(d->by_key, &at, &key, &entry);)
                drains_entry_free(entry);
        map_free(d->by_key);
        problems_free(&d->left_out);
        free(d);
}

static size_t drains_count(const struct drains *d)
{
        return map_count(d->by_key);
}

static bool ended(const struct entry *e, int64_t wall_ms)
{
        return drain_phase(&e->span, wall_ms) == DRAIN_ENDED;
}

/* --- taking --- */

static void drains_watch(struct drains *d, const struct entry *e, int64_t after_ms)
{
        int64_t turn_ms = drain_next(&e->span, after_ms);

        if (e->span.until_ms && e->span.until_ms < d->end_ms)
                d->end_ms = e->span.until_ms;
        if (turn_ms < d->turn_ms)
                d->turn_ms = turn_ms;
}

static void find_next(struct drains *d, int64_t after_ms)
{
        const char *key;
        void *value;

        d->end_ms = d->turn_ms = INT64_MAX;
        for (size_t at = 0; map_next(d->by_key, &at, &key, &value);)
                drains_watch(d, value, after_ms);
}

static bool drains_decode(const char *key, const struct doc *document, struct arena *a, struct drain *out,
                          struct problems *problems)
{
        return schema_decode(&drain_schema, document, a, out, problems) && !strcmp(out->name, key);
}

/* It is in the table no more. */
static void let_go(struct drains *d, struct entry *e)
{
        if (e)
                d->of_scope[e->scope]--;
        drains_entry_free(e);
}

static bool drains_put(struct drains *d, const char *key, const struct doc *document, struct problems *problems)
{
        struct arena *a = arena_new(0);
        struct drain drain;
        bool good = drains_decode(key, document, a, &drain, problems);

        if (good) {
                struct entry *e = memory_alloc(sizeof(*e));
                e->key = memory_strdup(key);
                e->span = drain.span;
                e->left = 100;
                drain_key_parse(e->key, &e->scope, &e->target);
                d->of_scope[e->scope]++;
                let_go(d, map_set(d->by_key, key, e));
                drains_watch(d, e, INT64_MIN);
        }
        arena_free(a);
        return good;
}

static const char *drains_place(const char *key, char out[PLACE_MAX])
{
        snprintf(out, PLACE_MAX, "%s[%s]", kind_name(KIND_DRAINS), key);
        return out;
}

static void drains_leave_out(struct drains *d, const char *key, const struct problems *why)
{
        char place[PLACE_MAX];

        problems_add(&d->left_out, drains_place(key, place), 0, "is no drain: %s",
                     why->count ? why->list[0].message : "it has another name");
}

/* It is deleted, or another document stands in its place. */
static void drains_leave_out_no_more(struct drains *d, const char *key)
{
        struct problems others = {.dropped = d->left_out.dropped};
        char place[PLACE_MAX];

        drains_place(key, place);
        for (size_t i = 0; i < d->left_out.count; i++)
                if (strcmp(d->left_out.list[i].path, place))
                        problems_add(&others, d->left_out.list[i].path, 0, "%s", d->left_out.list[i].message);
        problems_free(&d->left_out);
        d->left_out = others;
}

static bool read_row(void *context, const char *key, const char *json, size_t length)
{
        struct drains *d = context;
        struct problems problems = PROBLEMS_INIT;
        struct arena *a = arena_new(0);
        struct doc *document = doc_parse(a, json, length, DOC_JSON, &problems);

        if (!document || !drains_put(d, key, document, &problems))
                drains_leave_out(d, key, &problems);
        problems_free(&problems);
        arena_free(a);
        return true;
}

bool drains_read(struct drains *d, struct store_txn *txn)
{
        return store_each(txn, KIND_DRAINS, NULL, read_row, d);
}

const struct problems *drains_left_out(const struct drains *d)
{
        return &d->left_out;
}

bool drains_check(const struct change *change, const struct model *m, struct problems *problems)
{
        enum drain_scope scope;
        const char *target;
        struct drain drain;

        assert(change->kind == KIND_DRAINS);
        if (!change->document)
                return true;
        struct arena *a = arena_new(0);
        bool good = drains_decode(change->key, change->document, a, &drain, problems);
        arena_free(a);
        if (good && drain_key_parse(change->key, &scope, &target) && drain_target(m, scope, target) != MODEL_NONE)
                return true;
        if (good)
                problems_add(problems, change->key, 0, "there is nothing of that name to be drained");
        return false;
}

void drains_take(struct drains *d, const struct change *change)
{
        assert(change->kind == KIND_DRAINS);
        d->changes++;
        drains_leave_out_no_more(d, change->key);
        if (change->document) {
                struct problems none = PROBLEMS_INIT; /* drains_check found none */
                drains_put(d, change->key, change->document, &none);
                problems_free(&none);
                return;
        }
        struct entry *e = map_remove(d->by_key, change->key);
        bool first = e && e->span.until_ms == d->end_ms;
        let_go(d, e);
        if (first)
                find_next(d, INT64_MIN);
}

struct drains *drains_copy(const struct drains *from)
{
        struct drains *d = drains_new();
        const char *key;
        void *value;

        for (size_t at = 0; map_next(from->by_key, &at, &key, &value);) {
                struct entry *copy = memory_alloc(sizeof(*copy));
                *copy = *(const struct entry *)value;
                copy->key = memory_strdup(key);
                drain_key_parse(copy->key, &copy->scope, &copy->target);
                map_set(d->by_key, key, copy);
        }
        memcpy(d->of_scope, from->of_scope, sizeof(d->of_scope));
        return d;
}

uint64_t drains_changes(const struct drains *d)
{
        return d->changes;
}

/* --- what they make of endpoints --- */

static void set(struct endpoint_state *s, unsigned left)
{
        s->drain_percent = (uint8_t)(left < 100 ? left : 0);
        s->drained_by_operator = left == 0;
        s->drained = s->drained_by_operator || s->drained_by_agent;
}

struct setting {
        struct endpoint_state *states;
        unsigned left;
};

/* What leaves the least counts. */
static void set_drained(void *context, uint32_t endpoint)
{
        const struct setting *setting = context;
        struct endpoint_state *s = &setting->states[endpoint];

        if (!s->drained_by_operator && (!s->drain_percent || setting->left < s->drain_percent))
                set(s, setting->left);
}

void drains_into(struct drains *d, const struct model *m, int64_t wall_ms, struct endpoint_state *states)
{
        const char *key;
        void *value;

        for (uint32_t i = 0; i < m->endpoint_count; i++)
                set(&states[i], 100);
        d->target_gone = false;
        for (size_t at = 0; map_next(d->by_key, &at, &key, &value);) {
                struct entry *e = value;
                struct setting setting = {states, e->left = drain_left(&e->span, wall_ms)};
                uint32_t target = drain_target(m, e->scope, e->target);
                d->target_gone |= target == MODEL_NONE;
                if (target != MODEL_NONE)
                        drain_each(m, e->scope, target, set_drained, &setting);
        }
}

void drains_suppose(const char *key, const struct model *m, struct endpoint_state *states)
{
        enum drain_scope scope;
        const char *name;

        if (!drain_key_parse(key, &scope, &name))
                return;
        uint32_t target = drain_target(m, scope, name);
        if (target != MODEL_NONE)
                drain_each(m, scope, target, set_drained, &(struct setting){states, 0});
}

struct drains_covered {
        struct drains *drains;
        const struct model *model;
        int64_t wall_ms;
        struct endpoint_state *states;
        struct steering *steering;
        uint32_t region, pool;           /* that were looked at last, or MODEL_NONE */
        unsigned region_left, pool_left; /* what is left by theirs */
};

static unsigned least(unsigned a, unsigned b)
{
        return a < b ? a : b;
}

static unsigned left_by(const struct drains_covered *c, enum drain_scope scope, const char *target)
{
        char key[700];

        if (!c->drains->of_scope[scope])
                return 100;
        snprintf(key, sizeof(key), "%s/%s", drain_scope_name(scope), target);
        const struct entry *e = map_get(c->drains->by_key, key);
        return e ? drain_left(&e->span, c->wall_ms) : 100;
}

static unsigned left_by_pool(struct drains_covered *c, const struct pool *p)
{
        if (p->number != c->pool)
                c->pool_left = left_by(c, DRAIN_POOL, p->name);
        c->pool = p->number;
        if (p->region == MODEL_NONE)
                return c->pool_left;
        if (p->region != c->region)
                c->region_left = left_by(c, DRAIN_REGION, p->region_name);
        c->region = p->region;
        return least(c->pool_left, c->region_left);
}

static void set_covered(void *context, uint32_t endpoint)
{
        struct drains_covered *c = context;
        unsigned left = left_by_pool(c, c->model->pools[c->model->endpoints[endpoint]->pool]);
        char id[600];

        if (c->drains->of_scope[DRAIN_ENDPOINT])
                left = least(left, left_by(c, DRAIN_ENDPOINT, endpoint_id(c->model, endpoint, id, sizeof(id))));
        set(&c->states[endpoint], left);
        if (c->steering)
                steering_set(c->steering, endpoint, &c->states[endpoint]);
}

void drains_see(struct drains *d, const char *key, int64_t wall_ms)
{
        struct entry *e = map_get(d->by_key, key);

        if (e)
                e->left = drain_left(&e->span, wall_ms);
}

void drains_into_covered(struct drains *d, const char *key, const struct model *m, int64_t wall_ms,
                         struct endpoint_state *states, struct steering *steering)
{
        struct drains_covered c = {d, m, wall_ms, states, steering, MODEL_NONE, MODEL_NONE, 100, 100};
        enum drain_scope scope;
        const char *name;

        drains_see(d, key, wall_ms);
        if (!drain_key_parse(key, &scope, &name))
                return;
        uint32_t target = drain_target(m, scope, name);
        if (target != MODEL_NONE)
                drain_each(m, scope, target, set_covered, &c);
}

void drains_into_pool(struct drains *d, const struct pool *p, const struct model *m, int64_t wall_ms,
                      struct endpoint_state *states, struct steering *steering)
{
        struct drains_covered c = {d, m, wall_ms, states, steering, MODEL_NONE, MODEL_NONE, 100, 100};

        for (uint32_t i = 0; i < p->endpoints.count; i++)
                set_covered(&c, p->endpoints.items[i].number);
}

/* --- their turns and their end --- */

void drains_turn(struct drains *d, const struct model *m, int64_t wall_ms, struct endpoint_state *states,
                 struct steering *steering)
{
        const char *key;
        void *value;

        if (wall_ms < d->turn_ms)
                return;
        for (size_t at = 0; map_next(d->by_key, &at, &key, &value);) {
                struct entry *e = value;
                if (drain_left(&e->span, wall_ms) == e->left)
                        continue;
                d->changes++;
                drains_into_covered(d, key, m, wall_ms, states, steering);
        }
        find_next(d, wall_ms);
}

void drains_each_beside(const struct drains *d, const struct drain_span *span, drains_visit *visit, void *context)
{
        const char *key;
        void *value;

        for (size_t at = 0; map_next(d->by_key, &at, &key, &value);) {
                const struct entry *e = value;
                bool beside = drain_overlap(&e->span, span);
                visit(context, key, beside, e->left == (beside ? 0 : 100));
        }
}

bool drains_take_out(const struct drains *d, const struct model *m, uint32_t endpoint, const struct drain_span *span,
                     drains_but *but, const void *context)
{
        const struct pool *p = m->pools[m->endpoints[endpoint]->pool];
        char id[600], key[700];
        const char *targets[] = {[DRAIN_REGION] = p->region_name, [DRAIN_POOL] = p->name, [DRAIN_ENDPOINT] = id};

        for (int scope = DRAIN_REGION; scope <= DRAIN_ENDPOINT; scope++) {
                if (!d->of_scope[scope] || !targets[scope])
                        continue;
                if (scope == DRAIN_ENDPOINT)
                        endpoint_id(m, endpoint, id, sizeof(id));
                snprintf(key, sizeof(key), "%s/%s", drain_scope_name((enum drain_scope)scope), targets[scope]);
                const struct entry *e = map_get(d->by_key, key);
                if (e && drain_overlap(&e->span, span) && !but(context, key))
                        return true;
        }
        return false;
}

struct drain_counts drains_tell(const struct drains *d, int64_t wall_ms)
{
        struct drain_counts counts = {0};
        const char *key;
        void *value;

        for (size_t at = 0; map_next(d->by_key, &at, &key, &value);) {
                enum drain_phase phase = drain_phase(&((const struct entry *)value)->span, wall_ms);
                counts.in_force += phase == DRAIN_GOING || phase == DRAIN_IN_FORCE;
                counts.waiting += phase == DRAIN_WAITING;
        }
        return counts;
}

void drains_look(struct drains *d, const struct model *m)
{
        const char *key;
        void *value;

        for (size_t at = 0; !d->target_gone && map_next(d->by_key, &at, &key, &value);) {
                const struct entry *e = value;
                d->target_gone = drain_target(m, e->scope, e->target) == MODEL_NONE;
        }
}

bool drains_due(const struct drains *d, int64_t wall_ms)
{
        return d->target_gone || d->end_ms <= wall_ms;
}

size_t drains_ended(struct drains *d, const struct model *m, int64_t wall_ms, struct arena *a, struct change **changes)
{
        size_t count = 0;
        const char *key;
        void *value;

        *changes = ARENA_ARRAY(a, struct change, drains_count(d));
        d->target_gone = false;
        for (size_t at = 0; map_next(d->by_key, &at, &key, &value);) {
                const struct entry *e = value;
                bool gone = drain_target(m, e->scope, e->target) == MODEL_NONE;
                d->target_gone |= gone;
                if (gone || ended(e, wall_ms))
                        (*changes)[count++] = (struct change){KIND_DRAINS, arena_strdup(a, key), NULL};
        }
        return count;
}
