/* Connections are counted by client, over all workers. */
#include <check.h>
#include <stdlib.h>
#include "gslbd/serve/client_counts.h"
#include "tests/unit/suite.h"

static struct address address(const char *text)
{
        struct address a;

        ck_assert(address_parse(text, &a));
        return a;
}

START_TEST(limits_above_16_bits_hold)
{
        struct client_counts *c = client_counts_new(100000);
        const struct address a = address("192.0.2.1");
        unsigned slot;

        for (int i = 0; i < 100000; i++)
                ck_assert(client_counts_take(c, &a, &slot));
        ck_assert(!client_counts_take(c, &a, &slot));
        client_counts_give(c, slot);
        ck_assert(client_counts_take(c, &a, &slot));
        client_counts_free(c);
}
END_TEST

START_TEST(an_ipv6_client_is_a_64_and_an_ipv4_client_an_address)
{
        struct client_counts *c = client_counts_new(1);
        const struct address a = address("2001:db8:1:2::1"), same = address("2001:db8:1:2:ffff::2");
        const struct address other = address("2001:db8:1:3::1"), v4 = address("192.0.2.1"),
                             v4_other = address("192.0.2.2");
        unsigned first, slot;

        ck_assert(client_counts_take(c, &a, &first));
        ck_assert(!client_counts_take(c, &same, &slot));
        ck_assert(client_counts_take(c, &other, &slot) || slot == first); /* a chance of 1 in 65,536 each */
        ck_assert(client_counts_take(c, &v4, &first));
        ck_assert(client_counts_take(c, &v4_other, &slot) || slot == first);
        client_counts_free(c);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("serve: client counts");
        TCase *t = tcase_create("client counts");

        tcase_add_test(t, limits_above_16_bits_hold);
        tcase_add_test(t, an_ipv6_client_is_a_64_and_an_ipv4_client_an_address);
        suite_add_tcase(s, t);
        return run_suite(s);
}
