/* Drains as they are read from the store. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "admin/states/drains.h"
#include "tests/unit/suite.h"
#include "zones/store/owner.h"

static char path[64], error[STORE_ERROR_MAX];
static struct arena *arena;
static struct store *store;

static void set_up(void)
{
        strcpy(path, "/tmp/gslbd-drains.XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(path));
        arena = arena_new(0);
        store = store_open(path, false, error, sizeof(error));
        ck_assert_msg(store != NULL, "%s", error);
}

static void tear_down(void)
{
        static const char *const names[] = {"data.mdb", "lock.mdb", OWNER_FILE};
        char file[100];

        store_close(store);
        arena_free(arena);
        for (int i = 0; i < 3; i++) {
                snprintf(file, sizeof(file), "%s/%s", path, names[i]);
                unlink(file);
        }
        rmdir(path);
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

int main(void)
{
        Suite *s = suite_create("admin: drains");
        TCase *t = tcase_create("drains");

        tcase_add_checked_fixture(t, set_up, tear_down);
        tcase_add_test(t, what_is_no_drain_is_named_and_the_others_are_taken);
        suite_add_tcase(s, t);
        return run_suite(s);
}
