#include <check.h>
#include <setjmp.h>
#include <stdlib.h>
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

START_TEST(what_is_not_utf8_is_mended_where_strings_are_made)
{
        static const struct {
                const char *text, *mended;
        } cases[] = {
                {"", ""},
                {"disk \xfcll", "disk ?ll"},
                {"\xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80"},
                {"cut\xc3", "cut?"},
                {"cut\xe2\x82", "cut??"},
                {"cut\xf0\x9f\x98", "cut???"},
                {"\xc0\xaf \xe0\x80\xaf \xf0\x80\x80\xaf", "?? ??? ????"}, /* longer than need be */
                {"\xed\xa0\x80 \xed\x9f\xbf", "??? \xed\x9f\xbf"},         /* a surrogate, and what stands before */
                {"\xf4\x90\x80\x80 \xf4\x8f\xbf\xbf", "???? \xf4\x8f\xbf\xbf"},
                {"\x80\xbf\xff", "???"},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                struct doc *d = doc_new(arena, DOC_MAP);
                struct buffer json = BUFFER_INIT(1000), yaml = BUFFER_INIT(1000);
                doc_add_string(arena, d, "a", cases[i].text);
                ck_assert_str_eq(doc_get_string(d, "a"), cases[i].mended);
                doc_write_json(d, &json, 0);
                doc_write_yaml(d, &yaml);
                ck_assert(doc_equal(d, parse(json.data, DOC_JSON)));
                ck_assert(doc_equal(d, parse(yaml.data, DOC_YAML)));
                buffer_free(&json);
                buffer_free(&yaml);
        }
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

START_TEST(json_is_read_as_rfc_8259_has_it)
{
        static const struct {
                const char *json, *again; /* again: as it is written */
        } cases[] = {
                {" \t\r\n null ", "null"},
                {"[true , false,null]", "[true,false,null]"},
                {"{ }", "{}"},
                {"[ ]", "[]"},
                {"{\"\":{\"b\":[{}]}}", "{\"\":{\"b\":[{}]}}"},
                {"-0", "0"},
                {"9223372036854775807", "9223372036854775807"},
                {"-9223372036854775808", "-9223372036854775808"},
                {"[0,10,-1,1e2,1.5E-1,0.25,1e+2,1e-400]", "[0,10,-1,100.0,0.15,0.25,100.0,0.0]"},
                {"0.1000000000000000055511151231257827021181583404541015625", "0.1"},
                {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\u0008\\u000c\\n\\u000d\\t\""},
                {"\"\\u0041\\u00fC\\u07ff\\u0800\\uFFFF\"", "\"A\xc3\xbc\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\""},
                {"\"\\ud83d\\ude00\\uDBFF\\uDFFF\\ud800\\udc00\"",
                 "\"\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\xf0\x90\x80\x80\""},
                {"\"\x7f \xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\"", "\"\\u007f \xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\""},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                struct buffer text = BUFFER_INIT(1000);
                /* A copy without a NUL: what lies behind the text is nobody's. */
                size_t length = strlen(cases[i].json);
                char *exact = memcpy(malloc(length), cases[i].json, length);
                struct doc *d = doc_parse(arena, exact, length, DOC_JSON, &problems);
                free(exact);
                ck_assert_msg(d != NULL, "%s: %s", cases[i].json, problems.count ? problems.list[0].message : "");
                doc_write_json(d, &text, 0);
                ck_assert_str_eq(text.data, cases[i].again);
                buffer_free(&text);
        }
}
END_TEST

START_TEST(what_is_no_json_is_refused_with_its_place)
{
        static const struct {
                const char *json, *why;
        } cases[] = {
                {"", "the text ends where a value is expected (column 1)"},
                {"[1,", "the text ends where a value is expected (column 4)"},
                {"[1 2]", "expected ',' or ']' (column 4)"},
                {"[1,]", "expected a value (column 4)"},
                {"[1}", "expected ',' or ']' (column 3)"},
                {"[", "the text ends where a value is expected (column 2)"},
                {"{\"a\":1", "expected ',' or '}' (column 7)"},
                {"{\"a\" 1}", "expected ':' (column 6)"},
                {"{\"a\":1,}", "expected a key in quotes (column 8)"},
                {"{a:1}", "expected a key in quotes (column 2)"},
                {"{\"a\"", "expected ':' (column 5)"},
                {"{", "expected a key in quotes (column 2)"},
                {"1 2", "expected the end, more follows (column 3)"},
                {"nul", "expected a value (column 1)"},
                {"truex", "expected the end, more follows (column 5)"},
                {"True", "expected a value (column 1)"},
                {"'a'", "expected a value (column 1)"},
                {"\xef\xbb\xbf{}", "expected a value (column 1)"},
                {"01", "expected a number (column 1)"},
                {"-", "expected a number (column 1)"},
                {"1.", "expected a number (column 1)"},
                {".5", "expected a value (column 1)"},
                {"1e", "expected a number (column 1)"},
                {"1e+", "expected a number (column 1)"},
                {"+1", "expected a value (column 1)"},
                {"0x10", "expected the end, more follows (column 2)"},
                {"-Infinity", "expected a number (column 1)"},
                {"NaN", "expected a value (column 1)"},
                {"9223372036854775808", "this integer is too big (column 1)"},
                {"-9223372036854775809", "this integer is too big (column 1)"},
                {"[1e999]", "this number is too big (column 2)"},
                {"\"a", "this string does not end (column 1)"},
                {"\"a\\", "this string does not end (column 1)"},
                {"\"a\\\"", "this string does not end (column 1)"},
                {"\"a\x01\"", "a control character in a string (column 3)"},
                {"[\"a\n\"]", "a control character in a string (column 4)"},
                {"\"\\x\"", "unknown escape (column 2)"},
                {"\"\\u12\"", "expected four hexadecimal digits behind \\u (column 4)"},
                {"\"\\u12g4\"", "expected four hexadecimal digits behind \\u (column 4)"},
                {"\"\\u0000\"", "a NUL byte (\\u0000) is not taken (column 4)"},
                {"{\"\\u0000\":1}", "a NUL byte (\\u0000) is not taken (column 5)"},
                {"\"\\ud800\"", "half of a surrogate pair (column 4)"},
                {"\"\\ud800\\u0041\"", "half of a surrogate pair (column 4)"},
                {"\"\\ud800x\"", "half of a surrogate pair (column 4)"},
                {"\"\\udc00\\ud800\"", "half of a surrogate pair (column 4)"},
                {"[\"\xff\"]", "unable to decode this string: it is not UTF-8 (column 2)"},
                {"\"\xc3\"", "unable to decode this string: it is not UTF-8 (column 1)"},
                {"\"\xed\xa0\x80\"", "unable to decode this string: it is not UTF-8 (column 1)"},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
                must_refuse(cases[i].json, DOC_JSON, cases[i].why);
        ck_assert_ptr_null(parse("{\n \"a\": [1,\n  2;]}", DOC_JSON));
        ck_assert_uint_eq(problems.list[0].line, 3);
        ck_assert_str_eq(problems.list[0].message, "not valid JSON: expected ',' or ']' (column 4)");
}
END_TEST

START_TEST(hostile_documents_are_refused_with_a_reason)
{
        char deep[200];

        must_refuse("{\"a\":1,\"a\":2}", DOC_JSON, "stands twice");
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
        must_refuse(deep, DOC_JSON, "levels");
        must_refuse("{\"a\":1,\"b\":2,\"\\u0061\":3}", DOC_JSON, "the key \"a\" stands twice");
        ck_assert_ptr_null(doc_parse(arena, "a\0b", 3, DOC_YAML, &problems));
}
END_TEST

static bool fits(const char *text, enum doc_format format, const struct doc_limits *limits)
{
        return doc_parse_limited(arena, text, strlen(text), format, limits, &problems) != NULL;
}

START_TEST(many_keys_and_values_cost_what_their_text_costs)
{
        const struct doc_limits few = {1000, 10, 4};
        struct buffer text = BUFFER_INIT(1u << 20);
        struct arena *own = arena_new(1u << 20);
        jmp_buf failure;

        ck_assert(fits("[1,2,[3,{},[ ]],\"[,\\\",,\",4,5]", DOC_JSON, &few));
        ck_assert(!fits("[1,2,[3,{},[ ]],\"[,\\\",,\",4,5,6]", DOC_JSON, &few));
        ck_assert(!fits("{a: 1, b: 2, c: 3, d: 4, e: 5}", DOC_YAML, &few));
        ck_assert(!fits("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1}", DOC_JSON, &few));
        ck_assert_str_eq(problems.list[0].message, "expected at most 10 values");
        ck_assert_str_eq(problems.list[1].message, "expected at most 4 keys in a map");
        ck_assert_str_eq(problems.list[2].message, "expected at most 4 keys in a map");
        for (int i = 0; i < 80000; i++)
                buffer_text(&text, i ? ",{}" : "[{}");
        buffer_text(&text, "]");
        const struct doc_limits report = {1u << 20, 1000, 64};
        /* Refused before anything is made of it: an arena of 1 MiB would not hold it. */
        if (setjmp(failure))
                ck_abort_msg("it was decoded");
        arena_on_failure(own, &failure);
        for (enum doc_format format = DOC_JSON; format <= DOC_YAML; format++) {
                ck_assert_ptr_null(doc_parse_limited(own, text.data, text.length, format, &report, &problems));
                ck_assert_str_eq(problems.list[problems.count - 1].message, "expected at most 1000 values");
        }
        arena_free(own);
        buffer_free(&text);
}
END_TEST

START_TEST(duplicates_among_many_keys_are_found_in_time_that_grows_with_them)
{
        struct buffer text = BUFFER_INIT(1u << 24);

        /* Compared each with each this is 20 thousand million comparisons. */
        for (int i = 0; i < 200000; i++)
                buffer_printf(&text, "key%d: 1\n", i);
        ck_assert_ptr_nonnull(doc_parse(arena, text.data, text.length, DOC_YAML, &problems));
        buffer_text(&text, "key77: 2\n");
        struct buffer json = BUFFER_INIT(1u << 24);
        for (int i = 0; i < 200000; i++)
                buffer_printf(&json, "%s\"key%d\":1", i ? "," : "{", i);
        buffer_text(&json, "}");
        ck_assert_ptr_nonnull(doc_parse(arena, json.data, json.length, DOC_JSON, &problems));
        json.length--;
        buffer_text(&json, ",\"key77\":1}");
        ck_assert_ptr_null(doc_parse(arena, json.data, json.length, DOC_JSON, &problems));
        ck_assert_str_eq(problems.list[0].message, "the key \"key77\" stands twice");
        buffer_free(&json);
        problems_free(&problems);
        ck_assert_ptr_null(doc_parse(arena, text.data, text.length, DOC_YAML, &problems));
        ck_assert_str_eq(problems.list[0].message, "the key \"key77\" stands twice");
        ck_assert_uint_eq(problems.list[0].line, 200001);
        buffer_free(&text);
}
END_TEST

/* A document at random, of strings with every kind of character. */
static const char *random_text(unsigned *seed)
{
        static const char *const pieces[] = {"a",
                                             "9",
                                             ".",
                                             "-",
                                             " ",
                                             ":",
                                             "#",
                                             "\n",
                                             "\t",
                                             "\"",
                                             "'",
                                             "\\",
                                             "{",
                                             "[",
                                             ",",
                                             "\r",
                                             "\x01",
                                             "\x7f",
                                             "\xc2\x80",
                                             "\xc2\x85",
                                             "\xc2\x9f",
                                             "\xc2\xa0",
                                             "\xe2\x80\xa8",
                                             "\xe2\x80\xa9",
                                             "\xef\xbb\xbf",
                                             "\xef\xbf\xbf",
                                             "\xf0\x9f\x98\x80",
                                             "true",
                                             "null",
                                             "~",
                                             "&",
                                             "*",
                                             "!",
                                             "|",
                                             ">",
                                             "%",
                                             "@",
                                             "?",
                                             "0x1",
                                             "1e3",
                                             "no"};
        struct buffer b = BUFFER_INIT(1u << 16);
        int length = rand_r(seed) % 40 ? rand_r(seed) % 6 : 1500;

        buffer_text(&b, "");
        for (int i = 0; i < length; i++)
                buffer_text(&b, pieces[(size_t)rand_r(seed) % (sizeof(pieces) / sizeof(*pieces))]);
        const char *text = arena_strdup(arena, b.data ? b.data : "");
        buffer_free(&b);
        return text;
}

static struct doc *random_document(unsigned *seed, int depth)
{
        int kind = rand_r(seed) % (depth ? 8 : 6);
        struct doc *d = doc_new(arena, kind == 6 ? DOC_LIST : kind == 7 ? DOC_MAP : DOC_NULL);

        if (kind < 3)
                return doc_string(arena, random_text(seed));
        if (kind == 3)
                return doc_int(arena, (int64_t)rand_r(seed) - 1000);
        if (kind == 4)
                return doc_real(arena,
                                (double)rand_r(seed) / (1 + rand_r(seed) % 1000) * (rand_r(seed) % 2 ? 1e-9 : 1e9));
        if (kind == 5)
                return rand_r(seed) % 2 ? doc_bool(arena, rand_r(seed) % 2) : d;
        for (int n = rand_r(seed) % 5; n > 0; n--) {
                const char *key = d->type == DOC_MAP ? random_text(seed) : NULL;
                if (!key || !doc_get(d, key))
                        doc_add(d, key, random_document(seed, depth - 1));
        }
        return d;
}

START_TEST(what_is_written_reads_back_as_the_same)
{
        for (unsigned round = 0; round < 3000; round++) {
                unsigned seed = round;
                struct buffer text = BUFFER_INIT(1u << 24);
                struct doc *d = doc_new(arena, DOC_MAP);
                doc_add(d, "it", random_document(&seed, 4));
                for (enum doc_format format = DOC_JSON; format <= DOC_YAML; format++) {
                        if (format == DOC_YAML)
                                doc_write_yaml(d, &text);
                        else
                                doc_write_json(d, &text, round % 3);
                        struct doc *again = doc_parse(arena, text.data, text.length, format, &problems);
                        ck_assert_msg(again != NULL, "seed %u: %s\n%s", round,
                                      problems.count ? problems.list[0].message : "", text.data);
                        ck_assert_msg(doc_equal(d, again), "seed %u\n%s", round, text.data);
                        buffer_clear(&text);
                }
                buffer_free(&text);
        }
}
END_TEST

START_TEST(numbers_are_plain_decimals)
{
        static const struct {
                double value;
                const char *text;
        } cases[] = {{60, "60"},       {0.1, "0.1"},       {-77.5, "-77.5"},
                     {1e6, "1000000"}, {1234.5, "1234.5"}, {1e-7, "0.0000001"},
                     {0, "0"},         {1e300, "1e+300"},  {2.0 / 3, "0.6666666666666666"}};
        char text[DOC_NUMBER_MAX];

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
                ck_assert_str_eq(doc_number_text(cases[i].value, text), cases[i].text);
}
END_TEST

START_TEST(a_member_is_replaced_in_its_place)
{
        static const char *const expected[] = {"[9,2,3]", "[1,9,3]", "[1,2,9]"};

        for (uint32_t at = 0; at < 3; at++) {
                struct doc *list = parse("[1, 2, 3]", DOC_YAML), *old = list->first;
                struct buffer text = BUFFER_INIT(100);
                while (old->index != at)
                        old = old->next;
                doc_replace(old, doc_int(arena, 9));
                doc_write_json(list, &text, 0);
                ck_assert_str_eq(text.data, expected[at]);
                ck_assert_int_eq(doc_add(list, NULL, doc_int(arena, 4))->index, 3);
                buffer_free(&text);
        }
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
        struct strings words;
        LIST(struct item) items;
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

START_TEST(what_says_the_same_is_written_in_one_way)
{
        static const struct {
                const char *one, *other;
                bool same;
        } cases[] = {
                {"{name: a, words: x, wait: 60s}", "{wait: 1m, name: a, words: [x]}", true},
                {"{name: a, items: [x, y]}", "{name: a, items: [{id: x}, y]}", true},
                {"{name: a, items: [x, y]}", "{name: a, items: [y, x]}", false},
                {"{name: a, words: x}", "{name: a, words: [x, x]}", false},
                {"{name: a, wait: 60s}", "{name: a, wait: 61s}", false},
                {"{name: a, surprise: 1}", "{name: a}", false},
                {"{name: a, items: [{id: x, surprise: 1}]}", "{name: a, items: [x]}", false},
                {"{name: a, count: 3}", "{name: a}", false},
                {"{name: a, items: word, words: {a: b}}", "{name: a, items: word, words: {a: b}}", true},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                const struct doc *one = schema_plain(&sample_schema, parse(cases[i].one, DOC_YAML), arena),
                                 *other = schema_plain(&sample_schema, parse(cases[i].other, DOC_YAML), arena);
                ck_assert_msg(doc_equal(one, other) == cases[i].same, "%s and %s", cases[i].one, cases[i].other);
        }
        const struct doc *written =
                schema_with_defaults(&sample_schema, parse("{name: a, surprise: 1}", DOC_YAML), arena);
        ck_assert_ptr_nonnull(doc_get(written, "surprise"));
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
        tcase_add_test(t, what_is_not_utf8_is_mended_where_strings_are_made);
        tcase_add_test(t, numbers_keep_their_type);
        tcase_add_test(t, every_value_knows_its_line);
        tcase_add_test(t, json_is_read_as_rfc_8259_has_it);
        tcase_add_test(t, what_is_no_json_is_refused_with_its_place);
        tcase_add_test(t, hostile_documents_are_refused_with_a_reason);
        tcase_add_test(t, many_keys_and_values_cost_what_their_text_costs);
        tcase_add_test(t, duplicates_among_many_keys_are_found_in_time_that_grows_with_them);
        tcase_add_test(t, what_is_written_reads_back_as_the_same);
        tcase_add_test(t, numbers_are_plain_decimals);
        tcase_add_test(t, a_member_is_replaced_in_its_place);
        tcase_add_test(t, paths_name_the_place);
        tcase_add_test(t, schema_fills_a_structure_with_defaults);
        tcase_add_test(t, schema_reports_every_problem_with_path_line_and_expectation);
        tcase_add_test(t, defaults_and_shorthand_leave_nothing_in_the_arena);
        tcase_add_test(t, what_says_the_same_is_written_in_one_way);
        tcase_add_test(t, schema_writes_defaults_out);
        suite_add_tcase(s, t);
        return run_suite(s);
}
