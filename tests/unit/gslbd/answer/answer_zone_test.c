/* Names, records, delegations and rcodes, through answer(). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/unit/ask.h"
#include "tests/unit/suite.h"

static struct world *world;

static const char YAML[] = "regions: [{name: eu, default: true}]\n"
                           "pools:\n"
                           "  - {name: p, region: eu, endpoints: [{name: a, address: 192.0.2.1}]}\n"
                           "  - {name: hosts, region: eu, endpoints: [{name: h, address: ns1.g.example}]}\n"
                           "  - {name: away, region: eu, endpoints: [{name: h, address: cdn.example.net}]}\n"
                           "zones:\n"
                           "  - name: g.example\n"
                           "    ttl: 3600\n"
                           "    ns: [ns1.g.example, ns.example.net]\n"
                           "    soa: {minimum: 60}\n"
                           "    records:\n"
                           "      - {name: ns1, type: A, ttl: 3600, data: [203.0.113.53]}\n"
                           "      - {name: ns1, type: AAAA, ttl: 3600, data: ['2001:db8::53']}\n"
                           "      - {name: '@', type: MX, ttl: 3600, data: [10 mail]}\n"
                           "      - {name: mail, type: A, ttl: 3600, data: [203.0.113.25]}\n"
                           "      - {name: unknown, type: TYPE65280, ttl: 60, data: ['\\# 3 010203']}\n"
                           "      - {name: a.b.ent, type: A, ttl: 60, data: [192.0.2.7]}\n"
                           "      - {name: '*.wild', type: TXT, ttl: 60, data: ['\"w\"']}\n"
                           "      - {name: x.wild, type: A, ttl: 60, data: [192.0.2.8]}\n"
                           "      - {name: '*.cwild', type: CNAME, ttl: 60, data: [ns1]}\n"
                           "      - {name: '*.rwild', type: CNAME, ttl: 60, data: [y.rwild]}\n"
                           "      - {name: one, type: CNAME, ttl: 60, data: [Two]}\n"
                           "      - {name: two, type: CNAME, ttl: 60, data: [ns1]}\n"
                           "      - {name: gone, type: CNAME, ttl: 60, data: [nothing]}\n"
                           "      - {name: out, type: CNAME, ttl: 60, data: [example.org.]}\n"
                           "      - {name: loop, type: CNAME, ttl: 60, data: [pool]}\n"
                           "      - {name: pool, type: CNAME, ttl: 60, data: [loop]}\n"
                           "      - {name: alias, type: CNAME, ttl: 60, data: [www]}\n"
                           "      - {name: cut, type: NS, ttl: 60, data: [ns.cut, ns.sibling, ns.example.net.]}\n"
                           "      - {name: cut, type: DS, ttl: 60, data: [12345 13 2 "
                           "0000000000000000000000000000000000000000000000000000000000000001]}\n"
                           "      - {name: ns.cut, type: A, ttl: 60, data: [192.0.2.61]}\n"
                           "      - {name: sibling, type: NS, ttl: 60, data: [ns.sibling]}\n"
                           "      - {name: ns.sibling, type: AAAA, ttl: 60, data: ['2001:db8::61']}\n"
                           "      - {name: tree, type: DNAME, ttl: 60, data: [wild]}\n"
                           "      - {name: long, type: DNAME, ttl: 60, data: "
                           "[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
                           "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb."
                           "ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.example.org.]}\n"
                           "services:\n"
                           "  - {name: www.g.example, ttl: 30, pools: [p]}\n"
                           "  - {name: host.g.example, ttl: 30, pools: [hosts]}\n"
                           "  - {name: away.g.example, ttl: 30, pools: [away]}\n"
                           "  - {name: '*.any.g.example', ttl: 30, pools: [p]}\n";

static void set_up(void)
{
        world = world_new(YAML, NULL);
}

static void tear_down(void)
{
        world_free(world);
}

static struct told *asked(const char *name, uint16_t type)
{
        return ask(world, &(struct ask){.name = name, .type = type});
}

static void expect(const char *name, uint16_t type, unsigned rcode, const char *answers)
{
        struct told *t = asked(name, type);

        ck_assert_msg(told_rcode(t) == rcode, "%s: rcode %u", name, told_rcode(t));
        ck_answers(t, answers);
        told_free(t);
}

/* Negative: SOA with the negative TTL in the authority section, and nothing else. */
static void expect_negative(const char *name, uint16_t type, unsigned rcode)
{
        struct told *t = asked(name, type);

        ck_assert_msg(told_rcode(t) == rcode, "%s: rcode %u", name, told_rcode(t));
        ck_assert(ldns_pkt_aa(t->packet));
        ck_answers(t, "");
        const char *soa = told_section(t, LDNS_SECTION_AUTHORITY);
        ck_assert_msg(!strncmp(soa, "g.example. 60 IN SOA ns1.g.example. ", 36), "%s: %s", name, soa);
        ck_additional(t, "");
        told_free(t);
}

/* --- records --- */

START_TEST(rfc1035_static_records_of_every_kind_with_aa)
{
        struct told *t = asked("ns1.g.example", TYPE_A);
        ck_answers(t, "ns1.g.example. 3600 IN A 203.0.113.53\n");
        ck_assert(ldns_pkt_aa(t->packet) && ldns_pkt_qr(t->packet) && !ldns_pkt_ra(t->packet));
        ck_authority(t, "");
        told_free(t);
        expect("g.example", TYPE_NS, 0,
               "g.example. 3600 IN NS ns1.g.example.\ng.example. 3600 IN NS ns.example.net.\n");
        expect("g.example", 15, 0, "g.example. 3600 IN MX 10 mail.g.example.\n");
        expect("www.g.example", TYPE_A, 0, "www.g.example. 30 IN A 192.0.2.1\n");
}
END_TEST

START_TEST(rfc3597_unknown_types_are_served_as_they_are)
{
        expect("unknown.g.example", 65280, 0, "unknown.g.example. 60 IN TYPE65280 \\# 3 010203\n");
        expect_negative("unknown.g.example", 65281, 0);
}
END_TEST

START_TEST(rfc1035_4_1_4_names_in_answers_are_compressed)
{
        struct told *t = asked("g.example", TYPE_NS);

        /* Header, question, pointer and fixed part twice, ns1 + pointer, ns.example.net in full. */
        ck_assert_uint_eq(t->length, 12 + 15 + 12 + 6 + 12 + 16);
        told_free(t);
}
END_TEST

START_TEST(rfc4343_names_are_found_in_any_case_and_the_question_keeps_its_own)
{
        struct told *t = asked("WwW.g.EXAMPLE", TYPE_A);

        ck_answers(t, "WwW.g.EXAMPLE. 30 IN A 192.0.2.1\n");
        ck_assert(!memcmp(t->wire + 12, "\003WwW\001g\007EXAMPLE", 15));
        told_free(t);
}
END_TEST

/* --- what is not there --- */

START_TEST(rfc2308_nxdomain_and_nodata_carry_the_soa_with_the_smaller_of_ttl_and_minimum)
{
        expect_negative("nothing.g.example", TYPE_A, RCODE_NXDOMAIN);
        expect_negative("below.ns1.g.example", TYPE_A, RCODE_NXDOMAIN);
        expect_negative("mail.g.example", TYPE_AAAA, 0);
        expect_negative("www.g.example", TYPE_AAAA, 0);
        expect_negative("www.g.example", 16, 0);
        expect_negative("www.g.example", TYPE_CNAME, 0);
}
END_TEST

START_TEST(rfc8020_empty_non_terminals_exist)
{
        expect_negative("ent.g.example", TYPE_A, 0);
        expect_negative("b.ent.g.example", TYPE_A, 0);
        expect_negative("c.ent.g.example", TYPE_A, RCODE_NXDOMAIN);
        expect("a.b.ent.g.example", TYPE_A, 0, "a.b.ent.g.example. 60 IN A 192.0.2.7\n");
}
END_TEST

START_TEST(names_outside_our_zones_are_refused_without_aa)
{
        struct told *t = asked("example.org", TYPE_A);

        ck_rcode(t, RCODE_REFUSED);
        ck_assert(!ldns_pkt_aa(t->packet));
        ck_authority(t, "");
        told_free(t);
        expect("example", TYPE_A, RCODE_REFUSED, "");
        expect("xg.example", TYPE_A, RCODE_REFUSED, "");
        expect(".", TYPE_NS, RCODE_REFUSED, "");
}
END_TEST

/* --- wildcards --- */

START_TEST(rfc4592_wildcards_stand_for_what_does_not_exist_below_them)
{
        expect("q.wild.g.example", TYPE_TXT, 0, "q.wild.g.example. 60 IN TXT \"w\"\n");
        expect("p.q.wild.g.example", TYPE_TXT, 0, "p.q.wild.g.example. 60 IN TXT \"w\"\n");
        expect("*.wild.g.example", TYPE_TXT, 0, "*.wild.g.example. 60 IN TXT \"w\"\n");
        expect_negative("q.wild.g.example", TYPE_A, 0);
        expect_negative("x.wild.g.example", TYPE_TXT, 0);                /* it exists */
        expect_negative("y.x.wild.g.example", TYPE_TXT, RCODE_NXDOMAIN); /* RFC 4592 3.3.1: its closest encloser is x */
        expect_negative("wild.g.example", TYPE_TXT, 0);
        expect("q.cwild.g.example", TYPE_A, 0,
               "q.cwild.g.example. 60 IN CNAME ns1.g.example.\nns1.g.example. 3600 IN A 203.0.113.53\n");
        expect("x.any.g.example", TYPE_A, 0, "x.any.g.example. 30 IN A 192.0.2.1\n");
}
END_TEST

/* --- CNAME --- */

START_TEST(rfc1034_4_3_2_cname_chains_are_followed_within_the_zone)
{
        expect("one.g.example", TYPE_A, 0,
               "one.g.example. 60 IN CNAME Two.g.example.\nTwo.g.example. 60 IN CNAME ns1.g.example.\n"
               "ns1.g.example. 3600 IN A 203.0.113.53\n");
        expect("one.g.example", TYPE_CNAME, 0, "one.g.example. 60 IN CNAME Two.g.example.\n");
        expect("out.g.example", TYPE_A, 0, "out.g.example. 60 IN CNAME example.org.\n");
        expect("alias.g.example", TYPE_A, 0,
               "alias.g.example. 60 IN CNAME www.g.example.\nwww.g.example. 30 IN A 192.0.2.1\n");
}
END_TEST

START_TEST(rfc2308_2_1_a_chain_that_ends_nowhere_is_nxdomain_with_the_soa)
{
        struct told *t = asked("gone.g.example", TYPE_A);

        ck_rcode(t, RCODE_NXDOMAIN);
        ck_answers(t, "gone.g.example. 60 IN CNAME nothing.g.example.\n");
        ck_assert_uint_eq(ldns_pkt_nscount(t->packet), 1);
        told_free(t);
}
END_TEST

START_TEST(cname_loops_end_where_they_began)
{
        struct told *t = asked("loop.g.example", TYPE_A);

        ck_rcode(t, 0);
        ck_answers(t, "loop.g.example. 60 IN CNAME pool.g.example.\npool.g.example. 60 IN CNAME loop.g.example.\n");
        told_free(t);
        t = asked("x.rwild.g.example", TYPE_A);
        ck_answers(t, "x.rwild.g.example. 60 IN CNAME y.rwild.g.example.\n");
        told_free(t);
}
END_TEST

START_TEST(host_name_endpoints_are_cnames_followed_into_our_zone)
{
        expect("host.g.example", TYPE_A, 0,
               "host.g.example. 30 IN CNAME ns1.g.example.\nns1.g.example. 3600 IN A 203.0.113.53\n");
        expect("away.g.example", TYPE_AAAA, 0, "away.g.example. 30 IN CNAME cdn.example.net.\n");
        expect("away.g.example", TYPE_CNAME, 0, "away.g.example. 30 IN CNAME cdn.example.net.\n");
}
END_TEST

/* --- delegations --- */

START_TEST(rfc1034_delegations_refer_with_glue_and_sibling_glue_and_no_aa)
{
        static const char *const names[] = {"cut.g.example", "a.cut.g.example", "ns.cut.g.example",
                                            "x.y.cut.g.example"};

        for (int i = 0; i < 4; i++) {
                struct told *t = asked(names[i], TYPE_A);
                ck_rcode(t, 0);
                ck_assert(!ldns_pkt_aa(t->packet));
                ck_answers(t, "");
                ck_authority(
                        t, "cut.g.example. 60 IN NS ns.cut.g.example.\ncut.g.example. 60 IN NS ns.sibling.g.example.\n"
                           "cut.g.example. 60 IN NS ns.example.net.\n");
                ck_additional(t,
                              "ns.cut.g.example. 60 IN A 192.0.2.61\nns.sibling.g.example. 60 IN AAAA 2001:db8::61\n");
                told_free(t);
        }
}
END_TEST

START_TEST(rfc4035_3_1_4_1_ds_at_the_cut_is_ours_to_answer)
{
        struct told *t = asked("cut.g.example", TYPE_DS);

        ck_assert(ldns_pkt_aa(t->packet));
        ck_assert_uint_eq(ldns_pkt_ancount(t->packet), 1);
        told_free(t);
        expect_negative("sibling.g.example", TYPE_DS, 0);
        t = ask(world, &(struct ask){.name = "a.cut.g.example", .type = TYPE_A, .edns = true, .dnssec_ok = true});
        ck_assert_ptr_nonnull(strstr(told_section(t, LDNS_SECTION_AUTHORITY), "cut.g.example. 60 IN DS 12345 13 2 "));
        told_free(t);
}
END_TEST

/* --- DNAME --- */

START_TEST(rfc6672_dname_synthesizes_a_cname_and_is_followed)
{
        expect("q.tree.g.example", TYPE_TXT, 0,
               "tree.g.example. 60 IN DNAME wild.g.example.\nq.tree.g.example. 60 IN CNAME q.wild.g.example.\n"
               "q.wild.g.example. 60 IN TXT \"w\"\n");
        expect("tree.g.example", TYPE_DNAME, 0, "tree.g.example. 60 IN DNAME wild.g.example.\n");
        expect_negative("tree.g.example", TYPE_TXT, 0); /* it is not below itself */
}
END_TEST

START_TEST(rfc6672_2_2_a_name_that_becomes_too_long_is_yxdomain)
{
        char name[200];
        struct told *t;

        snprintf(name, sizeof(name), "%063d.%03d.long.g.example", 1, 1);
        t = asked(name, TYPE_A);
        ck_rcode(t, RCODE_YXDOMAIN);
        ck_assert_uint_eq(ldns_pkt_ancount(t->packet), 1);
        told_free(t);
}
END_TEST

/* --- headers and odd questions --- */

static unsigned header_rcode(const uint8_t *request, size_t length, size_t *replied)
{
        struct told *t = ask_bytes(world, &(struct ask){.name = "."}, request, length);
        unsigned rcode = t->length ? t->wire[3] & 15u : 99;

        ck_assert(!t->length || (t->length >= 12 && t->wire[2] & 0x80));
        *replied = t->length;
        told_free(t);
        return rcode;
}

START_TEST(rfc8906_what_cannot_be_read_is_a_format_error_or_gets_no_reply)
{
        uint8_t request[4096];
        size_t length = ask_build(&(struct ask){.name = "www.g.example", .type = TYPE_A}, request), replied;

        for (size_t n = 0; n < 12; n++) {
                header_rcode(request, n, &replied);
                ck_assert_uint_eq(replied, 0);
        }
        for (size_t n = 12; n < length; n++)
                ck_assert_uint_eq(header_rcode(request, n, &replied), RCODE_FORMERR);
        request[2] = 0x80; /* a response: a reply to it would be a loop */
        header_rcode(request, length, &replied);
        ck_assert_uint_eq(replied, 0);
        request[2] = 0;
        request[5] = 2; /* RFC 9619 */
        ck_assert_uint_eq(header_rcode(request, length, &replied), RCODE_FORMERR);
        request[5] = 1;
        request[12] = 0xc0; /* a pointer in the question */
        ck_assert_uint_eq(header_rcode(request, length, &replied), RCODE_FORMERR);
}
END_TEST

START_TEST(rfc8906_other_opcodes_are_notimp_also_notify_and_update)
{
        for (unsigned opcode = 1; opcode < 16; opcode++) {
                struct told *t = ask(world, &(struct ask){.name = "g.example",
                                                          .type = TYPE_SOA,
                                                          .flags = (uint16_t)(opcode << 11 | FLAG_RD | FLAG_CD)});
                ck_rcode(t, RCODE_NOTIMP);
                ck_assert(!ldns_pkt_rd(t->packet) && !ldns_pkt_cd(t->packet)); /* they are of queries */
                ck_assert_uint_eq(ldns_pkt_get_opcode(t->packet), opcode);
                ck_assert_uint_eq(ldns_pkt_id(t->packet), 0x1234);
                told_free(t);
        }
}
END_TEST

START_TEST(rfc8906_flags_rd_and_cd_come_back_and_the_others_do_not)
{
        struct told *t = ask(world, &(struct ask){.name = "www.g.example", .type = TYPE_A, .flags = 0x07f0});

        ck_assert(ldns_pkt_rd(t->packet) && ldns_pkt_cd(t->packet));
        ck_assert(!ldns_pkt_tc(t->packet) && !ldns_pkt_ra(t->packet) && !ldns_pkt_ad(t->packet));
        ck_assert_uint_eq(t->wire[3] & 0x40, 0); /* Z */
        ck_assert_uint_eq(ldns_pkt_ancount(t->packet), 1);
        told_free(t);
}
END_TEST

START_TEST(rfc8482_any_gets_one_small_record)
{
        expect("g.example", TYPE_ANY, 0, "g.example. 3600 IN HINFO \"RFC8482\" \"\"\n");
        expect("www.g.example", TYPE_ANY, 0, "www.g.example. 3600 IN HINFO \"RFC8482\" \"\"\n");
        expect_negative("nothing.g.example", TYPE_ANY, RCODE_NXDOMAIN);
        expect_negative("ent.g.example", TYPE_ANY, 0);
}
END_TEST

START_TEST(transfers_and_meta_types_are_refused)
{
        expect("g.example", TYPE_AXFR, RCODE_REFUSED, "");
        expect("g.example", TYPE_IXFR, RCODE_REFUSED, "");
        expect("g.example", TYPE_TKEY, RCODE_REFUSED, "");
        expect("g.example", TYPE_OPT, RCODE_FORMERR, "");
}
END_TEST

START_TEST(rfc4892_chaos_names_are_answered_when_configured_and_refused_otherwise)
{
        struct answer_settings s = {.version = "gslbd 1", .server_id = "node-7"};
        static const char *const names[] = {"version.bind", "version.server", "id.server", "hostname.bind"};

        for (int i = 0; i < 4; i++) {
                struct told *t = ask(
                        world, &(struct ask){.name = names[i], .type = TYPE_TXT, .class = CLASS_CH, .settings = &s});
                char text[100];
                snprintf(text, sizeof(text), "%s. 0 CH TXT \"%s\"\n", names[i], i < 2 ? "gslbd 1" : "node-7");
                ck_answers(t, text);
                told_free(t);
                t = ask(world, &(struct ask){.name = names[i], .type = TYPE_TXT, .class = CLASS_CH});
                ck_rcode(t, RCODE_REFUSED);
                told_free(t);
        }
        struct told *t = ask(world, &(struct ask){.name = "www.g.example", .type = TYPE_A, .class = 4});
        ck_rcode(t, RCODE_REFUSED);
        told_free(t);
}
END_TEST

/* --- sizes --- */

static const char BIG[] = "zones: [{name: g.example, ns: [ns.example.net], records: [{name: big, type: TXT, data: [";

START_TEST(rfc2181_9_what_does_not_fit_sets_tc_and_is_left_out_whole)
{
        char yaml[8192], *p = yaml;

        p += sprintf(p, "%s", BIG);
        for (int i = 0; i < 20; i++)
                p += sprintf(p, "%s'\"%0100d\"'", i ? ", " : "", i);
        sprintf(p, "]}]}]\n");
        struct world *w = world_new(yaml, NULL);
        static const struct {
                bool edns;
                uint16_t size;
                enum transport transport;
                bool truncated;
        } cases[] = {{false, 0, TRANSPORT_UDP, true},
                     {true, 512, TRANSPORT_UDP, true},
                     {true, 65535, TRANSPORT_UDP, true},
                     {false, 0, TRANSPORT_TCP, false},
                     {true, 512, TRANSPORT_TLS, false}};
        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                struct told *t = ask(w, &(struct ask){.name = "big.g.example",
                                                      .type = TYPE_TXT,
                                                      .edns = cases[i].edns,
                                                      .udp_size = cases[i].size,
                                                      .transport = cases[i].transport});
                ck_assert_int_eq(ldns_pkt_tc(t->packet), cases[i].truncated);
                ck_assert_uint_eq(ldns_pkt_ancount(t->packet), cases[i].truncated ? 0 : 20);
                ck_assert_int_eq(ldns_pkt_edns(t->packet), cases[i].edns);
                told_free(t);
        }
        world_free(w);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("answers: zones");
        TCase *t = tcase_create("zones");

        tcase_add_checked_fixture(t, set_up, tear_down);
        tcase_add_test(t, rfc1035_static_records_of_every_kind_with_aa);
        tcase_add_test(t, rfc3597_unknown_types_are_served_as_they_are);
        tcase_add_test(t, rfc1035_4_1_4_names_in_answers_are_compressed);
        tcase_add_test(t, rfc4343_names_are_found_in_any_case_and_the_question_keeps_its_own);
        tcase_add_test(t, rfc2308_nxdomain_and_nodata_carry_the_soa_with_the_smaller_of_ttl_and_minimum);
        tcase_add_test(t, rfc8020_empty_non_terminals_exist);
        tcase_add_test(t, names_outside_our_zones_are_refused_without_aa);
        tcase_add_test(t, rfc4592_wildcards_stand_for_what_does_not_exist_below_them);
        tcase_add_test(t, rfc1034_4_3_2_cname_chains_are_followed_within_the_zone);
        tcase_add_test(t, rfc2308_2_1_a_chain_that_ends_nowhere_is_nxdomain_with_the_soa);
        tcase_add_test(t, cname_loops_end_where_they_began);
        tcase_add_test(t, host_name_endpoints_are_cnames_followed_into_our_zone);
        tcase_add_test(t, rfc1034_delegations_refer_with_glue_and_sibling_glue_and_no_aa);
        tcase_add_test(t, rfc4035_3_1_4_1_ds_at_the_cut_is_ours_to_answer);
        tcase_add_test(t, rfc6672_dname_synthesizes_a_cname_and_is_followed);
        tcase_add_test(t, rfc6672_2_2_a_name_that_becomes_too_long_is_yxdomain);
        tcase_add_test(t, rfc8906_what_cannot_be_read_is_a_format_error_or_gets_no_reply);
        tcase_add_test(t, rfc8906_other_opcodes_are_notimp_also_notify_and_update);
        tcase_add_test(t, rfc8906_flags_rd_and_cd_come_back_and_the_others_do_not);
        tcase_add_test(t, rfc8482_any_gets_one_small_record);
        tcase_add_test(t, transfers_and_meta_types_are_refused);
        tcase_add_test(t, rfc4892_chaos_names_are_answered_when_configured_and_refused_otherwise);
        tcase_add_test(t, rfc2181_9_what_does_not_fit_sets_tc_and_is_left_out_whole);
        suite_add_tcase(s, t);
        return run_suite(s);
}
