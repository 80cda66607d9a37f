/* The weights of a service's pools while its traffic goes to one of them. */
#include "admin/rollout/weights.h"

#include <string.h>
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

static struct doc *list(const char *text)
{
        struct problems problems = PROBLEMS_INIT;
        struct doc *d = doc_parse(arena, text, strlen(text), DOC_YAML, &problems);

        ck_assert_msg(d != NULL, "%s", text);
        return d;
}

static void expect(const char *began, const char *to, int64_t percent, const char *wanted)
{
        struct buffer text = BUFFER_INIT(100000);

        doc_write_json(weights_shifted(list(began), to, percent, arena), &text, 0);
        ck_assert_str_eq(text.data, wanted);
        buffer_free(&text);
}

START_TEST(steps_are_in_percent)
{
        const char *began = "[{pool: v1, weight: 100}, {pool: v2, weight: 0}]";

        expect(began, "v2", 1, "[{\"pool\":\"v1\",\"weight\":99},{\"pool\":\"v2\",\"weight\":1}]");
        expect(began, "v2", 50, "[{\"pool\":\"v1\",\"weight\":50},{\"pool\":\"v2\",\"weight\":50}]");
        expect(began, "v2", 100, "[{\"pool\":\"v1\",\"weight\":0},{\"pool\":\"v2\",\"weight\":100}]");
        expect("[v1]", "v2", 10, "[{\"pool\":\"v1\",\"weight\":90},{\"pool\":\"v2\",\"weight\":10}]");
}
END_TEST

START_TEST(the_others_keep_their_shares_among_themselves)
{
        expect("[{pool: a, weight: 30}, {pool: b, weight: 60}, v2, {pool: c, weight: 0}]", "v2", 10,
               "[{\"pool\":\"a\",\"weight\":30},{\"pool\":\"b\",\"weight\":60},{\"pool\":\"v2\",\"weight\":10},"
               "{\"pool\":\"c\",\"weight\":0}]");
        expect("[{pool: a, weight: 2}, {pool: b, weight: 1}]", "v2", 50,
               "[{\"pool\":\"a\",\"weight\":2},{\"pool\":\"b\",\"weight\":1},{\"pool\":\"v2\",\"weight\":3}]");
        /* Large ones come near, and what has a share keeps one. */
        struct doc *pools = weights_shifted(list("[{pool: a, weight: 65535}, {pool: b, weight: 1}]"), "v2", 33, arena);
        ck_assert(weights_share(pools, "v2") >= 32 && weights_share(pools, "v2") <= 33);
        ck_assert_int_eq(weights_share(pools, "a"), 66);
        int64_t weight;
        ck_assert(doc_get_int(pools->first->next, "weight", &weight) && weight >= 1);
}
END_TEST

START_TEST(shares_and_lists_compare_by_what_they_mean)
{
        ck_assert_int_eq(weights_share(list("[a, {pool: b, weight: 3}]"), "b"), 75);
        ck_assert_int_eq(weights_share(list("[a]"), "b"), 0);
        ck_assert_int_eq(weights_share(list("[{pool: a, weight: 0}]"), "a"), 0);
        ck_assert(weights_of_others(list("[a, b]"), "b") && !weights_of_others(list("[{pool: a, weight: 0}, b]"), "b"));
        ck_assert(
                weights_equal(list("[a, {pool: b, weight: 2}]"), list("[{pool: a, weight: 1}, {weight: 2, pool: b}]")));
        ck_assert(!weights_equal(list("[a, b]"), list("[b, a]")));
        ck_assert(!weights_equal(list("[a]"), list("[a, b]")));
        ck_assert(!weights_equal(list("[{pool: a, schedules: []}]"), list("[a]")));
}
END_TEST

START_TEST(every_step_of_whatever_list_is_within_a_percent)
{
        for (int64_t x = 1; x < 65536; x = x * 7 + 3)
                for (int64_t y = 0; y < 65536; y = y * 5 + 2)
                        for (int64_t p = 1; p <= 100; p++) {
                                const char *text =
                                        arena_printf(arena, "[{pool: a, weight: %lld}, {pool: b, weight: %lld}]",
                                                     (long long)x, (long long)y);
                                struct doc *pools = weights_shifted(list(text), "v2", p, arena);
                                int64_t is = weights_share(pools, "v2"), weight;
                                ck_assert_msg(is >= p - 1 && is <= p, "%s: %lld%% of %lld%%", text, (long long)is,
                                              (long long)p);
                                doc_each (entry, pools)
                                        ck_assert(doc_get_int(entry, "weight", &weight) && weight >= 0 &&
                                                  weight <= 65535);
                        }
}
END_TEST

int main(void)
{
        Suite *s = suite_create("weights");
        TCase *t = tcase_create("weights");

        tcase_add_checked_fixture(t, setup, teardown);
        tcase_add_test(t, steps_are_in_percent);
        tcase_add_test(t, the_others_keep_their_shares_among_themselves);
        tcase_add_test(t, shares_and_lists_compare_by_what_they_mean);
        tcase_add_test(t, every_step_of_whatever_list_is_within_a_percent);
        suite_add_tcase(s, t);
        return run_suite(s);
}
