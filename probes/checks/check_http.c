/* HTTP and HTTPS checks: the request as the monitor has it, and what it expects of the reply. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "probes/checks/content.h"
#include "probes/checks/http_transfer.h"

static bool status_expected(const struct monitor *m, long status)
{
        const struct status_range *ranges = m->http.expect.status.items;

        for (uint32_t i = 0; i < m->http.expect.status.count; i++)
                if (status >= ranges[i].first && status <= ranges[i].last)
                        return true;
        return false;
}

static bool headers_expected(struct http_transfer *run, const struct doc *headers, bool wanted, char *detail,
                             size_t size)
{
        doc_each (h, headers) {
                struct curl_header *found;
                bool has = curl_easy_header(run->easy, h->key, 0, CURLH_HEADER, -1, &found) == CURLHE_OK &&
                           found->value && strstr(found->value, h->string);
                if (has != wanted) {
                        snprintf(detail, size, "%s: %s \"%.40s\"", h->key, wanted ? "no" : "has", h->string);
                        return false;
                }
        }
        return true;
}

/* What a whole reply is worth. */
static void http_judge(struct http_transfer *run, struct check_result *result)
{
        const struct monitor *m = check_of(run->subject)->monitor;
        long status = 0, version = 0;

        curl_easy_getinfo(run->easy, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(run->easy, CURLINFO_HTTP_VERSION, &version);
        snprintf(result->detail, sizeof(result->detail), "%ld", status);
        if (m->http.version == HTTP_VERSION_2 && version != CURL_HTTP_VERSION_2_0) {
                result->reason = REASON_PROTOCOL;
                snprintf(result->detail, sizeof(result->detail), "not HTTP/2");
        } else if (!status_expected(m, status)) {
                result->reason = REASON_STATUS;
        } else if (!headers_expected(run, m->http.expect.headers, true, result->detail, sizeof(result->detail)) ||
                   !headers_expected(run, m->http.expect.not_.headers, false, result->detail, sizeof(result->detail))) {
                result->reason = REASON_HEADER;
        } else if (!content_body_expected(m, run->body.data ? run->body.data : "", run->body.length, result->detail)) {
                result->reason = REASON_BODY;
        }
}

static long version_of(const struct monitor *m)
{
        switch ((enum http_version)m->http.version) {
        case HTTP_VERSION_1_1:
                return CURL_HTTP_VERSION_1_1;
        case HTTP_VERSION_2: /* over TCP without asking first: there is nothing to fall back to */
                return m->type == MONITOR_HTTPS ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
        case HTTP_VERSION_AUTO:
                break;
        }
        return CURL_HTTP_VERSION_2TLS;
}

static void set_request(struct http_transfer *run, const struct monitor *m)
{
        if (m->http.body) {
                curl_easy_setopt(run->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(m->http.body));
                curl_easy_setopt(run->easy, CURLOPT_COPYPOSTFIELDS, m->http.body);
        }
        if (m->http.method && !strcmp(m->http.method, "HEAD"))
                curl_easy_setopt(run->easy, CURLOPT_NOBODY, 1L);
        else if (m->http.body)
                curl_easy_setopt(run->easy, CURLOPT_CUSTOMREQUEST, m->http.method ? m->http.method : "GET");
        else if (m->http.method && strcmp(m->http.method, "GET"))
                curl_easy_setopt(run->easy, CURLOPT_CUSTOMREQUEST, m->http.method);
        http_transfer_headers(run, m->http.headers);
        if (m->type == MONITOR_HTTPS)
                http_transfer_tls(run);
        curl_easy_setopt(run->easy, CURLOPT_HTTP_VERSION, version_of(m));
        curl_easy_setopt(run->easy, CURLOPT_USERAGENT,
                         m->http.user_agent ? m->http.user_agent : "gslbd/" PACKAGE_VERSION);
}

static void set_target(struct http_transfer *run, const struct monitor *m)
{
        bool https = m->type == MONITOR_HTTPS;

        http_transfer_target(run, https, https && m->tls.name ? m->tls.name : m->http.host,
                             m->http.path ? m->http.path : "/");
        http_transfer_host(run, m->http.host);
}

static struct check_run *http_check_start(struct checker *checker, const struct check_subject *subject,
                                          check_done *done, void *context, struct check_result *result)
{
        const struct monitor *m = check_of(subject)->monitor;
        struct http_transfer *run = http_transfer_new(checker, subject, content_wants_body(m) ? CONTENT_MAX : 0,
                                                      http_judge, done, context, result);

        if (!run)
                return NULL;
        set_target(run, m);
        set_request(run, m);
        return http_transfer_start(run, result);
}

const struct check_driver check_http = {http_check_start, http_transfer_cancel};
