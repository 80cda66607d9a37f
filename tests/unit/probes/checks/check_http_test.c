#include <event2/event.h>
#include <event2/thread.h>
#include <string.h>
#include "base/memory.h"
#include "probes/checks/check_run.h"
#include "probes/checks/content.h"
#include "tests/unit/canned.h"
#include "tests/unit/monitors.h"
#include "tests/unit/suite.h"

static struct arena *arena;
static struct monitor *m; /* of the newest check */

static struct check check_for(uint16_t port)
{
        struct check c = {.id = "p/e", .port = port};

        arena_free(arena);
        arena = arena_new(0);
        c.monitor = m = monitor_make(arena, "type: http, timeout: 3s");
        ck_assert(address_parse("127.0.0.1", &c.address));
        return c;
}

static const struct doc *headers(const char *yaml)
{
        struct problems none = PROBLEMS_INIT;

        return doc_parse(arena, yaml, strlen(yaml), DOC_YAML, &none);
}

static struct pattern pattern(const char *text)
{
        struct pattern p = {.text = text};
        char error[200];

        if (!arena)
                arena = arena_new(0);
        ck_assert_msg(pattern_compile(&p, arena, error, sizeof(error)), "%s", error);
        return p;
}

struct outcome {
        struct event_base *base;
        struct check_result result;
        bool done;
};

static void on_result(void *context, const struct check_result *result)
{
        struct outcome *o = context;

        o->result = *result;
        o->done = true;
        event_base_loopbreak(o->base);
}

static struct check_result run_check(const struct check *c)
{
        struct outcome o = {.base = event_base_new()};
        struct checker checker = {.base = o.base, .transfers = http_transfers_new(o.base)};

        const struct check_subject subject = {.check = c};

        ck_assert_ptr_nonnull(check_driver_of(c)->start(&checker, &subject, on_result, &o, &o.result));
        while (!o.done)
                event_base_loop(o.base, EVLOOP_ONCE);
        http_transfers_free(checker.transfers);
        event_base_free(o.base);
        return o.result;
}

#define REPLY(status, headers, body) "HTTP/1.1 " status "\r\n" headers "Connection: close\r\n\r\n" body

static void expect_reason(const struct check *c, enum reason reason, const char *detail)
{
        struct check_result r = run_check(c);

        ck_assert_msg(r.reason == reason, "expected %s, got %s: %s", reason_name(reason), reason_name(r.reason),
                      r.detail);
        if (detail)
                ck_assert_str_eq(r.detail, detail);
}

static struct canned *server(const char *reply)
{
        return canned_start("\r\n\r\n", reply, strlen(reply), false);
}

START_TEST(only_expected_statuses_pass)
{
        struct canned *s = server(REPLY("503 Busy", "", ""));
        struct check c = check_for(s->port);

        expect_reason(&c, REASON_STATUS, "503");
        static struct status_range busy[] = {{200, 200}, {500, 503}};
        m->http.expect.status = (struct status_ranges){busy, 2};
        expect_reason(&c, REASON_OK, "503");
        canned_stop(s);
}
END_TEST

START_TEST(the_body_must_contain_and_match_what_is_expected_and_nothing_refused)
{
        struct canned *s = server(REPLY("200 OK", "", "state: ready\nnodes: 12\n"));
        struct check c = check_for(s->port);

        m->http.expect.body = "ready";
        m->http.expect.body_regex = pattern("^nodes: [0-9]+$");
        m->http.expect.not_.body = "maintenance";
        m->http.expect.not_.body_regex = pattern("^nodes: 0");
        expect_reason(&c, REASON_OK, "200");
        m->http.expect.body = "readily";
        expect_reason(&c, REASON_BODY, "does not contain \"readily\"");
        m->http.expect.body = NULL;
        m->http.expect.body_regex = pattern("^ready");
        expect_reason(&c, REASON_BODY, "does not match \"^ready\"");
        m->http.expect.body_regex.text = NULL;
        m->http.expect.not_.body = "ready";
        expect_reason(&c, REASON_BODY, "contains \"ready\"");
        m->http.expect.not_.body = NULL;
        m->http.expect.not_.body_regex = pattern("nodes: 1.$");
        expect_reason(&c, REASON_BODY, "matches \"nodes: 1.$\"");
        canned_stop(s);
}
END_TEST

START_TEST(headers_must_hold_what_is_expected_and_nothing_refused)
{
        struct canned *s = server(REPLY("200 OK", "X-READY: oh yes\r\nX-Mode: serving\r\n", ""));
        struct check c = check_for(s->port);

        m->http.expect.headers = headers("{X-Ready: yes}");
        m->http.expect.not_.headers = headers("{x-mode: drain}");
        expect_reason(&c, REASON_OK, NULL);
        m->http.expect.headers = headers("{X-Other: ''}");
        expect_reason(&c, REASON_HEADER, "X-Other: no \"\"");
        m->http.expect.headers = headers("{}");
        m->http.expect.not_.headers = headers("{X-Mode: serving}");
        expect_reason(&c, REASON_HEADER, "X-Mode: has \"serving\"");
        canned_stop(s);
}
END_TEST

START_TEST(the_first_64_kib_of_a_body_are_looked_into_and_no_more)
{
        static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n";
        size_t start = sizeof(head) - 1, length = start + 200000;
        char *reply = memory_alloc(length);

        memset(reply, 'x', length);
        memcpy(reply, head, start);
        memcpy(reply + start + 65536 - 4, "near", 4);
        memcpy(reply + start + 65536, "far!", 4);
        struct canned *s = canned_start("\r\n\r\n", reply, length, true);
        struct check c = check_for(s->port);
        m->http.expect.body = "near";
        expect_reason(&c, REASON_OK, NULL);
        m->http.expect.body = "far!";
        expect_reason(&c, REASON_BODY, NULL);
        canned_stop(s);
        free(reply);
}
END_TEST

START_TEST(a_body_with_nul_bytes_is_looked_into_beyond_them)
{
        static const char body[] = "ab\0cd ok";
        const struct monitor ok = {.http = {.expect = {.body = "ok", .body_regex = pattern("c.*k")}}};
        char detail[CONTENT_DETAIL_MAX];

        ck_assert(content_body_expected(&ok, body, sizeof(body) - 1, detail));
        ck_assert(!content_body_expected(&ok, body, sizeof(body) - 2, detail));
}
END_TEST

START_TEST(a_pattern_that_would_take_for_ever_fails_and_says_so)
{
        const struct monitor must = {.http = {.expect = {.body_regex = pattern("^(a+)+$")}}},
                             must_not = {.http = {.expect = {.not_ = {.body_regex = pattern("^(a+)+$")}}}};
        char body[5000], detail[CONTENT_DETAIL_MAX];

        memset(body, 'a', sizeof(body));
        body[sizeof(body) - 1] = 'b';
        ck_assert(!content_body_expected(&must, body, sizeof(body), detail));
        ck_assert_str_eq(detail, "takes too many steps to match \"^(a+)+$\"");
        ck_assert(!content_body_expected(&must_not, body, sizeof(body), detail));
        ck_assert(content_body_expected(&must, body, 10, detail));
}
END_TEST

START_TEST(patterns_of_posix_read_as_before)
{
        static const struct {
                const char *text, *body;
                bool found;
        } cases[] = {{"^state: (ready|busy)$", "x\nstate: busy\ny", true},
                     {"^[[:digit:]]+[.][0-9]{1,3}$", "12.345", true},
                     {"^[[:digit:]]+[.][0-9]{1,3}$", "12.3456", false},
                     {"a.c", "a\nc", false},
                     {"[^[:space:]]+@[a-z]+", "me@here", true},
                     {"\\.", ".", true},
                     {"a{2}", "aa", true},
                     {"a{x", "a{x", true},
                     {"", "", true}};

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                struct pattern p = pattern(cases[i].text);
                ck_assert_msg(pattern_find(&p, cases[i].body, strlen(cases[i].body), NULL) ==
                                      (cases[i].found ? PATTERN_FOUND : PATTERN_ABSENT),
                              "%s", cases[i].text);
        }
}
END_TEST

START_TEST(the_request_is_as_the_monitor_says)
{
        struct canned *s =
                canned_start("are you well?", REPLY("200 OK", "", ""), strlen(REPLY("200 OK", "", "")), false);
        struct check c = check_for(s->port);

        m->http.method = "REPORT";
        m->http.path = "/deep?x=1";
        m->http.host = "www.example.com";
        m->http.body = "are you well?";
        m->http.user_agent = "operator/7";
        m->http.headers = headers("{X-Who: gslb}");
        expect_reason(&c, REASON_OK, NULL);
        ck_assert(canned_was_asked(s, "REPORT /deep?x=1 HTTP/1.1\r\n"));
        ck_assert(canned_was_asked(s, "\r\nHost: www.example.com\r\n"));
        ck_assert(canned_was_asked(s, "\r\nUser-Agent: operator/7\r\n"));
        ck_assert(canned_was_asked(s, "\r\nX-Who: gslb\r\n"));
        ck_assert(canned_was_asked(s, "\r\nContent-Length: 13\r\n"));
        canned_stop(s);
}
END_TEST

START_TEST(the_user_agent_is_gslbd_when_none_is_given)
{
        struct canned *s = server(REPLY("200 OK", "", ""));
        struct check c = check_for(s->port);

        expect_reason(&c, REASON_OK, NULL);
        ck_assert(canned_was_asked(s, "\r\nUser-Agent: gslbd/"));
        canned_stop(s);
}
END_TEST

START_TEST(redirects_are_a_status_unless_followed)
{
        struct canned *s = server(REPLY("302 Found", "Location: http://elsewhere.invalid/\r\n", ""));
        struct check c = check_for(s->port);

        expect_reason(&c, REASON_STATUS, "302");
        m->http.follow_redirects = true; /* every hop comes to this address again: no name is looked up */
        expect_reason(&c, REASON_PROTOCOL, NULL);
        ck_assert(canned_was_asked(s, "\r\nHost: elsewhere.invalid\r\n"));
        canned_stop(s);
}
END_TEST

START_TEST(a_server_of_http_1_does_not_pass_where_http_2_is_asked_for)
{
        struct canned *s = server(REPLY("200 OK", "", ""));
        struct check c = check_for(s->port);

        m->http.version = HTTP_VERSION_2;
        ck_assert_int_ne(run_check(&c).reason, REASON_OK);
        canned_stop(s);
}
END_TEST

START_TEST(a_refused_connection_is_told_in_the_systems_words)
{
        struct canned *s = server(REPLY("200 OK", "", ""));
        struct check c = check_for(s->port);

        canned_stop(s);
        expect_reason(&c, REASON_CONNECT_REFUSED, "Connection refused");
}
END_TEST

START_TEST(silence_after_the_request_is_a_timeout)
{
        struct canned *s = canned_start("\r\n\r\n", "", 0, true);
        struct check c = check_for(s->port);

        m->timeout_ms = 200;
        expect_reason(&c, REASON_TIMEOUT, NULL);
        canned_stop(s);
}
END_TEST

int main(void)
{
        evthread_use_pthreads();
        Suite *s = suite_create("check_http");
        TCase *t = tcase_create("check_http");

        tcase_set_timeout(t, 60);
        tcase_add_test(t, only_expected_statuses_pass);
        tcase_add_test(t, the_body_must_contain_and_match_what_is_expected_and_nothing_refused);
        tcase_add_test(t, headers_must_hold_what_is_expected_and_nothing_refused);
        tcase_add_test(t, the_first_64_kib_of_a_body_are_looked_into_and_no_more);
        tcase_add_test(t, a_body_with_nul_bytes_is_looked_into_beyond_them);
        tcase_add_test(t, a_pattern_that_would_take_for_ever_fails_and_says_so);
        tcase_add_test(t, patterns_of_posix_read_as_before);
        tcase_add_test(t, the_request_is_as_the_monitor_says);
        tcase_add_test(t, the_user_agent_is_gslbd_when_none_is_given);
        tcase_add_test(t, redirects_are_a_status_unless_followed);
        tcase_add_test(t, a_server_of_http_1_does_not_pass_where_http_2_is_asked_for);
        tcase_add_test(t, a_refused_connection_is_told_in_the_systems_words);
        tcase_add_test(t, silence_after_the_request_is_a_timeout);
        suite_add_tcase(s, t);
        return run_suite(s);
}
