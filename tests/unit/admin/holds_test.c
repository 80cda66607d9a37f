/* What is held, while it is being written. */
#include <event2/event.h>
#include "base/log.h"
#include "tests/unit/must.h"
#include "tests/unit/plane.h"
#include "tests/unit/scratch.h"
#include "tests/unit/world.h"
#include "zones/load/load.h"

#define E "p/e"

static const char configuration[] = "regions: [{name: eu, default: true}]\n"
                                    "monitors: [{name: told, type: external}]\n"
                                    "pools: [{name: p, region: eu, monitor: told,\n"
                                    "  endpoints: [{name: e, address: 192.0.2.1, failback: manual}]}]\n";

static char directory[SCRATCH_PATH];
static struct plane *plane;

static void say(enum verdict_state state)
{
        ck_assert(control_say(plane->control, E, state, "", "test", 3600000));
}

static void apply(const char *yaml)
{
        struct arena *a = arena_new(0);
        struct problems problems = PROBLEMS_INIT;
        const struct doc *d = doc_parse(a, yaml, strlen(yaml), DOC_YAML, &problems);
        struct change *changes;
        size_t count;

        must_hold(d && document_changes(d, a, &changes, &count, &problems));
        ck_assert_int_eq(plane_change(plane, changes, &count, false, true, &problems), CONTROL_OK);
        problems_free(&problems);
        arena_free(a);
}

static void set_up(void)
{
        scratch_make(directory, "holds");
        plane = plane_open(directory, NULL);
        apply(configuration);
        say(VERDICT_UP);
        plane_settle(plane);
}

static void tear_down(void)
{
        plane_close(plane);
        scratch_remove(directory);
}

static uint32_t held(void)
{
        return control_holds_count(plane->control).endpoints;
}

/* It was down, is back and held, and that is on its way to the disk. */
static void begin(void)
{
        say(VERDICT_DOWN);
        say(VERDICT_UP);
        ck_assert_uint_eq(held(), 1);
        control_holds_write(plane->control);
}

START_TEST(what_is_down_again_while_its_hold_is_written_is_not_held)
{
        begin();
        say(VERDICT_DOWN);
        ck_assert_uint_eq(held(), 0);
        plane_settle(plane); /* also: the store has none */
        ck_assert_uint_eq(held(), 0);
        say(VERDICT_UP);
        ck_assert_uint_eq(held(), 1);
        plane_settle(plane);
        ck_assert_uint_eq(held(), 1);
}
END_TEST

START_TEST(what_is_back_once_more_while_its_hold_is_written_is_held_since_then)
{
        begin();
        say(VERDICT_DOWN);
        say(VERDICT_UP);
        ck_assert_uint_eq(held(), 1);
        plane_settle(plane);
        ck_assert_uint_eq(held(), 1);
}
END_TEST

START_TEST(what_somebody_ends_while_it_is_written_stays_ended)
{
        begin();
        control_holds_release(plane->control, NULL, "ann");
        ck_assert_uint_eq(held(), 0);
        plane_settle(plane);
        ck_assert_uint_eq(held(), 0);
}
END_TEST

START_TEST(what_begins_again_while_its_end_is_written_is_held)
{
        begin();
        plane_settle(plane);
        say(VERDICT_DOWN);
        control_holds_write(plane->control); /* that it is held no more */
        say(VERDICT_UP);
        ck_assert_uint_eq(held(), 1);
        plane_settle(plane);
        ck_assert_uint_eq(held(), 1);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("admin: holds");
        TCase *t = tcase_create("holds");

        log_set_level(LOG_LEVEL_ERROR);
        tcase_add_checked_fixture(t, set_up, tear_down);
        tcase_add_test(t, what_is_down_again_while_its_hold_is_written_is_not_held);
        tcase_add_test(t, what_is_back_once_more_while_its_hold_is_written_is_held_since_then);
        tcase_add_test(t, what_somebody_ends_while_it_is_written_stays_ended);
        tcase_add_test(t, what_begins_again_while_its_end_is_written_is_held);
        suite_add_tcase(s, t);
        return world_run(s);
}
