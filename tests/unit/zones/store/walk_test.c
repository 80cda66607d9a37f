/* Walks over a store that changes all the while: what comes is what was there when they began, byte for byte. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/random.h"
#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"
#include "zones/store/backup.h"
#include "zones/store/store_private.h"
#include "zones/store/walk.h"

#define ITEMS 60
#define ALL   ((1u << WALK_SERIALS << 1) - 1)

static char path[SCRATCH_PATH], error[STORE_ERROR_MAX];
static struct store *store;
static struct random rnd;

static void setup(void)
{
        scratch_make(path, "walk");
        store = scratch_store(path, false);
        ck_assert_int_eq(mdb_env_set_flags(store->env, MDB_NOSYNC, 1), 0);
        random_seed(&rnd, getenv("SEED") ? strtoull(getenv("SEED"), NULL, 10) : 20261122);
}

static void teardown(void)
{
        store_close(store);
        scratch_remove(path);
}

/* --- changes --- */

static const struct doc *random_document(struct arena *a, struct random *r, bool large)
{
        struct doc *d = doc_new(a, DOC_MAP);
        size_t length = large ? PIECE_BYTES * 2 + random_below(r, 1000) : random_below(r, 300);
        char *text = arena_alloc(a, length + 1);

        memset(text, 'a' + (int)random_below(r, 26), length);
        if (random_below(r, 2)) /* members in another order are another text */
                doc_add_string(a, d, "name", "x");
        doc_add_string(a, d, "text", text);
        if (random_below(r, 2))
                doc_add_int(a, d, "number", random_below(r, 1000));
        return d;
}

/* One revision of a few items, and of a zone's serial; now and then it is given up, as for a full disk. */
static void change(struct random *r, unsigned most)
{
        struct arena *a = arena_new(0);
        unsigned count = 1 + random_below(r, most);
        struct change *changes = ARENA_ARRAY(a, struct change, count);
        struct store_txn *txn = store_write(store, error, sizeof(error));
        const struct zone_serial serial = {random_below(r, 1000), {1, 2}};

        ck_assert_msg(txn != NULL, "%s", error);
        for (unsigned i = 0; i < count; i++) {
                enum kind kind = (enum kind)random_below(r, KIND_COUNT);
                const char *key = arena_printf(a, "key%02u", random_below(r, ITEMS));
                bool gone = !random_below(r, 3);
                changes[i] = (struct change){kind, key, gone ? NULL : random_document(a, r, !random_below(r, 100))};
        }
        const struct revision revision = {store_revision(txn) + 1, 1000, "test", "", changes, count};
        ck_assert_msg(store_apply(txn, &revision, error, sizeof(error)), "%s", error);
        ck_assert(store_serial_set(txn, arena_printf(a, "key%02u", random_below(r, ITEMS)), &serial, error,
                                   sizeof(error)));
        if (random_below(r, 5))
                ck_assert(store_commit(txn, error, sizeof(error)));
        else
                store_end(txn);
        arena_free(a);
}

/* --- what is there --- */

static void put_row(struct buffer *out, int kind, const char *key, const void *value, size_t length)
{
        buffer_printf(out, "%d/%s:%zu:", kind, key, length);
        buffer_bytes(out, value, length);
}

struct taking {
        struct buffer *out;
        int kind;
        struct random *rests; /* NULL: never */
};

static bool take_row(void *context, const char *key, const char *json, size_t length)
{
        struct taking *t = context;

        put_row(t->out, t->kind, key, json, length);
        return true;
}

static enum walk_visit take_visit(void *context, const char *key, const char *value, size_t length)
{
        struct taking *t = context;
        unsigned what = t->rests ? random_below(t->rests, 6) : 5;

        if (what == 0)
                return WALK_AGAIN;
        put_row(t->out, t->kind, key, value, length);
        return what == 1 ? WALK_REST : WALK_ON;
}

/* All at once. */
static void look(void *out, struct store_txn *txn)
{
        MDB_val key, value;
        MDB_cursor *cursor;
        char name[STORE_KEY_MAX + 1];

        for (int k = 0; k < KIND_COUNT; k++) {
                struct taking t = {out, k, NULL};
                ck_assert(store_each(txn, (enum kind)k, NULL, take_row, &t));
        }
        ck_assert_int_eq(mdb_cursor_open(txn->txn, store->serials, &cursor), 0);
        while (!mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
                snprintf(name, sizeof(name), "%.*s", (int)key.mv_size, (const char *)key.mv_data);
                put_row(out, WALK_SERIALS, name, value.mv_data, value.mv_size);
        }
        mdb_cursor_close(cursor);
}

/* All of a walk; `between` (NULL: nothing) is called where it rests. */
static bool walk(struct store_walk *w, struct buffer *out, struct random *rests, void (*between)(void))
{
        enum walk_step step = WALK_ENDED;

        for (int k = 0; k <= WALK_SERIALS && step != WALK_BROKEN; k++) {
                struct taking t = {out, k, rests};
                while ((step = store_walk_step(w, k, take_visit, &t, error, sizeof(error))) == WALK_RESTS)
                        if (between)
                                between();
                if (between)
                        between();
        }
        return step == WALK_ENDED;
}

static void assert_same(const struct buffer *one, const struct buffer *other)
{
        ck_assert_uint_eq(one->length, other->length);
        ck_assert(!memcmp(one->data, other->data, one->length));
}

static void change_some(void)
{
        for (unsigned i = random_below(&rnd, 4); i; i--)
                change(&rnd, 12);
}

START_TEST(a_walk_sees_what_was_there_when_it_began)
{
        for (int i = 0; i < 60; i++)
                change(&rnd, 40);
        for (int run = 0; run < 20; run++) {
                struct buffer wanted = BUFFER_INIT((size_t)1 << 30), got = BUFFER_INIT((size_t)1 << 30);
                struct store_walk *w = store_walk_begin(store, ALL, look, &wanted, error, sizeof(error));
                ck_assert_msg(w != NULL, "%s", error);
                ck_assert_msg(walk(w, &got, &rnd, change_some), "%s", error);
                store_walk_end(w);
                assert_same(&wanted, &got);
                buffer_free(&wanted);
                buffer_free(&got);
        }
}
END_TEST

/* Two at once, of which each has its own revision. */
START_TEST(walks_do_not_know_of_each_other)
{
        struct buffer wanted[2], got[2];
        struct store_walk *w[2];

        for (int i = 0; i < 2; i++) {
                wanted[i] = got[i] = BUFFER_INIT((size_t)1 << 30);
                for (int j = 0; j < 40; j++)
                        change(&rnd, 40);
                w[i] = store_walk_begin(store, ALL, look, &wanted[i], error, sizeof(error));
        }
        for (int i = 1; i >= 0; i--) {
                ck_assert(walk(w[i], &got[i], &rnd, change_some));
                assert_same(&wanted[i], &got[i]);
                store_walk_end(w[i]);
                buffer_free(&wanted[i]);
                buffer_free(&got[i]);
        }
}
END_TEST

static atomic_bool stop;

static void *write_on(void *context)
{
        struct random r;

        random_seed(&r, 7);
        while (!stop)
                change(&r, 12);
        return context;
}

/* Nobody can say what was there when it began but its digest. */
START_TEST(a_backup_in_a_storm_has_the_digest_of_its_revision)
{
        struct arena *a = arena_new(0);
        pthread_t writer;

        for (int i = 0; i < 60; i++)
                change(&rnd, 40);
        stop = false;
        ck_assert(!pthread_create(&writer, NULL, write_on, NULL));
        for (int run = 0; run < 10; run++) {
                struct buffer text = BUFFER_INIT(BACKUP_MAX);
                enum piece piece = PIECE_MORE;
                struct backup backup;
                uint64_t revision;
                struct pieces *p = backup_pieces(store, 5000, &revision, error, sizeof(error));
                ck_assert_msg(p != NULL, "%s", error);
                while (piece == PIECE_MORE) {
                        struct buffer one = BUFFER_INIT(BACKUP_MAX);
                        piece = p->next(p, &one);
                        ck_assert_uint_le(one.length, 2 * PIECE_BYTES + 1000); /* however long a document is */
                        buffer_bytes(&text, one.data, one.length);
                        buffer_free(&one);
                        usleep(random_below(&rnd, 2000)); /* so that others write meanwhile */
                }
                ck_assert_int_eq(piece, PIECE_LAST);
                p->free(p);
                ck_assert_msg(backup_read(text.data, text.length, a, &backup, error, sizeof(error)), "%s", error);
                ck_assert_uint_eq(backup.revision, revision);
                ck_assert_ptr_nonnull(backup.digest);
                ck_assert_msg(backup_digest_check(&backup, error, sizeof(error)), "%s", error);
                for (size_t i = 0; i < backup.count; i++)
                        ck_assert(!kind_is_duty(backup.changes[i].kind));
                buffer_free(&text);
        }
        stop = true;
        pthread_join(writer, NULL);
        arena_free(a);
}
END_TEST

static void change_much(void)
{
        for (int i = 0; i < 100; i++)
                change(&rnd, 40);
}

/* What is kept for one that is broken off goes with it, and others go on. */
START_TEST(a_walk_for_which_too_much_would_be_kept_is_broken_off)
{
        struct buffer out = BUFFER_INIT((size_t)1 << 30);

        change_much();
        store->kept_max = 300000;
        for (int run = 0; run < 5; run++) {
                struct store_walk *w = store_walk_begin(store, ALL, look, &out, error, sizeof(error));
                change_much();
                ck_assert(!walk(w, &out, NULL, NULL));
                ck_assert_msg(strstr(error, "more was changed meanwhile") != NULL, "%s", error);
                store_walk_end(w);
                w = store_walk_begin(store, 1u << KIND_RULES, look, &out, error, sizeof(error));
                change(&rnd, 3);
                buffer_clear(&out);
                struct taking t = {&out, KIND_RULES, NULL};
                ck_assert_int_eq(store_walk_step(w, KIND_RULES, take_visit, &t, error, sizeof(error)), WALK_ENDED);
                store_walk_end(w);
        }
        buffer_free(&out);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("walk");
        TCase *t = tcase_create("walk");

        tcase_add_checked_fixture(t, setup, teardown);
        tcase_add_test(t, a_walk_sees_what_was_there_when_it_began);
        tcase_add_test(t, walks_do_not_know_of_each_other);
        tcase_add_test(t, a_backup_in_a_storm_has_the_digest_of_its_revision);
        tcase_add_test(t, a_walk_for_which_too_much_would_be_kept_is_broken_off);
        suite_add_tcase(s, t);
        return run_suite(s);
}
