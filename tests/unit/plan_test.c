#include <stdio.h>
#include <string.h>
#include "base/schema.h"
#include "probes/plan.h"
#include "tests/unit/suite.h"
#include "zones/model.h"

static const struct check_header header[] = {{"X-A", "1"}}, other_header[] = {{"X-A", "2"}};
static const struct check_status_range status[] = {{200, 204}};

/* Every field that matters for checking, with a value that is not its default. */
static struct check full(void)
{
        struct check c = {.id = "pool/one",
                          .monitor = "web",
                          .type = CHECK_HTTPS,
                          .port = 8443,
                          .interval_ms = 5000,
                          .timeout_ms = 2000,
                          .rise = 2,
                          .fall = 3,
                          .path = "/health",
                          .method = "POST",
                          .host = "www.example.com",
                          .headers = header,
                          .header_count = 1,
                          .status = status,
                          .status_count = 1,
                          .body = "ping",
                          .user_agent = "me",
                          .http_version = CHECK_HTTP_2,
                          .follow_redirects = true,
                          .expect = {header, 1, "pong", "^p"},
                          .refuse = {header, 1, "bad", "no$"},
                          .tls_verify = true,
                          .tls_ca_file = "/ca.pem",
                          .tls_name = "tls.example.com",
                          .tls_cert_file = "/cert.pem",
                          .tls_key_file = "/key.pem"};

        ck_assert(address_parse("192.0.2.1", &c.address));
        return c;
}

START_TEST(every_field_of_a_check_survives_the_wire)
{
        struct arena *a = arena_new(0);
        struct problems problems = PROBLEMS_INIT;
        struct plan *p = plan_new(7);
        struct check *c = ARENA_NEW(p->arena, struct check);

        *c = full();
        plan_set(p, c, 1);
        struct buffer text = BUFFER_INIT(1 << 20);
        doc_write_json(plan_to_doc(p, a), &text, 0);
        struct plan *again = plan_from_doc(doc_parse(a, text.data, text.length, DOC_JSON, &problems), &problems);
        ck_assert_ptr_nonnull(again);
        ck_assert_uint_eq(again->revision, 7);
        ck_assert(check_equal(c, &again->checks[0]));
        buffer_free(&text);
        plan_free(p);
        plan_free(again);
        arena_free(a);
}
END_TEST

START_TEST(a_change_of_any_field_makes_another_check)
{
        struct check a = full(), b;

#define DIFFERS(member, value)                                                                                         \
        b = a;                                                                                                         \
        b.member = value;                                                                                              \
        ck_assert_msg(!check_equal(&a, &b), "%s is not compared", #member)
        ck_assert(check_equal(&a, &a));
        DIFFERS(type, CHECK_TCP);
        DIFFERS(port, 1);
        DIFFERS(host_name, "a.example");
        DIFFERS(interval_ms, 1);
        DIFFERS(timeout_ms, 1);
        DIFFERS(rise, 9);
        DIFFERS(fall, 9);
        DIFFERS(path, "/");
        DIFFERS(method, "GET");
        DIFFERS(host, NULL);
        DIFFERS(headers, other_header);
        DIFFERS(status_count, 0);
        DIFFERS(body, "other");
        DIFFERS(user_agent, NULL);
        DIFFERS(http_version, CHECK_HTTP_AUTO);
        DIFFERS(follow_redirects, false);
        DIFFERS(expect.headers, other_header);
        DIFFERS(expect.body, NULL);
        DIFFERS(expect.body_regex, "x");
        DIFFERS(refuse.header_count, 0);
        DIFFERS(refuse.body, "x");
        DIFFERS(refuse.body_regex, NULL);
        DIFFERS(tls_verify, false);
        DIFFERS(tls_ca_file, NULL);
        DIFFERS(tls_name, NULL);
        DIFFERS(tls_cert_file, NULL);
        DIFFERS(tls_key_file, NULL);
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
                           "type: http\n"
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
        ck_assert_str_eq(m.expect.body, "pong");
        ck_assert_str_eq(m.expect.not_.body, "maintenance");
        ck_assert_str_eq(m.expect.not_.headers->first->key, "X-Drain");
        ck_assert_int_eq(m.http_version, MONITOR_HTTP_2);
        ck_assert(m.follow_redirects);
}
END_TEST

START_TEST(a_monitor_that_cannot_work_is_refused_with_its_field)
{
        static const struct {
                const char *yaml, *said;
        } cases[] = {
                {"{name: w, type: http, expect: {body_regex: '('}}", "expect.body_regex: expected a POSIX"},
                {"{name: w, type: http, expect: {not: {body_regex: '(a)\\1'}}}",
                 "expect.not.body_regex: expected no back"},
                {"{name: w, type: http, expect: {body_regex: '(a{200}){200}'}}", "expect.body_regex: expected no back"},
                {"{name: w, type: http, method: HEAD, body: x}", "body: expected none"},
                {"{name: w, type: https, tls: {cert_file: /c.pem}}", "cert_file and key_file together"},
                {"{name: w, type: http, http_version: '3'}", "http_version"},
                {"{name: w, type: http, user_agent: \"a\\nb\"}", "user_agent: expected text on one line"},
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
        tcase_add_test(t, a_monitor_takes_expectations_and_requests);
        tcase_add_test(t, a_monitor_that_cannot_work_is_refused_with_its_field);
        suite_add_tcase(s, t);
        return run_suite(s);
}
