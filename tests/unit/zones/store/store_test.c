#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/documents/schema.h"
#include "base/pieces.h"
#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"
#include "zones/load/load.h"
#include "zones/store/owner.h"
#include "zones/store/store_private.h"

static char path[SCRATCH_PATH], error[STORE_ERROR_MAX];
static struct arena *arena;
static struct store *store;

static void setup(void)
{
        scratch_make(path, "store");
        arena = arena_new(0);
        store = scratch_store(path, false);
}

static void teardown(void)
{
        store_close(store);
        arena_free(arena);
        scratch_remove(path);
}

struct collecting {
        enum kind kind;
        bool with_defaults;
        struct doc *list;
};

static bool collect_row(void *context, const char *key, const char *json, size_t length)
{
        struct collecting *c = context;
        struct problems none = PROBLEMS_INIT;
        struct doc *d = doc_parse(arena, json, length, DOC_JSON, &none);

        ck_assert_ptr_nonnull(d);
        doc_add(c->list, NULL, c->with_defaults ? schema_with_defaults(kind_schema(c->kind), d, arena) : d);
        return true;
}

/* What an export is to hold. */
static struct doc *configuration_document(struct store_txn *txn, bool with_defaults)
{
        struct doc *d = doc_new(arena, DOC_MAP);

        doc_add_int(arena, d, "revision", (int64_t)store_revision(txn));
        for (int k = 0; k < KIND_COUNT; k++) {
                struct collecting c = {(enum kind)k, with_defaults, doc_new(arena, DOC_LIST)};
                if (kind_class(c.kind) != CLASS_CONFIGURATION)
                        continue;
                ck_assert(store_each(txn, c.kind, NULL, collect_row, &c));
                if (c.list->count)
                        doc_add(d, kind_name(c.kind), kind_only_key(c.kind) ? doc_copy(arena, c.list->first) : c.list);
        }
        return d;
}

/* All pieces of an export; false: it is broken off. */
static bool exported(bool with_defaults, bool yaml, struct buffer *out)
{
        const struct export_terms terms = {with_defaults, yaml, NULL, NULL};
        enum piece piece = PIECE_MORE;
        uint64_t revision;
        struct pieces *p = configuration_pieces(store, &terms, &revision, error, sizeof(error));

        ck_assert_msg(p != NULL, "%s", error);
        while (piece == PIECE_MORE) {
                struct buffer one = BUFFER_INIT(1 << 24);
                piece = p->next(p, &one);
                if (one.length)
                        buffer_bytes(out, one.data, one.length);
                buffer_free(&one);
        }
        snprintf(error, sizeof(error), "%s", p->error);
        p->free(p);
        return piece == PIECE_LAST;
}

static const struct doc *document(const char *yaml)
{
        struct problems problems = PROBLEMS_INIT;
        const struct doc *d = doc_parse(arena, yaml, strlen(yaml), DOC_YAML, &problems);

        ck_assert_ptr_nonnull(d);
        return d;
}

static int64_t revision_ms = 1000; /* when the next is made */

/* Makes one revision; returns its number, 0 when it could not be written. */
static uint64_t apply(struct store *s, struct change *changes, size_t count)
{
        struct store_txn *txn = store_write(s, error, sizeof(error));

        if (!txn)
                return 0;
        struct revision r = {store_revision(txn) + 1, revision_ms, "test", "a comment", changes, count};
        if (store_apply(txn, &r, error, sizeof(error)))
                return store_commit(txn, error, sizeof(error)) ? r.number : 0;
        store_end(txn);
        return 0;
}

static uint64_t put(enum kind kind, const char *key, const char *yaml)
{
        struct change change = {kind, key, yaml ? document(yaml) : NULL};
        return apply(store, &change, 1);
}

static struct doc *get(enum kind kind, const char *key)
{
        struct store_txn *txn = store_read(store, error, sizeof(error));
        struct doc *d = store_get(txn, kind, key, arena);

        store_end(txn);
        return d;
}

START_TEST(documents_come_back_as_written_and_revisions_count_up)
{
        struct buffer text = BUFFER_INIT(1000);

        ck_assert_uint_eq(put(KIND_REGIONS, "eu", "{name: eu, default: true, match: [continent:EU]}"), 1);
        ck_assert_uint_eq(put(KIND_REGIONS, "us", "{name: us}"), 2);
        doc_write_json(get(KIND_REGIONS, "eu"), &text, 0);
        ck_assert_str_eq(text.data, "{\"name\":\"eu\",\"default\":true,\"match\":[\"continent:EU\"]}");
        buffer_free(&text);
        ck_assert_uint_eq(put(KIND_REGIONS, "us", NULL), 3);
        ck_assert_ptr_null(get(KIND_REGIONS, "us"));
}
END_TEST

static bool visit_nothing(void *context, const char *key, const char *json, size_t length)
{
        return true;
}

static bool visit_again(void *txn, const char *key, const char *json, size_t length)
{
        return store_each(txn, KIND_REGIONS, NULL, visit_nothing, NULL);
}

/* Rather than go on with a cursor that the inner visit has closed. */
START_TEST(a_visit_within_a_visit_is_a_programming_error)
{
        put(KIND_REGIONS, "eu", "{name: eu, default: true}");
        struct store_txn *txn = store_read(store, error, sizeof(error));
        store_each(txn, KIND_REGIONS, NULL, visit_again, txn);
}
END_TEST

START_TEST(history_tells_old_and_new_and_leads_back)
{
        struct change *changes;
        size_t count;

        put(KIND_REGIONS, "eu", "{name: eu}");
        put(KIND_REGIONS, "eu", "{name: eu, default: true}");
        put(KIND_MONITORS, "m", "{name: m, type: http}");
        put(KIND_REGIONS, "eu", NULL);
        struct store_txn *txn = store_read(store, error, sizeof(error));
        struct doc *history = store_history(txn, 0, 10, true, arena);
        ck_assert_uint_eq(history->count, 4);
        struct doc *change = doc_get(history->first->next->next, "changes")->first;
        struct doc *field = doc_get(change, "fields")->first;
        ck_assert_str_eq(doc_get(field, "path")->first->string, "default");
        ck_assert_ptr_null(doc_get(field, "old"));
        ck_assert(doc_get(field, "new")->boolean);
        ck_assert(store_rollback_changes(txn, 1, BACK_CONFIGURATION, arena, &changes, &count, error, sizeof(error)));
        store_end(txn);
        ck_assert_uint_eq(count, 2);
        ck_assert_uint_eq(apply(store, changes, count), 5);
        ck_assert_ptr_null(doc_get(get(KIND_REGIONS, "eu"), "default"));
        ck_assert_ptr_null(get(KIND_MONITORS, "m"));
}
END_TEST

START_TEST(going_back_touches_the_configuration_alone)
{
        struct change *changes;
        size_t count;

        put(KIND_REGIONS, "eu", "{name: eu}");
        put(KIND_DRAINS, "region/eu", "{name: region/eu, since: 2026-01-01T00:00:00Z}");
        put(KIND_DRAINS, "pool/ended", "{name: pool/ended, since: 2026-01-01T00:00:00Z}");
        put(KIND_TOKENS, "t", "{name: t, role: read, hash: x}");
        put(KIND_DRAINS, "pool/ended", NULL);
        put(KIND_MONITORS, "m", "{name: m, type: http}");
        put(KIND_HOLDS, "pool/held", "{name: pool/held, since: 2026-01-01T00:00:00Z}");
        struct store_txn *txn = store_read(store, error, sizeof(error));
        ck_assert(store_rollback_changes(txn, 1, BACK_CONFIGURATION, arena, &changes, &count, error, sizeof(error)));
        store_end(txn);
        ck_assert_uint_eq(count, 1);
        ck_assert_int_eq(changes[0].kind, KIND_MONITORS);
        txn = store_read(store, error, sizeof(error));
        ck_assert(store_rollback_changes(txn, 1, BACK_DRAINS, arena, &changes, &count, error, sizeof(error)));
        store_end(txn);
        ck_assert_uint_eq(count, 3);                      /* and both drains, never tokens */
        ck_assert_int_eq(changes[0].kind, KIND_MONITORS); /* by kind, and by name within one */
        ck_assert_str_eq(changes[1].key, "pool/ended");
        ck_assert_str_eq(changes[2].key, "region/eu");
        for (size_t i = 0; i < count; i++)
                ck_assert_ptr_null(changes[i].document);
        txn = store_read(store, error, sizeof(error));
        ck_assert(store_rollback_changes(txn, 1, BACK_STATE, arena, &changes, &count, error, sizeof(error)));
        store_end(txn);
        ck_assert_uint_eq(count, 4);
        ck_assert_str_eq(changes[3].key, "pool/held");
}
END_TEST

/* A list of 300 elements, of which some changes are made; every revision of it is kept as a few bytes and comes back as
 * it was. */
START_TEST(history_keeps_differences_that_lead_back_to_every_revision)
{
        struct buffer text = BUFFER_INIT(1 << 20);
        struct doc *versions[200];
        unsigned random = 1;

        versions[0] = doc_new(arena, DOC_MAP);
        doc_add_string(arena, versions[0], "name", "z");
        struct doc *list = doc_add_list(arena, versions[0], "records");
        for (int i = 0; i < 300; i++) {
                struct doc *one = doc_add_map(arena, list, NULL);
                doc_add_format(arena, one, "name", "record-%d", i);
                doc_add_format(arena, doc_add_list(arena, one, "data"), NULL, "192.0.2.%d", i % 7);
        }
        for (int v = 0; v < 200; v++) {
                if (v) {
                        versions[v] = doc_copy(arena, versions[v - 1]);
                        list = doc_get(versions[v], "records");
                        for (int edits = 1 + v % 3; edits--;) {
                                struct doc *at = list->first;
                                random = random * 1103515245 + 12345;
                                for (unsigned n = (random >> 8) % list->count; n--;)
                                        at = at->next;
                                if (random >> 28 < 5)
                                        doc_remove(list, at);
                                else if (random >> 28 < 10)
                                        doc_set(at, "ttl", doc_int(arena, v));
                                else
                                        doc_add(list, NULL, doc_copy(arena, at));
                        }
                        if (v % 50 == 0)
                                doc_set(versions[v], "soa", doc_new(arena, v % 100 ? DOC_MAP : DOC_LIST));
                }
                struct change change = {KIND_ZONES, "z", versions[v]};
                ck_assert_uint_eq(apply(store, &change, 1), (uint64_t)v + 1);
        }
        struct store_txn *txn = store_read(store, error, sizeof(error));
        doc_write_json(versions[199], &text, 0);
        uint64_t bytes = 0;
        for (uint64_t n = 2; n <= 200; n++) {
                struct doc *entry = store_history_one(txn, n, arena);
                buffer_clear(&text);
                doc_write_json(entry, &text, 0);
                bytes += text.length;
        }
        ck_assert_uint_lt(bytes / 199, 1000); /* of a document of 15,000 bytes */
        for (int v = 0; v < 200; v += 3) {
                struct change *changes;
                size_t count;
                ck_assert_msg(store_rollback_changes(txn, (uint64_t)v + 1, BACK_CONFIGURATION, arena, &changes, &count,
                                                     error, sizeof(error)),
                              "%s", error);
                ck_assert(count == 1 ? doc_equal(changes[0].document, versions[v]) : v == 199);
        }
        store_end(txn);
        buffer_free(&text);
}
END_TEST

/* The revision that was in force at a time; or 0, and the oldest that is kept. */
static const char *made_by(struct store_txn *txn, int64_t wall_ms)
{
        static char text[60];
        struct revision_time found, oldest;

        ck_assert(store_revision_at(txn, wall_ms, &found, &oldest));
        int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)found.number);
        if (!found.number)
                snprintf(text + n, sizeof(text) - (size_t)n, ", from %llu on", (unsigned long long)oldest.number);
        return text;
}

START_TEST(revisions_are_found_by_their_time)
{
        struct store_txn *txn = store_read(store, error, sizeof(error));

        ck_assert_str_eq(made_by(txn, 5000), "0, from 0 on");
        store_end(txn);
        for (int i = 1; i <= 40; i++) {
                char key[20];
                snprintf(key, sizeof(key), "m%d", i);
                revision_ms = 10000 + i / 2 * 1000; /* two at a time */
                ck_assert_uint_eq(put(KIND_MONITORS, key, "{x: 1}"), (uint64_t)i);
        }
        revision_ms = 1000;
        txn = store_read(store, error, sizeof(error));
        ck_assert_str_eq(made_by(txn, 9999), "0, from 1 on");
        for (int second = 0; second <= 20; second++) {
                char newest[20];
                snprintf(newest, sizeof(newest), "%d", second < 20 ? second * 2 + 1 : 40);
                ck_assert_str_eq(made_by(txn, 10000 + second * 1000), newest);
                ck_assert_str_eq(made_by(txn, 10000 + second * 1000 + 999), newest);
        }
        ck_assert_str_eq(made_by(txn, INT64_MAX), "40");
        store_end(txn);
}
END_TEST

START_TEST(a_clock_that_was_wrong_hides_no_later_revision)
{
        char key[20];

        for (int i = 1; i <= 40; i++) {
                snprintf(key, sizeof(key), "m%d", i);
                revision_ms = i <= 20 ? 900000 : 1000 * i; /* it was ahead, and was set right */
                ck_assert_uint_eq(put(KIND_MONITORS, key, "{x: 1}"), (uint64_t)i);
        }
        revision_ms = 1000;
        struct store_txn *txn = store_read(store, error, sizeof(error));
        ck_assert_str_eq(made_by(txn, 40500), "40");
        ck_assert_str_eq(made_by(txn, 38500), "38");
        ck_assert_str_eq(made_by(txn, 33500), "33");
        store_end(txn);
}
END_TEST

START_TEST(going_back_takes_memory_for_what_changed_and_not_for_how_often)
{
        struct doc *d = doc_new(arena, DOC_MAP), *list = doc_add_list(arena, d, "list");
        struct doc *weight = NULL;
        struct change *changes;
        size_t count;

        for (int i = 0; i < 2000; i++) {
                struct doc *one = doc_add_map(arena, list, NULL);
                doc_add_format(arena, one, "name", "element-%d", i);
                doc_add_int(arena, one, "weight", 1);
                weight = doc_get(one, "weight");
        }
        const struct doc *first = doc_copy(arena, d);
        struct change change = {KIND_POOLS, "p", d};
        for (int i = 1; i <= 200; i++) {
                weight->integer = i;
                ck_assert_uint_eq(apply(store, &change, 1), (uint64_t)i);
        }
        struct arena *a = arena_new(0);
        struct store_txn *txn = store_read(store, error, sizeof(error));
        ck_assert(store_rollback_changes(txn, 1, BACK_CONFIGURATION, a, &changes, &count, error, sizeof(error)));
        store_end(txn);
        ck_assert_uint_eq(count, 1);
        ck_assert(doc_equal(changes[0].document, first));
        ck_assert_uint_lt(arena_size(a), 4u << 20); /* the document takes half a MiB */
        arena_free(a);
}
END_TEST

/* It fails into the caller's handler, with nothing left behind. */
START_TEST(going_back_without_memory_ends_in_the_callers_hands)
{
        struct arena *small = arena_new(64 << 10);
        static jmp_buf failure;
        struct change *changes;
        size_t count;

        for (int i = 1; i <= 40; i++) {
                char key[20], text[2000];
                snprintf(key, sizeof(key), "m%d", i);
                snprintf(text, sizeof(text), "{x: %0*d}", 1500, i);
                put(KIND_MONITORS, key, text);
                put(KIND_MONITORS, key, NULL);
        }
        struct store_txn *txn = store_read(store, error, sizeof(error));
        arena_on_failure(small, &failure);
        if (!setjmp(failure)) {
                store_rollback_changes(txn, 1, BACK_CONFIGURATION, small, &changes, &count, error, sizeof(error));
                ck_abort_msg("it found memory");
        }
        store_end(txn);
        arena_free(small);
}
END_TEST

START_TEST(history_is_bounded_in_bytes_and_keeps_the_newest)
{
        struct change *changes;
        size_t count;
        char big[5000];

        memset(big, 'x', sizeof(big));
        big[sizeof(big) - 1] = '\0';
        store->history_bytes_max = 40000;
        for (int i = 0; i < 50; i++) {
                struct doc *d = doc_new(arena, DOC_MAP);
                doc_add_string(arena, d, "filler", big);
                char key[20];
                snprintf(key, sizeof(key), "m%d", i);
                struct change change = {KIND_MONITORS, key, d};
                ck_assert_uint_eq(apply(store, &change, 1), (uint64_t)i + 1);
        }
        struct store_txn *txn = store_read(store, error, sizeof(error));
        struct doc *kept = store_history(txn, 0, 100, false, arena);
        ck_assert_uint_eq(kept->count, 7);
        ck_assert(store_rollback_changes(txn, 45, BACK_CONFIGURATION, arena, &changes, &count, error, sizeof(error)));
        ck_assert(!store_rollback_changes(txn, 10, BACK_CONFIGURATION, arena, &changes, &count, error, sizeof(error)));
        ck_assert_ptr_nonnull(strstr(error, "no longer in the history"));
        ck_assert_str_eq(made_by(txn, 999), "0, from 44 on");
        ck_assert_str_eq(made_by(txn, 1000), "50");
        store_end(txn);
        store->history_bytes_max = 100;
        ck_assert_uint_eq(put(KIND_MONITORS, "last", "{x: 1}"), 51);
        txn = store_read(store, error, sizeof(error));
        ck_assert_uint_eq(store_history(txn, 0, 100, false, arena)->count, 1);
        store_end(txn);
}
END_TEST

static void put_raw(MDB_txn *txn, MDB_dbi dbi, const void *key, size_t key_size, const void *value, size_t size)
{
        MDB_val k = {key_size, (void *)key}, v = {size, (void *)value};

        ck_assert_int_eq(mdb_put(txn, dbi, &k, &v, 0), 0);
}

START_TEST(a_store_of_the_format_before_is_taken_over_with_its_history)
{
        static const char entry[] =
                "{\"number\":2,\"time\":\"2026-01-01T00:00:00Z\",\"author\":\"a\",\"comment\":\"\",\"count\":1,"
                "\"changes\":[{\"kind\":\"regions\",\"key\":\"eu\",\"old\":{\"name\":\"eu\"},"
                "\"new\":{\"name\":\"eu\",\"default\":true}}]}";
        uint32_t before = 1, newer = STORE_FORMAT + 1;
        uint64_t two = 2;
        struct change *changes;
        size_t count;
        MDB_txn *raw;

        put(KIND_REGIONS, "eu", "{name: eu}");
        put(KIND_REGIONS, "eu", "{name: eu, default: true}");
        ck_assert_int_eq(mdb_txn_begin(store->env, NULL, 0, &raw), 0);
        put_raw(raw, store->history, &two, sizeof(two), entry, strlen(entry));
        put_raw(raw, store->meta, "format", 6, &before, sizeof(before));
        ck_assert_int_eq(mdb_txn_commit(raw), 0);
        store_close(store);
        store = scratch_store(path, false);
        put(KIND_REGIONS, "eu", "{name: eu, default: true, fallback: [us]}");
        struct store_txn *txn = store_read(store, error, sizeof(error));
        ck_assert(store_rollback_changes(txn, 1, BACK_CONFIGURATION, arena, &changes, &count, error, sizeof(error)));
        store_end(txn);
        ck_assert_uint_eq(count, 1);
        ck_assert(doc_equal(changes[0].document, document("{name: eu}")));
        ck_assert_int_eq(mdb_txn_begin(store->env, NULL, 0, &raw), 0);
        put_raw(raw, store->meta, "format", 6, &newer, sizeof(newer));
        ck_assert_int_eq(mdb_txn_commit(raw), 0);
        store_close(store);
        store = store_open(path, false, error, sizeof(error));
        ck_assert_ptr_null(store);
        ck_assert_ptr_nonnull(strstr(error, "newer"));
}
END_TEST

/* The role of a token, as stored. */
static const char *role_of(const char *name)
{
        struct store_txn *txn = store_read(store, error, sizeof(error));
        struct doc *token = store_get(txn, KIND_TOKENS, name, arena);

        store_end(txn);
        return token ? doc_get_string(token, "role") : NULL;
}

START_TEST(tokens_that_operated_edit_after_the_format_is_raised)
{
        static const struct {
                const char *name, *text, *role;
        } tokens[] = {{"a", "{name: a, role: admin, hash: 'sha256:1:2'}", "admin"},
                      {"o", "{name: o, role: operate, hash: 'sha256:3:4'}", "edit"},
                      {"p", "{name: p, role: prober, prober: x, hash: 'sha256:5:6'}", "prober"},
                      {"r", "{name: r, role: read, hash: 'sha256:7:8'}", "read"}};
        uint32_t before = 2;
        MDB_txn *raw;

        for (size_t i = 0; i < 4; i++)
                put(KIND_TOKENS, tokens[i].name, tokens[i].text);
        ck_assert_int_eq(mdb_txn_begin(store->env, NULL, 0, &raw), 0);
        put_raw(raw, store->meta, "format", 6, &before, sizeof(before));
        ck_assert_int_eq(mdb_txn_commit(raw), 0);
        store_close(store);
        store = scratch_store(path, false);
        for (size_t i = 0; i < 4; i++)
                ck_assert_str_eq(role_of(tokens[i].name), tokens[i].role);
        put(KIND_TOKENS, "n", "{name: n, role: operate, hash: 'sha256:9:a'}");
        store_close(store);
        store = store_open(path, false, error, sizeof(error)); /* raised once: who operates now does that alone */
        ck_assert_str_eq(role_of("n"), "operate");
        struct store_txn *txn = store_read(store, error, sizeof(error));
        struct doc *token = store_get(txn, KIND_TOKENS, "o", arena);
        ck_assert(doc_equal(token, document("{name: o, role: edit, hash: 'sha256:3:4'}")));
        ck_assert_uint_eq(store_revision(txn), 5); /* no revision */
        store_end(txn);
}
END_TEST

/* As the program before left it. */
START_TEST(who_only_reads_a_store_without_a_kind_finds_nothing_of_it)
{
        put(KIND_REGIONS, "eu", "{name: eu}");
        struct store_txn *t = store_write(store, error, sizeof(error));
        ck_assert_int_eq(mdb_drop(t->txn, store->kinds[KIND_RULES], 1), 0);
        ck_assert(store_commit(t, error, sizeof(error)));
        store_close(store);
        store = scratch_store(path, true);
        t = store_read(store, error, sizeof(error));
        ck_assert_ptr_null(store_get(t, KIND_RULES, "standing", arena));
        ck_assert(!store_has(t, KIND_RULES, "standing") && !store_holds(t, KIND_RULES, "standing", "{}", 2));
        struct buffer whole = BUFFER_INIT(1 << 20);
        ck_assert(exported(false, false, &whole));
        ck_assert_ptr_nonnull(strstr(whole.data, "\"regions\""));
        ck_assert_ptr_null(strstr(whole.data, "\"rules\""));
        buffer_free(&whole);
        ck_assert(store_is_whole(t, error, sizeof(error)));
        store_end(t);
}
END_TEST

/* Pages of files that count as this process's, in bytes. */
static size_t pages_of_files(void)
{
        unsigned long all, resident, shared;
        FILE *f = fopen("/proc/self/statm", "re");

        ck_assert(f && fscanf(f, "%lu %lu %lu", &all, &resident, &shared) == 3);
        fclose(f);
        return shared * (size_t)sysconf(_SC_PAGESIZE);
}

static bool touch_all(void *context, const char *key, const char *json, size_t length)
{
        size_t *most = context, now = pages_of_files();

        *most = now > *most ? now : *most;
        return json[length - 1] == '}';
}

/* A start reads everything once. */
START_TEST(what_was_read_of_the_file_is_no_memory_of_the_process_afterwards)
{
        enum { MANY = 700, EACH = 32 << 10 }; /* 22 MB */
        struct change *changes = ARENA_ARRAY(arena, struct change, MANY);
        char *text = arena_alloc(arena, EACH + 1);
        size_t most = 0;

        memset(text, 'x', EACH);
        for (int i = 0; i < MANY; i++) {
                struct doc *d = doc_new(arena, DOC_MAP);
                doc_add_string(arena, d, "name", text);
                changes[i] = (struct change){KIND_MONITORS, arena_printf(arena, "m%03d", i), d};
        }
        ck_assert_uint_gt(apply(store, changes, MANY), 0);
        store_close(store);
        store = store_open(path, false, error, sizeof(error));
        size_t before = pages_of_files();
        struct store_txn *txn = store_read(store, error, sizeof(error));
        ck_assert(store_each(txn, KIND_MONITORS, NULL, touch_all, &most));
        store_end(txn);
        ck_assert_uint_gt(most, before + MANY * EACH / 2); /* that it would show */
        ck_assert_uint_lt(pages_of_files(), before + MANY * EACH / 4);
        ck_assert_ptr_nonnull(get(KIND_MONITORS, "m699")); /* and it is there all the same */
}
END_TEST

/* As text, item by item, just what the whole is as a document: with kinds that are empty, of one item, of many. */
START_TEST(the_configuration_is_written_as_its_document_is)
{
        enum { MANY = 450 };
        struct change *changes = ARENA_ARRAY(arena, struct change, MANY);

        for (int count = 0; count <= MANY; count = count ? count * 30 : 1) { /* 0, 1, 30: then all */
                if (count > 30)
                        count = MANY;
                for (int i = 0; i < count; i++) {
                        char *key = arena_printf(arena, "p%03d", i);
                        changes[i] = (struct change){
                                KIND_POOLS, key,
                                document(arena_printf(arena,
                                                      "{name: %s, region: eu, labels: [a, 'b: c'], endpoints: "
                                                      "[{address: 192.0.2.%d}, 'host.example']}",
                                                      key, i % 250))};
                }
                if (count)
                        ck_assert_uint_gt(apply(store, changes, (size_t)count), 0);
                if (count == 30)
                        put(KIND_RULES, "standing", "{drains: {max_for: 2h}}");
                put(KIND_DRAINS, "pool/p000", "{name: pool/p000, since: 2026-01-31T12:00:00Z}"); /* no part of it */
                struct store_txn *t = store_read(store, error, sizeof(error));
                for (int way = 0; way < 4; way++) {
                        bool defaults = way & 1, yaml = way & 2;
                        struct buffer text = BUFFER_INIT(1 << 24), whole = BUFFER_INIT(1 << 24);
                        const struct doc *d = configuration_document(t, defaults);
                        ck_assert(exported(defaults, yaml, &text));
                        if (yaml)
                                doc_write_yaml(d, &whole);
                        else
                                doc_write_json(d, &whole, 0);
                        buffer_text(&whole, yaml ? "" : "\n");
                        ck_assert_str_eq(text.data, whole.data);
                        ck_assert_uint_eq(text.length, whole.length);
                        buffer_free(&text);
                        buffer_free(&whole);
                }
                store_end(t);
        }
}
END_TEST

static uint64_t history_bytes(struct store_txn *t)
{
        MDB_val key = {strlen(HISTORY_BYTES_KEY), HISTORY_BYTES_KEY}, value;
        uint64_t bytes;

        ck_assert_int_eq(mdb_get(t->txn, store->meta, &key, &value), 0);
        memcpy(&bytes, value.mv_data, sizeof(bytes));
        return bytes;
}

START_TEST(what_was_forced_stands_in_the_history_and_counts)
{
        struct change change = {KIND_REGIONS, "us", document("{name: us}")};
        struct revision r = {2, 1000, "ann", "", &change, 1};

        put(KIND_REGIONS, "eu", "{name: eu}");
        struct store_txn *t = store_write(store, error, sizeof(error));
        uint64_t before = history_bytes(t);
        ck_assert(store_apply(t, &r, error, sizeof(error)));
        ck_assert(store_forced(t, 2, "it burns", document("[a rule]"), error, sizeof(error)));
        MDB_val key = {sizeof(r.number), &r.number}, value;
        ck_assert_int_eq(mdb_get(t->txn, store->history, &key, &value), 0);
        ck_assert_uint_eq(history_bytes(t), before + value.mv_size);
        ck_assert(store_commit(t, error, sizeof(error)));
        t = store_read(store, error, sizeof(error));
        struct doc *entry = store_history_one(t, 2, arena);
        ck_assert_str_eq(doc_get_string(entry, "reason"), "it burns");
        ck_assert_str_eq(doc_get(entry, "forced")->first->string, "a rule");
        ck_assert_ptr_null(doc_get(store_history_one(t, 1, arena), "forced"));
        struct change *back;
        size_t count;
        ck_assert(store_rollback_changes(t, 1, BACK_CONFIGURATION, arena, &back, &count, error, sizeof(error)));
        ck_assert(count == 1 && !strcmp(back[0].key, "us") && !back[0].document);
        store_end(t);
}
END_TEST

START_TEST(a_store_takes_what_the_disk_does)
{
        char *big = malloc(1 << 20), key[20];
        struct doc *d = doc_new(arena, DOC_MAP);

        memset(big, 'x', 1 << 20);
        big[(1 << 20) - 1] = '\0';
        doc_add_string(arena, d, "filler", big);
        for (int i = 0; i < 60; i++) { /* each twice: document and history */
                snprintf(key, sizeof(key), "m%d", i);
                struct change change = {KIND_MONITORS, key, d};
                ck_assert_msg(apply(store, &change, 1) == (uint64_t)i + 1, "%s", error);
        }
        ck_assert_ptr_nonnull(get(KIND_MONITORS, "m59"));
        free(big);
}
END_TEST

START_TEST(a_second_process_reads_while_the_first_writes)
{
        int to_child[2], to_parent[2];
        char c;

        put(KIND_REGIONS, "eu", "{name: eu}");
        ck_assert(!pipe(to_child) && !pipe(to_parent));
        pid_t child = fork();
        if (!child) {
                struct store *reader = store_open(path, true, error, sizeof(error));
                struct store_txn *txn = reader ? store_read(reader, error, sizeof(error)) : NULL;
                bool good = txn && store_revision(txn) == 1;
                if (txn)
                        store_end(txn);
                good = good && write(to_parent[1], "a", 1) == 1 && read(to_child[0], &c, 1) == 1;
                txn = good ? store_read(reader, error, sizeof(error)) : NULL;
                good = good && txn && store_revision(txn) == 2;
                if (txn)
                        store_end(txn);
                store_close(reader);
                _exit(good ? 0 : 1);
        }
        ck_assert_int_eq(read(to_parent[0], &c, 1), 1);
        ck_assert_uint_eq(put(KIND_REGIONS, "us", "{name: us}"), 2);
        ck_assert_int_eq(write(to_child[1], "b", 1), 1);
        int status;
        waitpid(child, &status, 0);
        ck_assert_int_eq(status, 0);
}
END_TEST

/* Writes revisions of two documents each and tells each number once it is acknowledged, until it is killed. */
static void write_until_killed(int fd)
{
        struct store *s = store_open(path, false, error, sizeof(error));
        char a[24], b[24];

        for (uint64_t n = 0; s; n++) {
                snprintf(a, sizeof(a), "%d-%llu-a", (int)getpid(), (unsigned long long)n);
                snprintf(b, sizeof(b), "%d-%llu-b", (int)getpid(), (unsigned long long)n);
                struct change changes[] = {{KIND_MONITORS, a, document("{x: 1}")},
                                           {KIND_MONITORS, b, document("{x: 2}")}};
                uint64_t number = apply(s, changes, 2);
                if (!number || write(fd, &number, sizeof(number)) != sizeof(number))
                        _exit(1);
        }
        _exit(1);
}

START_TEST(kill_at_any_instant_loses_no_acknowledged_revision)
{
        store_close(store);
        store = NULL;
        for (int round = 0; round < 15; round++) {
                uint64_t number, last = 0;
                int fds[2];
                ck_assert(!pipe(fds));
                pid_t child = fork();
                if (!child)
                        write_until_killed(fds[1]);
                close(fds[1]);
                for (int i = 0; i < 3 + round && read(fds[0], &number, sizeof(number)) == sizeof(number); i++)
                        last = number;
                kill(child, SIGKILL);
                waitpid(child, NULL, 0);
                while (read(fds[0], &number, sizeof(number)) == sizeof(number))
                        last = number;
                close(fds[0]);
                store = store_open(path, false, error, sizeof(error));
                ck_assert_msg(store != NULL, "%s", error);
                struct store_txn *txn = store_read(store, error, sizeof(error));
                ck_assert_uint_ge(store_revision(txn), last);
                for (uint64_t n = 1; n <= store_revision(txn); n++) {
                        struct doc *entry = store_history_one(txn, n, arena);
                        ck_assert_msg(entry != NULL, "revision %llu is gone", (unsigned long long)n);
                        doc_each (change, doc_get(entry, "changes"))
                                ck_assert_ptr_nonnull(
                                        store_get(txn, KIND_MONITORS, doc_get_string(change, "key"), arena));
                }
                store_end(txn);
                store_close(store);
                store = NULL;
        }
}
END_TEST

START_TEST(a_store_that_cannot_be_made_is_named)
{
        ck_assert_ptr_null(store_open("/proc/nowhere", false, error, sizeof(error)));
        ck_assert_ptr_nonnull(strstr(error, "/proc/nowhere"));
}
END_TEST

START_TEST(a_store_has_one_owner_and_names_it)
{
        char pid[24], who[STORE_ERROR_MAX];

        snprintf(pid, sizeof(pid), "process %d", (int)getpid());
        ck_assert_ptr_null(store_open(path, false, error, sizeof(error)));
        ck_assert_msg(strstr(error, path) && strstr(error, pid), "%s", error);
        ck_assert(owner_taken(path, who, sizeof(who)));
        ck_assert_str_eq(who, error);
        store_close(store);
        ck_assert(!owner_taken(path, who, sizeof(who)));
        store = store_open(path, false, error, sizeof(error));
        ck_assert_ptr_nonnull(store);
}
END_TEST

static void put_regions(int count)
{
        char key[30], yaml[60];

        for (int i = 0; i < count; i++) {
                snprintf(key, sizeof(key), "region-number-%04d", i);
                snprintf(yaml, sizeof(yaml), "{name: %s}", key);
                put(KIND_REGIONS, key, yaml);
        }
}

static FILE *open_data(const char *mode)
{
        char file[100];

        snprintf(file, sizeof(file), "%s/data.mdb", path);
        FILE *f = fopen(file, mode);
        ck_assert_ptr_nonnull(f);
        return f;
}

START_TEST(a_store_that_was_cut_is_refused_with_a_word)
{
        struct stat data;

        put_regions(300);
        store_close(store);
        FILE *f = open_data("r+");
        ck_assert(!fstat(fileno(f), &data));
        for (int i = 2; i >= 0; i--) { /* the middle, two pages, nothing */
                ck_assert(!ftruncate(fileno(f), i == 2 ? data.st_size / 2 : i * 8192));
                for (int read_only = 0; read_only < 2; read_only++) {
                        store = store_open(path, read_only, error, sizeof(error));
                        ck_assert_ptr_null(store);
                        ck_assert_msg(strstr(error, "damaged") && strstr(error, "backup"), "%s", error);
                }
        }
        fclose(f);
}
END_TEST

START_TEST(a_file_that_is_no_store_is_refused_with_a_word)
{
        store_close(store);
        FILE *f = open_data("w");
        for (int i = 0; i < 20000; i++)
                putc(i * 7919 >> 3, f);
        fclose(f);
        store = store_open(path, false, error, sizeof(error));
        ck_assert_ptr_null(store);
        ck_assert_msg(strstr(error, "damaged") && strstr(error, "backup"), "%s", error);
}
END_TEST

/* Lets the last branch of every page that has any lead nowhere. A page: number 8, pad 2, flags 2 (1: it has branches),
 * lower 2; then 2 for the place of each node; a node begins with the number of its page, 2, 2 and 2 bytes. */
static int cut_branches(void)
{
        FILE *f = open_data("r+");
        unsigned char page[4096];
        int cut = 0;

        for (long at = 2 * 4096; !fseek(f, at, SEEK_SET) && fread(page, 1, sizeof(page), f) == sizeof(page);
             at += 4096) {
                uint16_t flags, lower, node;
                memcpy(&flags, page + 10, 2);
                memcpy(&lower, page + 12, 2);
                if (flags != 1)
                        continue;
                memcpy(&node, page + lower - 2, 2);
                memset(page + node, 0x7f, 4);
                fseek(f, at, SEEK_SET);
                ck_assert_uint_eq(fwrite(page, 1, sizeof(page), f), sizeof(page));
                cut++;
        }
        fclose(f);
        return cut;
}

START_TEST(a_store_that_cannot_be_read_to_the_end_is_no_shorter_configuration)
{
        struct problems problems = PROBLEMS_INIT;
        struct change *changes;
        size_t count = 0;

        ck_assert_int_eq(sysconf(_SC_PAGESIZE), 4096);
        put_regions(300);
        store_close(store);
        ck_assert_int_gt(cut_branches(), 0);
        store = scratch_store(path, true);
        struct store_txn *txn = store_read(store, error, sizeof(error));
        ck_assert(store_is_whole(txn, error, sizeof(error)));
        ck_assert_ptr_null(model_load(txn, NULL, &problems));
        ck_assert_str_eq(problems.list[0].path, "regions");
        ck_assert_ptr_nonnull(strstr(problems.list[0].message, "cannot be read"));
        ck_assert(!store_is_whole(txn, error, sizeof(error)));
        struct buffer text = BUFFER_INIT(1 << 20);
        for (int way = 0; way < 4; way++) {
                ck_assert(!exported(way & 1, way & 2, &text));
                ck_assert_ptr_nonnull(strstr(error, "cannot be read"));
        }
        buffer_free(&text);
        ck_assert(!changes_prune(txn, 1u << KIND_REGIONS, arena, &changes, &count));
        store_end(txn);
        problems_free(&problems);
}
END_TEST

static const char *problem_at(const struct problems *p, const char *place)
{
        for (size_t i = 0; i < p->count; i++)
                if (!strcmp(p->list[i].path, place))
                        return p->list[i].message;
        return NULL;
}

START_TEST(what_can_be_loaded_of_a_configuration_that_is_not_valid_is_loaded)
{
        struct problems left_out = PROBLEMS_INIT, again = PROBLEMS_INIT, problems = PROBLEMS_INIT;
        MDB_txn *raw;

        put(KIND_REGIONS, "eu", "{name: eu, default: true, match: [continent:EU, continent:NOWHERE]}");
        put(KIND_MONITORS, "m", "{name: m, type: http}");
        put(KIND_POOLS, "good", "{name: good, region: eu, monitor: m, endpoints: [{name: a, address: 192.0.2.1}]}");
        put(KIND_POOLS, "half",
            "{name: half, region: eu, endpoints: [{name: a, address: 192.0.2.1}, {name: b, address: 1}]}");
        put(KIND_POOLS, "lost", "{name: lost, region: eu, endpoints: [{name: a, address: 192.0.2.1}]}");
        put(KIND_ZONES, "z.example", "{name: z.example, ns: [ns.example.net]}");
        put(KIND_SERVICES, "s.z.example", "{name: s.z.example, ttl: ten, pools: [lost, good, half]}");
        ck_assert_int_eq(mdb_txn_begin(store->env, NULL, 0, &raw), 0);
        put_raw(raw, store->kinds[KIND_MONITORS], "m", 1, "{", 1);
        put_raw(raw, store->kinds[KIND_POOLS], "lost", 4, "[1]", 3);
        ck_assert_int_eq(mdb_txn_commit(raw), 0);
        struct store_txn *txn = store_read(store, error, sizeof(error));
        struct model *m = model_load_rest(txn, NULL, NULL, &left_out, &problems);
        char *text = problems_text(&problems);
        ck_assert_msg(m != NULL, "%s", text);
        free(text);
        ck_assert_uint_eq(m->count[KIND_MONITORS], 0);
        ck_assert_uint_eq(m->count[KIND_POOLS], 2);
        ck_assert_uint_eq(m->endpoint_count, 2);
        ck_assert_uint_eq(m->regions[0]->match.count, 1);
        ck_assert_uint_eq(m->services[0]->pools.count, 2);
        ck_assert_int_eq(m->services[0]->ttl, 30);
        ck_assert_ptr_nonnull(problem_at(&left_out, "monitors[m]"));
        ck_assert_ptr_nonnull(problem_at(&left_out, "pools[half].endpoints[1].address"));
        ck_assert_ptr_nonnull(problem_at(&left_out, "services[s.z.example].ttl"));
        model_free(m);
        /* The same again is put up with; a mistake more is not, and is the only one that is told. */
        m = model_load_rest(txn, NULL, &left_out, &again, &problems);
        ck_assert(m != NULL && problems.count == 0 && again.count == left_out.count);
        model_free(m);
        store_end(txn);
        put(KIND_REGIONS, "us", "{name: us, fallback: [none]}");
        txn = store_read(store, error, sizeof(error));
        ck_assert_ptr_null(model_load_rest(txn, NULL, &left_out, &again, &problems));
        ck_assert_uint_eq(problems.count, 1);
        ck_assert_ptr_nonnull(strstr(problems.list[0].path, "regions[us].fallback"));
        store_end(txn);
        problems_free(&left_out);
        problems_free(&again);
        problems_free(&problems);
}
END_TEST

START_TEST(a_configuration_beyond_its_memory_is_refused_and_not_an_abort)
{
        struct problems problems = PROBLEMS_INIT;
        char key[30], yaml[60];

        for (int i = 0; i < 200; i++) {
                snprintf(key, sizeof(key), "region-number-%d", i);
                snprintf(yaml, sizeof(yaml), "{name: %s}", key);
                put(KIND_REGIONS, key, yaml);
        }
        struct store_txn *txn = store_read(store, error, sizeof(error));
        ck_assert_ptr_null(model_load_limited(txn, NULL, 20000, &problems));
        ck_assert_ptr_nonnull(strstr(problems.list[0].message, "memory"));
        problems_free(&problems);
        struct model *m = model_load(txn, NULL, &problems);
        ck_assert_ptr_nonnull(m);
        model_free(m);
        store_end(txn);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("store");
        TCase *t = tcase_create("store");

        tcase_set_timeout(t, 120);
        tcase_add_checked_fixture(t, setup, teardown);
        tcase_add_test(t, documents_come_back_as_written_and_revisions_count_up);
        tcase_add_test_raise_signal(t, a_visit_within_a_visit_is_a_programming_error, SIGABRT);
        tcase_add_test(t, history_tells_old_and_new_and_leads_back);
        tcase_add_test(t, going_back_touches_the_configuration_alone);
        tcase_add_test(t, history_keeps_differences_that_lead_back_to_every_revision);
        tcase_add_test(t, a_clock_that_was_wrong_hides_no_later_revision);
        tcase_add_test(t, going_back_takes_memory_for_what_changed_and_not_for_how_often);
        tcase_add_test(t, going_back_without_memory_ends_in_the_callers_hands);
        tcase_add_test(t, revisions_are_found_by_their_time);
        tcase_add_test(t, history_is_bounded_in_bytes_and_keeps_the_newest);
        tcase_add_test(t, a_store_of_the_format_before_is_taken_over_with_its_history);
        tcase_add_test(t, tokens_that_operated_edit_after_the_format_is_raised);
        tcase_add_test(t, who_only_reads_a_store_without_a_kind_finds_nothing_of_it);
        tcase_add_test(t, the_configuration_is_written_as_its_document_is);
        tcase_add_test(t, what_was_read_of_the_file_is_no_memory_of_the_process_afterwards);
        tcase_add_test(t, what_was_forced_stands_in_the_history_and_counts);
        tcase_add_test(t, a_store_takes_what_the_disk_does);
        tcase_add_test(t, a_second_process_reads_while_the_first_writes);
        tcase_add_test(t, kill_at_any_instant_loses_no_acknowledged_revision);
        tcase_add_test(t, a_store_that_cannot_be_made_is_named);
        tcase_add_test(t, a_store_has_one_owner_and_names_it);
        tcase_add_test(t, a_store_that_was_cut_is_refused_with_a_word);
        tcase_add_test(t, a_file_that_is_no_store_is_refused_with_a_word);
        tcase_add_test(t, a_store_that_cannot_be_read_to_the_end_is_no_shorter_configuration);
        tcase_add_test(t, what_can_be_loaded_of_a_configuration_that_is_not_valid_is_loaded);
        tcase_add_test(t, a_configuration_beyond_its_memory_is_refused_and_not_an_abort);
        suite_add_tcase(s, t);
        return run_suite(s);
}
