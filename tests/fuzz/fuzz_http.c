/* Any bytes as an HTTP request: memory safe; a head is refused with a status and a reason, or its fields lie in it and
 * its body is the same whether it comes at once or in pieces. */
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/http/body.h"
#include "tests/fuzz/must.h"

#define LIMIT 200 /* bytes of a body */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_head(const struct head *h, const char *text, size_t length)
{
        must(h->field_count <= HEAD_FIELDS_MAX && h->method && h->path && h->path[0] == '/');
        for (size_t i = 0; i < h->field_count; i++) {
                must(h->fields[i].name >= text && h->fields[i].name < text + length && h->fields[i].name[0]);
                must(h->fields[i].value >= text && h->fields[i].value < text + length);
        }
        must(!h->chunked || !h->length);
        struct arena *a = arena_new(0);
        char *path = percent_decode(a, h->path, strlen(h->path), false);
        must(!path || strlen(path) <= strlen(h->path));
        arena_free(a);
}

/* Reads a body of which `step` bytes come at a time. */
static enum body_result read_body(const struct head *h, const uint8_t *bytes, size_t n, size_t step, struct body *b)
{
        struct http_budget budget = {0};
        struct evbuffer *in = evbuffer_new();
        enum body_result result = BODY_MORE;

        body_begin(b, h, LIMIT);
        for (size_t at = 0; at <= n && result == BODY_MORE; at += step) {
                evbuffer_add(in, bytes + at, n - at < step ? n - at : step);
                result = body_read(b, &budget, in);
        }
        must(b->length <= LIMIT && b->length <= b->capacity);
        must(budget.bodies == b->capacity);
        evbuffer_free(in);
        return result;
}

static void drop(struct body *b)
{
        struct http_budget budget = {.bodies = b->capacity, .held = b->capacity};

        body_free(b, &budget);
        must(!budget.bodies && !budget.held);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        size_t scanned = 0, scanned_whole = 0;
        long length = 0, whole = head_length((const char *)data, size, &scanned_whole);
        const char *why = NULL;
        struct head head;
        struct body at_once, in_pieces;

        for (size_t come = 0; come <= size && !length; come++)
                length = head_length((const char *)data, come, &scanned);
        must(length == whole);
        if (length <= 0 || length > HEAD_BYTES_MAX)
                return 0;
        char *text = malloc((size_t)length + 1); /* exact, for the sanitizer */
        must(text != NULL);
        memcpy(text, data, (size_t)length);
        text[length] = '\0';
        int status = head_parse(text, (size_t)length, &head, &why);
        must(!status || (status >= 400 && status < 600 && why));
        if (!status) {
                const uint8_t *rest = data + length;
                size_t n = size - (size_t)length;
                check_head(&head, text, (size_t)length);
                enum body_result a = read_body(&head, rest, n, n + 1, &at_once);
                enum body_result b = read_body(&head, rest, n, 1, &in_pieces);
                must(a == b);
                must(a != BODY_WHOLE ||
                     (at_once.length == in_pieces.length &&
                      !memcmp(at_once.data ? at_once.data : "", in_pieces.data ? in_pieces.data : "", at_once.length)));
                drop(&at_once);
                drop(&in_pieces);
        }
        free(text);
        return 0;
}
