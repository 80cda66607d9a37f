/* zones/store/writer.h: batches are written in order, whole or not at all, while others read. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/arena.h"
#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"
#include "zones/store/store.h"
#include "zones/store/writer.h"

static char path[SCRATCH_PATH], error[STORE_ERROR_MAX];
static struct arena *arena;
static struct store *store;
static struct store_writer *writer;
static atomic_uint woken;

static void wake(void *context)
{
        ck_assert_ptr_eq(context, &woken);
        woken++;
}

static void setup(void)
{
        scratch_make(path, "writer");
        arena = arena_new(0);
        woken = 0;
        store = scratch_store(path, false);
        writer = store_writer_start(store, wake, &woken, error, sizeof(error));
        ck_assert_msg(writer != NULL, "%s", error);
}

static void teardown(void)
{
        store_writer_stop(writer);
        store_close(store);
        scratch_remove(path);
        arena_free(arena);
}

static struct revision *revision(uint64_t number, const char *key)
{
        struct revision *r = ARENA_NEW(arena, struct revision);
        struct change *change = ARENA_NEW(arena, struct change);
        struct doc *d = doc_new(arena, DOC_MAP);

        doc_add_int(arena, d, "of", (int64_t)number);
        *change = (struct change){KIND_REGIONS, key, d};
        *r = (struct revision){number, 1000, "test", "", change, 1};
        return r;
}

static uint64_t newest(void)
{
        struct store_txn *txn = store_read(store, error, sizeof(error));
        uint64_t number = store_revision(txn);

        store_end(txn);
        return number;
}

static bool there(const char *key)
{
        struct store_txn *txn = store_read(store, error, sizeof(error));
        bool has = store_has(txn, KIND_REGIONS, key);

        store_end(txn);
        return has;
}

START_TEST(a_batch_is_one_transaction_of_several_revisions)
{
        const struct revision *revisions[] = {revision(1, "a"), revision(2, "b"), revision(3, "c")};
        const struct serial_change serial = {"z.example", {7, {1, 2}}};
        struct store_batch batch = {.revisions = revisions, .count = 3, .serials = &serial, .serial_count = 1};
        struct zone_serial kept;

        ck_assert_ptr_null(store_writer_wait(writer)); /* nothing was given */
        store_writer_give(writer, &batch);
        ck_assert_ptr_eq(store_writer_wait(writer), &batch);
        ck_assert_msg(batch.good, "%s", batch.error);
        ck_assert_uint_eq(woken, 1);
        ck_assert_ptr_null(store_writer_take(writer));
        ck_assert_uint_eq(newest(), 3);
        ck_assert(there("a") && there("b") && there("c"));
        struct store_txn *txn = store_read(store, error, sizeof(error));
        ck_assert(store_serial(txn, "z.example", &kept));
        ck_assert_uint_eq(kept.serial, 7);
        ck_assert(store_history_one(txn, 2, arena) != NULL);
        store_end(txn);
}
END_TEST

START_TEST(a_batch_that_cannot_be_written_leaves_nothing)
{
        char key[600];

        memset(key, 'k', sizeof(key) - 1); /* longer than the store's keys */
        key[sizeof(key) - 1] = '\0';
        const struct revision *revisions[] = {revision(1, "a"), revision(2, key)}, *good[] = {revision(1, "b")};
        struct store_batch batch = {.revisions = revisions, .count = 2};

        store_writer_give(writer, &batch);
        ck_assert_ptr_eq(store_writer_wait(writer), &batch);
        ck_assert(!batch.good);
        ck_assert(strlen(batch.error) > 0);
        ck_assert_uint_eq(newest(), 0);
        ck_assert(!there("a"));
        batch = (struct store_batch){.revisions = good, .count = 1}; /* and the next finds all as it was */
        store_writer_give(writer, &batch);
        ck_assert_ptr_eq(store_writer_wait(writer), &batch);
        ck_assert(batch.good && there("b"));
}
END_TEST

START_TEST(others_read_while_it_writes)
{
        for (uint64_t i = 1; i <= 200; i++) {
                const struct revision *r = revision(i, "a");
                struct store_batch batch = {.revisions = &r, .count = 1};
                uint64_t before = newest();
                store_writer_give(writer, &batch);
                do
                        ck_assert(newest() == before || newest() == i);
                while (!store_writer_take(writer));
                ck_assert(batch.good);
                ck_assert_uint_eq(newest(), i);
        }
        ck_assert_uint_eq(woken, 200);
}
END_TEST

START_TEST(what_was_given_is_written_before_it_stops)
{
        const struct revision *r = revision(1, "a");
        struct store_batch batch = {.revisions = &r, .count = 1};

        store_writer_give(writer, &batch);
        store_writer_stop(writer);
        writer = NULL;
        ck_assert(batch.good);
        ck_assert_uint_eq(newest(), 1);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("writer");
        TCase *t = tcase_create("writer");

        tcase_add_checked_fixture(t, setup, teardown);
        tcase_add_test(t, a_batch_is_one_transaction_of_several_revisions);
        tcase_add_test(t, a_batch_that_cannot_be_written_leaves_nothing);
        tcase_add_test(t, others_read_while_it_writes);
        tcase_add_test(t, what_was_given_is_written_before_it_stops);
        suite_add_tcase(s, t);
        return run_suite(s);
}
