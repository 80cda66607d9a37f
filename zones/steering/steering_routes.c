/* Routes: for each order of pools, which of them serve now. Control thread. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/memory.h"
#include "base/rcu.h"
#include "zones/dns/name.h"
#include "zones/steering/steering_tables.h"

#define SHARE_LEAST 1e-6

static const struct choice nothing = {.kind = CHOICE_NOTHING, .why = ALL_UP_ENOUGH};
static const struct choice waiting = {.kind = CHOICE_NOTHING, .why = WAITING};
static const struct choice all_down_nodata = {.kind = CHOICE_NOTHING, .why = ALL_DOWN_NODATA};
static const struct choice all_down_servfail = {.kind = CHOICE_NOTHING, .why = ALL_DOWN_SERVFAIL};

static const struct pool_live *pool_at(const struct steering *t, const struct route *r, uint16_t position)
{
        return pool_live_at(t, r->pools[position].live);
}

/* --- the order just now --- */

/* Nearest in time first; what nobody measured keeps its place behind. */
static void sort_by_round_trip(const struct steering *t, const struct route *r, uint32_t row, uint16_t *order)
{
        for (uint32_t i = 1; i < r->pool_count; i++) {
                uint16_t position = order[i];
                float rtt = round_trip_shown(t, row, r->pools[position].live->number);
                uint32_t at = i;
                for (; rtt >= 0 && at; at--) {
                        float before = round_trip_shown(t, row, r->pools[order[at - 1]].live->number);
                        if (before >= 0 && before <= rtt)
                                break;
                        order[at] = order[at - 1];
                }
                order[at] = position;
        }
}

uint32_t route_order(const struct steering *t, const struct route *r, uint32_t slot, uint16_t *out)
{
        const struct view *view = route_face(r)->view;
        assert(slot < view->slot_count && r->pool_count <= SERVICE_POOLS_MAX); /* the room of `out` */
        const struct view_slot *s = &view->slots[slot];

        memcpy(out, s->order, r->pool_count * sizeof(*out));
        if (s->row != MODEL_NONE && s->limit == r->pool_count)
                sort_by_round_trip(t, r, s->row, out);
        return s->limit;
}

/* --- who may serve --- */

/* How picky to be: a pool that is held back or has too few endpoints is better than none. */
enum pass { PASS_STRICT, PASS_HELD_TOO, PASS_TOO_FEW_TOO, PASS_COUNT };

static bool may_serve(const struct steering *t, const struct route *r, const struct pool_live *p, enum family family,
                      enum pass pass)
{
        if (!p->reach[family].available)
                return false;
        if (pass < PASS_TOO_FEW_TOO && !p->enough)
                return false;
        return pass > PASS_STRICT || !pool_held(t, p, r);
}

bool route_shares_by_weight(const struct route *r)
{
        return r->steering == STEERING_WEIGHTED || r->steering == STEERING_ROUND_ROBIN ||
               r->steering == STEERING_RANDOM;
}

struct candidates {
        const struct pool_live *pools[SERVICE_POOLS_MAX];
        double shares[SERVICE_POOLS_MAX];
        uint32_t count;
};

static double pool_weight(const struct route *r, uint16_t position)
{
        return r->steering == STEERING_WEIGHTED ? (double)member_weight(r, position) : 1;
}

/* By share: everyone with a weight, each with what it keeps. */
static void collect_shares(const struct steering *t, const struct route *r, const uint16_t *order, uint32_t limit,
                           enum family family, enum pass pass, struct candidates *c)
{
        for (uint32_t position = 0; position < r->pool_count; position++) {
                const struct pool_live *p = pool_at(t, r, (uint16_t)position);
                bool inside = false;
                for (uint32_t i = 0; i < limit; i++)
                        inside |= order[i] == position;
                if (!inside || !member_weight(r, position) || !may_serve(t, r, p, family, pass))
                        continue;
                double share = pool_weight(r, (uint16_t)position) * (double)p->kept;
                c->pools[c->count] = p;
                c->shares[c->count++] = share > SHARE_LEAST ? share : SHARE_LEAST;
        }
}

/* In order: the first takes all but what it sheds or cannot take yet; that goes to the next. */
static void collect_in_order(const struct steering *t, const struct route *r, const uint16_t *order, uint32_t limit,
                             enum family family, enum pass pass, struct candidates *c)
{
        double left = 1;

        for (uint32_t i = 0; i < limit && left > SHARE_LEAST; i++) {
                const struct pool_live *p = pool_at(t, r, order[i]);
                if (!may_serve(t, r, p, family, pass))
                        continue;
                double share = p->kept < 1 ? left * (double)p->kept : left;
                left -= share;
                c->pools[c->count] = p;
                c->shares[c->count++] = share > SHARE_LEAST ? share : SHARE_LEAST;
        }
}

static void collect(const struct steering *t, const struct route *r, const uint16_t *order, uint32_t limit,
                    enum family family, struct candidates *c)
{
        c->count = 0;
        for (enum pass pass = PASS_STRICT; pass < PASS_COUNT && !c->count; pass++) {
                if (route_shares_by_weight(r))
                        collect_shares(t, r, order, limit, family, pass, c);
                if (!c->count)
                        collect_in_order(t, r, order, limit, family, pass, c);
        }
}

/* --- choices --- */

static bool kept_whole(const struct candidates *c)
{
        for (uint32_t i = 0; i < c->count; i++)
                if (c->pools[i]->kept < 1)
                        return false;
        return true;
}

static const struct choice *choice_of_several(const struct route *r, const struct candidates *c)
{
        uint32_t n = c->count;
        struct choice *choice =
                memory_alloc(sizeof(*choice) + n * (sizeof(void *) + sizeof(struct alias) + sizeof(double)));
        bool in_turn = r->steering == STEERING_ROUND_ROBIN && kept_whole(c);

        *choice = (struct choice){.kind = in_turn ? CHOICE_ROTATE : CHOICE_SPLIT, .owned = true, .count = (uint16_t)n};
        memcpy(choice_pools(choice), c->pools, n * sizeof(*c->pools));
        memcpy(choice_shares(choice), c->shares, n * sizeof(*c->shares));
        alias_build(choice_shares(choice), n, choice_alias(choice));
        return choice;
}

/* Serve all: the first pool of the order that has an endpoint which is up, though drained; else the first that has one
 * which is down but not drained; else the first that has any. */
static const struct choice *choice_serve_all(const struct steering *t, const struct route *r, const uint16_t *order,
                                             uint32_t limit, enum family family)
{
        const struct choice *alive = NULL, *undrained = NULL, *any = NULL;

        for (uint32_t i = 0; i < limit; i++) {
                const struct pool_live *p = pool_at(t, r, order[i]);
                if (p->reach[family].alive && !alive)
                        alive = &p->serve_drained;
                if (p->reach[family].undrained && !undrained)
                        undrained = &p->serve_all;
                if (p->reach[family].has && !any)
                        any = &p->serve_all;
        }
        return alive ? alive : undrained ? undrained : any ? any : &nothing;
}

static const struct choice *choice_all_down(const struct steering *t, const struct route *r, const uint16_t *order,
                                            uint32_t limit, enum family family)
{
        switch ((enum when_all_down)r->when_all_down) {
        case WHEN_ALL_DOWN_SERVE_ALL:
                break;
        case WHEN_ALL_DOWN_LAST_RESORT:
                if (r->last_resort && r->last_resort->reach[family].has)
                        return &r->last_resort->last_resort;
                break;
        case WHEN_ALL_DOWN_FALLBACK_ADDRESS:
                return r->fallback && r->fallback->choices[family].picker ? &r->fallback->choices[family]
                                                                          : &all_down_nodata;
        case WHEN_ALL_DOWN_NODATA:
                return &all_down_nodata;
        case WHEN_ALL_DOWN_SERVFAIL:
                return &all_down_servfail;
        }
        return choice_serve_all(t, r, order, limit, family);
}

static bool any_has(const struct steering *t, const struct route *r, const uint16_t *order, uint32_t limit,
                    enum family family)
{
        for (uint32_t i = 0; i < limit; i++)
                if (pool_at(t, r, order[i])->reach[family].has)
                        return true;
        return false;
}

static const struct choice *decide(const struct steering *t, const struct route *r, uint32_t slot, enum family family)
{
        uint16_t order[SERVICE_POOLS_MAX];
        uint32_t limit = route_order(t, r, slot, order);
        struct candidates c;

        if (r->reach[family].waiting)
                return &waiting;
        collect(t, r, order, limit, family, &c);
        if (c.count == 1)
                /* cppcheck-suppress returnDanglingLifetime ; the pool outlives the list that points to it */
                return &c.pools[0]->normal;
        if (c.count > 1)
                return choice_of_several(r, &c);
        if (!any_has(t, r, order, limit, family))
                return &nothing;
        return choice_all_down(t, r, order, limit, family);
}

bool route_serves(const struct steering *t, const struct route *r, uint32_t slot, enum family family)
{
        uint16_t order[SERVICE_POOLS_MAX];
        uint32_t limit = route_order(t, r, slot, order);
        struct candidates c;

        collect(t, r, order, limit, family, &c);
        return c.count > 0;
}

bool route_serves_class(const struct steering *t, const struct route *r, uint32_t class, enum family family)
{
        uint16_t order[SERVICE_POOLS_MAX];
        uint32_t limit = route_order(t, r, route_face(r)->view->slot_of[class], order);
        struct candidates c;

        collect(t, r, order, limit, family, &c);
        for (uint32_t i = 0; i < c.count; i++) {
                const struct route *nested = pool_face(c.pools[i])->nested;
                if (!nested || route_serves_class(t, route_at(t, nested), class, family))
                        return true;
        }
        return false;
}

static void choice_free(void *choice)
{
        free(choice);
}

static bool choice_same(const struct choice *a, const struct choice *b)
{
        if (a == b)
                return true;
        return a && b && a->owned && b->owned && a->kind == b->kind && a->count == b->count &&
               !memcmp(choice_pools(a), choice_pools(b), a->count * sizeof(void *)) &&
               !memcmp(choice_shares(a), choice_shares(b), a->count * sizeof(double));
}

/* Readers of older versions may have it too, at the same place. */
static bool stands_inline(const struct route *r, const struct route_face *face, enum family f, uint32_t slot)
{
        return face != &r->face && face->view == r->face.view && r->face.choices[f] &&
               r->face.choices[f][slot] == face->choices[f][slot];
}

static void choice_put(struct steering *t, struct route *r, enum family f, uint32_t slot, const struct choice *new)
{
        if (choice_same(route_face(r)->choices[f][slot], new)) {
                if (new != route_face(r)->choices[f][slot])
                        free((void *)new);
                return;
        }
        t->work.choices++;
        struct route_face *face = route_face_write(t, r);
        const struct choice *before = face->choices[f][slot];
        bool shared = stands_inline(r, face, f, slot);
        rcu_put(face->choices[f][slot], new);
        if (before && before->owned && !shared)
                rcu_retire((void *)before, choice_free);
}

static void reach_add(struct reach *to, const struct reach *more)
{
        to->has |= more->has;
        to->undrained |= more->undrained;
        to->alive |= more->alive;
        to->available |= more->available;
        to->waiting |= more->waiting;
}

struct reach route_reach(const struct steering *t, const struct route *r, enum family f)
{
        struct reach reach = {0};

        for (uint32_t i = 0; i < r->pool_count; i++)
                reach_add(&reach, &pool_at(t, r, (uint16_t)i)->reach[f]);
        return reach;
}

/* --- arrays of choices --- */

static bool families_alike(const struct route *r, const struct route_face *face)
{
        for (enum family f = 0; f < FAMILY_COUNT; f++)
                if ((r->families >> f & 1) != (face->choices[f] != NULL))
                        return false;
        return true;
}

/* Arrays for the families that the route has now; only while nobody reads the face. */
static void families_take(struct steering *t, struct route *r)
{
        struct route_face *face = route_face_write(t, r), old = *face;
        uint32_t slots = face->view->slot_count, count = 0;

        for (enum family f = 0; f < FAMILY_COUNT; f++)
                count += r->families >> f & 1;
        face->allocated = !t->building;
        size_t size = (size_t)count * slots * sizeof(struct choice *);
        const struct choice **block = !count            ? NULL
                                      : face->allocated ? memory_alloc(size)
                                                        : arena_alloc(t->arena, size);
        for (enum family f = 0; f < FAMILY_COUNT; f++) {
                face->choices[f] = NULL;
                if (!(r->families >> f & 1))
                        continue;
                face->choices[f] = block;
                block += slots;
                if (old.choices[f])
                        memcpy(face->choices[f], old.choices[f], slots * sizeof(*block));
        }
        for (enum family f = 0; f < FAMILY_COUNT; f++)
                for (uint32_t slot = 0; old.choices[f] && !face->choices[f] && slot < slots; slot++) {
                        const struct choice *c = old.choices[f][slot];
                        if (c && c->owned && !stands_inline(r, &old, f, slot))
                                free((void *)c);
                }
        if (old.allocated)
                free(route_face_block(&old));
}

/* Nothing, what stands in when all is down, or what is asked for. */
static int worth(const struct choice *c)
{
        return c->kind == CHOICE_NOTHING ? 0 : c->why == ALL_UP_ENOUGH ? 2 : 1;
}

/* Those who come to it through pools that contain it look elsewhere first: between the two nobody is to get less than
 * before and after. */
static bool is_for_later(const struct route *r, const struct choice *now, const struct choice *next)
{
        return r->containers && now && worth(next) < worth(now);
}

static void choices_compute(struct steering *t, struct route *r, bool now_all)
{
        bool later = false;

        for (enum family f = 0; f < FAMILY_COUNT; f++)
                for (uint32_t slot = 0; route_face(r)->choices[f] && slot < route_face(r)->view->slot_count; slot++) {
                        const struct choice *next = decide(t, r, slot, f);
                        bool postponed = !now_all && is_for_later(r, route_face(r)->choices[f][slot], next);
                        later |= postponed;
                        if (!postponed)
                                choice_put(t, r, f, slot, next);
                        else if (next->owned)
                                free((void *)next);
                }
        if (later)
                route_push(&t->late_routes, r);
}

void route_compute_late(struct steering *t, struct route *r)
{
        choices_compute(t, r, true);
}

bool route_compute(struct steering *t, struct route *r)
{
        struct reach reach[FAMILY_COUNT];
        uint8_t families = 0;

        for (enum family f = 0; f < FAMILY_COUNT; f++)
                reach[f] = route_reach(t, r, f);
        for (uint32_t i = 0; i < r->pool_count; i++)
                families |= r->pools[i].live->families;
        bool changed = families != r->families || memcmp(reach, r->reach, sizeof(reach)) != 0;
        if (changed) {
                edit_touch_route(t, r);
                r->families = families;
                memcpy(r->reach, reach, sizeof(reach));
        }
        if (!families_alike(r, route_face(r)))
                families_take(t, r);
        choices_compute(t, r, false);
        return changed;
}

enum verdict_of_pool route_verdict(const struct steering *t, const struct route *r, const struct choice *choice,
                                   uint32_t position, bool fenced, enum family family)
{
        const struct pool_live *p = pool_at(t, r, (uint16_t)position);

        if (choice->kind == CHOICE_POOL && choice->pool == p)
                return POOL_USED;
        for (uint32_t i = 0; i < choice->count; i++)
                if (choice_pools(choice)[i] == p)
                        return POOL_USED;
        if (!pool_enabled(p))
                return POOL_DISABLED;
        if (!p->reach[family].has)
                return POOL_NO_FAMILY;
        if (fenced)
                return POOL_FENCED;
        if (!p->reach[family].undrained)
                return POOL_DRAINED;
        if (!p->reach[family].available)
                return POOL_DOWN;
        if (!p->enough)
                return POOL_TOO_FEW;
        if (pool_held(t, p, r))
                return POOL_HELD;
        return route_shares_by_weight(r) && !member_weight(r, position) ? POOL_RESERVE : POOL_NOT_REACHED;
}
