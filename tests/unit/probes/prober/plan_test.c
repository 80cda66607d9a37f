#include <stdio.h>
#include <string.h>
#include "base/documents/schema.h"
#include "probes/prober/plan.h"
#include "tests/unit/monitors.h"
#include "tests/unit/suite.h"
#include "zones/config/model.h"

/* Every field of a monitor that matters for checking, with a value that is not its default. */
static const char *const fields[] = {
        "port: 8443",
        "interval: 7s",
        "timeout: 1s",
        "enabled: false",
        "fast_interval: 200ms",
        "down_interval: 9s",
        "retries: 1",
        "jitter: 10",
        "rise: 5",
        "fall: 6",
        "before_first_check: up",
        "path: /health",
        "method: POST",
        "host: www.example.com",
        "headers: {X-A: \"1\"}",
        "body: ping",
        "user_agent: me",
        "http_version: \"2\"",
        "follow_redirects: true",
        "expect: {status: [200-204], headers: {X-B: \"2\"}, body: pong, body_regex: ^p, not: {body: bad}}",
        "tls: {verify: false, ca_file: /ca.pem, name: tls.example.com, cert_file: /cert.pem, key_file: /key.pem}",
};
#define FIELDS (sizeof(fields) / sizeof(*fields))

/* A check by a monitor with all of these fields but one (FIELDS: with all). */
static struct check full_but(struct arena *a, size_t left_out)
{
        struct check c = {.id = "pool/one", .port = 8443};
        const char *all = "type: https";

        for (size_t i = 0; i < FIELDS; i++)
                if (i != left_out)
                        all = arena_printf(a, "%s, %s", all, fields[i]);
        c.monitor = monitor_make(a, all);
        ck_assert(address_parse("192.0.2.1", &c.address));
        return c;
}

static struct check full(struct arena *a)
{
        return full_but(a, FIELDS);
}

START_TEST(every_field_of_a_check_survives_the_wire)
{
        struct arena *a = arena_new(0);
        struct problems problems = PROBLEMS_INIT;
        struct plan *p = plan_new(7);
        struct check *c = ARENA_ARRAY(p->arena, struct check, 2);

        c[0] = c[1] = full(p->arena);
        c[1].id = "pool/two";
        plan_set(p, c, 2);
        struct buffer text = BUFFER_INIT(1 << 20);
        doc_write_json(plan_to_doc(p, a), &text, 0);
        struct plan *again = plan_from_doc(doc_parse(a, text.data, text.length, DOC_JSON, &problems), &problems);
        ck_assert_ptr_nonnull(again);
        ck_assert_uint_eq(again->revision, 7);
        ck_assert(check_equal(c, &again->checks[0]));
        ck_assert_str_eq(again->checks[0].monitor->tls.name, "tls.example.com");
        ck_assert_ptr_eq(again->checks[0].monitor, again->checks[1].monitor); /* sent once */
        buffer_free(&text);
        plan_free(p);
        plan_free(again);
        arena_free(a);
}
END_TEST

START_TEST(a_change_of_any_field_makes_another_check)
{
        struct arena *arena = arena_new(0);
        struct check a = full(arena), same = full(arena), b;

        ck_assert(check_equal(&a, &same));
        for (size_t i = 0; i < FIELDS; i++) {
                b = full_but(arena, i);
                ck_assert_msg(!check_equal(&a, &b) && !check_equal(&b, &a), "%s is not compared", fields[i]);
        }
        b = a;
        b.port = 1;
        ck_assert(!check_equal(&a, &b));
        b = a;
        b.host_name = "a.example";
        ck_assert(!check_equal(&a, &b));
        b = a;
        b.address.bytes[3] = 9;
        ck_assert(!check_equal(&a, &b));
        arena_free(arena);
}
END_TEST

START_TEST(fields_of_each_type_survive_the_wire_and_count)
{
        static const char *const types[][2] = {
                {"type: tcp, script: [{send: a}, {expect_hex: '0a ff'}]", "type: tcp, script: [{send: a}]"},
                {"type: udp, udp: {send_hex: '00', expect: b}", "type: udp"},
                {"type: grpc, grpc: {service: shop, tls: true}", "type: grpc, grpc: {service: shop}"},
                {"type: dns, dns: {name: a.example, type: MX, answers: [10 b.example.]}",
                 "type: dns, dns: {name: a.example, type: MX}"},
                {"type: tls, tls: {min_days_left: 9}", "type: tls"},
                {"type: exec, exec: {program: p, arguments: [a, b]}", "type: exec, exec: {program: p, arguments: [a]}"},
                {"type: agent, agent: {send: a, required: false}", "type: agent, agent: {send: a}"},
                {"type: metrics, metrics: {load: a, cpu: {select: b, scale: 2}}", "type: metrics, metrics: {load: a}"},
                {"type: external, external: {when_silent: down}", "type: external"},
        };

        for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
                struct problems problems = PROBLEMS_INIT;
                struct plan *p = plan_new(1);
                struct check *c = ARENA_NEW(p->arena, struct check), other;
                *c = full(p->arena);
                other = *c;
                c->monitor = monitor_make(p->arena, types[i][0]);
                other.monitor = monitor_make(p->arena, types[i][1]);
                plan_set(p, c, 1);
                struct plan *again = plan_from_doc(plan_to_doc(p, p->arena), &problems);
                ck_assert_ptr_nonnull(again);
                ck_assert(check_equal(c, &again->checks[0]));
                ck_assert(!check_equal(c, &other));
                plan_free(again);
                plan_free(p);
        }
}
END_TEST

START_TEST(parts_survive_the_wire_and_count)
{
        struct problems problems = PROBLEMS_INIT;
        struct plan *p = plan_new(1);
        struct check *c = ARENA_NEW(p->arena, struct check), *parts = ARENA_ARRAY(p->arena, struct check, 2), other;

        *c = parts[0] = parts[1] = full(p->arena);
        c->monitor = monitor_make(p->arena, "type: composite, composite: {of: [a, b], need: any}");
        parts[1].monitor = monitor_make(p->arena, "type: metrics, metrics: {load: {select: x, rate: true}}");
        parts[1].port = 9100;
        c->parts = parts;
        c->part_count = 2;
        other = *c;
        plan_set(p, c, 1);
        struct plan *again = plan_from_doc(plan_to_doc(p, p->arena), &problems), *copy = plan_for_prober(p, "paris");
        ck_assert_ptr_nonnull(again);
        ck_assert(check_equal(c, &again->checks[0]) && check_equal(c, &copy->checks[0]));
        ck_assert_uint_eq(again->checks[0].parts[1].port, 9100);
        ck_assert_str_eq(again->checks[0].parts[1].id, "pool/one");
        ck_assert(copy->checks[0].parts[1].monitor->metrics.readings[0].rate);
        parts = ARENA_ARRAY(p->arena, struct check, 2);
        parts[0] = c->parts[0];
        parts[1] = c->parts[1];
        parts[1].port = 9101;
        other.parts = parts;
        ck_assert(!check_equal(c, &other));
        plan_free(copy);
        plan_free(again);
        plan_free(p);
}
END_TEST

START_TEST(how_probers_words_make_health_does_not_disturb_a_check)
{
        struct arena *arena = arena_new(0);
        struct check a = full(arena), b = a;

        a.monitor = monitor_make(arena, "type: tcp");
        b.monitor = monitor_make(arena,
                                 "type: tcp, quorum: all, probers: [paris], stale_after: 9s, quarantine: {changes: 3}");
        ck_assert(check_equal(&a, &b));
        arena_free(arena);
}
END_TEST

START_TEST(a_plan_that_names_no_such_monitor_is_refused)
{
        static const char *const plans[] = {
                "{revision: 1, monitors: [], checks: [{id: p/e, monitor: 0, address: 192.0.2.1, port: 1}]}",
                "{revision: 1, monitors: [{name: m, type: none}], checks: []}",
                "{revision: 1, monitors: 7, checks: []}",
                "{revision: 1, monitors: [{name: m, type: tcp}], checks: [{id: p/e, monitor: 0, port: 1}]}"};

        for (size_t i = 0; i < sizeof(plans) / sizeof(*plans); i++) {
                struct arena *a = arena_new(0);
                struct problems problems = PROBLEMS_INIT;
                struct doc *d = doc_parse(a, plans[i], strlen(plans[i]), DOC_YAML, &problems);
                ck_assert_ptr_nonnull(d);
                ck_assert_ptr_null(plan_from_doc(d, &problems));
                ck_assert_uint_gt(problems.count, 0);
                problems_free(&problems);
                arena_free(a);
        }
}
END_TEST

START_TEST(a_prober_is_given_a_copy_of_its_own_checks)
{
        static const char *const paris[] = {"paris"}, *const rome[] = {"rome", "paris"};
        struct plan *p = plan_new(3);
        struct check *c = ARENA_ARRAY(p->arena, struct check, 3);

        c[0] = c[1] = c[2] = full(p->arena);
        c[0].id = "p/a";
        c[1].id = "p/b";
        c[2].id = "p/c";
        c[1].probers = paris;
        c[1].prober_count = 1;
        c[2].probers = rome;
        c[2].prober_count = 2;
        plan_set(p, c, 3);
        struct plan *of_paris = plan_for_prober(p, "paris"), *of_rome = plan_for_prober(p, "rome");
        plan_free(p);
        ck_assert_uint_eq(of_paris->count, 3);
        ck_assert_uint_eq(of_rome->count, 2);
        ck_assert_str_eq(of_rome->checks[1].id, "p/c");
        struct arena *a = arena_new(0);
        struct check first = full(a);
        first.id = "p/a";
        ck_assert(check_equal(&of_paris->checks[0], &first));
        arena_free(a);
        plan_free(of_paris);
        plan_free(of_rome);
}
END_TEST

/* --- monitors as people write them --- */

static const char *problem_of(const char *yaml, struct monitor *m)
{
        static char text[1000];
        static struct arena *a;
        struct problems problems = PROBLEMS_INIT;

        arena_free(a);
        a = arena_new(0);
        struct doc *d = doc_parse(a, yaml, strlen(yaml), DOC_YAML, &problems);
        if (d)
                schema_decode(kind_schema(KIND_MONITORS), d, a, m, &problems);
        char *all = problems_text(&problems);
        snprintf(text, sizeof(text), "%s", all);
        free(all);
        problems_free(&problems);
        return text;
}

START_TEST(a_monitor_takes_expectations_and_requests)
{
        struct monitor m;
        const char *yaml = "name: web\n"
                           "type: https\n"
                           "method: POST\n"
                           "body: ping\n"
                           "user_agent: operator/1 (gslb)\n"
                           "http_version: \"2\"\n"
                           "follow_redirects: true\n"
                           "expect:\n"
                           "  status: [200-204]\n"
                           "  headers: {X-Ready: \"yes\"}\n"
                           "  body: pong\n"
                           "  body_regex: '^state: (ready|busy)$'\n"
                           "  not: {body: maintenance, body_regex: error, headers: {X-Drain: \"\"}}\n"
                           "tls: {cert_file: /c.pem, key_file: /k.pem}\n";

        ck_assert_str_eq(problem_of(yaml, &m), "");
        ck_assert_str_eq(m.http.expect.body, "pong");
        ck_assert_str_eq(m.http.expect.not_.body, "maintenance");
        ck_assert_str_eq(m.http.expect.not_.headers->first->key, "X-Drain");
        ck_assert_int_eq(m.http.version, HTTP_VERSION_2);
        ck_assert(m.http.follow_redirects);
}
END_TEST

START_TEST(a_monitor_takes_timing_and_quorum)
{
        static const struct {
                const char *text;
                struct quorum is;
        } quorums[] = {{"majority", {QUORUM_MAJORITY, 0}},
                       {"any", {QUORUM_ANY, 0}},
                       {"all", {QUORUM_ALL, 0}},
                       {"3", {QUORUM_COUNT, 3}},
                       {"60%", {QUORUM_PERCENT, 60}}};
        struct monitor m;

        for (size_t i = 0; i < sizeof(quorums) / sizeof(*quorums); i++) {
                char yaml[200];
                snprintf(yaml, sizeof(yaml), "{name: w, type: tcp, quorum: %s}", quorums[i].text);
                ck_assert_str_eq(problem_of(yaml, &m), "");
                ck_assert_int_eq(m.quorum.rule, quorums[i].is.rule);
                ck_assert_int_eq(m.quorum.n, quorums[i].is.n);
        }
        ck_assert_str_eq(problem_of("name: w\n"
                                    "type: tcp\n"
                                    "enabled: false\n"
                                    "fast_interval: 250ms\n"
                                    "down_interval: 30s\n"
                                    "retries: 2\n"
                                    "jitter: 20\n"
                                    "before_first_check: down\n"
                                    "probers: [paris, 'region:eu']\n"
                                    "stale_after: 10s\n"
                                    "quarantine: {changes: 4, window: 1m, for: 30s}\n",
                                    &m),
                         "");
        ck_assert(!m.enabled);
        ck_assert_int_eq(m.fast_interval_ms, 250);
        ck_assert_int_eq(m.before_first_check, BEFORE_DOWN);
        ck_assert_int_eq(m.quarantine.for_ms, 30000);
        ck_assert_str_eq(problem_of("{name: w, type: tcp}", &m), "");
        ck_assert(m.enabled && m.quorum.rule == QUORUM_MAJORITY && m.stale_after_ms == 30000 && !m.quarantine.changes);
}
END_TEST

START_TEST(a_monitor_that_cannot_work_is_refused_with_its_field)
{
        static const struct {
                const char *yaml, *said;
        } cases[] = {
                {"{name: w, type: http, expect: {body_regex: '('}}",
                 "expect.body_regex: expected a regular expression: missing closing parenthesis, at character 1"},
                {"{name: w, type: http, expect: {not: {body_regex: 'a**'}}}",
                 "expect.not.body_regex: expected a regular"},
                {"{name: w, type: http, expect: {body_regex: '((ab?){1000}){1000}'}}",
                 "expect.body_regex: expected a regular expression: regular expression is too large"},
                {"{name: w, type: http, method: HEAD, body: x}", "body: expected none"},
                {"{name: w, type: https, tls: {cert_file: /c.pem}}", "cert_file and key_file together"},
                {"{name: w, type: http, quorum: 0}", "quorum: expected majority"},
                {"{name: w, type: http, quorum: most}", "quorum: expected majority"},
                {"{name: w, type: http, quorum: 101%}", "quorum: expected majority"},
                {"{name: w, type: http, interval: 5s, fast_interval: 6s}", "fast_interval: expected at most"},
                {"{name: w, type: http, http_version: '3'}", "http_version"},
                {"{name: w, type: http, user_agent: \"a\\nb\"}", "user_agent: expected text on one line"},
                {"{name: w, type: http, tls: {verify: false}}", "tls: has no meaning for a monitor of type http"},
                {"{name: w, type: icmp, path: /}", "path: has no meaning for a monitor of type icmp"},
                {"{name: w, type: tcp, script: [{send: a, expect: b}]}", "script[0]: expected one of send"},
                {"{name: w, type: tcp, script: [{}]}", "script[0]: expected one of send"},
                {"{name: w, type: tcp, script: [{send_hex: '0g'}]}", "script[0].send_hex: expected pairs"},
                {"{name: w, type: tcp, script: [{send_hex: '0'}]}", "script[0].send_hex: expected pairs"},
                {"{name: w, type: tcp, script: [{send: ''}]}", "script[0].send: expected text"},
                {"{name: w, type: tcp, script: [{expect_regex: '('}]}",
                 "script[0].expect_regex: expected a regular expression: missing"},
                {"{name: w, type: udp, udp: {send: a, send_hex: '00'}}", "udp.send_hex: expected either this"},
                {"{name: w, type: dns}", "a monitor of type dns needs"},
                {"{name: w, type: dns, dns: {name: a..b}}", "dns.name: expected a domain name"},
                {"{name: w, type: dns, dns: {name: a, type: NONE}}", "dns.type: expected a record type"},
                {"{name: w, type: dns, dns: {name: a, answers: ['::1']}}", "dns.answers[0]: expected an IPv4 address"},
                {"{name: w, type: exec}", "a monitor of type exec needs"},
                {"{name: w, type: exec, exec: {program: ../sh}}", "exec.program: expected the name of a file"},
        };
        struct monitor m;

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                const char *said = problem_of(cases[i].yaml, &m);
                ck_assert_msg(strstr(said, cases[i].said), "%s: %s", cases[i].yaml, said);
        }
}
END_TEST

int main(void)
{
        Suite *s = suite_create("plan");
        TCase *t = tcase_create("plan");

        tcase_add_test(t, every_field_of_a_check_survives_the_wire);
        tcase_add_test(t, a_change_of_any_field_makes_another_check);
        tcase_add_test(t, fields_of_each_type_survive_the_wire_and_count);
        tcase_add_test(t, parts_survive_the_wire_and_count);
        tcase_add_test(t, how_probers_words_make_health_does_not_disturb_a_check);
        tcase_add_test(t, a_plan_that_names_no_such_monitor_is_refused);
        tcase_add_test(t, a_prober_is_given_a_copy_of_its_own_checks);
        tcase_add_test(t, a_monitor_takes_expectations_and_requests);
        tcase_add_test(t, a_monitor_takes_timing_and_quorum);
        tcase_add_test(t, a_monitor_that_cannot_work_is_refused_with_its_field);
        suite_add_tcase(s, t);
        return run_suite(s);
}
