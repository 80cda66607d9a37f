/* Zones within zones, large delegations and who may have things explained, through answer(). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/unit/ask.h"
#include "tests/unit/suite.h"

static void expect(struct world *w, const char *name, uint16_t type, unsigned rcode, const char *answers,
                   const char *authority)
{
        struct told *t = ask(w, &(struct ask){.name = name, .type = type});

        ck_assert_msg(told_rcode(t) == rcode, "%s: rcode %u", name, told_rcode(t));
        ck_assert_msg(ldns_pkt_aa(t->packet), "%s: no AA", name);
        ck_answers(t, answers);
        ck_authority(t, authority);
        told_free(t);
}

/* --- zones within zones --- */

#define SOA_OF(zone) zone ". 60 IN SOA ns.example.net. hostmaster." zone ". 1 3600 900 1209600 60\n"
#define HASH         "0000000000000000000000000000000000000000000000000000000000000001"

/* The child stands before its parent and its own child behind, so that no order helps. */
static const char NESTED[] =
        "zones:\n"
        "  - {name: sub.g.example, ttl: 300, ns: [ns.example.net], records: [{name: own, type: A, data: [192.0.2.1]},\n"
        "     {name: deep.er, type: DS, data: [2 13 2 " HASH "]}]}\n"
        "  - name: g.example\n"
        "    ttl: 300\n"
        "    ns: [ns.example.net]\n"
        "    records:\n"
        "      - {name: sub, type: NS, data: [ns1.sub]}\n"
        "      - {name: sub, type: DS, data: [1 13 2 " HASH "]}\n"
        "      - {name: sub, type: TXT, data: ['\"parent\"']}\n"
        "      - {name: ns1.sub, type: A, data: [192.0.2.53]}\n"
        "      - {name: text.sub, type: TXT, data: ['\"parent\"']}\n"
        "      - {name: '*.sub', type: TXT, data: ['\"parent\"']}\n"
        "      - {name: deep.er.sub, type: DS, data: [3 13 2 " HASH "]}\n"
        "      - {name: x.deep.er.sub, type: A, data: [192.0.2.54]}\n"
        "      - {name: subway, type: A, data: [192.0.2.55]}\n"
        "  - {name: deep.er.sub.g.example, ttl: 300, ns: [ns.example.net]}\n";

START_TEST(rfc1034_4_2_1_what_lies_in_a_zone_below_is_that_zones_to_answer)
{
        struct world *w = world_new(NESTED, NULL);

        expect(w, "ns1.sub.g.example", TYPE_A, RCODE_NXDOMAIN, "", SOA_OF("sub.g.example"));
        expect(w, "text.sub.g.example", TYPE_TXT, RCODE_NXDOMAIN, "", SOA_OF("sub.g.example"));
        expect(w, "any.sub.g.example", TYPE_TXT, RCODE_NXDOMAIN, "", SOA_OF("sub.g.example"));
        expect(w, "*.sub.g.example", TYPE_TXT, RCODE_NXDOMAIN, "", SOA_OF("sub.g.example"));
        expect(w, "sub.g.example", TYPE_TXT, 0, "", SOA_OF("sub.g.example"));
        expect(w, "x.deep.er.sub.g.example", TYPE_A, RCODE_NXDOMAIN, "", SOA_OF("deep.er.sub.g.example"));
        expect(w, "own.sub.g.example", TYPE_A, 0, "own.sub.g.example. 300 IN A 192.0.2.1\n", "");
        expect(w, "sub.g.example", TYPE_NS, 0, "sub.g.example. 300 IN NS ns.example.net.\n", "");
        expect(w, "subway.g.example", TYPE_A, 0, "subway.g.example. 300 IN A 192.0.2.55\n", "");
        world_free(w);
}
END_TEST

START_TEST(rfc4035_3_1_4_1_ds_of_a_zone_is_that_of_the_zone_right_above)
{
        struct world *w = world_new(NESTED, NULL);

        expect(w, "sub.g.example", TYPE_DS, 0, "sub.g.example. 300 IN DS 1 13 2 " HASH "\n", "");
        expect(w, "deep.er.sub.g.example", TYPE_DS, 0, "deep.er.sub.g.example. 300 IN DS 2 13 2 " HASH "\n", "");
        world_free(w);
}
END_TEST

START_TEST(rfc8020_names_between_two_zones_of_ours_exist)
{
        struct world *w = world_new("zones:\n"
                                    "  - {name: a.b.c.g.example, ns: [ns.example.net]}\n"
                                    "  - {name: g.example, ttl: 300, ns: [ns.example.net]}\n",
                                    NULL);

        expect(w, "c.g.example", TYPE_A, 0, "", SOA_OF("g.example"));
        expect(w, "b.c.g.example", TYPE_A, 0, "", SOA_OF("g.example"));
        expect(w, "x.c.g.example", TYPE_A, RCODE_NXDOMAIN, "", SOA_OF("g.example"));
        world_free(w);
}
END_TEST

/* --- large delegations --- */

/* `count` name servers below the cut, each with an address. */
static struct world *delegated(unsigned count, const char *padding)
{
        char *yaml = malloc(1000 + count * 300u), *p = yaml;

        p += sprintf(p, "zones:\n  - name: g.example\n    ns: [ns.example.net]\n    records:\n"
                        "      - {name: cut, type: NS, ttl: 60, data: [");
        for (unsigned i = 0; i < count; i++)
                p += sprintf(p, "%sns%u.%s.cut", i ? ", " : "", i, padding);
        p += sprintf(p, "]}\n");
        for (unsigned i = 0; i < count; i++)
                p += sprintf(p, "      - {name: ns%u.%s.cut, type: A, ttl: 60, data: [10.0.%u.%u]}\n", i, padding,
                             i >> 8, i & 255);
        struct world *w = world_new(yaml, NULL);
        free(yaml);
        return w;
}

static unsigned count_of(const char *text, const char *what)
{
        unsigned n = 0;

        for (const char *p = text; (p = strstr(p, what)); p += strlen(what))
                n++;
        return n;
}

START_TEST(name_servers_of_a_delegation_come_all_or_with_tc)
{
        struct world *w = delegated(100, "x");
        struct told *t = ask(w, &(struct ask){.name = "www.cut.g.example", .type = TYPE_A, .transport = TRANSPORT_TCP});

        ck_assert_uint_eq(ldns_pkt_nscount(t->packet), 100);
        ck_assert_uint_eq(ldns_pkt_arcount(t->packet), 100);
        ck_assert(!ldns_pkt_tc(t->packet));
        told_free(t);
        t = ask(w, &(struct ask){.name = "www.cut.g.example", .type = TYPE_A, .edns = true});
        ck_assert(ldns_pkt_tc(t->packet));
        ck_assert_uint_eq(ldns_pkt_nscount(t->packet), 0);
        told_free(t);
        world_free(w);
}
END_TEST

START_TEST(rfc1035_4_1_4_glue_behind_16_kib_has_its_owner_in_full)
{
        static const char padding[] = "ppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp";
        struct world *w = delegated(300, padding);
        struct told *t = ask(w, &(struct ask){.name = "www.cut.g.example", .type = TYPE_A, .transport = TRANSPORT_TCP});
        char line[200];

        ck_assert_uint_gt(t->length, 0x4000 + 300 * 16);
        ck_assert_uint_eq(ldns_pkt_nscount(t->packet), 300);
        for (unsigned i = 0; i < 300; i++) {
                snprintf(line, sizeof(line), "ns%u.%s.cut.g.example. 60 IN A 10.0.%u.%u\n", i, padding, i >> 8,
                         i & 255);
                ck_assert_uint_eq(count_of(told_section(t, LDNS_SECTION_ADDITIONAL), line), 1);
        }
        told_free(t);
        world_free(w);
}
END_TEST

START_TEST(rfc9471_sibling_glue_that_does_not_fit_is_left_out_without_tc)
{
        char yaml[4000], *p = yaml;

        p += sprintf(p,
                     "zones: [{name: g.example, ns: [ns.example.net], records: [{name: cut, type: NS, data: [ns.side]},"
                     "{name: ns.side, type: A, data: [");
        for (unsigned i = 0; i < 60; i++)
                p += sprintf(p, "%s10.0.0.%u", i ? ", " : "", i);
        sprintf(p, "]}]}]\n");
        struct world *w = world_new(yaml, NULL);
        struct told *t = ask(w, &(struct ask){.name = "www.cut.g.example", .type = TYPE_A});
        ck_assert(!ldns_pkt_tc(t->packet));
        ck_authority(t, "cut.g.example. 3600 IN NS ns.side.g.example.\n");
        ck_additional(t, "");
        told_free(t);
        world_free(w);
}
END_TEST

/* --- explanations over DNS --- */

START_TEST(explanations_are_for_addresses_that_are_proven)
{
        struct world *w = world_of_pool("balance: weighted", WORLD_FOUR);
        struct prefix all = {.address = {.family = ADDRESS_V4}};
        struct answer_settings s = {.explain_to = &all, .explain_count = 1, .cookies = {.secret_count = 1}};
        struct ask q = {
                .name = "explain." WORLD_SERVICE, .type = TYPE_TXT, .class = CLASS_CH, .settings = &s, .now_s = 1};
        struct told *t = ask(w, &q);

        ck_assert(ldns_pkt_tc(t->packet));
        ck_answers(t, "");
        told_free(t);
        q.edns = true;
        q.options = "000a 0008 0102030405060708";
        t = ask(w, &q);
        ck_rcode(t, RCODE_BADCOOKIE);
        ck_answers(t, "");
        char options[100];
        snprintf(options, sizeof(options), "000a 0018 %s", told_option(t, OPTION_COOKIE));
        told_free(t);
        q.options = options;
        t = ask(w, &q);
        ck_rcode(t, 0);
        ck_assert_uint_gt(ldns_pkt_ancount(t->packet), 0);
        told_free(t);
        t = ask(w, &(struct ask){.name = "explain." WORLD_SERVICE,
                                 .type = TYPE_TXT,
                                 .class = CLASS_CH,
                                 .settings = &s,
                                 .transport = TRANSPORT_TCP});
        ck_assert_uint_gt(ldns_pkt_ancount(t->packet), 0);
        told_free(t);
        world_free(w);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("answers: delegations");
        TCase *t = tcase_create("delegations");

        tcase_add_test(t, rfc1034_4_2_1_what_lies_in_a_zone_below_is_that_zones_to_answer);
        tcase_add_test(t, rfc4035_3_1_4_1_ds_of_a_zone_is_that_of_the_zone_right_above);
        tcase_add_test(t, rfc8020_names_between_two_zones_of_ours_exist);
        tcase_add_test(t, name_servers_of_a_delegation_come_all_or_with_tc);
        tcase_add_test(t, rfc1035_4_1_4_glue_behind_16_kib_has_its_owner_in_full);
        tcase_add_test(t, rfc9471_sibling_glue_that_does_not_fit_is_left_out_without_tc);
        tcase_add_test(t, explanations_are_for_addresses_that_are_proven);
        suite_add_tcase(s, t);
        return run_suite(s);
}
