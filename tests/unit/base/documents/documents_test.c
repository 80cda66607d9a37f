#include <check.h>
#include <string.h>
#include "base/address.h"
#include "base/documents/doc.h"
#include "base/documents/schema.h"
#include "tests/unit/suite.h"

static struct arena *arena;
static struct problems problems;

static void setup(void)
{
        arena = arena_new(0);
        problems = PROBLEMS_INIT;
}

static void teardown(void)
{
        arena_free(arena);
        problems_free(&problems);
}

static struct doc *parse(const char *text, enum doc_format format)
{
        return doc_parse(arena, text, strlen(text), format, &problems);
}

static void must_refuse(const char *text, enum doc_format format, const char *why)
{
        ck_assert_msg(!parse(text, format), "taken: %s", text);
        ck_assert_uint_eq(problems.count, 1);
        ck_assert_msg(strstr(problems.list[0].message, why) != NULL, "%s: %s", text, problems.list[0].message);
        problems_free(&problems);
}

START_TEST(tricky_strings_survive_json_and_yaml)
{
        static const char *const texts[] = {"no",       "yes",          "1.2.3.4",   "0x10",       "~",
                                            "null",     "true",         "12",        "1.5",        "1e3",
                                            "- a",      "a: b",         "#x",        "",           " lead",
                                            "trail ",   "two\nlines\n", "tab\there", "\"quoted\"", "back\\slash",
                                            "\x01\x7f", "ünïcödé",      "{a}",       "[b]",        "*x",
                                            "&y",       "!z",           "@",         "%",          "2001:db8::1",
                                            "-",        "a #b"};
        struct doc *list = doc_new(arena, DOC_LIST), *map = doc_new(arena, DOC_MAP);
        struct buffer text = BUFFER_INIT(1 << 20);

        for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
                doc_add_string(arena, list, NULL, texts[i]);
                if (!doc_get(map, texts[i]))
                        doc_add_string(arena, map, texts[i], texts[i]);
        }
        doc_add(map, "list", list);
        doc_write_yaml(map, &text);
        struct doc *again = doc_parse(arena, text.data, text.length, DOC_YAML, &problems);
        ck_assert_msg(again != NULL, "%s: %s", problems.count ? problems.list[0].message : "", text.data);
        ck_assert_msg(doc_equal(map, again), "%s", text.data);
        buffer_clear(&text);
        doc_write_json(map, &text, 2);
        again = doc_parse(arena, text.data, text.length, DOC_JSON, &problems);
        ck_assert(again && doc_equal(map, again));
        buffer_free(&text);
}
END_TEST

START_TEST(numbers_keep_their_type)
{
        struct doc *d = parse("{a: 1, b: 1.0, c: -77.5, d: 9007199254740993, e: 1e300}", DOC_YAML);
        struct buffer text = BUFFER_INIT(1000);

        ck_assert_int_eq(doc_get(d, "a")->type, DOC_INT);
        ck_assert_int_eq(doc_get(d, "b")->type, DOC_REAL);
        doc_write_json(d, &text, 0);
        ck_assert_str_eq(text.data, "{\"a\":1,\"b\":1.0,\"c\":-77.5,\"d\":9007199254740993,\"e\":1e+300}");
        buffer_free(&text);
}
END_TEST

START_TEST(every_value_knows_its_line)
{
        static const char *const json = "{\n \"a\": 1,\n \"b\": [\n  \"x\\\"]\",\n  {\"c\": null}\n ]\n}";
        struct doc *d = parse(json, DOC_JSON);

        ck_assert_uint_eq(doc_get(d, "a")->line, 2);
        ck_assert_uint_eq(doc_get(d, "b")->first->line, 4);
        ck_assert_uint_eq(doc_get(d, "b")->last->line, 5);
        d = parse("a: 1\nb:\n  - x\n  - c: 2\n    d: 3\n", DOC_YAML);
        ck_assert_uint_eq(doc_get(d, "b")->line, 2);
        ck_assert_uint_eq(doc_get(doc_get(d, "b")->last, "d")->line, 5);
}
END_TEST

START_TEST(hostile_documents_are_refused_with_a_reason)
{
        char deep[200];

        must_refuse("{\"a\":1,\"a\":2}", DOC_JSON, "duplicate");
        must_refuse("{\"a\":", DOC_JSON, "not valid JSON");
        must_refuse("\"\xff\"", DOC_JSON, "unable to decode");
        must_refuse("{\"a\":\"\\u0000\"}", DOC_JSON, "NUL");
        must_refuse("a: 1\na: 2\n", DOC_YAML, "stands twice");
        must_refuse("a: &x [1]\nb: *x\n", DOC_YAML, "anchors");
        must_refuse("a: !!str 1\n", DOC_YAML, "tags");
        must_refuse("a: 1\n---\nb: 2\n", DOC_YAML, "one document");
        must_refuse("a: [1\n", DOC_YAML, "not valid YAML");
        must_refuse("? [a]\n: b\n", DOC_YAML, "plain key");
        memset(deep, '[', 100);
        memset(deep + 100, ']', 99);
        deep[199] = '\0';
        must_refuse(deep, DOC_YAML, "levels");
        ck_assert_ptr_null(doc_parse(arena, "a\0b", 3, DOC_YAML, &problems));
}
END_TEST

START_TEST(paths_name_the_place)
{
        struct doc *d = parse("pools:\n  - name: a\n  - name: b\n    endpoints: [{weight: 1}]\n", DOC_YAML);
        char path[100];

        ck_assert_str_eq(
                doc_path(doc_get(doc_get(doc_get(d, "pools")->last, "endpoints")->first, "weight"), path, sizeof(path)),
                "pools[1].endpoints[0].weight");
        ck_assert_str_eq(doc_path(d, path, sizeof(path)), "");
}
END_TEST

/* A table with one field of each type. */
struct sample {
        const char *name;
        int64_t count, wait_ms;
        int mode;
        bool on;
        double ratio;
        struct prefix net;
        struct list words, items;
};

struct item {
        const char *id;
        int64_t weight;
};

static const char *const modes[] = {"slow", "fast", NULL};
static const struct field item_fields[] = {
        REQUIRED_STRING("id", item, id, NULL),
        INT("weight", item, weight, 7, 0, 65535, NULL),
        {0},
};
static const struct schema item_schema = {
        .name = "item", .size = sizeof(struct item), .fields = item_fields, .shorthand = "id"};
static const struct field sample_fields[] = {
        REQUIRED_STRING("name", sample, name, NULL, .max = 5),
        INT("count", sample, count, 3, 1, 9, NULL),
        DURATION("wait", sample, wait_ms, 5000, 100, 60000, NULL),
        ENUM("mode", sample, mode, 1, modes, NULL),
        BOOL("on", sample, on, true, NULL),
        REAL("ratio", sample, ratio, 0.5, 0, 0, NULL),
        OPTIONAL_PREFIX("net", sample, net, NULL),
        OPTIONAL_STRINGS("words", sample, words, NULL),
        OPTIONAL_MAPS("items", sample, items, item, NULL),
        {0},
};
static const struct schema sample_schema = {.name = "sample", .size = sizeof(struct sample), .fields = sample_fields};

START_TEST(schema_fills_a_structure_with_defaults)
{
        struct sample s;

        ck_assert(schema_decode(&sample_schema,
                                parse("{name: a, items: [x, {id: y, weight: 2}], net: 10.0.0.0/8}", DOC_YAML), arena,
                                &s, &problems));
        ck_assert_str_eq(s.name, "a");
        ck_assert_int_eq(s.count, 3);
        ck_assert_int_eq(s.wait_ms, 5000);
        ck_assert_int_eq(s.mode, 1);
        ck_assert(s.on);
        ck_assert_double_eq(s.ratio, 0.5);
        ck_assert_int_eq(s.net.length, 8);
        const struct item *items = s.items.items;
        ck_assert_str_eq(items[0].id, "x");
        ck_assert_int_eq(items[0].weight, 7);
        ck_assert_int_eq(items[1].weight, 2);
}
END_TEST

START_TEST(schema_reports_every_problem_with_path_line_and_expectation)
{
        struct sample s;
        static const char *const yaml =
                "name: toolong\ncount: ten\nwait: 5\nmode: quick\non: 1\nnett: 1\nitems:\n  - {weight: 99999}\n";
        static const struct {
                const char *path;
                unsigned line;
                const char *message;
        } expected[] = {
                {"nett", 6, "unknown field of a sample; did you mean \"net\"?"},
                {"name", 1, "expected at most 5 bytes, got \"toolong\""},
                {"count", 2, "expected an integer from 1 to 9, got \"ten\""},
                {"wait", 3, "expected a duration such as 500ms, 5s, 30m or 2h, got 5"},
                {"mode", 4, "expected one of slow, fast, got \"quick\""},
                {"on", 5, "expected true or false, got 1"},
                {"items[0]", 8, "required field \"id\" is missing"},
                {"items[0].weight", 8, "expected an integer from 0 to 65535, got 99999"},
        };

        ck_assert(!schema_decode(&sample_schema, parse(yaml, DOC_YAML), arena, &s, &problems));
        ck_assert_uint_eq(problems.count, sizeof(expected) / sizeof(*expected));
        for (size_t i = 0; i < problems.count; i++) {
                ck_assert_str_eq(problems.list[i].path, expected[i].path);
                ck_assert_str_eq(problems.list[i].message, expected[i].message);
                ck_assert_uint_eq(problems.list[i].line, expected[i].line);
        }
}
END_TEST

START_TEST(defaults_and_shorthand_leave_nothing_in_the_arena)
{
        const struct doc *d = parse("{name: a, items: [x]}", DOC_YAML);
        struct arena *own = arena_new(0);
        struct sample s;

        for (int i = 0; i < 10000; i++)
                ck_assert(schema_decode(&sample_schema, d, own, &s, &problems));
        /* Two strings and one item; chunks grow by doubling. */
        ck_assert_uint_le(arena_size(own), 2 * 10000 * (sizeof(struct item) + 16));
        arena_free(own);
}
END_TEST

START_TEST(schema_writes_defaults_out)
{
        struct buffer text = BUFFER_INIT(1000);

        doc_write_json(schema_with_defaults(&sample_schema, parse("{items: [{id: y}], name: a}", DOC_YAML), arena),
                       &text, 0);
        ck_assert_str_eq(text.data,
                         "{\"name\":\"a\",\"count\":3,\"wait\":\"5s\",\"mode\":\"fast\",\"on\":true,\"ratio\":0.5,"
                         "\"items\":[{\"id\":\"y\",\"weight\":7}]}");
        buffer_free(&text);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("documents");
        TCase *t = tcase_create("documents");

        tcase_add_checked_fixture(t, setup, teardown);
        tcase_add_test(t, tricky_strings_survive_json_and_yaml);
        tcase_add_test(t, numbers_keep_their_type);
        tcase_add_test(t, every_value_knows_its_line);
        tcase_add_test(t, hostile_documents_are_refused_with_a_reason);
        tcase_add_test(t, paths_name_the_place);
        tcase_add_test(t, schema_fills_a_structure_with_defaults);
        tcase_add_test(t, schema_reports_every_problem_with_path_line_and_expectation);
        tcase_add_test(t, defaults_and_shorthand_leave_nothing_in_the_arena);
        tcase_add_test(t, schema_writes_defaults_out);
        suite_add_tcase(s, t);
        return run_suite(s);
}
