#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"
#include "zones/store/backup.h"

static char path[SCRATCH_PATH], error[STORE_ERROR_MAX];
static struct arena *arena;
static struct store *store;
static struct buffer text;

static void put(uint64_t number, enum kind kind, const char *key, const char *json)
{
        struct problems problems = PROBLEMS_INIT;
        struct change change = {kind, key, json ? doc_parse(arena, json, strlen(json), DOC_JSON, &problems) : NULL};
        const struct revision r = {number, 1000, "test", "", &change, 1};
        struct store_txn *txn = store_write(store, error, sizeof(error));

        ck_assert(store_apply(txn, &r, error, sizeof(error)));
        ck_assert(store_commit(txn, error, sizeof(error)));
}

static void setup(void)
{
        const struct zone_serial serial = {4000000000u, {1, UINT64_MAX}};

        scratch_make(path, "backup");
        arena = arena_new(0);
        store = scratch_store(path, false);
        put(1, KIND_REGIONS, "eu", "{\"name\":\"eu\",\"match\":[\"country:DE\"]}");
        put(2, KIND_ZONES, "z.example",
            "{\"name\":\"z.example\",\"records\":[{\"data\":[\"\\\"a\\\\\\\\b\\\" \\u00fc\"]}]}");
        put(3, KIND_TOKENS, "t", "{\"name\":\"t\",\"hash\":\"sha256:1:2\",\"role\":\"read\"}");
        struct store_txn *txn = store_write(store, error, sizeof(error));
        ck_assert(store_serial_set(txn, "z.example", &serial, error, sizeof(error)));
        ck_assert(store_commit(txn, error, sizeof(error)));
        text = BUFFER_INIT(BACKUP_MAX);
        uint64_t revision;
        struct pieces *pieces = backup_pieces(store, 5000, &revision, error, sizeof(error));
        ck_assert_msg(pieces != NULL, "%s", error);
        ck_assert_int_eq(pieces->next(pieces, &text), PIECE_LAST);
        ck_assert_uint_eq(revision, 3);
        pieces->free(pieces);
}

static void teardown(void)
{
        buffer_free(&text);
        store_close(store);
        arena_free(arena);
        scratch_remove(path);
}

START_TEST(what_is_backed_up_is_read_back)
{
        struct backup b;

        ck_assert_msg(backup_read(text.data, text.length, arena, &b, error, sizeof(error)), "%s", error);
        ck_assert_uint_eq(b.revision, 3);
        ck_assert_uint_eq(b.count, 3);
        ck_assert_uint_eq(b.serial_count, 1);
        ck_assert_str_eq(b.serials[0].zone, "z.example");
        ck_assert_uint_eq(b.serials[0].kept.serial, 4000000000u);
        ck_assert_uint_eq(b.serials[0].kept.contents[0], 1);
        ck_assert_uint_eq(b.serials[0].kept.contents[1], UINT64_MAX);
        struct store_txn *txn = store_read(store, error, sizeof(error));
        for (size_t i = 0; i < b.count; i++)
                ck_assert(doc_equal(b.changes[i].document, store_get(txn, b.changes[i].kind, b.changes[i].key, arena)));
        store_end(txn);
}
END_TEST

START_TEST(a_backup_says_the_digest_of_its_documents)
{
        char kept[DIGEST_TEXT];
        struct digest digest;
        struct backup b;

        ck_assert(backup_read(text.data, text.length, arena, &b, error, sizeof(error)));
        struct store_txn *txn = store_read(store, error, sizeof(error));
        ck_assert(store_digest(txn, &digest));
        store_end(txn);
        ck_assert_str_eq(b.digest, digest_text(&digest, kept));
        ck_assert(backup_digest_check(&b, error, sizeof(error)));
        b.count--;
        ck_assert(!backup_digest_check(&b, error, sizeof(error)));
        ck_assert_msg(strstr(error, kept), "%s", error);
        b.digest = NULL; /* of a program that kept none */
        ck_assert(backup_digest_check(&b, error, sizeof(error)));
}
END_TEST

START_TEST(what_the_backup_lacks_is_deleted)
{
        struct change *changes;
        struct backup b;
        size_t count;

        put(4, KIND_POOLS, "new", "{\"name\":\"new\"}");
        ck_assert(backup_read(text.data, text.length, arena, &b, error, sizeof(error)));
        struct store_txn *txn = store_read(store, error, sizeof(error));
        ck_assert(backup_changes(txn, &b, arena, &changes, &count));
        store_end(txn);
        ck_assert_uint_eq(count, 4);
        ck_assert_int_eq(changes[0].kind, KIND_POOLS);
        ck_assert_str_eq(changes[0].key, "new");
        ck_assert_ptr_null(changes[0].document);
}
END_TEST

START_TEST(each_flipped_bit_is_refused)
{
        struct backup b;

        for (size_t i = 0; i < text.length * 8; i++) {
                text.data[i / 8] = (char)(text.data[i / 8] ^ 1 << i % 8);
                ck_assert_msg(!backup_read(text.data, text.length, arena, &b, error, sizeof(error)), "bit %zu", i);
                text.data[i / 8] = (char)(text.data[i / 8] ^ 1 << i % 8);
        }
        ck_assert(backup_read(text.data, text.length, arena, &b, error, sizeof(error)));
}
END_TEST

START_TEST(each_cut_and_each_addition_is_refused)
{
        for (size_t i = 0; i < text.length; i++) {
                char *cut = malloc(i + 1); /* so that who reads behind its end is caught */
                memcpy(cut, text.data, i);
                ck_assert_msg(!backup_check(cut, i, error, sizeof(error)), "%zu bytes", i);
                free(cut);
        }
        for (int byte = 0; byte < 256; byte++) {
                buffer_printf(&text, "%c", byte);
                if (!byte)
                        buffer_bytes(&text, "", 1);
                ck_assert(!backup_check(text.data, text.length, error, sizeof(error)));
                text.length--;
        }
}
END_TEST

int main(void)
{
        Suite *s = suite_create("backup");
        TCase *t = tcase_create("backup");

        tcase_add_checked_fixture(t, setup, teardown);
        tcase_add_test(t, what_is_backed_up_is_read_back);
        tcase_add_test(t, a_backup_says_the_digest_of_its_documents);
        tcase_add_test(t, what_the_backup_lacks_is_deleted);
        tcase_add_test(t, each_flipped_bit_is_refused);
        tcase_add_test(t, each_cut_and_each_addition_is_refused);
        suite_add_tcase(s, t);
        return run_suite(s);
}
