#include "config.h"

#include "probes/prober/http_client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/memory.h"

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
        struct http_response *r = context;

        buffer_bytes(&r->body, data, size * count);
        return r->body.overflow ? 0 : size * count;
}

/* Copies a header's value when the line is of that header. */
static void take_value(const char *line, size_t length, const char *name, char *out, size_t size)
{
        size_t n = strlen(name);

        if (length <= n || strncasecmp(line, name, n) || line[n] != ':')
                return;
        for (line += n + 1, length -= n + 1; length && *line == ' '; line++)
                length--;
        while (length && (line[length - 1] == '\r' || line[length - 1] == '\n'))
                length--;
        snprintf(out, size, "%.*s", (int)length, line);
}

static size_t take_header(char *data, size_t size, size_t count, void *context)
{
        struct http_response *r = context;

        take_value(data, size * count, "ETag", r->etag, sizeof(r->etag));
        take_value(data, size * count, "Content-Type", r->content_type, sizeof(r->content_type));
        return size * count;
}

static struct curl_slist *add(struct curl_slist *list, const char *name, const char *value)
{
        char *line = memory_printf("%s: %s", name, value);

        list = curl_slist_append(list, line);
        free(line);
        return list;
}

static struct curl_slist *headers_of(const struct http_request *q)
{
        struct curl_slist *list = add(NULL, "Accept", q->accept ? q->accept : "application/json");

        list = curl_slist_append(list, "Expect:");
        if (q->token) {
                char *bearer = memory_printf("Bearer %s", q->token);
                list = add(list, "Authorization", bearer);
                free(bearer);
        }
        if (q->body)
                list = add(list, "Content-Type", q->content_type ? q->content_type : "application/json");
        if (q->if_match)
                list = add(list, "If-Match", q->if_match);
        if (q->if_none_match)
                list = add(list, "If-None-Match", q->if_none_match);
        return list;
}

static int tell_progress(void *context, curl_off_t down_whole, curl_off_t down, curl_off_t whole, curl_off_t sent)
{
        const struct http_request *q = context;

        (void)down_whole, (void)down;
        q->progress(q->progress_context, (size_t)sent, (size_t)whole);
        return 0;
}

bool http_request(const struct http_request *q, struct http_response *r, char *error, size_t error_size)
{
        struct curl_slist *headers = headers_of(q);
        char why[CURL_ERROR_SIZE] = "";
        CURL *easy = curl_easy_init();
        CURLcode code = CURLE_OUT_OF_MEMORY;

        *r = (struct http_response){.body = BUFFER_INIT(HTTP_REPLY_MAX)};
        if (easy) {
                curl_easy_setopt(easy, CURLOPT_URL, q->url);
                curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, q->method);
                curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
                curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
                curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, q->timeout_ms);
                curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, q->connect_timeout_ms);
                curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
                curl_easy_setopt(easy, CURLOPT_USERAGENT, "gslbd/" PACKAGE_VERSION);
                curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
                curl_easy_setopt(easy, CURLOPT_WRITEDATA, r);
                curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
                curl_easy_setopt(easy, CURLOPT_HEADERDATA, r);
                curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, why);
                if (q->body) {
                        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, q->body);
                        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body_length);
                }
                if (q->certificate)
                        curl_easy_setopt(easy, CURLOPT_SSLCERT, q->certificate);
                if (q->key)
                        curl_easy_setopt(easy, CURLOPT_SSLKEY, q->key);
                if (q->unix_path)
                        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, q->unix_path);
                if (q->ca_file)
                        curl_easy_setopt(easy, CURLOPT_CAINFO, q->ca_file);
                if (q->progress) {
                        curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
                        curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, tell_progress);
                        curl_easy_setopt(easy, CURLOPT_XFERINFODATA, q);
                }
                code = curl_easy_perform(easy);
                curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &r->status);
                long bytes = 0;
                r->sent = curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &bytes) == CURLE_OK && bytes > 0;
        }
        if (code != CURLE_OK)
                snprintf(error, error_size, "%s: %s", q->url, why[0] ? why : curl_easy_strerror(code));
        curl_easy_cleanup(easy);
        curl_slist_free_all(headers);
        return code == CURLE_OK;
}
