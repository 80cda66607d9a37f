#include "probes/prober/roster.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/memory.h"
#include "zones/monitors/monitor.h"

#define INDEX_LEAST 64

/* What a check was and is; NULL: it was not, or is no more. */
struct turn {
        const struct check *before, *after;
};

struct indexed {
        uint32_t next, hash; /* the place + 1, 0: free; of its id */
};

struct roster {
        struct kept *kept;
        uint64_t revision;
        const struct check **checks; /* by place */
        uint32_t end, room, count;
        uint32_t *holes; /* places below `end` */
        uint32_t hole_count, hole_room;
        struct indexed *index; /* by the hash of ids, open addressing */
        uint32_t mask;
        struct plan_digest of_all; /* of those that every prober does */
        struct map *of_some;       /* by prober: struct plan_digest of those that are for some alone, owned */
        struct turn *history;      /* a ring */
        uint64_t turns;            /* how many there were; the newest is before history[turns % ROSTER_HISTORY] */
};

struct roster *roster_new(void)
{
        struct roster *r = memory_alloc(sizeof(*r));

        r->kept = kept_new();
        r->of_some = map_new();
        r->mask = INDEX_LEAST - 1;
        r->index = memory_alloc(INDEX_LEAST * sizeof(*r->index));
        r->history = memory_alloc(ROSTER_HISTORY * sizeof(*r->history));
        return r;
}

static void forget_turn(struct roster *r, struct turn *t)
{
        if (t->before)
                kept_release(r->kept, t->before);
        if (t->after)
                kept_release(r->kept, t->after);
        *t = (struct turn){NULL, NULL};
}

void roster_free(struct roster *r)
{
        const char *name;
        void *value;

        if (!r)
                return;
        for (uint32_t i = 0; i < ROSTER_HISTORY; i++)
                forget_turn(r, &r->history[i]);
        for (uint32_t i = 0; i < r->end; i++)
                if (r->checks[i])
                        kept_release(r->kept, r->checks[i]);
        for (size_t at = 0; map_next(r->of_some, &at, &name, &value);)
                free(value);
        map_free(r->of_some);
        kept_free(r->kept);
        free(r->history);
        free(r->checks);
        free(r->holes);
        free(r->index);
        free(r);
}

uint32_t roster_end(const struct roster *r)
{
        return r->end;
}

uint32_t roster_count(const struct roster *r)
{
        return r->count;
}

const struct check *roster_at(const struct roster *r, uint32_t place)
{
        return r->checks[place];
}

void roster_begin(struct roster *r, uint64_t revision)
{
        kept_forget(r->kept);
        r->revision = revision;
}

void roster_compare(struct roster *r)
{
        kept_forget(r->kept);
}

bool roster_has(struct roster *r, uint32_t place, const struct check *c)
{
        return kept_equal(r->kept, r->checks[place], c);
}

/* --- by id --- */

static uint32_t hash_of(const char *id)
{
        return (uint32_t)hash_bytes(id, strlen(id), 0);
}

/* Where the id stands in the index, or where it would. */
static uint32_t index_at(const struct roster *r, const char *id, uint32_t hash)
{
        uint32_t at = hash & r->mask;

        while (r->index[at].next &&
               (r->index[at].hash != hash || strcmp(r->checks[r->index[at].next - 1]->id, id) != 0))
                at = (at + 1) & r->mask;
        return at;
}

uint32_t roster_find(const struct roster *r, const char *id)
{
        uint32_t found = r->index[index_at(r, id, hash_of(id))].next;

        return found ? found - 1 : ROSTER_NONE;
}

/* One that is not in it. */
static void index_put(struct roster *r, struct indexed one)
{
        uint32_t at = one.hash & r->mask;

        while (r->index[at].next)
                at = (at + 1) & r->mask;
        r->index[at] = one;
}

static void index_grow(struct roster *r)
{
        struct indexed *before = r->index;
        uint32_t count = r->mask + 1;

        r->mask = r->mask * 2 + 1;
        r->index = memory_alloc(((size_t)r->mask + 1) * sizeof(*r->index));
        for (uint32_t i = 0; i < count; i++)
                if (before[i].next)
                        index_put(r, before[i]);
        free(before);
}

/* What follows without a gap moves up when its home allows. */
static void index_remove(struct roster *r, const char *id)
{
        uint32_t gap = index_at(r, id, hash_of(id));

        for (uint32_t at = (gap + 1) & r->mask; r->index[at].next; at = (at + 1) & r->mask) {
                uint32_t home = r->index[at].hash & r->mask;
                if (((at - home) & r->mask) < ((at - gap) & r->mask))
                        continue;
                r->index[gap] = r->index[at];
                gap = at;
        }
        r->index[gap] = (struct indexed){0, 0};
}

/* --- digests and history --- */

static bool is_told(const struct check *c)
{
        return c->monitor->type != MONITOR_EXTERNAL;
}

typedef void change_digest(struct plan_digest *, struct plan_digest);

static void count_digest(struct roster *r, const struct check *c, change_digest *change)
{
        if (!is_told(c))
                return;
        if (!c->prober_count)
                change(&r->of_all, kept_digest(c));
        for (uint32_t i = 0; i < c->prober_count; i++) {
                struct plan_digest *sum = map_get(r->of_some, c->probers[i]);
                if (!sum)
                        map_set(r->of_some, c->probers[i], sum = memory_alloc(sizeof(*sum)));
                change(sum, kept_digest(c));
        }
}

static void note_turn(struct roster *r, const struct check *before, const struct check *after)
{
        if (before)
                count_digest(r, before, digest_subtract);
        if (after)
                count_digest(r, after, digest_add);
        if (!(before && is_told(before)) && !(after && is_told(after)))
                return;
        struct turn *t = &r->history[r->turns++ % ROSTER_HISTORY];
        forget_turn(r, t);
        *t = (struct turn){before ? kept_share(before) : NULL, after ? kept_share(after) : NULL};
}

/* --- changes --- */

static uint32_t place_take(struct roster *r)
{
        if (r->hole_count)
                return r->holes[--r->hole_count];
        if (r->end == r->room) {
                r->room = r->room ? r->room * 2 : 64;
                r->checks = memory_resize(r->checks, r->room * sizeof(*r->checks));
        }
        return r->end++;
}

uint32_t roster_put(struct roster *r, const struct check *c)
{
        const uint32_t hash = hash_of(c->id), found = r->index[index_at(r, c->id, hash)].next;
        uint32_t place = found ? found - 1 : ROSTER_NONE;
        const struct check *before = place == ROSTER_NONE ? NULL : r->checks[place], *after = kept_take(r->kept, c);

        if (!before) {
                place = place_take(r);
                r->checks[place] = NULL;
                if (++r->count > r->mask / 4 * 3)
                        index_grow(r);
                index_put(r, (struct indexed){place + 1, hash});
        }
        r->checks[place] = after;
        note_turn(r, before, after);
        if (before)
                kept_release(r->kept, before);
        return place;
}

void roster_remove(struct roster *r, uint32_t place)
{
        const struct check *before = r->checks[place];

        index_remove(r, before->id);
        note_turn(r, before, NULL);
        kept_release(r->kept, before);
        r->checks[place] = NULL;
        r->count--;
        if (r->hole_count == r->hole_room) {
                r->hole_room = r->hole_room ? r->hole_room * 2 : 64;
                r->holes = memory_resize(r->holes, r->hole_room * sizeof(*r->holes));
        }
        r->holes[r->hole_count++] = place;
}

/* --- what is told --- */

struct plan_digest roster_digest(const struct roster *r, const char *prober)
{
        const struct plan_digest *some = map_get(r->of_some, prober);
        struct plan_digest sum = r->of_all;

        if (some)
                digest_add(&sum, *some);
        return sum;
}

struct plan *roster_plan(const struct roster *r, const char *prober)
{
        struct plan *p = plan_new(r->revision);
        struct check *checks = ARENA_ARRAY(p->arena, struct check, r->count);
        uint32_t count = 0;

        for (uint32_t i = 0; i < r->end; i++)
                if (r->checks[i] && check_is_sent(r->checks[i], prober))
                        checks[count++] = *r->checks[i];
        plan_set(p, checks, count);
        return p;
}

static const char *turn_id(const struct turn *t)
{
        return t->after ? t->after->id : t->before->id;
}

/* How many of the newest turns led from the digest to the one of now; UINT64_MAX: they are not remembered. */
static uint64_t turns_since(const struct roster *r, const char *prober, struct plan_digest wanted)
{
        struct plan_digest at = roster_digest(r, prober);
        uint64_t known = r->turns < ROSTER_HISTORY ? r->turns : ROSTER_HISTORY;

        for (uint64_t n = 0;; n++) {
                if (plan_digest_equal(at, wanted))
                        return n;
                if (n == known)
                        return UINT64_MAX;
                const struct turn *t = &r->history[(r->turns - 1 - n) % ROSTER_HISTORY];
                if (t->after && check_is_sent(t->after, prober))
                        digest_subtract(&at, kept_digest(t->after));
                if (t->before && check_is_sent(t->before, prober))
                        digest_add(&at, kept_digest(t->before));
        }
}

static int compare_ids(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct plan *roster_since(const struct roster *r, const char *prober, struct plan_digest digest)
{
        uint64_t turns = turns_since(r, prober, digest);

        if (turns == UINT64_MAX)
                return NULL;
        struct plan *p = plan_new(r->revision);
        struct check *checks = ARENA_ARRAY(p->arena, struct check, turns);
        const char **ids = ARENA_ARRAY(p->arena, const char *, turns),
                   **gone = ARENA_ARRAY(p->arena, const char *, turns);
        uint32_t count = 0, gone_count = 0;

        for (uint64_t n = 0; n < turns; n++)
                ids[n] = turn_id(&r->history[(r->turns - 1 - n) % ROSTER_HISTORY]);
        if (turns)
                qsort(ids, turns, sizeof(*ids), compare_ids);
        for (uint64_t n = 0; n < turns; n++) {
                uint32_t place = roster_find(r, ids[n]);
                if (n && !strcmp(ids[n], ids[n - 1]))
                        continue;
                if (place != ROSTER_NONE && check_is_sent(r->checks[place], prober))
                        checks[count++] = *r->checks[place];
                else
                        gone[gone_count++] = ids[n];
        }
        plan_set(p, checks, count);
        plan_set_gone(p, gone, gone_count);
        return p;
}
