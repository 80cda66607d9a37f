/* What explain tells is what the server answers: both are asked the same, and what they say is compared. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/buffer.h"
#include "base/log.h"
#include "tests/unit/ask.h"
#include "zones/explain/explain.h"
#include "zones/explain/explain_brief.h"

static const char yaml[] = "regions: [{name: eu, default: true}]\n"
                           "pools:\n"
                           "  - {name: p, region: eu, endpoints: [192.0.2.1]}\n"
                           "  - {name: v6, region: eu, endpoints: ['2001:db8::1']}\n"
                           "  - {name: host, region: eu, endpoints: [{name: h, address: static.g.example}]}\n"
                           "  - {name: away, region: eu, endpoints: [{name: h, address: cdn.example.net}]}\n"
                           "  - {name: off, region: eu, endpoints: [192.0.2.66]}\n"
                           "  - {name: new, region: eu, endpoints: [192.0.2.77]}\n"
                           "zones:\n"
                           "  - name: g.example\n"
                           "    ns: [ns1.g.example]\n"
                           "    records:\n"
                           "      - {name: ns1, type: A, data: [203.0.113.53]}\n"
                           "      - {name: static, type: A, ttl: 60, data: [198.51.100.1, 198.51.100.2]}\n"
                           "      - {name: '@', type: MX, data: [10 static]}\n"
                           "      - {name: text, type: TXT, data: ['\"a b\" \"c\"']}\n"
                           "      - {name: alias, type: CNAME, data: [www]}\n"
                           "      - {name: alias2, type: CNAME, data: [alias]}\n"
                           "      - {name: lost, type: CNAME, data: [nowhere]}\n"
                           "      - {name: out, type: CNAME, data: [www.example.net.]}\n"
                           "      - {name: tocut, type: CNAME, data: [a.cut]}\n"
                           "      - {name: tochild, type: CNAME, data: [www.sub]}\n"
                           "      - {name: loop, type: CNAME, data: [loop2]}\n"
                           "      - {name: loop2, type: CNAME, data: [loop]}\n"
                           "      - {name: '*.wild', type: A, data: [198.51.100.9]}\n"
                           "      - {name: '*.walias', type: CNAME, data: [static]}\n"
                           "      - {name: a.b.empty, type: A, data: [198.51.100.8]}\n"
                           "      - {name: cut, type: NS, data: [ns.cut, ns.example.net.]}\n"
                           "      - {name: cut, type: DS, data: ['1 13 2 "
                           "0101010101010101010101010101010101010101010101010101010101010101']}\n"
                           "      - {name: ns.cut, type: A, data: [203.0.113.9]}\n"
                           "      - {name: d, type: DNAME, data: [wild]}\n"
                           "      - {name: dout, type: DNAME, data: [example.net.]}\n"
                           "      - {name: sub, type: DS, data: ['2 13 2 "
                           "0202020202020202020202020202020202020202020202020202020202020202']}\n"
                           "  - name: sub.g.example\n"
                           "    ns: [ns1.g.example]\n"
                           "    records:\n"
                           "      - {name: www, type: A, data: [203.0.113.80]}\n"
                           "      - {name: cut, type: NS, data: [ns.example.net.]}\n"
                           "services:\n"
                           "  - {name: www.g.example, pools: [p]}\n"
                           "  - {name: six.g.example, pools: [v6]}\n"
                           "  - {name: host.g.example, pools: [host]}\n"
                           "  - {name: away.g.example, pools: [away]}\n"
                           "  - {name: '*.every.g.example', pools: [p]}\n"
                           "  - {name: down.g.example, when_all_down: servfail, pools: [off]}\n"
                           "  - {name: new.g.example, pools: [new]}\n"
                           "  - {name: off.g.example, enabled: false, pools: [p]}\n"
                           "  - {name: in.cut.g.example, pools: [p]}\n"
                           "  - {name: svc.sub.g.example, pools: [p]}\n";

static const char *const names[] = {
        "g.example",          "www.g.example",      "WWW.g.example",     "six.g.example",     "host.g.example",
        "away.g.example",     "x.every.g.example",  "every.g.example",   "down.g.example",    "off.g.example",
        "static.g.example",   "text.g.example",     "alias.g.example",   "alias2.g.example",  "lost.g.example",
        "out.g.example",      "tocut.g.example",    "tochild.g.example", "a.wild.g.example",  "wild.g.example",
        "a.b.wild.g.example", "x.walias.g.example", "b.empty.g.example", "empty.g.example",   "cut.g.example",
        "ns.cut.g.example",   "x.y.cut.g.example",  "in.cut.g.example",  "d.g.example",       "x.d.g.example",
        "x.dout.g.example",   "nowhere.g.example",  "sub.g.example",     "www.sub.g.example", "svc.sub.g.example",
        "no.sub.g.example",   "new.g.example",      "loop.g.example",    "cut.sub.g.example", "www.cut.sub.g.example"};
static const char *const types[] = {"A", "AAAA", "CNAME", "TXT", "NS", "MX", "DS", "DNAME", "SOA"};

static struct world *w;

/* The RDATA of each record, a line each: without the dot that ends a name. */
static void rdata_add(struct buffer *out, const char *rdata, size_t length)
{
        while (length && rdata[length - 1] == '.')
                length--;
        buffer_bytes(out, rdata, length);
        buffer_text(out, "\n");
}

static char *server_says(const struct told *told)
{
        const char *at = told_section(told, LDNS_SECTION_ANSWER), *authority;
        struct buffer out = BUFFER_INIT(1 << 20);
        unsigned rcode = told_rcode(told);

        while (*at) {
                size_t length = strcspn(at, "\n");
                const char *rdata = at;
                for (unsigned field = 0; field < 4; field++)
                        rdata = strchr(rdata, ' ') + 1;
                rdata_add(&out, rdata, (size_t)(at + length - rdata));
                at += length + (at[length] != '\0');
        }
        bool empty = !out.length;
        authority = told_section(told, LDNS_SECTION_AUTHORITY);
        buffer_printf(&out, "%s%s",
                      rcode == RCODE_NOERROR    ? "NOERROR"
                      : rcode == RCODE_NXDOMAIN ? "NXDOMAIN"
                      : rcode == RCODE_SERVFAIL ? "SERVFAIL"
                                                : "?",
                      empty && strstr(authority, " NS ") ? " referral " : "");
        if (empty && strstr(authority, " NS "))
                buffer_bytes(&out, authority, strcspn(authority, " ") - 1);
        return buffer_take(&out);
}

static char *explain_says(const char *name, const char *type)
{
        struct arena *arena = arena_new(0);
        struct problems problems = PROBLEMS_INIT;
        struct buffer out = BUFFER_INIT(1 << 20);
        struct prefix client;

        ck_assert(prefix_parse("198.51.100.1", &client));
        const struct explain_question q = explain_now(name, type, &client, w->snapshot->revision);
        const struct doc *d = explain_answer(w->snapshot, NULL, &q, arena, &problems);
        ck_assert_msg(d != NULL, "%s %s", name, type);
        doc_each (one, doc_get(d, "answer"))
                rdata_add(&out, one->string, strlen(one->string));
        const char *referral = doc_get_string(d, "referral");
        buffer_printf(&out, "%s%s%s", doc_get_string(d, "rcode"), referral ? " referral " : "",
                      referral ? referral : "");
        arena_free(arena);
        return buffer_take(&out);
}

START_TEST(explain_says_what_the_server_answers)
{
        unsigned referrals = 0, nxdomains = 0, answers = 0;

        w->states[world_endpoint(w, "new/192.0.2.77")].waiting = true;
        world_health(w, "off/192.0.2.66", HEALTH_DOWN);
        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
                for (size_t j = 0; j < sizeof(types) / sizeof(*types); j++) {
                        struct ask question = {.name = names[i],
                                               .type = (uint16_t)ldns_get_rr_type_by_name(types[j]),
                                               .transport = TRANSPORT_TCP};
                        struct told *told = ask(w, &question);
                        char *server = server_says(told), *explained = explain_says(names[i], types[j]);
                        ck_assert_msg(!strcmp(server, explained), "%s %s: the server answers\n%s\nexplain says\n%s",
                                      names[i], types[j], server, explained);
                        referrals += strstr(server, "referral") != NULL;
                        nxdomains += strstr(server, "NXDOMAIN") != NULL;
                        answers += strchr(server, '\n') != NULL;
                        free(explained);
                        free(server);
                        told_free(told);
                }
        }
        ck_assert_uint_gt(referrals, 30);
        ck_assert_uint_gt(nxdomains, 20);
        ck_assert_uint_gt(answers, 60);
}
END_TEST

static const char *brief_of(const char *name)
{
        static char text[BRIEF_LINES * (BRIEF_LINE_MAX + 2)];
        struct client client = {0};
        struct brief brief;
        struct lookup found;
        uint8_t wire[NAME_WIRE_MAX];
        const char *why;

        ck_assert(prefix_parse("198.51.100.1", &client.prefix));
        client_locate(w->snapshot->locator, &client);
        snapshot_lookup(w->snapshot, wire, name_parse(name, NULL, wire, &why), &found);
        explain_brief(w->snapshot, &found, &client, &brief);
        text[0] = '\0';
        for (unsigned i = 0; i < brief.count; i++)
                sprintf(text + strlen(text), "%s\n", brief.lines[i]);
        return text;
}

START_TEST(brief_tells_delegations_aliases_and_names_that_are_not_there)
{
        static const struct {
                const char *name, *wanted;
        } cases[] = {
                {"www.g.example", "pool p in eu serves\nendpoint 192.0.2.1 (192.0.2.1): 100.0%"},
                {"in.cut.g.example", "a referral: delegated at cut.g.example"},
                {"cut.g.example", "a referral: delegated at cut.g.example"},
                {"x.d.g.example", "an alias by the DNAME of d.g.example"},
                {"x.every.g.example", "covered by the wildcard *.every.g.example\nclient's region: eu"},
                {"nowhere.g.example", "the name does not exist (NXDOMAIN)"},
                {"empty.g.example", "the name exists without records (NODATA)"},
                {"off.g.example", "the service is disabled"},
                {"www.sub.g.example", "static records of the zone"},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
                ck_assert_msg(strstr(brief_of(cases[i].name), cases[i].wanted) != NULL, "%s: %s", cases[i].name,
                              brief_of(cases[i].name));
        ck_assert_ptr_null(strstr(brief_of("in.cut.g.example"), "192.0.2.1"));
}
END_TEST

/* The least of several runs: other work on the machine only adds. */
static uint64_t brief_us(const char *endpoints)
{
        uint64_t least = UINT64_MAX;

        world_free(w);
        w = world_of_pool("balance: weighted", endpoints);
        for (unsigned run = 0; run < 10; run++) {
                uint64_t from = clock_us();
                for (unsigned i = 0; i < 200; i++)
                        brief_of(WORLD_SERVICE);
                uint64_t took = clock_us() - from;
                least = took < least ? took : least;
        }
        return least;
}

START_TEST(brief_costs_no_more_with_thousands_of_endpoints)
{
        struct buffer many = BUFFER_INIT(1 << 20);

        for (unsigned i = 0; i < 4000; i++)
                buffer_printf(&many, "%s10.0.%u.%u", i ? ", " : "", i / 250, i % 250 + 1);
        uint64_t few = brief_us("10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6, 10.0.0.7, 10.0.0.8");
        uint64_t thousands = brief_us(many.data);
        ck_assert_ptr_nonnull(strstr(brief_of(WORLD_SERVICE), "and 3992 more endpoints"));
        ck_assert_msg(thousands < 5 * few, "%llu us with 8 endpoints, %llu us with 4000", (unsigned long long)few,
                      (unsigned long long)thousands);
        buffer_free(&many);
}
END_TEST

static void setup(void)
{
        w = world_new(yaml, NULL);
}

static void teardown(void)
{
        world_free(w);
}

int main(void)
{
        Suite *suite = suite_create("explain equals answer");
        TCase *t = tcase_create("explain equals answer");

        log_set_level(LOG_LEVEL_ERROR);
        tcase_add_checked_fixture(t, setup, teardown);
        tcase_add_test(t, explain_says_what_the_server_answers);
        tcase_add_test(t, brief_tells_delegations_aliases_and_names_that_are_not_there);
        tcase_add_test(t, brief_costs_no_more_with_thousands_of_endpoints);
        suite_add_tcase(suite, t);
        return world_run(suite);
}
