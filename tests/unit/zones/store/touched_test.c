/* Who changed what last: kept with every revision, and found again in a history that was written without it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"
#include "zones/store/store_private.h"

static char path[SCRATCH_PATH], error[STORE_ERROR_MAX];
static struct arena *arena;
static struct store *store;

static void setup(void)
{
        scratch_make(path, "touched");
        arena = arena_new(0);
        store = scratch_store(path, false);
}

static void teardown(void)
{
        store_close(store);
        scratch_remove(path);
        arena_free(arena);
}

/* One revision of one change by an author; its number. */
static uint64_t put(const char *author, enum kind kind, const char *key, const char *value)
{
        struct doc *d = doc_new(arena, DOC_MAP);
        struct change change = {kind, key, value ? d : NULL};
        struct store_txn *txn = store_write(store, error, sizeof(error));

        doc_add_string(arena, d, "value", value);
        struct revision r = {
                store_revision(txn) + 1, 1000 * (int64_t)(store_revision(txn) + 1), author, "", &change, 1};
        ck_assert_msg(store_apply(txn, &r, error, sizeof(error)), "%s", error);
        ck_assert_msg(store_commit(txn, error, sizeof(error)), "%s", error);
        return r.number;
}

static bool touched(enum kind kind, const char *key, uint64_t since, const char *author, struct touch *touch)
{
        struct store_txn *txn = store_read(store, error, sizeof(error));
        bool found = store_touched(txn, kind, key, since, author, arena, touch);

        store_end(txn);
        return found;
}

static void open_again(void)
{
        store_close(store);
        store = scratch_store(path, false);
}

/* As a program leaves the store that does not know of it. */
static void forget_who(void)
{
        MDB_txn *raw;
        MDB_val key = {7, "touched"};

        ck_assert_int_eq(mdb_txn_begin(store->env, NULL, 0, &raw), 0);
        ck_assert_int_eq(mdb_drop(raw, store->touched, 0), 0);
        ck_assert_int_eq(mdb_del(raw, store->meta, &key, NULL), 0);
        ck_assert_int_eq(mdb_txn_commit(raw), 0);
}

static void make_history(void)
{
        put("alice", KIND_POOLS, "web", "1");      /* 1 */
        put("bob", KIND_POOLS, "web", "2");        /* 2 */
        put("bob", KIND_POOLS, "other", "1");      /* 3 */
        put("alice", KIND_POOLS, "web", "3");      /* 4 */
        put("alice", KIND_DRAINS, "pool/web", ""); /* 5 */
        put("bob", KIND_POOLS, "gone", "1");       /* 6 */
        put("bob", KIND_POOLS, "gone", NULL);      /* 7 */
        put("alice", KIND_POOLS, "web", "4");      /* 8 */
}

static void expect_history(void)
{
        struct touch touch;

        ck_assert(touched(KIND_POOLS, "web", 7, "bob", &touch));
        ck_assert_uint_eq(touch.revision, 8);
        ck_assert_str_eq(touch.author, "alice");
        ck_assert_int_eq(touch.time_ms, 8000);
        ck_assert(!touched(KIND_POOLS, "web", 8, "bob", &touch));
        /* Two changes of her own since do not hide the one between. */
        ck_assert(touched(KIND_POOLS, "web", 1, "alice", &touch));
        ck_assert_uint_eq(touch.revision, 2);
        ck_assert_str_eq(touch.author, "bob");
        ck_assert(!touched(KIND_POOLS, "web", 2, "alice", &touch));
        ck_assert(!touched(KIND_POOLS, "other", 0, "bob", &touch));
        ck_assert(touched(KIND_POOLS, "gone", 6, "alice", &touch));
        ck_assert_uint_eq(touch.revision, 7);
        ck_assert(!touched(KIND_POOLS, "never", 0, "alice", &touch));
        ck_assert(!touched(KIND_DRAINS, "pool/web", 0, "bob", &touch));
}

START_TEST(the_last_change_by_another_is_known)
{
        make_history();
        expect_history();
        open_again();
        expect_history();
}
END_TEST

START_TEST(a_store_that_does_not_know_it_finds_it_in_its_history)
{
        make_history();
        forget_who();
        open_again();
        expect_history();
}
END_TEST

START_TEST(what_the_history_no_longer_tells_may_have_been_anybody)
{
        struct touch touch;

        make_history();
        store->history_bytes_max = 1;
        put("alice", KIND_POOLS, "last", "1"); /* 9: all before are let go of */
        /* What is there is still known; a deletion that nothing tells of any more is not. */
        ck_assert(touched(KIND_POOLS, "web", 1, "alice", &touch));
        ck_assert(!touched(KIND_POOLS, "gone", 0, "alice", &touch));
        forget_who();
        open_again();
        ck_assert(touched(KIND_POOLS, "web", 7, "alice", &touch));
        ck_assert_str_eq(touch.author, "");
        ck_assert_uint_eq(touch.revision, 8);
        ck_assert(!touched(KIND_POOLS, "web", 8, "alice", &touch));
        ck_assert(touched(KIND_POOLS, "last", 8, "bob", &touch));
        ck_assert_str_eq(touch.author, "alice");
}
END_TEST

/* What is deleted and made again has not been let go of with the entry of its deletion. */
START_TEST(an_item_that_is_there_again_is_not_forgotten)
{
        struct touch touch;

        make_history();
        put("bob", KIND_POOLS, "gone", "again"); /* 9 */
        store->history_bytes_max = 1;
        put("alice", KIND_POOLS, "last", "1");
        ck_assert(touched(KIND_POOLS, "gone", 8, "alice", &touch));
        ck_assert_uint_eq(touch.revision, 9);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("touched");
        TCase *t = tcase_create("touched");

        tcase_add_checked_fixture(t, setup, teardown);
        tcase_add_test(t, the_last_change_by_another_is_known);
        tcase_add_test(t, a_store_that_does_not_know_it_finds_it_in_its_history);
        tcase_add_test(t, what_the_history_no_longer_tells_may_have_been_anybody);
        tcase_add_test(t, an_item_that_is_there_again_is_not_forgotten);
        suite_add_tcase(s, t);
        return run_suite(s);
}
