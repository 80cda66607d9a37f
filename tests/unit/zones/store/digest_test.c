/* The digest of a store: what it is, that it goes with each change, and that a wrong one is told. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"
#include "zones/store/store_private.h"

#define EU   "{name: eu, default: true, match: [continent:EU]}"
#define EU_2 "{match: [continent:EU], default: true, name: eu}" /* the same */
#define POOL "{name: p, max_load: 0.5, endpoints: [{name: a, address: 192.0.2.1, weight: 7}]}"
/* Computed apart, with hashlib. */
#define DIGEST_OF_EU       "0356b88fc24241a498b275f8dc5e7508"
#define DIGEST_OF_EU_AND_P "1ca2a97ab58cf19ff3bd2f6e9cb270b3"
#define DIGEST_OF_NOTHING  "00000000000000000000000000000000"

static char path[SCRATCH_PATH], error[STORE_ERROR_MAX];
static struct arena *arena;
static struct store *store;

static void open_again(bool read_only)
{
        store_close(store);
        store = scratch_store(path, read_only);
}

static void set_up(void)
{
        scratch_make(path, "digest");
        arena = arena_new(0);
        store = NULL;
        open_again(false);
}

static void tear_down(void)
{
        store_close(store);
        arena_free(arena);
        scratch_remove(path);
}

static struct change change(enum kind kind, const char *key, const char *yaml)
{
        struct problems problems = PROBLEMS_INIT;
        const struct doc *d = yaml ? doc_parse(arena, yaml, strlen(yaml), DOC_YAML, &problems) : NULL;

        ck_assert(!yaml || d);
        return (struct change){kind, key, d};
}

static struct store_txn *begin(void)
{
        struct store_txn *txn = store_write(store, error, sizeof(error));

        ck_assert_msg(txn != NULL, "%s", error);
        return txn;
}

/* One revision, in a transaction that is open. */
static void apply(struct store_txn *txn, struct change *changes, size_t count)
{
        const struct revision r = {store_revision(txn) + 1, 1000, "test", "", changes, count};

        ck_assert_msg(store_apply(txn, &r, error, sizeof(error)), "%s", error);
}

static void put(enum kind kind, const char *key, const char *yaml)
{
        struct store_txn *txn = begin();
        struct change one = change(kind, key, yaml);

        apply(txn, &one, 1);
        ck_assert(store_commit(txn, error, sizeof(error)));
}

/* The one that is kept, which is that of what is stored. */
static const char *digest(void)
{
        static char text[DIGEST_TEXT];
        struct store_txn *txn = store_read(store, error, sizeof(error));
        struct digest kept, afresh;

        ck_assert(store_digest(txn, &kept));
        ck_assert(store_digest_afresh(txn, &afresh));
        ck_assert(digest_equal(&kept, &afresh));
        ck_assert(store_digest_check(txn, error, sizeof(error)));
        store_end(txn);
        return digest_text(&kept, text);
}

START_TEST(it_is_the_sum_over_kind_key_and_canonical_json)
{
        ck_assert_str_eq(digest(), DIGEST_OF_NOTHING);
        put(KIND_REGIONS, "eu", EU);
        ck_assert_str_eq(digest(), DIGEST_OF_EU);
        put(KIND_POOLS, "p", POOL);
        ck_assert_str_eq(digest(), DIGEST_OF_EU_AND_P);
        put(KIND_REGIONS, "eu", "{name: eu}");
        ck_assert_str_ne(digest(), DIGEST_OF_EU_AND_P);
        put(KIND_REGIONS, "eu", EU_2); /* the order of members says nothing */
        ck_assert_str_eq(digest(), DIGEST_OF_EU_AND_P);
        put(KIND_POOLS, "p", NULL);
        put(KIND_REGIONS, "eu", NULL);
        ck_assert_str_eq(digest(), DIGEST_OF_NOTHING);
        put(KIND_REGIONS, "eu", NULL); /* is not there */
        ck_assert_str_eq(digest(), DIGEST_OF_NOTHING);
}
END_TEST

START_TEST(operations_and_tokens_count_too)
{
        char before[DIGEST_TEXT];

        put(KIND_DRAINS, "pool/p", "{name: pool/p, since: 2026-01-31T12:00:00Z}");
        strcpy(before, digest());
        ck_assert_str_ne(before, DIGEST_OF_NOTHING);
        put(KIND_TOKENS, "t", "{name: t, role: read, hash: 'sha256:1:2'}");
        ck_assert_str_ne(digest(), before);
        put(KIND_TOKENS, "t", NULL);
        ck_assert_str_eq(digest(), before);
}
END_TEST

/* One after the other, in one transaction, in one revision, the second word on an item too. */
START_TEST(the_same_revisions_give_the_same_however_they_are_written)
{
        struct change changes[] = {change(KIND_REGIONS, "eu", "{name: eu}"), change(KIND_POOLS, "p", POOL),
                                   change(KIND_REGIONS, "eu", EU)};
        struct store_txn *txn = begin();

        apply(txn, changes, 3);
        ck_assert(store_commit(txn, error, sizeof(error)));
        ck_assert_str_eq(digest(), DIGEST_OF_EU_AND_P);
        put(KIND_POOLS, "p", NULL);
        put(KIND_REGIONS, "eu", NULL);
        txn = begin();
        for (size_t i = 0; i < 3; i++)
                apply(txn, &changes[i], 1);
        ck_assert(store_commit(txn, error, sizeof(error)));
        ck_assert_str_eq(digest(), DIGEST_OF_EU_AND_P);
}
END_TEST

START_TEST(an_item_that_a_revision_changes_twice_counts_as_it_is_then)
{
        struct store_txn *txn = begin();
        struct change twice[] = {change(KIND_REGIONS, "eu", "{name: eu}"), change(KIND_REGIONS, "eu", EU),
                                 change(KIND_POOLS, "p", "{name: p}"), change(KIND_POOLS, "p", NULL),
                                 change(KIND_POOLS, "p", POOL)};
        struct digest digest;
        char text[DIGEST_TEXT];

        apply(txn, &twice[1], 1);
        apply(txn, twice, 5);
        ck_assert(store_digest(txn, &digest));
        ck_assert_str_eq(digest_text(&digest, text), DIGEST_OF_EU_AND_P);
        ck_assert_msg(store_digest_check(txn, error, sizeof(error)), "%s", error);
        store_end(txn);
}
END_TEST

START_TEST(what_is_not_committed_leaves_it)
{
        struct change more = change(KIND_POOLS, "p", POOL);

        put(KIND_REGIONS, "eu", EU);
        struct store_txn *txn = begin();
        apply(txn, &more, 1);
        store_end(txn);
        ck_assert_str_eq(digest(), DIGEST_OF_EU);
}
END_TEST

START_TEST(each_revision_says_the_one_before_it)
{
        put(KIND_REGIONS, "eu", EU);
        put(KIND_POOLS, "p", POOL);
        put(KIND_POOLS, "p", NULL);
        struct store_txn *txn = store_read(store, error, sizeof(error));
        static const char *const before[] = {DIGEST_OF_NOTHING, DIGEST_OF_EU, DIGEST_OF_EU_AND_P};
        for (uint64_t n = 1; n <= 3; n++)
                ck_assert_str_eq(doc_get_string(store_history_one(txn, n, arena), "previous"), before[n - 1]);
        store_end(txn);
}
END_TEST

/* What no program of this format writes, into meta; NULL: nothing is there. */
static void put_meta(const char *name, const void *data, size_t size)
{
        struct store_txn *txn = begin();
        MDB_val key = {strlen(name), (void *)name}, value = {size, (void *)data};

        ck_assert_int_eq(
                data ? mdb_put(txn->txn, store->meta, &key, &value, 0) : mdb_del(txn->txn, store->meta, &key, NULL), 0);
        ck_assert(store_commit(txn, error, sizeof(error)));
}

START_TEST(a_store_that_kept_none_gets_it_when_it_is_opened)
{
        const uint32_t before = 3;
        struct digest kept;

        put(KIND_REGIONS, "eu", EU);
        put(KIND_POOLS, "p", POOL);
        put_meta("digest", NULL, 0);
        put_meta("format", &before, sizeof(before));
        open_again(true); /* who only reads says nothing of it */
        struct store_txn *txn = store_read(store, error, sizeof(error));
        ck_assert(!store_digest(txn, &kept));
        ck_assert(store_digest_check(txn, error, sizeof(error)));
        store_end(txn);
        open_again(false);
        ck_assert_str_eq(digest(), DIGEST_OF_EU_AND_P);
        put(KIND_POOLS, "p", NULL);
        ck_assert_str_eq(digest(), DIGEST_OF_EU);
}
END_TEST

START_TEST(a_wrong_one_is_told_and_changes_go_on)
{
        const uint64_t wrong[2] = {1, 2};

        put(KIND_REGIONS, "eu", EU);
        put_meta("digest", wrong, sizeof(wrong));
        put(KIND_POOLS, "p", POOL);
        struct store_txn *txn = store_read(store, error, sizeof(error));
        ck_assert(!store_digest_check(txn, error, sizeof(error)));
        ck_assert_msg(strstr(error, DIGEST_OF_EU_AND_P), "%s", error);
        store_end(txn);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("zones: digest of the store");
        TCase *t = tcase_create("digest");

        tcase_add_checked_fixture(t, set_up, tear_down);
        tcase_add_test(t, it_is_the_sum_over_kind_key_and_canonical_json);
        tcase_add_test(t, operations_and_tokens_count_too);
        tcase_add_test(t, the_same_revisions_give_the_same_however_they_are_written);
        tcase_add_test(t, an_item_that_a_revision_changes_twice_counts_as_it_is_then);
        tcase_add_test(t, what_is_not_committed_leaves_it);
        tcase_add_test(t, each_revision_says_the_one_before_it);
        tcase_add_test(t, a_store_that_kept_none_gets_it_when_it_is_opened);
        tcase_add_test(t, a_wrong_one_is_told_and_changes_go_on);
        suite_add_tcase(s, t);
        return run_suite(s);
}
