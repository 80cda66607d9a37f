/* A control plane that takes change after change answers and explains, byte for byte, like one that was just started on
 * the same store; and while a change takes effect every answer is one of the revision before it or of the one after.
 * What fails in the middle, for the disk is full or memory ends, changes nothing.
 *
 * GSLBD_DIFFERENTIAL_STEPS and GSLBD_DIFFERENTIAL_SEED ask for another number of steps and another run; a failure names
 * the seed and the step. GSLBD_DIFFERENTIAL_EACH=n has the same run compare after each step from n on. */
#include <check.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "tests/unit/afresh.h"
#include "tests/unit/faults.h"
#include "tests/unit/random_change.h"
#include "tests/unit/random_geo.h"
#include "tests/unit/readers.h"
#include "tests/unit/scratch.h"
#include "tests/unit/world.h"

#ifdef __SANITIZE_THREAD__
#define STEPS 80
#elif defined(__SANITIZE_ADDRESS__)
#define STEPS 150
#else
#define STEPS 300
#endif
#define COMPARE_EVERY 6      /* steps, at most: everything with a fresh start */
#define SHOWN         900    /* characters of a line that is not as it should be */
#define ITEM_MOST     2000   /* bytes: what an item takes, about */
#define MEMORY_MOST   120000 /* and the largest arena of these worlds */

static unsigned steps = STEPS, each = UINT_MAX;
static uint64_t seed = 1;
static char directory[SCRATCH_PATH], store[140], geo[140];
static struct afresh *afresh;
static struct plane *plane;
static struct plane_health health;
static struct random rnd, when; /* what is done; when it is compared */
static unsigned step;
static struct {
        unsigned changed, unchanged, refused, invalid, dry, rolled_back, not_written, short_of_memory, flipped,
                released;
        unsigned compared, located, held;
} counts;

/* What was asked for last, for whoever reads of a failure; it begins with seed and step. */
static char doing[700];

static void note(const char *how, const struct change *changes, size_t count)
{
        int length = snprintf(doing, sizeof(doing), "seed %llu, step %u: %s", (unsigned long long)seed, step, how);

        for (size_t i = 0; i < count && length < (int)sizeof(doing); i++)
                length +=
                        snprintf(doing + length, sizeof(doing) - (size_t)length, " %s[%s]%s",
                                 kind_name(changes[i].kind), changes[i].key, changes[i].document ? "" : " is deleted");
}

/* --- comparing --- */

/* Where two lines part, and what led there. */
static void show(const char *whose, const char *line, size_t from, struct buffer *out)
{
        size_t length = strcspn(line, "\n"), begin = from > SHOWN / 2 ? from - SHOWN / 2 : 0;

        buffer_printf(out, "\n%s: %.*s: %s", whose, (int)strcspn(line, ":\n"), line, begin ? "..." : "");
        buffer_bytes(out, line + begin, length - begin < SHOWN ? length - begin : SHOWN);
}

static void differ_at(const char *live, const char *fresh)
{
        struct buffer text = BUFFER_INIT(1 << 16);
        size_t from = 0;

        for (; *live && *live == *fresh; live++, fresh++)
                from = *live == '\n' ? 0 : from + 1;
        show(" live", live - from, from, &text);
        show("fresh", fresh - from, from, &text);
        ck_abort_msg("%s: it is not what a fresh start tells%s", doing, text.data);
}

/* Which half hour it is: with it schedules turn, for one and then for the other. */
static int64_t half_hour(void)
{
        return clock_wall_ms() / 1800000;
}

static bool is_alike(unsigned share)
{
        struct buffer live = BUFFER_INIT((size_t)1 << 28);
        int64_t before = half_hour();

        effect_begins(EFFECT_ANY);
        plane_settle(plane);
        effect_ends(doing);
        plane_tell(plane, share, &live);
        char *fresh = afresh_tell(afresh, store, &health, share);
        bool alike = !strcmp(live.data, fresh);
        if (!alike && half_hour() == before)
                differ_at(live.data, fresh);
        free(fresh);
        buffer_free(&live);
        return alike;
}

static void compare(unsigned share)
{
        while (!is_alike(share)) {
        }
        const struct hold_counts held = control_holds_count(plane->control);
        counts.held += held.pools + held.endpoints > 0;
        counts.compared++;
}

/* --- changing --- */

static struct store_txn *reading(void)
{
        char error[STORE_ERROR_MAX];
        struct store_txn *txn = store_read(control_store(plane->control), error, sizeof(error));

        ck_assert_msg(txn != NULL, "%s", error);
        return txn;
}

/* A refusal says what a whole load of the same says. */
static void compare_problems(const struct change *changes, size_t count, const struct problems *problems)
{
        char *here = sorted_problems(problems), *there = afresh_problems(afresh, store, changes, count);

        ck_assert_msg(!strcmp(here, there), "seed %llu, step %u: refused with\n%s\na whole load says\n%s",
                      (unsigned long long)seed, step, here, there);
        free(here);
        free(there);
}

enum terms { FOR_GOOD, DRY_RUN, DISK_FULL, MEMORY_ENDS };

static const char *const terms_text[] = {"a change:", "a dry run:", "on a full disk:", "when memory ends:"};

static void make_fail(enum terms terms, bool begins)
{
        if (terms == DISK_FULL)
                fault_disk_full(begins); /* not for longer than that: Check writes files too */
        else if (terms == MEMORY_ENDS)
                fault_memory_ends(begins ? 1 + random_below(&rnd, chance(&rnd, 60) ? ITEM_MOST : MEMORY_MOST) : 0);
}

/* What drains change is published pool by pool. */
static enum effect effect_of(const struct change *changes, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (changes[i].kind != KIND_DRAINS)
                        return EFFECT_AT_ONCE;
        return count == 1 ? EFFECT_BY_POOLS : EFFECT_ANY;
}

static void was_invalid(const struct change *changes, size_t count, bool short_of_memory,
                        const struct problems *problems)
{
        if (short_of_memory && strstr(problems->list[0].message, "memory"))
                counts.short_of_memory++;
        else if (changes[0].kind != KIND_DRAINS && !short_of_memory)
                compare_problems(changes, count, problems);
        counts.invalid++;
}

static void count_result(enum control_result result, enum terms terms, const struct problems *problems)
{
        counts.dry += terms == DRY_RUN;
        counts.changed += result == CONTROL_OK && terms != DRY_RUN;
        counts.unchanged += result == CONTROL_UNCHANGED;
        counts.refused += result == CONTROL_REFUSED;
        counts.not_written += result == CONTROL_FAILED;
        ck_assert_msg(result != CONTROL_STARTED && result != CONTROL_LATER, "plane_change goes to the end");
        ck_assert_msg(result != CONTROL_FAILED || terms >= DISK_FULL, "%s: %s", doing,
                      result == CONTROL_FAILED ? problems->list[0].message : "");
}

static void apply(struct change *changes, size_t count, enum terms terms)
{
        struct problems problems = PROBLEMS_INIT;

        note(terms_text[terms], changes, count);
        control_settle(plane->control);
        uint64_t before = control_revision(plane->control);
        effect_begins(effect_of(changes, count));
        fault_memory_short();
        make_fail(terms, true);
        enum control_result result =
                plane_change(plane, changes, &count, terms == DRY_RUN, chance(&rnd, 80), &problems);
        make_fail(terms, false);
        effect_ends(doing);
        bool done = result == CONTROL_OK && terms != DRY_RUN;
        ck_assert_uint_eq(control_revision(plane->control), before + done);
        ck_assert_msg(done || !effect_seen(), "%s: it was not done, and has changed the answer to %s", doing,
                      effect_seen());
        count_result(result, terms, &problems);
        if (result == CONTROL_INVALID)
                was_invalid(changes, count, fault_memory_short(), &problems);
        problems_free(&problems);
}

static void change_something(enum terms terms)
{
        struct arena *a = arena_new(0);
        struct change changes[RANDOM_CHANGES_MOST];
        struct store_txn *txn = reading();
        size_t count = random_changes(&rnd, txn, a, changes);

        store_end(txn);
        apply(changes, count, terms);
        arena_free(a);
}

static void go_back(void)
{
        struct arena *a = arena_new(0);
        struct store_txn *txn = reading();
        uint64_t newest = store_revision(txn), to = newest - random_below(&rnd, newest < 30 ? (uint32_t)newest : 30);
        struct change *changes;
        char error[STORE_ERROR_MAX];
        size_t count;

        ck_assert_msg(store_rollback_changes(txn, to, chance(&rnd, 30) ? BACK_DRAINS : BACK_CONFIGURATION, a, &changes,
                                             &count, error, sizeof(error)),
                      "%s", error);
        store_end(txn);
        if (count) {
                apply(changes, count, chance(&rnd, 20) ? MEMORY_ENDS : FOR_GOOD);
                counts.rolled_back++;
        }
        arena_free(a);
}

static void locate(const char *how, bool good)
{
        char error[600];

        note(how, NULL, 0);
        effect_begins(EFFECT_AT_ONCE);
        bool taken = plane_reload_geo(plane, error, sizeof(error));
        effect_ends(doing);
        ck_assert_msg(taken == good, "%s: %s", doing, error);
        ck_assert_msg(good || !effect_seen(), "%s: it has changed the answer to %s", doing, effect_seen());
}

static void locate_anew(void)
{
        const unsigned turn = random_below(&rnd, 9);

        switch (random_below(&rnd, 4)) {
        case 0: /* changes nothing; the good one is there again for the next start */
                ck_assert_int_eq(truncate(geo, 100), 0);
                locate("a damaged database", false);
                random_geo_write(geo, turn);
                break;
        case 1:
                random_geo_write(geo, turn);
                fault_memory_ends(1);
                locate("another database when memory ends", false);
                fault_memory_ends(0);
                counts.short_of_memory++;
                break;
        default:
                random_geo_write(geo, turn);
        }
        locate("another database", true);
        counts.located++;
}

static void turn_health(void)
{
        note("health", NULL, 0);
        effect_begins(EFFECT_ANY);
        plane_flip(&rnd, &health);
        plane_say(plane, &health);
        effect_ends(doing);
        counts.flipped++;
}

/* Of one pool, or all. */
static void release_holds(void)
{
        const struct hold_cover cover = {DRAIN_POOL, random_below(&rnd, random_pool_count)};

        note("what is held is released", NULL, 0);
        effect_begins(EFFECT_ANY);
        control_holds_release(plane->control, chance(&rnd, 70) ? &cover : NULL, "test");
        effect_ends(doing);
        counts.released++;
}

/* The digest that is kept is that of what is stored. */
static void compare_digest(void)
{
        char error[STORE_ERROR_MAX];
        struct digest kept;

        control_settle(plane->control);
        struct store_txn *txn = reading();
        ck_assert_msg(store_digest(txn, &kept) && store_digest_check(txn, error, sizeof(error)), "%s: %s", doing,
                      error);
        store_end(txn);
}

/* What is kept of all documents as one number is what they sum up to. */
static void check_digest(void)
{
        char error[STORE_ERROR_MAX];
        struct store_txn *txn = reading();

        ck_assert_msg(store_digest_check(txn, error, sizeof(error)), "%s: %s", doing, error);
        store_end(txn);
}

static void take_step(void)
{
        unsigned turn = random_below(&rnd, 100);

        if (turn < 66)
                change_something(FOR_GOOD);
        else if (turn < 74)
                change_something(DRY_RUN);
        else if (turn < 77)
                change_something(DISK_FULL);
        else if (turn < 80)
                change_something(MEMORY_ENDS);
        else if (turn < 83)
                go_back();
        else if (turn < 86)
                locate_anew();
        else if (turn < 88)
                release_holds();
        else
                turn_health();
        /* whoever has just come into being is heard of for the first time */
        effect_begins(EFFECT_ANY);
        plane_say(plane, &health);
        plane_tick(plane);
        effect_ends(doing);
        compare_digest();
}

START_TEST(changes_step_by_step_come_to_what_a_fresh_start_comes_to)
{
        unsigned next = 0;

        for (step = 1; step <= steps; step++) {
                take_step();
                check_digest();
                if (step >= next || step >= each) {
                        compare(step >= each ? 1 : 1 + random_below(&when, 5));
                        next = step + 1 + random_below(&when, 2 * COMPARE_EVERY);
                }
        }
        compare(1);
        const struct readers_counts asked = readers_count();
        printf("seed %llu, %u steps: %u changed, %u unchanged, %u refused, %u invalid, %u dry, %u rolled back, %u not "
               "written, %u short of memory, %u located anew, %u of health, %u released; "
               "%u compared with a fresh start, %u with holds; readers asked %llu times, %llu answers of the next "
               "revision\n",
               (unsigned long long)seed, steps, counts.changed, counts.unchanged, counts.refused, counts.invalid,
               counts.dry, counts.rolled_back, counts.not_written, counts.short_of_memory, counts.located,
               counts.flipped, counts.released, counts.compared, counts.held, asked.asked, asked.between);
        ck_assert_uint_gt(counts.changed, steps / 5);
        ck_assert_uint_gt(counts.invalid, steps / 50);
        ck_assert((counts.not_written && counts.short_of_memory) || steps < 200);
        ck_assert(counts.held || steps < 1000);
        ck_assert_uint_gt(asked.between, 0);
}
END_TEST

/* --- the beginning and the end --- */

static void begin(void)
{
        struct arena *a = arena_new(0);
        struct problems problems = PROBLEMS_INIT;
        struct doc *d = doc_parse(a, random_beginning, strlen(random_beginning), DOC_YAML, &problems);
        struct change *changes;
        size_t count;

        ck_assert(d && document_changes(d, a, &changes, &count, &problems));
        apply(changes, count, FOR_GOOD);
        ck_assert_uint_eq(counts.changed, 1);
        problems_free(&problems);
        arena_free(a);
}

static void set_up(void)
{
        random_geo_write(geo, 0);
        readers_prepare();
        afresh = afresh_start(directory, geo); /* before there is a second thread */
        random_seed(&rnd, seed);
        random_seed(&when, seed);
        plane = plane_open(store, geo);
        begin();
        effect_begins(EFFECT_ANY);
        plane_say(plane, &health);
        plane_settle(plane);
        effect_ends("the beginning");
        readers_start();
}

static void tear_down(void)
{
        readers_stop();
        plane_close(plane);
        afresh_stop(afresh);
}

static void from_environment(void)
{
        const char *text = getenv("GSLBD_DIFFERENTIAL_STEPS");

        steps = text ? (unsigned)strtoul(text, NULL, 10) : STEPS;
        text = getenv("GSLBD_DIFFERENTIAL_SEED");
        seed = text ? strtoull(text, NULL, 10) : 1;
        text = getenv("GSLBD_DIFFERENTIAL_EACH");
        each = text ? (unsigned)strtoul(text, NULL, 10) : UINT_MAX;
}

int main(void)
{
        Suite *suite = suite_create("admin: step by step as afresh");
        TCase *t = tcase_create("differential");
        log_set_level(LOG_LEVEL_ERROR);
        signal(SIGXFSZ, SIG_IGN);
        from_environment();
        scratch_make(directory, "differential");
        snprintf(store, sizeof(store), "%s/store", directory);
        snprintf(geo, sizeof(geo), "%s/geo.mmdb", directory);
        tcase_add_unchecked_fixture(t, set_up, tear_down);
        tcase_add_test(t, changes_step_by_step_come_to_what_a_fresh_start_comes_to);
        suite_add_tcase(suite, t);
        int status = world_run(suite);
        scratch_remove(directory);
        return status;
}
