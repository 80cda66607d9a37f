#include "probes/checks/http_transfer.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/memory.h"
#include "probes/checks/socket_run.h"

#define REDIRECTS_MAX 5
#define BODY_LEAST    65536 /* waited for, also when nobody looks into it */

struct http_transfers {
        struct event_base *base;
        CURLM *multi;
        struct event *timer;
};

/* A socket of curl's that libevent watches. */
struct watched {
        struct event *event;
};

static void http_transfer_release(struct http_transfer *run)
{
        if (run->easy) {
                curl_multi_remove_handle(run->all->multi, run->easy); /* does nothing when it is not in there */
                curl_easy_cleanup(run->easy);
        }
        curl_slist_free_all(run->headers);
        curl_slist_free_all(run->connect_to);
        curl_slist_free_all(run->addresses);
        resolver_cancel(run->lookup);
        if (run->timer)
                event_free(run->timer);
        buffer_free(&run->body);
        free(run);
}

void http_transfer_cancel(struct check_run *run)
{
        http_transfer_release((struct http_transfer *)run);
}

/* --- results --- */

static enum reason reason_of(const struct http_transfer *run, CURLcode code)
{
        long connected = 0, number = 0;
        enum reason reason;

        switch (code) {
        case CURLE_OK:
                return REASON_OK;
        case CURLE_COULDNT_RESOLVE_HOST:
                return REASON_RESOLVE;
        case CURLE_COULDNT_CONNECT:
                curl_easy_getinfo(run->easy, CURLINFO_OS_ERRNO, &number);
                reason = reason_of_errno((int)number);
                return reason == REASON_UNREACHABLE ? reason : REASON_CONNECT_REFUSED;
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

/* What the system says of a connection that failed is shorter than what curl makes of it, and all there is to say. */
static void describe_failure(const struct http_transfer *run, CURLcode code, char *detail, size_t size)
{
        long number = 0;

        curl_easy_getinfo(run->easy, CURLINFO_OS_ERRNO, &number);
        const char *said = run->error[0] ? run->error : curl_easy_strerror(code);
        snprintf(detail, size, "%.79s", code == CURLE_COULDNT_CONNECT && number ? strerror((int)number) : said);
}

static void http_transfer_finish(struct http_transfer *run, CURLcode code)
{
        struct check_result result = {.rtt_us = (uint32_t)(clock_us() - run->started_us)};
        check_done *done = run->done;
        void *context = run->context;

        /* What is beyond the maximum is cut off by us: the reply was long enough. */
        if (code == CURLE_WRITE_ERROR && run->received > BODY_LEAST && run->received > run->body.maximum)
                code = CURLE_OK;
        result.reason = reason_of(run, code);
        if (result.reason == REASON_OK) {
                run->judge(run, &result);
        } else {
                describe_failure(run, code, result.detail, sizeof(result.detail));
        }
        http_transfer_release(run);
        done(context, &result);
}

static void take_results(struct http_transfers *all)
{
        struct CURLMsg *message;
        struct http_transfer *run;
        int left;

        while ((message = curl_multi_info_read(all->multi, &left)))
                if (message->msg == CURLMSG_DONE) {
                        CURLcode code = message->data.result;
                        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &run);
                        http_transfer_finish(run, code);
                }
}

/* --- curl on libevent --- */

static void on_socket(evutil_socket_t fd, short what, void *context)
{
        struct http_transfers *all = context;
        int running, bits = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);

        curl_multi_socket_action(all->multi, fd, bits, &running);
        take_results(all);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
        struct http_transfers *all = context;
        int running;

        curl_multi_socket_action(all->multi, CURL_SOCKET_TIMEOUT, 0, &running);
        take_results(all);
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *of_socket)
{
        struct http_transfers *all = context;
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
                curl_multi_assign(all->multi, fd, w);
        }
        short events =
                (short)((what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0) | EV_PERSIST);
        w->event = event_new(all->base, fd, events, on_socket, all);
        return w->event && !event_add(w->event, NULL) ? 0 : -1;
}

static int transfers_set_timer(CURLM *multi, long ms, void *context)
{
        struct http_transfers *all = context;
        const struct timeval wait = {ms / 1000, ms % 1000 * 1000};

        if (ms < 0)
                event_del(all->timer);
        else
                event_add(all->timer, &wait);
        return 0;
}

struct http_transfers *http_transfers_new(struct event_base *base)
{
        struct http_transfers *all = memory_alloc(sizeof(*all));

        curl_global_init(CURL_GLOBAL_DEFAULT);
        all->base = base;
        all->timer = evtimer_new(base, on_timer, all);
        all->multi = curl_multi_init();
        curl_multi_setopt(all->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
        curl_multi_setopt(all->multi, CURLMOPT_SOCKETDATA, all);
        curl_multi_setopt(all->multi, CURLMOPT_TIMERFUNCTION, transfers_set_timer);
        curl_multi_setopt(all->multi, CURLMOPT_TIMERDATA, all);
        return all;
}

void http_transfers_free(struct http_transfers *all)
{
        curl_multi_cleanup(all->multi);
        event_free(all->timer);
        free(all);
}

/* --- one transfer --- */

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
        struct http_transfer *run = context;
        size_t length = size * count, kept = run->body.maximum - run->body.length;
        size_t wanted = run->body.maximum > BODY_LEAST ? run->body.maximum : BODY_LEAST;

        if (kept)
                buffer_bytes(&run->body, data, length < kept ? length : kept);
        run->received += length;
        return run->received > wanted ? 0 : length; /* 0 ends the transfer */
}

static void set_limits(struct http_transfer *run, const struct monitor *m)
{
        curl_easy_setopt(run->easy, CURLOPT_PRIVATE, run);
        curl_easy_setopt(run->easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(run->easy, CURLOPT_FOLLOWLOCATION, m->http.follow_redirects ? 1L : 0L);
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

struct http_transfer *http_transfer_new(struct checker *checker, const struct check_subject *subject, size_t body_max,
                                        http_transfer_judge *judge, check_done *done, void *context,
                                        struct check_result *result)
{
        struct http_transfer *run = memory_alloc(sizeof(*run));

        *run = (struct http_transfer){.checker = checker,
                                      .all = checker->transfers,
                                      .subject = subject,
                                      .started_us = clock_us(),
                                      .body = BUFFER_INIT(body_max),
                                      .judge = judge,
                                      .done = done,
                                      .context = context,
                                      .easy = curl_easy_init()};
        if (run->easy) {
                set_limits(run, check_of(subject)->monitor);
                return run;
        }
        *result = (struct check_result){.reason = REASON_INTERNAL, .detail = "libcurl gives no handle"};
        free(run);
        return NULL;
}

/* The URL carries the name (for Host and TLS), CONNECT_TO the address. */
void http_transfer_target(struct http_transfer *run, bool tls, const char *name, const char *path)
{
        const struct check *c = check_of(run->subject);
        char address[ADDRESS_TEXT_MAX], literal[ADDRESS_TEXT_MAX + 2];

        address_format(&c->address, address);
        snprintf(literal, sizeof(literal), c->address.family == ADDRESS_V6 ? "[%s]" : "%s", address);
        const char *target = c->host_name ? c->host_name : literal;
        char *url = memory_printf("%s://%s:%u%s", tls ? "https" : "http", name ? name : target, c->port, path);
        char *connect_to = memory_printf("::%s:%u", target, c->port);
        run->connect_to = curl_slist_append(NULL, connect_to);
        curl_easy_setopt(run->easy, CURLOPT_URL, url);
        curl_easy_setopt(run->easy, CURLOPT_CONNECT_TO, run->connect_to);
        free(connect_to);
        free(url);
}

void http_transfer_header(struct http_transfer *run, const char *line)
{
        run->headers = curl_slist_append(run->headers, line);
}

void http_transfer_headers(struct http_transfer *run, const struct doc *map)
{
        doc_each (header, map) {
                char *line = memory_printf("%s%s%s", header->key, *header->string ? ": " : ";", header->string);
                http_transfer_header(run, line);
                free(line);
        }
}

void http_transfer_host(struct http_transfer *run, const char *host)
{
        char *line = host ? memory_printf("Host: %s", host) : NULL;

        if (line)
                http_transfer_header(run, line);
        free(line);
}

void http_transfer_tls(struct http_transfer *run)
{
        const struct monitor *m = check_of(run->subject)->monitor;

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

/* --- its beginning --- */

static void end_early(struct http_transfer *run, enum reason reason, const char *detail)
{
        struct check_result result = {.reason = reason, .rtt_us = (uint32_t)(clock_us() - run->started_us)};
        check_done *done = run->done;
        void *context = run->context;

        snprintf(result.detail, sizeof(result.detail), "%s", detail);
        http_transfer_release(run);
        done(context, &result);
}

static int64_t time_left(const struct http_transfer *run)
{
        int64_t left = check_of(run->subject)->monitor->timeout_ms - (int64_t)((clock_us() - run->started_us) / 1000);

        return left > 1 ? left : 1;
}

static bool transfer_begin(struct http_transfer *run)
{
        curl_easy_setopt(run->easy, CURLOPT_TIMEOUT_MS, (long)time_left(run));
        return curl_multi_add_handle(run->all->multi, run->easy) == CURLM_OK;
}

/* "+host:port:address,address": libcurl tries them as it does with those that it finds itself, and forgets them. */
static void take_addresses(struct http_transfer *run, const struct address *list, size_t count)
{
        const struct check *c = check_of(run->subject);
        char *line = memory_printf("+%s:%u:", c->host_name, c->port), text[ADDRESS_TEXT_MAX];

        for (size_t i = 0; i < count; i++) {
                bool v6 = list[i].family == ADDRESS_V6;
                char *longer = memory_printf("%s%s%s%s%s", line, i ? "," : "", v6 ? "[" : "",
                                             address_format(&list[i], text), v6 ? "]" : "");
                free(line);
                line = longer;
        }
        run->addresses = curl_slist_append(NULL, line);
        curl_easy_setopt(run->easy, CURLOPT_RESOLVE, run->addresses);
        free(line);
}

static void transfer_on_resolved(void *context, const struct resolved *resolved)
{
        struct http_transfer *run = context;
        struct address list[2 * RESOLVER_ADDRESSES_MAX];
        size_t count = resolved_list(resolved, list);

        run->lookup = NULL;
        event_del(run->timer);
        if (!count) {
                end_early(run, REASON_RESOLVE, "");
                return;
        }
        take_addresses(run, list, count);
        if (!transfer_begin(run))
                end_early(run, REASON_INTERNAL, "libcurl takes no handle");
}

static void on_late(evutil_socket_t fd, short what, void *context)
{
        end_early(context, REASON_RESOLVE, "");
}

static void resolve(struct http_transfer *run)
{
        int64_t left = time_left(run);
        const struct timeval limit = {left / 1000, left % 1000 * 1000};

        run->timer = evtimer_new(run->checker->base, on_late, run);
        event_add(run->timer, &limit);
        run->lookup =
                resolver_ask(run->checker->resolver, check_of(run->subject)->host_name, transfer_on_resolved, run);
}

struct check_run *http_transfer_start(struct http_transfer *run, struct check_result *result)
{
        if (run->headers)
                curl_easy_setopt(run->easy, CURLOPT_HTTPHEADER, run->headers);
        if (check_of(run->subject)->host_name)
                resolve(run);
        else if (!transfer_begin(run)) {
                *result = (struct check_result){.reason = REASON_INTERNAL, .detail = "libcurl takes no handle"};
                http_transfer_release(run);
                return NULL;
        }
        return (struct check_run *)run;
}
