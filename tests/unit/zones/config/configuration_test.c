#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buffer.h"
#include "tests/unit/suite.h"
#include "tests/unit/world.h"
#include "zones/load/load.h"
#include "zones/dns/name.h"
#include "zones/dns/rdata.h"

#define BASE                                                                                                           \
        "regions: [{name: eu, default: true}]\npools: [{name: p, region: eu, endpoints: [192.0.2.1]}]\n"               \
        "zones: [{name: example.com, ns: [ns.example.net], records: ["
#define SERVICES "]}]\nservices: "

/* The model is refused, and one of the problems holds this text. */
static void refused(const char *yaml, const char *text)
{
        char *problems = NULL;
        struct model *m = world_model(yaml, NULL, &problems);

        ck_assert_msg(m == NULL, "taken: %s", yaml);
        ck_assert_msg(strstr(problems, text) != NULL, "expected \"%s\" in:\n%s", text, problems);
        free(problems);
}

START_TEST(references_to_nothing_are_named)
{
        refused("regions: [{name: eu, fallback: [mars]}]",
                "regions[eu].fallback[0]: refers to regions[mars], which does not exist");
        refused("regions: [{name: eu, fallback: [eu]}]", "a region cannot fall back to itself");
        refused("regions: [{name: eu}, {name: us, fallback: [eu, eu]}]",
                "regions[us].fallback[1]: the region \"eu\" stands twice");
        refused("regions: [{name: a, default: true}, {name: b, default: true}]", "only one region can be the default");
        refused("pools: [{name: p, region: eu}]", "pools[p].region: refers to regions[eu]");
        refused("regions: [{name: eu}]\npools: [{name: p, region: eu, monitor: m}]",
                "pools[p].monitor: refers to monitors[m]");
        refused(BASE SERVICES "[{name: www.example.com, pools: [q]}]",
                "services[www.example.com].pools[0]: refers to pools[q]");
        refused(BASE SERVICES "[{name: www.example.org, pools: [p]}]", "lies in none of the zones");
}
END_TEST

START_TEST(names_are_unique_under_case_folding)
{
        refused(BASE SERVICES "[{name: www.example.com, pools: [p]}, {name: WWW.Example.Com., pools: [p]}]",
                "stands twice");
        refused("regions: [{name: eu}]\npools: [{name: p, region: eu, endpoints: [{name: a, address: 192.0.2.1}, "
                "{name: a, address: 192.0.2.2}]}]",
                "two endpoints have the name \"a\"");
}
END_TEST

START_TEST(zones_keep_the_rules_of_rfc_1034_and_2181)
{
        refused(BASE "{name: a, type: CNAME, data: [b]}, {name: A, type: TXT, data: [x]}" SERVICES "[]",
                "a CNAME cannot stand beside");
        refused(BASE "{name: a, type: CNAME, data: [b, c]}" SERVICES "[]",
                "expected one, a CNAME or DNAME has one target");
        refused(BASE "{name: '@', type: CNAME, data: [b]}" SERVICES "[]", "cannot stand at the apex");
        refused(BASE "{name: '@', type: SOA, data: [x]}" SERVICES "[]", "comes from the zone's `soa`");
        refused(BASE "{name: a, type: A, data: [192.0.2.1]}, {name: a, type: A, data: [192.0.2.2]}" SERVICES "[]",
                "give all data in one");
        refused(BASE "{name: a.example.org., type: A, data: [192.0.2.1]}" SERVICES "[]", "expected a name in the zone");
        refused(BASE "{name: a, type: A, data: ['::1']}" SERVICES "[]", "records[0].data[0]: expected A data");
        refused(BASE "{name: a, type: NOTHING, data: [x]}" SERVICES "[]", "expected a record type");
        refused(BASE "{name: a, type: A, data: [192.0.2.1, 192.0.2.1]}" SERVICES "[]", "the same record stands twice");
        refused(BASE "{name: www, type: A, data: [192.0.2.1]}" SERVICES "[{name: www.example.com, pools: [p]}]",
                "has addresses or a CNAME");
}
END_TEST

static void taken(const char *yaml)
{
        char *problems = NULL;
        struct model *m = world_model(yaml, NULL, &problems);

        ck_assert_msg(m != NULL, "%s", problems);
        free(problems);
        model_free(m);
}

START_TEST(codes_that_do_not_exist_are_refused_with_what_was_meant)
{
        refused("regions: [{name: eu, match: ['country:UK']}]",
                "regions[0].match[0]: there is no country UK; did you mean \"GB\"?");
        refused("regions: [{name: eu, match: ['country:ZZ']}]",
                "there is no country ZZ; expected a code of ISO 3166-1");
        refused("regions: [{name: eu, match: ['continent:XX']}]",
                "there is no continent XX; expected AF, AN, AS, EU, NA, OC or SA");
        refused("regions: [{name: eu, match: ['continent:AU']}]", "did you mean \"OC\"?");
        refused("regions: [{name: eu, match: ['subdivision:UK-ENG']}]", "did you mean \"GB\"?");
        taken("regions: [{name: eu, match: ['country:GB', 'country:XK', 'continent:AN', 'subdivision:US-CA']}]");
}
END_TEST

START_TEST(a_reference_to_nothing_tells_what_may_be_meant)
{
        refused("regions: [{name: europe}]\npools: [{name: p, region: eurpoe}]",
                "pools[p].region: refers to regions[eurpoe], which does not exist; did you mean \"europe\"?");
}
END_TEST

START_TEST(a_problem_of_a_reference_has_the_line_of_the_document)
{
        static const char *const yaml = "regions:\n  - name: eu\npools:\n  - name: p\n    region: eu\n    endpoints:\n"
                                        "      - name: a\n        address: 192.0.2.1\n        monitor: m\n";
        struct problems problems = PROBLEMS_INIT;
        struct arena *a = arena_new(0);
        struct change *changes;
        size_t count;

        ck_assert(document_changes(doc_parse(a, yaml, strlen(yaml), DOC_YAML, &problems), a, &changes, &count,
                                   &problems));
        problems_add(&problems, "pools[p].endpoints[a].monitor", 0, "x");
        problems_add(&problems, "pools[p].endpoints[0]", 0, "x");
        problems_add(&problems, "pools[p].labels[2]", 0, "x");
        problems_add(&problems, "pools[q].region", 0, "x");
        changes_locate(changes, count, &problems);
        ck_assert_uint_eq(problems.list[0].line, 9);
        ck_assert_uint_eq(problems.list[1].line, 7);
        ck_assert_uint_eq(problems.list[2].line, 4);
        ck_assert_uint_eq(problems.list[3].line, 0);
        problems_free(&problems);
        arena_free(a);
}
END_TEST

START_TEST(a_value_stands_for_a_list_of_one)
{
        char *problems = NULL;
        struct model *m = world_model("regions: [{name: eu, match: 'country:DE'}]\n"
                                      "monitors: [{name: m, type: http, expect: {status: 200-299}}]\n"
                                      "zones: [{name: example.com, ns: ns.example.net, records: "
                                      "[{name: a, type: A, data: 192.0.2.1}]}]",
                                      NULL, &problems);

        ck_assert_msg(m != NULL, "%s", problems);
        ck_assert_uint_eq(m->regions[0]->match.count, 1);
        ck_assert_str_eq(m->regions[0]->match.items->value, "DE");
        ck_assert_uint_eq(m->zones[0]->records.items->count, 1);
        model_free(m);
        free(problems);
        refused("regions: [{name: eu, match: 'country:UK'}]", "regions[0].match: there is no country UK");
}
END_TEST

START_TEST(an_address_stands_once_in_a_pool)
{
        refused("regions: [{name: eu}]\npools: [{name: p, region: eu, endpoints: [192.0.2.1, {name: b, address: "
                "192.0.2.1}]}]",
                "have the same address, 192.0.2.1");
        refused("regions: [{name: eu}]\npools: [{name: p, region: eu, endpoints: ['2001:db8::1', "
                "'2001:db8:0::1']}]",
                "have the same address");
        refused("regions: [{name: eu}]\npools: [{name: p, region: eu, endpoints: [a.example.net, A.example.net.]}]",
                "have the same address");
        refused("regions: [{name: eu}]\npools: [{name: p, region: eu, answers: 2, endpoints: [{name: a, address: "
                "192.0.2.1, "
                "port: 80}, {name: b, address: 192.0.2.1, port: 81}]}]",
                "have the same address");
        taken("regions: [{name: eu}]\npools: [{name: p, region: eu, endpoints: [{name: a, address: 192.0.2.1, port: "
              "80}, "
              "{name: b, address: 192.0.2.1, port: 81}]}]");
        taken("regions: [{name: eu}]\npools: [{name: p, region: eu, endpoints: [192.0.2.1, 192.0.2.2, "
              "a.example.net]}]");
}
END_TEST

START_TEST(a_name_server_in_its_zone_has_an_address)
{
        refused("zones: [{name: example.com, ns: [ns.example.net, ns1.example.com]}]",
                "zones[example.com].ns[1]: \"ns1.example.com\" lies in the zone and has no address");
        taken("zones: [{name: example.com, ns: [ns1.example.com], records: [{name: ns1, type: A, data: "
              "[192.0.2.1]}]}]");
        taken("zones: [{name: example.com, ns: [ns1.example.com], records: [{name: '*', type: A, data: "
              "[192.0.2.1]}]}]");
        taken("zones: [{name: example.com, ns: [ns1.sub.example.com]}, {name: sub.example.com, ns: [ns.example.net]}]");
}
END_TEST

START_TEST(an_alias_stands_alone_at_its_name)
{
#define ALIAS                                                                                                          \
        "regions: [{name: eu, default: true}]\n"                                                                       \
        "pools: [{name: h, region: eu, endpoints: [{name: x, address: x.example.net}]}, {name: p, region: eu, "        \
        "endpoints: "                                                                                                  \
        "[192.0.2.1]}, {name: outer, region: eu, service: in.example.com}]\n"                                          \
        "zones: [{name: example.com, ns: [ns.example.net], records: [{name: www, type: MX, data: [10 "                 \
        "m.example.net.]}, "                                                                                           \
        "{name: '@', type: TXT, data: [x]}]}]\nservices: [{name: in.example.com, pools: [h]}, "
        refused(ALIAS "{name: www.example.com, pools: [h]}]",
                "services[www.example.com].flatten: expected true: \"h/x\" is a host name");
        refused(ALIAS "{name: www.example.com, pools: [p], when_all_down: last_resort, last_resort: h}]",
                "cannot stand beside the MX of zones[example.com].records[0]");
        refused(ALIAS "{name: www.example.com, pools: [outer]}]", "expected true: \"h/x\"");
        taken(ALIAS "{name: www.example.com, pools: [h], flatten: true}]");
        taken(ALIAS "{name: www.example.com, pools: [p]}]");
        taken(ALIAS "{name: other.example.com, pools: [h]}]");
        taken(ALIAS "{name: example.com, pools: [h]}]");
}
END_TEST

START_TEST(data_that_no_message_holds_is_refused)
{
        struct buffer yaml = BUFFER_INIT(1u << 20);

        buffer_text(&yaml, BASE "{name: big, type: TXT, data: [");
        for (int i = 0; i < 300; i++)
                buffer_printf(&yaml, "%s'%03d%0240d'", i ? ", " : "", i, 0);
        buffer_text(&yaml, "]}" SERVICES "[]");
        refused(yaml.data, "zones[example.com].records[0].data: expected data that fits in a message of 64 KiB");
        buffer_free(&yaml);
}
END_TEST

START_TEST(every_type_that_ldns_knows_can_be_a_record)
{
        static const struct {
                const char *type, *data;
        } cases[] = {
                {"A", "192.0.2.1"},
                {"AAAA", "2001:db8::1"},
                {"MX", "10 mail"},
                {"TXT", "\"a b\" c"},
                {"SRV", "1 2 3 www"},
                {"CAA", "0 issue \"ca.example.net\""},
                {"SSHFP", "1 1 0123456789abcdef0123456789abcdef01234567"},
                {"TLSA", "3 1 1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"},
                {"NAPTR", "1 2 \"s\" \"x\" \"\" ."},
                {"HTTPS", "1 . alpn=h2,h3 ipv4hint=192.0.2.1"},
                {"SVCB", "1 svc port=8443"},
                {"LOC", "52 22 23 N 4 53 32 E 0m"},
                {"DS", "1 8 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"},
                {"TYPE65280", "\\# 3 010203"},
                {"HINFO", "a b"},
                {"RP", "a b"},
                {"PTR", "www"},
                {"DNAME", "other"},
                {"URI", "1 2 \"https://example.com/\""},
        };
        const uint8_t *origin = (const uint8_t *)"\007example\003com";
        struct arena *a = arena_new(0);
        char error[300];

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                uint16_t type = rdata_type(cases[i].type);
                ck_assert_msg(type != 0, "%s", cases[i].type);
                ck_assert_msg(rdata_parse(type, cases[i].data, origin, a, error, sizeof(error)) != NULL, "%s: %s",
                              cases[i].type, error);
        }
        ck_assert_ptr_null(rdata_parse(rdata_type("HTTPS"), "1 . alpn=h2 alpn=h3", origin, a, error, sizeof(error)));
        ck_assert_ptr_null(rdata_parse(rdata_type("TXT"), "a\nb", origin, a, error, sizeof(error)));
        ck_assert_int_eq(rdata_type("ANY"), 0);
        ck_assert_int_eq(rdata_type("OPT"), 0);
        arena_free(a);
}
END_TEST

START_TEST(names_escape_fold_and_bound)
{
        uint8_t wire[NAME_WIRE_MAX], origin[NAME_WIRE_MAX];
        char text[NAME_TEXT_MAX], label[70], deep[600];
        const char *why = NULL;

        ck_assert_uint_eq(name_parse("Example.COM.", NULL, origin, &why), 13);
        ck_assert_uint_eq(name_parse("a\\.b.\\065x", origin, wire, &why), 4 + 3 + 13);
        ck_assert_str_eq(name_format(wire, text), "a\\.b.ax.example.com");
        ck_assert_uint_eq(name_parse("@", origin, wire, &why), 13);
        ck_assert(name_within(wire, origin));
        ck_assert(name_key("WWW.Example.Com.", text));
        ck_assert_str_eq(text, "www.example.com");
        memset(label, 'a', 64);
        label[64] = '\0';
        ck_assert_uint_eq(name_parse(label, NULL, wire, &why), 0);
        ck_assert_ptr_nonnull(strstr(why, "63"));
        for (int i = 0; i < 128; i++)
                memcpy(deep + 2 * i, "a.", 3);
        ck_assert_uint_eq(name_parse(deep, NULL, wire, &why), 0);
        ck_assert_ptr_nonnull(strstr(why, "255"));
        deep[2 * 127] = '\0'; /* 127 labels of one byte: exactly 255 bytes */
        ck_assert_uint_eq(name_parse(deep, NULL, wire, &why), 255);
        ck_assert_uint_eq(name_parse("a..b", NULL, wire, &why), 0);
        ck_assert_uint_eq(name_parse("a\\25", NULL, wire, &why), 0);
        ck_assert_uint_eq(name_parse("a\\256", NULL, wire, &why), 0);
}
END_TEST

START_TEST(a_good_configuration_is_linked)
{
        char *problems = NULL;
        struct model *m = world_model(BASE "{name: a, type: MX, data: [10 mail]}" SERVICES
                                           "[{name: WWW.example.com., pools: [p]}]",
                                      NULL, &problems);

        ck_assert_msg(m != NULL, "%s", problems);
        ck_assert_uint_eq(m->count[KIND_SERVICES], 1);
        ck_assert_str_eq(m->services[0]->name, "www.example.com");
        ck_assert_uint_eq(m->services[0]->zone, 0);
        ck_assert_uint_eq(endpoint_number(m, "p/192.0.2.1"), 0);
        ck_assert_uint_eq(endpoint_number(m, "p/192.0.2.2"), MODEL_NONE);
        model_free(m);
        free(problems);
}
END_TEST

#define MONITORED                                                                                                      \
        "regions: [{name: eu}]\n"                                                                                      \
        "monitors: [{name: web, type: http, path: /a, interval: 5s, headers: {X-A: a, X-B: b}}]\n"                     \
        "pools: "

START_TEST(pools_and_endpoints_lay_fields_over_a_monitor)
{
        char *problems = NULL;
        struct model *m =
                world_model(MONITORED "[{name: p, region: eu, monitor: {name: web, path: /b, rise: 7}, endpoints: ["
                                      "192.0.2.1, {address: 192.0.2.2, monitor: {rise: 9, headers: {X-B: c}}}, "
                                      "{address: 192.0.2.3, monitor: web}]}]",
                            NULL, &problems);

        ck_assert_msg(m != NULL, "%s", problems);
        const struct monitor *plain = m->monitors[m->endpoints[0]->monitor],
                             *own = m->monitors[m->endpoints[1]->monitor],
                             *base = m->monitors[m->endpoints[2]->monitor];
        ck_assert_str_eq(base->http.path, "/a");
        ck_assert_int_eq(base->rise, 2);
        ck_assert_ptr_eq(base, m->monitors[0]);
        ck_assert_str_eq(plain->http.path, "/b");
        ck_assert_int_eq(plain->rise, 7);
        ck_assert_str_eq(plain->name, "web");
        ck_assert_str_eq(own->http.path, "/b");
        ck_assert_int_eq(own->rise, 9);
        ck_assert_str_eq(doc_get_string(own->http.headers, "X-A"), "a");
        ck_assert_str_eq(doc_get_string(own->http.headers, "X-B"), "c");
        ck_assert_str_eq(doc_get_string(base->http.headers, "X-B"), "b");
        model_free(m);
        free(problems);
}
END_TEST

START_TEST(fields_over_a_monitor_that_make_no_sense_are_refused)
{
        refused(MONITORED "[{name: p, region: eu, monitor: {path: /b}}]",
                "there is no monitor to lay these fields over");
        refused(MONITORED "[{name: p, region: eu, monitor: {name: none, path: /b}}]", "refers to monitors[none]");
        refused(MONITORED "[{name: p, region: eu, monitor: {name: web, pth: /b}}]", "did you mean \"path\"?");
        refused(MONITORED "[{name: p, region: eu, monitor: {name: web, rise: 0}}]",
                "pools[0].monitor.rise: expected an integer");
        refused(MONITORED "[{name: p, region: eu, monitor: 7}]", "pools[0].monitor: expected a monitor's name");
        refused(MONITORED "[{name: p, region: eu, monitor: {name: web, timeout: 6s}}]",
                "pools[p].monitor.timeout: expected at most the interval");
}
END_TEST

/* The model of pools with endpoints at these last bytes of addresses, laid over the one before. */
static struct model *pools_after(const char *pools, const struct model *previous)
{
        char *problems, yaml[2000];

        snprintf(yaml, sizeof(yaml), "regions: [{name: eu}]\npools: [%s]\n", pools);
        struct model *m = world_model(yaml, previous, &problems);
        ck_assert_msg(m != NULL, "%s", problems);
        free(problems);
        return m;
}

#define POOL(name, endpoints) "{name: " name ", region: eu, endpoints: [" endpoints "]},"

START_TEST(numbers_stay_over_loads_and_are_given_again_late)
{
        struct model *m[] = {pools_after(POOL("b", "192.0.2.1, 192.0.2.2") POOL("c", "192.0.2.3"), NULL), NULL, NULL,
                             NULL};

        m[1] = pools_after(POOL("a", "192.0.2.9") POOL("c", "192.0.2.4, 192.0.2.3"), m[0]);
        m[2] = pools_after(POOL("b", "192.0.2.2") POOL("c", "192.0.2.3"), m[1]);
        m[3] = pools_after(POOL("c", "192.0.2.3") POOL("d", "192.0.2.8, 192.0.2.7"), m[2]);
        ck_assert_uint_eq(model_find(m[0], KIND_POOLS, "b"), 0);
        for (unsigned i = 0; i < 4; i++) {
                ck_assert_uint_eq(model_find(m[i], KIND_POOLS, "c"), 1);
                ck_assert_uint_eq(endpoint_number(m[i], "c/192.0.2.3"), 2);
                ck_assert_uint_eq(m[i]->present[KIND_POOLS], 2);
        }
        /* What is gone leaves a hole, and its number is no newcomer's of the same load. */
        ck_assert_uint_eq(model_find(m[1], KIND_POOLS, "b"), MODEL_NONE);
        ck_assert_ptr_null(m[1]->pools[0]);
        ck_assert_uint_eq(model_find(m[1], KIND_POOLS, "a"), 2);
        ck_assert_uint_eq(m[1]->count[KIND_POOLS], 3);
        ck_assert_ptr_null(m[1]->endpoints[0]);
        ck_assert_uint_eq(endpoint_number(m[1], "a/192.0.2.9"), 3);
        ck_assert_uint_eq(endpoint_number(m[1], "c/192.0.2.4"), 4);
        ck_assert_uint_eq(m[1]->endpoints_present, 3);
        /* What is free for longest is given first. */
        ck_assert_uint_eq(model_find(m[2], KIND_POOLS, "b"), 0);
        ck_assert_uint_eq(endpoint_number(m[2], "b/192.0.2.2"), 0);
        ck_assert_uint_eq(model_find(m[3], KIND_POOLS, "d"), 2);
        ck_assert_uint_eq(endpoint_number(m[3], "d/192.0.2.8"), 1);
        ck_assert_uint_eq(endpoint_number(m[3], "d/192.0.2.7"), 3);
        ck_assert_uint_eq(m[3]->endpoints[3]->number, 3);
        ck_assert_uint_eq(m[3]->endpoint_count, 5);
        for (unsigned i = 0; i < 4; i++)
                model_free(m[i]);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("configuration");
        TCase *t = tcase_create("configuration");

        tcase_set_timeout(t, 60);
        tcase_add_test(t, references_to_nothing_are_named);
        tcase_add_test(t, names_are_unique_under_case_folding);
        tcase_add_test(t, zones_keep_the_rules_of_rfc_1034_and_2181);
        tcase_add_test(t, codes_that_do_not_exist_are_refused_with_what_was_meant);
        tcase_add_test(t, a_reference_to_nothing_tells_what_may_be_meant);
        tcase_add_test(t, a_problem_of_a_reference_has_the_line_of_the_document);
        tcase_add_test(t, a_value_stands_for_a_list_of_one);
        tcase_add_test(t, an_address_stands_once_in_a_pool);
        tcase_add_test(t, a_name_server_in_its_zone_has_an_address);
        tcase_add_test(t, an_alias_stands_alone_at_its_name);
        tcase_add_test(t, data_that_no_message_holds_is_refused);
        tcase_add_test(t, every_type_that_ldns_knows_can_be_a_record);
        tcase_add_test(t, names_escape_fold_and_bound);
        tcase_add_test(t, a_good_configuration_is_linked);
        tcase_add_test(t, numbers_stay_over_loads_and_are_given_again_late);
        tcase_add_test(t, pools_and_endpoints_lay_fields_over_a_monitor);
        tcase_add_test(t, fields_over_a_monitor_that_make_no_sense_are_refused);
        suite_add_tcase(s, t);
        return run_suite(s);
}
