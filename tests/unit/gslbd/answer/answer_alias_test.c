/* ALIAS: services at the apex, and those that flatten, answer host names with their addresses, through answer(). */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "tests/unit/ask.h"
#include "tests/unit/suite.h"

static struct world *world;

static const char YAML[] =
        "regions: [{name: eu, default: true}, {name: us}]\n"
        "pools:\n"
        "  - {name: away, region: eu, endpoints: [{name: h, address: CDN.example.net}]}\n"
        "  - {name: own, region: us, endpoints: [{name: a, address: 192.0.2.1}]}\n"
        "  - {name: plain, region: eu, endpoints: [{name: h, address: cdn.example.net}]}\n"
        "zones:\n"
        "  - {name: g.example, ns: [ns.example.net], records: [{name: '@', type: MX, data: [10 m]}]}\n"
        "  - {name: h.example, ns: [ns.example.net]}\n"
        "services:\n"
        "  - {name: g.example, ttl: 30, pools: [away], https: [{params: alpn=h2}]}\n"
        "  - {name: flat.g.example, ttl: 10, flatten: true, pools: [away]}\n"
        "  - {name: h.example, ttl: 30, steering: failover, pools: [away, own]}\n"
        "  - {name: www.g.example, ttl: 30, pools: [plain]}\n";

static void set_up(void)
{
        world = world_new(YAML, NULL);
}

static void tear_down(void)
{
        world_free(world);
}

/* Two IPv4 addresses, one of them `last`; an IPv6 address when asked for. */
static void found(const char *endpoint, uint8_t last, bool v6, uint32_t ttl)
{
        struct address_set set = {.found_ms = (int64_t)clock_ms(), .ttl = ttl, .v4_count = 2, .v6_count = v6};

        memcpy(set.v4[0], (uint8_t[4]){198, 51, 100, 1}, 4);
        memcpy(set.v4[1], (uint8_t[4]){198, 51, 100, last}, 4);
        memcpy(set.v6[0], (uint8_t[16]){0x20, 1, 0xd, 0xb8, [15] = 1}, 16);
        steering_set_addresses(world->snapshot->steering, world_endpoint(world, endpoint), &set);
}

static void expect(const char *name, uint16_t type, unsigned rcode, const char *answers)
{
        struct told *t = ask(world, &(struct ask){.name = name, .type = type, .edns = true});

        ck_assert_msg(told_rcode(t) == rcode, "%s: rcode %u", name, told_rcode(t));
        ck_answers(t, answers);
        ck_assert_uint_eq(ldns_pkt_nscount(t->packet), !rcode && !*answers); /* NODATA has the SOA */
        told_free(t);
}

START_TEST(rfc1034_3_6_2_a_host_name_at_the_apex_is_answered_with_its_addresses)
{
        found("away/h", 2, true, 300);
        expect("g.example", TYPE_A, 0, "g.example. 30 IN A 198.51.100.1\ng.example. 30 IN A 198.51.100.2\n");
        expect("g.example", TYPE_AAAA, 0, "g.example. 30 IN AAAA 2001:db8::1\n");
        expect("g.example", TYPE_CNAME, 0, "");
        expect("g.example", 15, 0, "g.example. 3600 IN MX 10 m.g.example.\n");
        expect("flat.g.example", TYPE_A, 0,
               "flat.g.example. 10 IN A 198.51.100.1\nflat.g.example. 10 IN A 198.51.100.2\n");
        expect("www.g.example", TYPE_A, 0, "www.g.example. 30 IN CNAME cdn.example.net.\n");
}
END_TEST

START_TEST(the_ttl_is_the_smaller_of_the_services_and_the_addresses)
{
        found("away/h", 2, false, 7);
        expect("g.example", TYPE_A, 0, "g.example. 7 IN A 198.51.100.1\ng.example. 7 IN A 198.51.100.2\n");
        expect("g.example", TYPE_AAAA, 0, "");
}
END_TEST

START_TEST(rfc9460_hints_at_the_apex_are_the_flattened_addresses)
{
        found("away/h", 2, true, 7);
        struct told *t = ask(world, &(struct ask){.name = "g.example", .type = TYPE_HTTPS, .edns = true});
        ck_answers(t, "g.example. 7 IN HTTPS 1 . alpn=h2 ipv4hint=198.51.100.1,198.51.100.2 ipv6hint=2001:db8::1\n");
        ck_additional(t, "g.example. 7 IN A 198.51.100.1\ng.example. 7 IN A 198.51.100.2\n"
                         "g.example. 7 IN AAAA 2001:db8::1\n");
        told_free(t);
}
END_TEST

START_TEST(newer_addresses_replace_older_ones)
{
        found("away/h", 2, true, 300);
        found("away/h", 3, false, 300);
        expect("g.example", TYPE_A, 0, "g.example. 30 IN A 198.51.100.1\ng.example. 30 IN A 198.51.100.3\n");
        expect("g.example", TYPE_AAAA, 0, "");
}
END_TEST

START_TEST(rfc8914_addresses_never_known_are_a_server_failure_that_says_so)
{
        struct told *t = ask(world, &(struct ask){.name = "g.example", .type = TYPE_A, .edns = true});

        ck_rcode(t, RCODE_SERVFAIL);
        ck_answers(t, "");
        ck_assert_ptr_nonnull(told_option(t, OPTION_EDE));
        ck_assert_int_eq(strncmp(told_option(t, OPTION_EDE), "0016", 4), 0); /* 22 */
        told_free(t);
}
END_TEST

START_TEST(a_host_name_without_known_addresses_is_passed_over_like_one_that_is_down)
{
        expect("h.example", TYPE_A, 0, "h.example. 30 IN A 192.0.2.1\n");
        found("away/h", 2, false, 300);
        expect("h.example", TYPE_A, 0, "h.example. 30 IN A 198.51.100.1\nh.example. 30 IN A 198.51.100.2\n");
        world_health(world, "away/h", HEALTH_DOWN);
        expect("h.example", TYPE_A, 0, "h.example. 30 IN A 192.0.2.1\n");
        world_health(world, "away/h", HEALTH_UP);
}
END_TEST

START_TEST(known_addresses_outlive_a_revision)
{
        found("away/h", 2, false, 300);
        struct world *next = world_new(YAML, world);
        struct world *before = world;
        world = next;
        expect("g.example", TYPE_A, 0, "g.example. 30 IN A 198.51.100.1\ng.example. 30 IN A 198.51.100.2\n");
        world_free(before);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("answers: alias");
        TCase *t = tcase_create("alias");

        tcase_add_checked_fixture(t, set_up, tear_down);
        tcase_add_test(t, rfc1034_3_6_2_a_host_name_at_the_apex_is_answered_with_its_addresses);
        tcase_add_test(t, the_ttl_is_the_smaller_of_the_services_and_the_addresses);
        tcase_add_test(t, rfc9460_hints_at_the_apex_are_the_flattened_addresses);
        tcase_add_test(t, newer_addresses_replace_older_ones);
        tcase_add_test(t, rfc8914_addresses_never_known_are_a_server_failure_that_says_so);
        tcase_add_test(t, a_host_name_without_known_addresses_is_passed_over_like_one_that_is_down);
        tcase_add_test(t, known_addresses_outlive_a_revision);
        suite_add_tcase(s, t);
        return run_suite(s);
}
