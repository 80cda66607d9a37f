/* HTTP and HTTPS checks: libcurl's multi interface on libevent. */
#include "config.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "probes/check_run.h"
#include "probes/content.h"

#define BODY_MAX 65536 /* read of a reply; the rest is not waited for */

#define REDIRECTS_MAX 5

struct http_checker {
        struct event_base *base;
        CURLM *multi;
        struct event *timer;
};

struct check_run {
        struct http_checker *checker;
        CURL *easy;
        struct curl_slist *headers, *connect_to;
        const struct check *const *check;
        uint64_t started_us;
        struct buffer body; /* what is looked into, if anyone asks */
        size_t received;    /* bytes of body */
        check_done *done;
        void *context;
        char error[CURL_ERROR_SIZE];
};

/* A socket of curl's that libevent watches. */
struct watched {
        struct event *event;
};

static void release(struct check_run *run)
{
        if (run->easy) {
                curl_multi_remove_handle(run->checker->multi, run->easy);
                curl_easy_cleanup(run->easy);
        }
        curl_slist_free_all(run->headers);
        curl_slist_free_all(run->connect_to);
        buffer_free(&run->body);
        free(run);
}

/* --- results --- */

static enum reason reason_of(const struct check_run *run, CURLcode code)
{
        long connected = 0;

        switch (code) {
        case CURLE_OK:
                return REASON_OK;
        case CURLE_COULDNT_RESOLVE_HOST:
                return REASON_RESOLVE;
        case CURLE_COULDNT_CONNECT:
                return REASON_CONNECT_REFUSED;
        case CURLE_OPERATION_TIMEDOUT:
                curl_easy_getinfo(run->easy, CURLINFO_PRIMARY_PORT, &connected);
                return connected ? REASON_TIMEOUT : REASON_CONNECT_TIMEOUT;
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
                return REASON_CERTIFICATE;
        case CURLE_SSL_CONNECT_ERROR:
                return REASON_TLS;
        case CURLE_GOT_NOTHING:
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
        case CURLE_PARTIAL_FILE:
                return REASON_CLOSED;
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_TOO_MANY_REDIRECTS:
        case CURLE_HTTP2:
        case CURLE_HTTP2_STREAM:
                return REASON_PROTOCOL;
        default:
                return REASON_INTERNAL;
        }
}

static bool status_expected(const struct monitor *m, long status)
{
        const struct status_range *ranges = m->expect.status.items;

        for (uint32_t i = 0; i < m->expect.status.count; i++)
                if (status >= ranges[i].first && status <= ranges[i].last)
                        return true;
        return false;
}

static bool headers_expected(struct check_run *run, const struct doc *headers, bool wanted, char *detail, size_t size)
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
static void judge(struct check_run *run, struct check_result *result)
{
        const struct monitor *m = (*run->check)->monitor;
        long status = 0, version = 0;

        curl_easy_getinfo(run->easy, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(run->easy, CURLINFO_HTTP_VERSION, &version);
        snprintf(result->detail, sizeof(result->detail), "%ld", status);
        if (m->http_version == MONITOR_HTTP_2 && version != CURL_HTTP_VERSION_2_0) {
                result->reason = REASON_PROTOCOL;
                snprintf(result->detail, sizeof(result->detail), "not HTTP/2");
        } else if (!status_expected(m, status)) {
                result->reason = REASON_STATUS;
        } else if (!headers_expected(run, m->expect.headers, true, result->detail, sizeof(result->detail)) ||
                   !headers_expected(run, m->expect.not_.headers, false, result->detail, sizeof(result->detail))) {
                result->reason = REASON_HEADER;
        } else if (!content_body_expected(m, run->body.data ? run->body.data : "", run->body.length, result->detail)) {
                result->reason = REASON_BODY;
        }
}

/* What the system says of a connection that failed is shorter than what curl makes of it, and all there is to say. */
static void describe_failure(const struct check_run *run, CURLcode code, char *detail, size_t size)
{
        long number = 0;

        curl_easy_getinfo(run->easy, CURLINFO_OS_ERRNO, &number);
        const char *said = run->error[0] ? run->error : curl_easy_strerror(code);
        snprintf(detail, size, "%.79s", code == CURLE_COULDNT_CONNECT && number ? strerror((int)number) : said);
}

static void finish(struct check_run *run, CURLcode code)
{
        struct check_result result = {.rtt_us = (uint32_t)(clock_us() - run->started_us)};
        check_done *done = run->done;
        void *context = run->context;

        /* What is beyond BODY_MAX is cut off by us: the reply was long enough. */
        if (code == CURLE_WRITE_ERROR && run->received > BODY_MAX)
                code = CURLE_OK;
        result.reason = reason_of(run, code);
        if (result.reason == REASON_OK) {
                judge(run, &result);
        } else {
                describe_failure(run, code, result.detail, sizeof(result.detail));
        }
        release(run);
        done(context, &result);
}

static void take_results(struct http_checker *checker)
{
        struct CURLMsg *message;
        struct check_run *run;
        int left;

        while ((message = curl_multi_info_read(checker->multi, &left)))
                if (message->msg == CURLMSG_DONE) {
                        CURLcode code = message->data.result;
                        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &run);
                        finish(run, code);
                }
}

/* --- curl on libevent --- */

static void on_socket(evutil_socket_t fd, short what, void *context)
{
        struct http_checker *checker = context;
        int running, bits = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);

        curl_multi_socket_action(checker->multi, fd, bits, &running);
        take_results(checker);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
        struct http_checker *checker = context;
        int running;

        curl_multi_socket_action(checker->multi, CURL_SOCKET_TIMEOUT, 0, &running);
        take_results(checker);
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *of_socket)
{
        struct http_checker *checker = context;
        struct watched *w = of_socket;

        if (w && w->event) {
                event_free(w->event);
                w->event = NULL;
        }
        if (what == CURL_POLL_REMOVE) {
                free(w);
                return 0;
        }
        if (!w) {
                w = memory_alloc(sizeof(*w));
                curl_multi_assign(checker->multi, fd, w);
        }
        short events =
                (short)((what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0) | EV_PERSIST);
        w->event = event_new(checker->base, fd, events, on_socket, checker);
        return w->event && !event_add(w->event, NULL) ? 0 : -1;
}

static int set_timer(CURLM *multi, long ms, void *context)
{
        struct http_checker *checker = context;
        const struct timeval wait = {ms / 1000, ms % 1000 * 1000};

        if (ms < 0)
                event_del(checker->timer);
        else
                event_add(checker->timer, &wait);
        return 0;
}

struct http_checker *http_checker_new(struct event_base *base)
{
        struct http_checker *checker = memory_alloc(sizeof(*checker));

        curl_global_init(CURL_GLOBAL_DEFAULT);
        checker->base = base;
        checker->timer = evtimer_new(base, on_timer, checker);
        checker->multi = curl_multi_init();
        curl_multi_setopt(checker->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
        curl_multi_setopt(checker->multi, CURLMOPT_SOCKETDATA, checker);
        curl_multi_setopt(checker->multi, CURLMOPT_TIMERFUNCTION, set_timer);
        curl_multi_setopt(checker->multi, CURLMOPT_TIMERDATA, checker);
        return checker;
}

void http_checker_free(struct http_checker *checker)
{
        curl_multi_cleanup(checker->multi);
        event_free(checker->timer);
        free(checker);
}

/* --- one run --- */

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
        struct check_run *run = context;
        size_t length = size * count, room = BODY_MAX - run->received;

        if (content_wants_body((*run->check)->monitor))
                buffer_bytes(&run->body, data, length < room ? length : room);
        run->received += length;
        return length > room ? 0 : length; /* 0 ends the transfer */
}

/* The URL carries the name (for Host and TLS), CONNECT_TO the address. */
static void set_target(struct check_run *run, const struct check *c)
{
        char address[ADDRESS_TEXT_MAX], literal[ADDRESS_TEXT_MAX + 2];
        const struct monitor *m = c->monitor;
        bool https = m->type == MONITOR_HTTPS;

        address_format(&c->address, address);
        snprintf(literal, sizeof(literal), c->address.family == ADDRESS_V6 ? "[%s]" : "%s", address);
        const char *target = c->host_name ? c->host_name : literal;
        const char *name = https && m->tls.name ? m->tls.name : m->host ? m->host : target;
        char *url = memory_printf("%s://%s:%u%s", https ? "https" : "http", name, c->port, m->path ? m->path : "/");
        char *connect_to = memory_printf("::%s:%u", target, c->port);

        run->connect_to = curl_slist_append(NULL, connect_to);
        curl_easy_setopt(run->easy, CURLOPT_URL, url);
        curl_easy_setopt(run->easy, CURLOPT_CONNECT_TO, run->connect_to);
        if (m->host) { /* as written, also where TLS has another name */
                char *host = memory_printf("Host: %s", m->host);
                run->headers = curl_slist_append(run->headers, host);
                free(host);
        }
        free(connect_to);
        free(url);
}

static long version_of(const struct monitor *m)
{
        switch ((enum monitor_http)m->http_version) {
        case MONITOR_HTTP_1_1:
                return CURL_HTTP_VERSION_1_1;
        case MONITOR_HTTP_2: /* over TCP without asking first: there is nothing to fall back to */
                return m->type == MONITOR_HTTPS ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
        case MONITOR_HTTP_AUTO:
                break;
        }
        return CURL_HTTP_VERSION_2TLS;
}

static void set_tls(struct check_run *run, const struct monitor *m)
{
        curl_easy_setopt(run->easy, CURLOPT_SSL_VERIFYPEER, m->tls.verify ? 1L : 0L);
        curl_easy_setopt(run->easy, CURLOPT_SSL_VERIFYHOST, m->tls.verify ? 2L : 0L);
        /* The system's authorities are read once per handle, and only where they are asked for. */
        curl_easy_setopt(run->easy, CURLOPT_CAPATH, NULL);
        if (m->tls.ca_file || !m->tls.verify)
                curl_easy_setopt(run->easy, CURLOPT_CAINFO, m->tls.ca_file);
        if (m->tls.cert_file) {
                curl_easy_setopt(run->easy, CURLOPT_SSLCERT, m->tls.cert_file);
                curl_easy_setopt(run->easy, CURLOPT_SSLKEY, m->tls.key_file);
        }
}

static void set_request(struct check_run *run, const struct monitor *m)
{
        if (m->body) {
                curl_easy_setopt(run->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(m->body));
                curl_easy_setopt(run->easy, CURLOPT_COPYPOSTFIELDS, m->body);
        }
        if (m->method && !strcmp(m->method, "HEAD"))
                curl_easy_setopt(run->easy, CURLOPT_NOBODY, 1L);
        else if (m->body)
                curl_easy_setopt(run->easy, CURLOPT_CUSTOMREQUEST, m->method ? m->method : "GET");
        else if (m->method && strcmp(m->method, "GET"))
                curl_easy_setopt(run->easy, CURLOPT_CUSTOMREQUEST, m->method);
        doc_each (header, m->headers) {
                char *line = memory_printf("%s%s%s", header->key, *header->string ? ": " : ";", header->string);
                run->headers = curl_slist_append(run->headers, line);
                free(line);
        }
        if (run->headers)
                curl_easy_setopt(run->easy, CURLOPT_HTTPHEADER, run->headers);
        if (m->type == MONITOR_HTTPS)
                set_tls(run, m);
        curl_easy_setopt(run->easy, CURLOPT_HTTP_VERSION, version_of(m));
        curl_easy_setopt(run->easy, CURLOPT_USERAGENT, m->user_agent ? m->user_agent : "gslbd/" PACKAGE_VERSION);
}

static void set_limits(struct check_run *run, const struct monitor *m)
{
        curl_easy_setopt(run->easy, CURLOPT_PRIVATE, run);
        curl_easy_setopt(run->easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(run->easy, CURLOPT_TIMEOUT_MS, (long)m->timeout_ms);
        curl_easy_setopt(run->easy, CURLOPT_FOLLOWLOCATION, m->follow_redirects ? 1L : 0L);
        curl_easy_setopt(run->easy, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
        curl_easy_setopt(run->easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(run->easy, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(run->easy, CURLOPT_PROXY, "");
        curl_easy_setopt(run->easy, CURLOPT_FORBID_REUSE, 1L); /* a check proves that a new client gets in */
        curl_easy_setopt(run->easy, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(run->easy, CURLOPT_WRITEFUNCTION, take_body);
        curl_easy_setopt(run->easy, CURLOPT_WRITEDATA, run);
        curl_easy_setopt(run->easy, CURLOPT_ERRORBUFFER, run->error);
}

static struct check_run *start(struct checker *checker, const struct check *const *check, check_done *done,
                               void *context, struct check_result *result)
{
        struct check_run *run = memory_alloc(sizeof(*run));

        *run = (struct check_run){.checker = checker->http,
                                  .check = check,
                                  .started_us = clock_us(),
                                  .body = BUFFER_INIT(BODY_MAX),
                                  .done = done,
                                  .context = context};
        run->easy = curl_easy_init();
        if (run->easy) {
                set_target(run, *check);
                set_request(run, (*check)->monitor);
                set_limits(run, (*check)->monitor);
                if (curl_multi_add_handle(run->checker->multi, run->easy) == CURLM_OK)
                        return run;
        }
        *result = (struct check_result){.reason = REASON_INTERNAL, .detail = "libcurl gives no handle"};
        release(run);
        return NULL;
}

const struct check_driver check_http = {start, release};
