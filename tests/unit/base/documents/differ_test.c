#include <check.h>
#include <string.h>
#include "base/documents/doc_differ.h"
#include "base/random.h"
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

static struct doc *parse(const char *text)
{
        struct problems problems = PROBLEMS_INIT;
        struct doc *d = doc_parse(arena, text, strlen(text), DOC_YAML, &problems);

        ck_assert_msg(d != NULL, "%s", text);
        return d;
}

/* The differences as JSON on one line. */
static void expect(const char *old, const char *new, const char *wanted)
{
        struct buffer text = BUFFER_INIT(100000);

        doc_write_json(doc_differ(arena, parse(old), parse(new)), &text, 0);
        ck_assert_str_eq(text.data, wanted);
        buffer_free(&text);
}

START_TEST(an_element_before_others_is_one_difference)
{
        expect("e: [{name: b, w: 1}, {name: c, w: 2}]", "e: [{name: a, w: 5}, {name: b, w: 1}, {name: c, w: 3}]",
               "[{\"path\":\"e[a]\",\"new\":{\"name\":\"a\",\"w\":5}},{\"path\":\"e[c].w\",\"old\":2,\"new\":3}]");
}
END_TEST

START_TEST(what_is_gone_comes_first)
{
        expect("{a: 1, e: [{name: x}], z: 2}", "{a: 2, e: [{name: y}]}",
               "[{\"path\":\"e[x]\",\"old\":{\"name\":\"x\"}},{\"path\":\"z\",\"old\":2},{\"path\":\"a\",\"old\":1,"
               "\"new\":2},"
               "{\"path\":\"e[y]\",\"new\":{\"name\":\"y\"}}]");
}
END_TEST

START_TEST(records_are_told_by_name_and_type)
{
        expect("r: [{name: w, type: A, ttl: 1}, {name: w, type: TXT, ttl: 1}]",
               "r: [{name: w, type: A, ttl: 1}, {name: w, type: TXT, ttl: 2}]",
               "[{\"path\":\"r[w TXT].ttl\",\"old\":1,\"new\":2}]");
}
END_TEST

START_TEST(words_come_and_go_alone)
{
        expect("m: [a, b]", "m: [b, c]", "[{\"path\":\"m[a]\",\"old\":\"a\"},{\"path\":\"m[c]\",\"new\":\"c\"}]");
        expect("{}", "m: [b, c]", "[{\"path\":\"m[b]\",\"new\":\"b\"},{\"path\":\"m[c]\",\"new\":\"c\"}]");
        expect("m: [b]", "m: []", "[{\"path\":\"m[b]\",\"old\":\"b\"}]");
        expect("m: []", "{}", "[{\"path\":\"m\",\"old\":[]}]");
}
END_TEST

START_TEST(an_order_that_changed_is_one_difference)
{
        expect("m: [a, b]", "m: [b, a]", "[{\"path\":\"m\",\"old\":[\"a\",\"b\"],\"new\":[\"b\",\"a\"]}]");
}
END_TEST

START_TEST(elements_without_names_or_with_one_twice_are_one_difference)
{
        expect("m: [[1]]", "m: [[2]]", "[{\"path\":\"m\",\"old\":[[1]],\"new\":[[2]]}]");
        expect("m: [a, a]", "m: [a]", "[{\"path\":\"m\",\"old\":[\"a\",\"a\"],\"new\":[\"a\"]}]");
}
END_TEST

START_TEST(the_shorthand_of_an_endpoint_is_the_endpoint)
{
        expect("e: [192.0.2.1]", "e: [{address: 192.0.2.1, weight: 5}]",
               "[{\"path\":\"e[192.0.2.1]\",\"old\":\"192.0.2.1\",\"new\":{\"address\":\"192.0.2.1\",\"weight\":5}}]");
}
END_TEST

START_TEST(equal_documents_do_not_differ)
{
        expect("{a: [1, {name: x}], b: {c: 1}}", "{b: {c: 1}, a: [1, {name: x}]}", "[]");
}
END_TEST

/* A list {e: [...]} of some of these, in their order, with others around them; an element is 0: not there, or what its
 * weight is. */
static struct doc *list_of(const unsigned *weights, unsigned count, unsigned around)
{
        struct doc *d = doc_new(arena, DOC_MAP), *list = doc_add_list(arena, d, "e");

        for (unsigned i = 0; i < count + 2 * around; i++) {
                unsigned weight = i < around || i >= around + count ? 1 : weights[i - around];
                struct doc *one = weight ? doc_add_map(arena, list, NULL) : NULL;
                if (!one)
                        continue;
                doc_add_string(arena, one, "name",
                               i < around           ? arena_printf(arena, "before%u", i)
                               : i < around + count ? arena_printf(arena, "n%u", i - around)
                                                    : arena_printf(arena, "behind%u", i));
                doc_add_int(arena, one, "w", weight);
        }
        return d;
}

START_TEST(what_leads_and_trails_alike_in_long_lists_makes_no_difference)
{
        enum { SOME = 12 };
        struct random r;

        random_seed(&r, 5);
        for (int run = 0; run < 300; run++) {
                unsigned old[SOME], new[SOME];
                for (int i = 0; i < SOME; i++) {
                        old[i] = random_below(&r, 3);
                        new[i] = random_below(&r, 3) ? old[i] : random_below(&r, 3);
                }
                struct buffer few = BUFFER_INIT(100000), many = BUFFER_INIT(100000);
                doc_write_json(doc_differ(arena, list_of(old, SOME, 0), list_of(new, SOME, 0)), &few, 0);
                doc_write_json(doc_differ(arena, list_of(old, SOME, 40), list_of(new, SOME, 40)), &many, 0);
                ck_assert_str_eq(few.data, many.data);
                buffer_free(&few);
                buffer_free(&many);
        }
}
END_TEST

int main(void)
{
        Suite *s = suite_create("differ");
        TCase *t = tcase_create("differ");

        tcase_add_checked_fixture(t, setup, teardown);
        tcase_add_test(t, an_element_before_others_is_one_difference);
        tcase_add_test(t, what_is_gone_comes_first);
        tcase_add_test(t, records_are_told_by_name_and_type);
        tcase_add_test(t, words_come_and_go_alone);
        tcase_add_test(t, an_order_that_changed_is_one_difference);
        tcase_add_test(t, elements_without_names_or_with_one_twice_are_one_difference);
        tcase_add_test(t, the_shorthand_of_an_endpoint_is_the_endpoint);
        tcase_add_test(t, equal_documents_do_not_differ);
        tcase_add_test(t, what_leads_and_trails_alike_in_long_lists_makes_no_difference);
        suite_add_tcase(s, t);
        return run_suite(s);
}
