/* Talking to the server. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "admin/ctl/ctl.h"
#include "base/clock.h"
#include "probes/prober/http_client.h"

#define TOKEN_FILE  "/var/lib/gslbd/admin.token"
#define UNIX_PREFIX "unix:"
#define CONNECT_MS  10000
#define TIMEOUT_MS  120000
#define APPLY_MS    1800000 /* a whole configuration may take its time; progress is shown */
#define SENT_MAX    ((size_t)256 << 20)
#define PROGRESS_MS 1000 /* shown from then on, on a terminal */

const char *ctl_escape(struct ctl *c, const char *text)
{
        static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
        char *out = arena_bytes(c->arena, strlen(text) * 3 + 1), *p = out;

        for (; *text; text++) {
                if (strchr(plain, *text))
                        *p++ = *text;
                else
                        p += sprintf(p, "%%%02X", (unsigned char)*text);
        }
        *p = '\0';
        return out;
}

const char *ctl_filters(struct ctl *c)
{
        const char *const given[][2] = {
                {"pool", c->pool}, {"region", c->region}, {"label", c->label}, {"state", c->state}};
        const char *text = "";

        for (size_t i = 0; i < sizeof(given) / sizeof(*given); i++)
                if (given[i][1])
                        text = arena_printf(c->arena, "%s&%s=%s", text, given[i][0], ctl_escape(c, given[i][1]));
        return text;
}

/* The path of a server behind a Unix socket; NULL: it is another. */
static const char *unix_path(const struct ctl *c)
{
        size_t prefix = sizeof(UNIX_PREFIX) - 1;

        return strncmp(c->server, UNIX_PREFIX, prefix) ? NULL : c->server + prefix;
}

/* Over a Unix socket gslbd sees whose process it is, and a certificate says who has it: then a token goes along when
 * one is asked for. */
static bool read_token(struct ctl *c)
{
        FILE *f;

        if (c->token[0] || (!c->token_file && (unix_path(c) || c->certificate)))
                return true;
        if (!c->token_file)
                c->token_file = TOKEN_FILE;
        f = fopen(c->token_file, "re");
        if (!f || !fgets(c->token, sizeof(c->token), f)) {
                fprintf(stderr,
                        "gslbctl: cannot read the token from %s: %s\n"
                        "Give another file with --token-file FILE or GSLBCTL_TOKEN_FILE; gslbd makes the first one in "
                        "its store.\n",
                        c->token_file, f && !ferror(f) ? "it is empty" : strerror(errno));
                if (f)
                        fclose(f);
                return false;
        }
        fclose(f);
        c->token[strcspn(c->token, "\r\n")] = '\0';
        return true;
}

static bool read_timeout(const struct ctl *c, const char *path, long *ms)
{
        int64_t given;

        *ms = strncmp(path, "apply", 5) && strncmp(path, "restore", 7) ? TIMEOUT_MS : APPLY_MS;
        if (!c->timeout)
                return true;
        if (!duration_parse(c->timeout, &given) || given < 1 || given > INT32_MAX) {
                fprintf(stderr, "gslbctl: --timeout: expected a time as 500ms, 10s or 5m, got \"%s\"\n", c->timeout);
                return false;
        }
        *ms = (long)given;
        return true;
}

/* --- what goes wrong --- */

static void print_line(const struct ctl_places *places, int64_t line)
{
        const struct ctl_place *place =
                places && line > 0 && (uint64_t)line <= places->count ? &places->list[line - 1] : NULL;

        if (!places)
                fprintf(stderr, "line %lld: ", (long long)line);
        else if (place && place->file)
                fprintf(stderr, "%s: line %u: ", place->file, place->line);
}

/* A problem document as lines a person reads. */
void ctl_print_problem(const struct ctl_reply *r)
{
        const char *detail = doc_get_string(r->document, "detail");
        const struct doc *problems = doc_get(r->document, "problems");
        int64_t line, more;

        fprintf(stderr, "gslbctl: %s (%ld)\n", detail ? detail : "the server refused", r->status);
        for (const struct doc *one = problems && problems->type == DOC_LIST ? problems->first : NULL; one;
             one = one->next) {
                const char *path = doc_get_string(one, "path"), *message = doc_get_string(one, "message");
                fprintf(stderr, "  ");
                if (doc_get_int(one, "line", &line))
                        print_line(r->places, line);
                fprintf(stderr, "%s%s%s\n", path ? path : "", path && *path ? ": " : "", message ? message : "");
        }
        if (doc_get_int(r->document, "more_problems", &more))
                fprintf(stderr, "  and %lld more\n", (long long)more);
        if (r->status == 401 && r->token_file)
                fprintf(stderr,
                        "The token in %s is none of this gslbd's: deleted, replaced, or of another. Is --server right? "
                        "Give a token that is "
                        "with --token-file FILE.\n",
                        r->token_file);
}

/* Without a whole reply nobody knows whether a change was made. */
static int say_lost(const char *method, const char *error, bool sent)
{
        fprintf(stderr, "gslbctl: %s\n", error);
        if (!sent)
                fprintf(stderr, "Is gslbd running, and is --server right?\n");
        else if (strcmp(method, "GET"))
                fprintf(stderr, "Whether the change was made is not known; gslbctl revisions tells.\n");
        return CTL_UNREACHABLE;
}

/* --- progress --- */

struct progress {
        int64_t since_ms;
        bool shown;
};

static void show_progress(void *context, size_t sent, size_t whole)
{
        struct progress *p = context;
        int64_t waited = (int64_t)clock_ms() - p->since_ms;

        if (waited < PROGRESS_MS)
                return;
        p->shown = true;
        if (sent < whole)
                fprintf(stderr, "\r\033[Ksent %.1f of %.1f MB, %lld s", (double)sent / 1e6, (double)whole / 1e6,
                        (long long)waited / 1000);
        else
                fprintf(stderr, "\r\033[Kwaiting for gslbd, %lld s", (long long)waited / 1000);
}

/* --- calls --- */

static int exchange(struct ctl *c, const struct http_request *q, struct buffer *as_it_is, struct ctl_reply *reply)
{
        struct problems problems = PROBLEMS_INIT;
        struct http_response r;
        char error[800];
        int status = CTL_OK;

        if (!http_request(q, &r, error, sizeof(error))) {
                buffer_free(&r.body);
                return say_lost(q->method, error, r.sent);
        }
        if (as_it_is && r.status / 100 == 2) {
                *as_it_is = r.body;
                return CTL_OK;
        }
        if (r.body.length)
                reply->document = doc_parse(c->arena, r.body.data, r.body.length, DOC_JSON, &problems);
        if (!reply->document && r.status == 204)
                reply->document = doc_new(c->arena, DOC_MAP);
        reply->status = r.status;
        snprintf(reply->etag, sizeof(reply->etag), "%s", r.etag);
        bool is_map = reply->document && reply->document->type == DOC_MAP;
        /* 503 is the answer of `ready` while gslbd is not. */
        if (r.status / 100 != 2 && !(r.status == 503 && doc_get(reply->document, "ready"))) {
                status = CTL_REFUSED;
        } else if (!is_map) {
                snprintf(error, sizeof(error), "%s: a reply (%ld) that is not what the admin API of gslbd says: %s",
                         q->url, r.status,
                         !r.body.length       ? "it is empty"
                         : reply->document    ? "it is no map"
                         : problems.count > 0 ? problems.list[0].message
                                              : "it is not JSON");
                status = say_lost(q->method, error, true);
        }
        problems_free(&problems);
        buffer_free(&r.body);
        return status;
}

int ctl_send(struct ctl *c, const char *method, const char *path, const struct ctl_body *body, struct ctl_reply *reply)
{
        struct progress progress = {.since_ms = (int64_t)clock_ms()};
        long timeout_ms;

        *reply = (struct ctl_reply){.places = body->places};
        if (!read_timeout(c, path, &timeout_ms) || !read_token(c))
                return CTL_USAGE;
        reply->token_file = c->token_file;
        const char *socket = unix_path(c);
        const struct http_request q = {
                .method = method,
                .url = arena_printf(c->arena, "%s/v1/%s", socket ? "http://localhost" : c->server, path),
                .unix_path = socket,
                .token = c->token[0] ? c->token : NULL,
                .content_type = body->content_type,
                .if_match = c->if_match ? c->if_match : body->if_match,
                .body = body->text,
                .body_length = body->length,
                .ca_file = c->ca_file,
                .certificate = c->certificate,
                .key = c->key,
                .timeout_ms = timeout_ms,
                .connect_timeout_ms = timeout_ms < CONNECT_MS ? timeout_ms : CONNECT_MS,
                .progress = isatty(STDERR_FILENO) ? show_progress : NULL,
                .progress_context = &progress};
        int status = exchange(c, &q, body->reply, reply);
        if (progress.shown)
                fprintf(stderr, "\r\033[K");
        return status;
}

int ctl_call(struct ctl *c, const char *method, const char *path, const struct doc *body, struct doc **out)
{
        struct buffer text = BUFFER_INIT(SENT_MAX);
        struct ctl_reply reply;

        if (body)
                doc_write_json(body, &text, 0);
        int status = ctl_send(c, method, path,
                              &(struct ctl_body){.text = body ? text.data : NULL, .length = text.length}, &reply);
        if (status == CTL_REFUSED)
                ctl_print_problem(&reply);
        *out = reply.document;
        buffer_free(&text);
        return status;
}

/* Whether the next page is another than the one that was asked for; else a message is printed. */
bool ctl_goes_on(const char *asked, const char *next)
{
        if (!asked || !next || strcmp(asked, next))
                return true;
        fprintf(stderr, "gslbctl: the pages of the reply lead in a circle: \"%s\" comes again\n", next);
        return false;
}

int ctl_pages_until(struct ctl *c, const char *path, const char *behind, unsigned long most, struct doc **all)
{
        struct doc *items, *page;
        const char *next = NULL;

        *all = NULL;
        do {
                int status = ctl_call(
                        c, "GET", next ? arena_printf(c->arena, "%s&%s=%s", path, behind, ctl_escape(c, next)) : path,
                        NULL, &page);
                if (status)
                        return status;
                if (!ctl_goes_on(next, doc_get_string(page, "next")))
                        return CTL_UNREACHABLE;
                next = doc_get_string(page, "next");
                if (!*all) {
                        *all = page;
                        continue;
                }
                const struct doc *more = doc_get(page, "items");
                items = doc_get(*all, "items");
                for (const struct doc *one = more && more->type == DOC_LIST && items ? more->first : NULL; one;
                     one = one->next)
                        if (items->count < most)
                                doc_add(items, NULL, doc_copy(c->arena, one));
        } while (next && (items = doc_get(*all, "items")) && items->type == DOC_LIST && items->count < most);
        doc_set(*all, "next", next ? doc_string(c->arena, next) : doc_new(c->arena, DOC_NULL));
        return CTL_OK;
}

int ctl_pages(struct ctl *c, const char *path, struct doc **all)
{
        const char *sep = strchr(path, '?') ? "&" : "?";

        if (c->limit)
                return ctl_call(c, "GET", arena_printf(c->arena, "%s%slimit=%s", path, sep, ctl_escape(c, c->limit)),
                                NULL, all);
        return ctl_pages_until(c, arena_printf(c->arena, "%s%slimit=5000", path, sep), "after", ULONG_MAX, all);
}
