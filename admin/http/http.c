#include "admin/http/http.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/http/failures.h"
#include "admin/http/status.h"
#include "admin/views/scope.h"
#include "base/log.h"
#include "zones/store/store.h"

#define REPLY_MAX   ((size_t)512 << 20)
#define FIELDS_MAX  ((size_t)64 << 10)
#define REFUSAL_MAX 300

/* --- taking requests apart --- */

const char *const method_names[] = {METHODS(NAMED_TEXT)};

static enum method method_of(const char *text)
{
        for (enum method m = METHOD_GET; m < METHOD_OTHER; m++)
                if (!strcmp(text, method_names[m]))
                        return m;
        return METHOD_OTHER;
}

static bool split_path(struct call *c, const char *path)
{
        while (*path) {
                if (*path != '/' || c->segment_count == CALL_SEGMENTS_MAX)
                        return false;
                size_t length = strcspn(++path, "/");
                const char *decoded = percent_decode(c->arena, path, length, false);
                if (!decoded)
                        return false;
                if (*decoded || path[length])
                        c->segments[c->segment_count++] = decoded;
                path += length;
        }
        return true;
}

bool call_open(struct call *c, struct http_connection *connection)
{
        const struct head *head = &http_request_of(connection)->head;

        c->connection = connection;
        c->head = head;
        c->from = *http_request_from(connection);
        c->fields = BUFFER_INIT(FIELDS_MAX);
        c->method = method_of(head->method);
        c->path = arena_strdup(c->arena, head->path);
        if (split_path(c, head->path))
                return true;
        reply_problem(c, 400, "the path is not valid");
        return false;
}

void call_leave(struct call *c)
{
        if (c->txn)
                store_end(c->txn);
        c->txn = NULL;
}

void call_forget(struct call *c)
{
        call_leave(c);
        problems_free(&c->problems);
        buffer_free(&c->fields);
        buffer_free(&c->reply.text);
        c->problems = PROBLEMS_INIT;
        c->fields = BUFFER_INIT(FIELDS_MAX);
        c->reply = (struct reply){0};
        c->again = c->beside = false;
        c->reason = c->detail = NULL;
        c->backup = NULL;
        c->then = NULL;
}

void call_close(struct call *c)
{
        call_forget(c);
        problems_free(&c->body.problems);
        if (c->pieces)
                c->pieces->free(c->pieces);
        scope_free(c->scope);
        http_request_free(c->request);
        arena_free(c->arena);
        free(c);
}

const char *call_header(const struct call *c, const char *name)
{
        return head_field(c->head, name);
}

/* --- replies --- */

void call_set_header(struct call *c, const char *name, const char *value)
{
        buffer_printf(&c->fields, "%s: ", name);
        for (const char *v = value; *v; v++) /* a name or key in it ends no line */
                buffer_printf(&c->fields, "%c", (unsigned char)*v < ' ' || *v == 127 ? ' ' : *v);
        buffer_text(&c->fields, "\r\n");
}

/* What the server says itself. `text` may be on the caller's stack: it is kept where memory has not ended. */
static void refuse(struct call *c, int status, const char *text)
{
        buffer_free(&c->reply.text);
        c->reply = (struct reply){.status = status, .text = BUFFER_INIT(2 * REFUSAL_MAX)};
        buffer_text(&c->reply.text, text);
        c->reply.refusal = c->reply.text.data;
}

void reply_without_memory(struct call *c, const char *why)
{
        char detail[REFUSAL_MAX];

        snprintf(detail, sizeof(detail), "the change was made, it is revision %llu; only the reply is not: %s",
                 (unsigned long long)c->revision, why);
        refuse(c, c->revision ? 500 : 503, c->revision ? detail : why);
}

static void set_type(struct call *c, const char *content_type)
{
        call_set_header(c, "Content-Type", content_type);
        call_set_header(c, "Cache-Control", "no-store");
        call_set_header(c, "X-Content-Type-Options", "nosniff");
}

void reply_buffer(struct call *c, int status, const char *content_type, struct buffer *text)
{
        if (text->overflow) {
                buffer_free(text);
                reply_without_memory(c, "memory ended over the reply");
                return;
        }
        set_type(c, content_type);
        c->reply = (struct reply){.status = status, .text = *text};
        *text = (struct buffer){.maximum = text->maximum};
}

void reply_text(struct call *c, int status, const char *content_type, const char *text, size_t length)
{
        struct buffer copy = {.maximum = REPLY_MAX, .soft = true};

        buffer_bytes(&copy, text, length);
        reply_buffer(c, status, content_type, &copy);
}

void reply_pieces(struct call *c, int status, const char *content_type)
{
        set_type(c, content_type);
        c->reply = (struct reply){.status = status, .in_pieces = true};
}

void reply_nothing(struct call *c, int status)
{
        c->reply = (struct reply){.status = status};
}

static void reply_as(struct call *c, int status, const char *type, const struct doc *d, bool yaml)
{
        set_type(c, type);
        c->reply = (struct reply){.status = status, .document = d, .yaml = yaml};
}

bool call_wants_yaml(const struct call *c)
{
        const char *accept = call_header(c, "Accept");

        return accept && strstr(accept, "yaml");
}

void reply_doc(struct call *c, int status, const struct doc *d)
{
        bool yaml = call_wants_yaml(c);

        reply_as(c, status, yaml ? "application/yaml" : "application/json", d, yaml);
}

void call_write_reply(struct call *c)
{
        struct buffer text = {.maximum = REPLY_MAX, .soft = true};

        if (!c->reply.document)
                return;
        if (c->reply.yaml)
                doc_write_yaml(c->reply.document, &text);
        else
                doc_write_json(c->reply.document, &text, 0);
        buffer_text(&text, c->reply.yaml ? "" : "\n");
        c->reply.document = NULL;
        c->reply.text = text;
        if (text.overflow)
                reply_without_memory(c, "memory ended over the reply");
}

void call_send_reply(struct call *c)
{
        struct reply *r = &c->reply;
        size_t length = r->text.length;

        if (!c->connection)
                return;
        if (!r->status)
                refuse(c, 500, "there is no reply");
        if (!r->refusal && c->revision && !http_reply_fits(c->connection, length))
                reply_without_memory(c, "too many others are on their way");
        if (c->held_back)
                http_reply_later(c->connection, FAILURES_EACH_MS);
        if (r->refusal)
                http_refuse(c->connection, r->status, r->refusal);
        else
                http_reply(c->connection, r->status, c->fields.data ? c->fields.data : "",
                           length ? buffer_take(&r->text) : NULL, length);
        c->connection = NULL;
}

/* --- in pieces --- */

void call_make_piece(struct call *c)
{
        c->reply.text = (struct buffer){.maximum = REPLY_MAX, .soft = true};
        c->piece = PIECE_BROKEN; /* unless it comes back */
        snprintf(c->pieces->error, sizeof(c->pieces->error), "memory ended");
        c->piece = c->pieces->next(c->pieces, &c->reply.text);
        if (c->reply.text.overflow)
                c->piece = PIECE_BROKEN;
}

/* The connection is closed over it, unless nothing has gone yet. */
static void send_broken(struct call *c)
{
        char from[PEER_TEXT_MAX];

        log_warning("api", "%s %s of \"%s\" from %s: the reply is broken off: %s", method_names[c->method], c->path,
                    c->who, peer_text(&c->from, from), c->pieces->error);
        if (c->begun) {
                http_reply_break(c->connection);
                c->connection = NULL;
        } else {
                refuse(c, 503, c->pieces->error);
                call_send_reply(c);
        }
}

bool call_send_piece(struct call *c)
{
        struct buffer *text = &c->reply.text;
        size_t length = text->length;
        bool first = !c->begun, more = c->piece == PIECE_MORE;

        if (c->piece == PIECE_BROKEN) {
                send_broken(c);
                return false;
        }
        c->begun = true;
        if (first && !more)
                call_send_reply(c);
        else if (first)
                more = http_reply_begin(c->connection, c->reply.status, c->fields.data, buffer_take(text), length);
        else
                http_reply_piece(c->connection, buffer_take(text), length, !more);
        return more;
}

/* --- problems --- */

static void send_problem(struct call *c, int status, const char *detail, const struct problems *problems,
                         const char *name, struct doc *value)
{
        struct doc *d = doc_new(c->arena, DOC_MAP);

        c->detail = arena_strdup(c->arena, detail);
        doc_add_string(c->arena, d, "type", "about:blank");
        doc_add_string(c->arena, d, "title", http_status_text(status));
        doc_add_int(c->arena, d, "status", status);
        doc_add_string(c->arena, d, "detail", detail);
        if (status == 503 || status == 429)
                call_set_header(c, "Retry-After", "1");
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
        if (value)
                doc_add(d, name, value);
        reply_as(c, status, "application/problem+json", d, false);
}

void reply_problem(struct call *c, int status, const char *format, ...)
{
        char detail[1500];
        va_list args;

        va_start(args, format);
        vsnprintf(detail, sizeof(detail), format, args);
        va_end(args);
        send_problem(c, status, detail, NULL, NULL, NULL);
}

void reply_problems(struct call *c, int status, const char *detail, const struct problems *problems)
{
        send_problem(c, status, detail, problems, NULL, NULL);
}

void reply_problems_beside(struct call *c, int status, const char *detail, const struct problems *problems,
                           const char *name, struct doc *value)
{
        send_problem(c, status, detail, problems, name, value);
}
