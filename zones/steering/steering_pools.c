/* Pools: from the states of endpoints to the table that picks among them. Control thread. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/rcu.h"
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"
#include "zones/steering/steering_tables.h"

#define SHARE_LEAST    1e-6
#define LOAD_FULL      100.0 /* percent, when an endpoint has no max_load */
#define HEADROOM_LEAST 0.01
#define LEADERS_WITHIN 1.25 /* `fastest` and `score`: those within this of the best serve together */

unsigned pool_answers(const struct pool *p)
{
        if (p->answers)
                return (unsigned)p->answers;
        return p->balance == BALANCE_ALL ? ANSWERS_MAX : 1;
}

static const struct endpoint *endpoints_of(const struct pool *p)
{
        return p->endpoints.items;
}

/* --- what an endpoint weighs --- */

static double factor(const struct steering *t, uint32_t number)
{
        uint8_t half_open = state_at(t, number)->half_open_percent, left = state_at(t, number)->drain_percent;

        return (double)t->live[number].ramp * t->live[number].kept * (half_open ? half_open / 100.0 : 1) *
               (left ? left / 100.0 : 1);
}

static double said_weight(const struct steering *t, uint32_t number)
{
        uint8_t percent = state_at(t, number)->weight_percent;
        return percent ? (double)percent / 100 : 1;
}

/* What is left of an endpoint under load, as a share of the whole. */
static double headroom(const struct endpoint *e, double load)
{
        double most = e->max_load > 0 ? e->max_load : LOAD_FULL, left = 1 - load / most;
        return left > HEADROOM_LEAST ? left : HEADROOM_LEAST;
}

static double mean_load(const struct steering *t, const struct pool *p)
{
        double sum = 0;
        unsigned n = 0;

        for (uint32_t i = 0; i < p->endpoints.count; i++)
                if (t->live[endpoints_of(p)[i].number].figures.load >= 0) {
                        sum += (double)t->live[endpoints_of(p)[i].number].figures.load;
                        n++;
                }
        return n ? sum / n : 0;
}

static double weight_of(const struct steering *t, const struct pool *p, uint32_t i, double mean)
{
        const struct endpoint *e = &endpoints_of(p)[i];
        uint32_t number = e->number;
        int64_t said = endpoint_weight(t, e, number);
        double weight = said > 0 ? (double)said : 1;
        float load = t->live[number].figures.load;

        switch ((enum balance)p->balance) {
        case BALANCE_ROUND_ROBIN:
        case BALANCE_RANDOM:
        case BALANCE_FAILOVER:
                weight = 1;
                break;
        case BALANCE_LEAST_LOAD:
                weight *= headroom(e, load >= 0 ? (double)load : mean);
                break;
        case BALANCE_WEIGHTED:
        case BALANCE_HASH:
        case BALANCE_FASTEST:
        case BALANCE_SCORE:
        case BALANCE_ALL:
                break;
        }
        return weight * said_weight(t, number) * factor(t, number);
}

/* --- who is a member --- */

static bool in_tier(const struct steering *t, const struct pool_live *live, const struct endpoint *e, uint32_t number,
                    enum tier tier)
{
        switch (tier) {
        case TIER_NORMAL:
                return endpoint_serves(t, live, e, number) && endpoint_weight(t, e, number) > 0 && !e->backup;
        case TIER_BACKUP:
                return endpoint_serves(t, live, e, number) && endpoint_weight(t, e, number) > 0;
        case TIER_WEIGHT_0:
                return endpoint_serves(t, live, e, number);
        case TIER_HELD:
                return endpoint_up(t, e, number);
        case TIER_DRAINED:
                return endpoint_alive(t, e, number);
        case TIER_DOWN:
                return endpoint_enabled(t, e, number) && !state_at(t, number)->drained;
        case TIER_DOWN_DRAINED:
        case TIER_COUNT:
                break;
        }
        return endpoint_enabled(t, e, number);
}

static uint32_t members_of(const struct steering *t, const struct pool_live *live, enum family family, enum tier tier,
                           struct picker_member *room)
{
        const struct pool *p = live->pool;
        const struct target *target = targets_first(pool_face(live)->targets);
        double mean = p->balance == BALANCE_LEAST_LOAD ? mean_load(t, p) : 0;
        uint32_t n = 0;

        for (uint32_t i = 0; i < p->endpoints.count && n < UINT16_MAX; i++, target = target_next(target)) {
                const struct endpoint *e = &endpoints_of(p)[i];
                uint32_t number = e->number;
                if (!endpoint_has_family(e, family) || !in_tier(t, live, e, number, tier))
                        continue;
                double weight = weight_of(t, p, i, mean);
                room[n++] = (struct picker_member){
                        .target = target,
                        .weight = weight > SHARE_LEAST ? weight : SHARE_LEAST,
                        .priority = e->priority,
                        .hash = p->balance == BALANCE_HASH ? hash_bytes(e->name, strlen(e->name), 0) : 0};
        }
        return n;
}

/* --- how they pick --- */

/* By priority, then as listed. The lists are short or sorted already. */
static void sort_by_priority(struct picker_member *members, uint32_t count)
{
        for (uint32_t i = 1; i < count; i++) {
                struct picker_member m = members[i];
                uint32_t at = i;
                for (; at && members[at - 1].priority > m.priority; at--)
                        members[at] = members[at - 1];
                members[at] = m;
        }
}

/* The first takes all, but for what it cannot take yet or any more: that goes to the next. */
static enum picker_mode plan_failover(const struct steering *t, struct picker_member *members, uint32_t *count)
{
        double left = 1;
        uint32_t n = 0;

        sort_by_priority(members, *count);
        if (!*count || members[0].weight >= 1)
                return PICKER_ORDERED;
        for (; n < *count && left > SHARE_LEAST; n++) {
                double share = members[n].weight < 1 ? members[n].weight * left : left;
                left -= share;
                members[n].weight = share > SHARE_LEAST ? share : SHARE_LEAST;
        }
        *count = n;
        return PICKER_WEIGHTED;
}

static bool weights_equal(const struct picker_member *members, uint32_t count)
{
        for (uint32_t i = 1; i < count; i++)
                if (fabs(members[i].weight - members[0].weight) > SHARE_LEAST)
                        return false;
        return true;
}

/* Only those whose cost is near the least; those without a figure only when none has one. */
static uint32_t keep_leaders(const struct steering *t, struct picker_member *members, uint32_t count)
{
        float best = -1;
        uint32_t n = 0;

        for (uint32_t i = 0; i < count; i++) {
                float cost = t->live[members[i].target->endpoint].cost_shown;
                if (cost >= 0 && (best < 0 || cost < best))
                        best = cost;
        }
        for (uint32_t i = 0; best >= 0 && i < count; i++) {
                float cost = t->live[members[i].target->endpoint].cost_shown;
                if (cost >= 0 && (double)cost <= (double)best * LEADERS_WITHIN)
                        members[n++] = members[i];
        }
        return best < 0 ? count : n;
}

static enum picker_mode plan_mode(const struct steering *t, const struct pool *p, struct picker_member *members,
                                  uint32_t *count)
{
        switch ((enum balance)p->balance) {
        case BALANCE_ROUND_ROBIN:
                return weights_equal(members, *count) ? PICKER_ROTATE : PICKER_WEIGHTED;
        case BALANCE_RANDOM:
                return weights_equal(members, *count) ? PICKER_UNIFORM : PICKER_WEIGHTED;
        case BALANCE_FAILOVER:
                return plan_failover(t, members, count);
        case BALANCE_HASH:
                return PICKER_HASHED;
        case BALANCE_ALL:
                return PICKER_ALL;
        case BALANCE_FASTEST:
        case BALANCE_SCORE:
                *count = keep_leaders(t, members, *count);
                break;
        case BALANCE_WEIGHTED:
        case BALANCE_LEAST_LOAD:
                break;
        }
        return PICKER_WEIGHTED;
}

struct picker_plan pool_plan(const struct steering *t, const struct pool_live *live, enum family family,
                             enum tier *tier, struct picker_member *room)
{
        const struct pool *p = live->pool;
        struct picker_plan plan = {
                .answers = pool_answers(p), .rotor = live->number % (ROTOR_COUNT / 2), .members = room};

        for (*tier = TIER_NORMAL; *tier < TIER_COUNT; (*tier)++) {
                plan.count = members_of(t, live, family, *tier, room);
                if (plan.count)
                        break;
        }
        if (p->balance == BALANCE_HASH) {
                plan.hash_v4 = (uint8_t)p->hash.prefix_v4;
                plan.hash_v6 = (uint8_t)p->hash.prefix_v6;
                plan.salt = p->hash.salt ? hash_bytes(p->hash.salt, strlen(p->hash.salt), 1) : 0;
        }
        plan.mode = plan_mode(t, p, room, &plan.count);
        return plan;
}

/* --- what routes look at --- */

struct standing {
        struct reach reach[FAMILY_COUNT];
        uint8_t families;
        bool enough, released;
        int64_t back_ms;
        float kept;
};

static struct standing standing_of(const struct pool_live *live)
{
        struct standing s = {.families = live->families,
                             .enough = live->enough,
                             .released = live->released,
                             .back_ms = live->back_ms,
                             .kept = live->kept};

        memcpy(s.reach, live->reach, sizeof(s.reach));
        return s;
}

static bool standing_equal(const struct standing *a, const struct standing *b)
{
        return !memcmp(a->reach, b->reach, sizeof(a->reach)) && a->families == b->families && a->enough == b->enough &&
               a->released == b->released && a->back_ms == b->back_ms && !(a->kept < b->kept || a->kept > b->kept);
}

static bool is_enough(const struct pool_live *live, uint32_t healthy)
{
        const struct min_healthy *least = &live->pool->min_healthy;

        if (least->percent)
                return (uint64_t)healthy * 100 >= (uint64_t)live->enabled * least->percent;
        return healthy >= least->count;
}

static void reach_endpoint(const struct steering *t, struct pool_live *live, const struct endpoint *e, uint32_t number)
{
        bool drained = state_at(t, number)->drained, alive = endpoint_alive(t, e, number);

        for (enum family f = 0; f < FAMILY_COUNT; f++) {
                struct reach *r = &live->reach[f];
                if (!endpoint_has_family(e, f))
                        continue;
                r->has = true;
                r->undrained |= !drained;
                r->alive |= alive;
                r->available |= alive && !drained;
                r->waiting |= state_at(t, number)->waiting;
        }
}

void pool_count(const struct steering *t, struct pool_live *live)
{
        const struct pool *p = live->pool;
        uint32_t held = 0;
        double most = 0;

        memset(live->reach, 0, sizeof(live->reach));
        live->healthy = live->enabled = 0;
        for (uint32_t i = 0; i < p->endpoints.count; i++) {
                const struct endpoint *e = &endpoints_of(p)[i];
                uint32_t number = e->number;
                bool up = endpoint_up(t, e, number), enabled = endpoint_enabled(t, e, number);
                live->enabled += enabled;
                live->healthy += up;
                held += up && state_at(t, number)->held_since_s;
                most = up && factor(t, number) > most ? factor(t, number) : most;
                if (enabled && pool_enabled(live))
                        reach_endpoint(t, live, e, number);
        }
        live->enough = is_enough(live, live->healthy);
        live->held_apart = held && live->healthy > held && is_enough(live, live->healthy - held);
        live->kept = live->healthy ? (float)(most * (double)live->load_kept) : 1;
}

/* A pool whose endpoints were all down and come back is held back for services that ask for it. Drains and schedules do
 * not count: their end is an operator's word already. */
static void watch_return(struct steering *t, struct pool_live *live)
{
        const struct pool *p = live->pool;
        bool down = p->endpoints.count > 0;

        for (uint32_t i = 0; i < p->endpoints.count; i++)
                down &= !endpoint_is_used(&endpoints_of(p)[i]) ||
                        t->states[endpoints_of(p)[i].number].health == HEALTH_DOWN;
        if (down) {
                if (live->back_ms != FAILBACK_NOT_HELD)
                        steering_turn(t, live);
                live->back_ms = FAILBACK_NOT_HELD;
                live->released = false;
        } else if (live->down) {
                live->back_ms = t->now_ms;
                steering_turn(t, live);
        }
        live->down = down;
}

bool pool_held(const struct steering *t, const struct pool_live *live, const struct route *r)
{
        if (live->back_ms == FAILBACK_NOT_HELD || live->released || r->failback == FAILBACK_AUTO)
                return false;
        return r->failback == FAILBACK_MANUAL || t->now_ms - live->back_ms < r->failback_delay_ms;
}

/* Those that it can ever give: bits by enum family. */
static uint8_t families_of(const struct pool *p)
{
        uint8_t families = 0;

        for (uint32_t i = 0; pool_is_used(p) && i < p->endpoints.count; i++)
                for (enum family f = 0; f < FAMILY_COUNT; f++)
                        if (endpoint_is_used(&endpoints_of(p)[i]) && endpoint_has_family(&endpoints_of(p)[i], f))
                                families |= (uint8_t)(1u << f);
        return families;
}

static void nested_refresh(struct pool_live *live)
{
        const struct route *nested = pool_face(live)->nested;

        for (enum family f = 0; f < FAMILY_COUNT; f++)
                live->reach[f] = pool_enabled(live) ? nested->reach[f] : (struct reach){0};
        live->families = pool_is_used(live->pool) ? nested->families : 0;
        live->healthy = live->enabled = 0; /* it may have had endpoints */
        live->held_apart = false;
        live->enough = true;
        live->kept = 1;
}

/* What readers of older versions have too is freed when they are gone. */
static void picker_put(struct steering *t, struct pool_live *live, enum family f, const struct picker *new)
{
        struct pool_face *face = pool_face_write(t, live);
        const struct picker *before = face->pickers[f];

        rcu_put(face->pickers[f], new);
        if (before && (face == &live->face || before != live->face.pickers[f]))
                rcu_retire((void *)before, picker_free);
}

/* What has nothing to give just now keeps its picker: choices that lead to it are replaced only after this. In an edit
 * nobody reads yet, and what was picked from may go. */
static void publish_pickers(struct steering *t, struct pool_live *live)
{
        enum tier tier;

        for (enum family f = 0; f < FAMILY_COUNT; f++) {
                if (live->reach[f].has && !pool_face(live)->nested) {
                        struct picker_plan plan = pool_plan(t, live, f, &tier, t->members);
                        const struct picker *is = pool_face(live)->pickers[f];
                        if (is && picker_is_of(is, &plan)) /* a drain leaves who is picked if all are drained */
                                continue;
                        if (plan.mode == PICKER_HASHED && !t->tools)
                                t->tools = picker_tools_new();
                        plan.tools = t->tools;
                        picker_put(t, live, f, picker_new(&plan));
                        t->work.pickers++;
                } else if (t->edit && pool_face(live)->pickers[f]) {
                        picker_put(t, live, f, NULL);
                }
        }
}

/* Routes of which it is the last resort look at this alone. */
static void mark_resorts(struct steering *t, const struct pool_live *live, const struct standing *before)
{
        bool changed = false;

        for (enum family f = 0; f < FAMILY_COUNT; f++)
                changed |= live->reach[f].has != before->reach[f].has;
        for (struct route *r = changed ? live->last_resort_of : NULL; r; r = r->resort_next)
                steering_mark_route(t, r);
}

bool pool_look_back(struct steering *t, struct pool_live *live)
{
        struct standing before = standing_of(live);

        if (!pool_face(live)->nested)
                watch_return(t, live);
        struct standing after = standing_of(live);
        return !standing_equal(&before, &after);
}

bool pool_refresh(struct steering *t, struct pool_live *live)
{
        struct standing before = standing_of(live);

        edit_touch_pool(t, live);
        if (pool_face(live)->nested) {
                nested_refresh(live);
        } else {
                live->families = families_of(live->pool);
                pool_count(t, live);
                if (!t->building)
                        watch_return(t, live);
        }
        publish_pickers(t, live);
        struct standing after = standing_of(live);
        mark_resorts(t, live, &before);
        return !standing_equal(&before, &after);
}
