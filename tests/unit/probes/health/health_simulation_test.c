/* Many probers and endpoints in simulated time: partitions, late reports, restarts and flapping at random. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "base/random.h"
#include "probes/health/health.h"
#include "tests/unit/monitors.h"
#include "tests/unit/suite.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PROBERS 40
#define CHECKS  1000
#else
#define PROBERS 100
#define CHECKS  10000
#endif
#define STEPS    40
#define STEP_MS  1000
#define BOUND    3 /* steps: two reports in a row may be lost, the third comes */
#define FLIPS    (CHECKS / 500)
#define FLAPPING 10 /* the first checks turn with every step */
#define MONITOR  "type: tcp, port: 1, quarantine: {changes: 5, window: 1m, for: 30s}"

enum sight { SEES_ALL, SEES_NOTHING, SEES_HALF };

struct vantage {
        char name[16];
        enum sight sight;
        uint64_t boot, sequence;
        uint32_t lost; /* reports in a row */
};

struct simulation {
        struct random r;
        struct health_table *h;
        struct vantage probers[PROBERS];
        char ids[CHECKS][16];
        bool up[CHECKS];
        uint64_t since[CHECKS]; /* step at which the truth changed */
        struct verdict verdicts[CHECKS];
};

/* So many are cut off at most that with the half blind ones most still see any endpoint. */
static void change_sights(struct simulation *s)
{
        uint32_t blind = 0;

        for (uint32_t i = 0; i < PROBERS; i++)
                blind += s->probers[i].sight != SEES_ALL;
        for (int n = 0; n < 3; n++) {
                struct vantage *p = &s->probers[random_below(&s->r, PROBERS)];
                if (p->sight != SEES_ALL) {
                        p->sight = SEES_ALL;
                        blind--;
                } else if (blind < PROBERS / 3) {
                        p->sight = random_below(&s->r, 2) ? SEES_NOTHING : SEES_HALF;
                        blind++;
                }
        }
}

static void change_truth(struct simulation *s, uint64_t step)
{
        for (uint32_t i = 0; i < FLAPPING; i++)
                s->up[i] = step % 2;
        for (uint32_t n = 0; n < FLIPS; n++) {
                uint32_t i = FLAPPING + random_below(&s->r, CHECKS - FLAPPING);
                s->up[i] = !s->up[i];
                s->since[i] = step;
        }
}

static void report(struct simulation *s, uint32_t number, uint64_t now)
{
        struct vantage *p = &s->probers[number];

        if (p->lost < 2 && random_below(&s->r, 4) == 0) {
                p->lost++;
                return;
        }
        p->lost = 0;
        if (random_below(&s->r, 50) == 0) { /* it is another process now */
                p->boot += PROBERS;         /* unlike any before */
                p->sequence = 0;
        }
        for (uint32_t i = 0; i < CHECKS; i++) {
                bool seen = p->sight == SEES_ALL || (p->sight == SEES_HALF && (i ^ number) & 1);
                s->verdicts[i] =
                        (struct verdict){.id = s->ids[i], .state = s->up[i] && seen ? VERDICT_UP : VERDICT_DOWN};
        }
        const struct report r = {p->name, p->boot, ++p->sequence, 1, s->verdicts, CHECKS};
        ck_assert(health_report(s->h, &r, now));
}

static struct simulation *simulation_new(uint64_t seed)
{
        struct simulation *s = memory_alloc(sizeof(*s));
        struct plan *p = plan_new(1);
        struct check *checks = ARENA_ARRAY(p->arena, struct check, CHECKS);
        const struct monitor *m = monitor_make(p->arena, MONITOR);

        random_seed(&s->r, seed);
        s->h = health_new();
        for (uint32_t i = 0; i < CHECKS; i++) {
                snprintf(s->ids[i], sizeof(s->ids[i]), "p/%05u", i);
                checks[i] = (struct check){.id = s->ids[i], .monitor = m};
                s->up[i] = true;
        }
        for (uint32_t i = 0; i < PROBERS; i++) {
                snprintf(s->probers[i].name, sizeof(s->probers[i].name), "n%u", i);
                s->probers[i].boot = i + 1;
        }
        plan_set(p, checks, CHECKS);
        health_set_plan(s->h, p, 1);
        return s;
}

START_TEST(no_false_down_every_true_one_in_time_and_what_flaps_is_in_quarantine)
{
        struct simulation *s = simulation_new((uint64_t)_i + 1);
        struct arena *a = arena_new(0);

        for (uint64_t step = 1; step <= STEPS; step++) {
                change_truth(s, step);
                change_sights(s);
                for (uint32_t i = 0; i < PROBERS; i++)
                        report(s, i, step * STEP_MS);
                health_tick(s->h, step * STEP_MS);
                for (uint32_t i = FLAPPING; i < CHECKS; i++)
                        if (step - s->since[i] >= BOUND)
                                ck_assert_msg(health_of(s->h, s->ids[i]) == (s->up[i] ? VERDICT_UP : VERDICT_DOWN),
                                              "seed %d step %llu check %u: %s", _i + 1, (unsigned long long)step, i,
                                              verdict_state_name(health_of(s->h, s->ids[i])));
        }
        for (uint32_t i = 0; i < FLAPPING; i++) {
                ck_assert_int_eq(health_of(s->h, s->ids[i]), VERDICT_DOWN);
                ck_assert(doc_get(health_describe(s->h, s->ids[i], a, STEPS * STEP_MS), "quarantined")->boolean);
        }
        arena_free(a);
        health_free(s->h);
        free(s);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("health_simulation");
        TCase *t = tcase_create("health_simulation");

        tcase_set_timeout(t, 300);
        tcase_add_loop_test(t, no_false_down_every_true_one_in_time_and_what_flaps_is_in_quarantine, 0, 2);
        suite_add_tcase(s, t);
        return run_suite(s);
}
