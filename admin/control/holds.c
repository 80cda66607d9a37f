#include "admin/control/holds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/control/control_private.h"
#include "admin/states/hold_list.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#define SAME_WITHIN_MS 1000 /* the clocks of the wall and of steering differ by so much at most */
#define KEY_MAX        700

struct holds *holds_new(void)
{
        struct holds *h = memory_alloc(sizeof(*h));

        hold_list_init(&h->list);
        return h;
}

void holds_free(struct holds *h)
{
        if (h)
                hold_list_free(&h->list);
        free(h);
}

bool holds_read(struct holds *h, struct store_txn *txn)
{
        return hold_list_read(&h->list, txn);
}

/* --- what is held --- */

static void holding_begin(struct holds *h, const char *key, int64_t since_ms, int64_t until_ms)
{
        struct holding *e = hold_list_get(&h->list, key);
        char time[CLOCK_TEXT_MAX];

        hold_list_put(&h->list, e, since_ms, until_ms);
        log_info("holds", "%s is back, and is held until %s", key,
                 until_ms ? clock_format(until_ms, time) : "its failback");
        hold_list_settle(&h->list, e);
}

static void holding_end(struct holds *h, struct holding *e, const char *why)
{
        log_info("holds", "%s is held no more: %s", e->key, why);
        hold_list_lift(&h->list, e);
        hold_list_settle(&h->list, e);
}

static int64_t monotonic(int64_t wall_ms)
{
        int64_t ago = clock_wall_ms() - wall_ms;

        return (int64_t)clock_ms() - (ago > 0 ? ago : 0);
}

static int64_t wall(int64_t monotonic_ms)
{
        return clock_wall_ms() - ((int64_t)clock_ms() - monotonic_ms);
}

static void endpoint_set_held(struct endpoint_state *s, int64_t since_ms)
{
        if (!since_ms && s->held_since_s) /* what comes back into answers begins gently */
                s->up_since_ms = (int64_t)clock_ms();
        s->held_since_s = (uint32_t)(since_ms / 1000);
}

/* Why the configuration holds it no more; NULL: it does. */
static const char *not_held(const struct model *m, const struct holding *e, uint32_t number)
{
        if (number == MODEL_NONE)
                return "it is gone";
        if (e->scope == DRAIN_ENDPOINT && endpoint_failback(m, m->endpoints[number])->failback == FAILBACK_AUTO)
                return "its failback is auto now";
        return NULL;
}

void holds_begin(struct control *control, struct snapshot *first, struct endpoint_state *states)
{
        int64_t now_ms = clock_wall_ms();
        size_t n;
        struct holding **list = hold_list_in_force(&control->holds->list, &n);

        for (size_t i = 0; i < n; i++) {
                uint32_t number = drain_target(first->model, list[i]->scope, list[i]->target);
                if (number == MODEL_NONE || (list[i]->until_ms && list[i]->until_ms <= now_ms))
                        continue;
                if (list[i]->scope == DRAIN_POOL)
                        steering_hold(first->steering, number, monotonic(list[i]->since_ms));
                else if (!not_held(first->model, list[i], number))
                        endpoint_set_held(&states[number], list[i]->since_ms);
        }
        free(list);
}

/* --- health --- */

static const char *endpoint_key(uint32_t number, char out[KEY_MAX])
{
        const struct model *m = snapshot_current()->model;
        char id[600];

        snprintf(out, KEY_MAX, "%s/%s", drain_scope_name(DRAIN_ENDPOINT), endpoint_id(m, number, id, sizeof(id)));
        return out;
}

void holds_of_health(struct control *control, const struct health_change *c, struct endpoint_state *s)
{
        const struct model *m = snapshot_current()->model;
        uint32_t number = c->check->number;
        const struct failback_rule *rule = endpoint_failback(m, m->endpoints[number]);
        int64_t now_ms = clock_wall_ms();
        char key[KEY_MAX];

        if (c->state == VERDICT_DOWN && s->held_since_s) {
                struct holding *e = hold_list_find(&control->holds->list, endpoint_key(number, key));
                endpoint_set_held(s, 0);
                if (e)
                        holding_end(control->holds, e, "it is down again");
        } else if (c->before == VERDICT_DOWN && c->state != VERDICT_DOWN && rule->failback != FAILBACK_AUTO) {
                endpoint_set_held(s, now_ms);
                holding_begin(control->holds, endpoint_key(number, key), now_ms,
                              rule->failback == FAILBACK_MANUAL ? 0 : now_ms + (int64_t)rule->delay_s * 1000);
        }
}

static void pool_turned(struct control *control, const struct pool_hold *turn)
{
        const struct model *m = steering_model(snapshot_current()->steering);
        char key[KEY_MAX];

        if (!m->pools[turn->pool])
                return;
        snprintf(key, sizeof(key), "%s/%s", drain_scope_name(DRAIN_POOL), m->pools[turn->pool]->name);
        struct holding *e = hold_list_find(&control->holds->list, key);
        if (turn->held) {
                int64_t since_ms = wall(turn->since_ms);
                if (e && e->in_force && llabs(since_ms - e->since_ms) <= SAME_WITHIN_MS)
                        return;
                holding_begin(control->holds, key, since_ms, turn->until_ms == INT64_MAX ? 0 : wall(turn->until_ms));
        } else if (e && e->in_force) {
                if (!turn->down)
                        steering_failback(snapshot_current()->steering, turn->pool);
                holding_end(control->holds, e, turn->down ? "it is down again" : "nothing holds it any more");
        }
}

void holds_look(struct control *control)
{
        struct pool_hold turn;

        while (steering_hold_turned(snapshot_current()->steering, &turn))
                pool_turned(control, &turn);
}

/* --- configuration --- */

/* What the configuration has come to make of one. */
static void follow_one(struct control *control, struct holding *e)
{
        const struct snapshot *snapshot = snapshot_current();
        uint32_t number = drain_target(snapshot->model, e->scope, e->target);
        const char *why = not_held(snapshot->model, e, number);
        struct pool_hold hold = {.held = true};

        if (!why && e->scope == DRAIN_POOL)
                steering_held(snapshot->steering, number, &hold);
        if (why && number != MODEL_NONE) {
                endpoint_set_held(&control->states[number], 0);
                control_states_set(control, number);
        }
        if (why)
                holding_end(control->holds, e, why);
        else if (!hold.held)
                pool_turned(control, &hold);
}

void holds_follow(struct control *control)
{
        size_t n;
        struct holding **list = hold_list_in_force(&control->holds->list, &n);

        for (size_t i = 0; i < n; i++)
                follow_one(control, list[i]);
        free(list);
}

static void follow_key(struct control *control, const char *key)
{
        struct holding *e = hold_list_find(&control->holds->list, key);

        if (e && e->in_force)
                follow_one(control, e);
}

void holds_follow_items(struct control *control, const struct edited *items, size_t count)
{
        char key[KEY_MAX];

        holds_look(control);
        for (size_t i = 0; i < count && control->holds->list.counts.pools + control->holds->list.counts.endpoints;
             i++) {
                const struct pool *before = items[i].kind == KIND_POOLS ? items[i].before : NULL;
                if (!before)
                        continue;
                snprintf(key, sizeof(key), "%s/%s", drain_scope_name(DRAIN_POOL), before->name);
                follow_key(control, key);
                for (uint32_t n = 0; n < before->endpoints.count; n++) {
                        snprintf(key, sizeof(key), "%s/%s/%s", drain_scope_name(DRAIN_ENDPOINT), before->name,
                                 before->endpoints.items[n].name);
                        follow_key(control, key);
                }
        }
}

/* --- ends --- */

void holds_end_due(struct control *control)
{
        struct hold_list *h = &control->holds->list;
        int64_t now_ms = clock_wall_ms();
        size_t n;

        if (now_ms < h->end_ms)
                return;
        h->end_ms = INT64_MAX;
        struct holding **list = hold_list_in_force(h, &n);
        for (size_t i = 0; i < n; i++) {
                if (list[i]->scope != DRAIN_ENDPOINT || !list[i]->until_ms)
                        continue;
                if (list[i]->until_ms > now_ms) {
                        h->end_ms = list[i]->until_ms < h->end_ms ? list[i]->until_ms : h->end_ms;
                        continue;
                }
                uint32_t number = drain_target(snapshot_current()->model, DRAIN_ENDPOINT, list[i]->target);
                if (number != MODEL_NONE) {
                        endpoint_set_held(&control->states[number], 0);
                        control_states_set(control, number);
                }
                holding_end(control->holds, list[i], "its delay is over");
        }
        free(list);
}

/* Somebody's word: in force in states and steering. */
static void release(struct control *control, struct holding *e)
{
        const struct snapshot *snapshot = snapshot_current();
        uint32_t number = drain_target(snapshot->model, e->scope, e->target);

        if (!e->in_force || number == MODEL_NONE)
                return;
        if (e->scope == DRAIN_POOL) {
                steering_failback(snapshot->steering, number);
        } else {
                endpoint_set_held(&control->states[number], 0);
                control_states_set(control, number);
        }
}

static void take_from_elsewhere(struct control *control, struct holding *e)
{
        const struct snapshot *snapshot = snapshot_current();
        uint32_t number = drain_target(snapshot->model, e->scope, e->target);

        hold_list_put(&control->holds->list, e, e->stored_since_ms, e->stored_until_ms);
        if (not_held(snapshot->model, e, number))
                return; /* holds_follow lets go of it */
        if (e->scope == DRAIN_POOL) {
                steering_hold(snapshot->steering, number, monotonic(e->since_ms));
        } else {
                endpoint_set_held(&control->states[number], e->since_ms);
                control_states_set(control, number);
        }
}

void holds_take(struct control *control, const struct change *change)
{
        struct hold_list *list = &control->holds->list;
        bool known = hold_list_find(list, change->key) != NULL;
        struct holding *e = hold_list_get(list, change->key);

        if (hold_list_stored(e, change->document)) {
                if (!known)
                        take_from_elsewhere(control, e);
        } else if (!change->document && !e->deleting) {
                release(control, e);
                hold_list_lift(list, e);
        }
        e->deleting = false;
        hold_list_settle(list, e);
}

/* --- for others --- */

struct hold_counts control_holds_count(const struct control *control)
{
        return control->holds->list.counts;
}

static bool covers(const struct model *m, const struct hold_cover *cover, const struct holding *e)
{
        uint32_t number = drain_target(m, e->scope, e->target);

        if (!cover || number == MODEL_NONE)
                return !cover;
        uint32_t pool = e->scope == DRAIN_POOL ? number : m->endpoints[number]->pool;
        switch (cover->scope) {
        case DRAIN_REGION:
                return m->pools[pool]->region == cover->target;
        case DRAIN_POOL:
                return pool == cover->target;
        case DRAIN_ENDPOINT:
                break;
        }
        return e->scope == DRAIN_ENDPOINT && number == cover->target;
}

void control_holds_each(struct control *control, const struct hold_cover *cover, hold_visit *visit, void *context)
{
        const struct model *m = snapshot_current()->model;
        size_t n;

        holds_look(control);
        struct holding **list = hold_list_in_force(&control->holds->list, &n);
        for (size_t i = 0; i < n; i++)
                if (covers(m, cover, list[i])) {
                        const struct hold hold = holding_tell(list[i]);
                        visit(context, &hold, holding_is_written(list[i]));
                }
        free(list);
}

void control_holds_release(struct control *control, const struct hold_cover *cover, const char *who)
{
        const struct model *m = snapshot_current()->model;
        char why[200];
        size_t n;

        holds_look(control);
        struct holding **list = hold_list_in_force(&control->holds->list, &n);
        snprintf(why, sizeof(why), "\"%s\" says so", who);
        for (size_t i = 0; i < n; i++)
                if (covers(m, cover, list[i])) {
                        release(control, list[i]);
                        holding_end(control->holds, list[i], why);
                }
        free(list);
        control_states_flush(control);
}
