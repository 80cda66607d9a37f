/* The pools for a client in order, why each was or was not used, and what its endpoints weigh. */
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "zones/explain/explain_private.h"

/* --- why a pool was used or not --- */

static const char *used_text(struct telling *t, const struct route *r, const struct choice *c, double share)
{
        switch ((enum all_down)c->why) {
        case ALL_DOWN_SERVE_DRAINED:
                return "nothing else is up anywhere, so drained endpoints that are up serve (when_all_down serve_all)";
        case ALL_DOWN_SERVE_ALL:
                return "nothing is up anywhere, so all of it is served (when_all_down serve_all)";
        case ALL_DOWN_LAST_RESORT:
                return "nothing is up anywhere, and this is the pool of last resort (when_all_down last_resort)";
        case ALL_UP_ENOUGH:
        case ALL_DOWN_FALLBACK:
        case ALL_DOWN_NODATA:
        case ALL_DOWN_SERVFAIL:
        case WAITING:
                break;
        }
        if (c->kind == CHOICE_POOL)
                return "the first usable pool of the order";
        return arena_printf(t->arena, "serves %.0f%% of the answers (steering %s%s)", share * 100,
                            steering_policy_names[r->steering], c->kind == CHOICE_ROTATE ? ", in turn" : "");
}

static const char *held_text(struct telling *t, const struct pool_live *p)
{
        char time[CLOCK_TEXT_MAX];
        int64_t since_ms = t->question->wall_ms - (t->question->now_ms - p->back_ms);

        return arena_printf(t->arena, "is back, but held until its failback, since %s: gslbctl pool failback %s",
                            clock_format(since_ms / 1000 * 1000, time), p->pool->name);
}

static const char *endpoint_held_text(struct telling *t, const struct endpoint *e, uint32_t since_s)
{
        char time[CLOCK_TEXT_MAX];

        return arena_printf(t->arena, "is back, but held until its failback, since %s: gslbctl endpoint failback %s/%s",
                            clock_format((int64_t)since_s * 1000, time), t->model->pools[e->pool]->name, e->name);
}

static const char *unused_text(struct telling *t, enum verdict_of_pool verdict, const struct pool_live *p)
{
        const struct min_healthy *least = &p->pool->min_healthy;

        switch (verdict) {
        case POOL_USED:
        case POOL_NOT_REACHED:
                break;
        case POOL_NO_FAMILY:
                return t->family == FAMILY_A      ? "has no endpoint with an IPv4 address"
                       : t->family == FAMILY_AAAA ? "has no endpoint with an IPv6 address"
                                                  : "has no endpoint that is a host name";
        case POOL_DISABLED:
                return schedule_in_force(&p->pool->schedules, &p->scheduled) ? "disabled by a schedule" : "disabled";
        case POOL_DRAINED:
                return "drained";
        case POOL_DOWN:
                return "all its endpoints are down or drained";
        case POOL_TOO_FEW:
                return arena_printf(t->arena, "%u of %u endpoints are up, below its min_healthy of %lld%s", p->healthy,
                                    p->enabled, (long long)(least->percent ? least->percent : least->count),
                                    least->percent ? "%" : "");
        case POOL_HELD:
                return held_text(t, p);
        case POOL_FENCED:
                return "outside the fence";
        case POOL_RESERVE:
                return "weight 0: serves when those with a weight are down";
        }
        return "usable, but a pool before it serves";
}

static double share_of_pool(const struct choice *c, const struct pool_live *p)
{
        double total = 0, own = 0;

        if (c->kind == CHOICE_POOL)
                return c->pool == p;
        for (uint32_t i = 0; i < c->count; i++) {
                double share = c->kind == CHOICE_ROTATE ? 1 : choice_shares(c)[i];
                total += share;
                own += choice_pools(c)[i] == p ? share : 0;
        }
        return total > 0 ? own / total : 0;
}

/* --- schedules --- */

/* Of the pool itself, and of its weight in the service. */
static void tell_schedules(struct telling *t, const struct service *s, const struct route *r, uint32_t position,
                           struct doc *d)
{
        const struct pool_live *p = r->pools[position].live;
        const struct schedule_list *own = &p->pool->schedules, *entry = &s->pools.items[position].schedules;
        const struct scheduled none = {0}, *now = r->schedules ? &r->schedules[position].now : &none;
        const char *text = schedule_now_text(own, &p->scheduled, t->arena);

        schedule_describe(own, &p->scheduled, t->arena, d, "schedule");
        schedule_describe(entry, now, t->arena, d, "weight_schedule");
        if (*text)
                story_add(t, "%*sBy its schedule: %s.", 4 + 2 * (int)t->depth, "", text);
        text = schedule_now_text(entry, now, t->arena);
        if (*text)
                story_add(t, "%*sBy the service's schedule: %s.", 4 + 2 * (int)t->depth, "", text);
}

/* --- endpoints --- */

static const char *health_word(const struct telling *t, uint32_t number)
{
        uint8_t health = t->steering->states[number].health;

        return t->model->endpoints[number]->monitor == MODEL_NONE && health == HEALTH_UNKNOWN ? "not monitored"
                                                                                              : state_names[health];
}

static void add_figure(struct telling *t, struct doc *d, const char *name, float figure)
{
        if (figure >= 0)
                doc_add_real(t->arena, d, name, (double)figure);
}

static const char *down_text(struct telling *t, const struct endpoint *e)
{
        return e->monitor == MODEL_NONE
                       ? "down"
                       : arena_printf(t->arena, "down (monitor %s)", t->model->monitors[e->monitor]->name);
}

static const char *endpoint_note(struct telling *t, const struct endpoint *e, uint32_t number, enum tier tier,
                                 double share)
{
        const struct endpoint_state *s = &t->steering->states[number];
        const struct endpoint_live *live = &t->steering->live[number];

        const struct schedule *schedule = schedule_in_force(&e->schedules, &s->scheduled);
        if (!endpoint_enabled(t->steering, e, number))
                return schedule && schedule->has_enabled ? "disabled by a schedule" : "disabled";
        if (!endpoint_has_family(e, t->family))
                return "of another family";
        if (s->drained || s->health == HEALTH_DOWN)
                return arena_printf(t->arena, "%s%s%s%s",
                                    s->drained_by_agent && !s->drained_by_operator ? "drained by its agent"
                                    : s->drained                                   ? "drained"
                                                                                   : "",
                                    s->drained && s->health == HEALTH_DOWN ? " and " : "",
                                    s->health == HEALTH_DOWN ? down_text(t, e) : "",
                                    tier >= TIER_DRAINED && share > 0 ? ", served all the same" : "");
        if (live->flattened && !live->resolved)
                return "its addresses are not known yet, so it is passed over";
        if (s->held_since_s && share > 0)
                return "waits for its failback, but too few others are up: it serves";
        if (s->held_since_s)
                return endpoint_held_text(t, e, s->held_since_s);
        if (share > 0 && s->drain_percent)
                return arena_printf(t->arena, "a drain goes: %u%% of its weight is left", s->drain_percent);
        if (share > 0 && s->half_open_percent)
                return arena_printf(t->arena, "half-open: on trial with %u%% of its weight", s->half_open_percent);
        if (share > 0 && live->ramp < 1)
                return arena_printf(t->arena, "slow start: %.0f%% of its weight", (double)live->ramp * 100);
        if (share > 0 && live->kept < 1)
                return arena_printf(t->arena, "above max_load: keeps %.0f%% of its weight", (double)live->kept * 100);
        if (share > 0 && s->weight_percent)
                return arena_printf(t->arena, "its agent says %u%% of its weight", s->weight_percent);
        if (share > 0)
                return "serves";
        if (!endpoint_weight(t->steering, e, number))
                return "weight 0: serves when all with a weight are down";
        return e->backup ? "backup: serves when all others are down" : "others serve before it";
}

/* What the tables make of a pool's endpoints, by their place in it. */
struct portions {
        enum tier tier;
        double *shares, *weights;
};

static size_t place_of(const struct telling *t, const struct pool *p, const struct target *target)
{
        return (size_t)(t->model->endpoints[target->endpoint] - p->endpoints.items);
}

/* A pool that nobody is sent to has pickers for the time when nothing is up anywhere: not worth telling before. */
static struct portions portions_of(struct telling *t, const struct pool_live *p, bool used)
{
        uint32_t count = p->pool->endpoints.count;
        struct portions out = {TIER_NORMAL, ARENA_ARRAY(t->arena, double, count), ARENA_ARRAY(t->arena, double, count)};
        struct picker_member *room = ARENA_ARRAY(t->arena, struct picker_member, count);

        if (!p->reach[t->family].has)
                return out;
        struct picker_plan plan = pool_plan(t->steering, p, t->family, &out.tier, room);
        for (uint32_t i = 0; i < plan.count; i++)
                out.weights[place_of(t, p->pool, plan.members[i].target)] = plan.members[i].weight;
        const struct picker *picker = out.tier >= TIER_DRAINED && !used ? NULL : pool_face(p)->pickers[t->family];
        for (uint32_t i = 0; picker && i < picker_count(picker); i++)
                out.shares[place_of(t, p->pool, picker_target(picker, i))] = picker_share(picker, i);
        return out;
}

static void tell_endpoint(struct telling *t, struct doc *list, const struct pool_live *p, uint32_t i,
                          const struct portions *portions)
{
        const struct endpoint *e = &p->pool->endpoints.items[i];
        uint32_t number = e->number;
        const struct endpoint_live now = figures_now(t->steering, number), *live = &now;
        struct doc *d = doc_add_map(t->arena, list, NULL);
        double share = portions->shares[i], weight = portions->weights[i];
        enum tier tier = portions->tier;
        const char *note = endpoint_note(t, e, number, tier, share);
        int balance = t->model->pools[e->pool]->balance;
        doc_add_string(t->arena, d, "name", e->name);
        doc_add_string(t->arena, d, "address", e->address_text);
        doc_add_string(t->arena, d, "health", health_word(t, number));
        doc_add_string(t->arena, d, "monitor", e->monitor == MODEL_NONE ? NULL : t->model->monitors[e->monitor]->name);
        doc_add_bool(t->arena, d, "enabled", endpoint_enabled(t->steering, e, number));
        doc_add_bool(t->arena, d, "drained", t->steering->states[number].drained);
        doc_add_bool(t->arena, d, "backup", e->backup);
        doc_add_int(t->arena, d, "weight", endpoint_weight(t->steering, e, number));
        doc_add_int(t->arena, d, "priority", e->priority);
        doc_add_real(t->arena, d, "slow_start", (double)live->ramp);
        doc_add_real(t->arena, d, "kept", (double)live->kept);
        add_figure(t, d, "load", live->figures.load);
        add_figure(t, d, "round_trip_ms", live->rtt_us < 0 ? -1 : live->rtt_us / 1000);
        if (balance == BALANCE_FASTEST || balance == BALANCE_SCORE) /* a pool that compared costs once has them still */
                add_figure(t, d, "cost", live->cost_shown);
        doc_add_real(t->arena, d, "effective_weight", weight);
        doc_add_real(t->arena, d, "share", share);
        doc_add_string(t->arena, d, "note", note);
        const struct scheduled *scheduled = &t->steering->states[number].scheduled;
        const char *by_clock = schedule_now_text(&e->schedules, scheduled, t->arena);
        schedule_describe(&e->schedules, scheduled, t->arena, d, "schedule");
        const char *figures = endpoint_figures_text(t, e, live);
        story_add(t, "%*s%s (%s), weight %lld%s%s: %s%s%s%s.", 4 + 2 * (int)t->depth, "", e->name, e->address_text,
                  (long long)endpoint_weight(t->steering, e, number), *figures ? ", " : "", figures, note,
                  share > 0 ? arena_printf(t->arena, ", %.1f%% of this pool's answers", share * 100) : "",
                  *by_clock ? "; by its schedule: " : "", by_clock);
}

static void tell_endpoints(struct telling *t, struct doc *d, const struct pool_live *p, bool used)
{
        struct doc *list = doc_add_list(t->arena, d, "endpoints");
        struct portions portions = portions_of(t, p, used);

        for (uint32_t i = 0; i < p->pool->endpoints.count; i++)
                tell_endpoint(t, list, p, i, &portions);
}

/* --- the whole --- */

static void tell_pool(struct telling *t, const struct service *s, const struct route *r, const struct choice *c,
                      uint32_t position, bool fenced, struct doc *list)
{
        const struct pool_live *p = r->pools[position].live;
        enum verdict_of_pool verdict = route_verdict(t->steering, r, c, position, fenced, t->family);
        double share = share_of_pool(c, p);
        const char *reason = verdict == POOL_USED ? used_text(t, r, c, share) : unused_text(t, verdict, p);
        struct doc *d = doc_add_map(t->arena, list, NULL);

        doc_add_string(t->arena, d, "name", p->pool->name);
        doc_add_string(t->arena, d, "region", p->pool->region_name);
        doc_add_string(t->arena, d, "balance", balance_names[p->pool->balance]);
        doc_add_bool(t->arena, d, "used", verdict == POOL_USED);
        doc_add_string(t->arena, d, "reason", reason);
        doc_add_int(t->arena, d, "weight", member_weight(r, position));
        doc_add_real(t->arena, d, "share", share);
        doc_add_int(t->arena, d, "healthy", p->healthy);
        doc_add_int(t->arena, d, "endpoints_enabled", p->enabled);
        doc_add_int(t->arena, d, "answers", pool_answers(p->pool));
        doc_add_real(t->arena, d, "kept", (double)p->kept);
        tell_farness(t, s, r, position, d);
        story_add(t, "%*sPool %s (region %s, balance %s): %s: %s.", 2 + 2 * (int)t->depth, "", p->pool->name,
                  p->pool->region_name, balance_names[p->pool->balance], verdict == POOL_USED ? "used" : "not used",
                  reason);
        tell_schedules(t, s, r, position, d);
        const char *options = pool_options_text(t, p->pool);
        if (*options)
                story_add(t, "%*sOptions: %s.", 4 + 2 * (int)t->depth, "", options);
        doc_add_string(t->arena, d, "options", options);
        if (!pool_face(p)->nested) {
                tell_endpoints(t, d, p, verdict == POOL_USED);
        } else if (t->depth < SERVICE_DEPTH_MAX) {
                t->depth++;
                struct doc *inner = doc_add_map(t->arena, d, "service");
                doc_add_string(t->arena, inner, "name", p->pool->service_name);
                tell_route(t, t->model->services[p->pool->service], inner, inner);
                t->depth--;
        }
}

static void tell_all_down(struct telling *t, const struct choice *c)
{
        switch ((enum all_down)c->why) {
        case ALL_DOWN_FALLBACK:
                story_add(t,
                          "Nothing is up anywhere: the fallback address is served (when_all_down fallback_address).");
                return;
        case ALL_DOWN_NODATA:
                story_add(t, "Nothing is up anywhere: no address is given (when_all_down nodata).");
                return;
        case ALL_DOWN_SERVFAIL:
                story_add(t, "Nothing is up anywhere: the answer is SERVFAIL (when_all_down servfail).");
                return;
        case WAITING:
                story_add(t, "The first checks of its endpoints are not done yet: queries over UDP are not answered "
                             "until then.");
                return;
        case ALL_UP_ENOUGH:
        case ALL_DOWN_SERVE_DRAINED:
        case ALL_DOWN_SERVE_ALL:
        case ALL_DOWN_LAST_RESORT:
                return;
        }
}

void tell_route(struct telling *t, const struct service *s, struct doc *policy, struct doc *out)
{
        static const struct choice none = {.kind = CHOICE_NOTHING};
        const struct route *r = steering_route_of_service(t->steering, s->number);
        const struct route_face *face = route_face(r);
        uint32_t slot = face->view->slot_of[t->client.class];
        uint16_t *positions = ARENA_ARRAY(t->arena, uint16_t, r->pool_count);
        uint32_t limit = route_order(t->steering, r, slot, positions);
        const struct choice *c = face->choices[t->family] ? face->choices[t->family][slot] : &none;
        const char *why = order_text(t, s, r);

        doc_add_string(t->arena, policy, "steering", steering_policy_names[s->steering]);
        doc_add_string(t->arena, policy, "failback", failback_names[s->failback]);
        doc_add_bool(t->arena, policy, "fence", s->fence);
        doc_add_string(t->arena, policy, "when_all_down", when_all_down_names[s->when_all_down]);
        doc_add_string(t->arena, policy, "order_by", why);
        struct doc *order = doc_add_list(t->arena, out, "order"), *list = doc_add_list(t->arena, out, "pools");
        story_add(t, "%*sSteering %s orders its pools %s%s.", 2 * (int)t->depth, "", steering_policy_names[s->steering],
                  why, limit < r->pool_count ? "; the fence ends behind the first region" : "");
        for (uint32_t i = 0; i < r->pool_count; i++) {
                doc_add_string(t->arena, order, NULL, r->pools[positions[i]].live->pool->name);
                tell_pool(t, s, r, c, positions[i], i >= limit, list);
        }
        tell_all_down(t, c);
}
