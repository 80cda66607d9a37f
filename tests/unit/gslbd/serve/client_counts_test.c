/* Connections are counted by client, over all workers. */
#include <check.h>
#include <stdlib.h>
#include "gslbd/serve/client_counts.h"
#include "tests/unit/suite.h"

static struct client_prefix client(const char *text)
{
        struct address a;

        ck_assert(address_parse(text, &a));
        return client_prefix_of(&a, 32, 64);
}

START_TEST(limits_above_16_bits_hold)
{
        struct client_counts *c = client_counts_new(100000);
        const struct client_prefix a = client("192.0.2.1");
        unsigned slot;

        for (int i = 0; i < 100000; i++)
                ck_assert(client_counts_take(c, &a, &slot));
        ck_assert(!client_counts_take(c, &a, &slot));
        client_counts_give(c, slot);
        ck_assert(client_counts_take(c, &a, &slot));
        client_counts_free(c);
}
END_TEST

/* What clients of a test have taken. */
struct slots {
        unsigned list[8], count;
};

/* Whether a client is taken that has a slot of its own; two share one by a chance of 1 in 65,536. */
static bool taken(struct client_counts *c, const struct client_prefix *a, struct slots *slots)
{
        unsigned slot;

        if (client_counts_take(c, a, &slot)) {
                slots->list[slots->count++] = slot;
                return true;
        }
        for (unsigned i = 0; i < slots->count; i++)
                if (slots->list[i] == slot)
                        return true;
        return false;
}

START_TEST(an_ipv6_client_is_a_64_and_an_ipv4_client_an_address)
{
        struct client_counts *c = client_counts_new(1);
        const struct client_prefix a = client("2001:db8:1:2::1"), same = client("2001:db8:1:2:ffff::2");
        const struct client_prefix others[] = {client("2001:db8:1:3::1"), client("192.0.2.1"), client("192.0.2.2")};
        struct slots slots = {0};
        unsigned slot;

        ck_assert(taken(c, &a, &slots));
        ck_assert(!client_counts_take(c, &same, &slot));
        ck_assert_uint_eq(slot, slots.list[0]);
        for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
                ck_assert(taken(c, &others[i], &slots));
        ck_assert_uint_ge(slots.count, 2);
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
