/* What takes long is built beside all else: verdicts and drains take effect meanwhile, and are in what was built; who
 * changes the configuration waits; and what is not built has changed nothing. */
#include <check.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "admin/rollout/rollout_private.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/rcu.h"
#include "tests/unit/afresh.h"
#include "tests/unit/must.h"
#include "tests/unit/questions.h"
#include "tests/unit/random_change.h"
#include "tests/unit/random_geo.h"
#include "tests/unit/scratch.h"
#include "tests/unit/world.h"
#include "zones/config/drain.h"
#include "zones/load/load.h"

#ifdef __SANITIZE_THREAD__
#define ROUNDS 10
#else
#define ROUNDS 20
#endif

static char directory[SCRATCH_PATH], store[140], geo[140];
static struct afresh *afresh;
static struct plane *plane;
static struct plane_health health;
static struct random rnd;

/* --- the builder's thread waits at a gate --- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t opened = PTHREAD_COND_INITIALIZER;
static bool closed;

static void gate(bool close)
{
        pthread_mutex_lock(&lock);
        closed = close;
        pthread_cond_broadcast(&opened);
        pthread_mutex_unlock(&lock);
}

static void pass(void)
{
        pthread_mutex_lock(&lock);
        while (closed)
                pthread_cond_wait(&opened, &lock);
        pthread_mutex_unlock(&lock);
}

struct snapshot *__real_snapshot_frame(struct model *, const struct geo *, const struct snapshot *, struct problems *)
        __attribute__((weak));
struct snapshot *__wrap_snapshot_frame(struct model *, const struct geo *, const struct snapshot *, struct problems *);

struct snapshot *__wrap_snapshot_frame(struct model *m, const struct geo *g, const struct snapshot *previous,
                                       struct problems *problems)
{
        pass();
        return __real_snapshot_frame(m, g, previous, problems);
}

/* --- changing --- */

struct made {
        struct arena *arena;
        struct problems problems;
        struct change *changes;
        size_t count;
        enum control_result result;
        bool done;
};

static void is_made(void *context, enum control_result result, const struct change_outcome *outcome)
{
        struct made *m = context;

        m->result = result;
        m->done = true;
}

static void make(struct made *m, bool dry_run, bool force)
{
        const struct change_terms terms = {
                .author = "test", .comment = "", .dry_run = dry_run, .force = force, .done = is_made, .context = m};
        struct change_outcome outcome;

        m->result = control_change(plane->control, m->changes, &m->count, &terms, &outcome, &m->problems);
        m->done |= m->result != CONTROL_STARTED;
}

static struct made *made_new(void)
{
        struct made *m = memory_alloc(sizeof(*m));

        m->arena = arena_new(0);
        return m;
}

static void made_free(struct made *m)
{
        problems_free(&m->problems);
        arena_free(m->arena);
        free(m);
}

/* A document as people apply it. */
static struct made *apply(const char *yaml, bool dry_run)
{
        struct made *m = made_new();
        const struct doc *d = doc_parse(m->arena, yaml, strlen(yaml), DOC_YAML, &m->problems);

        must_hold(d && document_changes(d, m->arena, &m->changes, &m->count, &m->problems));
        make(m, dry_run, false);
        return m;
}

/* Of an endpoint or a region; `on` false: its end. */
static struct made *drain(const char *key, bool on)
{
        struct made *m = made_new();
        const struct drain_span span = {.since_ms = clock_wall_ms() - 1000};
        struct doc *d = drain_document(key, &span, "test", "test", m->arena);

        m->changes = ARENA_NEW(m->arena, struct change);
        *m->changes = (struct change){KIND_DRAINS, arena_strdup(m->arena, key), on ? d : NULL};
        m->count = 1;
        make(m, false, true);
        return m;
}

/* The event loop turns until it is done; what is built may wait at the gate all the time. */
static enum control_result finish(struct made *m)
{
        uint64_t end = clock_ms() + 60000;

        while (!m->done && clock_ms() < end)
                event_base_loop(plane->base, EVLOOP_ONCE);
        ck_assert_msg(m->done, "it is never done");
        enum control_result result = m->result;
        made_free(m);
        return result;
}

static enum control_result settle(struct made *m)
{
        control_settle(plane->control);
        return finish(m);
}

static void say(const char *endpoint, enum verdict_state state)
{
        ck_assert(control_say(plane->control, endpoint, state, "", "test", 3600000));
}

/* The first address of a service that fails over from FIRST to SECOND. */
#define WATCHED "*.w.g.example"
static const char *served(void)
{
        static char text[ADDRESS_TEXT_MAX];
        const struct snapshot *now = snapshot_current();
        struct client client = {.version = CLIENT_NEWEST};
        struct picker_state picker = {0};
        struct pick pick;

        must_hold(prefix_parse("198.51.100.1/32", &client.prefix));
        client_locate(now->locator, &client);
        route_pick(steering_route_of_service(now->steering, model_find(now->model, KIND_SERVICES, WATCHED)), TYPE_A,
                   &client, &picker, &pick);
        ck_assert_uint_gt(pick.count, 0);
        snprintf(text, sizeof(text), "%d.%d.%d.%d", pick.targets[0]->rdata[0], pick.targets[0]->rdata[1],
                 pick.targets[0]->rdata[2], pick.targets[0]->rdata[3]);
        return text;
}

#define REGIONS(bias)                                                                                                  \
        "regions:\n"                                                                                                   \
        "  - {name: eu, match: [continent:EU], fallback: [us, ap], default: true, location: [50.1, 8.7], bias: " bias  \
        "}\n"
#define FIRST  "192.0.7.1"
#define SECOND "192.0.7.2"

/* --- while something is built --- */

START_TEST(verdicts_and_drains_take_effect_while_a_configuration_is_built)
{
        gate(true);
        uint64_t before = control_revision(plane->control);
        struct made *whole = apply(REGIONS("7"), false);
        ck_assert_int_eq(whole->result, CONTROL_STARTED);
        ck_assert(control_building(plane->control) && !control_busy(plane->control));
        ck_assert_str_eq(served(), FIRST);
        say("p7/e0", VERDICT_DOWN);
        ck_assert_str_eq(served(), SECOND);
        say("p7/e0", VERDICT_UP);
        ck_assert_str_eq(served(), FIRST);
        ck_assert_int_eq(finish(drain("endpoint/p7/e0", true)), CONTROL_OK);
        ck_assert_str_eq(served(), SECOND);
        ck_assert(control_building(plane->control) && !whole->done);
        ck_assert_uint_eq(control_revision(plane->control), before + 1);
        gate(false);
        ck_assert_int_eq(finish(whole), CONTROL_OK);
        ck_assert(!control_building(plane->control));
        ck_assert_uint_eq(control_revision(plane->control), before + 2);
        ck_assert_uint_eq(snapshot_current()->revision, before + 2);
        ck_assert_str_eq(served(), SECOND);
        ck_assert_int_eq(settle(drain("endpoint/p7/e0", false)), CONTROL_OK);
        ck_assert_str_eq(served(), FIRST);
}
END_TEST

START_TEST(a_drain_meanwhile_takes_what_comes_into_its_region_too)
{
        gate(true);
        struct made *whole = apply(
                REGIONS("8") "pools: [{name: p7, region: sa, monitor: told, balance: failover, endpoints: "
                             "[{name: e0, address: 192.0.7.1}, {name: e1, address: 192.0.7.2, priority: 1}, {name: "
                             "e2, address: 192.0.7.3, priority: 2}]}]\n",
                false);
        ck_assert_int_eq(whole->result, CONTROL_STARTED);
        ck_assert_int_eq(finish(drain("region/sa", true)), CONTROL_OK);
        ck_assert_str_eq(served(), FIRST); /* it is in another region yet */
        gate(false);
        ck_assert_int_eq(finish(whole), CONTROL_OK);
        ck_assert_str_ne(served(), FIRST);
        ck_assert_str_ne(served(), SECOND);
        ck_assert_int_eq(settle(drain("region/sa", false)), CONTROL_OK);
        ck_assert_str_eq(served(), FIRST);
        whole = apply(
                "pools: [{name: p7, region: eu, monitor: told, balance: failover, endpoints: [{name: e0, address: "
                "192.0.7.1}, {name: e1, address: 192.0.7.2, priority: 1}]}]\n",
                false);
        ck_assert_int_eq(settle(whole), CONTROL_OK);
}
END_TEST

START_TEST(who_changes_the_configuration_waits_for_what_is_built)
{
        gate(true);
        struct made *whole = apply(REGIONS("9"), false), *other = apply(REGIONS("10"), false),
                    *item = apply("zones: [{name: later.example, ns: [ns1.example.net]}]\n", false),
                    *dry = apply(REGIONS("10"), true);
        ck_assert_int_eq(whole->result, CONTROL_STARTED);
        ck_assert_int_eq(other->result, CONTROL_LATER);
        ck_assert_int_eq(item->result, CONTROL_LATER);
        ck_assert_int_eq(dry->result, CONTROL_LATER);
        gate(false);
        ck_assert_int_eq(finish(whole), CONTROL_OK);
        make(item, false, false);
        ck_assert_int_eq(settle(item), CONTROL_OK);
        make(other, false, false);
        ck_assert_int_eq(settle(other), CONTROL_OK);
        made_free(dry);
}
END_TEST

START_TEST(gslbd_itself_waits_too_and_prepares_nothing_in_vain)
{
        const struct rollouts r = {.control = plane->control};

        gate(true);
        ck_assert(rollout_may_act(&r));
        struct made *whole = apply(REGIONS("11"), false);
        ck_assert(!control_busy(plane->control) && !control_gathers(plane->control));
        ck_assert(!rollout_may_act(&r));
        gate(false);
        ck_assert_int_eq(settle(whole), CONTROL_OK);
        ck_assert(rollout_may_act(&r));
}
END_TEST

/* --- before --- */

/* A look that takes long, and the change that follows it. */
struct look {
        const char *yaml;
        struct made *made;
        bool looked;
};

static void look_long(void *context)
{
        struct look *l = context;

        pass();
        l->looked = true;
}

static void make_looked(void *context)
{
        struct look *l = context;

        ck_assert(l->looked && !control_building(plane->control));
        l->made = apply(l->yaml, false);
}

static void wait_until_made(struct look *l)
{
        uint64_t end = clock_ms() + 60000;

        while (!l->made && clock_ms() < end)
                event_base_loop(plane->base, EVLOOP_ONCE);
        ck_assert_msg(l->made, "what was looked at is never made");
}

START_TEST(what_a_change_comes_to_is_found_out_beside_verdicts_and_drains)
{
        struct look l = {.yaml = REGIONS("12")}, other = {.yaml = REGIONS("13")};

        gate(true);
        uint64_t before = control_revision(plane->control);
        ck_assert(control_prepare(plane->control, look_long, make_looked, &l));
        ck_assert(control_building(plane->control) && !control_busy(plane->control));
        ck_assert(!control_prepare(plane->control, look_long, make_looked, &other));
        struct made *item = apply("zones: [{name: looked.example, ns: [ns1.example.net]}]\n", false);
        ck_assert_int_eq(item->result, CONTROL_LATER);
        say("p7/e0", VERDICT_DOWN);
        ck_assert_str_eq(served(), SECOND);
        say("p7/e0", VERDICT_UP);
        ck_assert_int_eq(finish(drain("endpoint/p7/e0", true)), CONTROL_OK);
        ck_assert_str_eq(served(), SECOND);
        struct made *end = drain("endpoint/p7/e0", false);
        ck_assert_int_eq(end->result, CONTROL_STARTED);
        gate(false);
        wait_until_made(&l);
        ck_assert(end->done); /* what was being written came first */
        ck_assert_int_eq(l.made->result, CONTROL_STARTED);
        ck_assert_int_eq(finish(end), CONTROL_OK);
        ck_assert_int_eq(finish(l.made), CONTROL_OK);
        ck_assert_uint_eq(control_revision(plane->control), before + 3);
        ck_assert_str_eq(served(), FIRST);
        make(item, false, false);
        ck_assert_int_eq(settle(item), CONTROL_OK);
}
END_TEST

START_TEST(what_is_looked_at_at_the_end_is_given_up)
{
        struct look l = {.yaml = REGIONS("14")};
        uint64_t revision = control_revision(plane->control);

        ck_assert(control_prepare(plane->control, look_long, make_looked, &l));
        control_cancel(plane->control);
        control_settle(plane->control);
        ck_assert(l.made && l.made->done);
        ck_assert_int_eq(finish(l.made), CONTROL_FAILED);
        ck_assert(!control_building(plane->control));
        ck_assert_uint_eq(control_revision(plane->control), revision);
        ck_assert_int_eq(settle(apply(REGIONS("15"), false)), CONTROL_OK); /* the next is not */
}
END_TEST

/* --- what is not built --- */

static void nothing_is_left(uint64_t revision)
{
        ck_assert(!control_building(plane->control) && !control_busy(plane->control));
        ck_assert_uint_eq(control_revision(plane->control), revision);
        say("p7/e0", VERDICT_DOWN);
        ck_assert_str_eq(served(), SECOND);
        say("p7/e0", VERDICT_UP);
        ck_assert_str_eq(served(), FIRST);
}

START_TEST(what_is_refused_or_given_up_changes_nothing)
{
        uint64_t revision = control_revision(plane->control);

        ck_assert_int_eq(finish(apply(REGIONS("20"), true)), CONTROL_OK); /* a dry run */
        nothing_is_left(revision);
        ck_assert_int_eq(finish(apply("regions: [{name: eu, fallback: [nowhere]}]\n", false)), CONTROL_INVALID);
        nothing_is_left(revision);
        ck_assert_int_eq(
                finish(apply(
                        REGIONS("20") "pools: [{name: p7, region: eu, endpoints: [{name: e0, enabled: false, "
                                      "address: 192.0.7.1}]}, {name: p8, region: eu, endpoints: [{name: e0, enabled: "
                                      "false, address: 192.0.7.1}]}]\n",
                        false)),
                CONTROL_REFUSED);
        nothing_is_left(revision);
        gate(true);
        struct made *whole = apply(REGIONS("20"), false);
        control_cancel(plane->control);
        gate(false);
        ck_assert_int_eq(settle(whole), CONTROL_FAILED);
        nothing_is_left(revision);
}
END_TEST

/* --- GeoIP --- */

struct heard {
        unsigned good, bad;
};

static void is_reloaded(void *context, const char *error, const struct doc *traffic)
{
        struct heard *h = context;

        h->good += !error;
        h->bad += error != NULL;
}

START_TEST(databases_are_reloaded_for_all_who_ask_and_health_goes_on)
{
        struct heard heard = {0, 0};

        gate(true);
        random_geo_write(geo, 1);
        ck_assert(control_reload_geo(plane->control, false, is_reloaded, &heard));
        say("p7/e0", VERDICT_DOWN);
        ck_assert_str_eq(served(), SECOND);
        ck_assert(control_reload_geo(plane->control, true, is_reloaded, &heard)); /* behind it, both at once */
        ck_assert(control_reload_geo(plane->control, false, is_reloaded, &heard));
        ck_assert_uint_eq(heard.good + heard.bad, 0);
        gate(false);
        control_settle(plane->control);
        ck_assert_uint_eq(heard.good, 3);
        ck_assert_str_eq(served(), SECOND);
        ck_assert_int_eq(truncate(geo, 100), 0);
        ck_assert(control_reload_geo(plane->control, true, is_reloaded, &heard));
        control_settle(plane->control);
        ck_assert_uint_eq(heard.bad, 1);
        ck_assert(control_reload_geo(plane->control, false, is_reloaded, &heard));
        control_settle(plane->control);
        ck_assert_uint_eq(heard.bad, 2);
        random_geo_write(geo, 2);
        ck_assert(control_reload_geo(plane->control, false, is_reloaded, &heard));
        control_settle(plane->control);
        say("p7/e0", VERDICT_UP);
        nothing_is_left(control_revision(plane->control));
}
END_TEST

/* --- at random --- */

/* Who is not in force has nothing said of it, and has been up once when something is: as after a fresh start. */
static void say_of_all(void)
{
        char id[40];

        for (unsigned pool = 0; pool < PLANE_POOLS_MOST; pool++)
                for (unsigned e = 0; e < RANDOM_ENDPOINTS; e++) {
                        snprintf(id, sizeof(id), "p%u/e%u", pool, e);
                        if (endpoint_number(snapshot_current()->model, id) != MODEL_NONE)
                                continue;
                        health.down[pool] &= (uint8_t) ~(1u << e);
                        health.third[pool] &= (uint8_t) ~(1u << e);
                }
        plane_say(plane, &health);
}

static void something_happens(void)
{
        static const char *const keys[] = {"endpoint/p0/e0", "pool/p1", "region/us", "endpoint/p9/e3", "pool/p7"};

        if (chance(&rnd, 60)) {
                plane_flip(&rnd, &health);
                say_of_all();
                return;
        }
        struct made *m = drain(ONE_OF(&rnd, keys), chance(&rnd, 50));
        if (!m->done)
                control_holds_write(plane->control); /* joins nothing, waits its turn */
        while (!m->done)
                event_base_loop(plane->base, EVLOOP_ONCE);
        made_free(m);
}

static void change_while_much_happens(void)
{
        struct made *m = made_new();
        char error[STORE_ERROR_MAX], region[200];
        struct problems none = PROBLEMS_INIT;
        struct store_txn *txn = store_read(control_store(plane->control), error, sizeof(error));

        m->changes = ARENA_ARRAY(m->arena, struct change, RANDOM_CHANGES_MOST + 1);
        m->count = random_changes(&rnd, txn, m->arena, m->changes);
        store_end(txn);
        snprintf(region, sizeof(region), "{name: sa, match: [country:BR], fallback: [us], location: [%u, -46.6]}",
                 random_below(&rnd, 80)); /* so that all is built */
        m->changes[m->count++] =
                (struct change){KIND_REGIONS, "sa", doc_parse(m->arena, region, strlen(region), DOC_YAML, &none)};
        make(m, chance(&rnd, 10), chance(&rnd, 80));
        while (!m->done) {
                something_happens();
                event_base_loop(plane->base, EVLOOP_NONBLOCK);
        }
        made_free(m);
        say_of_all();
}

/* Whether one that is down was ever measured depends on when it came to be checked. */
static void leave_out_round_trips(char *text)
{
        static const char what[] = "\"round_trip_ms\":";
        char *out = text;

        for (const char *at = text; *at;) {
                if (strncmp(at, what, strlen(what)) != 0)
                        *out++ = *at++;
                else
                        at += strcspn(at, ",") + 1;
        }
        *out = '\0';
}

START_TEST(what_happens_while_all_is_built_comes_to_what_a_fresh_start_comes_to)
{
        struct buffer live = BUFFER_INIT((size_t)1 << 28);

        for (unsigned round = 1; round <= ROUNDS; round++) {
                struct heard heard = {0, 0};
                if (chance(&rnd, 25)) {
                        random_geo_write(geo, random_below(&rnd, 9));
                        control_reload_geo(plane->control, false, is_reloaded, &heard);
                        while (control_building(plane->control)) {
                                something_happens();
                                event_base_loop(plane->base, EVLOOP_NONBLOCK);
                        }
                        ck_assert_uint_eq(heard.good, 1);
                }
                change_while_much_happens();
                if (round % 5)
                        continue;
                plane_say(plane, &health);
                plane_settle(plane);
                buffer_clear(&live);
                plane_tell(plane, 1, &live);
                char *fresh = afresh_tell(afresh, store, &health, 1);
                leave_out_round_trips(live.data);
                leave_out_round_trips(fresh);
                size_t at = 0, line = 0;
                for (; live.data[at] && live.data[at] == fresh[at]; at++)
                        line = live.data[at] == '\n' ? at + 1 : line;
                ck_assert_msg(!live.data[at] && !fresh[at], "round %u: %.40s\n live: %.600s\nfresh: %.600s", round,
                              live.data + line, live.data + (at - line > 300 ? at - 300 : line),
                              fresh + (at - line > 300 ? at - 300 : line));
                free(fresh);
        }
        buffer_free(&live);
}
END_TEST

/* --- the beginning and the end --- */

static void set_up(void)
{
        random_geo_write(geo, 0);
        questions_make();
        afresh = afresh_start(directory, geo); /* before there is a second thread */
        random_seed(&rnd, 1);
        plane = plane_open(store, geo);
        struct made *m = made_new();
        const struct doc *d = doc_parse(m->arena, random_beginning, strlen(random_beginning), DOC_YAML, &m->problems);
        must_hold(d && document_changes(d, m->arena, &m->changes, &m->count, &m->problems));
        make(m, false, true);
        ck_assert_int_eq(settle(m), CONTROL_OK);
        plane_say(plane, &health);
        plane_settle(plane);
}

/* Also of a test that failed. */
static void open_gate(void)
{
        gate(false);
        control_settle(plane->control);
}

static void tear_down(void)
{
        plane_close(plane);
        afresh_stop(afresh);
}

int main(void)
{
        Suite *suite = suite_create("admin: what is built beside all else");
        TCase *t = tcase_create("builds");
        log_set_level(LOG_LEVEL_ERROR);
        scratch_make(directory, "build");
        snprintf(store, sizeof(store), "%s/store", directory);
        snprintf(geo, sizeof(geo), "%s/geo.mmdb", directory);
        tcase_add_unchecked_fixture(t, set_up, tear_down);
        tcase_add_checked_fixture(t, NULL, open_gate);
        tcase_add_test(t, verdicts_and_drains_take_effect_while_a_configuration_is_built);
        tcase_add_test(t, a_drain_meanwhile_takes_what_comes_into_its_region_too);
        tcase_add_test(t, who_changes_the_configuration_waits_for_what_is_built);
        tcase_add_test(t, gslbd_itself_waits_too_and_prepares_nothing_in_vain);
        tcase_add_test(t, what_a_change_comes_to_is_found_out_beside_verdicts_and_drains);
        tcase_add_test(t, what_is_looked_at_at_the_end_is_given_up);
        tcase_add_test(t, what_is_refused_or_given_up_changes_nothing);
        tcase_add_test(t, databases_are_reloaded_for_all_who_ask_and_health_goes_on);
        tcase_add_test(t, what_happens_while_all_is_built_comes_to_what_a_fresh_start_comes_to);
        suite_add_tcase(suite, t);
        int status = world_run(suite);
        scratch_remove(directory);
        return status;
}
