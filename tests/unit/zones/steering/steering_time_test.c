/* Ticks look at what is due alone, and publish what a look at everything would. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buffer.h"
#include "base/log.h"
#include "base/memory.h"
#include "tests/unit/same_steering.h"
#include "tests/unit/world.h"
#include "zones/steering/steering_tables.h"

#define POOLS     27u
#define ENDPOINTS 3u
#define SECOND    1000

static const char *const balances[] = {"weighted",   "round_robin", "failover", "random", "hash",
                                       "least_load", "fastest",     "score",    "all"};

/* Every balance beside every kind of limit, under every steering and failback. `variant` changes what a later revision
 * may change. */
static char *world_text(unsigned variant)
{
        static const char *const options[] = {"", "slow_start: 30s, ", "max_load: 60, "};
        static const char *const steerings[] = {"geo", "latency", "failover", "weighted", "round_robin", "random"};
        static const char *const failbacks[] = {"auto", "delayed 20s", "manual", "delayed 45s"};
        struct buffer text = BUFFER_INIT(1 << 20);

        buffer_printf(&text, "regions: [{name: eu, default: true, fallback: [us]}, {name: us}]\n"
                             "networks: [{cidr: 10.2.0.0/16, region: us}]\n"
                             "probers: [{name: there, region: us}]\n"
                             "zones: [{name: g.example, ns: [ns1.example.net]}]\npools:\n");
        for (unsigned p = 0; p < POOLS; p++) {
                buffer_printf(&text, "  - {name: p%u, region: %s, balance: %s, %sendpoints: [", p, p % 2 ? "eu" : "us",
                              balances[p % 9], options[(p / 9 + variant) % 3]);
                for (unsigned e = 0; e < ENDPOINTS; e++)
                        buffer_printf(&text, "%s{name: e%u, address: 10.9.%u.%u, weight: %u%s}", e ? ", " : "", e, p,
                                      e + 1, e + 1, (p + e + variant) % 4 ? "" : ", max_load: 50");
                buffer_text(&text, "]}\n");
        }
        buffer_text(&text, "  - {name: deep, region: eu, service: s0.g.example}\nservices:\n");
        for (unsigned s = 0; s < 24; s++)
                buffer_printf(&text, "  - {name: s%u.g.example, steering: %s, failback: %s, pools: [p%u, p%u, p%u]}\n",
                              s, steerings[s % 6], failbacks[(s / 6 + variant) % 4], s % POOLS, (s + 5) % POOLS,
                              (s + 13) % POOLS);
        buffer_text(&text, "  - {name: outer.g.example, steering: failover, pools: [deep, p3]}\n");
        return buffer_take(&text);
}

static struct world *make(unsigned variant, const struct world *previous)
{
        char *text = world_text(variant);
        struct world *w = world_new(text, previous);

        free(text);
        return w;
}

/* --- what is published --- */

static void ck_same(const struct world *a, const struct world *b, unsigned step)
{
        const char *difference = steering_difference(a->snapshot->steering, b->snapshot->steering);

        if (difference)
                ck_abort_msg("step %u: %s", step, difference);
}

/* As if everything were due. */
static void look_at_all(struct steering *t)
{
        for (uint32_t p = 0; p < t->pool_count; p++) {
                struct pool_live *live = t->pools[p];
                pool_list_add(&t->moving, live, &live->moving);
                if (live->timing)
                        pool_list_add(&t->timed, live, &live->timed);
                if (live->back_ms == FAILBACK_NOT_HELD)
                        continue;
                pool_list_add(&t->delayed, live, &live->delayed);
                live->release_ms = t->release_ms = 0;
        }
}

/* --- random worlds --- */

struct pair {
        struct world *due, *all; /* the same, but for how ticks go */
        struct random random;
        int64_t now_ms;
};

static void tick_both(struct pair *pair, int64_t elapsed_ms)
{
        pair->now_ms += elapsed_ms;
        steering_tick(pair->due->snapshot->steering, pair->now_ms);
        look_at_all(pair->all->snapshot->steering);
        steering_tick(pair->all->snapshot->steering, pair->now_ms);
}

static float some_figure(struct random *r)
{
        return random_below(r, 5) ? (float)random_below(r, 120) : -1;
}

static void change_state(struct pair *pair, struct endpoint_state *s)
{
        struct random *r = &pair->random;

        switch (random_below(r, 7)) {
        case 0:
                s->health = HEALTH_DOWN;
                break;
        case 1:
                if (s->health == HEALTH_DOWN)
                        s->up_since_ms = pair->now_ms;
                s->health = HEALTH_UP;
                break;
        case 2:
                s->drained = random_below(r, 2);
                break;
        case 3:
                s->rtt_us = random_below(r, 3) * 20000 + random_below(r, 3000);
                break;
        case 4:
                s->figures.load = some_figure(r);
                break;
        case 5:
                s->figures.errors = some_figure(r);
                s->figures.cpu = some_figure(r);
                s->figures.memory = some_figure(r);
                break;
        default:
                s->half_open_percent = (uint8_t)random_below(r, 2) * 10;
                s->weight_percent = (uint8_t)random_below(r, 2) * 50;
                break;
        }
}

static void change_endpoints(struct pair *pair)
{
        uint32_t count = pair->due->snapshot->model->endpoint_count;
        uint32_t n = random_below(&pair->random, 4) + 1, changed[4];

        for (uint32_t i = 0; i < n; i++) {
                /* More often some that serve together, so that pools fail and come back whole. */
                changed[i] = random_below(&pair->random, random_below(&pair->random, 2) ? 9 : count);
                change_state(pair, &pair->due->states[changed[i]]);
        }
        for (uint32_t i = 0; i < n; i++)
                steering_set(pair->due->snapshot->steering, changed[i], &pair->due->states[changed[i]]);
        steering_publish(pair->due->snapshot->steering);
        memcpy(pair->all->states, pair->due->states, count * sizeof(*pair->all->states));
        world_update(pair->all);
}

static void measure(struct pair *pair)
{
        uint32_t endpoint = random_below(&pair->random, pair->due->snapshot->model->endpoint_count);
        uint32_t region = random_below(&pair->random, 2), us = random_below(&pair->random, 50000);

        steering_round_trip(pair->due->snapshot->steering, region, endpoint, us);
        steering_round_trip(pair->all->snapshot->steering, region, endpoint, us);
}

static void ck_near(float a, float b)
{
        if (fabs((double)a - (double)b) > 1e-4 * (fabs((double)b) + 1))
                ck_abort_msg("%.9g and %.9g", (double)a, (double)b);
}

/* Averages that nobody needs are smoothed in one step when somebody does: the same but for rounding. A revision may
 * need them, so they are made the same before it. */
static void align_figures(struct pair *pair)
{
        struct steering *due = pair->due->snapshot->steering, *all = pair->all->snapshot->steering;

        for (uint32_t i = 0; i < due->model->endpoint_count; i++) {
                struct endpoint_live a = figures_now(due, i), b = figures_now(all, i);
                ck_near(a.figures.load, b.figures.load);
                ck_near(a.figures.errors, b.figures.errors);
                ck_near(a.figures.cpu, b.figures.cpu);
                ck_near(a.figures.memory, b.figures.memory);
                ck_near(a.rtt_us, b.rtt_us);
                if (memcmp(&a.cost_shown, &b.cost_shown, sizeof(a.cost_shown)) != 0 ||
                    memcmp(&a.kept, &b.kept, sizeof(a.kept)) != 0 ||
                    memcmp(&a.kept_was, &b.kept_was, sizeof(a.kept_was)) != 0 ||
                    memcmp(&a.ramp, &b.ramp, sizeof(a.ramp)) != 0)
                        ck_abort_msg("endpoint %u", i);
                due->live[i] = all->live[i];
        }
}

static struct world *next_revision(struct world *before, unsigned variant)
{
        struct world *w = make(variant, before);

        memcpy(w->states, before->states, w->snapshot->model->endpoint_count * sizeof(*w->states));
        world_update(w);
        world_free(before);
        return w;
}

static void one_step(struct pair *pair)
{
        uint32_t pool = random_below(&pair->random, POOLS);

        switch (random_below(&pair->random, 8)) {
        case 0:
        case 1:
        case 2:
                change_endpoints(pair);
                return;
        case 3:
                measure(pair);
                return;
        case 4:
                if (random_below(&pair->random, 10))
                        return;
                steering_failback(pair->due->snapshot->steering, pool);
                steering_failback(pair->all->snapshot->steering, pool);
                return;
        case 5:
                tick_both(pair, random_below(&pair->random, 30) * SECOND);
                return;
        default:
                tick_both(pair, SECOND + random_below(&pair->random, 20));
                return;
        }
}

START_TEST(what_is_due_publishes_what_a_look_at_everything_would)
{
        unsigned quiet = 0;

        for (unsigned seed = 1; seed <= 4; seed++) {
                struct pair pair = {.due = make(0, NULL), .all = make(0, NULL), .now_ms = 5000};
                random_seed(&pair.random, seed);
                for (unsigned step = 0; step < 3000; step++) {
                        one_step(&pair);
                        if (step % 500 == 250) { /* nothing new for some minutes */
                                for (unsigned i = 0; i < 400; i++)
                                        tick_both(&pair, SECOND);
                                quiet += pair.due->snapshot->steering->moving.count <
                                         pair.all->snapshot->steering->model->count[KIND_POOLS] / 2;
                        }
                        if (step && step % 1000 == 0) {
                                align_figures(&pair);
                                pair.due = next_revision(pair.due, step / 1000);
                                pair.all = next_revision(pair.all, step / 1000);
                        }
                        ck_same(pair.due, pair.all, step);
                }
                ck_assert_uint_lt(steering_work(pair.due->snapshot->steering).looked,
                                  steering_work(pair.all->snapshot->steering).looked);
                world_free(pair.due);
                world_free(pair.all);
        }
        ck_assert_uint_gt(quiet, 12);
}
END_TEST

/* --- at rest --- */

START_TEST(tick_with_nothing_due_does_nothing)
{
        struct world *w = make(0, NULL);
        struct steering *t = w->snapshot->steering;
        struct steering_work before, after;
        int64_t now = SECOND;

        for (uint32_t i = 0; i < w->snapshot->model->endpoint_count; i++) {
                w->states[i].figures.load = 40;
                w->states[i].rtt_us = 20000;
                w->states[i].up_since_ms = 1;
        }
        world_update(w);
        for (; now < 600 * SECOND; now += SECOND)
                steering_tick(t, now);
        before = steering_work(t);
        for (; now < 700 * SECOND; now += SECOND)
                ck_assert_uint_eq(steering_tick(t, now), 0);
        after = steering_work(t);
        ck_assert_uint_eq(after.looked, before.looked);
        ck_assert_uint_eq(after.pickers, before.pickers);
        ck_assert_uint_eq(after.choices, before.choices);

        /* One that moves is looked at each second until its average has arrived, alone. */
        w->states[world_endpoint(w, "p5/e0")].figures.load = 45;
        steering_set(t, world_endpoint(w, "p5/e0"), &w->states[world_endpoint(w, "p5/e0")]);
        steering_publish(t);
        for (unsigned i = 0; i < 10; i++)
                steering_tick(t, now += SECOND);
        before = steering_work(t);
        ck_assert_uint_ge(before.looked, after.looked + 10);
        ck_assert_uint_le(before.looked, after.looked + 2 * 10);
        for (; now < 1400 * SECOND; now += SECOND)
                steering_tick(t, now);
        before = steering_work(t);
        steering_tick(t, now);
        ck_assert_uint_eq(steering_work(t).looked, before.looked);
        world_free(w);
}
END_TEST

START_TEST(pool_held_back_is_looked_at_when_its_delay_is_over)
{
        struct world *w = world_new(WORLD_HEAD "pools: [{name: a, region: eu, endpoints: [192.0.2.1]},\n"
                                               "  {name: b, region: us, endpoints: [192.0.2.2]}]\n"
                                               "services: [{name: " WORLD_SERVICE ", steering: failover,\n"
                                               "  failback: delayed 60s, pools: [a, b]}]\n",
                                    NULL);
        struct steering *t = w->snapshot->steering;
        int64_t now = SECOND;

        steering_tick(t, now);
        world_health(w, "a/192.0.2.1", HEALTH_DOWN);
        world_health(w, "a/192.0.2.1", HEALTH_UP);
        uint64_t looked = steering_work(t).looked;
        for (; now < 60 * SECOND; now += SECOND)
                steering_tick(t, now);
        ck_assert_str_eq(world_answer(w, WORLD_SERVICE, "10.0.0.1"), "192.0.2.2");
        ck_assert_uint_eq(steering_work(t).looked, looked);
        steering_tick(t, 61 * SECOND);
        ck_assert_str_eq(world_answer(w, WORLD_SERVICE, "10.0.0.1"), "192.0.2.1");
        ck_assert_uint_eq(steering_work(t).looked, looked + 1);
        world_free(w);
}
END_TEST

START_TEST(ramp_ends_with_a_revision_that_takes_slow_start_away)
{
        struct world *w = world_of_pool("slow_start: 100s", "192.0.2.1, 192.0.2.2");

        steering_tick(w->snapshot->steering, 1000 * SECOND);
        w->states[0].up_since_ms = 999 * SECOND;
        world_update(w);
        const struct pool_live *live = w->snapshot->steering->pools[0];
        ck_assert_double_lt(picker_share(live->face.pickers[FAMILY_A], 0), 0.1);
        struct world *next = world_new(WORLD_HEAD "pools: [{name: p, region: eu, endpoints: [192.0.2.1, 192.0.2.2]}]\n"
                                                  "services: [{name: " WORLD_SERVICE ", pools: [p]}]\n",
                                       w);
        steering_tick(next->snapshot->steering, 1001 * SECOND);
        live = next->snapshot->steering->pools[0];
        ck_assert_double_eq_tol(picker_share(live->face.pickers[FAMILY_A], 0), 0.5, 1e-4);
        world_free(next);
        world_free(w);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("steering time");
        TCase *t = tcase_create("steering time");

        log_set_level(LOG_LEVEL_ERROR);
        tcase_set_timeout(t, 120);
        tcase_add_test(t, what_is_due_publishes_what_a_look_at_everything_would);
        tcase_add_test(t, tick_with_nothing_due_does_nothing);
        tcase_add_test(t, pool_held_back_is_looked_at_when_its_delay_is_over);
        tcase_add_test(t, ramp_ends_with_a_revision_that_takes_slow_start_away);
        suite_add_tcase(suite, t);
        return world_run(suite);
}
