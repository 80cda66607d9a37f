/* Talking to the server. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/ctl/ctl.h"
#include "base/buffer.h"
#include "probes/prober/http_client.h"

#define TIMEOUT_MS 120000
#define FILE_MAX   ((size_t)256 << 20)

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

char *ctl_read_file(struct ctl *c, const char *path, size_t *length)
{
        struct buffer text = BUFFER_INIT(FILE_MAX);
        FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
        char piece[65536];
        size_t n;

        if (!f) {
                fprintf(stderr, "gslbctl: cannot open %s: %s\n", path, strerror(errno));
                return NULL;
        }
        while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
                buffer_bytes(&text, piece, n);
        bool failed = ferror(f) || text.overflow;
        if (f != stdin)
                fclose(f);
        if (failed) {
                fprintf(stderr, "gslbctl: cannot read %s%s\n", path, text.overflow ? ": it is too large" : "");
                buffer_free(&text);
                return NULL;
        }
        *length = text.length;
        char *copy = arena_strndup(c->arena, text.data ? text.data : "", text.length);
        buffer_free(&text);
        return copy;
}

static bool read_token(struct ctl *c)
{
        FILE *f;

        if (c->token[0])
                return true;
        f = fopen(c->token_file, "re");
        if (!f || !fgets(c->token, sizeof(c->token), f)) {
                fprintf(stderr,
                        "gslbctl: cannot read the token from %s: %s\n"
                        "Give another file with --token-file FILE or GSLBCTL_TOKEN_FILE; gslbd makes the first one in "
                        "its store.\n",
                        c->token_file, strerror(errno));
                if (f)
                        fclose(f);
                return false;
        }
        fclose(f);
        c->token[strcspn(c->token, "\r\n")] = '\0';
        return true;
}

/* A problem document as lines a person reads. */
static void print_problem(long status, const struct doc *d)
{
        const char *detail = d ? doc_get_string(d, "detail") : NULL;
        const struct doc *problems = d ? doc_get(d, "problems") : NULL;
        int64_t line, more;

        fprintf(stderr, "gslbctl: %s (%ld)\n", detail ? detail : "the server refused", status);
        for (const struct doc *one = problems ? problems->first : NULL; one; one = one->next) {
                const char *path = doc_get_string(one, "path"), *message = doc_get_string(one, "message");
                fprintf(stderr, "  ");
                if (doc_get_int(one, "line", &line))
                        fprintf(stderr, "line %lld: ", (long long)line);
                fprintf(stderr, "%s%s%s\n", path ? path : "", path && *path ? ": " : "", message ? message : "");
        }
        if (d && doc_get_int(d, "more_problems", &more))
                fprintf(stderr, "  and %lld more\n", (long long)more);
}

int ctl_send(struct ctl *c, const char *method, const char *path, const char *content_type, const char *text,
             size_t length, struct doc **out)
{
        struct problems problems = PROBLEMS_INIT;
        struct http_response r;
        char error[800];

        *out = NULL;
        if (!read_token(c))
                return CTL_USAGE;
        const struct http_request q = {.method = method,
                                       .url = arena_printf(c->arena, "%s/v1/%s", c->server, path),
                                       .token = c->token,
                                       .content_type = content_type,
                                       .body = text,
                                       .body_length = length,
                                       .ca_file = c->ca_file,
                                       .timeout_ms = TIMEOUT_MS};
        if (!http_request(&q, &r, error, sizeof(error))) {
                fprintf(stderr, "gslbctl: %s\nIs gslbd running, and is --server right?\n", error);
                buffer_free(&r.body);
                return CTL_UNREACHABLE;
        }
        if (r.body.length)
                *out = doc_parse(c->arena, r.body.data, r.body.length, DOC_JSON, &problems);
        problems_free(&problems);
        buffer_free(&r.body);
        /* 503 is the answer of `ready` while gslbd is not. */
        if (r.status / 100 == 2 || (r.status == 503 && *out && doc_get(*out, "ready")))
                return CTL_OK;
        print_problem(r.status, *out);
        return CTL_REFUSED;
}

int ctl_call(struct ctl *c, const char *method, const char *path, const struct doc *body, struct doc **out)
{
        struct buffer text = BUFFER_INIT(FILE_MAX);

        if (body)
                doc_write_json(body, &text, 0);
        int status = ctl_send(c, method, path, NULL, body ? text.data : NULL, text.length, out);
        buffer_free(&text);
        return status;
}
