/* SVCB and HTTPS of services (RFC 9460), through answer(): which hints for whom, and what stands where. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/unit/ask.h"
#include "tests/unit/suite.h"

static struct world *world;

#define HEAD                                                                                                           \
        "regions: [{name: eu, fallback: [us]}, {name: us, fallback: [eu], default: true}]\n"                           \
        "networks: [{cidr: 10.1.0.0/16, region: eu}, {cidr: 10.2.0.0/16, region: us}]\n"                               \
        "pools:\n"                                                                                                     \
        "  - {name: web-eu, region: eu, balance: failover, endpoints: [{name: a, address: 192.0.2.1},"                 \
        " {name: b, address: 192.0.2.2, priority: 2}, {name: c, address: '2001:db8::1'}]}\n"                           \
        "  - {name: web-us, region: us, endpoints: [{name: d, address: 198.51.100.1}]}\n"                              \
        "  - {name: away, region: us, endpoints: [{name: h, address: cdn.example.net}]}\n"                             \
        "  - {name: many, region: us, balance: failover, answers: 2, endpoints: [192.0.2.11, 192.0.2.12]}\n"           \
        "zones:\n"                                                                                                     \
        "  - name: g.example\n"                                                                                        \
        "    ns: [ns.example.net]\n"                                                                                   \
        "    soa: {minimum: 60}\n"                                                                                     \
        "    records:\n"                                                                                               \
        "      - {name: alias, type: CNAME, ttl: 60, data: [www]}\n"                                                   \
        "      - {name: www, type: TXT, ttl: 60, data: ['\"x\"']}\n"                                                   \
        "      - {name: rec, type: HTTPS, ttl: 60, data: ['1 . alpn=h2']}\n"                                           \
        "  - {name: other.example, ns: [ns.example.net]}\n"                                                            \
        "services:\n"

#define BOTH "[web-eu, web-us]"

static const char YAML[] =
        HEAD "  - {name: www.g.example, ttl: 30, pools: " BOTH ", https: ["
             "{params: 'key9=nine ech=AEX+ alpn=h2,h3 port=8443 mandatory=alpn,port'}]}\n"
             "  - {name: two.g.example, ttl: 30, pools: " BOTH ", svcb: [{priority: 2, target: www.g.example, params: "
             "alpn=h3}, {priority: 3, target: cdn.example.net, params: alpn=h2}]}\n"
             "  - {name: long.g.example, ttl: 300, pools: [many], https: [{target: WWW.g.example.}, {priority: 2}]}\n"
             "  - {name: alias-mode.g.example, pools: " BOTH ", https: [{priority: 0, target: www.g.example}]}\n"
             "  - {name: cdn.g.example, pools: [away], https: [{params: alpn=h2}]}\n"
             "  - {name: own.g.example, pools: " BOTH ", https: [{hints: false, params: 'ipv4hint=203.0.113.9'}]}\n"
             "  - {name: off.g.example, enabled: false, pools: " BOTH ", https: [{params: alpn=h2}]}\n"
             "  - {name: to-off.g.example, pools: [many], https: [{target: off.g.example, params: alpn=h2}]}\n"
             "  - {name: '*.any.g.example', ttl: 30, pools: [web-us], https: [{params: alpn=h2}]}\n"
             "  - {name: x.other.example, ttl: 30, pools: [web-us], https: [{target: www.g.example}]}\n"
             "  - {name: fail.g.example, pools: [web-us], when_all_down: servfail, https: [{params: alpn=h2}]}\n";

#define EU "0008 0007 0001 18 00 0a0102"
#define US "0008 0007 0001 18 00 0a0202"

static void set_up(void)
{
        world = world_new(YAML, NULL);
}

static void tear_down(void)
{
        world_free(world);
}

static struct told *asked(const char *name, uint16_t type, const char *options)
{
        return ask(world, &(struct ask){.name = name, .type = type, .edns = true, .options = options});
}

static void expect(const char *name, uint16_t type, const char *options, const char *answers, const char *additional)
{
        struct told *t = asked(name, type, options);

        ck_assert_msg(t->packet != NULL, "%s: no reply that ldns reads", name);
        ck_rcode(t, 0);
        ck_assert(ldns_pkt_aa(t->packet));
        ck_answers(t, answers);
        ck_additional(t, additional);
        told_free(t);
}

#define WWW_HTTPS   "www.g.example. 30 IN HTTPS 1 . mandatory=alpn,port alpn=h2,h3 port=8443 "
#define WWW_EU      WWW_HTTPS "ipv4hint=192.0.2.1 ech=AEX+ ipv6hint=2001:db8::1 key9=nine\n"
#define WWW_EU_MORE "www.g.example. 30 IN A 192.0.2.1\nwww.g.example. 30 IN AAAA 2001:db8::1\n"

START_TEST(rfc9460_2_2_hints_are_the_healthy_choice_and_stand_in_the_order_of_keys)
{
        expect("www.g.example", TYPE_HTTPS, EU, WWW_EU, WWW_EU_MORE);
        /* web-us has no AAAA, so an AAAA query gets that of web-eu; the hint too. */
        expect("www.g.example", TYPE_HTTPS, US,
               WWW_HTTPS "ipv4hint=198.51.100.1 ech=AEX+ ipv6hint=2001:db8::1 key9=nine\n",
               "www.g.example. 30 IN A 198.51.100.1\nwww.g.example. 30 IN AAAA 2001:db8::1\n");
}
END_TEST

START_TEST(rfc9460_7_3_hints_follow_health_and_drains_at_once)
{
        world_health(world, "web-eu/a", HEALTH_DOWN);
        expect("www.g.example", TYPE_HTTPS, EU,
               WWW_HTTPS "ipv4hint=192.0.2.2 ech=AEX+ ipv6hint=2001:db8::1 key9=nine\n",
               "www.g.example. 30 IN A 192.0.2.2\nwww.g.example. 30 IN AAAA 2001:db8::1\n");
        world_drain(world, "web-eu/b", true);
        world_health(world, "web-eu/c", HEALTH_DOWN);
        world_health(world, "web-us/d", HEALTH_UP);
        struct told *t = asked("www.g.example", TYPE_HTTPS, EU);
        ck_assert_ptr_nonnull(strstr(told_section(t, LDNS_SECTION_ANSWER), "ipv4hint=198.51.100.1 "));
        told_free(t);
        world_health(world, "web-eu/a", HEALTH_UP);
        world_health(world, "web-eu/c", HEALTH_UP);
        expect("www.g.example", TYPE_HTTPS, EU, WWW_EU, WWW_EU_MORE);
}
END_TEST

START_TEST(rfc9460_rfc7871_scope_and_ttl_of_the_record_are_those_of_its_addresses)
{
        static const char *const clients[] = {EU, US, "0008 000b 0002 38 00 20010db8000100"};

        for (size_t i = 0; i < 3; i++) {
                char scope[100];
                struct told *t = asked("www.g.example", TYPE_A, clients[i]);
                snprintf(scope, sizeof(scope), "%s", told_option(t, OPTION_ECS));
                told_free(t);
                t = asked("www.g.example", TYPE_HTTPS, clients[i]);
                ck_option(t, OPTION_ECS, scope);
                told_free(t);
        }
        struct told *t = asked("www.g.example", TYPE_HTTPS, EU); /* it depends on the client at all */
        ck_option(t, OPTION_ECS, "000118100a0102");
        told_free(t);
        t = asked("own.g.example", TYPE_HTTPS, EU);
        ck_option(t, OPTION_ECS, "000118000a0102");
        told_free(t);
        /* The shorter of both TTLs for what hints at another service. */
        expect("long.g.example", TYPE_HTTPS, EU,
               "long.g.example. 30 IN HTTPS 1 WWW.g.example. ipv4hint=192.0.2.1 ipv6hint=2001:db8::1\n"
               "long.g.example. 300 IN HTTPS 2 . ipv4hint=192.0.2.11,192.0.2.12\n",
               "WWW.g.example. 30 IN A 192.0.2.1\nWWW.g.example. 30 IN AAAA 2001:db8::1\n"
               "long.g.example. 300 IN A 192.0.2.11\nlong.g.example. 300 IN A 192.0.2.12\n");
}
END_TEST

START_TEST(rfc9460_2_5_targets_that_we_steer_are_hinted_and_others_are_not)
{
        expect("two.g.example", TYPE_SVCB, EU,
               "two.g.example. 30 IN SVCB 2 www.g.example. alpn=h3 ipv4hint=192.0.2.1 ipv6hint=2001:db8::1\n"
               "two.g.example. 30 IN SVCB 3 cdn.example.net. alpn=h2\n",
               WWW_EU_MORE);
        expect("to-off.g.example", TYPE_HTTPS, EU, "to-off.g.example. 30 IN HTTPS 1 off.g.example. alpn=h2\n", "");
        /* Addresses of another zone are hints, but no additional records. */
        expect("x.other.example", TYPE_HTTPS, EU,
               "x.other.example. 30 IN HTTPS 1 www.g.example. ipv4hint=192.0.2.1 ipv6hint=2001:db8::1\n", "");
}
END_TEST

START_TEST(rfc9460_2_4_2_alias_mode_has_no_hints)
{
        expect("alias-mode.g.example", TYPE_HTTPS, EU, "alias-mode.g.example. 30 IN HTTPS 0 www.g.example.\n", "");
}
END_TEST

START_TEST(rfc9460_names_that_end_in_host_names_have_no_hints)
{
        expect("cdn.g.example", TYPE_HTTPS, EU, "cdn.g.example. 30 IN HTTPS 1 . alpn=h2\n", "");
        expect("own.g.example", TYPE_HTTPS, EU, "own.g.example. 30 IN HTTPS 1 . ipv4hint=203.0.113.9\n", "");
}
END_TEST

START_TEST(rfc9460_records_stand_beside_what_else_the_name_has)
{
        struct told *t;

        expect("www.g.example", TYPE_TXT, EU, "www.g.example. 60 IN TXT \"x\"\n", "");
        expect("www.g.example", TYPE_A, EU, "www.g.example. 30 IN A 192.0.2.1\n", "");
        expect("rec.g.example", TYPE_HTTPS, EU, "rec.g.example. 60 IN HTTPS 1 . alpn=h2\n", "");
        expect("alias.g.example", TYPE_HTTPS, EU, "alias.g.example. 60 IN CNAME www.g.example.\n" WWW_EU, WWW_EU_MORE);
        expect("x.any.g.example", TYPE_HTTPS, EU, "x.any.g.example. 30 IN HTTPS 1 . alpn=h2 ipv4hint=198.51.100.1\n",
               "x.any.g.example. 30 IN A 198.51.100.1\n");
        static const struct {
                const char *name;
                uint16_t type;
        } none[] = {{"www.g.example", TYPE_SVCB}, {"two.g.example", TYPE_HTTPS}, {"off.g.example", TYPE_HTTPS}};
        for (size_t i = 0; i < 3; i++) {
                t = asked(none[i].name, none[i].type, NULL);
                ck_rcode(t, 0);
                ck_answers(t, "");
                ck_assert_uint_eq(ldns_pkt_nscount(t->packet), 1);
                told_free(t);
        }
}
END_TEST

START_TEST(rfc9460_rfc8914_all_down_leaves_the_record_and_says_why_it_has_no_hints)
{
        world_health(world, "web-us/d", HEALTH_DOWN);
        struct told *t = asked("fail.g.example", TYPE_HTTPS, EU);
        ck_rcode(t, 0);
        ck_answers(t, "fail.g.example. 30 IN HTTPS 1 . alpn=h2\n");
        ck_assert_ptr_nonnull(told_option(t, OPTION_EDE));
        told_free(t);
        world_health(world, "web-us/d", HEALTH_UP);
}
END_TEST

/* The reply over a transport with room for `size` bytes; returns its length. */
static size_t answered_within(size_t size, uint8_t reply[512])
{
        const struct answer_settings settings = {0};
        struct counters counters = {0};
        const struct answer_context c = {
                .snapshot = world->snapshot, .settings = &settings, .picker = &world->picker, .counters = &counters};
        struct answer_peer peer = {.transport = TRANSPORT_TCP};
        uint8_t request[4096];
        size_t length = ask_build(&(struct ask){.name = "www.g.example", .type = TYPE_HTTPS}, request);

        ck_assert(address_parse("10.1.0.1", &peer.address));
        return answer(&c, &peer, request, length, reply, size);
}

START_TEST(rfc9460_4_1_additional_addresses_never_truncate)
{
        uint8_t reply[512];
        const size_t a = 16, aaaa = 28, all = answered_within(512, reply), alone = all - a - aaaa;

        for (size_t size = 512; size >= 60; size--) {
                ck_assert_uint_le(answered_within(size, reply), size);
                ck_assert_uint_eq((reply[2] & 2) != 0, size < alone);
                ck_assert_uint_eq(reply[7], size >= alone);
                ck_assert_uint_eq(reply[11], size >= all ? 2 : size >= alone + a ? 1 : 0);
        }
}
END_TEST

static void refused(const char *records, const char *text)
{
        char yaml[4096], *problems = NULL;

        snprintf(yaml, sizeof(yaml), HEAD "  - {name: rec.g.example, pools: [many], %s}\n", records);
        struct model *m = world_model(yaml, NULL, &problems);
        ck_assert_msg(!m, "taken: %s", records);
        ck_assert_msg(strstr(problems, text) != NULL, "expected \"%s\" in:\n%s", text, problems);
        free(problems);
}

START_TEST(rfc9460_what_would_be_malformed_is_refused)
{
        refused("svcb: [{params: 'alpn=h2 alpn=h3'}]", "svcb[0].params: a SvcParam stands twice");
        refused("svcb: [{params: 'mandatory=port alpn=h2'}]", "expected keys that stand in the params");
        refused("svcb: [{params: no-default-alpn}]", "expected alpn beside it");
        refused("svcb: [{params: port=99999}]", "port: expected a number");
        refused("svcb: [{params: 'alpn=h2 port=\"65536\"'}]", "port: expected a number");
        refused("svcb: [{params: ipv4hint=192.0.2.1}]", "hints: false");
        refused("svcb: [{params: nonsense=1}]", "svcb[0].params");
        refused("svcb: [{params: 'alpn=h2 ; port=1'}]", "svcb[0].params: expected SvcParams on one line");
        refused("svcb: [{priority: 0, target: www.g.example, params: alpn=h2}]", "AliasMode");
        refused("svcb: [{priority: 0}, {priority: 1}]", "stands alone");
        refused("svcb: [{}, {}]", "the same record stands twice");
        refused("svcb: [{target: 'www.g.example port=1'}]", "svcb[0]");
        refused("svcb: [{priority: 65536}]", "svcb[0].priority");
        refused("https: [{params: alpn=h2}]", "records[2] has this type");
}
END_TEST

int main(void)
{
        Suite *s = suite_create("answers: bindings");
        TCase *t = tcase_create("bindings");

        tcase_add_checked_fixture(t, set_up, tear_down);
        tcase_add_test(t, rfc9460_2_2_hints_are_the_healthy_choice_and_stand_in_the_order_of_keys);
        tcase_add_test(t, rfc9460_7_3_hints_follow_health_and_drains_at_once);
        tcase_add_test(t, rfc9460_rfc7871_scope_and_ttl_of_the_record_are_those_of_its_addresses);
        tcase_add_test(t, rfc9460_2_5_targets_that_we_steer_are_hinted_and_others_are_not);
        tcase_add_test(t, rfc9460_2_4_2_alias_mode_has_no_hints);
        tcase_add_test(t, rfc9460_names_that_end_in_host_names_have_no_hints);
        tcase_add_test(t, rfc9460_records_stand_beside_what_else_the_name_has);
        tcase_add_test(t, rfc9460_rfc8914_all_down_leaves_the_record_and_says_why_it_has_no_hints);
        tcase_add_test(t, rfc9460_4_1_additional_addresses_never_truncate);
        tcase_add_test(t, rfc9460_what_would_be_malformed_is_refused);
        suite_add_tcase(s, t);
        return run_suite(s);
}
