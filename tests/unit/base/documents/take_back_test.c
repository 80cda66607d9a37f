/* Undoing one change of a document that was changed again since. */
#include <string.h>
#include "base/documents/doc_differ.h"
#include "base/documents/doc_take_back.h"
#include "tests/unit/suite.h"

static struct arena *arena;

static void setup(void)
{
        arena = arena_new(0);
}

static void teardown(void)
{
        arena_free(arena);
}

static struct doc *document(const char *yaml)
{
        struct problems problems = PROBLEMS_INIT;
        struct doc *d = yaml ? doc_parse(arena, yaml, strlen(yaml), DOC_YAML, &problems) : NULL;

        ck_assert(d || !yaml);
        return d;
}

static const char *text(const struct doc *d)
{
        struct buffer text = BUFFER_INIT(1 << 20);

        if (!d)
                return "none";
        doc_write_json(d, &text, 0);
        const char *copy = arena_strndup(arena, text.data, text.length);
        buffer_free(&text);
        return copy;
}

/* Without conflicts (NULL), or with just these places, divided by spaces. */
static void expect(const char *before, const char *after, const char *now, const char *wanted, const char *places)
{
        struct doc *conflicts = doc_new(arena, DOC_LIST);
        const struct doc *left = doc_take_back(arena, document(before), document(after), document(now), conflicts);
        const char *said = "";

        doc_each (one, conflicts)
                said = arena_printf(arena, "%s%s%s", said, *said ? " " : "", doc_get_string(one, "path"));
        ck_assert_str_eq(said, places ? places : "");
        ck_assert_int_eq(conflicts->count > 0, places != NULL);
        if (!places)
                ck_assert_str_eq(text(left), text(document(wanted)));
}

#define POOL(weights) "{name: p, region: eu, endpoints: [" weights "]}"

START_TEST(what_nobody_touched_since_is_as_it_was)
{
        expect("{a: 1, b: 2}", "{a: 3, c: 4}", "{a: 3, c: 4}", "{a: 1, b: 2}", NULL);
        expect(NULL, "{a: 1}", "{a: 1}", NULL, NULL);
        expect("{a: 1}", NULL, NULL, "{a: 1}", NULL);
        expect("{a: 1}", "{a: 2}", "{a: 1}", "{a: 1}", NULL); /* undone already */
}
END_TEST

START_TEST(a_later_change_beside_it_is_no_hindrance)
{
        expect("{a: 1, b: 1}", "{a: 2, b: 1}", "{a: 2, b: 5, c: 6}", "{a: 1, b: 5, c: 6}", NULL);
        expect(POOL("{name: x, weight: 1}, {name: y}"), POOL("{name: x, weight: 2}, {name: y}"),
               POOL("{name: z}, {name: y, weight: 7}, {name: x, weight: 2, priority: 3}"),
               POOL("{name: z}, {name: y, weight: 7}, {name: x, weight: 1, priority: 3}"), NULL);
        /* A list where there was none, and none where there was one. */
        expect("{n: p}", "{n: p, endpoints: [a]}", "{n: p, endpoints: [a, b]}", "{n: p, endpoints: [b]}", NULL);
        expect("{n: p}", "{n: p, endpoints: [a]}", "{n: p, endpoints: [a], m: 1}", "{n: p, m: 1}", NULL);
        expect("{n: p, endpoints: [a]}", "{n: p}", "{n: p, endpoints: [b]}", "{n: p, endpoints: [a, b]}", NULL);
        /* Records are told by name and type, their data by itself. */
        expect("{records: [{name: w, type: A, data: [1, 2]}, {name: w, type: TXT, data: [x]}]}",
               "{records: [{name: w, type: A, data: [1]}, {name: w, type: TXT, data: [x]}]}",
               "{records: [{name: w, type: A, data: [1, 3]}, {name: w, type: TXT, data: [y]}]}",
               "{records: [{name: w, type: A, data: [1, 2, 3]}, {name: w, type: TXT, data: [y]}]}", NULL);
}
END_TEST

START_TEST(what_comes_back_stands_where_it_stood)
{
        expect("[a, b, c, d]", "[a, d]", "[a, d, e]", "[a, b, c, d, e]", NULL);
        expect("[a, b, c]", "[c]", "[c, d]", "[a, b, c, d]", NULL);
        expect("[a, b, c]", "[a]", "[x, a]", "[x, a, b, c]", NULL);
        expect("[a, b, c]", "[b]", "[]", "[a, c]", NULL); /* who took b away is another */
}
END_TEST

START_TEST(a_later_change_of_the_same_is_told_by_its_place)
{
        expect("{a: {b: 1}}", "{a: {b: 2}}", "{a: {b: 3}}", NULL, "a.b");
        expect("{a: 1, b: 1}", "{a: 2, b: 2}", "{a: 3, b: 4}", NULL, "a b");
        expect(POOL("{name: x, weight: 1}"), POOL("{name: x, weight: 2}"), POOL("{name: x, weight: 3}"), NULL,
               "endpoints[x].weight");
        expect(POOL("{name: x, weight: 1}"), POOL("{name: x, weight: 2}"), POOL("{name: y}"), NULL, "endpoints[x]");
        expect(POOL(""), POOL("{name: x, weight: 2}"), POOL("{name: x, weight: 3}"), NULL, "endpoints[x]");
        expect(NULL, "{a: 1}", "{a: 2}", NULL, "");
        expect("{match: [a, b]}", "{match: [b, a]}", "{match: [b, a, c]}", NULL, "match");
}
END_TEST

int main(void)
{
        Suite *s = suite_create("take_back");
        TCase *t = tcase_create("take_back");

        tcase_add_checked_fixture(t, setup, teardown);
        tcase_add_test(t, what_nobody_touched_since_is_as_it_was);
        tcase_add_test(t, a_later_change_beside_it_is_no_hindrance);
        tcase_add_test(t, what_comes_back_stands_where_it_stood);
        tcase_add_test(t, a_later_change_of_the_same_is_told_by_its_place);
        suite_add_tcase(s, t);
        return run_suite(s);
}
