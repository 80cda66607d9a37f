/* Drains as they are read from the store. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "admin/states/covering.h"
#include "tests/unit/scratch.h"
#include "tests/unit/world.h"

static char path[SCRATCH_PATH], error[STORE_ERROR_MAX];
static struct arena *arena;
static struct store *store;

static void set_up(void)
{
        scratch_make(path, "drains");
        arena = arena_new(0);
        store = scratch_store(path, false);
}

static void tear_down(void)
{
        store_close(store);
        arena_free(arena);
        scratch_remove(path);
}

static const struct doc *document(const char *yaml)
{
        struct problems problems = PROBLEMS_INIT;
        const struct doc *d = doc_parse(arena, yaml, strlen(yaml), DOC_YAML, &problems);

        ck_assert_ptr_nonnull(d);
        return d;
}

/* As one that another program has written: what is drained by it would serve again without a word. */
START_TEST(what_is_no_drain_is_named_and_the_others_are_taken)
{
        struct change changes[] = {
                {KIND_DRAINS, "pool/a",
                 document("{name: pool/a, since: 2026-01-31T12:00:00Z, until: 2026-01-31T12:00:01Z}")},
                {KIND_DRAINS, "pool/b", document("{name: pool/b, since: yesterday}")},
                {KIND_DRAINS, "pool/c", document("{name: pool/d, since: 2026-01-31T12:00:00Z}")},
                {KIND_DRAINS, "zone/e", document("{name: zone/e, since: 2026-01-31T12:00:00Z}")},
        };
        const struct revision r = {1, 1000, "test", "", changes, sizeof(changes) / sizeof(*changes)};
        struct drains *d = drains_new();

        struct store_txn *txn = store_write(store, error, sizeof(error));
        ck_assert(store_apply(txn, &r, error, sizeof(error)));
        ck_assert(store_commit(txn, error, sizeof(error)));
        txn = store_read(store, error, sizeof(error));
        ck_assert(drains_read(d, txn));
        store_end(txn);
        ck_assert(!drains_due(d, 1769860800999));
        ck_assert(drains_due(d, 1769860801000)); /* pool/a ends */
        const struct problems *left_out = drains_left_out(d);
        ck_assert_uint_eq(left_out->count, 3);
        ck_assert_str_eq(left_out->list[0].path, "drains[pool/b]");
        ck_assert_str_eq(left_out->list[1].path, "drains[pool/c]");
        ck_assert_str_eq(left_out->list[2].path, "drains[zone/e]");
        ck_assert_msg(strstr(left_out->list[0].message, "expected a time"), "%s", left_out->list[0].message);
        drains_take(d, &(struct change){KIND_DRAINS, "pool/a", NULL}); /* of none of them */
        ck_assert_uint_eq(drains_left_out(d)->count, 3);
        drains_take(d, &(struct change){KIND_DRAINS, "pool/c", NULL});
        drains_take(d,
                    &(struct change){KIND_DRAINS, "pool/b", document("{name: pool/b, since: 2026-01-31T12:00:00Z}")});
        ck_assert_uint_eq(drains_left_out(d)->count, 1);
        ck_assert_str_eq(drains_left_out(d)->list[0].path, "drains[zone/e]");
        drains_free(d);
}
END_TEST

#define NOON 1769860800000

/* A drain under this key from noon on, in force in the world. */
static void drain(struct drains *d, struct world *w, const char *key)
{
        char yaml[200];

        snprintf(yaml, sizeof(yaml), "{name: %s, since: 2026-01-31T12:00:00Z}", key);
        drains_take(d, &(struct change){KIND_DRAINS, key, document(yaml)});
        drains_into_covered(d, key, w->snapshot->model, NOON + 1, w->states, w->snapshot->steering);
}

static struct world *world_of_region(void)
{
        return world_of_pool("balance: weighted", WORLD_FOUR);
}

/* That of a region costs what its pools are. */
START_TEST(what_is_in_force_is_not_looked_at_in_the_next_turn_again)
{
        struct world *w = world_of_region();
        struct drains *d = drains_new();
        uint32_t a = world_endpoint(w, "p/a");

        drain(d, w, "region/eu");
        ck_assert(w->states[a].drained);
        w->states[a].drained = false; /* what the drain would put right */
        drains_turn(d, w->snapshot->model, NOON + 2, w->states, w->snapshot->steering);
        ck_assert(!w->states[a].drained);
        drains_free(d);
        world_free(w);
}
END_TEST

START_TEST(each_drain_takes_out_what_it_covers)
{
        struct world *w = world_of_region();
        struct drains *d = drains_new();
        uint32_t a = world_endpoint(w, "p/a"), b = world_endpoint(w, "p/b");

        drain(d, w, "endpoint/p/a");
        ck_assert(w->states[a].drained && !w->states[b].drained);
        drain(d, w, "pool/p");
        ck_assert(w->states[a].drained && w->states[b].drained);
        drains_take(d, &(struct change){KIND_DRAINS, "pool/p", NULL});
        drains_into_covered(d, "pool/p", w->snapshot->model, NOON + 2, w->states, w->snapshot->steering);
        ck_assert(w->states[a].drained && !w->states[b].drained);
        drains_take(d, &(struct change){KIND_DRAINS, "endpoint/p/a", NULL});
        drain(d, w, "region/eu");
        ck_assert(w->states[a].drained && w->states[b].drained);
        drain(d, w, "region/us");
        drains_take(d, &(struct change){KIND_DRAINS, "region/eu", NULL});
        drains_into_covered(d, "region/eu", w->snapshot->model, NOON + 2, w->states, w->snapshot->steering);
        ck_assert(!w->states[a].drained && !w->states[b].drained);
        drains_free(d);
        world_free(w);
}
END_TEST

static bool is_key(const void *context, const char *key)
{
        return !strcmp(context, key);
}

START_TEST(what_one_drain_leaves_another_takes_out)
{
        static const struct drain_span morning = {.since_ms = NOON - 1000, .until_ms = NOON}, day = {.since_ms = NOON};
        struct world *w = world_of_region();
        const struct model *m = w->snapshot->model;
        struct drains *d = drains_new();
        uint32_t a = world_endpoint(w, "p/a"), b = world_endpoint(w, "p/b");

        drain(d, w, "endpoint/p/a");
        ck_assert(drains_take_out(d, m, a, &day, is_key, ""));
        ck_assert(!drains_take_out(d, m, a, &morning, is_key, ""));
        ck_assert(!drains_take_out(d, m, a, &day, is_key, "endpoint/p/a"));
        ck_assert(!drains_take_out(d, m, b, &day, is_key, ""));
        drain(d, w, "region/eu");
        ck_assert(drains_take_out(d, m, a, &day, is_key, "endpoint/p/a"));
        ck_assert(drains_take_out(d, m, b, &day, is_key, ""));
        ck_assert(!drains_take_out(d, m, b, &day, is_key, "region/eu"));
        drain(d, w, "pool/p");
        ck_assert(drains_take_out(d, m, b, &day, is_key, "region/eu"));
        drains_free(d);
        world_free(w);
}
END_TEST

/* --- step by step --- */

#define GROUPS 40u

/* s: a and b beside each other in eu, c in us. t: d in eu, then s, through q. */
static struct world *world_of_groups(void)
{
        const size_t most = 1000 * GROUPS;
        char *pools = calloc(1, most), *services = calloc(1, most), *yaml = calloc(1, 3 * most);

        for (unsigned i = 0; i < GROUPS; i++) {
                for (unsigned p = 0; p < 4; p++)
                        snprintf(pools + strlen(pools), most - strlen(pools),
                                 "  - {name: %c%u, region: %s, endpoints: [{name: e, address: 10.0.%u.%u}]}\n", 'a' + p,
                                 i, p == 2 ? "us" : "eu", i, p + 1);
                snprintf(pools + strlen(pools), most - strlen(pools),
                         "  - {name: q%u, region: us, service: s%u.g.example}\n", i, i);
                snprintf(services + strlen(services), most - strlen(services),
                         "  - {name: s%u.g.example, pools: [a%u, b%u, c%u]}\n"
                         "  - {name: t%u.g.example, pools: [d%u, q%u]}\n",
                         i, i, i, i, i, i, i);
        }
        snprintf(yaml, 3 * most,
                 "regions:\n  - {name: eu, default: true, fallback: [us]}\n  - {name: us, fallback: [eu]}\n"
                 "zones:\n  - {name: g.example, ns: [ns1.example.net]}\npools:\n%sservices:\n%s",
                 pools, services);
        struct world *w = world_new(yaml, NULL);
        free(pools);
        free(services);
        free(yaml);
        return w;
}

/* Where the clients of both services of a group go: to the first's pool, and to the second's. */
static bool group_goes(struct world *w, unsigned i, unsigned s, unsigned t)
{
        char name[40], expected[40];

        snprintf(name, sizeof(name), "s%u.g.example", i);
        snprintf(expected, sizeof(expected), "10.0.%u.%u", i, s);
        if (strcmp(world_answer(w, name, "10.1.0.1"), expected) != 0)
                return false;
        *name = 't';
        snprintf(expected, sizeof(expected), "10.0.%u.%u", i, t);
        return !strcmp(world_answer(w, name, "10.1.0.1"), expected);
}

/* Returns how many groups the region's drain has, of all of which it has all or nothing. */
static unsigned drained_groups(struct world *w)
{
        unsigned drained = 0;

        for (unsigned i = 0; i < GROUPS; i++) {
                bool is = group_goes(w, i, 3, 3);
                ck_assert_msg(is || group_goes(w, i, 1, 4), "group %u has a part of it", i);
                drained += is;
        }
        return drained;
}

static void cover(struct world *w, struct drains *d, bool on)
{
        struct covering *c = covering_new();
        unsigned steps = 1, drained = drained_groups(w);

        covering_add(c, "region/eu");
        covering_add(c, "endpoint/a0/e"); /* there is none */
        for (; !covering_step(c, d, w->snapshot->model, w->states, w->snapshot->steering, 0); steps++) {
                unsigned now = drained_groups(w);
                ck_assert_uint_eq(now, on ? drained + 1 : drained - 1);
                drained = now;
        }
        ck_assert_uint_ge(steps, GROUPS);
        ck_assert_uint_eq(drained_groups(w), on ? GROUPS : 0);
        covering_free(c);
}

START_TEST(a_region_is_drained_in_steps_and_no_service_by_halves)
{
        struct world *w = world_of_groups();
        struct drains *d = drains_new();

        ck_assert_uint_eq(drained_groups(w), 0);
        drains_take(d, &(struct change){KIND_DRAINS, "region/eu",
                                        document("{name: region/eu, since: 2020-01-31T12:00:00Z}")});
        cover(w, d, true);
        drains_turn(d, w->snapshot->model, NOON, w->states, w->snapshot->steering);
        drains_take(d, &(struct change){KIND_DRAINS, "region/eu", NULL});
        cover(w, d, false);
        drains_free(d);
        world_free(w);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("admin: drains");
        TCase *t = tcase_create("drains");

        tcase_add_checked_fixture(t, set_up, tear_down);
        tcase_add_test(t, what_is_no_drain_is_named_and_the_others_are_taken);
        tcase_add_test(t, what_is_in_force_is_not_looked_at_in_the_next_turn_again);
        tcase_add_test(t, each_drain_takes_out_what_it_covers);
        tcase_add_test(t, what_one_drain_leaves_another_takes_out);
        tcase_add_test(t, a_region_is_drained_in_steps_and_no_service_by_halves);
        suite_add_tcase(s, t);
        return world_run(s);
}
