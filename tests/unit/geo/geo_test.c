#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "base/random.h"
#include "geo/locate.h"
#include "geo/ranges.h"
#include "tests/unit/suite.h"

static char error[300];

static uint32_t class_is_network(void *context, const struct geo_facts *facts, int network)
{
        return (uint32_t)(network + 1);
}

static struct prefix prefix(const char *text)
{
        struct prefix p;
        ck_assert_msg(prefix_parse(text, &p), "%s", text);
        return p;
}

static uint32_t find(const struct locator *l, const char *client, uint8_t *scope)
{
        struct prefix p = prefix(client);
        return locator_find(l, &p, scope);
}

START_TEST(the_longest_network_wins_and_the_scope_is_the_widest_true_one)
{
        const struct prefix networks[] = {prefix("10.0.0.0/8"), prefix("10.1.0.0/16"), prefix("10.1.2.3"),
                                          prefix("2001:db8::/32")};
        struct locator *l = locator_build(NULL, networks, 4, class_is_network, NULL, error, sizeof(error));
        uint8_t scope;

        ck_assert_msg(l != NULL, "%s", error);
        ck_assert_uint_eq(find(l, "10.2.0.0/16", &scope), 1);
        ck_assert_uint_eq(scope, 15);
        ck_assert_uint_eq(find(l, "10.1.0.0/24", &scope), 2);
        ck_assert_uint_eq(scope, 23);
        ck_assert_uint_eq(find(l, "10.1.2.3", &scope), 3);
        ck_assert_uint_eq(scope, 32);
        ck_assert_uint_eq(find(l, "10.1.2.2", &scope), 2);
        ck_assert_uint_eq(scope, 32);
        ck_assert_uint_eq(find(l, "192.0.2.1", &scope), 0);
        ck_assert_uint_eq(scope, 1);
        ck_assert_uint_eq(find(l, "2001:db8:ffff::/48", &scope), 4);
        ck_assert_uint_eq(scope, 32);
        ck_assert_uint_eq(find(l, "2001:db9::/32", &scope), 0);
        ck_assert_uint_eq(scope, 32);
        locator_free(l);
}
END_TEST

START_TEST(without_rules_one_answer_is_true_for_everybody)
{
        struct locator *l = locator_build(NULL, NULL, 0, class_is_network, NULL, error, sizeof(error));
        uint8_t scope;

        ck_assert_uint_eq(find(l, "255.255.255.255", &scope), 0);
        ck_assert_uint_eq(scope, 0);
        ck_assert_uint_eq(find(l, "::", &scope), 0);
        ck_assert_uint_eq(scope, 0);
        locator_free(l);
}
END_TEST

START_TEST(networks_at_the_ends_of_the_address_space_are_found)
{
        const struct prefix networks[] = {prefix("0.0.0.0/32"), prefix("255.255.255.255/32"), prefix("::/128"),
                                          prefix("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"), prefix("128.0.0.0/1")};
        struct locator *l = locator_build(NULL, networks, 5, class_is_network, NULL, error, sizeof(error));
        uint8_t scope;

        ck_assert_uint_eq(find(l, "0.0.0.0", &scope), 1);
        ck_assert_uint_eq(find(l, "0.0.0.1", &scope), 0);
        ck_assert_uint_eq(scope, 32);
        ck_assert_uint_eq(find(l, "255.255.255.255", &scope), 2);
        ck_assert_uint_eq(find(l, "255.255.255.254", &scope), 5);
        ck_assert_uint_eq(find(l, "::", &scope), 3);
        ck_assert_uint_eq(find(l, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", &scope), 4);
        ck_assert_uint_eq(find(l, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", &scope), 0);
        locator_free(l);
}
END_TEST

/* What a table must say, worked out the slow way. */
static uint32_t naive(const struct prefix *networks, size_t count, const struct address *a)
{
        int best = -1;

        for (size_t i = 0; i < count; i++)
                if (prefix_contains(&networks[i], a) && (best < 0 || networks[i].length > networks[best].length))
                        best = (int)i;
        return (uint32_t)(best + 1);
}

static struct prefix random_prefix(struct random *r, bool v6)
{
        struct prefix p = {.address.family = v6 ? ADDRESS_V6 : ADDRESS_V4};

        p.length = (uint8_t)random_below(r, v6 ? 129 : 33);
        for (unsigned i = 0; i < (v6 ? 16u : 4u); i++)
                p.address.bytes[i] =
                        (uint8_t)(random_below(r, 4) ? random_below(r, 4)
                                                     : random_next(r)); /* close together, so that they nest */
        prefix_mask(&p);
        return p;
}

/* Every answer must be right, and so for the whole prefix of the scope, and for no wider one. */
static void check_against_naive(const struct locator *l, const struct prefix *networks, size_t count, struct random *r,
                                bool v6)
{
        struct prefix client = random_prefix(r, v6);
        uint8_t scope;

        if (random_below(r, 2))
                client.address = networks[random_below(r, (uint32_t)count)].address;
        v6 = client.address.family == ADDRESS_V6;
        client.length = v6 ? 128 : 32;
        uint32_t class = locator_find(l, &client, &scope);
        ck_assert_uint_eq(class, naive(networks, count, &client.address));
        struct prefix around = client;
        around.length = scope;
        prefix_mask(&around);
        for (int i = 0; i < 20; i++) {
                struct address other = around.address;
                for (unsigned bit = scope; bit < address_bits(&other); bit++)
                        if (random_below(r, 2))
                                other.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
                ck_assert_uint_eq(naive(networks, count, &other), class);
        }
}

START_TEST(random_tables_agree_with_a_naive_search)
{
        struct random r;

        for (uint64_t seed = 1; seed <= 40; seed++) {
                struct prefix networks[60];
                size_t count = 0;
                random_seed(&r, seed);
                while (count < 60) {
                        struct prefix p = random_prefix(&r, random_below(&r, 2));
                        bool twice = false;
                        for (size_t i = 0; i < count; i++)
                                twice |= prefix_equal(&p, &networks[i]);
                        if (!twice)
                                networks[count++] = p;
                }
                struct locator *l = locator_build(NULL, networks, count, class_is_network, NULL, error, sizeof(error));
                for (int i = 0; i < 200; i++)
                        check_against_naive(l, networks, count, &r, random_below(&r, 2));
                locator_free(l);
        }
}
END_TEST

static uint32_t too_many(void *context, const struct geo_facts *facts, int network)
{
        return LOCATOR_CLASS_MAX + 1;
}

START_TEST(more_classes_than_the_table_holds_are_refused)
{
        ck_assert_ptr_null(locator_build(NULL, NULL, 0, too_many, NULL, error, sizeof(error)));
        ck_assert_ptr_nonnull(strstr(error, "classes"));
}
END_TEST

int main(void)
{
        Suite *s = suite_create("geo");
        TCase *t = tcase_create("geo");

        tcase_set_timeout(t, 120);
        tcase_add_test(t, the_longest_network_wins_and_the_scope_is_the_widest_true_one);
        tcase_add_test(t, without_rules_one_answer_is_true_for_everybody);
        tcase_add_test(t, networks_at_the_ends_of_the_address_space_are_found);
        tcase_add_test(t, random_tables_agree_with_a_naive_search);
        tcase_add_test(t, more_classes_than_the_table_holds_are_refused);
        suite_add_tcase(s, t);
        return run_suite(s);
}
