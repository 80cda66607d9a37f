/* EDNS(0) and its options, through answer(). */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "tests/unit/ask.h"
#include "tests/unit/suite.h"

static struct world *world;

static const char YAML[] = "regions:\n"
                           "  - {name: eu, match: ['continent:EU'], fallback: [us]}\n"
                           "  - {name: us, match: ['continent:NA'], fallback: [eu], default: true}\n"
                           "networks:\n"
                           "  - {cidr: 10.1.0.0/16, region: eu}\n"
                           "  - {cidr: 10.2.0.0/16, region: us}\n"
                           "  - {cidr: '2001:db8:1::/48', region: eu}\n"
                           "pools:\n"
                           "  - {name: peu, region: eu, endpoints: [{name: a, address: 192.0.2.1}]}\n"
                           "  - {name: pus, region: us, endpoints: [{name: a, address: 192.0.2.11}]}\n"
                           "zones:\n"
                           "  - name: g.example\n"
                           "    ns: [ns1.g.example]\n"
                           "    records:\n"
                           "      - {name: ns1, type: A, data: [203.0.113.53]}\n"
                           "      - {name: cut, type: NS, data: [ns.example.net.]}\n"
                           "services:\n"
                           "  - {name: www.g.example, ttl: 30, pools: [peu, pus]}\n"
                           "  - {name: '*.www.g.example', ttl: 30, pools: [peu, pus]}\n";

static void set_up(void)
{
        world = world_new(YAML, NULL);
}

static void tear_down(void)
{
        world_free(world);
}

#define W         .name = "www.g.example", .type = TYPE_A
#define EU_ANSWER "www.g.example. 30 IN A 192.0.2.1\n"
#define US_ANSWER "www.g.example. 30 IN A 192.0.2.11\n"

static unsigned rcode_of(const struct ask q)
{
        struct told *t = ask(world, &q);
        unsigned rcode = told_rcode(t);

        told_free(t);
        return rcode;
}
#define ck_asked(rcode, ...) ck_assert_uint_eq(rcode_of((struct ask){W, .edns = true, __VA_ARGS__}), (rcode))

/* --- RFC 6891 --- */

START_TEST(rfc6891_opt_in_the_reply_if_and_only_if_in_the_query)
{
        struct told *t = ask(world, &(struct ask){W});
        ck_assert(!ldns_pkt_edns(t->packet));
        told_free(t);
        t = ask(world, &(struct ask){W, .edns = true, .dnssec_ok = true});
        ck_assert(ldns_pkt_edns(t->packet));
        ck_assert_uint_eq(ldns_pkt_edns_udp_size(t->packet), 1232);
        ck_assert_uint_eq(ldns_pkt_edns_version(t->packet), 0);
        ck_assert(ldns_pkt_edns_do(t->packet)); /* RFC 3225 3 */
        told_free(t);
}
END_TEST

START_TEST(rfc6891_6_1_3_other_versions_are_badvers_and_their_options_are_not_read)
{
        struct told *t = ask(world, &(struct ask){W, .edns = true, .version = 1, .options = "0008 0001 ff"});
        ck_rcode(t, RCODE_BADVERS);
        ck_assert_uint_eq(ldns_pkt_edns_version(t->packet), 0);
        ck_answers(t, "");
        told_free(t);
}
END_TEST

START_TEST(rfc6891_6_1_1_two_opt_records_are_a_format_error)
{
        ck_asked(RCODE_FORMERR, .after = "00 0029 04d0 00000000 0000");
}
END_TEST

START_TEST(rfc6891_6_1_2_unknown_options_are_ignored_and_cut_ones_are_a_format_error)
{
        ck_asked(RCODE_NOERROR, .options = "fde9 0003 010203");
        ck_asked(RCODE_FORMERR, .options = "fde9 0004 010203");
        ck_asked(RCODE_FORMERR, .options = "fde9 00");
}
END_TEST

START_TEST(rfc6891_6_2_3_sizes_below_512_mean_512)
{
        static const uint16_t sizes[] = {1, 60, 511};

        for (int i = 0; i < 3; i++) {
                struct told *t = ask(world, &(struct ask){W, .edns = true, .udp_size = sizes[i]});
                ck_answers(t, US_ANSWER);
                ck_assert(!ldns_pkt_tc(t->packet));
                told_free(t);
        }
}
END_TEST

/* --- RFC 7871 --- */

START_TEST(rfc7871_subnet_decides_and_comes_back_with_its_scope)
{
        struct told *t = ask(world, &(struct ask){W, .edns = true, .options = "0008 0007 0001 18 00 0a0102"});
        ck_answers(t, EU_ANSWER);
        ck_option(t, OPTION_ECS, "000118100a0102");
        told_free(t);
        t = ask(world, &(struct ask){W, .edns = true, .options = "0008 0007 0001 18 00 0a0202"});
        ck_answers(t, US_ANSWER);
        /* 10.2.0.0/15: the default region is us as well. */
        ck_option(t, OPTION_ECS, "0001180f0a0202");
        told_free(t);
        t = ask(world, &(struct ask){W, .edns = true, .options = "0008 000b 0002 38 00 20010db8000100"});
        ck_answers(t, EU_ANSWER);
        ck_option(t, OPTION_ECS, "0002383020010db8000100");
        told_free(t);
}
END_TEST

START_TEST(rfc7871_7_1_2_source_0_hides_the_client_and_scope_is_0)
{
        /* The resolver's own address decides. */
        struct told *t =
                ask(world, &(struct ask){W, .from = "10.1.0.1", .edns = true, .options = "0008 0004 0001 00 00"});
        ck_answers(t, EU_ANSWER);
        ck_option(t, OPTION_ECS, "00010000");
        told_free(t);
        t = ask(world, &(struct ask){W, .edns = true, .options = "0008 0004 0002 00 00"});
        ck_option(t, OPTION_ECS, "00020000");
        told_free(t);
}
END_TEST

START_TEST(rfc7871_7_2_1_static_answers_have_scope_0)
{
        struct told *t = ask(world, &(struct ask){.name = "ns1.g.example",
                                                  .type = TYPE_A,
                                                  .edns = true,
                                                  .options = "0008 0007 0001 18 00 0a0102"});
        ck_option(t, OPTION_ECS, "000118000a0102");
        told_free(t);
}
END_TEST

START_TEST(rfc7871_malformed_subnets_are_format_errors)
{
        static const char *const malformed[] = {
                "0008 0000",                       /* nothing */
                "0008 0004 0003 00 00",            /* no such family, even with SOURCE 0 */
                "0008 0003 0001 18",               /* no SCOPE */
                "0008 0006 0001 18 00 0a01",       /* address too short */
                "0008 0008 0001 18 00 0a010200",   /* too long */
                "0008 0007 0001 18 08 0a0102",     /* SCOPE in a query */
                "0008 0009 0001 21 00 0a01020300", /* SOURCE over 32 */
                "0008 0007 0001 17 00 0a0103",     /* a bit behind SOURCE */
                "0008 0007 0003 18 00 0a0102",     /* no such family */
                "0008 0007 0000 18 00 0a0102",     /* family 0 with an address */
                "0008 0015 0002 81 00 20010db8000000000000000000000000 00",
                "0008 0007 0001 18 00 0a0102 0008 0007 0001 18 00 0a0102", /* twice */
        };
        for (size_t i = 0; i < sizeof(malformed) / sizeof(*malformed); i++) {
                struct told *t = ask(world, &(struct ask){W, .edns = true, .options = malformed[i]});
                ck_assert_msg(told_rcode(t) == RCODE_FORMERR, "%s: %u", malformed[i], told_rcode(t));
                ck_assert(ldns_pkt_edns(t->packet));
                told_free(t);
        }
}
END_TEST

/* --- RFC 7873 and 9018 --- */

#define CLIENT_COOKIE "2464c4abcf10c957"
static const struct answer_settings cookies = {
        .cookies = {.secret_count = 1,
                    .secrets = {{0xe5, 0xe9, 0x73, 0xe5, 0xa6, 0xb2, 0xa4, 0x3f, 0x48, 0xe7, 0xdc, 0x84, 0x9e, 0x37,
                                 0xbf, 0xcf}}}};
/* RFC 9018 A.1: made at 1559731985 for 198.51.100.100 */
#define SERVER_COOKIE "010000005cf79f111f8130c3eee29480"
#define MADE          1559731985u
#define COOKIE_ASK    W, .edns = true, .from = "198.51.100.100"

START_TEST(rfc9018_a_1_cookie_is_the_one_of_the_test_vector)
{
        struct told *t = ask(world, &(struct ask){COOKIE_ASK, .settings = &cookies, .now_s = MADE,
                                                  .options = "000a 0008 " CLIENT_COOKIE});
        ck_rcode(t, RCODE_NOERROR);
        ck_answers(t, US_ANSWER);
        ck_option(t, OPTION_COOKIE, CLIENT_COOKIE SERVER_COOKIE);
        told_free(t);
}
END_TEST

START_TEST(rfc7873_5_2_cookies_of_wrong_length_are_format_errors)
{
        ck_asked(RCODE_FORMERR, .options = "000a 0000", .settings = &cookies);
        ck_asked(RCODE_FORMERR, .options = "000a 0007 01020304050607", .settings = &cookies);
        ck_asked(RCODE_FORMERR, .options = "000a 0009 010203040506070809", .settings = &cookies);
        ck_asked(RCODE_FORMERR, .options = "000a 0029 " CLIENT_COOKIE SERVER_COOKIE SERVER_COOKIE "00",
                 .settings = &cookies);
        ck_asked(RCODE_NOERROR, .options = "000a 0028 " CLIENT_COOKIE SERVER_COOKIE SERVER_COOKIE,
                 .settings = &cookies);
}
END_TEST

START_TEST(rfc7873_5_2_only_the_first_of_two_cookies_counts)
{
        struct told *t = ask(world, &(struct ask){COOKIE_ASK, .settings = &cookies, .now_s = MADE,
                                                  .options = "000a 0008 " CLIENT_COOKIE "000a 0001 00"});
        ck_rcode(t, RCODE_NOERROR);
        ck_option(t, OPTION_COOKIE, CLIENT_COOKIE SERVER_COOKIE);
        told_free(t);
}
END_TEST

START_TEST(rfc7873_5_4_a_query_without_question_gets_a_cookie)
{
        const uint8_t request[] = {0x12, 0x34, 0, 0, 0,  0, 0,  0, 0, 0,    0,    1,    0,    0,    41,   4,    0xd0, 0,
                                   0,    0,    0, 0, 12, 0, 10, 0, 8, 0x24, 0x64, 0xc4, 0xab, 0xcf, 0x10, 0xc9, 0x57};
        struct ask q = {.name = ".", .settings = &cookies, .now_s = MADE, .from = "198.51.100.100"};
        struct told *t = ask_bytes(world, &q, request, sizeof(request));
        ck_assert_ptr_nonnull(t->packet);
        ck_rcode(t, RCODE_NOERROR);
        ck_assert_uint_eq(ldns_pkt_qdcount(t->packet), 0);
        ck_option(t, OPTION_COOKIE, CLIENT_COOKIE SERVER_COOKIE);
        told_free(t);
        /* RFC 9619: without a cookie it is a format error. */
        t = ask_bytes(world, &q, request, 12);
        ck_assert_uint_eq(t->wire[3] & 15, RCODE_FORMERR);
        told_free(t);
}
END_TEST

/* What a client with this cookie gets while cookies are required, at `age_s` after it was made. */
static unsigned required(const char *options, int age_s, enum transport transport, bool *truncated)
{
        struct answer_settings s = cookies;

        s.cookies.require = COOKIES_ALWAYS;
        struct told *t = ask(world, &(struct ask){COOKIE_ASK, .settings = &s, .now_s = MADE + (unsigned)age_s,
                                                  .options = options, .transport = transport});
        unsigned rcode = told_rcode(t);
        *truncated = ldns_pkt_tc(t->packet);
        ck_assert(!rcode && !*truncated ? ldns_pkt_ancount(t->packet) == 1 : !ldns_pkt_ancount(t->packet));
        told_free(t);
        return rcode;
}

START_TEST(rfc9018_4_3_required_cookies_are_valid_for_an_hour_and_5_minutes_ahead)
{
        static const char good[] = "000a 0018 " CLIENT_COOKIE SERVER_COOKIE;
        bool tc;

        ck_assert_uint_eq(required(good, 0, TRANSPORT_UDP, &tc), RCODE_NOERROR);
        ck_assert_uint_eq(required(good, 3600, TRANSPORT_UDP, &tc), RCODE_NOERROR);
        ck_assert_uint_eq(required(good, 3601, TRANSPORT_UDP, &tc), RCODE_BADCOOKIE);
        ck_assert_uint_eq(required(good, -300, TRANSPORT_UDP, &tc), RCODE_NOERROR);
        ck_assert_uint_eq(required(good, -301, TRANSPORT_UDP, &tc), RCODE_BADCOOKIE);
}
END_TEST

START_TEST(rfc7873_5_2_3_required_cookies_badcookie_over_udp_tc_without_one_and_nothing_over_tcp)
{
        bool tc;

        ck_assert_uint_eq(required("000a 0008 " CLIENT_COOKIE, 0, TRANSPORT_UDP, &tc), RCODE_BADCOOKIE);
        ck_assert_uint_eq(
                required("000a 0018 " CLIENT_COOKIE "010000005cf79f111f8130c3eee29481", 0, TRANSPORT_UDP, &tc),
                RCODE_BADCOOKIE);
        ck_assert_uint_eq(required("000a 0018 2464c4abcf10c958" SERVER_COOKIE, 0, TRANSPORT_UDP, &tc), RCODE_BADCOOKIE);
        ck_assert(!tc);
        ck_assert_uint_eq(required("000a 0008 " CLIENT_COOKIE, 0, TRANSPORT_TCP, &tc), RCODE_NOERROR);
        ck_assert_uint_eq(required(NULL, 0, TRANSPORT_UDP, &tc), RCODE_NOERROR);
        ck_assert(tc);
        ck_assert_uint_eq(required(NULL, 0, TRANSPORT_TCP, &tc), RCODE_NOERROR);
        ck_assert(!tc);
}
END_TEST

START_TEST(cookies_required_under_load_are_not_when_idle)
{
        struct answer_settings s = cookies;

        s.cookies.require = COOKIES_UNDER_LOAD;
        ck_asked(RCODE_NOERROR, .settings = &s, .options = "000a 0008 " CLIENT_COOKIE);
        ck_asked(RCODE_BADCOOKIE, .settings = &s, .options = "000a 0008 " CLIENT_COOKIE, .busy = true);
}
END_TEST

START_TEST(rfc9018_5_a_cookie_of_any_current_secret_is_valid_and_the_first_signs)
{
        struct answer_settings s = cookies;

        s.cookies.require = COOKIES_ALWAYS;
        s.cookies.secret_count = 2;
        memcpy(s.cookies.secrets[1], s.cookies.secrets[0], COOKIE_SECRET_SIZE);
        memset(s.cookies.secrets[0], 7, COOKIE_SECRET_SIZE);
        struct ask q = {COOKIE_ASK, .settings = &s, .now_s = MADE, .options = "000a 0018 " CLIENT_COOKIE SERVER_COOKIE};
        struct told *t = ask(world, &q);
        ck_rcode(t, RCODE_NOERROR);
        ck_assert_str_ne(told_option(t, OPTION_COOKIE), CLIENT_COOKIE SERVER_COOKIE);
        told_free(t);
        s.cookies.secret_count = 1; /* the old one is gone */
        t = ask(world, &q);
        ck_rcode(t, RCODE_BADCOOKIE);
        told_free(t);
}
END_TEST

/* --- the others --- */

START_TEST(rfc5001_nsid_when_asked_and_configured)
{
        struct answer_settings s = {.nsid = "node-7"};
        struct told *t = ask(world, &(struct ask){W, .edns = true, .settings = &s, .options = "0003 0000"});
        ck_option(t, OPTION_NSID, "6e6f64652d37");
        told_free(t);
        t = ask(world, &(struct ask){W, .edns = true, .settings = &s});
        ck_option(t, OPTION_NSID, NULL);
        told_free(t);
}
END_TEST

START_TEST(rfc7828_keepalive_over_tcp_only_and_when_asked)
{
        struct answer_settings s = {.tcp_idle_ms = 10000};
        struct told *t = ask(world, &(struct ask){W, .edns = true, .settings = &s, .options = "000b 0000",
                                                  .transport = TRANSPORT_TCP});
        ck_option(t, OPTION_KEEPALIVE, "0064");
        told_free(t);
        t = ask(world, &(struct ask){W, .edns = true, .settings = &s, .options = "000b 0000"});
        ck_option(t, OPTION_KEEPALIVE, NULL);
        told_free(t);
        t = ask(world, &(struct ask){W, .edns = true, .settings = &s, .transport = TRANSPORT_TCP});
        ck_option(t, OPTION_KEEPALIVE, NULL);
        told_free(t);
}
END_TEST

START_TEST(rfc7830_rfc8467_padding_over_tls_to_468_bytes_only_when_asked)
{
        struct told *t =
                ask(world, &(struct ask){W, .edns = true, .options = "000c 0003 000000", .transport = TRANSPORT_TLS});
        ck_assert_uint_eq(t->length, 468);
        ck_assert_ptr_nonnull(told_option(t, OPTION_PADDING));
        told_free(t);
        t = ask(world, &(struct ask){W, .edns = true, .options = "000c 0000", .transport = TRANSPORT_TCP});
        ck_option(t, OPTION_PADDING, NULL);
        told_free(t);
        t = ask(world, &(struct ask){W, .edns = true, .transport = TRANSPORT_TLS});
        ck_option(t, OPTION_PADDING, NULL);
        told_free(t);
}
END_TEST

START_TEST(rfc9567_report_channel_names_the_agent_but_not_to_reports)
{
        struct answer_settings s = {.report_agent = (const uint8_t *)"\001e\001g\007example"};
        struct told *t = ask(world, &(struct ask){W, .edns = true, .settings = &s});
        ck_option(t, OPTION_REPORT_CHANNEL,
                  "0165016707"
                  "6578616d706c6500");
        told_free(t);
        t = ask(world,
                &(struct ask){.name = "_er.1.www.7._er.e.g.example", .type = TYPE_TXT, .edns = true, .settings = &s});
        ck_option(t, OPTION_REPORT_CHANNEL, NULL);
        told_free(t);
}
END_TEST

START_TEST(rfc9660_zone_version_is_the_serial_where_we_are_authoritative)
{
        struct told *t = ask(world, &(struct ask){W, .edns = true, .options = "0013 0000"});
        ck_option(t, OPTION_ZONEVERSION, "020000000001");
        told_free(t);
        t = ask(world, &(struct ask){.name = "no.g.example", .type = TYPE_A, .edns = true, .options = "0013 0000"});
        ck_rcode(t, RCODE_NXDOMAIN);
        ck_option(t, OPTION_ZONEVERSION, "020000000001");
        told_free(t);
        t = ask(world, &(struct ask){.name = "a.cut.g.example", .type = TYPE_A, .edns = true, .options = "0013 0000"});
        ck_option(t, OPTION_ZONEVERSION, NULL);
        told_free(t);
        t = ask(world, &(struct ask){.name = "example.org", .type = TYPE_A, .edns = true, .options = "0013 0000"});
        ck_rcode(t, RCODE_REFUSED);
        ck_option(t, OPTION_ZONEVERSION, NULL);
        told_free(t);
        ck_asked(RCODE_FORMERR, .options = "0013 0001 00");
}
END_TEST

#define LABEL     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
#define LONG_NAME LABEL LABEL LABEL "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.www.g.example"
#define LONG_TEXT                                                                                                      \
        "0123456789012345678901234567890123456789012345678901234567890123"                                             \
        "0123456789012345678901234567890123456789012345678901234567890123"

START_TEST(rfc8914_extended_error_says_why_and_fits_into_512_bytes)
{
        struct told *t = ask(world, &(struct ask){.name = "example.org", .type = TYPE_A, .edns = true});
        ck_rcode(t, RCODE_REFUSED);
        ck_option(t, OPTION_EDE, "0014");
        told_free(t);
        struct answer_settings s = cookies;

        s.nsid = LONG_TEXT;
        world_health(world, "peu/a", HEALTH_DOWN);
        world_health(world, "pus/a", HEALTH_DOWN);
        t = ask(world, &(struct ask){W, .edns = true, .udp_size = 512});
        ck_assert_uint_eq(ldns_pkt_ancount(t->packet), 1);
        ck_assert_uint_gt(strlen(told_option(t, OPTION_EDE)), 4); /* with a text */
        ck_assert_uint_le(t->length, 512);
        told_free(t);
        /* A long name, and options that were asked for: the text has to stay behind, the code does not. */
        t = ask(world, &(struct ask){.name = LONG_NAME,
                                     .type = TYPE_A,
                                     .edns = true,
                                     .udp_size = 512,
                                     .settings = &s,
                                     .options = "0003 0000 0013 0000 000a 0008 " CLIENT_COOKIE
                                                "0008 0014 0002 80 00 20010db8000100000000000000000001"});
        ck_assert_uint_le(t->length, 512);
        ck_assert_uint_eq(ldns_pkt_ancount(t->packet), 1);
        ck_assert_uint_eq(strlen(told_option(t, OPTION_EDE)), 4);
        told_free(t);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("answers: EDNS");
        TCase *t = tcase_create("EDNS");

        tcase_add_checked_fixture(t, set_up, tear_down);
        tcase_add_test(t, rfc6891_opt_in_the_reply_if_and_only_if_in_the_query);
        tcase_add_test(t, rfc6891_6_1_3_other_versions_are_badvers_and_their_options_are_not_read);
        tcase_add_test(t, rfc6891_6_1_1_two_opt_records_are_a_format_error);
        tcase_add_test(t, rfc6891_6_1_2_unknown_options_are_ignored_and_cut_ones_are_a_format_error);
        tcase_add_test(t, rfc6891_6_2_3_sizes_below_512_mean_512);
        tcase_add_test(t, rfc7871_subnet_decides_and_comes_back_with_its_scope);
        tcase_add_test(t, rfc7871_7_1_2_source_0_hides_the_client_and_scope_is_0);
        tcase_add_test(t, rfc7871_7_2_1_static_answers_have_scope_0);
        tcase_add_test(t, rfc7871_malformed_subnets_are_format_errors);
        tcase_add_test(t, rfc9018_a_1_cookie_is_the_one_of_the_test_vector);
        tcase_add_test(t, rfc7873_5_2_cookies_of_wrong_length_are_format_errors);
        tcase_add_test(t, rfc7873_5_2_only_the_first_of_two_cookies_counts);
        tcase_add_test(t, rfc7873_5_4_a_query_without_question_gets_a_cookie);
        tcase_add_test(t, rfc9018_4_3_required_cookies_are_valid_for_an_hour_and_5_minutes_ahead);
        tcase_add_test(t, rfc7873_5_2_3_required_cookies_badcookie_over_udp_tc_without_one_and_nothing_over_tcp);
        tcase_add_test(t, cookies_required_under_load_are_not_when_idle);
        tcase_add_test(t, rfc9018_5_a_cookie_of_any_current_secret_is_valid_and_the_first_signs);
        tcase_add_test(t, rfc5001_nsid_when_asked_and_configured);
        tcase_add_test(t, rfc7828_keepalive_over_tcp_only_and_when_asked);
        tcase_add_test(t, rfc7830_rfc8467_padding_over_tls_to_468_bytes_only_when_asked);
        tcase_add_test(t, rfc9567_report_channel_names_the_agent_but_not_to_reports);
        tcase_add_test(t, rfc9660_zone_version_is_the_serial_where_we_are_authoritative);
        tcase_add_test(t, rfc8914_extended_error_says_why_and_fits_into_512_bytes);
        suite_add_tcase(s, t);
        return run_suite(s);
}
