#include "admin/http/http.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/hash.h"

#define BODY_LARGE_MAX ((size_t)128 << 20)
#define BODY_SMALL_MAX ((size_t)1 << 20)
#define REPLY_MAX      ((size_t)512 << 20)

/* --- taking requests apart --- */

static enum method method_of(struct evhttp_request *r)
{
        switch (evhttp_request_get_command(r)) {
        case EVHTTP_REQ_GET:
                return METHOD_GET;
        case EVHTTP_REQ_HEAD:
                return METHOD_HEAD;
        case EVHTTP_REQ_POST:
                return METHOD_POST;
        case EVHTTP_REQ_PUT:
                return METHOD_PUT;
        case EVHTTP_REQ_PATCH:
                return METHOD_PATCH;
        case EVHTTP_REQ_DELETE:
                return METHOD_DELETE;
        case EVHTTP_REQ_OPTIONS:
                return METHOD_OPTIONS;
        default:
                return METHOD_OTHER;
        }
}

static unsigned count_header(struct evhttp_request *r, const char *name)
{
        struct evkeyvalq *headers = evhttp_request_get_input_headers(r);
        unsigned n = 0;

        for (struct evkeyval *h = headers->tqh_first; h; h = h->next.tqe_next)
                n += !strcasecmp(h->key, name);
        return n;
}

static bool framing_good(struct call *c)
{
        unsigned lengths = count_header(c->request, "Content-Length"),
                 codings = count_header(c->request, "Transfer-Encoding");

        if (lengths > 1 || codings > 1 || (lengths && codings)) {
                reply_problem(c, 400, "expected one Content-Length or one Transfer-Encoding header");
                return false;
        }
        return true;
}

static bool split_path(struct call *c, const char *path)
{
        while (*path) {
                if (*path != '/' || c->segment_count == CALL_SEGMENTS_MAX)
                        return false;
                size_t length = strcspn(++path, "/"), decoded_length;
                char *raw = arena_strndup(c->arena, path, length);
                char *decoded = evhttp_uridecode(raw, 0, &decoded_length);
                bool good = decoded && strlen(decoded) == decoded_length;
                if (good && (decoded_length || path[length]))
                        c->segments[c->segment_count++] = arena_strdup(c->arena, decoded);
                free(decoded);
                if (!good)
                        return false;
                path += length;
        }
        return true;
}

bool call_open(struct call *c, struct evhttp_request *request)
{
        const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
        const char *path = uri ? evhttp_uri_get_path(uri) : NULL;

        c->request = request;
        c->method = method_of(request);
        if (!framing_good(c))
                return false;
        if (!path || !split_path(c, path)) {
                reply_problem(c, 400, "the path is not valid");
                return false;
        }
        return true;
}

const char *call_header(const struct call *c, const char *name)
{
        return evhttp_find_header(evhttp_request_get_input_headers(c->request), name);
}

const char *call_query(const struct call *c, const char *name)
{
        const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(c->request)), *value = NULL;
        struct evkeyvalq pairs;

        if (!query || evhttp_parse_query_str(query, &pairs))
                return NULL;
        const char *found = evhttp_find_header(&pairs, name);
        if (found)
                value = arena_strdup(c->arena, found);
        evhttp_clear_headers(&pairs);
        return value;
}

bool call_flag(const struct call *c, const char *name)
{
        const char *value = call_query(c, name);
        return value && (!*value || !strcmp(value, "true") || !strcmp(value, "1"));
}

static bool is_type(const char *header, const char *type)
{
        size_t n = strlen(type);
        return !strncasecmp(header, type, n) && (!header[n] || header[n] == ';' || header[n] == ' ');
}

/* Whole configurations, reports and imported zones may be large; everything else is small. */
static size_t body_limit(const struct call *c)
{
        const char *last = c->segment_count ? c->segments[c->segment_count - 1] : "";
        bool large = !strcmp(last, "apply") || !strcmp(last, "report") ||
                     (c->segment_count > 1 && (!strcmp(c->segments[1], "zones") || !strcmp(c->segments[1], "pools")));

        return large ? BODY_LARGE_MAX : BODY_SMALL_MAX;
}

struct doc *call_body(struct call *c)
{
        const struct doc_limits limits = {body_limit(c), DOC_NODES_MAX, DOC_NODES_MAX};

        return call_body_limited(c, &limits);
}

struct doc *call_body_limited(struct call *c, const struct doc_limits *limits)
{
        struct evbuffer *in = evhttp_request_get_input_buffer(c->request);
        const char *type = call_header(c, "Content-Type");
        struct problems problems = PROBLEMS_INIT;
        enum doc_format format = DOC_JSON;
        size_t length = evbuffer_get_length(in);

        if (type &&
            (is_type(type, "application/yaml") || is_type(type, "text/yaml") || is_type(type, "application/x-yaml")))
                format = DOC_YAML;
        else if (type && !is_type(type, "application/json") && !is_type(type, "application/x-www-form-urlencoded") &&
                 !is_type(type, "application/merge-patch+json")) {
                reply_problem(c, 415, "expected Content-Type application/json or application/yaml, got \"%s\"", type);
                return NULL;
        }
        if (length > limits->bytes) {
                reply_problem(c, 413, "expected a body of at most %zu bytes, got %zu", limits->bytes, length);
                return NULL;
        }
        const char *text = length ? (const char *)evbuffer_pullup(in, -1) : "";
        struct doc *d = doc_parse_limited(c->arena, text, length, format, limits, &problems);
        if (!d)
                reply_problems(c, 400, "the body could not be read", &problems);
        problems_free(&problems);
        return d;
}

/* --- replies --- */

void call_set_header(struct call *c, const char *name, const char *value)
{
        evhttp_remove_header(evhttp_request_get_output_headers(c->request), name);
        evhttp_add_header(evhttp_request_get_output_headers(c->request), name, value);
}

static const char *status_text(int status)
{
        static const struct {
                int status;
                const char *text;
        } texts[] = {
                {200, "OK"},
                {201, "Created"},
                {204, "No Content"},
                {304, "Not Modified"},
                {400, "Bad Request"},
                {401, "Unauthorized"},
                {403, "Forbidden"},
                {404, "Not Found"},
                {405, "Method Not Allowed"},
                {409, "Conflict"},
                {412, "Precondition Failed"},
                {413, "Content Too Large"},
                {415, "Unsupported Media Type"},
                {422, "Unprocessable Content"},
                {500, "Internal Server Error"},
                {503, "Service Unavailable"},
                {507, "Insufficient Storage"},
        };

        for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
                if (texts[i].status == status)
                        return texts[i].text;
        return "Status";
}

void reply_text(struct call *c, int status, const char *content_type, const char *text, size_t length)
{
        struct evbuffer *out = evbuffer_new();

        call_set_header(c, "Content-Type", content_type);
        call_set_header(c, "Cache-Control", "no-store");
        call_set_header(c, "X-Content-Type-Options", "nosniff");
        if (out && length)
                evbuffer_add(out, text, length);
        evhttp_send_reply(c->request, status, status_text(status), out);
        if (out)
                evbuffer_free(out);
        c->answered = true;
}

void reply_nothing(struct call *c, int status)
{
        evhttp_send_reply(c->request, status, status_text(status), NULL);
        c->answered = true;
}

static void reply_as(struct call *c, int status, const char *type, const struct doc *d, bool yaml)
{
        struct buffer text = BUFFER_INIT(REPLY_MAX);

        if (yaml)
                doc_write_yaml(d, &text);
        else
                doc_write_json(d, &text, 0);
        buffer_text(&text, yaml ? "" : "\n");
        reply_text(c, status, type, text.data ? text.data : "", text.length);
        buffer_free(&text);
}

void reply_doc(struct call *c, int status, const struct doc *d)
{
        const char *accept = call_header(c, "Accept");
        bool yaml = accept && strstr(accept, "yaml");

        reply_as(c, status, yaml ? "application/yaml" : "application/json", d, yaml);
}

static void send_problem(struct call *c, int status, const char *detail, const struct problems *problems)
{
        struct doc *d = doc_new(c->arena, DOC_MAP);

        doc_add_string(c->arena, d, "type", "about:blank");
        doc_add_string(c->arena, d, "title", status_text(status));
        doc_add_int(c->arena, d, "status", status);
        doc_add_string(c->arena, d, "detail", detail);
        struct doc *list = problems ? doc_add_list(c->arena, d, "problems") : NULL;
        for (size_t i = 0; problems && i < problems->count; i++) {
                struct doc *one = doc_add_map(c->arena, list, NULL);
                doc_add_string(c->arena, one, "path", problems->list[i].path);
                if (problems->list[i].line)
                        doc_add_int(c->arena, one, "line", problems->list[i].line);
                doc_add_string(c->arena, one, "message", problems->list[i].message);
        }
        if (problems && problems->dropped)
                doc_add_int(c->arena, d, "more_problems", (int64_t)problems->dropped);
        reply_as(c, status, "application/problem+json", d, false);
}

void reply_problem(struct call *c, int status, const char *format, ...)
{
        char detail[1500];
        va_list args;

        va_start(args, format);
        vsnprintf(detail, sizeof(detail), format, args);
        va_end(args);
        send_problem(c, status, detail, NULL);
}

void reply_problems(struct call *c, int status, const char *detail, const struct problems *problems)
{
        send_problem(c, status, detail, problems);
}

/* --- entity tags --- */

const char *doc_etag(struct arena *a, const struct doc *d)
{
        struct buffer text = BUFFER_INIT(REPLY_MAX);

        doc_write_json(d, &text, 0);
        const char *tag = arena_printf(a, "\"%016llx\"", (unsigned long long)hash_bytes(text.data, text.length, 0));
        buffer_free(&text);
        return tag;
}

static bool tag_listed(const char *header, const char *tag)
{
        return !strcmp(header, "*") || strstr(header, tag) != NULL;
}

bool call_precondition(struct call *c, const struct doc *current)
{
        const char *match = call_header(c, "If-Match"), *none = call_header(c, "If-None-Match");
        const char *tag = current ? doc_etag(c->arena, current) : NULL;

        if (match && (!tag || !tag_listed(match, tag))) {
                if (tag)
                        reply_problem(c, 412, "it has changed meanwhile: its entity tag is %s now", tag);
                else
                        reply_problem(c, 412, "it does not exist");
                return false;
        }
        if (none && tag && tag_listed(none, tag)) {
                reply_problem(c, 412, "it exists already");
                return false;
        }
        return true;
}
