#include "zones/forecast/spread.h"

#include <stdlib.h>
#include "base/memory.h"

/* Amounts by number, and which numbers they are. */
struct amounts {
        struct amount *of;
        uint32_t *touched;
        size_t count;
};

struct spread {
        struct forecast *forecast;
        struct amounts endpoints; /* of one comparison; behind the endpoints' numbers: a fallback, nothing */
        struct amounts pools;     /* likewise; behind theirs: nobody, no answer */
        uint32_t *pool_of;        /* by endpoint, of those touched */
        double *same;             /* answers by pool and family, of pickers that stay */
        struct picker_state state;
};

static struct amounts amounts_new(uint32_t count)
{
        return (struct amounts){.of = memory_alloc(count * sizeof(struct amount)),
                                .touched = memory_alloc(count * sizeof(uint32_t))};
}

static void amounts_free(struct amounts *a)
{
        free(a->of);
        free(a->touched);
}

static struct amount *amounts_at(struct amounts *a, uint32_t number)
{
        struct amount *at = &a->of[number];

        if (at->was <= 0 && at->is <= 0)
                a->touched[a->count++] = number;
        return at;
}

static void amounts_clear(struct amounts *a)
{
        while (a->count)
                a->of[a->touched[--a->count]] = (struct amount){0};
}

struct spread *spread_new(struct forecast *f)
{
        struct spread *s = memory_alloc(sizeof(*s));

        s->forecast = f;
        s->endpoints = amounts_new(f->endpoint_count + 2);
        s->pools = amounts_new(f->pool_count + 2);
        s->pool_of = memory_alloc((f->endpoint_count + 2) * sizeof(*s->pool_of));
        s->same = memory_alloc(((size_t)f->pool_count * FAMILY_COUNT + 1) * sizeof(*s->same));
        return s;
}

/* --- where answers go --- */

static uint32_t pool_nobody(const struct spread *s)
{
        return s->forecast->pool_count;
}

static uint32_t pool_none(const struct spread *s)
{
        return s->forecast->pool_count + 1;
}

static void name_pool(struct forecast *f, const struct leaf *leaf)
{
        struct pool_amount *p = &f->pools[leaf->pool->number];

        p->named = leaf->face->targets;
}

static void name_endpoint(struct forecast *f, const struct leaf *leaf, const struct target *t)
{
        f->endpoints[t->endpoint].target = t;
        f->endpoints[t->endpoint].of = leaf->face->targets;
}

static void add(double *was, double *is, bool after, double answers)
{
        *(after ? is : was) += answers;
}

static void add_target(struct spread *s, const struct leaf *leaf, const struct target *t, bool after, double answers)
{
        struct forecast *f = s->forecast;
        bool known = leaf->pool && t->endpoint < f->endpoint_count;
        uint32_t number = known ? t->endpoint : f->endpoint_count;

        if (answers <= 0)
                return;
        struct amount *at = amounts_at(&s->endpoints, number);
        add(&at->was, &at->is, after, answers);
        s->pool_of[number] = leaf->stand_in || !leaf->pool ? pool_nobody(s) : leaf->pool->number;
        if (!known)
                return;
        struct amount *sum = &f->endpoints[number].answers;
        add(&sum->was, &sum->is, after, answers);
        name_endpoint(f, leaf, t);
}

static void add_picked(struct spread *s, const struct leaf *leaf, enum family family, const struct client *client,
                       bool after, double answers)
{
        const struct picker *p = leaf->picker;

        if (picker_mode(p) == PICKER_HASHED && client) {
                struct pick pick = {0};
                picker_pick(p, client, &s->state, &pick);
                add_target(s, leaf, pick.targets[0], after, answers);
                return;
        }
        (void)family;
        for (uint32_t i = 0; i < picker_count(p); i++)
                add_target(s, leaf, picker_target(p, i), after, answers * picker_share(p, i));
}

static void add_leaf(struct spread *s, const struct leaf *leaf, enum family family, const struct client *client,
                     bool after, double answers, struct spread_sum *sum)
{
        struct forecast *f = s->forecast;
        uint32_t number = leaf->stand_in || !leaf->pool ? pool_nobody(s) : leaf->pool->number;

        if (answers <= 0)
                return;
        struct amount *at = amounts_at(&s->pools, number);
        add(&at->was, &at->is, after, answers);
        add(&sum->all.was, &sum->all.is, after, answers);
        if (leaf->stand_in)
                add(&sum->nobody.was, &sum->nobody.is, after, answers);
        if (!leaf->picker) {
                struct amount *nothing = amounts_at(&s->endpoints, f->endpoint_count + 1);
                add(&nothing->was, &nothing->is, after, answers);
                s->pool_of[f->endpoint_count + 1] = pool_nobody(s);
                return;
        }
        if (leaf->pool) {
                struct amount *pool = &f->pools[leaf->pool->number].answers;
                add(&pool->was, &pool->is, after, answers);
                name_pool(f, leaf);
        } else {
                add(&sum->fallback.was, &sum->fallback.is, after, answers);
        }
        add_picked(s, leaf, family, client, after, answers);
}

static double least(const struct amount *a)
{
        return a->was < a->is ? a->was : a->is;
}

struct spread_sum spread_compare(struct spread *s, const struct leaves *was, const struct leaves *is,
                                 enum family family, const struct client *client, double answers)
{
        struct spread_sum sum = {0};
        double kept = 0;

        amounts_clear(&s->endpoints);
        amounts_clear(&s->pools);
        for (size_t i = 0; i < was->count; i++)
                add_leaf(s, &was->list[i], family, client, false, answers * was->list[i].share, &sum);
        for (size_t i = 0; i < is->count; i++)
                add_leaf(s, &is->list[i], family, client, true, answers * is->list[i].share, &sum);
        for (size_t i = 0; i < s->endpoints.count; i++)
                kept += least(&s->endpoints.of[s->endpoints.touched[i]]);
        if (sum.all.was > sum.all.is)
                amounts_at(&s->pools, pool_none(s))->is = sum.all.was - sum.all.is;
        sum.moved = sum.all.was > kept ? sum.all.was - kept : 0;
        return sum;
}

/* --- from where to where --- */

static uint32_t named(const struct spread *s, uint32_t pool)
{
        return pool == pool_nobody(s) ? POOL_NOBODY : pool == pool_none(s) ? POOL_NONE : pool;
}

/* What stays in a pool, and goes to another of its endpoints. */
static void moves_within(struct spread *s, spread_visit *visit, void *context)
{
        for (size_t i = 0; i < s->pools.count; i++) {
                uint32_t pool = s->pools.touched[i];
                double kept = 0, stays = least(&s->pools.of[pool]);
                for (size_t e = 0; stays > 0 && e < s->endpoints.count; e++)
                        if (s->pool_of[s->endpoints.touched[e]] == pool)
                                kept += least(&s->endpoints.of[s->endpoints.touched[e]]);
                if (stays > kept * (1 + 1e-9))
                        visit(context, named(s, pool), named(s, pool), stays - kept);
        }
}

/* Those that lose give to those that win, in the order in which they were found. */
void spread_moves(struct spread *s, spread_visit *visit, void *context)
{
        const uint32_t *pools = s->pools.touched;
        size_t to = 0;

        moves_within(s, visit, context);
        double won = 0;
        for (size_t from = 0; from < s->pools.count; from++) {
                const struct amount *loser = &s->pools.of[pools[from]];
                for (double lost = loser->was - loser->is; lost > loser->was * 1e-9 && to < s->pools.count;) {
                        if (won <= 0) {
                                const struct amount *winner = &s->pools.of[pools[to]];
                                won = winner->is - winner->was;
                        }
                        if (won <= s->pools.of[pools[to]].is * 1e-9) {
                                won = 0;
                                to++;
                                continue;
                        }
                        double part = lost < won ? lost : won;
                        visit(context, named(s, pools[from]), named(s, pools[to]), part);
                        lost -= part;
                        won -= part;
                        if (won <= s->pools.of[pools[to]].is * 1e-9) {
                                won = 0;
                                to++;
                        }
                }
        }
}

/* --- what stays as it is --- */

void spread_add_same(struct spread *s, const struct leaf *leaf, enum family family, double answers)
{
        if (!leaf->pool || !leaf->picker) {
                if (leaf->picker) {
                        s->forecast->fallback.was += answers;
                        s->forecast->fallback.is += answers;
                }
                return;
        }
        s->same[leaf->pool->number * FAMILY_COUNT + family] += answers;
}

static void add_same(struct forecast *f, const struct pool_live *live, enum family family, double answers)
{
        const struct pool_face *face = pool_face_at(live, f->question.is.version);
        const struct leaf leaf = {.pool = live, .face = face, .picker = face->pickers[family]};
        struct amount *pool = &f->pools[live->number].answers;

        pool->was += answers;
        pool->is += answers;
        name_pool(f, &leaf);
        for (uint32_t i = 0; i < picker_count(leaf.picker); i++) {
                const struct target *t = picker_target(leaf.picker, i);
                double part = answers * picker_share(leaf.picker, i);
                f->endpoints[t->endpoint].answers.was += part;
                f->endpoints[t->endpoint].answers.is += part;
                name_endpoint(f, &leaf, t);
        }
}

void spread_end(struct spread *s)
{
        struct forecast *f = s->forecast;

        for (size_t i = 0; i < (size_t)f->pool_count * FAMILY_COUNT; i++)
                if (s->same[i] > 0)
                        add_same(f, f->question.is.steering->pools[i / FAMILY_COUNT], (enum family)(i % FAMILY_COUNT),
                                 s->same[i]);
        amounts_free(&s->endpoints);
        amounts_free(&s->pools);
        free(s->pool_of);
        free(s->same);
        free(s);
}
