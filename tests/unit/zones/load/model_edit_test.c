#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/memory.h"
#include "base/random.h"
#include "tests/unit/model_text.h"
#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"
#include "zones/load/load.h"
#include "zones/load/model_edit.h"
#include "zones/load/serials.h"
#include "zones/load/serials_edit.h"

#define TEXT_MAX  ((size_t)1 << 26)
#define EDITS_MAX 4

/* A store, the model of it that edits go to, and what is random. */
struct bench {
        char path[SCRATCH_PATH];
        struct store *store;
        struct model *model;
        struct random random;
        unsigned taken, refused; /* edits */
};

static char *text_of(const struct model *m)
{
        struct buffer b = BUFFER_INIT(TEXT_MAX);

        model_text(m, &b);
        return buffer_take(&b);
}

static void ck_same_text(const char *a, const char *b, const char *what)
{
        size_t at = 0, from;

        while (a[at] && a[at] == b[at])
                at++;
        for (from = at; from && a[from - 1] != '\n'; from--)
                ;
        ck_assert_msg(a[at] == b[at], "%s: from\n%.1000s\ngot\n%.1000s", what, b + from, a + from);
}

/* --- documents --- */

static struct change change_of(struct arena *a, enum kind kind, const char *yaml)
{
        struct problems problems = PROBLEMS_INIT;
        struct doc *d = doc_parse(a, yaml, strlen(yaml), DOC_YAML, &problems);
        char key[1100];

        ck_assert_msg(d != NULL, "%s: %s", yaml, problems.count ? problems.list[0].message : "");
        ck_assert(kind_key(kind, d, key, sizeof(key), &problems));
        return (struct change){kind, arena_strdup(a, key), d};
}

static uint64_t draw(struct bench *b, uint64_t n)
{
        return random_below(&b->random, (uint32_t)n);
}

static const char *one_of(struct bench *b, const char *const *list)
{
        unsigned n = 0;

        while (list[n])
                n++;
        return list[draw(b, n)];
}

static const char *const zone_names[] = {"a.example", "b.example", "sub.a.example", "deep.sub.a.example", NULL};
static const char *const service_names[] = {
        "w.a.example",  "x.a.example", "a.example",   "w.sub.a.example", "w.deep.sub.a.example", "ns.sub.a.example",
        "ns.a.example", "w.b.example", "x.b.example", "sub.a.example",   "w.other.example",      NULL};
static const char *const owners[] = {"w", "x", "ns", "'@'", "w.sub", "'*'", "sub", "w.deep", "'*.sub'", NULL};

/* The key of something of a kind that is there, mostly; else whatever `other` says. */
static const char *existing(struct bench *b, enum kind kind, const char *other)
{
        const struct model *m = b->model;
        char scratch[PREFIX_TEXT_MAX];

        for (unsigned tries = draw(b, 15) ? 20 : 0; tries--;) {
                uint32_t i = m->count[kind] ? (uint32_t)draw(b, m->count[kind]) : 0;
                if (i < m->count[kind] && m->items[kind][i])
                        return model_key(kind, m->items[kind][i], scratch);
        }
        return other;
}

static void endpoints_yaml(struct bench *b, struct buffer *out)
{
        static const char *const monitors[] = {"",
                                               "",
                                               "",
                                               "",
                                               ", monitor: web",
                                               ", monitor: {rise: 4}",
                                               ", monitor: {name: web, path: /own}",
                                               ", port: 99, monitor: tcp",
                                               "",
                                               "",
                                               "",
                                               "",
                                               "",
                                               ", monitor: tcp",
                                               NULL};

        buffer_text(out, "endpoints: [");
        for (unsigned e = 0, n = (unsigned)draw(b, 5), from = (unsigned)draw(b, 4); e < n; e++) {
                unsigned name = draw(b, 50) ? from + e : 0;
                buffer_printf(out, "{name: e%u, weight: %d, enabled: %s", name, (int)draw(b, 50) - 50 * !draw(b, 150),
                              draw(b, 8) ? "true" : "false");
                if (draw(b, 12))
                        buffer_printf(out, ", address: 192.0.2.%u", draw(b, 60) ? name + 1 : 1);
                else
                        buffer_printf(out, ", address: h%u.example.net", name);
                buffer_printf(out, "%s}, ", one_of(b, monitors));
        }
        buffer_text(out, "]");
}

static void pool_yaml(struct bench *b, struct buffer *out)
{
        static const char *const monitors[] = {"monitor: web, ", "monitor: web, ", "",
                                               "monitor: {name: web, rise: 7}, ", NULL};

        buffer_printf(out, "{name: p%u, region: %s, %s", (unsigned)draw(b, 10), draw(b, 40) ? "us" : "asia",
                      draw(b, 25) ? one_of(b, monitors) : "monitor: wev, ");
        if (draw(b, 3))
                endpoints_yaml(b, out);
        else
                buffer_printf(out, "service: %s", existing(b, KIND_SERVICES, one_of(b, service_names)));
        buffer_text(out, "}");
}

static void service_yaml(struct bench *b, struct buffer *out)
{
        const char *first = existing(b, KIND_POOLS, "p0");

        buffer_printf(out, "{name: %s, ttl: %u, pools: [", one_of(b, service_names), 1 + (unsigned)draw(b, 100));
        for (unsigned i = 0, n = 1 + !draw(b, 3); i < n; i++)
                buffer_printf(out, "{pool: %s, weight: %u}, ", i ? existing(b, KIND_POOLS, "p1") : first, i + 1);
        buffer_text(out, "]");
        if (!draw(b, 6))
                buffer_printf(out, ", when_all_down: last_resort, last_resort: %s", existing(b, KIND_POOLS, "p5"));
        if (!draw(b, 3))
                buffer_text(out, ", flatten: true");
        if (!draw(b, 8))
                buffer_text(out, ", enabled: false");
        if (!draw(b, 6))
                buffer_text(out, ", overrides: [{match: [country:DE], regions: [us, eu]}]");
        if (!draw(b, 3))
                buffer_printf(out, ", https: [{priority: 1, target: %s, hints: true, params: 'alpn=h2'}]",
                              draw(b, 3) ? one_of(b, service_names) : "'.'");
        if (!draw(b, 8))
                buffer_printf(out, ", svcb: [{priority: 0, target: %s}]", one_of(b, service_names));
        buffer_text(out, "}");
}

static void zone_yaml(struct bench *b, struct buffer *out)
{
        static const char *const types[] = {"TXT", "TXT", "A", "HTTPS", "CNAME", NULL};
        static const char *const data[] = {"some", "other", "192.0.2.77", "1 .", "c.example.net.", NULL};
        const char *name = one_of(b, zone_names);

        buffer_printf(out, "{name: %s, ns: [ns.%s], ttl: %u, records: [", name, draw(b, 3) ? "example.net" : name,
                      60 + (unsigned)draw(b, 2));
        for (unsigned i = 0, n = (unsigned)draw(b, 4); i < n; i++) {
                unsigned type = draw(b, 2) ? 0 : (unsigned)draw(b, 5);
                buffer_printf(out, "{name: %s, type: %s, data: ['%s']}, ", one_of(b, owners), types[type], data[type]);
        }
        buffer_printf(out, "]%s}", draw(b, 12) ? "" : ", soa: {serial: 4000}");
}

static void yaml_of(struct bench *b, enum kind kind, struct buffer *out)
{
        if (kind == KIND_POOLS)
                pool_yaml(b, out);
        else if (kind == KIND_SERVICES)
                service_yaml(b, out);
        else if (kind == KIND_ZONES)
                zone_yaml(b, out);
        else if (kind == KIND_TOKENS)
                buffer_printf(out,
                              "{name: t%u, role: prober, prober: %s, hash: 'sha256:00112233445566778899aabbccddeeff:"
                              "%064u'}",
                              (unsigned)draw(b, 3), draw(b, 4) ? "here" : "nowhere", (unsigned)draw(b, 9));
        else
                buffer_printf(out, "{name: m%u, type: tcp, port: %u}", (unsigned)draw(b, 500),
                              1 + (unsigned)draw(b, 9));
}

static struct change random_change(struct bench *b, struct arena *a)
{
        static const enum kind kinds[] = {KIND_POOLS,    KIND_POOLS,    KIND_POOLS, KIND_POOLS,  KIND_SERVICES,
                                          KIND_SERVICES, KIND_SERVICES, KIND_ZONES, KIND_TOKENS, KIND_MONITORS};
        enum kind kind = kinds[draw(b, sizeof(kinds) / sizeof(*kinds))];
        struct buffer yaml = BUFFER_INIT(TEXT_MAX);

        yaml_of(b, kind, &yaml);
        struct change c = change_of(a, kind, yaml.data);
        if (!draw(b, 8))
                c.document = NULL;
        buffer_free(&yaml);
        return c;
}

/* One to three changes of different items, none of a monitor that is there. */
static size_t random_changes(struct bench *b, struct arena *a, struct change out[3])
{
        size_t count = 0, wanted = 1 + (size_t)draw(b, 3);

        while (count < wanted) {
                struct change c = random_change(b, a);
                bool good = c.kind != KIND_MONITORS || model_find(b->model, c.kind, c.key) == MODEL_NONE;
                for (size_t i = 0; i < count; i++)
                        good &= out[i].kind != c.kind || strcmp(out[i].key, c.key);
                if (good)
                        out[count++] = c;
        }
        return count;
}

/* --- the store beside it --- */

static struct store_txn *begin(struct bench *b)
{
        char error[STORE_ERROR_MAX];
        struct store_txn *txn = store_write(b->store, error, sizeof(error));

        ck_assert_msg(txn != NULL, "%s", error);
        return txn;
}

static void apply(struct store_txn *txn, struct change *changes, size_t count)
{
        struct revision r = {.number = store_revision(txn) + 1,
                             .time_ms = 1,
                             .author = "test",
                             .comment = "",
                             .changes = changes,
                             .change_count = count};
        char error[STORE_ERROR_MAX];

        ck_assert_msg(store_apply(txn, &r, error, sizeof(error)), "%s", error);
}

static void keep_serials(struct store_txn *txn, struct model *m)
{
        struct arena *a = arena_new(0);
        char error[STORE_ERROR_MAX];
        size_t count;
        const struct serial_change *list = serials_raise(txn, m, NULL, 0, a, &count);

        for (size_t i = 0; i < count; i++)
                ck_assert_msg(store_serial_set(txn, list[i].zone, &list[i].serial, error, sizeof(error)), "%s", error);
        arena_free(a);
}

static void bench_open(struct bench *b, uint64_t seed)
{
        static const char *const begin_with[] = {"{name: eu, default: true}",         "{name: us}",
                                                 "{name: web, type: http, port: 80}", "{name: tcp, type: tcp}",
                                                 "{name: here, region: eu}",          NULL};
        static const enum kind kinds[] = {KIND_REGIONS, KIND_REGIONS, KIND_MONITORS, KIND_MONITORS, KIND_PROBERS};
        struct problems problems = PROBLEMS_INIT;
        char error[STORE_ERROR_MAX];
        struct arena *a = arena_new(0);
        struct change changes[5];

        random_seed(&b->random, seed);
        scratch_make(b->path, "edit");
        b->store = scratch_store(b->path, false);
        for (unsigned i = 0; begin_with[i]; i++)
                changes[i] = change_of(a, kinds[i], begin_with[i]);
        struct store_txn *txn = begin(b);
        apply(txn, changes, 5);
        b->model = model_load(txn, NULL, &problems);
        ck_assert_ptr_nonnull(b->model);
        keep_serials(txn, b->model);
        ck_assert(store_commit(txn, error, sizeof(error)));
        arena_free(a);
}

static void bench_close(struct bench *b)
{
        model_free(b->model);
        store_close(b->store);
        scratch_remove(b->path);
}

/* --- an edit against a whole load --- */

static char *problems_told(const struct problems *p)
{
        char *text = problems_text(p);

        ck_assert_msg(p->count > 0, "refused without a word");
        return text;
}

/* The text of what a whole load makes of the store as it is in the transaction; NULL with its problems. */
static char *whole_text(struct store_txn *txn, char **problems)
{
        struct problems found = PROBLEMS_INIT;
        struct model *m = model_load(txn, NULL, &found);
        char *text = NULL;

        if (m) {
                keep_serials(txn, m);
                text = text_of(m);
        } else {
                *problems = problems_told(&found);
        }
        model_free(m);
        problems_free(&found);
        return text;
}

/* The edit, installed, when it is one; both paths say the same. `text` is that of the model, and becomes the new one.
 */
static struct model_edit *edit_both(struct bench *b, struct store_txn *txn, struct change *changes, size_t count,
                                    char **text)
{
        struct problems problems = PROBLEMS_INIT;
        bool whole;
        struct model_edit *e = model_edit_new(b->model, changes, count, &whole, &problems);
        char *why = NULL;

        ck_assert(!whole);
        apply(txn, changes, count);
        if (e)
                serials_edit(txn, b->model, e, store_revision(txn));
        char *wanted = whole_text(txn, &why);
        char *now = text_of(b->model);
        if (wanted) {
                ck_assert_msg(e != NULL, "refused: %s", problems.count ? problems.list[0].message : "");
                ck_same_text(now, wanted, "a whole load and an edit differ");
                b->taken++;
        } else {
                ck_assert_msg(!e, "taken, though %s", why);
                char *said = problems_told(&problems);
                ck_assert_str_eq(said, why);
                free(said);
                ck_same_text(now, *text, "a refused edit left something behind");
                b->refused++;
        }
        free(why);
        free(wanted);
        free(*text);
        *text = now;
        problems_free(&problems);
        return e;
}

static void uninstall_all(struct bench *b, struct model_edit **edits, char **before, unsigned count)
{
        while (count--) {
                model_edit_uninstall(b->model, edits[count]);
                char *text = text_of(b->model);
                ck_same_text(text, before[count], "out again");
                free(text);
        }
}

static void install_all(struct bench *b, struct model_edit **edits, unsigned count, const char *wanted)
{
        for (unsigned i = 0; i < count; i++)
                model_edit_install(b->model, edits[i]);
        char *text = text_of(b->model);
        ck_same_text(text, wanted, "in again");
        free(text);
}

/* Some edits on top of each other, in and out again; then they stay, or never were. */
static void step(struct bench *b)
{
        struct model_edit *edits[EDITS_MAX], *e;
        char *before[EDITS_MAX], *text = text_of(b->model), error[STORE_ERROR_MAX];
        struct arena *a = arena_new(0);
        struct store_txn *txn = begin(b);
        struct change changes[3];
        unsigned count = 0, wanted = 1 + (unsigned)draw(b, EDITS_MAX);
        bool good = true, stays;

        while (good && count < wanted) {
                size_t n = random_changes(b, a, changes);
                before[count] = memory_strdup(text);
                e = edit_both(b, txn, changes, n, &text);
                good = e != NULL;
                if (good)
                        edits[count++] = e;
                else
                        free(before[count]);
        }
        stays = good && draw(b, 4);
        if (!stays || draw(b, 2)) {
                uninstall_all(b, edits, before, count);
                install_all(b, edits, count, text);
        }
        if (stays) {
                ck_assert_msg(store_commit(txn, error, sizeof(error)), "%s", error);
                for (unsigned i = 0; i < count; i++)
                        model_edit_keep(b->model, edits[i]);
        } else {
                store_end(txn);
                uninstall_all(b, edits, before, count);
                for (unsigned i = count; i--;)
                        model_edit_drop(b->model, edits[i]);
        }
        for (unsigned i = 0; i < count; i++)
                free(before[i]);
        free(text);
        arena_free(a);
}

START_TEST(an_edit_makes_what_a_whole_load_makes_and_refuses_what_it_refuses)
{
        struct bench b = {0};

        bench_open(&b, (uint64_t)_i);
        for (unsigned i = 0; i < 400; i++)
                step(&b);
        ck_assert_uint_gt(b.taken, 200);
        ck_assert_uint_gt(b.refused, 50);
        bench_close(&b);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("model edits");
        TCase *t = tcase_create("model edits");

        tcase_set_timeout(t, 120);
        tcase_add_loop_test(t, an_edit_makes_what_a_whole_load_makes_and_refuses_what_it_refuses, 1, 6);
        suite_add_tcase(s, t);
        return run_suite(s);
}
