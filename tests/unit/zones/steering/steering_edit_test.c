/* Edits of steering against whole builds of the same model: random changes of pools and services between states, ticks
 * and addresses; what is dropped leaves all as it was; readers see the revision before or the one after. */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/memory.h"
#include "tests/unit/same_steering.h"
#include "tests/unit/world.h"
#include "zones/load/load.h"
#include "zones/load/model_edit.h"
#include "zones/steering/steering_build.h"
#include "zones/steering/steering_edit_private.h"

#define ENDPOINTS_MOST 4096
#define SECOND         1000
#define CLIENTS        8
#define SERVICES_MOST  32

static unsigned steps = 1000; /* or as the first argument says */

/* A model, and steering over it that edits go to. */
struct rig {
        struct arena *arena;
        struct model *model;
        struct steering *steering;
        struct endpoint_state *states;
        struct random random;
        uint64_t version;
        int64_t now_ms;
        unsigned taken, refused, whole, dropped, losing;
};

static uint32_t draw(struct rig *g, uint32_t n)
{
        return random_below(&g->random, n);
}

static struct steering *build(struct arena *arena, const struct model *m, const struct steering *previous,
                              const struct endpoint_state *states)
{
        struct problems problems = PROBLEMS_INIT;
        const struct route **routes = memory_alloc((m->count[KIND_SERVICES] + 1) * sizeof(*routes));
        struct steering *t = steering_new(arena, m, NULL, previous, &problems);

        ck_assert(t != NULL);
        steering_build(t, routes);
        for (uint32_t i = 0; previous && i < m->count[KIND_POOLS]; i++)
                steering_carry(t, previous, i);
        steering_begin(t, states);
        free(routes);
        return t;
}

static struct rig *rig_new(const char *yaml, uint64_t seed)
{
        struct rig *g = memory_alloc(sizeof(*g));
        char *text;

        g->model = world_model(yaml, NULL, &text);
        ck_assert_msg(g->model != NULL, "%s", text);
        free(text);
        g->arena = arena_new(0);
        g->states = memory_alloc(ENDPOINTS_MOST * sizeof(*g->states));
        for (uint32_t i = 0; i < ENDPOINTS_MOST; i++)
                g->states[i].figures = FIGURES_UNKNOWN;
        g->steering = build(g->arena, g->model, NULL, g->states);
        g->version = 1;
        g->now_ms = 1000 * SECOND;
        random_seed(&g->random, seed);
        return g;
}

static void rig_free(struct rig *g)
{
        rcu_drain();
        steering_free(g->steering);
        model_free(g->model);
        arena_free(g->arena);
        free(g->states);
        free(g);
}

/* --- random documents --- */

#define WORLD                                                                                                          \
        "regions: [{name: eu, default: true, fallback: [us], location: [50, 8]}, {name: us, fallback: [ap], "          \
        "location: [39, -77]}, {name: ap, location: [35, 139]}]\n"                                                     \
        "networks: [{cidr: 10.2.0.0/16, region: us}, {cidr: 10.3.0.0/16, region: ap}]\n"                               \
        "probers: [{name: there, region: us}]\n"                                                                       \
        "zones: [{name: g.example, ns: [ns1.example.net]}]\n"                                                          \
        "pools:\n"                                                                                                     \
        "- {name: p0, region: eu, endpoints: [{name: e0, address: 192.0.2.1}]}\n"                                      \
        "- {name: p1, region: us, endpoints: [{name: e0, address: 192.0.2.2}, {name: e1, address: '2001:db8::1'}]}\n"  \
        "services:\n"                                                                                                  \
        "- {name: near.g.example, steering: proximity, pools: [p0, p1]}\n"                                             \
        "- {name: fast.g.example, steering: latency, pools: [p0, p1]}\n"                                               \
        "- {name: all.g.example, pools: [p0, p1], overrides: [{networks: [10.4.0.0/16], regions: [ap]}, "              \
        "{networks: [10.5.0.0/16, 10.6.0.0/16], regions: [us]}]}\n"

static void endpoint_yaml(struct rig *g, struct buffer *b, unsigned e)
{
        static const char *const more[] = {"", "", "", ", backup: true", ", enabled: false", ", max_load: 50"};

        buffer_printf(b, "{name: e%u, weight: %u, priority: %u%s, address: ", e, draw(g, 6), draw(g, 3),
                      more[draw(g, 6)]);
        switch (draw(g, 6)) {
        case 0:
                buffer_printf(b, "'2001:db8::%x'}", draw(g, 40) + 1);
                break;
        case 1:
                buffer_printf(b, "h%u.example.net}", draw(g, 6));
                break;
        default:
                buffer_printf(b, "192.0.2.%u}", draw(g, 200) + 1);
        }
}

static void pool_yaml(struct rig *g, struct buffer *b, unsigned p)
{
        static const char *const regions[] = {"eu", "us", "ap"};
        static const char *const balances[] = {"weighted",   "round_robin", "failover", "random", "hash",
                                               "least_load", "fastest",     "score",    "all"};
        static const char *const more[] = {"",
                                           "",
                                           "",
                                           "",
                                           ", enabled: false",
                                           ", min_healthy: 2",
                                           ", min_healthy: 60%",
                                           ", max_load: 60",
                                           ", slow_start: 30s",
                                           ", answers: 2"};

        buffer_printf(b, "{name: p%u, region: %s", p, regions[draw(g, 3)]);
        if (p >= 12 && draw(g, 3)) {
                buffer_printf(b, ", service: s%u.g.example%s}", draw(g, 12), draw(g, 8) ? "" : ", enabled: false");
                return;
        }
        buffer_printf(b, ", balance: %s%s, endpoints: [", balances[draw(g, 9)], more[draw(g, 10)]);
        for (unsigned e = 0, n = draw(g, 4) + 1, from = draw(g, 3); e < n; e++) {
                buffer_text(b, e ? ", " : "");
                endpoint_yaml(g, b, from + e);
        }
        buffer_text(b, "]}");
}

static void service_yaml(struct rig *g, struct buffer *b, const char *name, unsigned pools)
{
        static const char *const steerings[] = {"geo",     "geo",      "geo",         "failover", "proximity",
                                                "latency", "weighted", "round_robin", "random"};
        static const char *const overrides[] = {
                "",
                "",
                "",
                "",
                ", overrides: [{networks: [10.4.0.0/16], regions: [us, ap]}]",
                ", overrides: [{networks: [10.6.0.0/16], regions: [ap]}, {networks: [10.4.0.0/16], regions: [eu]}]",
                ", overrides: [{networks: [10.7.0.0/16], regions: [eu]}]"};
        static const char *const downs[] = {"",
                                            "",
                                            "",
                                            ", when_all_down: nodata",
                                            ", when_all_down: servfail",
                                            ", when_all_down: fallback_address, fallback_addresses: [203.0.113.1]",
                                            ", when_all_down: fallback_address, fallback_addresses: [203.0.113.2, "
                                            "203.0.113.3]",
                                            ", when_all_down: last_resort, last_resort: p3",
                                            ", when_all_down: last_resort, last_resort: p9"};
        static const char *const more[] = {"",
                                           "",
                                           "",
                                           "",
                                           ", fence: true",
                                           ", enabled: false",
                                           ", flatten: true",
                                           ", flatten: true",
                                           ", failback: manual",
                                           ", failback: delayed 20s"};
        unsigned first = draw(g, pools), n = draw(g, 3) + 1;

        buffer_printf(b, "{name: %s, steering: %s%s%s%s, pools: [", name, steerings[draw(g, 9)],
                      overrides[draw(g, draw(g, 8) ? 6 : 7)], downs[draw(g, 9)], more[draw(g, 10)]);
        for (unsigned i = 0; i < n; i++)
                buffer_printf(b, "%s{pool: p%u, weight: %u}", i ? ", " : "", (first + i * 5) % pools, draw(g, 4));
        buffer_text(b, "]}");
}

static struct change random_change(struct rig *g, struct arena *a)
{
        struct problems problems = PROBLEMS_INIT;
        struct buffer b = BUFFER_INIT(1 << 16);
        bool pool = draw(g, 2), gone = draw(g, 8) == 0;
        char key[64];

        if (pool) {
                snprintf(key, sizeof(key), "p%u", draw(g, 18));
                pool_yaml(g, &b, (unsigned)atoi(key + 1));
        } else if (draw(g, 16)) {
                unsigned s = draw(g, 20);
                snprintf(key, sizeof(key), "s%u.g.example", s);
                service_yaml(g, &b, key, s < 12 ? 12 : 18); /* the others may lead to these */
        } else {
                snprintf(key, sizeof(key), draw(g, 2) ? "g.example" : "all.g.example");
                service_yaml(g, &b, key, 18);
        }
        struct change c = {pool ? KIND_POOLS : KIND_SERVICES, arena_strdup(a, key), NULL};
        if (!gone)
                c.document = doc_parse(a, b.data, b.length, DOC_YAML, &problems);
        ck_assert_msg(gone || c.document, "%s", b.data);
        buffer_free(&b);
        return c;
}

/* --- comparing --- */

static const char *compare_once(struct rig *g, const struct steering *fresh)
{
        const char *difference = steering_difference(g->steering, fresh);

        if (!difference && g->steering->route_count != fresh->route_count)
                return "another number of routes";
        if (!difference && !g->steering->edit && !g->steering->kept &&
            views_count(g->steering->views) != views_count(fresh->views))
                return "another number of views";
        return difference;
}

static void compare(struct rig *g, unsigned step, const char *what)
{
        struct arena *arena = arena_new(0);
        struct steering *fresh = build(arena, g->model, g->steering, g->states);
        const char *difference = compare_once(g, fresh);

        if (!difference && !g->steering->edit && !draw(g, 4)) { /* ticks look at the same */
                g->now_ms += SECOND * (1 + (int64_t)draw(g, 25));
                steering_tick(g->steering, g->now_ms);
                steering_tick(fresh, g->now_ms);
                difference = compare_once(g, fresh);
        }
        ck_assert_msg(!difference, "step %u, %s: %s", step, what, difference);
        steering_free(fresh);
        arena_free(arena);
}

/* What readers of the version in force go by: by pool and service, every pointer that they follow. */
struct seen {
        struct pool_live **pools;
        struct route **routes;
        uint32_t pool_count, route_count;
        uint64_t sum;
};

static uint64_t seen_sum(const struct seen *seen, uint64_t version)
{
        uint64_t sum = 0;

        for (uint32_t p = 0; p < seen->pool_count; p++) {
                const struct pool_face *face = seen->pools[p] ? pool_face_at(seen->pools[p], version) : NULL;
                for (enum family f = 0; face && f < FAMILY_COUNT; f++)
                        sum = hash_mix(sum ^ (uintptr_t)face->pickers[f]);
                if (face)
                        sum = hash_mix(sum ^ (uintptr_t)face->nested ^ (uintptr_t)face->targets);
        }
        for (uint32_t s = 0; s < seen->route_count; s++) {
                const struct route_face *face = seen->routes[s] ? route_face_at(seen->routes[s], version) : NULL;
                for (enum family f = 0; face && f < FAMILY_COUNT; f++)
                        for (uint32_t slot = 0; face->choices[f] && slot < face->view->slot_count; slot++)
                                sum = hash_mix(sum ^ (uintptr_t)face->choices[f][slot]);
        }
        return sum;
}

static struct seen seen_take(const struct rig *g)
{
        const struct steering *t = g->steering;
        struct seen seen = {.pool_count = t->pool_count, .route_count = t->service_count};

        seen.pools = memory_alloc((t->pool_count + 1) * sizeof(struct pool_live *));
        seen.routes = memory_alloc((t->service_count + 1) * sizeof(struct route *));
        memcpy(seen.pools, t->pools, t->pool_count * sizeof(struct pool_live *));
        memcpy(seen.routes, t->route_of_service, t->service_count * sizeof(struct route *));
        seen.sum = seen_sum(&seen, g->version);
        return seen;
}

static void seen_free(struct seen *seen)
{
        free(seen->pools);
        free(seen->routes);
}

/* --- steps --- */

static void change_state(struct rig *g, uint32_t endpoint)
{
        struct endpoint_state *s = &g->states[endpoint];

        switch (draw(g, 7)) {
        case 0:
        case 1:
                s->health = HEALTH_DOWN;
                break;
        case 2:
                if (s->health == HEALTH_DOWN)
                        s->up_since_ms = g->now_ms;
                s->health = HEALTH_UP;
                break;
        case 3:
                s->drained = draw(g, 2);
                break;
        case 4:
                s->rtt_us = draw(g, 3) * 20000 + draw(g, 3000);
                break;
        case 5:
                s->figures.load = (float)draw(g, 120);
                break;
        default:
                s->weight_percent = (uint8_t)(draw(g, 2) * 50);
                s->waiting = !draw(g, 10);
        }
        steering_set(g->steering, endpoint, s);
}

static void change_addresses(struct rig *g, uint32_t endpoint)
{
        struct address_set set = {.ttl = 60, .v4_count = 1, .v4 = {{198, 51, 100, (uint8_t)draw(g, 250)}}};

        if (steering_flattens(g->steering, endpoint))
                steering_set_addresses(g->steering, endpoint, draw(g, 3) ? &set : NULL);
}

static void change_states(struct rig *g)
{
        const struct model *m = g->model;

        for (uint32_t n = draw(g, 4); n; n--) {
                uint32_t endpoint = draw(g, m->endpoint_count);
                if (!m->endpoints[endpoint])
                        continue;
                change_state(g, endpoint);
                change_addresses(g, endpoint);
                steering_round_trip(g->steering, draw(g, 3), endpoint, draw(g, 50000));
                if (!draw(g, 12))
                        steering_failback(g->steering, m->endpoints[endpoint]->pool);
        }
        steering_publish(g->steering);
}

/* Endpoints that come are unknown, or what the control says of them; those that go are forgotten. */
static void states_follow(struct rig *g, const struct edited *items, size_t count)
{
        static const struct endpoint_state unknown = {.figures = FIGURES_UNKNOWN};

        for (size_t i = 0; i < count; i++) {
                const struct pool *before = items[i].before, *after = items[i].after;
                if (items[i].kind != KIND_POOLS || before == after)
                        continue;
                for (uint32_t e = 0; before && e < before->endpoints.count; e++)
                        if (!g->model->endpoints[before->endpoints.items[e].number])
                                g->states[before->endpoints.items[e].number] = unknown;
        }
}

static void rebuild(struct rig *g)
{
        struct arena *arena = arena_new(0);
        struct steering *whole = build(arena, g->model, g->steering, g->states);

        rcu_drain();
        steering_free(g->steering);
        arena_free(g->arena);
        g->arena = arena;
        g->steering = whole;
        g->whole++;
}

static void keep(struct rig *g, struct model_edit *model_edit, struct steering_edit *edit)
{
        g->version++;
        steering_edit_keep(g->steering, edit);
        model_edit_keep(g->model, model_edit);
        g->taken++;
}

/* --- what is lost --- */

struct told {
        char lines[SERVICES_MOST][120];
        size_t count;
};

static void tell(void *told, const struct loss *l)
{
        struct told *t = told;
        char *line = t->lines[t->count++];
        size_t n = (size_t)snprintf(line, sizeof(t->lines[0]), "%s %s", l->service->name, l->type ? l->type : "both");

        ck_assert_uint_lt(t->count, SERVICES_MOST);
        for (uint32_t i = 0; l->regions && i < l->region_count; i++)
                n += (size_t)snprintf(line + n, sizeof(t->lines[0]) - n, " %u", l->regions[i]);
}

static int compare_lines(const void *a, const void *b)
{
        return strcmp(a, b);
}

/* As of steering built whole before and after; where classes were made anew that tells of regions alone. */
static void compare_losses(struct rig *g, const struct steering *was, const struct steering_edit *edit, unsigned step)
{
        struct arena *arena = arena_new(0);
        struct steering *is = build(arena, g->model, g->steering, g->states);
        struct told whole = {.count = 0}, edited = {.count = 0};

        bool alike = was->classes == g->steering->classes && is->classes == was->classes;
        if (alike)
                losses_configured(was, is, 0, UINT32_MAX, tell, &whole);
        losses_edited(g->steering, edit, tell, &edited);
        if (!alike)
                edited.count = 0;
        qsort(whole.lines, whole.count, sizeof(whole.lines[0]), compare_lines);
        qsort(edited.lines, edited.count, sizeof(edited.lines[0]), compare_lines);
        ck_assert_msg(whole.count == edited.count, "step %u: %zu services lose, and %zu are told of (%s, %s)", step,
                      whole.count, edited.count, whole.lines[0], edited.lines[0]);
        for (size_t i = 0; i < whole.count; i++)
                ck_assert_msg(!strcmp(whole.lines[i], edited.lines[i]), "step %u: \"%s\", not \"%s\"", step,
                              whole.lines[i], edited.lines[i]);
        g->losing += whole.count > 0;
        steering_free(is);
        arena_free(arena);
}

/* Addresses that nobody needs go when they go. */
static bool same_live(const struct endpoint_live *a, const struct endpoint_live *b)
{
        struct endpoint_live x, y;

        memcpy(&x, a, sizeof(x));
        memcpy(&y, b, sizeof(y));
        x.resolved &= x.flattened;
        y.resolved &= y.flattened;
        return !memcmp(&x, &y, sizeof(x));
}

static void take_edit(struct rig *g, struct model_edit *model_edit, const struct steering *was, unsigned step)
{
        static struct endpoint_state before[ENDPOINTS_MOST];
        static struct endpoint_live live[ENDPOINTS_MOST];
        size_t count;
        const struct edited *items = model_edit_items(model_edit, &count);
        struct seen seen = seen_take(g);
        bool whole, quiet = draw(g, 2), out_first = draw(g, 2);
        memcpy(live, g->steering->live, g->steering->endpoint_count * sizeof(*live));
        struct steering_edit *edit = steering_edit_new(g->steering, items, count, g->version + 1, &whole);

        memcpy(before, g->states, sizeof(before));
        states_follow(g, items, count);
        if (!edit) {
                ck_assert(whole);
                rebuild(g);
                model_edit_keep(g->model, model_edit);
                seen_free(&seen);
                return;
        }
        ck_assert_msg(seen_sum(&seen, g->version) == seen.sum, "step %u: readers see what is not in force yet", step);
        compare_losses(g, was, edit, step);
        if (!quiet)
                change_states(g);
        compare(g, step, "made");
        if (draw(g, 3)) {
                keep(g, model_edit, edit);
                seen_free(&seen);
                return;
        }
        if (out_first)
                model_edit_uninstall(g->model, model_edit);
        steering_edit_drop(g->steering, edit);
        if (!out_first)
                model_edit_uninstall(g->model, model_edit);
        model_edit_drop(g->model, model_edit);
        g->dropped++;
        memcpy(g->states, before, sizeof(before)); /* those that were set were a trial */
        for (uint32_t i = 0; i < g->model->endpoint_count; i++)
                ck_assert_msg(!g->model->endpoints[i] ||
                                      (!memcmp(&g->steering->states[i], &g->states[i], sizeof(g->states[i])) &&
                                       (!quiet || same_live(&g->steering->live[i], &live[i]))),
                              "step %u: what is known of endpoint %u", step, i);
        compare(g, step, "dropped");
        seen_free(&seen);
}

static void edit_step(struct rig *g, unsigned step)
{
        struct arena *a = arena_new(0);
        struct problems problems = PROBLEMS_INIT;
        struct change changes[3];
        size_t n = draw(g, 3) + 1;
        bool whole = false;

        for (size_t i = 0; i < n; i++) {
                changes[i] = random_change(g, a);
                for (size_t j = 0; j < i; j++)
                        if (!strcmp(changes[j].key, changes[i].key))
                                n = i;
        }
        struct steering *was = build(a, g->model, g->steering, g->states);
        struct model_edit *edit = model_edit_new(g->model, changes, n, &whole, &problems);
        ck_assert(!whole);
        if (edit)
                take_edit(g, edit, was, step);
        else
                g->refused++;
        steering_free(was);
        problems_free(&problems);
        arena_free(a);
}

START_TEST(edits_come_to_what_a_whole_build_comes_to)
{
        struct rig *g = rig_new(WORLD, _i + 1);

        for (unsigned step = 0; step < steps; step++) {
                change_states(g);
                edit_step(g, step);
                if (!draw(g, 3))
                        rcu_drain(); /* grace periods are over */
                change_states(g);
                compare(g, step, "after");
        }
        ck_assert_uint_gt(g->taken, steps / 6);
        ck_assert_uint_gt(g->dropped, steps / 12);
        ck_assert_uint_gt(g->whole, 2);
        ck_assert_uint_gt(g->losing, steps / 150); /* from 6 of 300 to 118 of 1000, as seeds go */
        rig_free(g);
}
END_TEST

/* --- readers --- */

#define READERS   2
#define ADDRESSES 256 /* by the last byte; then: none */

/* What a revision gives: by service and client, which addresses may come. */
struct root {
        uint64_t version;
        const struct route *routes[SERVICES_MOST];
        uint8_t may[SERVICES_MOST][CLIENTS][ADDRESSES + 1];
};

static struct root *current; /* rcu */
static bool over;
static uint64_t asked, wrong;

static struct client client_of(const struct steering *t, unsigned kind, uint64_t version)
{
        struct client client = {.prefix = {{ADDRESS_V4, {10, (uint8_t)(kind + 1), 1, 1}}, 32}, .version = version};

        client_locate(steering_locator(t), &client);
        return client;
}

static void may_come(const struct route *r, uint32_t class, uint8_t *may);

static void may_come_from(const struct pool_live *p, uint32_t class, uint8_t *may)
{
        const struct pool_face *face = pool_face(p);
        const struct picker *picker = face->pickers[FAMILY_A];

        if (!picker && face->nested)
                may_come(face->nested, class, may);
        for (uint32_t i = 0; picker && i < picker_count(picker); i++)
                may[picker_target(picker, i)->type == TYPE_A ? picker_target(picker, i)->rdata[3] : ADDRESSES] = true;
        if (!picker && !face->nested)
                may[ADDRESSES] = true;
}

static void may_come(const struct route *r, uint32_t class, uint8_t *may)
{
        const struct route_face *face = route_face(r);

        if (!face->choices[FAMILY_A]) {
                may[ADDRESSES] = true;
                return;
        }
        const struct choice *c = face->choices[FAMILY_A][face->view->slot_of[class]];
        may[ADDRESSES] |= c->kind == CHOICE_NOTHING;
        if (c->kind == CHOICE_POOL)
                may_come_from(c->pool, class, may);
        for (uint32_t i = 0; c->kind == CHOICE_PICKER && i < picker_count(c->picker); i++)
                may[picker_target(c->picker, i)->rdata[3]] = true;
        for (uint32_t i = 0; i < c->count; i++)
                may_come_from(choice_pools(c)[i], class, may);
}

static struct root *root_new(const struct rig *g, uint64_t version)
{
        const struct steering *t = g->steering;
        struct root *root = memory_alloc(sizeof(*root));

        root->version = version;
        for (uint32_t s = 0; s < t->service_count && s < SERVICES_MOST; s++) {
                root->routes[s] = t->route_of_service[s];
                for (unsigned c = 0; root->routes[s] && c < CLIENTS; c++)
                        may_come(root->routes[s], client_of(t, c, version).class, root->may[s][c]);
        }
        return root;
}

static void ask(const struct rig *g, const struct root *root, struct picker_state *state)
{
        uint32_t s = random_below(&state->random, SERVICES_MOST), c = random_below(&state->random, CLIENTS);
        struct client client = client_of(g->steering, c, root->version);
        struct pick pick;
        bool good = true;

        if (!root->routes[s])
                return;
        route_pick(root->routes[s], TYPE_A, &client, state, &pick);
        for (unsigned i = 0; i < pick.count; i++)
                good &= root->may[s][c][pick.targets[i]->type == TYPE_A ? pick.targets[i]->rdata[3] : ADDRESSES];
        good &= pick.count || root->may[s][c][ADDRESSES];
        __atomic_fetch_add(&asked, 1, __ATOMIC_RELAXED);
        if (!good)
                __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
}

static void *read_on(void *rig)
{
        struct picker_state *state = memory_alloc(sizeof(*state));

        rcu_join();
        random_seed(&state->random, (uint64_t)(uintptr_t)state);
        while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE)) {
                const struct root *root = rcu_get(current);
                for (unsigned i = 0; i < 64; i++) /* a batch asks one root */
                        ask(rig, root, state);
                rcu_quiet();
        }
        rcu_leave();
        free(state);
        return NULL;
}

static void publish(struct rig *g, struct root *root)
{
        struct root *old = current;

        rcu_put(current, root);
        if (old)
                rcu_retire(old, free);
}

static void edit_and_publish(struct rig *g)
{
        struct arena *a = arena_new(0);
        struct problems problems = PROBLEMS_INIT;
        struct change change = random_change(g, a);
        bool whole = false;
        struct model_edit *model_edit = model_edit_new(g->model, &change, 1, &whole, &problems);
        size_t count;

        if (model_edit) {
                const struct edited *items = model_edit_items(model_edit, &count);
                struct steering_edit *edit = steering_edit_new(g->steering, items, count, g->version + 1, &whole);
                if (edit && draw(g, 4)) {
                        publish(g, root_new(g, g->version + 1));
                        keep(g, model_edit, edit);
                } else {
                        if (edit)
                                steering_edit_drop(g->steering, edit);
                        model_edit_uninstall(g->model, model_edit);
                        model_edit_drop(g->model, model_edit);
                }
        }
        problems_free(&problems);
        arena_free(a);
}

START_TEST(each_pick_is_of_the_revision_that_is_asked)
{
        struct rig *g = rig_new(WORLD, 7);
        pthread_t readers[READERS];

        publish(g, root_new(g, g->version));
        over = false;
        for (unsigned i = 0; i < READERS; i++)
                ck_assert_int_eq(pthread_create(&readers[i], NULL, read_on, g), 0);
        for (unsigned step = 0; step < steps; step++) {
                edit_and_publish(g);
                if (!draw(g, 5)) /* folds; time stands still, because delays that are over change choices, too */
                        steering_tick(g->steering, g->now_ms);
        }
        while (__atomic_load_n(&asked, __ATOMIC_RELAXED) < steps)
                ;
        __atomic_store_n(&over, true, __ATOMIC_RELEASE);
        for (unsigned i = 0; i < READERS; i++)
                pthread_join(readers[i], NULL);
        ck_assert_uint_eq(wrong, 0);
        ck_assert_uint_gt(g->taken, steps / 4);
        rcu_drain();
        free(current);
        current = NULL;
        rig_free(g);
}
END_TEST

/* --- what it costs --- */

/* One edit: a document set or deleted (NULL), kept. */
static struct steering_edit *make(struct rig *g, enum kind kind, const char *key, const char *yaml,
                                  struct model_edit **model_edit)
{
        struct arena *a = arena_new(0);
        struct problems problems = PROBLEMS_INIT;
        struct change change = {kind, key, yaml ? doc_parse(a, yaml, strlen(yaml), DOC_YAML, &problems) : NULL};
        bool whole = false;
        size_t count;

        *model_edit = model_edit_new(g->model, &change, 1, &whole, &problems);
        ck_assert_msg(*model_edit != NULL, "%s: %s", key, problems.count ? problems.list[0].message : "whole");
        const struct edited *items = model_edit_items(*model_edit, &count);
        struct steering_edit *edit = steering_edit_new(g->steering, items, count, g->version + 1, &whole);
        ck_assert_int_eq(edit == NULL, whole);
        problems_free(&problems);
        arena_free(a);
        return edit;
}

static void apply(struct rig *g, enum kind kind, const char *key, const char *yaml)
{
        struct model_edit *model_edit;
        struct steering_edit *edit = make(g, kind, key, yaml, &model_edit);

        ck_assert_msg(edit != NULL, "%s", key);
        keep(g, model_edit, edit);
}

static char *many(unsigned services)
{
        struct buffer b = BUFFER_INIT(1u << 30);

        buffer_text(&b, "regions: [{name: eu, default: true}, {name: us}]\n"
                        "zones: [{name: g.example, ns: [ns1.example.net]}]\npools:\n");
        for (unsigned i = 0; i < services; i++)
                buffer_printf(&b, "- {name: p%u, region: %s, endpoints: [{name: a, address: 192.0.2.1}]}\n", i,
                              i % 2 ? "eu" : "us");
        buffer_text(&b, "services:\n");
        for (unsigned i = 0; i < services; i++)
                buffer_printf(&b, "- {name: s%u.g.example, pools: [p%u, p%u]}\n", i, i, (i + 1) % services);
        return buffer_take(&b);
}

static struct steering_work done(struct rig *g, struct steering_work before)
{
        struct steering_work now = steering_work(g->steering);

        return (struct steering_work){.pickers = now.pickers - before.pickers, .choices = now.choices - before.choices};
}

START_TEST(an_edit_among_many_makes_what_it_touches)
{
        char *yaml = many(3000);
        struct rig *g = rig_new(yaml, 1);
        struct steering_work before = steering_work(g->steering), work;

        apply(g, KIND_POOLS, "p7", "{name: p7, region: eu, endpoints: [{name: a, address: 192.0.2.1, weight: 9}]}");
        work = done(g, before);
        ck_assert_uint_eq(work.pickers, 1);
        ck_assert_uint_eq(work.choices, 0);
        ck_assert_uint_eq(g->steering->kept->pools.count, 1);
        ck_assert_uint_eq(g->steering->kept->routes.count, 0);

        before = steering_work(g->steering);
        apply(g, KIND_SERVICES, "new.g.example", "{name: new.g.example, pools: [p7, p1001]}");
        work = done(g, before);
        ck_assert_uint_eq(work.pickers, 0);
        ck_assert_uint_le(work.choices, 2); /* a slot for each region */

        before = steering_work(g->steering); /* its two services, and the new one */
        apply(g, KIND_POOLS, "p7",
              "{name: p7, region: us, endpoints: [{name: a, address: 192.0.2.1, enabled: false}]}");
        work = done(g, before);
        ck_assert_uint_le(work.choices, 6);
        apply(g, KIND_SERVICES, "new.g.example", NULL);
        rig_free(g);
        free(yaml);
}
END_TEST

/* Bytes in use once all that was retired is gone. */
static size_t used(struct rig *g)
{
        rcu_drain();
        steering_tick(g->steering, g->now_ms);
        rcu_drain();
        return mallinfo2().uordblks;
}

START_TEST(nothing_is_left_behind_by_many_edits)
{
        struct rig *g = rig_new(WORLD, 5);
        uint32_t rounds = steps, first = 0;

        for (uint32_t i = 0; i < 2 * rounds; i++) {
                char pool[200], service[200];
                snprintf(pool, sizeof(pool), "{name: p1, region: %s, endpoints: [{name: e%u, address: 192.0.2.%u}]}",
                         i % 3 ? "eu" : "ap", i % 5, i % 200 + 1);
                snprintf(service, sizeof(service),
                         "{name: x.g.example, steering: %s, pools: [{pool: p0, weight: %u}, p1]}",
                         i % 2 ? "weighted" : "geo", i % 7);
                apply(g, KIND_POOLS, "p1", pool);
                apply(g, KIND_SERVICES, "x.g.example", i % 11 ? service : NULL);
                if (i + 1 == rounds)
                        first = (uint32_t)used(g);
        }
        size_t last = used(g);
        ck_assert_ptr_null(g->steering->kept);
        ck_assert_uint_lt(last, first + rounds * 4 + 16384); /* not even a pointer an edit */
        compare(g, 2 * rounds, "at last");
        rig_free(g);
}
END_TEST

/* --- one by one --- */

static bool is_for_a_whole_build(struct rig *g, const char *key, const char *yaml)
{
        struct model_edit *model_edit;
        struct steering_edit *edit = make(g, KIND_SERVICES, key, yaml, &model_edit);

        if (edit)
                steering_edit_drop(g->steering, edit);
        model_edit_uninstall(g->model, model_edit);
        model_edit_drop(g->model, model_edit);
        compare(g, 0, key);
        return !edit;
}

#define SMALL                                                                                                          \
        "regions: [{name: eu, default: true, location: [50, 8]}, {name: us, location: [39, -77]}]\n"                   \
        "networks: [{cidr: 10.2.0.0/16, region: us}]\nprobers: [{name: there, region: us}]\n"                          \
        "zones: [{name: g.example, ns: [ns1.example.net]}]\n"                                                          \
        "pools: [{name: p0, region: eu, endpoints: [{name: e, address: 192.0.2.1}]}, {name: p1, region: us, "          \
        "endpoints: [{name: e, address: 192.0.2.2}]}, {name: h, region: eu, endpoints: [{name: e, address: "           \
        "h.example.net}]}]\n"

START_TEST(what_needs_other_classes_or_tables_is_for_a_whole_build)
{
        struct rig *g = rig_new(SMALL "services: [{name: a.g.example, pools: [p0, p1], overrides: [{networks: "
                                      "[10.4.0.0/16], regions: [us]}]}]\n",
                                1);

        ck_assert(is_for_a_whole_build(g, "a.g.example", NULL));                               /* its last condition */
        ck_assert(is_for_a_whole_build(g, "a.g.example", "{name: a.g.example, pools: [p0]}")); /* likewise */
        ck_assert(is_for_a_whole_build(g, "b.g.example",
                                       "{name: b.g.example, pools: [p0], overrides: [{networks: [10.5.0.0/16], "
                                       "regions: [us]}]}"));
        ck_assert(is_for_a_whole_build(g, "b.g.example", "{name: b.g.example, steering: proximity, pools: [p0, p1]}"));
        ck_assert(is_for_a_whole_build(g, "b.g.example", "{name: b.g.example, steering: latency, pools: [p0, p1]}"));
        ck_assert(!is_for_a_whole_build(g, "b.g.example",
                                        "{name: b.g.example, pools: [p0], overrides: [{networks: [10.4.0.0/16], "
                                        "regions: [us]}]}"));
        rig_free(g);
        g = rig_new(SMALL "services: [{name: a.g.example, steering: proximity, pools: [p0, p1]}, {name: "
                          "b.g.example, steering: latency, pools: [p0, p1]}]\n",
                    1);
        ck_assert(is_for_a_whole_build(g, "a.g.example", NULL)); /* the last that goes by distance */
        ck_assert(!is_for_a_whole_build(g, "b.g.example", NULL));
        ck_assert(!is_for_a_whole_build(g, "c.g.example", "{name: c.g.example, steering: latency, pools: [p1]}"));
        ck_assert(!is_for_a_whole_build(g, "c.g.example", "{name: c.g.example, steering: proximity, pools: [p1]}"));
        rig_free(g);
}
END_TEST

static uint32_t endpoint_of(const struct rig *g, const char *id)
{
        uint32_t number = endpoint_number(g->model, id);

        ck_assert_uint_ne(number, MODEL_NONE);
        return number;
}

START_TEST(an_endpoint_that_becomes_another_host_starts_anew)
{
        struct rig *g = rig_new(SMALL "services: [{name: b.g.example, steering: latency, pools: [p0, p1]}]\n", 1);
        uint32_t e = endpoint_of(g, "p0/e");
        struct model_edit *model_edit;

        g->states[e].rtt_us = 30000;
        steering_set(g->steering, e, &g->states[e]);
        apply(g, KIND_POOLS, "p0", "{name: p0, region: eu, endpoints: [{name: e, address: 192.0.2.1, weight: 5}]}");
        ck_assert_float_eq(g->steering->live[e].rtt_us, 30000);
        struct steering_edit *edit = make(
                g, KIND_POOLS, "p0", "{name: p0, region: eu, endpoints: [{name: e, address: 192.0.2.9}]}", &model_edit);
        steering_edit_drop(g->steering, edit);
        ck_assert_float_eq(g->steering->live[e].rtt_us, 30000);
        model_edit_uninstall(g->model, model_edit);
        model_edit_drop(g->model, model_edit);
        steering_round_trip(g->steering, 0, e, 20000);
        steering_round_trip(g->steering, 1, e, 20000);
        apply(g, KIND_POOLS, "p0", "{name: p0, region: eu, endpoints: [{name: e, address: 192.0.2.9}]}");
        for (uint32_t r = 0; r < 2; r++)
                ck_assert_float_lt(g->steering->round_trips[e * 2 + r], 0);
        rig_free(g);
}
END_TEST

START_TEST(addresses_of_host_names_are_forgotten_when_nobody_needs_them)
{
        static const char flat[] = "{name: a.g.example, flatten: true, pools: [h]}";
        const struct address_set set = {.ttl = 60, .v4_count = 1, .v4 = {{198, 51, 100, 1}}};
        struct rig *g = rig_new(SMALL "services: [{name: a.g.example, flatten: true, pools: [h]}]\n", 1);
        uint32_t e = endpoint_of(g, "h/e");

        ck_assert(steering_flattens(g->steering, e) && !steering_resolved(g->steering, e));
        steering_set_addresses(g->steering, e, &set);
        apply(g, KIND_SERVICES, "b.g.example", "{name: b.g.example, flatten: true, pools: [h, p0]}");
        apply(g, KIND_SERVICES, "a.g.example", NULL);
        ck_assert(steering_flattens(g->steering, e) && steering_resolved(g->steering, e));
        apply(g, KIND_SERVICES, "b.g.example", "{name: b.g.example, pools: [h, p0]}");
        ck_assert(!steering_flattens(g->steering, e));
        apply(g, KIND_SERVICES, "a.g.example", flat);
        ck_assert(steering_flattens(g->steering, e) && !steering_resolved(g->steering, e));
        steering_set_addresses(g->steering, e, &set);
        ck_assert(steering_resolved(g->steering, e));
        rig_free(g);
}
END_TEST

START_TEST(pools_that_a_service_by_round_trip_comes_to_are_looked_at)
{
        struct rig *g = rig_new(SMALL "services: [{name: b.g.example, steering: latency, pools: [h]}, {name: "
                                      "a.g.example, pools: [p0, p1]}]\n",
                                1);

        steering_round_trip(g->steering, 1, endpoint_of(g, "p0/e"), 5000);
        steering_round_trip(g->steering, 1, endpoint_of(g, "p1/e"), 90000);
        steering_tick(g->steering, g->now_ms);
        apply(g, KIND_SERVICES, "a.g.example", "{name: a.g.example, steering: latency, pools: [p0, p1]}");
        for (unsigned i = 0; i < 40; i++) /* ticks, now and then */
                compare(g, i, "by latency");
        rig_free(g);
}
END_TEST

int main(int argc, char **argv)
{
        Suite *suite = suite_create("steering edits");
        TCase *t = tcase_create("steering edits");

        if (argc > 1)
                steps = (unsigned)atoi(argv[1]);
        tcase_add_loop_test(t, edits_come_to_what_a_whole_build_comes_to, 0, 2);
        tcase_add_test(t, each_pick_is_of_the_revision_that_is_asked);
        tcase_add_test(t, an_edit_among_many_makes_what_it_touches);
        tcase_add_test(t, what_needs_other_classes_or_tables_is_for_a_whole_build);
        tcase_add_test(t, an_endpoint_that_becomes_another_host_starts_anew);
        tcase_add_test(t, addresses_of_host_names_are_forgotten_when_nobody_needs_them);
        tcase_add_test(t, pools_that_a_service_by_round_trip_comes_to_are_looked_at);
        suite_add_tcase(suite, t);
        t = tcase_create("memory");
        tcase_add_test(t, nothing_is_left_behind_by_many_edits);
        suite_add_tcase(suite, t);
        return world_run(suite);
}
