#include "admin/rollout/weights.h"

#include <string.h>

#define WEIGHT_MOST  65535
#define WEIGHT_WHOLE 100 /* of a pool that has everything */

/* An entry is "web-eu" or {pool: web-eu, weight: 10}. */
static const char *pool_of(const struct doc *entry)
{
        const char *name = entry->type == DOC_STRING ? entry->string : doc_get_string(entry, "pool");

        return name ? name : "";
}

static int64_t weight_of(const struct doc *entry)
{
        int64_t weight;

        return entry->type == DOC_MAP && doc_get_int(entry, "weight", &weight) ? weight : 1;
}

static int64_t sum_of_others(const struct doc *pools, const char *pool)
{
        int64_t sum = 0;

        doc_each (entry, pools)
                sum += strcmp(pool_of(entry), pool) ? weight_of(entry) : 0;
        return sum;
}

bool weights_of_others(const struct doc *pools, const char *pool)
{
        return sum_of_others(pools, pool) > 0;
}

int64_t weights_share(const struct doc *pools, const char *pool)
{
        int64_t others = sum_of_others(pools, pool), weight = 0;

        doc_each (entry, pools)
                if (!strcmp(pool_of(entry), pool))
                        weight = weight_of(entry);
        return others + weight ? 100 * weight / (others + weight) : 0;
}

static int64_t divisor(int64_t a, int64_t b)
{
        return b ? divisor(b, a % b) : a;
}

/* What all are divided by, so that they are small and exact where they can be. */
struct scale {
        int64_t by, most; /* most: the largest of them */
};

static void scale_add(struct scale *s, int64_t weight)
{
        s->by = divisor(weight, s->by);
        s->most = weight > s->most ? weight : s->most;
}

static int64_t scaled(const struct scale *s, int64_t weight)
{
        int64_t exact = weight / s->by, most = s->most / s->by;

        if (most <= WEIGHT_MOST || !weight)
                return exact;
        int64_t rounded = (exact * WEIGHT_MOST + most / 2) / most;
        return rounded ? rounded : 1; /* what has a share keeps some */
}

static struct doc *entry_with(struct arena *a, const struct doc *entry, const char *pool, int64_t weight)
{
        struct doc *d = entry && entry->type == DOC_MAP ? doc_copy(a, entry) : doc_new(a, DOC_MAP);

        doc_set(d, "pool", doc_string(a, pool));
        doc_set(d, "weight", doc_int(a, weight));
        return d;
}

struct doc *weights_shifted(const struct doc *began, const char *to, int64_t percent, struct arena *a)
{
        int64_t others = sum_of_others(began, to), given = percent < 100 ? percent * others : WEIGHT_WHOLE;
        struct scale scale = {.by = 0};
        struct doc *list = doc_new(a, DOC_LIST);
        bool there = false;

        /* In percent where that is exact: 1 and 99 read better than 100 and 9900. */
        scale_add(&scale, given);
        doc_each (entry, began)
                if (strcmp(pool_of(entry), to))
                        scale_add(&scale, (100 - percent) * weight_of(entry));
        if (percent < 100 && others && scale.by % others == 0)
                scale.by = others;
        doc_each (entry, began) {
                bool is = !strcmp(pool_of(entry), to);
                there |= is;
                doc_add(list, NULL,
                        entry_with(a, entry, pool_of(entry),
                                   scaled(&scale, is ? given : (100 - percent) * weight_of(entry))));
        }
        if (!there)
                doc_add(list, NULL, entry_with(a, NULL, to, scaled(&scale, given)));
        if (percent == 100) /* whatever it was divided by */
                doc_each (entry, list)
                        if (!strcmp(pool_of(entry), to))
                                doc_set(entry, "weight", doc_int(a, WEIGHT_WHOLE));
        return list;
}

static bool says_more(const struct doc *entry)
{
        return entry->type == DOC_MAP && entry->count > 1u + (doc_get(entry, "weight") != NULL);
}

bool weights_equal(const struct doc *x, const struct doc *y)
{
        if (x->type != DOC_LIST || y->type != DOC_LIST || x->count != y->count)
                return false;
        for (const struct doc *a = x->first, *b = y->first; a; a = a->next, b = b->next)
                if (strcmp(pool_of(a), pool_of(b)) || weight_of(a) != weight_of(b) || says_more(a) || says_more(b))
                        return false;
        return true;
}
