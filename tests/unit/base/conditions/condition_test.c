#include "base/conditions/condition.h"

#include <check.h>
#include <stdio.h>
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

/* down(eu) is 2 of 4, healthy(eu) 2 of 4, rate(anything) 30, errors() 3 of 200; of "new" nothing is known. */
static double down = 2;

static bool read_figure(void *context, const struct measure *f, struct measure_value *v)
{
        (void)context;
        if (f->name && !strcmp(f->name, "new"))
                return false;
        switch (f->word) {
        case MEASURE_DOWN:
                *v = (struct measure_value){down, 4};
                break;
        case MEASURE_HEALTHY:
                *v = (struct measure_value){4 - down, 4};
                break;
        case MEASURE_RATE:
                *v = (struct measure_value){30, 0};
                break;
        case MEASURE_ERRORS:
                *v = (struct measure_value){3, 200};
                break;
        }
        return true;
}

static struct condition *parse(const char *text)
{
        char error[CONDITION_ERROR_MAX];
        struct condition *c = condition_parse(arena, text, error);

        ck_assert_msg(c != NULL, "%s: %s", text, error);
        return c;
}

static enum condition_state look(const char *text)
{
        return condition_look(parse(text), read_figure, NULL, 0);
}

START_TEST(each_operator_compares)
{
        static const struct {
                const char *text;
                enum condition_state state;
        } all[] = {
                {"down(eu) > 1", CONDITION_HOLDS},           {"down(eu) > 2", CONDITION_FAILS},
                {"down(eu) >= 2", CONDITION_HOLDS},          {"down(eu) < 2", CONDITION_FAILS},
                {"down(eu) <= 2", CONDITION_HOLDS},          {"down(eu) = 2", CONDITION_HOLDS},
                {"down(eu) == 2", CONDITION_HOLDS},          {"down(eu) != 2", CONDITION_FAILS},
                {"down(eu)>1.5", CONDITION_HOLDS},           {"down(pool eu) >= 50%", CONDITION_HOLDS},
                {"healthy(\"eu\") < 50 %", CONDITION_FAILS}, {"errors() > 1%", CONDITION_HOLDS},
                {"errors() > 2%", CONDITION_FAILS},          {"rate(pool web-v2) < 31", CONDITION_HOLDS},
                {"down(pool pool) = 2", CONDITION_HOLDS},    {"down(pool) = 2", CONDITION_HOLDS},
        };
        for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
                ck_assert_msg(look(all[i].text) == all[i].state, "%s", all[i].text);
}
END_TEST

START_TEST(and_binds_tighter_than_or_and_what_is_not_known_decides_nothing)
{
        ck_assert_int_eq(look("down(eu) > 1 or down(eu) > 2 and down(eu) > 3"), CONDITION_HOLDS);
        ck_assert_int_eq(look("(down(eu) > 1 or down(eu) > 2) and down(eu) > 3"), CONDITION_FAILS);
        ck_assert_int_eq(look("not down(eu) > 2"), CONDITION_HOLDS);
        ck_assert_int_eq(look("(not down(eu) > 2)"), CONDITION_HOLDS);
        ck_assert_int_eq(look("down(new) > 0"), CONDITION_UNKNOWN);
        ck_assert_int_eq(look("not down(new) > 0"), CONDITION_UNKNOWN);
        ck_assert_int_eq(look("down(new) > 0 and down(eu) > 1"), CONDITION_UNKNOWN);
        ck_assert_int_eq(look("down(new) > 0 and down(eu) > 2"), CONDITION_FAILS);
        ck_assert_int_eq(look("down(new) > 0 or down(eu) > 1"), CONDITION_HOLDS);
        ck_assert_int_eq(look("rate(eu) > 1 or down(new) >= 1%"), CONDITION_HOLDS);
}
END_TEST

START_TEST(for_counts_the_time_without_a_break)
{
        struct condition *c = parse("down(eu) > 1 for 1m or down(new) > 1");

        ck_assert_int_eq(condition_look(c, read_figure, NULL, 1000), CONDITION_UNKNOWN);
        ck_assert_int_eq(condition_look(c, read_figure, NULL, 60999), CONDITION_UNKNOWN);
        down = 1;
        condition_look(c, read_figure, NULL, 60999);
        down = 2;
        ck_assert_int_eq(condition_look(c, read_figure, NULL, 61000), CONDITION_UNKNOWN);
        ck_assert_int_eq(condition_look(c, read_figure, NULL, 120999), CONDITION_UNKNOWN);
        ck_assert_int_eq(condition_look(c, read_figure, NULL, 121000), CONDITION_HOLDS);
}
END_TEST

START_TEST(what_is_wrong_is_told_by_its_column)
{
        static const char *const all[][2] = {
                {"", "column 1: expected a figure such as down(POOL), healthy(SERVICE), rate(pool NAME) or errors(), "
                     "but it ends there"},
                {"up(eu) > 1", "column 1: expected a figure such as down(POOL), healthy(SERVICE), rate(pool NAME) or "
                               "errors(), got \"up\""},
                {"down web", "column 6: expected ( behind the figure, got \"web\""},
                {"down(web eu)", "column 10: expected ) behind the name, got \"eu\""},
                {"down(eu) 1", "column 10: expected one of > >= < <= = !=, got \"1\""},
                {"down(eu) >", "column 11: expected a number such as 2, 0.5 or 50%, but it ends there"},
                {"down(eu) > x", "column 12: expected a number such as 2, 0.5 or 50%, got \"x\""},
                {"down(eu) > 101%", "column 15: expected a share of at most 100%, got \"%\""},
                {"rate(eu) > 1%", "column 13: expected answers a second: of a rate there is no share, got \"%\""},
                {"down(eu) > 1 for ever", "column 18: expected a time from 1ms to 24h such as 30s or 2m, got \"ever\""},
                {"down(eu) > 1 down(eu) > 2", "column 14: expected and, or, for, or the end, got \"down\""},
                {"(down(eu) > 1", "column 14: expected and, or, for, or ), but it ends there"},
                {"down(\"eu) > 1", "column 6: expected a second \" behind the name, got \"\"eu) > 1\""},
                {"down(eu) > 1 ; x", "column 14: expected and, or, for, or the end, got \";\""},
        };
        char error[CONDITION_ERROR_MAX], deep[CONDITION_TEXT_MAX + 2];

        for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
                ck_assert_ptr_null(condition_parse(arena, all[i][0], error));
                ck_assert_str_eq(error, all[i][1]);
        }
        memset(deep, '(', sizeof(deep) - 1);
        deep[sizeof(deep) - 1] = '\0';
        ck_assert_ptr_null(condition_parse(arena, deep, error));
        ck_assert_ptr_nonnull(strstr(error, "at most 500 characters"));
        deep[400] = '\0';
        ck_assert_ptr_null(condition_parse(arena, deep, error));
        ck_assert_ptr_nonnull(strstr(error, "not so deep"));
}
END_TEST

static void count(void *context, const struct measure *f)
{
        snprintf((char *)context + strlen(context), 100, "%s:%d:%s:%u ", measure_word_names[f->word], (int)f->kind,
                 f->name ? f->name : "-", f->column);
}

START_TEST(figures_are_told_with_their_places_and_values)
{
        struct condition *c = parse("down(service www.example.com) > 1 and errors() > 5%");
        struct buffer text = BUFFER_INIT(1000);
        char all[200] = "";

        condition_figures(c, count, all);
        ck_assert_str_eq(all, "down:2:www.example.com:14 errors:4:-:46 ");
        condition_look(c, read_figure, NULL, 0);
        condition_tell(c, &text);
        ck_assert_str_eq(text.data, "down(service www.example.com) is 2, errors() is 1.5%");
        buffer_free(&text);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("condition");
        TCase *t = tcase_create("condition");

        tcase_add_checked_fixture(t, setup, teardown);
        tcase_add_test(t, each_operator_compares);
        tcase_add_test(t, and_binds_tighter_than_or_and_what_is_not_known_decides_nothing);
        tcase_add_test(t, for_counts_the_time_without_a_break);
        tcase_add_test(t, what_is_wrong_is_told_by_its_column);
        tcase_add_test(t, figures_are_told_with_their_places_and_values);
        suite_add_tcase(s, t);
        return run_suite(s);
}
